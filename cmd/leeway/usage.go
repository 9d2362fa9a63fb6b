package main

import (
	"errors"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"

	"leeway/domain/names"
)

// unparsed is what the parser of the command line has against it, and which
// help to read. Where one of our own types could not read its value, the type
// says why.
func (s *session) unparsed(err error) error {
	p := &problem{what: err.Error(), mend: s.t("mend usage of", helpFor(err))}
	if said, ok := names.Explain(err, s.lang); ok {
		p.where, _, _ = strings.Cut(err.Error(), ": ")
		p.what, p.mend = said.Wrong, said.Mend
	} else if s.lang == "zh" {
		p.what = parserSaid(err.Error())
	}
	return usage(p)
}

// helpFor is the command, as far as it was understood, whose help says more.
func helpFor(err error) string {
	words := []string{"leeway"}
	var at *kong.ParseError
	if errors.As(err, &at) && at.Context != nil {
		for _, p := range at.Context.Path {
			if p.Command != nil {
				words = append(words, p.Command.Name)
			}
		}
	}
	return strings.Join(words, " ") + " --help"
}

// parserWords are what the parser of the command line says, and the Chinese for
// it. The parser has no translations, so its sentences are known by their shape;
// TestEveryWrongCommandLineInChinese makes it say each of them.
var parserWords = []struct{ says, zh string }{
	{`^missing flags: (.+)$`, "缺少选项：$1"},
	{`^expected one of (.+)$`, "命令不完整，后面须为以下之一：$1"},
	{`^expected "?([^"]+)"?$`, "命令不完整，后面须有：$1"},
	{`^unknown flag (.+?), did you mean (?:one of )?(.+)\?$`, "没有选项 $1，是否要用 $2"},
	{`^unknown flag (.+)$`, "没有选项 $1"},
	{`^unexpected argument (.+?), did you mean (?:one of )?(.+)\?$`, "没有 $1，是否要用 $2"},
	{`^unexpected argument (.+)$`, "多出参数 $1"},
	{`^(\S+): missing value, expecting .+$`, "选项 $1 后面没有值"},
	{`^(\S+): expected \S+ value but got "(.+?)" \([^)]*\); perhaps try (.+)\?$`, "选项 $1 后面须有值，却是 $2；如果这就是值，写成 $3"},
	{`^(\S+): expected \S+ value but got "EOL" \(.*\)$`, "选项 $1 后面没有值"},
	{`^(\S+?): expected (?:a valid \d+ bit u?int|an int) but got "(.+?)".*$`, "$1 须为整数，却是 $2"},
	{`^(\S+?): bool value must be .+ but got "(.+)"$`, "$1 须为 true 或 false，却是 $2"},
	{`^(\S+) must be one of (.+) but got "(.+)"$`, "$1 须为 $2 之一，却是 $3"},
}

var parserSays = func() []*regexp.Regexp {
	list := make([]*regexp.Regexp, len(parserWords))
	for i, w := range parserWords {
		list[i] = regexp.MustCompile(w.says)
	}
	return list
}()

// placeholder is an argument as the parser writes it; help writes it in capitals.
var placeholder = regexp.MustCompile(`<[\w-]+>`)

// parserSaid is a sentence of the parser in Chinese; one that is not known
// stays as it is.
func parserSaid(english string) string {
	for i, shape := range parserSays {
		if shape.MatchString(english) {
			zh := strings.ReplaceAll(shape.ReplaceAllString(english, parserWords[i].zh), `"`, "")
			return placeholder.ReplaceAllStringFunc(zh, func(name string) string { return strings.ToUpper(strings.Trim(name, "<>")) })
		}
	}
	return english
}
