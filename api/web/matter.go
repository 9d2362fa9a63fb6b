package web

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"leeway/api/charts"
	"leeway/api/views"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
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
	Free     domain.Day // chosen by the reader; none: the act by which the month is judged
	First    domain.Day // that can be chosen
	Last     domain.Day
	Rows     []sightShown
	Chart    any
	Links    []linkShown
	Grounds  []groundShown
	Late     []lateShown
	Overlays []overlayShown
	Rules    rulePanel
	WhatIfs  []whatIfShown
	Nodes    []string // of the chain, as the table of what-ifs has them
	Acts     bool
	Subjects []option
	Titles   []option
	Facts    []option
	Packs    []option
	Command  string
	Faults   []mistake
	Typed    url.Values
}

// lateShown is what was seen before the act and entered after it: it stands
// beside the columns, and helps nobody who entered it late.
type lateShown struct {
	Title, Value    string
	Observed, Known domain.Day
	Person          string
	Href            string
}

// overlayShown is a finding beside the chain.
type overlayShown struct {
	Kind, Signal, Person string
	Facts                []string
	Links                []views.Link
}

// rulePanel says under which rules a month is judged: what the office held, what
// was in force, and when either came to be so.
type rulePanel struct {
	Held, Force        domain.PackVersion
	HeldOn, ForceOn    domain.Day // received by the office, published
	DiffLink, HeldLink string
	Ambiguous          []string // nodes that leave more than one lawful result
	Assumed            []string
}

