package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"leeway/api/charts"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/names"
	"leeway/domain/replay"
)

// findReplay asks for a case, or leads to its replay.
func (w *front) findReplay(v visit) error {
	id := v.QueryParam("case")
	if err := w.server.Saw(v, domain.Access{Kind: "search", Case: id}); err != nil {
		return err
	}
	if id != "" {
		return v.Redirect(http.StatusSeeOther, "/replays/"+url.PathEscape(id))
	}
	return w.show(v, screen{Title: v.say("to replays"), Trail: []crumb{{v.say("nav start"), "/"}}, Name: "find-replay"})
}

// A replayPageData is the replay of a case, looked at in one of its months.
type replayPageData struct {
	Lang     string
	ID       string
	Report   *replay.Report
	Verdict  string
	Months   []monthTick
	M        *replay.Month
	Sight    replay.Sight
	Rows     []sightShown
	Chart    any
	Links    []linkShown
	Grounds  []groundShown
	WhatIfs  []casework.WhatIf
	Acts     bool
	Facts    []option
	Packs    []option
	DiffLink string
	Form     form
	Command  string
}

type monthTick struct {
	Month    domain.Month
	On       domain.Day
	Here     bool
	Off      bool // a difference or a finding
	Position int
}

// sightShown is one fact with its title.
type sightShown struct {
	replay.SightRow
	Title string
	Cells [3]factShown
}

type factShown struct {
	Value, Source, Event string
	Observed, Known      domain.Day
	Late                 bool
}

// linkShown is one link with the sentence why.
type linkShown struct {
	replay.Link
	FromNode, ToNode replay.Node
	Decisive         string
}

// groundShown is a ground of somebody's part, condition by condition.
type groundShown struct {
	domain.Ground
	Person, Role, Verdict string
}

// replayPage is the replay: the slider over the acts, what was known, should
// have been known and is true, the chain with the sentence why, the grounds.
func (w *front) replayPage(v visit) error {
	id := v.Param("case")
	if _, err := w.entries(v.ctx, v.caller, id); err != nil {
		return err
	}
	p, err := w.replayed(v, id)
	if err != nil {
		return err
	}
	if err := w.server.Saw(v, domain.Access{Kind: "read", Case: id, Fields: []string{"replay"}}); err != nil {
		return err
	}
	return w.show(v, screen{Title: v.say("replay title", id), Trail: []crumb{{v.say("nav start"), "/"}, {v.say("case title", id), casePath(id)}}, Name: "replay", Data: p})
}

func (w *front) replayed(v visit, id string) (replayPageData, error) {
	p := replayPageData{Lang: v.lang, ID: id, Acts: v.caller.Has(organs...), Command: newCommand()}
	done, err := w.d.Cases.ReplayCase(v.ctx, casework.Request{Actor: v.caller.Actor}, id, casework.ReplayOptions{})
	if err != nil {
		return p, err
	}
	p.Report = done.Report
	dossier, err := w.d.Cases.Dossier(v.ctx, id)
	if err != nil {
		return p, err
	}
	if p.WhatIfs, err = w.d.Cases.WhatIfs(v.ctx, id); err != nil {
		return p, err
	}
	for _, pack := range w.d.Packs.Versions() {
		if pack.Pack == dossier.Case.Pack {
			p.Packs = append(p.Packs, option{Value: pack.Version, Label: pack.Pack + " " + pack.Version})
		}
	}
	if len(p.Report.Months) == 0 {
		return p, nil
	}
	at := chosenMonth(p.Report, v.QueryParam("month"))
	for i, m := range p.Report.Months {
		p.Months = append(p.Months, monthTick{m.Month, m.On, i == at, len(m.Links) > 0 || m.Under, i})
	}
	p.M = &p.Report.Months[at]
	in := replay.Input{Case: dossier.Case, Register: dossier.Register, Rules: w.d.Cases.Rules, AsOf: p.Report.Inputs.AsOf}
	if p.Sight, err = replay.See(in, p.M.Month); err != nil {
		return p, err
	}
	attributes := w.attributes(dossier.Case.Pack, dossier.Register)
	for _, r := range p.Sight.Rows {
		p.Rows = append(p.Rows, shownRow(v.lang, r, attributes, p.M.On))
		if r.True != nil {
			p.Facts = append(p.Facts, option{Value: r.True.Ref().Event + "|" + r.Key().Subject + "|" + r.Key().Attribute + "|" + r.Key().Item, Label: p.Rows[len(p.Rows)-1].Title})
		}
	}
	if a, b := p.Sight.Force, p.Report.Inputs.RulesNow; a != b {
		p.DiffLink = "/policy/diff?a=" + url.QueryEscape(a.Pack+"@"+a.Version) + "&b=" + url.QueryEscape(b.Pack+"@"+b.Version)
	}
	p.Chart, p.Links = chainOf(v.lang, *p.M, attributes)
	for _, a := range p.M.Actors {
		grounds, _ := p.Report.GroundsFor(a)
		for _, g := range grounds {
			p.Grounds = append(p.Grounds, groundShown{g, a.Actor.Person, a.Role, a.Verdict})
		}
	}
	return p, nil
}

