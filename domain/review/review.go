// Package review is one tolerance review 容错核查认定: from its opening through
// acceptance, verification, hearing, consultation and determination to
// service, correction, filing, clearing of the name and remedy. Clues lie in
// streams of their own, which no worker reaches.
//
// The engine advises, named persons decide together. Guards whose source is a
// statute refuse, and so do those without which nobody would have decided or
// the record could not be read; every other guard advises, and departing from
// it takes collective reasons that are kept and counted.
package review

import (
	"slices"

	"leeway/domain"
	"leeway/domain/replay"
)

// Stage is where a review stands.
type Stage string

// The stages, in the order of a review's life.
const (
	StageNone        Stage = ""
	StageOpened      Stage = "opened"
	StageSupplement  Stage = "supplement"
	StageNotAccepted Stage = "not_accepted"
	StageWithdrawn   Stage = "withdrawn"
	StageLapsed      Stage = "lapsed"
	StageAccepted    Stage = "accepted" // being verified
	StageNotified    Stage = "notified"
	StageConsulted   Stage = "consulted"
	StageDetermined  Stage = "determined"
	StageServed      Stage = "served"
	StageFiled       Stage = "filed"
)

// Route says how a review came about.
type Route string

// The routes of initiation.
const (
	ByWorker    Route = "worker"     // 个人申请
	ByUnit      Route = "unit"       // 单位申请
	ExOfficio   Route = "ex_officio" // 依职权
	WithInquiry Route = "inquiry"    // 与问责调查同步启动
)

// A Matter is one decision under review: an act of a case, or an omission in
// its months.
type Matter struct {
	ID   string       `json:"id"` // short, inside the review
	Case string       `json:"case"`
	Act  string       `json:"act,omitempty"` // event id; none: an omission, or the months as a whole
	Day  domain.Day   `json:"day"`           // of the act
	From domain.Month `json:"from"`
	To   domain.Month `json:"to"`
}

// A Party is a person whose conduct is reviewed, in one or more matters.
type Party struct {
	Person  string   `json:"person"`
	Office  string   `json:"office"`
	Post    string   `json:"post"`
	Matters []string `json:"matters"`
	// Informed says that he had written notice of the inquiry, and when: from
	// then on he sees the review.
	Informed domain.Day `json:"informed,omitzero"`
}

// Pair is one person's part in one matter: what is determined.
type Pair struct {
	Person string `json:"person"`
	Matter string `json:"matter"`
}

// Recusal is a declared, requested or found cause for recusal.
type Recusal struct {
	At      At
	Person  string
	Cause   Cause
	Decided bool
	Granted bool
	By      string
}

// Suspension is an act that a race slipped past a guard; it has no effect.
type Suspension struct {
	At    At
	Act   string // event id
	Guard string
	Why   string
}

// logged is one event of the review as it was recorded.
type logged struct {
	event Event
	at    At
}

// Review is the state of one review: what its events have said, each with its
// place. Events append to it and change nothing that stands.
type Review struct {
	ID        string
	Route     Route
	Organ     string // office that holds the accountability power
	Applicant string
	Started   At
	Report    string // event of the case by which the worker reported the error himself
	Matters   []Matter
	Parties   []Party

	Citations     []Citation
	Asked         *SupplementAsked
	AskedAt       At
	Answered      []At
	AcceptedAt    *At
	Reviewers     []string
	Recusals      []Recusal
	Facts         []Verified
	Excluded      []string // evidence that may not be used
	Replays       []ReplayOf
	Duties        []DutyOf
	Judged        []Judgement
	Extended      bool
	Requests      []Request
	Appraisals    []Appraisal
	Opinions      []Opinion
	Notices       []Notice
	Hearings      []Hearing
	Consultations []Consultation
	Determination *Decision   // that counts now
	Past          []*Decision // that counted once; they stay readable
	Signatures    []Signature
	Served        []Service
	Corrections   []Correction
	Transfers     []Transfer
	Sanctions     []Sanction
	Cleared       []string
	FiledAt       *At
	Appeals       []Appeal
	Reopenings    []At
	Suspended     []Suspension

	ended Stage // not accepted, withdrawn, lapsed
	round int   // log index at which the present round began
	log   []logged
	Last  domain.Meta // of the newest event
}

// Exists reports whether the review has been opened.
func (r *Review) Exists() bool { return r.Last.ID != "" }

// Revision is the last revision of the review's stream; -1 before it exists.
func (r *Review) Revision() int64 {
	if !r.Exists() {
		return -1
	}
	return r.Last.Revision
}

// Apply folds one event into the state. It never fails: an event has
// happened. A breach takes the effect of the act it names out again: the
// state is built anew without it, and the act stays on record.
func (r *Review) Apply(e Event, m domain.Meta) {
	l := logged{e, At{m, e.by().Day, e.by().As}}
	r.apply(l)
	r.log = append(r.log, l)
	r.Last = m
	if _, breach := e.(*GuardBreached); breach {
		r.rebuild()
	}
}

func (r *Review) apply(l logged) { l.event.evolve(r, l.at) }

