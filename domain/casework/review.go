package casework

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/review"
	"leeway/eventstore"
)

// Reviews is what users do with tolerance reviews, over the same store as the
// cases.
//
// # Life of a step of a review
//
//  1. [Reviews.Record] reads the clock, once, and the review.
//  2. It reads every case under review with the registers: the history that
//     the guards need, and its basis.
//  3. review.Record decides.
//  4. The other streams are read again from where the basis ends. Where one
//     has moved on, the step goes back to 2.
//  5. The store appends with the review's revision as it was read. Where
//     somebody was faster, the caller gets a [Moved]: what happened since.
//  6. [Reviews.Watch] looks once more, behind the append: a race that slipped
//     through suspends the act with guard-breached.v1.
type Reviews struct {
	Desk *Service
	// IDs lists every review for the lists over all of them, from a read model
	// that may be a moment behind; none: the whole store is read. No guard asks
	// it.
	IDs func(context.Context) ([]string, error)
	// Worth tells what signatures under determinations are worth; none: none is
	// taken.
	Worth Worth
}

// Identity is a named person as whom somebody acts, with his role. It comes
// from the identity provider, never from the request.
type Identity struct {
	domain.Actor
	Role review.Role
}

func (i Identity) who() review.Who {
	return review.Who{Person: i.Person, Office: i.Office, Role: i.Role}
}

// ReviewRequest is who asks. Seen is the last revision of the review that the
// caller has seen; none: he takes it as it stands.
type ReviewRequest struct {
	Command string // UUID; none: a new one
	As      Identity
	Seen    *int64
}

// Moved says that a review was changed by somebody else since the caller saw
// it. It wraps eventstore.ErrConflict; the caller looks at what happened and
// decides again.
type Moved struct {
	Review string
	Since  []review.Entry // as the caller may read them
}

// Error tells who did what.
func (m *Moved) Error() string { return m.Parts().Wrong.String() }

// Parts tell who did what; to mend it is to look and decide again.
func (m *Moved) Parts() domain.Parts {
	var what domain.Several
	for _, e := range m.Since {
		what = append(what, domain.Say("%s by %s on %s", e.Event.EventType(), e.At.Actor.Person, e.At.Day))
	}
	return domain.Parts{Wrong: domain.Say("review %s has moved on: %s", m.Review, what)}
}

// Unwrap makes every Moved an eventstore.ErrConflict.
func (m *Moved) Unwrap() error { return eventstore.ErrConflict }

const reviewPrefix = "review-"

// ReviewStream is the stream of a review.
func ReviewStream(id string) string { return reviewPrefix + id }

// watcher is who suspends an act that slipped past a guard.
func watcher(organ string) domain.Actor {
	return domain.Actor{Person: "leeway", Office: organ, Post: "watcher"}
}

// Record puts a step of a review on record. Errors wrap domain.ErrInvalid,
// domain.ErrRefused (a *review.Refusal names the guard), domain.ErrNotFound
// for a review that is not there or not for this person, eventstore.ErrConflict
// (a *Moved tells what changed), or what the store says.
func (v *Reviews) Record(ctx context.Context, req ReviewRequest, id string, e review.Event) (Receipt, error) {
	if _, filled := e.(*review.Replayed); filled {
		return Receipt{}, domain.NewFault("event", "a replay is not given but made", "ask for the replay of the matter")
	}
	if _, own := e.(*review.GuardBreached); own {
		return Receipt{}, domain.NewFault("event", "only the watcher records it", "leave it out")
	}
	return v.record(ctx, req, id, e)
}

