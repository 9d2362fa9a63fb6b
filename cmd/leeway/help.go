package main

import (
	"strings"

	"github.com/alecthomas/kong"
	"github.com/jedib0t/go-pretty/v6/text"
)

// help prints the help of the program or of one command in the session's
// language. The words are those of words.go under "help NAME", by the
// command's path or the flag's name with its dashes, and "argument NAME".
func (s *session) help(k *kong.Context) error {
	node := k.Selected()
	if node == nil {
		node = k.Model.Node
	}
	path := strings.TrimSpace(strings.TrimPrefix(node.FullPath(), k.Model.Name))
	s.printf("%s leeway%s\n\n", s.t("usage"), s.synopsis(node, path))
	s.hang("", s.t(strings.TrimSpace("help "+path)))
	if detail := s.t(strings.TrimSpace("detail " + path)); !strings.HasPrefix(detail, "detail") {
		s.printf("\n")
		s.hang("", detail)
	}
	var args, flags, commands [][2]string
	for _, p := range node.Positional {
		args = append(args, [2]string{strings.ToUpper(p.Name), s.t("argument " + p.Name)})
	}
	for _, group := range node.AllFlags(true) {
		for _, f := range group {
			flags = append(flags, [2]string{flagName(f), s.t("help --" + f.Name)})
		}
	}
	for _, c := range node.Leaves(true) {
		name := strings.TrimSpace(strings.TrimPrefix(c.FullPath(), k.Model.Name))
		commands = append(commands, [2]string{name, s.t("help " + name)})
	}
	s.section("arguments", args)
	s.section("commands", commands)
	s.section("flags", flags)
	if node == k.Model.Node {
		s.printf("\n%s\n", s.t("help more"))
	}
	return nil
}

// synopsis is the command line of a node after the program's name.
func (s *session) synopsis(node *kong.Node, path string) string {
	var b strings.Builder
	if path != "" {
		b.WriteString(" " + path)
	}
	if len(node.Children) > 0 {
		b.WriteString(" <" + s.t("command") + ">")
	}
	for _, p := range node.Positional {
		name := strings.ToUpper(p.Name)
		switch {
		case p.IsCumulative():
			name += " …"
		case !p.Required:
			name = "[" + name + "]"
		}
		b.WriteString(" " + name)
	}
	return b.String() + " [" + s.t("flags") + "]"
}

// flagName is a flag as it is typed, with what stands for its value.
func flagName(f *kong.Flag) string {
	name := "--" + f.Name
	if f.Short != 0 {
		name = "-" + string(f.Short) + ", " + name
	}
	if !f.IsBool() {
		name += " " + f.FormatPlaceHolder()
	}
	return name
}

// section prints names and what they mean under a title, the meanings aligned.
func (s *session) section(title string, rows [][2]string) {
	if len(rows) == 0 {
		return
	}
	s.printf("\n%s\n", s.t("title "+title))
	width := 0
	for _, r := range rows {
		width = max(width, text.StringWidth(r[0]))
	}
	for _, r := range rows {
		s.hang("  "+text.Pad(r[0], width, ' ')+"  ", r[1])
	}
}
