package main

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"leeway/api/documents"
	"leeway/domain"
	"leeway/domain/casework"
)

// importCmd brings in case files, and workbooks that were filled in. Every
// file is read and checked before anything is written; each is then imported
// whole or not at all.
type importCmd struct {
	File     []string `arg:"" optional:""`
	Template string   `placeholder:"FILE" type:"path"`
}

// importJSON is what an import of one file did.
type importJSON struct {
	File     string `json:"file"`
	Cases    int    `json:"cases"`    // that got something new
	Known    int    `json:"known"`    // that were on record already
	Events   int    `json:"events"`   // of cases, added
	Register int    `json:"register"` // of registers, added
}

// Run imports the files in their order, or writes the empty workbook.
func (cmd importCmd) Run(s *session) error {
	switch {
	case cmd.Template != "" && len(cmd.File) == 0:
		return s.saveList(cmd.Template, documents.Template)
	case cmd.Template != "" || len(cmd.File) == 0:
		return usage(&problem{what: s.t("file or template"), where: "leeway import", mend: s.t("give file or template")})
	}
	dir, err := s.folder("data")
	if err != nil {
		return err
	}
	files, err := cmd.read(s)
	if err != nil {
		return err
	}
	results := []importJSON{}
	err = s.writing(dir, func(desk *casework.Service) error {
		for i, f := range files {
			r, err := s.importFile(desk, cmd.File[i], f)
			if err != nil {
				return err
			}
			results = append(results, r)
		}
		return nil
	})
	if s.json {
		return errors.Join(err, s.writeJSON(map[string]any{"imports": results}))
	}
	for _, r := range results {
		s.printf("%s\n", s.t("did import", filepath.Base(r.File), r.Cases, r.Events, r.Known, r.Register))
	}
	if err == nil {
		s.printf("%s\n", s.t("import next", dir))
	}
	return err
}

// read reads and checks all files, so that a fault in the last one keeps the
// first from being imported.
func (cmd importCmd) read(s *session) ([]*casework.File, error) {
	rules, err := s.rules()
	if err != nil {
		return nil, err
	}
	files := make([]*casework.File, len(cmd.File))
	for i, name := range cmd.File {
		in, err := os.Open(name)
		if err != nil {
			return nil, s.unreadable(name, err)
		}
		files[i], err = s.readFile(name, in, rules)
		if err := errors.Join(err, in.Close()); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// readFile reads one case file, or a workbook that stands for one; its faults
// say which file they stand in, and where.
func (s *session) readFile(name string, in io.Reader, rules casework.Rules) (*casework.File, error) {
	if !strings.EqualFold(filepath.Ext(name), ".xlsx") {
		f, err := casework.ReadCaseFile(in, rules, domain.DayOf(s.now()))
		return f, s.unreadable(name, s.inFile(name, err))
	}
	book, err := documents.ReadWorkbook(in)
	var cells documents.BookFaults
	if errors.As(err, &cells) {
		return nil, s.inFile(name, bookFaults(cells))
	}
	if err != nil {
		return nil, s.unreadable(name, err)
	}
	f, err := casework.ReadCaseFile(bytes.NewReader(book.CaseFile), rules, domain.DayOf(s.now()))
	var faults casework.Faults
	if errors.As(err, &faults) {
		err = faults.In(book.Place)
	}
	return f, s.inFile(name, err)
}

// bookFaults are the faults of cells as those of lines are told.
func bookFaults(cells documents.BookFaults) casework.Faults {
	faults := make(casework.Faults, len(cells))
	for i, c := range cells {
		faults[i] = casework.LineFault{Sheet: c.Sheet, Line: c.Row, Column: c.Column, Field: c.Field, Wrong: c.Wrong, Mend: c.Mend}
	}
	return faults
}

// importFile imports one file, with a progress bar where somebody watches.
func (s *session) importFile(desk *casework.Service, name string, f *casework.File) (importJSON, error) {
	bar := s.progress(len(f.Cases()))
	done, err := desk.Import(s.ctx, f, func(casework.Progress) { bar.step() })
	bar.end()
	return importJSON{name, done.Cases, done.Known, done.Events, done.Register}, s.inFile(name, err)
}

// inFile says in which file the faults stand.
func (s *session) inFile(name string, err error) error {
	var faults casework.Faults
	if !errors.As(err, &faults) {
		return err
	}
	return &problem{what: s.t("nothing imported", name, len(faults)), where: name, err: err}
}

// unreadable says which file could not be read, and why.
func (s *session) unreadable(name string, err error) error {
	var why *fs.PathError
	if !errors.As(err, &why) {
		return err
	}
	return &problem{what: s.t("cannot read", why.Err), where: name, mend: s.t("give a readable file"), err: domain.ErrInvalid}
}