func (v *Reviews) record(ctx context.Context, req ReviewRequest, id string, e review.Event) (Receipt, error) {
	if err := v.checkID(id, e, req.As); err != nil {
		return Receipt{}, err
	}
	w, err := v.Desk.begin(Request{Command: req.Command, Actor: req.As.Actor})
	if err != nil {
		return Receipt{}, err
	}
	r, entries, err := v.load(ctx, id)
	if err != nil {
		return Receipt{}, err
	}
	if receipt, done, err := v.again(ctx, w, req, entries, e); done || err != nil {
		return receipt, err
	}
	if _, opens := e.(*review.Opened); !opens && !r.Sees(req.As.who()) {
		return Receipt{}, noReview(id)
	}
	// Seen is compared before anything is decided: who looked at an older file
	// should look again, also where his step would still be allowed.
	if req.Seen != nil && *req.Seen != r.Revision() {
		return Receipt{}, moved(r, *req.Seen, req.As)
	}
	review.Act(e, req.As.Role, w.today())
	for range tries {
		receipt, fresh, err := v.try(ctx, w, req.As, step{r, e})
		if err != nil || !fresh {
			return receipt, v.told(ctx, err, r, req.As)
		}
	}
	return Receipt{}, fmt.Errorf("after %d tries: %w: the cases under review do not stand still", tries, eventstore.ErrConflict)
}

// step is an event that is about to be recorded in a review as it was read.
type step struct {
	r *review.Review
	e review.Event
}

// try decides on a fresh history and appends. Stale says that another stream
// moved between the two, so that the step must be decided again.
func (v *Reviews) try(ctx context.Context, w write, as Identity, st step) (receipt Receipt, stale bool, err error) {
	past, err := v.history(ctx, st.cases(), seen{as.Role, w.today(), nil})
	if err != nil {
		return Receipt{}, false, err
	}
	if err := v.complete(ctx, w, st, past); err != nil {
		return Receipt{}, false, err
	}
	cmd, err := v.command(st.e, as, w.today(), past)
	if err != nil {
		return Receipt{}, false, err
	}
	events, err := cmd.Decide(st.r)
	if err != nil || len(events) == 0 {
		at := st.r.Last
		return Receipt{Command: w.Command, Stream: ReviewStream(st.r.ID), Revision: st.r.Revision(), RecordedAt: at.RecordedAt}, false, err
	}
	// The store guards one stream by its revision; the others are only read. What
	// slips in between this and the append is the watcher's.
	if stale, err = v.stale(ctx, past.history.Basis); err != nil || stale {
		return Receipt{}, stale, err
	}
	d := w.draft(events[0])
	d.basis, d.caseID = past.history.Basis, ReviewStream(st.r.ID)
	receipt, err = v.Desk.append(ctx, w, last(ReviewStream(st.r.ID), st.r.Last), []draft{d})
	if err != nil {
		return receipt, false, err
	}
	return receipt, false, v.Watch(ctx, st.r.ID)
}

// cases are the cases that a step looks at: those of the review, or those that
// it is opened on.
func (st step) cases() []string {
	if o, opens := st.e.(*review.Opened); opens {
		st.r = &review.Review{Matters: o.Matters}
	}
	return st.r.Cases()
}

// command is the step as the decider takes it.
func (v *Reviews) command(e review.Event, as Identity, today domain.Day, past past) (review.Record, error) {
	terms, err := v.terms(past, today)
	if err != nil {
		return review.Record{}, err
	}
	return review.Record{Event: e, Actor: as.Actor, Today: today, History: past.history, Calendar: terms, Limits: review.LimitsOf(terms)}, nil
}

// terms are the working days and local limits of the first case's pack on a
// day.
func (v *Reviews) terms(p past, on domain.Day) (review.Terms, error) {
	if len(p.cases) == 0 {
		return nil, domain.NewFault("matters", "there are none", "name at least one decision")
	}
	return v.termsOf(p.register, p.cases[0].Pack, on)
}

func (v *Reviews) termsOf(r *eligibility.Register, pack string, on domain.Day) (review.Terms, error) {
	version, ok := inForce(r, pack, on)
	if !ok {
		return nil, domain.NewFault("pack", "no version of %q is published", "record rules-activated.v1 first", pack)
	}
	return v.Desk.Rules.Plan(version, on)
}

