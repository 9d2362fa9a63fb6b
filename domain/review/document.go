package review

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"text/template"

	"leeway/domain"
	"leeway/domain/replay"
)

//go:embed document.*.txt
var texts embed.FS

// Paper is what a determination document 认定书 is written from. Reports are the
// stored replays by the digest of their trace.
type Paper struct {
	Review   *Review
	Decision *Decision // the one that counts, or a past one
	Reports  map[string]*replay.Report
	Calendar Calendar
	Limits   Limits
	Today    domain.Day
}

// Document writes the determination in Chinese, then in English. Whatever
// rests on an assumption is marked to_verify in it.
func Document(p Paper) (string, error) {
	zh, err := DocumentIn(p, "zh")
	if err != nil {
		return "", err
	}
	en, err := DocumentIn(p, "en")
	return zh + en, err
}

// DocumentIn writes the determination in one language. Its lines are those of
// an official document: the title first, section headings without indent,
// paragraphs indented by two spaces and what belongs to them by four.
func DocumentIn(p Paper, lang string) (string, error) {
	if p.Decision == nil {
		return "", domain.Deny(domain.ErrNotFound, "review %s has no determination yet", "", p.Review.ID)
	}
	var out strings.Builder
	name := "document." + lang + ".txt"
	t, err := template.New(name).Funcs(funcs(lang)).ParseFS(texts, name)
	if err == nil {
		err = t.Execute(&out, p.page())
	}
	if err != nil {
		return "", fmt.Errorf("determination document of review %s: %w", p.Review.ID, err)
	}
	return out.String(), nil
}

// funcs are what the templates may call: words in their language, money, and
// citations with their origin.
func funcs(lang string) template.FuncMap {
	in := func(t domain.Text) string { return t.In(lang) }
	return template.FuncMap{
		"in":      in,
		"yuan":    domain.Fen.Yuan,
		"signed":  domain.Fen.Signed,
		"class":   func(c replay.Class) string { return in(ClassTitle(c)) },
		"verdict": func(v string) string { return in(VerdictTitle(v)) },
		"state":   func(s string) string { return in(StateTitle(s)) },
		"cites":   func(list []domain.Cite) string { return citations(list, lang) },
		"join":    func(list []string) string { return listed(list, lang) },
		"node":    func(name string) string { return in(nodeWords[name]) },
		"guard":   func(id string) string { return in(guardByID(id).Says) },
		"holds":   func(v domain.Verdict) string { return in(conditionWords[v]) },
	}
}

var conditionWords = map[domain.Verdict]domain.Text{
	domain.Holds: w("成立", "holds"), domain.Fails: w("不成立", "fails"), domain.Unknown: w("不明", "unknown"),
}

// nodeWords are the links of the chain on screen and paper (domain.md §3.6
// rule 21); other nodes are not printed.
var nodeWords = map[string]domain.Text{
	"P": w("实发", "paid"), "D": w("原决定", "decided"), "A": w("按在案材料和已收政策", "own file, rules received"),
	"Af": w("按在案材料和生效政策", "own file, rules in force"), "Ao": w("按应查应知", "should have been known"), "B": w("实际应得", "due"),
}

func listed(list []string, lang string) string {
	if len(list) == 0 {
		return w("无", "none").In(lang)
	}
	return strings.Join(list, ", ")
}

func guardByID(id string) Guard {
	for _, g := range guards {
		if g.ID == id {
			return g
		}
	}
	return Guard{ID: id}
}

