package main

import (
	"embed"
	"io/fs"
	"path"

	"leeway/domain"
	"leeway/domain/casework"
)

//go:embed demo/*.ndjson
var samples embed.FS

// demoDay is the index day of the demo: the same replays for everybody, on
// whatever day they run it.
var demoDay = domain.Date(2020, 12, 31)

// demoCmd imports the sample cases into a data folder of their own and
// replays every one.
type demoCmd struct{}

type demoJSON struct {
	Data    string       `json:"data"`
	Imports []importJSON `json:"imports"`
	Replays []replayJSON `json:"replays"`
}

// Run imports and replays. A second run finds everything on record.
func (demoCmd) Run(s *session) error {
	dir, err := s.folder("demo")
	if err != nil {
		return err
	}
	names, err := fs.Glob(samples, "demo/*.ndjson")
	if err != nil {
		return err
	}
	return s.writing(dir, func(desk *casework.Service) error {
		out := demoJSON{Data: dir}
		for _, name := range names {
			f, done, err := s.importSample(desk, name)
			if err != nil {
				return err
			}
			out.Imports = append(out.Imports, done)
			if !s.json {
				s.printf("%s\n", s.t("did import", done.File, done.Cases, done.Events, done.Known, done.Register))
			}
			for _, id := range f.Cases() {
				if err := s.demonstrate(desk, id, &out); err != nil {
					return err
				}
			}
		}
		if s.json {
			return s.writeJSON(out)
		}
		s.printf("\n")
		s.hang("", s.t("demo next", dir))
		return nil
	})
}

func (s *session) importSample(desk *casework.Service, name string) (*casework.File, importJSON, error) {
	in, err := samples.Open(name)
	if err != nil {
		return nil, importJSON{}, err
	}
	defer in.Close()
	f, err := s.readFile(path.Base(name), in, desk.Rules)
	if err != nil {
		return nil, importJSON{}, err
	}
	done, err := s.importFile(desk, path.Base(name), f)
	return f, done, err
}

// demonstrate replays one sample, keeps the trace and prints the sheet.
func (s *session) demonstrate(desk *casework.Service, id string, out *demoJSON) error {
	sh, err := s.replay(desk, id, casework.ReplayOptions{AsOf: demoDay, Keep: true})
	if err != nil {
		return err
	}
	if s.json {
		out.Replays = append(out.Replays, sh.json())
		return nil
	}
	s.printf("\n%s\n\n", ruler)
	sh.print()
	return nil
}

// ruler parts one replay from the next.
const ruler = "===================================================================================================="
