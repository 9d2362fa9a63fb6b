package casework

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"leeway/domain/eligibility"
)

// registerID is the event id of a register line. A line that is given twice,
// in one file or in two, says nothing new. It is asked for once per register
// of the file, and so computed when the line is read.
func (e *fileEvent) registerID() string {
	if e.known == "" {
		return e.id("register")
	}
	return e.known
}

// unknown are the register lines that are not known yet, each once.
func (f *File) unknown(known map[string]bool) []*fileEvent {
	var lines []*fileEvent
	seen := maps.Clone(known)
	for _, l := range f.register {
		if id := l.registerID(); !seen[id] {
			seen[id] = true
			lines = append(lines, l)
		}
	}
	return lines
}

// streams are the register streams that the file writes to, in order.
func (f *File) streams() []string {
	var streams []string
	for _, l := range f.register {
		if stream := l.event.(eligibility.RegisterEvent).Stream(); !slices.Contains(streams, stream) {
			streams = append(streams, stream)
		}
	}
	return streams
}

// importedRegister are the ids of all events on record in those streams.
func (s *Service) importedRegister(ctx context.Context, f *File) (map[string]bool, error) {
	known := map[string]bool{}
	for _, stream := range f.streams() {
		all, err := s.register(ctx, stream, &eligibility.Register{})
		if err != nil {
			return nil, err
		}
		for _, n := range all {
			known[n.ID] = true
		}
	}
	return known, nil
}

// importRegister appends what is not on record of the registers. Files share
// them, so that nothing is compared by place: a line is on record or it is
// new, whatever other files have added since.
func (s *Service) importRegister(ctx context.Context, f *File, done *Imported) error {
	for _, stream := range f.streams() {
		n := 0
		_, err := again(func() (r Receipt, err error) {
			r, n, err = s.importStream(ctx, f, stream)
			return r, err
		})
		if err != nil {
			return fmt.Errorf("stream %s: %w", stream, err)
		}
		done.Register += n
	}
	return nil
}

// importStream is one try for one register; it says how many events it added.
func (s *Service) importStream(ctx context.Context, f *File, stream string) (Receipt, int, error) {
	r := &eligibility.Register{}
	all, err := s.register(ctx, stream, r)
	if err != nil {
		return Receipt{}, 0, err
	}
	known := map[string]bool{}
	for _, old := range all {
		known[old.ID] = true
	}
	var lines []*fileEvent
	for _, l := range f.unknown(known) {
		if l.event.(eligibility.RegisterEvent).Stream() == stream {
			lines = append(lines, l)
		}
	}
	at := last(stream, r.Last[stream])
	p := &parser{}
	var drafts []draft
	for _, l := range p.judgeRegister(r, lines) {
		drafts = append(drafts, l.draft(l.registerID()))
	}
	if err := p.all(); err != nil || len(drafts) == 0 {
		return Receipt{}, 0, err
	}
	receipt, err := s.appendImported(ctx, at, drafts)
	return receipt, len(drafts), err
}
