package projections

import (
	"encoding/json"
	"slices"
	"strings"

	"leeway/domain/eligibility"
)

// A model is one projection at work: the rows of its tables and the fold that
// changes them. It serves one generation and one goroutine.
type model interface {
	sets() []set
	want(*event) // names the rows that fold will read
	fold(*event) // cannot fail: an event has happened
}

// A troubled model folds with something beside the events, which may fail. Its
// error ends the batch.
type troubled interface {
	trouble() error
}

// A finisher has rows to reckon when all events of a batch are folded.
type finisher interface{ finish() }

// A spec is one projection as the program knows it. Its version goes up when
// its fold or its tables change; it is then built again, and it alone.
type spec struct {
	name    string
	version int64
	streams []string // beginnings of the names of the streams it reads
	make    func(Options) model
}

// reads reports whether a projection reads a stream.
func (s spec) reads(stream string) bool {
	return slices.ContainsFunc(s.streams, func(p string) bool { return strings.HasPrefix(stream, p) })
}

// ofCases are the streams that most projections read.
var ofCases = []string{casePrefix}

// specs lists every projection.
var specs = []spec{
	{"cases", 1, ofCases, newCases},
	{"caseload", 1, ofCases, newCaseload},
	{"rechecks", 2, ofCases, newRechecks},
	{"timeline", 1, ofCases, newTimeline},
	{"decisions", 1, ofCases, newDecisions},
	{"dossiers", 1, []string{casePrefix, registerPrefix}, newDossiers},
	{"officers", 1, []string{casePrefix, registerPrefix}, newOfficers},
	{"notices", 1, ofCases, newNotices},
	{"money", 1, ofCases, newMoney},
	{"reviews", 1, []string{reviewPrefix}, newReviews},
	{"clues", 1, []string{cluePrefix}, newClues},
	{"access", 1, []string{accessPrefix}, newAccess},
	{personsModel, 1, []string{casePrefix, privacyPrefix}, newPersons},
}

// Names lists the projections that the program knows.
func Names() []string {
	names := make([]string, len(specs))
	for i, s := range specs {
		names[i] = s.name
	}
	return names
}

// payments are events that move a running benefit on without anybody handling
// the case.
var payments = typesOf(eligibility.PaymentListApproved{}, eligibility.BenefitPaid{}, eligibility.LongTermNoticePosted{})

// aftermath are events that follow the handling of a case.
var aftermath = typesOf(eligibility.FactsDiscovered{}, eligibility.ComplaintReceived{}, eligibility.OverpaymentEstablished{},
	eligibility.BackpayEstablished{}, eligibility.MoneyRecovered{}, eligibility.MoneyBackPaid{},
	eligibility.RemedySought{}, eligibility.RemedyDecided{})

// typesOf is the set of the stored names of some events.
func typesOf(kinds ...interface{ EventType() string }) map[string]bool {
	m := map[string]bool{}
	for _, k := range kinds {
		m[k.EventType()] = true
	}
	return m
}

// handling reports whether an event is a step of handling the case, rather than
// a month going by or something found out afterwards.
func (e *event) handling() bool {
	return e.caseEvent() != nil && !payments[e.Type] && !aftermath[e.Type]
}

// shownTo reports whether everybody at an office may see the event.
func (e *event) shownTo(office string) bool {
	if _, complaint := e.body.(*eligibility.ComplaintReceived); complaint {
		return false
	}
	return e.Visible.Allows(office, "")
}

// household folds who lives in a household: pseudonyms, as a JSON list. It
// reports false for events that say nothing of it.
func household(people string, e eligibility.Event) (string, bool) {
	var ids []string
	if people != "" {
		json.Unmarshal([]byte(people), &ids) // written below
	}
	gone := func(id string) { ids = slices.DeleteFunc(ids, func(x string) bool { return x == id }) }
	switch e := e.(type) {
	case *eligibility.CaseOpened:
		for _, m := range e.Members {
			ids = append(ids, m.ID)
		}
	case *eligibility.MemberJoined:
		gone(e.Member.ID)
		ids = append(ids, e.Member.ID)
	case *eligibility.MemberLeft:
		gone(e.Member)
	case *eligibility.DeathRecorded:
		gone(e.Member)
	default:
		return people, false
	}
	return toJSON(ids), true
}

// size counts the people of a household.
func size(people string) int64 {
	var ids []string
	if people != "" {
		json.Unmarshal([]byte(people), &ids)
	}
	return int64(len(ids))
}

// toJSON writes a value of our own for a text column.
func toJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // our own types can be written
	}
	return string(b)
}

// yes is 1 or 0, which both engines keep and count alike.
func yes(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
