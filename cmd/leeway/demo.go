package main

import (
	"embed"
	"io/fs"
	"path"
	"strings"

	"leeway/domain"
	"leeway/domain/casework"
)

//go:embed demo/*.ndjson
var samples embed.FS

// demoDay is the index day of the demo: the same replays for everybody, on
// whatever day they run it.
var demoDay = domain.Date(2021, 12, 31)

// demoCmd imports the sample cases into a data folder of their own, replays
// every one, and serves them to this machine.
type demoCmd struct {
	Full    bool
	NoServe bool   `name:"no-serve"`
	Listen  string `placeholder:"HOST:PORT" default:"127.0.0.1:8420"`
}

// demoJSON is everything that the demo did, as data.
type demoJSON struct {
	Data    string       `json:"data"`
	Imports []importJSON `json:"imports"`
	Replays []replayJSON `json:"replays"`
	// Determination is the document of the one review with which the demo ends.
	Determination string `json:"determination"`
}

// A sample is one file of the demo with the sheets of its cases.
type sample struct {
	file   *casework.File
	done   importJSON
	sheets []*sheet
}

// Run imports and replays. A second run finds everything on record, and every
// replay equal to the one that was kept.
func (cmd demoCmd) Run(s *session) error {
	dir, err := s.folder("demo")
	if err != nil {
		return err
	}
	c, err := s.demoConfig(dir, cmd.Listen)
	if err != nil {
		return err
	}
	if _, err := s.listenable(c); err != nil {
		return err
	}
	names, err := fs.Glob(samples, "demo/*.ndjson")
	if err != nil {
		return err
	}
	var all []sample
	var determination string
	err = s.writing(dir, func(desk *casework.Service) error {
		bar := s.progress(len(names))
		defer bar.end()
		for _, name := range names {
			one, err := s.demonstrate(desk, name)
			if err != nil {
				return err
			}
			all = append(all, one)
			bar.step()
		}
		if determination, err = s.demoReview(desk); err != nil || cmd.NoServe || s.json {
			return err
		}
		return s.demoStanding(desk)
	})
	if err != nil {
		return err
	}
	if s.json {
		out := demoResult(dir, all)
		out.Determination = determination
		return s.writeJSON(out) // for a program, which waits for the end
	}
	for _, one := range all {
		s.printSample(one, cmd.Full)
	}
	s.printSummary(all)
	s.printf("\n%s\n%s", strings.Repeat("=", maxWidth), determination)
	s.printf("\n")
	s.hang("", s.t("demo next", dir))
	if cmd.NoServe {
		return nil
	}
	return s.serveDemo(c)
}

// demonstrate imports one file of samples, replays its cases and keeps the
// traces.
func (s *session) demonstrate(desk *casework.Service, name string) (sample, error) {
	in, err := samples.Open(name)
	if err != nil {
		return sample{}, err
	}
	defer in.Close()
	one := sample{}
	if one.file, err = s.readFile(path.Base(name), in, desk.Rules); err != nil {
		return one, err
	}
	if one.done, err = s.importFile(desk, path.Base(name), one.file, s.bulkBar(len(one.file.Cases()))); err != nil {
		return one, err
	}
	for _, id := range one.file.Cases() {
		sh, err := s.replay(desk, id, casework.ReplayOptions{AsOf: demoDay, Keep: true})
		if err != nil {
			return one, err
		}
		one.sheets = append(one.sheets, sh)
	}
	return one, nil
}

// demoResult gathers what scripts read, in the order of the files.
func demoResult(dir string, all []sample) demoJSON {
	out := demoJSON{Data: dir, Imports: []importJSON{}, Replays: []replayJSON{}}
	for _, one := range all {
		out.Imports = append(out.Imports, one.done)
		for _, sh := range one.sheets {
			out.Replays = append(out.Replays, sh.json())
		}
	}
	return out
}

// printSample prints what a file shows, and the sheet of each of its cases:
// what was paid and due, whose error it was, and what decides it.
func (s *session) printSample(one sample, full bool) {
	for _, sh := range one.sheets {
		s.printf("%s\n", strings.Repeat("=", maxWidth))
		s.hang("", one.file.Header.Title.In(s.lang))
		if note := one.file.Header.Note.In(s.lang); note != "" {
			s.hang("", note)
		}
		s.printf("\n")
		if full {
			sh.print()
		} else {
			sh.printBrief()
		}
		s.printf("\n")
	}
}

// printSummary is one line a case.
func (s *session) printSummary(all []sample) {
	var rows [][]string
	events, added := 0, 0
	for _, one := range all {
		events, added = events+one.file.Events(), added+one.done.Events+one.done.Register
		for _, sh := range one.sheets {
			classes := string(sh.r.Primary)
			for _, c := range sh.r.Secondary {
				classes += " " + string(c)
			}
			rows = append(rows, []string{sh.r.Inputs.Case, one.file.Header.Title.In(s.lang), classes, sh.r.Money.Overpaid.Yuan(), sh.r.Money.Underpaid.Yuan()})
		}
	}
	s.printf("%s\n", strings.Repeat("=", maxWidth))
	s.grid([]column{{head: s.t("case"), max: 14}, {head: s.t("title"), max: 36}, {head: s.t("class"), max: 22},
		{head: s.t("wrong inclusion"), right: true, max: 16}, {head: s.t("wrong exclusion"), right: true, max: 16}}, rows)
	s.printf("\n%s\n", s.t("demo counts", len(rows), events, added))
}