// chosenMonth is the month asked for: the first with a difference where none is.
func chosenMonth(r *replay.Report, asked string) int {
	i := slices.IndexFunc(r.Months, func(m replay.Month) bool { return m.Month.String() == asked })
	if i < 0 {
		i = slices.IndexFunc(r.Months, func(m replay.Month) bool { return len(m.Links) > 0 })
	}
	return max(i, 0)
}

func shownRow(lang string, r replay.SightRow, attributes map[string]domain.Attribute, on domain.Day) sightShown {
	k := r.Key()
	title := k.Attribute
	if a, ok := attributes[k.Attribute]; ok {
		title = a.Title.In(lang)
	}
	if k.Item != "" {
		title += say(lang, "of item", names.Of("item", k.Item).In(lang))
	}
	if k.Subject != domain.Household {
		title = k.Subject + " " + title
	}
	s := sightShown{SightRow: r, Title: title}
	for i, f := range []*replay.Fact{r.Known, r.Should, r.True} {
		if f == nil {
			continue
		}
		c := factShown{Value: valueShown(f.Value, lang), Source: names.Of("source", string(f.Source)).In(lang), Event: f.Event, Observed: f.Observed, Known: f.Known}
		if f.HeldBy != "" {
			c.Source += say(lang, "list separator") + names.Of("held by", f.HeldBy).In(lang)
		}
		c.Late = f.Observed != 0 && f.Known > f.Observed && f.Known > on
		s.Cells[i] = c
	}
	return s
}

// valueShown is a value as people read it.
func valueShown(v domain.Value, lang string) string {
	switch v.Kind {
	case domain.MoneyValue:
		return say(lang, "yuan", v.Fen().Yuan())
	case domain.CodeValue:
		return names.Of("code", v.String()).In(lang)
	}
	return valueText(v, lang)
}

// chainOf draws how what was paid becomes what was due, and says why.
func chainOf(lang string, m replay.Month, attributes map[string]domain.Attribute) (any, []linkShown) {
	node := func(name string) replay.Node { n, _ := m.Node(name); return n }
	level := func(name string) charts.Step {
		n := node(name)
		return charts.Step{Label: names.Of("node", name).In(lang), Value: int64(n.Taken), Say: say(lang, "yuan", n.Taken.Yuan()), Level: true}
	}
	steps := []charts.Step{level("P")}
	var links []linkShown
	for _, l := range m.Links {
		links = append(links, linkShown{l, node(l.From), node(l.To), decisiveText(lang, l.Decisive, attributes)})
		if l.Amount != nil {
			class := "minus"
			if *l.Amount < 0 {
				class = "plus"
			}
			steps = append(steps, charts.Step{Label: names.Of("class", string(l.Class)).In(lang), Value: int64(-*l.Amount), Say: (-*l.Amount).Signed(), Class: class})
		}
	}
	if b := node("B"); b.Outcome.Determined() {
		steps = append(steps, level("B"))
	}
	return charts.Waterfall("chain", say(lang, "chain chart", m.Month), steps), links
}

func decisiveText(lang string, d *replay.Decisive, attributes map[string]domain.Attribute) string {
	if d == nil || len(d.Facts) == 0 {
		return ""
	}
	var said []string
	for _, f := range d.Facts {
		row := shownRow(lang, replay.SightRow{True: &f}, attributes, 0)
		said = append(said, row.Title+" "+row.Cells[2].Value)
	}
	result := say(lang, "undetermined")
	if f, ok := d.Result.Single(); ok {
		result = say(lang, "yuan", f.Yuan())
	}
	return fmt.Sprintf(names.Of("decisive", d.Kind).In(lang), strings.Join(said, say(lang, "list separator")), result)
}

// saveWhatIf replays with one assumption changed and saves it under a name. It
// never overwrites.
func (w *front) saveWhatIf(v visit) error {
	id := v.Param("case")
	if _, err := w.entries(v.ctx, v.caller, id); err != nil {
		return err
	}
	in, err := v.FormParams()
	if err != nil {
		return err
	}
	var a casework.Assumption
	if parts := strings.Split(in.Get("leave_out"), "|"); len(parts) == 4 {
		a.LeaveOut = &replay.FactRef{Event: parts[0], Subject: parts[1], Attribute: parts[2], Item: parts[3]}
	}
	if version := in.Get("rules"); version != "" {
		a.Rules = &casework.RulesFrom{}
		for _, pack := range w.d.Packs.Versions() {
			if c, err := w.d.Cases.Case(v.ctx, id); err == nil && pack.Pack == c.Pack && pack.Version == version {
				a.Rules.PackVersion = pack
			}
		}
		if a.Rules.From, err = domain.ParseDay(in.Get("from")); err != nil {
			return domain.NewFault("from", "%q is no day", "write it as 2020-01-31", in.Get("from"))
		}
	}
	if _, err := w.d.Cases.SaveWhatIf(v.ctx, casework.Request{Command: in.Get("_command"), Actor: v.caller.Actor}, id, in.Get("name"), a, casework.ReplayOptions{}); err != nil {
		return err
	}
	return v.Redirect(http.StatusSeeOther, "/replays/"+url.PathEscape(id)+"#what-if")
}
