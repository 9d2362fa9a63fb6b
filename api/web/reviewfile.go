package web

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"leeway/api/documents"
	"leeway/api/views"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
	"leeway/domain/names"
	"leeway/domain/replay"
	"leeway/domain/review"
)

// A reviewPageData is one review as its reader may see it.
type reviewPageData struct {
	Lang    string
	R       *review.Review
	Stages  []stageShown
	Limits  []limitShown
	Parts   []partShown
	Results []resultShown
	Log     []logRow
	Acts    []string // what is next
	Others  []string // what may be recorded beside it
	Over    domain.Fen
	Under   domain.Fen
	Done    string
	Seen    int
	Command string
	Organ   bool
	Whole   bool // the reader sees the whole file
	Papers  []views.Link
	Fixes   []fixShown
	Unmet   []review.Standing // of a determination
	Clues   int
	Reports []casework.OwnReport // officers' own reports beside the replay

	Signatures []signatureShown
	Signable   bool     // a determination stands, and the reader sees who signed it
	Purposes   []option // for which the package may be taken; none: not by the reader
}

type stageShown struct {
	Title      string
	Past, Here bool
}

type limitShown struct {
	review.Deadline
	Name   string
	Remedy bool // a right that ends, not a duty that is late
}

// partShown is one matter: the decision, the money, and each person's part.
type partShown struct {
	review.Matter
	Decided *eligibility.Decision
	Replays []review.ReplayOf
	Class   replay.Class
	Months  []monthShown
	Cited   []citedShown
	People  []personShown
	Unfound int
}

// monthShown is the money of one month.
type monthShown struct {
	Month       domain.Month
	Paid, Due   string
	Over, Under domain.Fen
	Class       replay.Class
}

type citedShown struct {
	review.Citation
	Title string
	Links []views.Link
}

// personShown is what the engine makes of one person's part, and what people
// found.
type personShown struct {
	review.Suggestion
	VerdictTitle string
	Grounds      []groundShown
	Signs        []groundShown // exclusions that are suspected or confirmed
	Weighs       []groundShown // mitigation and aggravation that hold
	Missing      []string
	Sheet        bool
}

// groundShown is a liability rule of somebody's part, condition by condition.
type groundShown struct {
	domain.Ground
	Person, Role string
	Cited        bool
	Standing     string
	All          []conditionShown
	Against      []conditionShown // counter-checks
}

// conditionShown is one condition with where its evidence is.
type conditionShown struct {
	domain.Condition
	Links   []views.Link
	Missing []string
	Ask     string // where to ask for what is missing
}

type resultShown struct {
	review.Result
	Suggested string
	GroundsIn []string
	Departed  []review.Departure
	Remedy    string
	Until     domain.Day
}

type logRow struct {
	N    int
	Type string
	At   review.At
	Says string
	Off  bool
}

type fixShown struct {
	review.Correction
	State string
	Open  string
	Back  bool // waits for the bureau's decision
	Do    bool // the reader may report it done
	Take  bool // the reader may accept it
}

// A reviewReading is a visit to a review, with what names its codes.
type reviewReading struct {
	visit
	w      *front
	r      *review.Review
	as     casework.Identity
	events map[string]views.Link // of the cases and of the review itself
	titles map[string]string     // of grounds
	facts  map[string]domain.Finding
	titled map[string]domain.Text // facts of cases, by name
}

// reading prepares to show a review: the names of its grounds and facts, and
// where each event that may serve as evidence stands.
func (w *front) reading(v visit, r *review.Review, as casework.Identity, log []review.Entry) (reviewReading, error) {
	x := reviewReading{v, w, r, as, map[string]views.Link{}, map[string]string{}, nil, map[string]domain.Text{}}
	kinds, facts := w.liability(v, r)
	x.facts = facts
	for _, list := range kinds {
		for _, g := range list {
			x.titles[g.Value] = g.Label
		}
	}
	for _, e := range log {
		x.events[e.At.ID] = views.Link{Href: "#l-" + e.At.ID, Text: e.At.Day.String() + " " + names.Event(e.At.Type).In(v.lang)}
	}
	for _, id := range r.Cases() {
		list, err := w.entries(v.ctx, v.caller, id)
		if errors.Is(err, domain.ErrNotFound) {
			continue // not a case of the reader's; the review itself is
		}
		if err != nil {
			return x, err
		}
		for event, link := range eventLinks(v.lang, id, list) {
			x.events[event] = link
		}
		reg, err := w.d.Cases.Register(v.ctx)
		if err != nil {
			return x, err
		}
		for name, a := range w.attributes(casework.StateOf(id, list).Pack, reg) {
			x.titled[name] = a.Title
		}
	}
	return x, nil
}

