package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"leeway/api/documents"
	"leeway/bulk"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/projections"
)

// populationFlags pick a population and say where its results go.
type populationFlags struct {
	All       bool
	Office    string       `placeholder:"OFFICE"`
	Programme string       `placeholder:"NAME"`
	Worker    string       `placeholder:"PERSON"`
	First     domain.Month `placeholder:"YYYY-MM"`
	Last      domain.Month `placeholder:"YYYY-MM"`
	Source    string       `placeholder:"SOURCE"`
	Rule      string       `placeholder:"RULE"`
	Shard     string       `placeholder:"I/N"`
	Merge     bool
	Results   string `placeholder:"DIR" type:"path"`
	Truth     string `placeholder:"FILE" type:"path"`
}

// population replays every case that the flags pick.
func (f populationFlags) population(s *session, asOf domain.Day) error {
	part, name, err := s.shard(f.Shard)
	if err != nil {
		return err
	}
	if f.Results != "" { // not found out after an hour
		if err := os.MkdirAll(f.Results, 0o700); err != nil {
			return s.unwritable(f.Results, err)
		}
	}
	return s.bulk(func(desk *casework.Service, bench projections.Bench) error {
		kept, err := s.openKept(f.Results, name)
		if err != nil {
			return err
		}
		var bar *bulkBar
		out, err := bulk.Run{
			Desk: desk, Bench: bench, AsOf: asOf, Part: part, Kept: kept,
			Which: bulk.Which{Office: f.Office, Programme: f.Programme, Worker: f.Worker, From: f.First, To: f.Last, Source: f.Source, Rule: f.Rule},
			Done: func(p bulk.Progress) {
				if bar == nil {
					bar = s.bulkBar(p.Total)
				}
				bar.to(p.Done)
			},
		}.Do(s.ctx)
		bar.end()
		if err := errors.Join(err, kept.Close()); err != nil {
			return err
		}
		return f.show(s, name, out)
	})
}

// show writes the lists of a run into a folder, where there is one, prints what
// it came to, and holds it against the truth about a made-up city.
func (f populationFlags) show(s *session, name string, out *bulk.Outcome) error {
	if f.Results != "" {
		if err := s.writeResults(f.Results, name, out); err != nil {
			return err
		}
	}
	if s.json {
		if err := s.writeJSON(out); err != nil {
			return err
		}
	} else {
		s.printPopulation(out)
	}
	if f.Truth != "" {
		return s.compareTruth(f.Truth, out)
	}
	return nil
}

// shard reads "2/8" as the second part of eight. Files of a part bear its name.
func (s *session) shard(text string) (bulk.Part, string, error) {
	if text == "" {
		return bulk.Part{}, "", nil
	}
	part, ok := bulk.ParsePart(text)
	if !ok {
		return part, "", usage(&problem{what: s.t("no shard", text), where: "--shard", mend: s.t("give shard")})
	}
	return part, partName(part), nil
}

func partName(p bulk.Part) string { return fmt.Sprintf("-%d-of-%d", p.N, p.Of) }

// openKept opens the kept results of a folder; no folder keeps nothing.
func (s *session) openKept(dir, name string) (*bulk.Kept, error) {
	if dir == "" {
		return nil, nil
	}
	file := filepath.Join(dir, "kept"+name+".ndjson")
	kept, err := bulk.OpenKept(file)
	if err != nil {
		return nil, &problem{what: err.Error(), where: file, err: err}
	}
	return kept, nil
}

// bulk opens the events for reading and the dossiers beside them, brought up to
// the end of the events. A server that runs on the folder does so anyway.
func (s *session) bulk(use func(*casework.Service, projections.Bench) error) error {
	return s.withModels(func(m *models) error {
		rules, err := s.rules()
		if err != nil {
			return err
		}
		_, err = askServer(s.ctx, s.conf.get("server.socket"))
		if errors.Is(err, errNoServer) {
			p := &projections.Projector{DB: m.db, Store: m.store, Only: []string{"dossiers"}}
			err = p.CatchUp(s.ctx)
		}
		if err != nil {
			return err
		}
		return use(&casework.Service{Store: m.store, Rules: rules, Now: s.now, Advise: casework.AdviseWith(rules)}, m.db.Bench())
	})
}

