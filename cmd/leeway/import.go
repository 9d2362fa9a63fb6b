package main

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"leeway/api/documents"
	"leeway/domain"
	"leeway/domain/casework"
)

// importCmd brings in case files, and workbooks that were filled in. Every
// file is read and checked before anything is written; each is then imported
// whole or not at all. Files that do not fit into memory together are read a
// second time, one after the other, so that an import of any number of files
// needs the memory of the largest two.
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
	files, err := s.checkFiles(cmd.File)
	if err != nil {
		return err
	}
	results := []importJSON{}
	err = s.writing(dir, func(desk *casework.Service) error {
		bar := s.bulkBar(files.cases)
		defer bar.end()
		for name, f := range files.all(s, &err) {
			r, err := s.importFile(desk, name, f, bar)
			if err != nil {
				return err
			}
			results = append(results, r)
		}
		return err
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

// inMemory is up to how many bytes of files are kept from the check to the
// import. What is no plain file can be read once only and is kept always.
const inMemory = 8 << 20

// checkedFiles are files that were found sound.
type checkedFiles struct {
	names []string
	kept  []*casework.File // nil: to be read again
	cases int
}

// checkFiles reads and checks all files, so that a fault in the last one keeps
// the first from being imported.
func (s *session) checkFiles(names []string) (*checkedFiles, error) {
	rules, err := s.rules()
	if err != nil {
		return nil, err
	}
	c := &checkedFiles{names: names, kept: make([]*casework.File, len(names))}
	bar := s.progress(len(names))
	defer bar.end()
	room := int64(inMemory)
	for i, name := range names {
		f, err := s.openFile(name, rules)
		if err != nil {
			return nil, err
		}
		info, err := os.Stat(name)
		plain := err == nil && info.Mode().IsRegular()
		if !plain || info.Size() <= room {
			c.kept[i] = f
		}
		if plain {
			room -= info.Size()
		}
		c.cases += len(f.Cases())
		bar.step()
	}
	return c, nil
}

// all are the files in their order, the next one being read while one is
// imported. What went wrong goes to failed.
func (c *checkedFiles) all(s *session, failed *error) iter.Seq2[string, *casework.File] {
	type read struct {
		file *casework.File
		err  error
	}
	return func(yield func(string, *casework.File) bool) {
		rules, err := s.rules()
		if err != nil {
			*failed = err
			return
		}
		files, stop := make(chan read), make(chan struct{})
		defer close(stop)
		go func() {
			defer close(files)
			for i, name := range c.names {
				r := read{file: c.kept[i]}
				if r.file == nil {
					r.file, r.err = s.openFile(name, rules)
				}
				select {
				case files <- r:
				case <-stop:
					return
				}
			}
		}()
		for _, name := range c.names {
			if r := <-files; r.err != nil {
				*failed = r.err
				return
			} else if !yield(name, r.file) {
				return
			}
		}
	}
}

// openFile reads and checks one file.
func (s *session) openFile(name string, rules casework.Rules) (*casework.File, error) {
	in, err := os.Open(name)
	if err != nil {
		return nil, s.unreadable(name, err)
	}
	f, err := s.readFile(name, in, rules)
	return f, errors.Join(err, in.Close())
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

// importFile imports one file, with the rate and the time left where somebody
// watches.
func (s *session) importFile(desk *casework.Service, name string, f *casework.File, bar *bulkBar) (importJSON, error) {
	before := bar.done
	done, err := desk.Import(s.ctx, f, func(p casework.Progress) { bar.to(before + p.Done) })
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
