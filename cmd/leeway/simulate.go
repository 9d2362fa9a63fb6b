package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"leeway/domain"
	"leeway/domain/names"
	"leeway/simulate"
)

// simulateCmd makes up a city and writes its case files and the truth about it
// into a folder.
type simulateCmd struct {
	Folder string `arg:"" type:"path"`
	Seed   uint64 `default:"1" placeholder:"N"`
	Scale  string `default:"1" placeholder:"0.01–10"`
	Each   int    `default:"500" placeholder:"N"`
}

// What was planted where, and who is entitled by the rural standard; neither is
// a case file.
const (
	truthFile    = "truth.jsonl"
	entitledFile = "entitled.jsonl"
)

// Run makes it. The folder must be new: half of one city among another is no
// city.
func (cmd simulateCmd) Run(s *session) (err error) {
	percent, err := percentOf(cmd.Scale)
	if err != nil {
		return err
	}
	if cmd.Each < 1 {
		return usage(&problem{what: s.t("bad each"), where: "--each", mend: s.t("mend each")})
	}
	if err := os.Mkdir(cmd.Folder, 0o755); err != nil {
		return &problem{what: err.Error(), where: cmd.Folder, mend: s.t("name a new file"), err: domain.ErrInvalid}
	}
	files := &parts{dir: cmd.Folder}
	truth, err := files.create(truthFile)
	if err != nil {
		return err
	}
	entitled, err := files.create(entitledFile)
	if err != nil {
		return errors.Join(err, files.close())
	}
	totals, err := simulate.City{Seed: cmd.Seed, Percent: percent}.Write(files.next, truth, entitled, cmd.Each)
	if err := errors.Join(err, files.close()); err != nil {
		return err
	}
	if s.json {
		return s.writeJSON(totals)
	}
	s.pairs([2]string{s.t("cases"), fmt.Sprint(totals.Cases)})
	for _, p := range slices.Sorted(maps.Keys(totals.Programmes)) {
		s.pairs([2]string{"· " + names.Of("programme", p).In(s.lang), fmt.Sprint(totals.Programmes[p])})
	}
	s.pairs([2]string{s.t("persons"), fmt.Sprint(totals.Persons)}, [2]string{s.t("events"), fmt.Sprint(totals.Events)},
		[2]string{s.t("planted"), fmt.Sprint(totals.Planted)}, [2]string{s.t("paid in all"), totals.Paid.Yuan()})
	s.printf("\n")
	s.hang("", s.t("simulate next", cmd.Folder))
	return nil
}

// percentOf reads a scale such as 0.05 without a floating point.
func percentOf(text string) (int, error) {
	fen, err := domain.ParseYuan(text) // hundredths
	if err != nil {
		return 0, domain.NewFault("scale", "%q is no scale", "give 0.01 to 10", text)
	}
	return int(fen), nil
}

// parts are the files of a folder, of which one case file is open at a time.
type parts struct {
	dir  string
	open []func() error
	last func() error
}

// create opens a new file that is closed in the end.
func (p *parts) create(name string) (io.Writer, error) {
	f, err := os.OpenFile(filepath.Join(p.dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	p.open = append(p.open, func() error { return errors.Join(w.Flush(), f.Close()) })
	return w, nil
}

// next closes the case file before and opens another one.
func (p *parts) next(name string) (io.Writer, error) {
	if p.last != nil {
		if err := p.last(); err != nil {
			return nil, err
		}
		p.open = p.open[:len(p.open)-1]
	}
	w, err := p.create(name)
	if err == nil {
		p.last = p.open[len(p.open)-1]
	}
	return w, err
}

func (p *parts) close() error {
	var errs []error
	for _, f := range p.open {
		errs = append(errs, f())
	}
	return errors.Join(errs...)
}