// citations writes sources with their origin; an assumption says so.
func citations(list []domain.Cite, lang string) string {
	var parts []string
	for _, c := range list {
		s := c.Source
		if c.Title != "" {
			s = c.Title
		}
		if c.Article != "" {
			s += " " + c.Article
		}
		s += " [" + string(c.Origin) + "]"
		if c.Origin == domain.ToVerify && c.Assumed.In(lang) != "" {
			s += " " + c.Assumed.In(lang)
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, "; ")
}

// page is what the templates see.
type page struct {
	*Review
	Decision    *Decision
	Today       domain.Day
	Current     bool
	Parts       []partOf
	Corrections []correctionOf
	Assumed     []string
	Packs       []string
	Guards      []Guard
	Signed      []Signature // of this decision
}

type partOf struct {
	Party      Party
	Matter     Matter
	Result     Result
	Suggestion Suggestion
	Told       []domain.Ground // that say something of the part, condition by condition
	Rest       []string        // the others, by id
	Months     []replay.Month
	Notice     Notice
	Hearing    *Hearing
	Service    *Service
	Remedies   []remedyOf
}

type remedyOf struct {
	Remedy
	Until domain.Day // none: not served yet
}

type correctionOf struct {
	Correction
	Now string
}

func (p Paper) page() page {
	g := page{Review: p.Review, Decision: p.Decision, Today: p.Today, Current: p.Decision == p.Review.Determination}
	for _, x := range guards {
		if x.Weight == Statutory {
			g.Guards = append(g.Guards, x)
		}
	}
	for _, f := range p.Decision.Findings {
		g.Parts = append(g.Parts, p.part(f, &g))
	}
	g.Signed = p.Review.SignaturesOf(p.Decision.At.ID)
	for _, c := range p.Review.Corrections {
		g.Corrections = append(g.Corrections, correctionOf{c, c.State(p.Today)})
	}
	slices.Sort(g.Assumed)
	g.Assumed = slices.Compact(g.Assumed)
	return g
}

// part gathers what belongs to one person and decision, as it stood when that
// determination was made.
func (p Paper) part(f Result, g *page) partOf {
	r := p.Review
	party, _ := r.Party(f.Person)
	matter, _ := r.Matter(f.Matter)
	part := partOf{Party: party, Matter: matter, Result: f}
	for _, s := range p.Decision.Suggestions {
		if s.Person == f.Person && s.Matter == f.Matter {
			part.Suggestion = s
		}
	}
	for _, g := range part.Suggestion.Grounds {
		cited := slices.ContainsFunc(r.Citations, func(c Citation) bool { return c.Person == f.Person && c.Matter == f.Matter && c.Ground == g.ID })
		if cited || g.Verdict == domain.Holds || g.Suspected || slices.Contains(f.Grounds, g.ID) || slices.Contains(part.Suggestion.Confirmed, g.ID) {
			part.Told = append(part.Told, g)
		} else {
			part.Rest = append(part.Rest, g.ID)
		}
	}
	if report := p.Reports[f.Replay.Trace]; report != nil {
		for _, m := range report.Months {
			if m.Month >= matter.From && m.Month <= matter.To {
				part.Months = append(part.Months, m)
				g.Assumed = append(g.Assumed, m.Assumed...)
			}
		}
		for _, pack := range report.Inputs.Packs {
			if !slices.Contains(g.Packs, pack) {
				g.Packs = append(g.Packs, pack)
			}
		}
	}
	part.Notice, part.Hearing = r.said(f.Person, p.Decision.At.Revision)
	for _, s := range r.Served {
		if s.Person == f.Person && s.Decision == p.Decision.At.ID {
			part.Service = &s
		}
	}
	if rem, ok := remedy(f.Remedy); ok {
		open := remedyOf{Remedy: rem}
		if part.Service != nil {
			open.Until = rem.Until(p.Calendar, p.Limits, part.Service.At.Day, true)
		}
		part.Remedies = append(part.Remedies, open)
	}
	return part
}

// said is the notice to a person and his hearing before a revision, also of
// a round that is over.
func (r *Review) said(person string, before int64) (n Notice, h *Hearing) {
	for _, l := range r.log {
		if l.at.Revision >= before || r.suspended(l.at.ID) {
			break
		}
		var once Review
		switch e := l.event.(type) {
		case *Notified:
			if e.evolve(&once, l.at); e.Person == person {
				n = once.Notices[0]
			}
		case *Heard:
			if e.evolve(&once, l.at); e.Person == person {
				h = &once.Hearings[0]
			}
		}
	}
	return n, h
}
