package casework

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"leeway/domain"
)

// FileFormat is what the header of a case file says at "leeway".
const FileFormat = "case-file.v1"

// Limits of a case file. They hold before anything is decoded, so that a file
// from a stranger costs no more than its size. A case must also fit into one
// batch of every store, sealed.
const (
	MaxLine   = 1 << 20 // bytes in one line
	MaxDepth  = 16      // objects and lists inside each other
	MaxCase   = 8 << 20 // bytes in all lines of one case
	maxFaults = 1000    // faults listed before reading stops
)

// FileHeader is the optional first line of a case file: what it is, and the
// defaults of its lines.
type FileHeader struct {
	Leeway string       `json:"leeway"` // FileFormat
	Title  domain.Text  `json:"title,omitzero"`
	Note   domain.Text  `json:"note,omitzero"`
	Grade  domain.Grade `json:"grade,omitempty"` // of the proof of when things were known; none: C
	Actor  domain.Actor `json:"actor,omitzero"`
}

// FileLine is every further line of a case file: one event of a case or, with
// no case, of a register.
type FileLine struct {
	Case    string            `json:"case,omitempty"`
	Type    string            `json:"type"`
	Claimed *FileClaim        `json:"claimed,omitempty"`
	Actor   *domain.Actor     `json:"actor,omitempty"` // none: the header's
	Visible domain.Visibility `json:"visible,omitempty"`
	Data    json.RawMessage   `json:"data"` // the event's fields
}

// FileClaim says when a line was on record in the system or on the paper that
// it comes from, and how well that is proven.
type FileClaim struct {
	At    *domain.Instant `json:"at,omitempty"`    // none: noon in Shanghai of data.day
	Grade domain.Grade    `json:"grade,omitempty"` // none: the header's
}

// File is a case file that was read and found sound, ready to be imported. It
// holds personal data in the clear: keep it no longer than the import takes.
// It is not changed by an import, and may be imported by several at once.
type File struct {
	Header   FileHeader
	cases    []*fileCase // in the order of their first lines
	register []*fileEvent
}

// Cases lists the ids of the cases in the file, in its order.
func (f *File) Cases() []string {
	ids := make([]string, len(f.cases))
	for i, c := range f.cases {
		ids[i] = c.id
	}
	return ids
}

// Events is how many events the file holds, of cases and of registers.
func (f *File) Events() int {
	n := len(f.register)
	for _, c := range f.cases {
		n += len(c.lines)
	}
	return n
}

// A LineFault is a mistake in a case file and how to mend it. Column counts
// characters from 1; 0: it concerns the line as a whole.
type LineFault struct {
	Sheet  string      `json:"sheet,omitempty"` // of a workbook: Line and Column are then its row and column
	Line   int         `json:"line"`
	Column int         `json:"column,omitempty"`
	Case   string      `json:"case,omitempty"`
	Type   string      `json:"type,omitempty"`
	Field  string      `json:"field,omitempty"`
	Wrong  domain.Said `json:"wrong"`
	Mend   domain.Said `json:"mend"`
}

// In moves faults into the workbook that a case file was made from: place
// says in which sheet, row and column a field of a line stands there.
func (f Faults) In(place func(line int, field string) (sheet string, row, column int)) Faults {
	moved := slices.Clone(f)
	for i := range moved {
		x := &moved[i]
		x.Sheet, x.Line, x.Column = place(x.Line, x.Field)
	}
	return moved
}

// String writes "line 3, column 17: data.day: it is missing; give …".
func (f LineFault) String() string {
	var b strings.Builder
	if f.Sheet != "" {
		fmt.Fprintf(&b, "sheet %s, ", f.Sheet)
	}
	fmt.Fprintf(&b, "line %d", f.Line)
	if f.Column > 0 {
		fmt.Fprintf(&b, ", column %d", f.Column)
	}
	for _, part := range []string{f.Case, f.Field} {
		if part != "" {
			fmt.Fprintf(&b, ": %s", part)
		}
	}
	fmt.Fprintf(&b, ": %s; %s", f.Wrong, f.Mend)
	return b.String()
}

// Faults are all mistakes found in a case file, in the order of its lines. It
// is an error that wraps domain.ErrInvalid; nothing of the file was imported.
type Faults []LineFault

// Error writes one fault per line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.String()
	}
	return strings.Join(lines, "\n")
}

// Unwrap makes Faults a domain.ErrInvalid.
func (f Faults) Unwrap() error { return domain.ErrInvalid }

// ReadCaseFile reads and checks a whole case file: its JSON, every field, the
// order of what happened, what the deciders say of it, and what it states
// against the packs that it activates itself. What depends on packs activated
// elsewhere is checked by Import. Nothing may lie after today. The error is a
// Faults with everything that is wrong, or what reading r or a pack gave.
func ReadCaseFile(r io.Reader, rules Rules, today domain.Day) (*File, error) {
	p := &parser{rules: rules, today: today, file: &File{}, byID: map[string]*fileCase{}}
	in := bufio.NewReaderSize(r, 64<<10)
	for n := 1; len(p.faults) < maxFaults; n++ {
		text, err := readLine(in)
		switch {
		case errors.Is(err, errLongLine):
			p.at = place{line: n}
			p.fault("", 0, "the line is longer than %d bytes", "write one event per line", MaxLine)
		case err != nil && err != io.EOF:
			return nil, fmt.Errorf("case file, line %d: %w", n, err)
		default:
			if n == 1 {
				text = bytes.TrimPrefix(text, []byte("\ufeff"))
			}
			if text = bytes.TrimSpace(text); len(text) > 0 {
				p.line(n, text)
			}
		}
		if err == io.EOF {
			break
		}
	}
	if p.file.Events() == 0 && len(p.faults) == 0 {
		p.at = place{line: 1}
		p.fault("", 0, "the file holds no events", `write one event per line, such as {"case":"F1","type":"case-opened.v1",…}`)
	}
	return p.finish()
}

var errLongLine = errors.New("line too long")

// readLine reads up to a line break, which it drops. A line that is too long
// is passed over to its end and reported as errLongLine.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		if len(line) <= MaxLine {
			line = append(line, part...)
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		line = bytes.TrimSuffix(line, []byte("\n"))
		if len(line) > MaxLine && (err == nil || err == io.EOF) {
			return nil, errors.Join(errLongLine, err)
		}
		return line, err
	}
}