func (r *Review) rebuild() {
	fresh := Review{ID: r.ID}
	for _, l := range r.log {
		if !r.suspended(l.at.ID) {
			fresh.apply(l)
		}
		fresh.log = append(fresh.log, l)
	}
	fresh.Last = r.Last
	*r = fresh
}

func (r *Review) suspended(id string) bool {
	return slices.ContainsFunc(r.Suspended, func(s Suspension) bool { return s.Act == id })
}

// Stage is where the review stands.
func (r *Review) Stage() Stage {
	switch {
	case !r.Exists():
		return StageNone
	case r.ended != "":
		return r.ended
	case r.FiledAt != nil:
		return StageFiled
	case r.Determination != nil && r.servedAll():
		return StageServed
	case r.Determination != nil:
		return StageDetermined
	case len(r.Consultations) > 0:
		return StageConsulted
	case len(r.Notices) > 0:
		return StageNotified
	case r.AcceptedAt != nil:
		return StageAccepted
	case r.Asked != nil && len(r.Answered) == 0:
		return StageSupplement
	}
	return StageOpened
}

// Pairs lists what is to be determined: each person's part in each matter.
func (r *Review) Pairs() []Pair {
	var pairs []Pair
	for _, p := range r.Parties {
		for _, m := range p.Matters {
			pairs = append(pairs, Pair{p.Person, m})
		}
	}
	return pairs
}

// Matter finds a matter by its short id.
func (r *Review) Matter(id string) (Matter, bool) {
	i := slices.IndexFunc(r.Matters, func(m Matter) bool { return m.ID == id })
	if i < 0 {
		return Matter{}, false
	}
	return r.Matters[i], true
}

// Party finds a person whose conduct is reviewed.
func (r *Review) Party(person string) (Party, bool) {
	i := slices.IndexFunc(r.Parties, func(p Party) bool { return p.Person == person })
	if i < 0 {
		return Party{}, false
	}
	return r.Parties[i], true
}

// Cases are the cases that the review looks at, each once.
func (r *Review) Cases() []string {
	var ids []string
	for _, m := range r.Matters {
		if !slices.Contains(ids, m.Case) {
			ids = append(ids, m.Case)
		}
	}
	return ids
}

// Replay is the newest replay of a matter: the one with the confirmed set
// where there is one.
func (r *Review) Replay(matter string) (ReplayOf, bool) {
	for _, x := range slices.Backward(r.Replays) {
		if x.Matter == matter {
			return x, true
		}
	}
	return ReplayOf{}, false
}

// Findings are the liability facts that investigators verified of one part,
// the later over the earlier, without those whose evidence was excluded.
func (r *Review) Findings(p Pair) domain.Findings {
	f := domain.Findings{}
	for _, v := range r.Facts {
		if (v.Person == "" || v.Person == p.Person) && (v.Matter == "" || v.Matter == p.Matter) && !r.excludedAll(v.Evidence) {
			f[v.Name] = domain.Evidence{Value: v.Value, Events: v.Evidence, Person: v.At.Actor.Person}
		}
	}
	return f
}

// Found are the findings of every party to a matter who has any.
func (r *Review) Found(matter string) map[string]domain.Findings {
	found := map[string]domain.Findings{}
	for _, p := range r.Pairs() {
		if f := r.Findings(p); p.Matter == matter && len(f) > 0 {
			found[p.Person] = f
		}
	}
	return found
}

func (r *Review) excludedAll(evidence []string) bool {
	if len(evidence) == 0 {
		return false
	}
	return !slices.ContainsFunc(evidence, func(id string) bool { return !slices.Contains(r.Excluded, id) })
}

// Rejected are the facts of a matter that reviewers did not confirm.
func (r *Review) Rejected(matter string) []replay.FactRef {
	var refs []replay.FactRef
	for _, d := range r.Duties {
		if d.Matter != matter {
			continue
		}
		for _, f := range d.Findings {
			refs = slices.DeleteFunc(refs, func(ref replay.FactRef) bool { return ref == f.Fact })
			if !f.Confirmed {
				refs = append(refs, f.Fact)
			}
		}
	}
	return refs
}

// Concerns reports whether a person may see the review as its subject: he or
// his unit applied, or he was told of it.
func (r *Review) Concerns(person string) bool {
	p, ok := r.Party(person)
	if !ok {
		return false
	}
	told := slices.ContainsFunc(r.Notices, func(n Notice) bool { return n.Person == person }) ||
		slices.ContainsFunc(r.Served, func(s Service) bool { return s.Person == person })
	return told || p.Informed != 0 || r.Applicant == person
}

// An Entry is one event of the review with its place, as Log gives it.
type Entry struct {
	Event     Event
	At        At
	Suspended bool
}

// Log is every event of the review in order, those without effect marked.
func (r *Review) Log() []Entry {
	entries := make([]Entry, len(r.log))
	for i, l := range r.log {
		entries[i] = Entry{l.event, l.at, r.suspended(l.at.ID)}
	}
	return entries
}

// Departures counts the departures from advice over every determination that
// the review has seen.
func (r *Review) Departures() int {
	n := 0
	for _, d := range r.Decisions() {
		for _, f := range d.Findings {
			n += len(f.Departs)
		}
	}
	return n
}