// whatIfShown is a saved what-if with its chain in the month on screen.
type whatIfShown struct {
	casework.WhatIf
	Assumes string
	Cells   []string
	Differs []bool
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

// chainNodes are the nodes of the chain that every month has.
var chainNodes = []string{"P", "D", "A", "Af", "Ao", "B"}

// linkShown is one link with the sentence why.
type linkShown struct {
	replay.Link
	FromNode, ToNode replay.Node
	Decisive         string
}

// replayPage is the replay: the slider over the acts, what was known, should
// have been known and is true, the rules, the chain with the sentence why, the
// grounds, and what-ifs beside the original.
func (w *front) replayPage(v visit) error {
	return w.showReplay(v, nil, nil, http.StatusOK)
}

func (w *front) showReplay(v visit, faults []mistake, typed url.Values, status int) error {
	id := v.Param("case")
	list, err := w.entries(v.ctx, v.caller, id)
	if err != nil {
		return err
	}
	p, err := w.replayed(v, id, eventLinks(v.lang, id, list))
	if err != nil {
		return err
	}
	p.Faults, p.Typed = faults, typed
	if err := w.server.Saw(v, domain.Access{Kind: "read", Case: id, Fields: []string{"replay"}}); err != nil {
		return err
	}
	return w.show(v, screen{Status: status, Title: v.say("replay title", id), Trail: []crumb{{v.say("nav start"), "/"}, {v.say("case title", id), casePath(id)}}, Name: "replay", Data: p})
}

func (w *front) replayed(v visit, id string, events map[string]views.Link) (replayPageData, error) {
	p := replayPageData{Lang: v.lang, ID: id, Acts: v.caller.Has(organs...), Command: newCommand(), Nodes: chainNodes}
	done, err := w.d.Cases.ReplayCase(v.ctx, casework.Request{Actor: v.caller.Actor}, id, casework.ReplayOptions{})
	if err != nil {
		return p, err
	}
	p.Report = done.Report
	dossier, err := w.d.Cases.Dossier(v.ctx, id)
	if err != nil {
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
	if err := p.choose(v.QueryParam("t0")); err != nil {
		return p, err
	}
	p.First, p.Last = dossier.Case.Opened.KnownOn(), p.Report.Inputs.AsOf
	at := chosenMonth(p.Report, v.QueryParam("month"), p.Free)
	for i, m := range p.Report.Months {
		p.Months = append(p.Months, monthTick{m.Month, m.On, i == at, len(m.Links) > 0 || m.Under, i})
	}
	p.M = &p.Report.Months[at]
	in := replay.Input{Case: dossier.Case, Register: dossier.Register, Rules: w.d.Cases.Rules, AsOf: p.Report.Inputs.AsOf}
	if p.Free != 0 {
		p.Sight, err = replay.SeeOn(in, p.M.Month, p.Free)
	} else {
		p.Sight, err = replay.See(in, p.M.Month)
	}
	if err != nil {
		return p, err
	}
	attributes := w.attributes(dossier.Case.Pack, dossier.Register)
	p.facts(v.lang, attributes, events)
	p.Rules = rulesOf(v.lang, &p, dossier)
	p.Chart, p.Links = chainOf(v.lang, *p.M, attributes)
	plan, err := w.d.Cases.Rules.Plan(p.Report.Inputs.RulesNow, p.Report.Inputs.AsOf)
	if err != nil {
		return p, err
	}
	for _, a := range p.M.Actors {
		grounds, _ := p.Report.GroundsFor(a)
		for _, g := range grounds {
			shown := groundOf(v.lang, g, events, plan.Findings())
			shown.Person, shown.Role = a.Actor.Person, a.Role
			p.Grounds = append(p.Grounds, shown)
		}
	}
	p.choices(v.lang, dossier.Case, attributes)
	return p, w.whatIfs(v, &p, attributes)
}

// choose reads the day on which the reader wants to look at the case.
func (p *replayPageData) choose(typed string) error {
	if typed == "" {
		return nil
	}
	day, err := domain.ParseDay(typed)
	if err != nil || day == 0 {
		return domain.NewFault("t0", "%q is no day", "write 2020-01-31", typed)
	}
	p.Free = day
	return nil
}

// facts are the rows of the three columns, what was entered late, and what the
// replay found beside the chain.
func (p *replayPageData) facts(lang string, attributes map[string]domain.Attribute, events map[string]views.Link) {
	row := func(f replay.Fact) sightShown {
		return shownRow(lang, replay.SightRow{True: &f}, attributes, p.Sight.On)
	}
	for _, r := range p.Sight.Rows {
		p.Rows = append(p.Rows, shownRow(lang, r, attributes, p.Sight.On))
		if r.True != nil {
			p.Facts = append(p.Facts, option{Value: r.True.Ref().Event + "|" + r.Key().Subject + "|" + r.Key().Attribute + "|" + r.Key().Item, Label: p.Rows[len(p.Rows)-1].Title})
		}
	}
	for _, l := range p.Sight.Late {
		x := row(l.Fact)
		p.Late = append(p.Late, lateShown{x.Title, x.Cells[2].Value, l.Fact.Observed, l.Fact.Known, l.Person, events[l.Fact.Event].Href})
	}
	for _, o := range p.M.Overlays {
		x := overlayShown{Kind: o.Kind, Signal: o.Signal, Person: o.Person, Links: links(events, o.Events)}
		for _, f := range o.Facts {
			y := row(f)
			x.Facts = append(x.Facts, y.Title+" "+y.Cells[2].Value)
		}
		p.Overlays = append(p.Overlays, x)
	}
}

// rulesOf is the panel of the rules that a month is judged by.
func rulesOf(lang string, p *replayPageData, d casework.Dossier) rulePanel {
	r := rulePanel{Held: p.Sight.Rules, Force: p.Sight.Force, Assumed: p.M.Assumed, HeldLink: views.PathPack + "?" + url.Values{"pack": {p.Sight.Rules.Pack}, "version": {p.Sight.Rules.Version}, "on": {p.Sight.On.String()}}.Encode()}
	for _, a := range d.Register.Rules {
		if a.Rules == r.Force {
			r.ForceOn = a.At.Day
		}
	}
	for _, n := range d.Register.Notices {
		if n.Received && n.Rules == r.Held && n.Office == d.Case.Office {
			r.HeldOn = n.At.Day
		}
	}
	if now := p.Report.Inputs.RulesNow; r.Force != now {
		r.DiffLink = views.PathDiff + "?a=" + url.QueryEscape(r.Force.Pack+"@"+r.Force.Version) + "&b=" + url.QueryEscape(now.Pack+"@"+now.Version)
	}
	for _, n := range p.M.Nodes {
		if n.Outcome.Determined() && len(n.Outcome.Lawful) > 1 {
			r.Ambiguous = append(r.Ambiguous, names.Of("node", n.Name).In(lang))
		}
	}
	return r
}

// choices are what a what-if may assume of whom.
func (p *replayPageData) choices(lang string, c *eligibility.Case, attributes map[string]domain.Attribute) {
	p.Subjects = []option{{Value: domain.Household, Label: say(lang, "household")}}
	for _, m := range c.Members {
		p.Subjects = append(p.Subjects, option{Value: m.ID, Label: m.ID})
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		p.Titles = append(p.Titles, option{Value: name, Label: attributes[name].Title.In(lang)})
	}
}

// whatIfs are the saved ones, each with its chain in the month on screen.
func (w *front) whatIfs(v visit, p *replayPageData, attributes map[string]domain.Attribute) error {
	list, err := w.d.Cases.WhatIfs(v.ctx, p.ID)
	if err != nil {
		return err
	}
	cells := func(m replay.Month) []string {
		var row []string
		for _, name := range chainNodes {
			n, ok := m.Node(name)
			switch {
			case !ok:
				row = append(row, "")
			case n.None:
				row = append(row, v.say("no decision"))
			default:
				row = append(row, outcomeText(v.lang, n.Outcome))
			}
		}
		return row
	}
	original := cells(*p.M)
	for _, x := range list {
		shown := whatIfShown{WhatIf: x, Assumes: assumes(v.lang, x.Assume, attributes)}
		var report replay.Report
		if err := json.Unmarshal(x.Trace, &report); err != nil {
			return fmt.Errorf("what-if %q of case %s: %w", x.Name, p.ID, err)
		}
		for _, m := range report.Months {
			if m.Month == p.M.Month {
				shown.Cells = cells(m)
			}
		}
		for i, c := range shown.Cells {
			shown.Differs = append(shown.Differs, c != original[i])
		}
		p.WhatIfs = append(p.WhatIfs, shown)
	}
	return nil
}

// assumes is an assumption as a sentence.
func assumes(lang string, a casework.Assumption, attributes map[string]domain.Attribute) string {
	title := func(f replay.Fact) sightShown {
		return shownRow(lang, replay.SightRow{True: &f}, attributes, 0)
	}
	switch {
	case a.LeaveOut != nil:
		return say(lang, "assumes without", title(replay.Fact{Subject: a.LeaveOut.Subject, Attribute: a.LeaveOut.Attribute, Item: a.LeaveOut.Item}).Title)
	case a.Rules != nil:
		return say(lang, "assumes rules", a.Rules.Pack+" "+a.Rules.Version, a.Rules.From)
	case a.Stated != nil:
		s := a.Stated.Statement
		row := title(replay.Fact{Subject: s.Subject, Attribute: s.Attribute, Item: s.Item, Value: s.Value})
		return say(lang, "assumes stated", a.Stated.Day, row.Title, row.Cells[2].Value)
	}
	return ""
}

// chosenMonth is the month asked for, else that of the day chosen, else the
// first with a difference.
func chosenMonth(r *replay.Report, asked string, on domain.Day) int {
	i := slices.IndexFunc(r.Months, func(m replay.Month) bool { return m.Month.String() == asked })
	if i < 0 && on != 0 {
		i = slices.IndexFunc(r.Months, func(m replay.Month) bool { return m.Month >= on.Month() })
		if i < 0 {
			i = len(r.Months) - 1
		}
	}
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
	c, err := w.d.Cases.Case(v.ctx, id)
	if err != nil {
		return err
	}
	a, faults := w.assumption(v.lang, c, in)
	if len(faults) > 0 {
		return w.showReplay(v, faults, in, http.StatusUnprocessableEntity)
	}
	_, err = w.d.Cases.SaveWhatIf(v.ctx, casework.Request{Command: in.Get("_command"), Actor: v.caller.Actor}, id, in.Get("name"), a, casework.ReplayOptions{})
	if err != nil {
		var f form
		if !f.refusedBy(v.lang, err) {
			return err
		}
		if f.Refused != nil {
			f.Faults = append(f.Faults, mistake{"name", v.say("what-if name"), f.Refused.Wrong, f.Refused.Mend})
		}
		return w.showReplay(v, f.Faults, in, http.StatusUnprocessableEntity)
	}
	return v.Redirect(http.StatusSeeOther, "/replays/"+url.PathEscape(id)+"?month="+url.QueryEscape(in.Get("month"))+"#what-if")
}

// assumption reads what is to be taken otherwise.
func (w *front) assumption(lang string, c *eligibility.Case, in url.Values) (a casework.Assumption, faults []mistake) {
	wrong := func(name, label, mend string) {
		faults = append(faults, mistake{name, say(lang, label), say(lang, "cannot read", in.Get(name)), say(lang, mend)})
	}
	if parts := strings.Split(in.Get("leave_out"), "|"); len(parts) == 4 {
		a.LeaveOut = &replay.FactRef{Event: parts[0], Subject: parts[1], Attribute: parts[2], Item: parts[3]}
	}
	var err error
	if version := in.Get("rules"); version != "" {
		a.Rules = &casework.RulesFrom{PackVersion: domain.PackVersion{Pack: c.Pack, Version: version}}
		if a.Rules.From, err = domain.ParseDay(in.Get("from")); err != nil || a.Rules.From == 0 {
			wrong("from", "what-if from", "mend day")
		}
	}
	if attribute := in.Get("attribute"); attribute != "" {
		s := casework.StatedOn{Statement: domain.Statement{Subject: in.Get("subject"), Attribute: attribute, Item: in.Get("item")}}
		if s.Day, err = domain.ParseDay(in.Get("stated")); err != nil || s.Day == 0 {
			wrong("stated", "what-if stated", "mend day")
		}
		kind, _ := w.kindOf(c)(attribute)
		if s.Statement.Value, err = valueOf(kind, strings.TrimSpace(in.Get("value"))); err != nil || in.Get("value") == "" {
			wrong("value", "what-if value", "mend value")
		}
		a.Stated = &s
	}
	return a, faults
}
