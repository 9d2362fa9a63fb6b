package casework

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/eventstore"
)

// Progress tells how far an import has come: after every case, one at a time,
// with the number of events it added.
type Progress struct {
	Case        string
	Added       int
	Done, Total int // cases
}

// Imported is what an import did.
type Imported struct {
	Cases    int // cases that got something new
	Known    int // cases that were on record already, as far as the file goes
	Events   int // events of cases added
	Register int // events of registers added
}

// importSpace is the name space of ids that stand for the lines of case files.
var importSpace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("urn:leeway:case-file.v1"))

// Import brings in a case file: first the registers, each as one batch, then
// every case as one batch, so that an import that was killed leaves whole cases
// only; of a large file several cases at a time. Importing again adds nothing; a file that goes on where an
// imported case stops adds the rest. Before anything is written the whole file
// is compared with the record and checked against the packs in force: the
// error is then a Faults. Later errors are the store's; what was imported up
// to then is in the result and stays. Progress may be nil.
func (s *Service) Import(ctx context.Context, f *File, progress func(Progress)) (Imported, error) {
	var done Imported
	whole, err := s.rehearse(ctx, f)
	if err != nil {
		return done, err
	}
	if err := s.importRegister(ctx, f, &done); err != nil {
		return done, err
	}
	r, err := s.Register(ctx)
	if err != nil {
		return done, err
	}
	err = s.importCases(ctx, f, r, whole, &done, progress)
	return done, err
}

// importers is how many cases of a large file are brought in at a time: their
// batches share the commits of the store. A file with fewer than fewCases goes
// in by its order.
const (
	importers = 32
	fewCases  = 50
)

// importCases brings in every case. The first error keeps further cases from
// being begun; those under way end first.
func (s *Service) importCases(ctx context.Context, f *File, r *eligibility.Register, whole map[*fileCase]bool, done *Imported, progress func(Progress)) error {
	var next, failed atomic.Int64
	var all sync.WaitGroup
	var mu sync.Mutex
	var errs []error
	one := func(c *fileCase) {
		n, err := 0, error(nil)
		if !whole[c] {
			n, err = s.importCase(ctx, r, c)
		}
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			failed.Add(1)
			errs = append(errs, fmt.Errorf("case %s: %w", c.id, err))
			return
		}
		done.Events += n
		if n > 0 {
			done.Cases++
		} else {
			done.Known++
		}
		if progress != nil {
			progress(Progress{c.id, n, done.Cases + done.Known, len(f.cases)})
		}
	}
	workers := importers
	if len(f.cases) < fewCases {
		workers = 1
	}
	for range workers {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(f.cases) && failed.Load() == 0; i = int(next.Add(1)) - 1 {
				one(f.cases[i])
			}
		})
	}
	all.Wait()
	if len(errs) > 0 {
		return errs[0]
	}
	return nil
}

// rehearse goes through the whole import without writing, so that a file with
// one wrong line leaves no trace. What happens between it and the appends is
// caught by the revisions. The cases that are whole on record are the result:
// they stay so, for nothing on record goes away.
func (s *Service) rehearse(ctx context.Context, f *File) (map[*fileCase]bool, error) {
	p := &parser{rules: s.Rules, today: domain.DayOf(s.Now()), file: f}
	r, err := s.Register(ctx)
	if err != nil {
		return nil, err
	}
	known, err := s.importedRegister(ctx, f)
	if err != nil {
		return nil, err
	}
	p.judgeRegister(r, f.unknown(known))
	whole := map[*fileCase]bool{}
	for _, c := range f.cases {
		entries, err := s.load(ctx, c.id)
		if err != nil {
			return nil, err
		}
		from, err := s.compare(p, c, entries)
		if err != nil {
			return nil, err
		}
		if whole[c] = from == len(c.lines); !whole[c] {
			if err := p.judgeCase(r, c, false); err != nil {
				return nil, err
			}
		}
	}
	return whole, p.all()
}