// writeResults writes the lists of a run: every difference, and what each cause
// came to, as CSV, as one workbook and as data.
func (s *session) writeResults(dir, name string, out *bulk.Outcome) error {
	hits, classes := documents.Hits(out.Survey, "", s.lang), documents.Classes(out.Survey, s.lang)
	for file, write := range map[string]func(io.Writer) error{
		"differences" + name + ".csv": hits.CSV,
		"causes" + name + ".csv":      classes.CSV,
		"results" + name + ".xlsx":    func(w io.Writer) error { return documents.XLSX(w, classes, hits) },
		"results" + name + ".json": func(w io.Writer) error {
			enc := json.NewEncoder(w)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			return enc.Encode(out)
		},
	} {
		var text strings.Builder
		if err := write(&text); err != nil {
			return err
		}
		if err := s.saveFile(filepath.Join(dir, file), []byte(text.String())); err != nil {
			return err
		}
	}
	return nil
}

// printPopulation prints what a run came to.
func (s *session) printPopulation(out *bulk.Outcome) {
	survey := out.Survey
	s.printf("%s\n", s.t("bulk head"))
	s.pairs([][2]string{
		{s.t("bulk cases"), strconv.Itoa(survey.Cases)},
		{s.t("bulk clean"), strconv.Itoa(survey.Clean)},
		{s.t("bulk over"), s.t("bulk sum", documents.Yuan(out.Overpaid), out.Over)},
		{s.t("bulk short"), s.t("bulk sum", documents.Yuan(out.Underpaid), out.Short)},
		{s.t("bulk work"), strconv.Itoa(out.Replayed)},
		{s.t("bulk reused"), strconv.Itoa(out.Reused)},
		{s.t("bulk events"), strconv.Itoa(out.Events)},
	}...)
	for _, x := range out.Fallback {
		s.hang("! ", s.t("bulk fallback")+" "+x.Case+": "+x.Why)
	}
	for _, x := range survey.Failed {
		s.hang("! ", s.t("bulk failed")+" "+x.Case+": "+x.Why)
	}
	t := documents.Classes(survey, s.lang).Table()
	s.printf("\n")
	s.printDocument(documents.Document{Title: s.t("link lists"), Blocks: []documents.Block{{Kind: documents.Grid, Table: &t}}})
}

// A bulkBar is a bar with the rate and the time that is left; where nobody
// watches, a line every few seconds.
type bulkBar struct {
	bar
	s           *session
	done, n     int
	began, last time.Time
}

// betweenLines is how long a log goes without a line of progress.
const betweenLines = 5 * time.Second

func (s *session) bulkBar(n int) *bulkBar {
	b := &bulkBar{s: s, n: n, began: time.Now(), last: time.Now()}
	f, ok := s.err.(*os.File)
	if !ok || n < fewThings {
		return b
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return b
	}
	all := mpb.NewWithContext(s.ctx, mpb.WithOutput(f), mpb.WithWidth(80))
	one := all.AddBar(int64(n), mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.CountersNoUnit("%d / %d ")),
		mpb.AppendDecorators(decor.AverageSpeed(0, "%.0f/s "), decor.Name(s.t("bulk left")+" "), decor.AverageETA(decor.ET_STYLE_GO)))
	b.bar = bar{all, one}
	return b
}

// to says how many things are done by now.
func (b *bulkBar) to(done int) {
	if b.one != nil {
		b.one.IncrBy(done - b.done)
	} else if now := time.Now(); now.Sub(b.last) > betweenLines {
		rate := float64(done) / now.Sub(b.began).Seconds()
		left := time.Duration(float64(b.n-done) / rate * float64(time.Second)).Round(time.Second)
		fmt.Fprintf(b.s.err, "%s\n", b.s.t("bulk progress", done, b.n, int64(rate), left))
		b.last = now
	}
	b.done = done
}

// end takes the bar away, where there is one.
func (b *bulkBar) end() {
	if b != nil {
		b.bar.end()
	}
}