// eventLinks lead to the events of a case on its page.
func eventLinks(lang, id string, list []casework.Entry) map[string]views.Link {
	links := map[string]views.Link{}
	for _, e := range list {
		links[e.ID] = views.Link{Href: casePath(id) + "#e-" + e.ID, Text: eligibility.DayOf(e.Event).String() + " " + names.Event(e.Type).In(lang)}
	}
	return links
}

// links are where pieces of evidence stand; one that is no event is a paper,
// called by its number.
func links(of map[string]views.Link, evidence []string) []views.Link {
	var list []views.Link
	for _, id := range evidence {
		l, ok := of[id]
		if !ok {
			l = views.Link{Text: id}
		}
		list = append(list, l)
	}
	return list
}

func (x reviewReading) title(ground string) string {
	if t, ok := x.titles[ground]; ok {
		return t
	}
	return ground
}

func (x reviewReading) grounds(ids []string) []string {
	var list []string
	for _, id := range ids {
		list = append(list, x.title(id))
	}
	return list
}

// missing are facts in words.
func (x reviewReading) missing(names []string) []string {
	return findingTitles(x.lang, x.facts, names)
}

func findingTitles(lang string, facts map[string]domain.Finding, names []string) []string {
	var list []string
	for _, n := range names {
		if f, ok := facts[n]; ok {
			n = f.Title.In(lang)
		}
		list = append(list, n)
	}
	return list
}

// reviewPage is one review: where it stands, what is at stake, each ground
// condition by condition, what was determined, and what to do next.
func (w *front) reviewPage(v visit) error {
	r, log, as, err := w.seeing(v)
	if err != nil {
		return err
	}
	x, err := w.reading(v, r, as, log)
	if err != nil {
		return err
	}
	p := reviewPageData{Lang: v.lang, R: r, Seen: len(log), Command: newCommand(), Organ: as.Role.Discipline(), Whole: as.Role != review.Worker && as.Role != review.Unit, Done: v.QueryParam("done"), Stages: stagesOf(v.lang, r.Stage())}
	if p.Limits, err = x.limits(); err != nil {
		return err
	}
	for _, part := range []func(*reviewPageData) error{x.parts, x.reports, x.corrections, x.determined, x.signatures, x.papers} {
		if err := part(&p); err != nil {
			return err
		}
	}
	for i, e := range log {
		p.Log = append(p.Log, logRow{i + 1, e.At.Type, e.At, x.says(e.Event), e.Suspended})
	}
	p.Acts, p.Others = x.actions()
	if err := w.server.Saw(v, domain.Access{Kind: "read", Case: r.ID, Fields: []string{"review"}}); err != nil {
		return err
	}
	return w.show(v, screen{Title: v.say("review title", r.ID), Trail: []crumb{{v.say("nav start"), "/"}, {v.say("nav reviews"), "/reviews"}}, Name: "review", Data: p})
}

// says is what an event says, with grounds by their titles.
func (x reviewReading) says(e review.Event) string {
	if c, ok := e.(*review.Cited); ok {
		titled := *c
		titled.Ground = x.title(c.Ground)
		titled.Evidence = nil
		for _, l := range links(x.events, c.Evidence) {
			titled.Evidence = append(titled.Evidence, l.Text)
		}
		e = &titled
	}
	return documents.Says(e, x.lang, x.titled)
}