// complete fills in what is the program's to say: the lateness of an
// application, and the engine's suggestions beside a determination.
func (v *Reviews) complete(ctx context.Context, w write, st step, p past) error {
	switch e := st.e.(type) {
	case *review.Cited:
		terms, err := v.terms(p, w.today())
		if err != nil {
			return err
		}
		party, _ := st.r.Party(e.Person)
		e.Late = party.Informed != 0 && review.DayOf(e) > review.AfterWorkdays(terms, party.Informed, review.LimitsOf(terms).Apply)
	case *review.Determined:
		s, err := v.suggest(ctx, st.r, p, w.today())
		e.Suggestions = s
		return err
	case *review.Signed:
		return v.takes(ctx, w.Actor, st.r.ID, e)
	}
	return nil
}

// checkID keeps ids apart: a worker or unit opens under ids of its own, so
// that none of them can tell by an id whether another review is there.
func (v *Reviews) checkID(id string, e review.Event, as Identity) error {
	if err := checkCaseID(id); err != nil {
		return domain.NewFault("review", "%.80q cannot name a review", "use 1 to 200 bytes of text without control characters", id)
	}
	if _, opens := e.(*review.Opened); !opens {
		return nil
	}
	own := strings.HasPrefix(id, as.Person+".")
	if outside := !as.Role.Discipline(); outside && !own || !outside && strings.Contains(id, ".") {
		return domain.NewFault("review", "%q is no id for %s", "applicants use their own pseudonym and a dot, such as w1.1; the organ an id without a dot", id, as.Role)
	}
	return nil
}

// again answers a command that is on record already.
func (v *Reviews) again(ctx context.Context, w write, req ReviewRequest, entries []reviewEntry, e review.Event) (Receipt, bool, error) {
	i := slices.IndexFunc(entries, func(old reviewEntry) bool { return old.Command == w.Command })
	if i < 0 {
		return Receipt{}, false, nil
	}
	old := entries[i]
	review.Act(e, req.As.Role, review.DayOf(old.event))
	if old.Actor != w.Actor || !sameStep(old, e) {
		return Receipt{}, true, fmt.Errorf("%w: %s is %s at revision %d of %s", eventstore.ErrCommandReused, w.Command, old.Type, old.Revision, old.Stream)
	}
	receipt, err := v.Desk.signedAgain(ctx, old.Meta)
	return receipt, true, err
}

// sameStep compares a step on record with one asked for, without what the
// program filled in; personal data where it was opened.
func sameStep(old reviewEntry, e review.Event) bool {
	strip := func(e review.Event) []byte {
		switch x := e.(type) {
		case *review.Cited:
			c := *x
			c.Late, e = false, &c
		case *review.Determined:
			c := *x
			c.Suggestions, e = nil, &c
		}
		b, _ := domain.Canonical(e)
		return b
	}
	if old.Type != e.EventType() || string(strip(old.event)) != string(strip(e)) {
		return false
	}
	wanted := eligibility.Private(e)
	for i, f := range eligibility.Private(old.event) {
		if !slices.Contains(old.sealed, f.Path) && f.Data.Text != wanted[i].Data.Text {
			return false
		}
	}
	return true
}

// told turns a lost race into what happened since.
func (v *Reviews) told(ctx context.Context, err error, seen *review.Review, as Identity) error {
	if !errors.Is(err, eventstore.ErrConflict) {
		return err
	}
	now, _, loadErr := v.load(ctx, seen.ID)
	if loadErr != nil {
		return errors.Join(err, loadErr)
	}
	return moved(now, seen.Revision(), as)
}

func moved(now *review.Review, seen int64, as Identity) error {
	m := &Moved{Review: now.ID}
	for _, e := range now.Shown(as.who()) {
		if e.At.Revision > seen {
			m.Since = append(m.Since, e)
		}
	}
	return m
}

func noReview(id string) error {
	return domain.Deny(domain.ErrNotFound, "there is no review %q", "", id)
}
