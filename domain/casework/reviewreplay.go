package casework

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"leeway/domain"
	"leeway/domain/replay"
	"leeway/domain/review"
)

// ReviewReplay says which matter is replayed, and the civil day of the step;
// none: today.
type ReviewReplay struct {
	Matter string
	Day    domain.Day
}

// Replay is ReplayOn as of today.
func (v *Reviews) Replay(ctx context.Context, req ReviewRequest, id, matter string) (Receipt, error) {
	return v.ReplayOn(ctx, req, id, ReviewReplay{Matter: matter})
}

// ReplayOn replays a matter of a review on all that is known today, keeps the
// trace once under the digest of its inputs, and records it in the review. Facts
// that reviewers rejected are left out of K°, and what investigators verified
// bears on the grounds; the replay before stays.
func (v *Reviews) ReplayOn(ctx context.Context, req ReviewRequest, id string, which ReviewReplay) (Receipt, error) {
	r, _, err := v.load(ctx, id)
	if err != nil {
		return Receipt{}, err
	}
	if !r.Sees(req.As.who()) {
		return Receipt{}, noReview(id)
	}
	matter := which.Matter
	m, ok := r.Matter(matter)
	if !ok {
		return Receipt{}, domain.NewFault("matter", "there is no matter %q", "name one of the review's matters, such as m1", matter)
	}
	today := domain.DayOf(v.Desk.Now())
	d, err := v.Desk.DossierAt(ctx, m.Case, today)
	if err != nil {
		return Receipt{}, err
	}
	rejected := r.Rejected(matter)
	report, err := replay.Run(replay.Input{Case: d.Case, Register: d.Register, Rules: v.Desk.Rules, AsOf: today, From: m.From, To: m.To, Rejected: rejected, Found: r.Found(matter)})
	if err != nil {
		return Receipt{}, err
	}
	event, err := v.keep(ctx, req.As.Actor, report)
	if err != nil {
		return Receipt{}, err
	}
	event.Matter, event.Rejected, event.Day = matter, report.Inputs.Rejected, which.Day
	return v.record(ctx, req, id, event)
}

// keep stores a report and makes the event that names it.
func (v *Reviews) keep(ctx context.Context, by domain.Actor, report *replay.Report) (*review.Replayed, error) {
	trace, err := domain.Canonical(report)
	if err != nil {
		return nil, err
	}
	inputs, err := domain.Canonical(report.Inputs)
	if err != nil {
		return nil, err
	}
	ref := review.ReplayRef{Inputs: digestOf(inputs), Trace: digestOf(trace), Basis: report.Inputs.Streams}
	kept, err := v.Desk.StoreReplay(ctx, Request{Actor: by}, ref.Inputs, trace, v.Desk.Rules.Engine())
	if err != nil {
		return nil, err
	}
	ref.Event = kept.EventID
	e := &review.Replayed{Replay: ref, Class: report.Primary, Under: report.Money.Incomplete}
	for _, m := range report.Months {
		e.Money = append(e.Money, review.MonthMoney{Month: m.Month, Over: m.Overpaid, Under: m.Underpaid})
		for _, a := range m.Actors {
			e.Verdicts = append(e.Verdicts, review.Verdict{Person: a.Actor.Person, Month: m.Month, Verdict: a.Verdict})
		}
		for _, s := range m.Shown {
			if f := s.Fact.Ref(); !slices.Contains(e.Proposed, f) {
				e.Proposed = append(e.Proposed, f)
			}
		}
	}
	return e, nil
}

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// report reads a stored replay back and checks that it is the very trace.
func (v *Reviews) report(ctx context.Context, ref review.ReplayRef) (*replay.Report, error) {
	stored, err := v.Desk.StoredReplay(ctx, ref.Inputs)
	if err != nil {
		return nil, err
	}
	if digestOf(stored.Trace) != ref.Trace {
		return nil, fmt.Errorf("%w: replay %s has another trace than the review names", domain.ErrAltered, ref.Inputs)
	}
	var r replay.Report
	if err := json.NewDecoder(bytes.NewReader(stored.Trace)).Decode(&r); err != nil {
		return nil, fmt.Errorf("%w: replay %s: %w", domain.ErrAltered, ref.Inputs, err)
	}
	return &r, nil
}

// Suggest asks the engine what it makes of every part, on the newest replays.
// Parts without a replay are left out.
func (v *Reviews) Suggest(ctx context.Context, as Identity, id string) ([]review.Suggestion, error) {
	r, err := v.Review(ctx, as, id)
	if err != nil {
		return nil, err
	}
	if as.Role == review.Worker || as.Role == review.Unit {
		return nil, review.Refuse(review.GuardRole, "read the determination", "the engine's suggestion is for who decides")
	}
	today := domain.DayOf(v.Desk.Now())
	p, err := v.history(ctx, r.Cases(), seen{as.Role, today, nil})
	if err != nil {
		return nil, err
	}
	return v.suggest(ctx, r, p, today)
}

func (v *Reviews) suggest(ctx context.Context, r *review.Review, p past, today domain.Day) ([]review.Suggestion, error) {
	var list []review.Suggestion
	for _, pair := range r.Pairs() {
		x, ok := r.Replay(pair.Matter)
		if !ok {
			continue
		}
		report, err := v.report(ctx, x.Ref)
		if err != nil {
			return nil, err
		}
		s, err := v.suggestOn(r, p, pair, assessed{report, x.Ref.Trace, today})
		if err != nil {
			return nil, fmt.Errorf("suggestion on %s in %s: %w", pair.Person, pair.Matter, err)
		}
		list = append(list, s)
	}
	return list, nil
}

// assessed is the replay that a suggestion rests on.
type assessed struct {
	report *replay.Report
	trace  string
	today  domain.Day
}

