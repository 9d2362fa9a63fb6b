package casework

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
)

const whatIfPrefix = "what-if-"

// Assumed names the events that stand for an assumption in a report: nobody
// recorded them.
const Assumed = "assumed"

// An Assumption is the one thing that a what-if takes to be otherwise. Exactly
// one field is given.
type Assumption struct {
	Stated   *StatedOn       `json:"stated,omitempty"`
	LeaveOut *replay.FactRef `json:"leave_out,omitempty"` // had this not been known
	Rules    *RulesFrom      `json:"rules,omitempty"`
}

// StatedOn assumes that something had been stated and put on record on a day.
type StatedOn struct {
	Day       domain.Day       `json:"day"`
	Statement domain.Statement `json:"statement"`
}

// RulesFrom assumes that a version had been in force, and received by every
// office, from a day on.
type RulesFrom struct {
	domain.PackVersion
	From domain.Day `json:"from"`
}

// WhatIfSaved is a replay with one assumption changed, under a name. It is kept
// beside the case, and no replay of the case ever reads it.
type WhatIfSaved struct {
	Name   string          `json:"name"`
	Assume Assumption      `json:"assume"`
	Digest string          `json:"digest"` // of the inputs of the replay without the assumption
	Engine string          `json:"engine"`
	Trace  json.RawMessage `json:"trace"`
}

// EventType is the stored name.
func (WhatIfSaved) EventType() string { return "what-if-saved.v1" }

// WhatIf is a what-if on record.
type WhatIf struct {
	WhatIfSaved
	At domain.Meta
}

