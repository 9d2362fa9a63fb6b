package names

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	"leeway/domain"
)

// An Explanation is an error as its reader is told it.
type Explanation struct {
	Field string // path in the input, as it is written there; may be empty
	Where string // the field with its title, or the rule that refuses
	Wrong string
	Mend  string // may be empty: what holds for every such error holds here
}

// Explain words an error of the domain in a language, "en" or Chinese; ok is
// false for an error that is none. Of several it words the outermost.
func Explain(err error, lang string) (e Explanation, ok bool) {
	var own domain.Explained
	if !errors.As(err, &own) {
		return Explanation{}, false
	}
	p := own.Parts()
	e = Explanation{p.Field, Field(p.Field, lang), Say(p.Wrong, lang), Say(p.Mend, lang)}
	if p.Field == "" {
		e.Where = p.Rule.In(lang)
	}
	return e, true
}

// Say words a message in a language. One that the catalogue lacks is English.
func Say(s domain.Said, lang string) string {
	format, known := said[s.Format]
	if lang == "en" || !known {
		return s.String()
	}
	args := make([]any, len(s.Args))
	for i, a := range s.Args {
		args[i] = called(a)
	}
	return domain.Fill(format, args)
}

// Field is a path in the input with the Chinese title of what it leads to:
// "findings[0].outcome（结论）". A path without a title is itself.
func Field(path, lang string) string {
	if lang == "en" || path == "" {
		return path
	}
	var titles []string
	for _, one := range strings.Split(path, ", ") {
		last := one[strings.LastIndex(one, ".")+1:]
		last, _, _ = strings.Cut(last, "[")
		title, ok := all["field "+last]
		if !ok {
			return path
		}
		titles = append(titles, title.ZH)
	}
	return path + "（" + strings.Join(titles, "、") + "）"
}

// said is the whole catalogue: Chinese by English format.
var said = func() map[string]string {
	joined := map[string]string{}
	for _, table := range catalogues {
		maps.Copy(joined, table)
	}
	return joined
}()

// catalogues keep the messages of each room apart, by its folder. What several
// rooms say stands with the domain.
var catalogues = map[string]map[string]string{
	"domain":             saidDomain,
	"domain/eligibility": saidEligibility,
	"domain/review":      saidReview,
	"domain/casework":    saidCasework,
	"domain/replay":      saidReplay,
	"api/documents":      saidDocuments,
	"cmd/leeway":         saidCommands,
	"api":                saidAPI,
	"ledger/vault":       saidVault,
	"domain/privacy":     saidPrivacy,
	"api/views":          saidViews,
	"policies":           saidPolicies,
	"policies/drafts":    saidDrafts,
	"simulate":           saidSimulate,
	"api/web":            saidWeb,
	"ledger":             saidLedger,
	"ledger/evidence":    saidEvidence,
}

// kinds are the codes that have their names here, by Go type. The codes of a
// review bring their titles along.
var kinds = map[string]string{
	"eligibility.Result": "result",
	"domain.SourceKind":  "source",
}

// called is what a message speaks of, in Chinese where it has a Chinese name.
func called(arg any) any {
	switch a := arg.(type) {
	case domain.Said:
		return Say(a, "zh")
	case domain.Text:
		return a.ZH
	case domain.Several:
		all := make([]string, len(a))
		for i, one := range a {
			all[i] = Say(one, "zh")
		}
		return strings.Join(all, "；")
	case domain.List:
		return strings.Join(a, "、")
	case domain.Choice:
		return strings.Join(a, " 或 ")
	case domain.Value:
		return Of("value", a.String()).ZH
	case bool:
		return Of("value", fmt.Sprint(a)).ZH
	case error:
		if e, ok := Explain(a, "zh"); ok {
			return e.Wrong
		}
		return a
	case string:
		return Event(a).ZH
	case interface{ Title() domain.Text }:
		if title := a.Title().ZH; title != "" {
			return title
		}
	}
	if kind, ok := kinds[fmt.Sprintf("%T", arg)]; ok {
		return Of(kind, fmt.Sprint(arg)).ZH
	}
	return arg
}