// suggestOn evaluates the liability rules as they stood on the day of the act
// and as they stand today, and takes what is lighter 从旧兼从轻.
func (v *Reviews) suggestOn(r *review.Review, p past, pair review.Pair, a assessed) (review.Suggestion, error) {
	matter, _ := r.Matter(pair.Matter)
	on := func(day domain.Day) (review.Suggestion, error) {
		grounds, pack, err := v.grounds(r, p, pair, a, day)
		return r.Suggest(review.Assessment{Pair: pair, Matter: matter, Replay: a.trace, Months: a.report.Months, Grounds: grounds, Pack: pack, Under: day}), err
	}
	then, err := on(matter.Day)
	if err != nil {
		return then, err
	}
	now, err := on(a.today)
	return review.LighterOf(then, now), err
}

// grounds evaluates the liability rules of a day on what the ledger tells of a
// person's worst month and on what investigators verified.
func (v *Reviews) grounds(r *review.Review, p past, pair review.Pair, a assessed, day domain.Day) ([]domain.Ground, string, error) {
	matter, _ := r.Matter(pair.Matter)
	c := p.cases[slices.Index(r.Cases(), matter.Case)]
	version, ok := inForce(p.register, c.Pack, day)
	month, conduct, acted := worstMonth(a.report.Months, pair.Person)
	if !ok || !acted {
		return nil, "", nil
	}
	plan, err := v.Desk.Rules.Plan(version, day)
	if err != nil {
		return nil, "", err
	}
	in := replay.Input{Case: c, Register: p.register, Rules: v.Desk.Rules, AsOf: a.today}
	findings := replay.FindingsOf(in, a.report, month, conduct)
	maps.Copy(findings, r.Findings(pair))
	grounds, err := plan.Grounds(findings)
	return grounds, version.Pack + "/" + version.Version + "@" + version.Digest, err
}

// worstMonth is the month in which a person's conduct came out worst, the one
// that moved most money among equals.
func worstMonth(months []replay.Month, person string) (replay.Month, replay.Conduct, bool) {
	order := []string{replay.ConductRight, replay.ConductDiligent, replay.ConductUndetermined, replay.ConductProcedure, replay.ConductDuty, replay.ConductWork}
	var month replay.Month
	var conduct replay.Conduct
	worst, moved := -1, domain.Fen(-1)
	for _, m := range months {
		for _, c := range m.Actors {
			rank, money := slices.Index(order, c.Verdict), m.Overpaid+m.Underpaid
			if c.Actor.Person == person && (rank > worst || rank == worst && money > moved) {
				month, conduct, worst, moved = m, c, rank, money
			}
		}
	}
	return month, conduct, worst >= 0
}

// Document is the determination document of a review: of the determination
// that counts, or of a past one, counted from 1.
func (v *Reviews) Document(ctx context.Context, as Identity, id string, past int) (string, error) {
	paper, err := v.Paper(ctx, as, id, past, domain.DayOf(v.Desk.Now()))
	if err != nil {
		return "", err
	}
	return review.Document(paper)
}

// Paper is what the determination of a review is written from: the decision
// that counts or, with past from 1, one that counted once. What is overdue
// depends on the day; without one it is that of the review's newest event, so
// that the same record gives the same paper on any later day. It speaks of
// everybody under review: who is one of them reads his part in the review.
func (v *Reviews) Paper(ctx context.Context, as Identity, id string, past int, day domain.Day) (review.Paper, error) {
	r, err := v.Review(ctx, as, id)
	if err != nil {
		return review.Paper{}, err
	}
	if as.Role == review.Worker || as.Role == review.Unit {
		return review.Paper{}, review.Refuse(review.GuardRole, "read your own part in the review", "the document speaks of others too")
	}
	paper := review.Paper{Review: r, Decision: r.Determination, Reports: map[string]*replay.Report{}, Today: day}
	if day == 0 {
		paper.Today = domain.DayOf(r.Last.RecordedAt.Time)
	}
	if past > 0 && past <= len(r.Past) {
		paper.Decision = r.Past[past-1]
	} else if past > 0 {
		return review.Paper{}, domain.Deny(domain.ErrNotFound, "review %s has %d past determinations", "", id, len(r.Past))
	}
	if paper.Decision != nil {
		for _, f := range paper.Decision.Findings {
			if paper.Reports[f.Replay.Trace], err = v.report(ctx, f.Replay); err != nil {
				return review.Paper{}, err
			}
		}
	}
	p, err := v.history(ctx, r.Cases(), seen{review.Auditor, paper.Today, nil})
	if err != nil {
		return review.Paper{}, err
	}
	terms, err := v.terms(p, paper.Today)
	if err != nil {
		return review.Paper{}, err
	}
	paper.Calendar, paper.Limits = terms, review.LimitsOf(terms)
	return paper, nil
}

// Departed lists, for each result that is about to be determined, the advisory
// guards that it departs from: each takes the collective's reasons.
func (v *Reviews) Departed(ctx context.Context, as Identity, id string, findings []review.Result) ([][]review.Guard, error) {
	r, err := v.Review(ctx, as, id)
	if err != nil {
		return nil, err
	}
	suggestions, err := v.Suggest(ctx, as, id)
	if err != nil {
		return nil, err
	}
	p, err := v.history(ctx, r.Cases(), seen{as.Role, domain.DayOf(v.Desk.Now()), nil})
	if err != nil {
		return nil, err
	}
	list := make([][]review.Guard, len(findings))
	for i, f := range findings {
		for _, s := range suggestions {
			if s.Person == f.Person && s.Matter == f.Matter {
				list[i] = r.Departed(f, s, p.history)
			}
		}
	}
	return list, nil
}
