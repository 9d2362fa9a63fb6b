package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"leeway/api/documents"
	"leeway/domain"
)

// printDocument prints a document on the terminal: its head as pairs, its
// texts wrapped, its tables as grids.
func (s *session) printDocument(d documents.Document) {
	s.printf("%s\n", d.Title)
	var head [][2]string
	for _, p := range d.Head {
		head = append(head, [2]string{p.Name, p.Value})
	}
	s.pairs(head...)
	for _, b := range d.Blocks {
		switch b.Kind {
		case documents.Grid:
			var columns []column
			for _, c := range b.Table.Columns {
				columns = append(columns, column{c.Head, c.Right, c.Narrow})
			}
			s.grid(columns, b.Table.Rows)
		case documents.Paragraph, documents.Item:
			s.hang("  ", b.Text)
		default:
			s.printf("\n")
			s.hang("", b.Text)
		}
	}
	if len(d.Signed) > 0 {
		s.printf("\n%s\n", strings.Join(d.Signed, "  "))
	}
}

// savedJSON is a file that was written.
type savedJSON struct {
	File    string   `json:"file"`
	Pages   int      `json:"pages,omitempty"`
	SHA256  string   `json:"sha256"`
	Missing []string `json:"missing,omitempty"` // characters that the font lacks, as U+XXXX
}

// savePDF prints a document into a file and tells what is in it.
func (s *session) savePDF(name string, d documents.Document) error {
	printed, err := d.PDF()
	if err != nil {
		return err
	}
	sum := sha256.Sum256(printed.PDF)
	done := savedJSON{File: name, Pages: printed.Pages, SHA256: hex.EncodeToString(sum[:])}
	for _, r := range printed.Missing {
		done.Missing = append(done.Missing, fmt.Sprintf("U+%04X", r))
	}
	if err := s.saveFile(name, printed.PDF); err != nil {
		return err
	}
	if s.json {
		return s.writeJSON(done)
	}
	s.printf("%s\n", s.t("pdf written", filepath.Base(name), done.Pages, done.SHA256))
	if len(done.Missing) > 0 {
		s.printf("%s\n", s.t("pdf lacks", strings.Join(done.Missing, " ")))
	}
	return nil
}

// listFlags are the files into which a list may be written.
type listFlags struct {
	CSV  string `name:"csv" placeholder:"FILE" type:"path"`
	XLSX string `name:"xlsx" placeholder:"FILE" type:"path"`
}

// show prints a list, or writes it into the files that were asked for.
func (f listFlags) show(s *session, l documents.List) error {
	if f.CSV == "" && f.XLSX == "" {
		t := l.Table()
		s.printDocument(documents.Document{Title: l.Title, Blocks: []documents.Block{{Kind: documents.Grid, Table: &t}}})
		return nil
	}
	if f.CSV != "" {
		if err := s.saveList(f.CSV, l.CSV); err != nil {
			return err
		}
	}
	if f.XLSX != "" {
		return s.saveList(f.XLSX, func(w io.Writer) error { return documents.XLSX(w, l) })
	}
	return nil
}

// files reports whether a list goes into files, which --json then tells of.
func (f listFlags) files() bool { return f.CSV != "" || f.XLSX != "" }

// saveList writes a file of a list and tells what is in it.
func (s *session) saveList(name string, write func(io.Writer) error) error {
	var out bytes.Buffer
	if err := write(&out); err != nil {
		return err
	}
	if err := s.saveFile(name, out.Bytes()); err != nil {
		return err
	}
	sum := sha256.Sum256(out.Bytes())
	done := savedJSON{File: name, SHA256: hex.EncodeToString(sum[:])}
	if s.json {
		return s.writeJSON(done)
	}
	s.printf("%s\n", s.t("file written", filepath.Base(name), done.SHA256))
	return nil
}

// saveFile writes a whole file or none, for its owner's eyes: what leaves the
// ledger may hold personal data.
func (s *session) saveFile(name string, data []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(name), ".leeway-*") // 0600
	if err != nil {
		return s.unwritable(name, err)
	}
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	if err != nil {
		return s.unwritable(name, errors.Join(err, os.Remove(tmp.Name())))
	}
	return nil
}

// unwritable says which file could not be written, and why.
func (s *session) unwritable(name string, err error) error {
	return &problem{what: s.t("cannot write", err), where: name, mend: s.t("give a writable file"), err: fmt.Errorf("%w: %w", domain.ErrInvalid, err)}
}