func (x reviewReading) limits() ([]limitShown, error) {
	list, err := x.w.d.Reviews.Deadlines(x.ctx, x.as, x.r.ID)
	var shown []limitShown
	for _, l := range list {
		_, remedy := remedyTitle(x.lang, l.Step)
		shown = append(shown, limitShown{l, limitName(x.lang, l.Step), remedy})
	}
	return shown, err
}

// remedyTitle is what a limit is called where it is the time to seek a remedy.
func remedyTitle(lang, step string) (string, bool) {
	for _, r := range review.Remedies() {
		if string(r.Path) == step {
			return r.Title.In(lang), true
		}
	}
	return "", false
}

// parts are the matters with the money at stake and each person's part. Who is
// reviewed sees none of it: the engine's word is for who decides.
func (x reviewReading) parts(p *reviewPageData) error {
	if !p.Whole {
		for _, c := range x.r.Citations {
			if m, ok := x.r.Matter(c.Matter); ok && c.Person == x.as.Person {
				p.Parts = append(p.Parts, partShown{Matter: m, Cited: []citedShown{x.cited(c)}})
			}
		}
		return nil
	}
	outlook, err := x.w.d.Reviews.Outlook(x.ctx, x.as, x.r.ID)
	if err != nil {
		return err
	}
	if s := x.r.Stage(); s == review.StageAccepted || s == review.StageNotified || s == review.StageConsulted {
		p.Unmet = slices.DeleteFunc(slices.Clone(outlook.Standings), review.Standing.Met)
	}
	for _, m := range x.r.Matters {
		part, err := x.part(m, outlook.Suggestions)
		if err != nil {
			return err
		}
		for _, y := range part.Months {
			p.Over, p.Under = p.Over+y.Over, p.Under+y.Under
		}
		p.Parts = append(p.Parts, part)
	}
	if p.Organ {
		for _, id := range x.r.Cases() {
			list, err := x.w.d.Reviews.Clues(x.ctx, x.as, id)
			if err != nil {
				return err
			}
			p.Clues += len(list)
		}
	}
	return nil
}

// reports are the officers' own reports, beside what the replays found.
func (x reviewReading) reports(p *reviewPageData) (err error) {
	p.Reports, err = x.w.d.Reviews.OwnReports(x.ctx, x.as, x.r.ID)
	return err
}

// part is one matter.
func (x reviewReading) part(m review.Matter, suggested []review.Suggestion) (partShown, error) {
	part := partShown{Matter: m, Unfound: len(x.r.Unfound(m.ID))}
	c, err := x.w.d.Cases.Case(x.ctx, m.Case)
	if err != nil {
		return part, err
	}
	for i := range c.Decisions {
		if c.Decisions[i].At.ID == m.Act {
			part.Decided = &c.Decisions[i]
		}
	}
	for _, q := range x.r.Citations {
		if q.Matter == m.ID {
			part.Cited = append(part.Cited, x.cited(q))
		}
	}
	for _, q := range x.r.Replays {
		if q.Matter == m.ID {
			part.Replays = append(part.Replays, q)
		}
	}
	for _, s := range suggested {
		if s.Matter == m.ID {
			part.People = append(part.People, x.person(s))
		}
	}
	if len(part.Replays) == 0 {
		return part, nil
	}
	report, err := x.w.d.Reviews.Newest(x.ctx, x.as, x.r.ID, m.ID)
	if err != nil {
		return part, err
	}
	part.Class = report.Primary
	for _, y := range report.Months {
		paid, _ := y.Node("P")
		due, _ := y.Node("B")
		part.Months = append(part.Months, monthShown{y.Month, outcomeText(x.lang, paid.Outcome), outcomeText(x.lang, due.Outcome), y.Overpaid, y.Underpaid, y.Class})
	}
	return part, nil
}

func (x reviewReading) cited(c review.Citation) citedShown {
	shown := citedShown{Citation: c, Title: x.title(c.Ground)}
	for _, e := range x.r.Log() {
		if q, ok := e.Event.(*review.Cited); ok && e.At.ID == c.At.ID {
			shown.Links = links(x.events, q.Evidence)
		}
	}
	return shown
}

