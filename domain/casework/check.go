package casework

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// finish checks what the lines say together: registers first, in the order of
// what they claim, then every case on top of the packs that are activated.
func (p *parser) finish() (*File, error) {
	slices.SortStableFunc(p.file.register, func(a, b *fileEvent) int { return a.claim.At.Compare(b.claim.At.Time) })
	r := &eligibility.Register{}
	p.judgeRegister(r, p.file.register)
	for _, c := range p.file.cases {
		if err := p.judgeCase(r, c, true); err != nil {
			return nil, err
		}
	}
	return p.file, p.all()
}

// all is every fault in the order of the lines; nil where there is none.
func (p *parser) all() error {
	if len(p.faults) == 0 {
		return nil
	}
	slices.SortStableFunc(p.faults, func(a, b LineFault) int { return cmp.Compare(a.Line, b.Line) })
	return p.faults
}

// judgeRegister lets the decider judge lines on top of a register, and folds
// them into it. What it knows already is left out of the result.
func (p *parser) judgeRegister(r *eligibility.Register, lines []*fileEvent) (added []*fileEvent) {
	for _, l := range lines {
		p.at = l.place
		e := l.event.(eligibility.RegisterEvent)
		events, err := eligibility.Note{Event: e, Today: max(l.day(), dayOf(e)), Claimed: true, Imported: p.today}.Decide(r)
		if err != nil {
			p.refused("data.", err)
			continue
		}
		if len(events) == 0 {
			continue
		}
		m := last(e.Stream(), r.Last[e.Stream()])
		r.Apply(e, l.meta(e.Stream(), m.Revision+1))
		added = append(added, l)
	}
	return added
}

// Lines are judged on the day on which they claim to have been put on record,
// by the deciders that judge what is recorded here: a file can bring in
// nothing that a user could not have recorded then.

// judgeCase lets the decider judge every line of a case on top of those before
// it. Lenient leaves packs alone that nobody has activated so far.
func (p *parser) judgeCase(r *eligibility.Register, fc *fileCase, lenient bool) error {
	c := &eligibility.Case{ID: fc.id}
	for i, l := range fc.lines {
		p.at = l.place
		e := l.event.(eligibility.Event)
		if i > 0 && dayOf(e) != 0 && l.claim.At.Before(fc.lines[i-1].claim.At.Time) {
			p.fault("claimed.at", -1, "%s lies before that of line %d",
				"put the lines of a case in the order in which they were put on record, and give claimed.at to what was entered late",
				stamp(l.claim.At), fc.lines[i-1].line)
		}
		if !fc.broken {
			if _, err := (eligibility.Record{Event: e, Today: max(l.day(), dayOf(e))}).Decide(c); err != nil {
				p.refused("data.", err)
			}
			if err := p.judgePack(r, c, l, lenient); err != nil {
				return err
			}
		}
		c.Apply(e, l.meta(CaseStream(fc.id), int64(i)))
	}
	return nil
}

// judgePack checks what a line states against the pack in force.
func (p *parser) judgePack(r *eligibility.Register, c *eligibility.Case, l *fileEvent, lenient bool) error {
	pack := c.Pack
	if o, ok := l.event.(*eligibility.CaseOpened); ok {
		pack = o.Pack
	}
	if _, ok := inForce(r, pack, l.day()); !ok && lenient {
		return nil
	}
	faults, err := packCheck{p.rules, r, c, l.day()}.faults(l.event.(eligibility.Event))
	for _, f := range faults {
		p.refused("data.", f)
	}
	if err != nil {
		return fmt.Errorf("case file, line %d: %w", l.line, err)
	}
	return nil
}

// meta is the line's place as if it were on record.
func (e *fileEvent) meta(stream string, revision int64) domain.Meta {
	return domain.Meta{ID: "line", Type: e.event.EventType(), Stream: stream, Revision: revision,
		RecordedAt: e.claim.At, Claimed: &e.claim, Actor: e.actor, Visible: e.visible}
}

// stamp writes an instant as it is written in a case file.
func stamp(i domain.Instant) string { return i.In(domain.Shanghai).Format(time.RFC3339) }
