package main

import (
	"context"
	"slices"

	"leeway/api/documents"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
	"leeway/domain/names"
)

// A caseFile is a case as it was known by the end of a day: its state and the
// events that were on record then.
type caseFile struct {
	asOf    domain.Day // none: as it stands
	state   *eligibility.Case
	entries []casework.Entry
}

// loadFile reads a case for the screen. A day before the case was on record is
// domain.ErrNotFound. The timeline is opened where its keys are at hand; one
// altered or missing event is an error, never a shorter timeline.
func loadFile(ctx context.Context, desk *casework.Service, id string, asOf domain.Day) (*caseFile, error) {
	entries, err := desk.Events(ctx, id)
	if err != nil {
		return nil, err
	}
	f := &caseFile{asOf: asOf}
	if asOf == 0 {
		f.state, err = desk.Case(ctx, id)
	} else {
		f.state, err = desk.CaseAt(ctx, id, asOf)
		entries = slices.DeleteFunc(entries, func(e casework.Entry) bool { return !casework.KnownBy(e.Meta, asOf) })
	}
	if err != nil {
		return nil, err
	}
	f.entries = entries
	return f, nil
}

// paper is the case file as documents take it.
func (f *caseFile) paper() documents.CaseFile {
	out := documents.CaseFile{AsOf: f.asOf, State: f.state}
	for _, e := range f.entries {
		out.Entries = append(out.Entries, documents.Entry{Envelope: e.Envelope, Event: e.Event})
	}
	return out
}

// lost are the keys that the case needs, that nobody decided to take away, and
// that are not at hand.
func (f *caseFile) lost() []casework.LostKey {
	var list []casework.LostKey
	for _, e := range f.entries {
		closed := map[string]bool{}
		for _, p := range eligibility.Private(e.Event) {
			closed[p.Path] = p.Data.Present && p.Data.Text == "" && p.Data.Closed == (domain.Text{})
		}
		for _, s := range e.Envelope.Sealed {
			same := func(k casework.LostKey) bool { return k.Key == s.Key }
			if closed[s.Field] && !slices.ContainsFunc(list, same) {
				list = append(list, casework.LostKey{Key: s.Key, Subject: s.Subject, Stream: e.Stream, Events: 1})
			}
		}
	}
	return list
}

// heading prints the title of a part, set off by an empty line.
func (s *session) heading(key string) { s.printf("\n%s\n", s.t(key)) }

// months writes one month or a stretch of them; no month is "not assigned".
func (s *session) months(first, last domain.Month) string {
	switch {
	case first == 0:
		return s.t("no month")
	case first == last:
		return first.String()
	}
	return s.t("from to", first, last)
}

// days writes the days between which a statement is true.
func (s *session) days(from, to domain.Day) string {
	switch {
	case from == 0 && to == 0:
		return s.t("always")
	case to == 0:
		return s.t("from day", from)
	case from == 0:
		return s.t("before day", to)
	}
	return s.t("from to", from, to-1)
}

// value writes a value, yes and no in the session's language.
func (s *session) value(v domain.Value) string {
	if v.Kind == domain.BoolValue || v.Kind == domain.NoValue {
		return s.t("value " + v.String())
	}
	return v.String()
}

// personal writes personal data that was opened, and says where it is sealed.
func (s *session) personal(p domain.Private) string {
	switch {
	case p.Closed != (domain.Text{}):
		return p.Closed.In(s.lang)
	case p.Present && p.Text == "":
		return s.t("sealed")
	}
	return p.Text
}

// event is the name of a stored event type.
func (s *session) event(eventType string) string { return names.Event(eventType).In(s.lang) }

// The JSON of `case show`. It is a shape of its own: what is stored may gain
// fields without changing what scripts read. docs/operations.md promises it.

// moneyJSON is an amount in fen for one month, with the event that moved it.
type moneyJSON struct {
	Month  domain.Month `json:"month,omitzero"`
	Amount domain.Fen   `json:"amount"`
	Event  string       `json:"event"`
}

// decisionJSON is a decision as it was made; until is absent where it counts
// until the next one.
type decisionJSON struct {
	Day     domain.Day         `json:"day"`
	Outcome eligibility.Result `json:"outcome"`
	Amount  domain.Fen         `json:"amount"`
	From    domain.Month       `json:"from,omitzero"`
	Until   domain.Month       `json:"until,omitzero"`
	Event   string             `json:"event"`
}

// statementJSON is a statement with the event that made it and the day from
// which it counts as known.
type statementJSON struct {
	domain.Statement
	Event string     `json:"event"`
	Known domain.Day `json:"known"`
}

// entryJSON is an event exactly as kept, and beside it what its keys open.
type entryJSON struct {
	domain.Envelope
	Opened map[string]string `json:"opened,omitempty"` // personal data by path
	Closed []string          `json:"closed,omitempty"` // paths that could not be opened
}

// caseJSON is a case as it was known by the end of a day. Lists are never
// absent: an empty one says that there was nothing.
type caseJSON struct {
	ID         string          `json:"id"`
	AsOf       domain.Day      `json:"as_of,omitzero"`
	Programme  string          `json:"programme"`
	Pack       string          `json:"pack"`
	Office     string          `json:"office"`
	Applicant  string          `json:"applicant"`
	Members    []string        `json:"members"`
	Opened     domain.Day      `json:"opened"`
	Closed     bool            `json:"closed"`
	Decisions  []decisionJSON  `json:"decisions"`
	Payments   []moneyJSON     `json:"payments"`
	Recovered  []moneyJSON     `json:"recovered"`
	BackPaid   []moneyJSON     `json:"back_paid"`
	Statements []statementJSON `json:"statements"`
	Events     []entryJSON     `json:"events"`
	Known      *knownJSON      `json:"known,omitempty"` // with --as-of
}

// json is the case as `case show --json` prints it.
func (f *caseFile) json() caseJSON {
	c := f.state
	j := caseJSON{
		ID: c.ID, AsOf: f.asOf, Programme: c.Programme, Pack: c.Pack, Office: c.Office, Applicant: c.Applicant,
		Opened: c.Opened.Day, Closed: c.Closed, Members: []string{}, Decisions: []decisionJSON{}, Statements: []statementJSON{},
		Payments: moneyList(c.Payments), Recovered: moneyList(c.Recovered), BackPaid: moneyList(c.BackPaid),
	}
	for _, m := range c.Members {
		j.Members = append(j.Members, m.ID)
	}
	for _, d := range c.Decisions {
		j.Decisions = append(j.Decisions, decisionJSON{d.At.Day, d.Outcome, d.Amount, d.From, d.Until, d.At.ID})
	}
	for _, t := range c.Statements {
		j.Statements = append(j.Statements, statementJSON{t.Statement, t.At.ID, t.At.KnownOn()})
	}
	for _, e := range f.entries {
		opened := map[string]string{}
		for _, p := range eligibility.Private(e.Event) {
			if p.Data.Text != "" {
				opened[p.Path] = p.Data.Text
			}
		}
		j.Events = append(j.Events, entryJSON{e.Envelope, opened, e.Sealed})
	}
	return j
}

// moneyList is never nil, so that it is printed as an empty list.
func moneyList(list []eligibility.Money) []moneyJSON {
	out := []moneyJSON{}
	for _, m := range list {
		out = append(out, moneyJSON{m.Month, m.Amount, m.At.ID})
	}
	return out
}