// outcomeText is what is lawful, or that it is not determined.
func outcomeText(lang string, o domain.Outcome) string {
	if !o.Determined() {
		return say(lang, "undetermined")
	}
	var list []string
	for _, r := range o.Lawful {
		text := say(lang, "yuan", r.Lo.Yuan())
		if r.Lo != r.Hi {
			text = r.Lo.Yuan() + "–" + say(lang, "yuan", r.Hi.Yuan())
		}
		list = append(list, text)
	}
	return strings.Join(list, " / ")
}

// person is one part, rule by rule: the cited grounds first, then those that
// can still be proved.
func (x reviewReading) person(s review.Suggestion) personShown {
	p := personShown{Suggestion: s, VerdictTitle: review.VerdictTitle(s.Verdict).In(x.lang), Missing: x.missing(s.Missing)}
	_, p.Sheet = x.r.Appraisal(review.Pair{Person: s.Person, Matter: s.Matter})
	cited := func(id string) bool {
		return slices.ContainsFunc(x.r.Citations, func(c review.Citation) bool { return c.Person == s.Person && c.Matter == s.Matter && c.Ground == id })
	}
	for _, g := range s.Grounds {
		shown := x.ground(g)
		shown.Cited = cited(g.ID)
		switch {
		case g.Kind == domain.Exemption && (shown.Cited || g.Verdict == domain.Holds):
			p.Grounds = append(p.Grounds, shown)
		case g.Kind == domain.Exclusion && (slices.Contains(s.Suspected, g.ID) || slices.Contains(s.Confirmed, g.ID)):
			p.Signs = append(p.Signs, shown)
		case (g.Kind == domain.Mitigation || g.Kind == domain.Aggravation) && g.Verdict == domain.Holds:
			p.Weighs = append(p.Weighs, shown)
		}
	}
	slices.SortStableFunc(p.Grounds, func(a, b groundShown) int {
		switch {
		case a.Cited == b.Cited:
			return 0
		case a.Cited:
			return -1
		}
		return 1
	})
	return p
}

// ground is one rule with where its evidence stands, and where to ask for what
// nobody has stated.
func (x reviewReading) ground(g domain.Ground) groundShown {
	shown := groundOf(x.lang, g, x.events, x.facts)
	if slices.Contains([]review.Stage{review.StageAccepted, review.StageNotified, review.StageConsulted}, x.r.Stage()) && x.as.Role.Discipline() && len(x.r.Matters) > 0 {
		for i, c := range shown.All {
			if len(c.Missing) > 0 {
				q := url.Values{"matter": {x.r.Matters[0].ID}, "missing": c.Missing}
				shown.All[i].Ask = reviewPath(x.r.ID) + "/steps/review-evidence-asked.v1?" + q.Encode()
			}
		}
	}
	return shown
}

// groundOf is a rule in words, with links to its evidence.
func groundOf(lang string, g domain.Ground, events map[string]views.Link, facts map[string]domain.Finding) groundShown {
	conditions := func(list []domain.Condition) []conditionShown {
		var all []conditionShown
		for _, c := range list {
			all = append(all, conditionShown{Condition: c, Links: links(events, c.Events), Missing: findingTitles(lang, facts, c.Missing)})
		}
		return all
	}
	standing := string(g.Verdict)
	switch {
	case g.Suspected:
		standing = "suspected"
	case g.Partial && g.Verdict == domain.Holds:
		standing = "partial"
	}
	return groundShown{Ground: g, Standing: names.Of("standing", standing).In(lang), All: conditions(g.Conditions), Against: conditions(g.Counters)}
}

// corrections are those of the review, with what the reader can do in each.
func (x reviewReading) corrections(p *reviewPageData) error {
	for _, c := range x.r.Corrections {
		own := c.Order.Owner == x.as.Person
		if !p.Whole && !own {
			continue
		}
		f := fixShown{Correction: c, State: review.StateTitle(c.State(x.w.today())).In(x.lang), Open: c.OpenFor()}
		f.Back = f.Open == "bureau_decision" && x.as.Role == review.Bureau
		f.Do = c.DoneAt == nil && c.Accepted == nil && f.Open == "" && (own || x.as.Role == review.Bureau)
		f.Take = c.DoneAt != nil && c.Accepted == nil && p.Organ
		p.Fixes = append(p.Fixes, f)
	}
	return nil
}

