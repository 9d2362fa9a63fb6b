package casework

import (
	"context"
	"errors"
	"fmt"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/review"
	"leeway/eventstore"
)

// errNoClues answers everybody who may not read clues, before anything is
// read: neither the answer nor its time tells whether there are any.
var errNoClues = review.Refuse(review.GuardRole, "leave it to that organ", "clues are for the discipline organ")

// clueID numbers the clues of a case from 1.
func clueID(caseID string, n int) string { return fmt.Sprintf("%s.%d", caseID, n) }

// RegisterClue registers a clue about a case and gives it the next number of
// the case. Who may register but not read learns nothing but the receipt of
// his own.
func (v *Reviews) RegisterClue(ctx context.Context, req ReviewRequest, e *review.ClueRegistered) (id string, r Receipt, err error) {
	if role := req.As.Role; !role.Discipline() && role != review.Bureau && role != review.Auditor {
		return "", Receipt{}, errNoClues
	}
	if req.Command == "" {
		req.Command = newID()
	}
	if _, err := v.Desk.Case(ctx, e.Case); err != nil {
		return "", Receipt{}, err
	}
	for n := 1; ; n++ {
		id = clueID(e.Case, n)
		c, commands, err := v.clue(ctx, id)
		if err != nil {
			return "", Receipt{}, err
		}
		if c.Exists() && !commands[req.Command] {
			continue
		}
		r, err := v.recordClue(ctx, req, id, e)
		if errors.Is(err, eventstore.ErrConflict) {
			continue
		}
		if !req.As.Role.Discipline() { // the number would tell how many there are
			return "", Receipt{EventID: r.EventID, Command: r.Command, RecordedAt: r.RecordedAt}, err
		}
		return id, r, err
	}
}

// RecordClue puts a later event of a clue on record: its link to a review, the
// comparison with a self-report, its end.
func (v *Reviews) RecordClue(ctx context.Context, req ReviewRequest, id string, e review.ClueEvent) (Receipt, error) {
	if _, err := v.Clue(ctx, req.As, id); err != nil {
		return Receipt{}, err
	}
	return v.recordClue(ctx, req, id, e)
}

func (v *Reviews) recordClue(ctx context.Context, req ReviewRequest, id string, e review.ClueEvent) (Receipt, error) {
	w, err := v.Desk.begin(Request{Command: req.Command, Actor: req.As.Actor})
	if err != nil {
		return Receipt{}, err
	}
	return again(func() (Receipt, error) {
		c, commands, err := v.clue(ctx, id)
		if err != nil {
			return Receipt{}, err
		}
		at := last(review.ClueStream(id), c.Last)
		if commands[w.Command] {
			return Receipt{Command: w.Command, Stream: at.Stream, Revision: at.Revision, RecordedAt: at.RecordedAt}, nil
		}
		review.ActClue(e, req.As.Role, w.today())
		for _, f := range eligibility.Private(e) {
			f.Data.Subject = review.ClueSubject
		}
		events, err := review.RecordClue{Event: e, Today: w.today()}.Decide(c)
		if err != nil || len(events) == 0 {
			return Receipt{}, err
		}
		d := w.draft(e)
		d.caseID = review.ClueStream(id)
		return v.Desk.append(ctx, w, at, []draft{d})
	})
}

// Compare compares a worker's own report, an event of the case, with a clue
// that is linked to the review. It is done after the review was opened, by the
// discipline organ alone, and kept with the clue.
func (v *Reviews) Compare(ctx context.Context, req ReviewRequest, id, event string) (Receipt, error) {
	if !req.As.Role.Discipline() {
		return Receipt{}, errNoClues
	}
	c, err := v.Clue(ctx, req.As, id)
	if err != nil {
		return Receipt{}, err
	}
	entries, err := v.Desk.entries(ctx, c.Case)
	if err != nil {
		return Receipt{}, err
	}
	for _, e := range entries {
		if e.ID == event {
			day := eligibility.DayOf(e.Event)
			report := review.SelfReport{Review: c.Review, Event: event, Day: day, First: day < c.Got.Day}
			return v.recordClue(ctx, req, id, &review.ClueCompared{Report: report})
		}
	}
	return Receipt{}, domain.Deny(domain.ErrNotFound, "case %s has no event %q", "", c.Case, event)
}

// Clues are the clues about a case, for the discipline organ alone. Who is named
// in one is not shown it.
func (v *Reviews) Clues(ctx context.Context, as Identity, caseID string) ([]*review.Clue, error) {
	if !as.Role.Discipline() {
		return nil, errNoClues
	}
	var list []*review.Clue
	for n := 1; ; n++ {
		c, _, err := v.clue(ctx, clueID(caseID, n))
		if err != nil || !c.Exists() {
			return list, err
		}
		if !c.Names(as.Person) {
			list = append(list, c)
		}
	}
}

// Clue is one clue, for the discipline organ alone. To who is named in it, it is
// not there.
func (v *Reviews) Clue(ctx context.Context, as Identity, id string) (*review.Clue, error) {
	if !as.Role.Discipline() {
		return nil, errNoClues
	}
	c, _, err := v.clue(ctx, id)
	if err == nil && (!c.Exists() || c.Names(as.Person)) {
		err = domain.Deny(domain.ErrNotFound, "there is no clue %q", "", id)
	}
	return c, err
}

// addReporters adds who reported, for the recusal guard of a discipline role.
func (v *Reviews) addReporters(ctx context.Context, caseID string, h *review.History) error {
	for n := 1; ; n++ {
		c, _, err := v.clue(ctx, clueID(caseID, n))
		if err != nil || !c.Exists() {
			return err
		}
		if c.Reporter != "" {
			h.Reporters = append(h.Reporters, c.Reporter)
		}
	}
}

// clue reads one clue with the commands that wrote it.
func (v *Reviews) clue(ctx context.Context, id string) (*review.Clue, map[string]bool, error) {
	c := &review.Clue{ID: id}
	commands := map[string]bool{}
	for env, err := range v.Desk.read(ctx, review.ClueStream(id)) {
		if err != nil {
			return nil, nil, err
		}
		e, err := review.DecodeClue(env.Type, env.Clear)
		if err != nil {
			return nil, nil, unreadable(env.Meta, err)
		}
		c.Apply(e, env.Meta)
		commands[env.Command] = true
	}
	return c, commands, nil
}