// whatIfName is what a what-if may be called. It is kept in the clear.
var whatIfName = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,79}$`)

// SaveWhatIf replays a case with one assumption changed and saves the result
// under a name. A name is given once: the same again gets what it got then, and
// another assumption or result under it is refused.
func (s *Service) SaveWhatIf(ctx context.Context, req Request, id, name string, a Assumption, opt ReplayOptions) (WhatIf, error) {
	w, err := s.begin(req)
	if err != nil {
		return WhatIf{}, err
	}
	if !whatIfName.MatchString(name) {
		return WhatIf{}, domain.NewFault("name", "%q is no name of 1 to 80 letters, digits, spaces, dots, lines or dashes", "write a short name, and nobody's personal data", name)
	}
	opt.Keep = false
	without, err := s.ReplayCase(ctx, Request{}, id, opt)
	if err != nil {
		return WhatIf{}, err
	}
	trace, err := s.assume(ctx, id, a, without.Report.Inputs)
	if err != nil {
		return WhatIf{}, err
	}
	saved := WhatIfSaved{Name: name, Assume: a, Digest: without.Digest, Engine: s.Rules.Engine(), Trace: trace}
	var done WhatIf
	_, err = again(func() (Receipt, error) {
		list, end, err := s.whatIfs(ctx, id)
		if err != nil {
			return Receipt{}, err
		}
		if i := slices.IndexFunc(list, func(x WhatIf) bool { return x.Name == name }); i >= 0 {
			if done = list[i]; !done.same(saved) {
				return Receipt{}, domain.Deny(domain.ErrRefused, "a what-if of case %s is called %q already", "give this one another name", id, name)
			}
			return Receipt{}, nil
		}
		r, err := s.append(ctx, w, end, []draft{w.draft(saved)})
		done = WhatIf{saved, domain.Meta{ID: r.EventID, Command: r.Command, Stream: r.Stream, Revision: r.Revision, RecordedAt: r.RecordedAt, Actor: w.Actor}}
		return r, err
	})
	return done, err
}

// same reports whether a what-if says the same; the engine is no part of that.
func (x WhatIf) same(other WhatIfSaved) bool {
	a, err1 := domain.Canonical(x.Assume)
	b, err2 := domain.Canonical(other.Assume)
	return err1 == nil && err2 == nil && bytes.Equal(a, b) && x.Digest == other.Digest && bytes.Equal(x.Trace, other.Trace)
}

// WhatIfs are those of a case, in the order in which they were saved.
func (s *Service) WhatIfs(ctx context.Context, id string) ([]WhatIf, error) {
	list, _, err := s.whatIfs(ctx, id)
	return list, err
}

func (s *Service) whatIfs(ctx context.Context, id string) (list []WhatIf, end domain.Meta, err error) {
	end = last(whatIfPrefix+id, domain.Meta{})
	for env, err := range s.read(ctx, end.Stream) {
		if err != nil {
			return nil, end, err
		}
		x := WhatIf{At: env.Meta}
		dec := json.NewDecoder(bytes.NewReader(env.Clear))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&x.WhatIfSaved); err != nil || env.Type != x.EventType() {
			return nil, end, fmt.Errorf("stream %s, revision %d: %w: it is no what-if", env.Stream, env.Revision, domain.ErrAltered)
		}
		list, end = append(list, x), env.Meta
	}
	return list, end, nil
}

// assume replays with the assumption in place of what is on record, as the
// inputs of the replay without it say. Nothing else differs.
func (s *Service) assume(ctx context.Context, id string, a Assumption, in replay.Inputs) (json.RawMessage, error) {
	d, err := s.DossierAt(ctx, id, in.AsOf)
	if err != nil {
		return nil, err
	}
	given := 0
	for _, one := range []bool{a.Stated != nil, a.LeaveOut != nil, a.Rules != nil} {
		if one {
			given++
		}
	}
	switch {
	case given != 1:
		return nil, domain.NewFault("assume", "%d assumptions are given", "give one: stated, leave_out or rules", given)
	case a.Stated != nil:
		err = s.assumeStated(d, *a.Stated, in.AsOf)
	case a.LeaveOut != nil:
		err = leaveOut(d.Case, *a.LeaveOut)
	default:
		err = s.assumeRules(d, *a.Rules)
	}
	if err != nil {
		return nil, err
	}
	report, err := replay.Run(replay.Input{Case: d.Case, Register: d.Register, Rules: s.Rules, AsOf: in.AsOf, From: in.From, To: in.To})
	if err != nil {
		return nil, err
	}
	return domain.Canonical(report)
}

// assumeStated puts a statement among those of the case, behind what was on
// record by the end of its day: every act from then on knew it.
func (s *Service) assumeStated(d Dossier, st StatedOn, asOf domain.Day) error {
	if st.Day == 0 || st.Day > asOf {
		return domain.NewFault("assume.stated.day", "%q is no day up to %s", "write the day on which it is taken to have been on record", st.Day.String(), asOf)
	}
	e := &eligibility.FactsDiscovered{On: eligibility.On{Day: st.Day}, How: "audit", Statements: []domain.Statement{st.Statement}}
	if _, err := (eligibility.Record{Event: e, Today: asOf}).Decide(d.Case); err != nil {
		return err
	}
	if faults, err := s.checkAgainstPack(d.Case, d.Register, e, asOf); err != nil || len(faults) > 0 {
		if err == nil {
			err = faults[0]
		}
		return err
	}
	if st.Statement.Source == "" {
		st.Statement.Source = domain.Survey
	}
	if st.Statement.Observed == 0 {
		st.Statement.Observed = st.Day
	}
	revision := int64(0)
	for _, act := range d.Case.Acts {
		if act.At.KnownOn() <= st.Day {
			revision = max(revision, act.At.Revision)
		}
	}
	at := eligibility.At{Meta: assumedAt(CaseStream(d.Case.ID), revision, st.Day), Day: st.Day}
	i := slices.IndexFunc(d.Case.Statements, func(t eligibility.Told) bool { return t.At.Revision > revision })
	if i < 0 {
		i = len(d.Case.Statements)
	}
	d.Case.Statements = slices.Insert(d.Case.Statements, i, eligibility.Told{Statement: st.Statement, At: at})
	return nil
}

// assumedAt is the place of what nobody recorded: at a revision of a stream,
// on a day.
func assumedAt(stream string, revision int64, day domain.Day) domain.Meta {
	return domain.Meta{ID: Assumed, Type: eligibility.FactsDiscovered{}.EventType(), Stream: stream, Revision: revision, RecordedAt: domain.At(day.Start())}
}

// leaveOut takes a statement out of the case.
func leaveOut(c *eligibility.Case, ref replay.FactRef) error {
	before := len(c.Statements)
	c.Statements = slices.DeleteFunc(c.Statements, func(t eligibility.Told) bool {
		return t.At.ID == ref.Event && t.Subject == ref.Subject && t.Attribute == ref.Attribute && t.Item == ref.Item
	})
	if len(c.Statements) == before {
		return domain.NewFault("assume.leave_out", "the case has no such statement", "name event, subject, attribute and item as the replay shows them")
	}
	return nil
}

// assumeRules puts a version into force, and into the hands of the office that
// handles the case and of those that acted in it.
func (s *Service) assumeRules(d Dossier, r RulesFrom) error {
	at, err := s.Rules.Resolve(r.Pack, r.Version)
	if err != nil {
		return domain.NewFault("assume.rules", "there is no pack %s@%s at hand", "name one that is", r.Pack, r.Version)
	}
	if r.From == 0 || r.Pack != d.Case.Pack {
		return domain.NewFault("assume.rules", "a version of %q and a day are wanted", "give pack, version and from", d.Case.Pack)
	}
	meta := assumedAt(eligibility.RulesStream, 0, r.From)
	meta.Type = eligibility.RulesActivated{}.EventType()
	on := eligibility.At{Meta: meta, Day: r.From}
	d.Register.Rules = append(d.Register.Rules, eligibility.Activation{At: on, Rules: at})
	offices := []string{d.Case.Office}
	for _, act := range d.Case.Acts {
		if !slices.Contains(offices, act.At.Actor.Office) {
			offices = append(offices, act.At.Actor.Office)
		}
	}
	for _, office := range offices {
		d.Register.Notices = append(d.Register.Notices, eligibility.Notice{At: on, Office: office, Rules: at, Received: true})
	}
	return nil
}