// compare finds the first line of a case that is not on record yet, and notes
// a line that contradicts the record. Events that were recorded here, and not
// imported, end a case for its file: behind them an older history would come
// to stand, and the decisions among them would seem to have known it.
func (s *Service) compare(p *parser, c *fileCase, entries []Entry) (int, error) {
	next, live := 0, int64(-1)
	for _, old := range entries {
		if old.Claimed == nil {
			live = old.Revision
			continue
		}
		if next == len(c.lines) {
			return next, nil
		}
		l := c.lines[next]
		same := old.ID == c.lineID(next)
		if same {
			var err error
			if same, err = s.same(old, l.event); err != nil {
				return 0, fmt.Errorf("stream %s, revision %d: %w", old.Stream, old.Revision, err)
			}
		}
		if !same {
			p.at = l.place
			p.fault("", -1, "it contradicts revision %d, which is on record as %s",
				"nothing on record is changed: put the line back, and add what is new at the end of the case", old.Revision, old.Type)
			return len(c.lines), nil
		}
		next++
	}
	if live >= 0 && next < len(c.lines) {
		p.at = c.lines[next].place
		p.fault("case", -1, "the case has been worked on here since, up to revision %d",
			"record what is missing as a step of the case, not from a file", live)
		return len(c.lines), nil
	}
	return next, nil
}

// lineID is the event id of a line of a case: of its place and of what it says
// in the clear. Personal data is no part of it, for an id must not let anybody
// test a guess at a name or number.
func (c *fileCase) lineID(i int) string {
	return c.lines[i].id(fmt.Sprintf("%s %d", CaseStream(c.id), i))
}

func (e *fileEvent) id(place string) string {
	said, err := domain.Canonical(struct {
		Place   string            `json:"place"`
		Type    string            `json:"type"`
		Claimed domain.Claim      `json:"claimed"`
		Actor   domain.Actor      `json:"actor"`
		Visible domain.Visibility `json:"visible"`
		Data    fact              `json:"data"`
	}{place, e.event.EventType(), e.claim, e.actor, e.visible, e.event})
	if err != nil {
		panic("casework: an event that was read cannot be written: " + err.Error())
	}
	return uuid.NewSHA1(importSpace, said).String()
}

// draft is the line as it is appended.
func (e *fileEvent) draft(id string) draft {
	claim := e.claim
	return draft{id: id, event: e.event, actor: e.actor, visible: e.visible, claimed: &claim, caseID: e.caseID}
}

// batchCommand is the command id of an imported batch: the same lines are the
// same command.
func batchCommand(drafts []draft) string {
	var ids []byte
	for _, d := range drafts {
		ids = append(ids, d.id...)
	}
	return uuid.NewSHA1(importSpace, ids).String()
}

// importCase appends what is not on record of a case, and says how many
// events that were. It compares anew in every try, as somebody may have been
// faster since the rehearsal.
func (s *Service) importCase(ctx context.Context, r *eligibility.Register, c *fileCase) (n int, err error) {
	_, err = again(func() (Receipt, error) {
		entries, err := s.load(ctx, c.id)
		if err != nil {
			return Receipt{}, err
		}
		p := &parser{}
		from, err := s.compare(p, c, entries)
		if err == nil {
			err = p.all()
		}
		n = len(c.lines) - from
		if err != nil || n == 0 {
			return Receipt{}, err
		}
		on := fold(c.id, entries)
		at := last(CaseStream(c.id), on.Last)
		return s.appendImported(ctx, at, c.drafts(from, on, r))
	})
	return n, err
}

// drafts are the lines of a case from one on, on top of what is on record. A
// decision rests on the lines before it and on the registers as they stand
// now; a replay orders what both say by what it claims.
func (c *fileCase) drafts(from int, on *eligibility.Case, r *eligibility.Register) []draft {
	var drafts []draft
	for i, l := range c.lines[from:] {
		e := l.event.(eligibility.Event)
		d := l.draft(c.lineID(from + i))
		if restsOn(e) {
			d.basis = basis(on, r, c.id)
		}
		drafts = append(drafts, d)
		on.Apply(e, l.meta(CaseStream(c.id), on.Revision()+1))
	}
	return drafts
}

// appendImported appends one batch of lines. Another import of the same file
// that was faster is a conflict: what it did is found on the next try.
func (s *Service) appendImported(ctx context.Context, at domain.Meta, drafts []draft) (Receipt, error) {
	w := write{Request: Request{Command: batchCommand(drafts)}, now: s.Now()}
	receipt, err := s.append(ctx, w, at, drafts)
	if errors.Is(err, eventstore.ErrCommandReused) {
		err = fmt.Errorf("%w: the same lines are being imported", eventstore.ErrConflict)
	}
	return receipt, err
}