// determined is what was determined of each part that the reader may see, with
// the suggestion beside it and the remedy that is open.
func (x reviewReading) determined(p *reviewPageData) error {
	d := x.r.Determination
	if d == nil {
		return nil
	}
	for _, f := range d.Findings {
		if !p.Whole && f.Person != x.as.Person {
			continue
		}
		shown := resultShown{Result: f, GroundsIn: x.grounds(f.Grounds), Departed: f.Departs, Remedy: f.Remedy.Title().In(x.lang)}
		for _, s := range d.Suggestions {
			if s.Person == f.Person && s.Matter == f.Matter {
				shown.Suggested = s.Outcome.Title().In(x.lang)
			}
		}
		for _, l := range p.Limits {
			if l.Remedy && l.Person == f.Person && l.Step == string(f.Remedy) {
				shown.Until = l.Due
			}
		}
		p.Results = append(p.Results, shown)
	}
	return nil
}

// papers are what can be printed or taken away.
func (x reviewReading) papers(p *reviewPageData) error {
	if x.r.Determination != nil && p.Whole {
		p.Papers = append(p.Papers, views.Link{Text: x.say("paper determination"), Href: views.PathDetermination + "?review=" + url.QueryEscape(x.r.ID)})
	}
	if x.caller.Has(watching...) && x.w.d.Archive != nil {
		p.Purposes = x.purposes()
	}
	if p.Whole {
		for _, id := range x.r.Cases() {
			p.Papers = append(p.Papers, views.Link{Text: x.say("paper diligence of", id), Href: views.PathDiligence + "?case=" + url.QueryEscape(id)})
		}
	}
	return nil
}

// nextSteps are what usually comes next at each stage; whatever else somebody's
// role may record stands behind it, folded.
var nextSteps = map[review.Stage][]string{
	review.StageOpened:     {"review-accepted.v1", "review-supplement-asked.v1", "review-not-accepted.v1", "review-cited.v1", "review-withdrawn.v1"},
	review.StageSupplement: {"review-supplement-given.v1", "review-accepted.v1", "review-lapsed.v1"},
	review.StageAccepted: {"review-fact-verified.v1", "review-evidence-asked.v1", "review-evidence-given.v1", "review-duty-found.v1", "review-exclusion-judged.v1", "review-appraised.v1",
		"review-opinion-filed.v1", "review-correction-ordered.v1", "review-notified.v1", "review-withdrawn.v1", "review-recusal-raised.v1"},
	review.StageNotified:   {"review-heard.v1", "review-evidence-given.v1", "review-appraised.v1", "review-correction-ordered.v1", "review-consulted.v1", "review-opinion-filed.v1", "review-recusal-raised.v1"},
	review.StageConsulted:  {"review-determined.v1", "review-correction-ordered.v1", "review-evidence-given.v1"},
	review.StageDetermined: {"review-signed.v1", "review-served.v1", "review-correction-ordered.v1", "review-correction-backed.v1"},
	review.StageServed:     {"review-correction-backed.v1", "review-correction-done.v1", "review-correction-accepted.v1", "review-filed.v1", "review-appealed.v1", "review-appeal-decided.v1", "review-name-cleared.v1"},
	review.StageFiled:      {"review-name-cleared.v1", "review-appealed.v1", "review-appeal-decided.v1", "review-reopened.v1"},
}

// actions are the steps that the caller's roles may record: what is next, and
// the rest.
func (x reviewReading) actions() (next, others []string) {
	at := nextSteps[x.r.Stage()]
	for _, e := range review.Kinds() {
		name := e.EventType()
		if newReviewStep(name) == nil {
			continue
		}
		if _, ok := inRole(x.caller, review.MayAct(e)); !ok {
			continue
		}
		if slices.Contains(at, name) {
			next = append(next, name)
		} else {
			others = append(others, name)
		}
	}
	slices.SortFunc(next, func(a, b string) int { return slices.Index(at, a) - slices.Index(at, b) })
	return next, others
}
