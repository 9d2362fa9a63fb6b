package bulk

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"leeway/domain"
	"leeway/domain/replay"
)

// Result is what the replay of one case came to, as it is kept: enough for
// every list over the population, and nothing personal.
type Result struct {
	Case      string     `json:"case"`
	Key       string     `json:"key"` // of all that it rests on
	AsOf      domain.Day `json:"as_of"`
	Waiting   bool       `json:"waiting,omitempty"` // time alone may change it
	Out       bool       `json:"out,omitempty"`     // not asked about
	Office    string     `json:"office"`
	Programme string     `json:"programme"`
	Months    []Month    `json:"months,omitempty"`
}

// Month is one benefit month of a result.
type Month struct {
	Month   domain.Month `json:"m"`
	Paid    domain.Fen   `json:"p"`
	Due     domain.Fen   `json:"b"` // meaningless where Under
	Over    domain.Fen   `json:"o,omitempty"`
	Short   domain.Fen   `json:"s,omitempty"`
	Under   bool         `json:"u,omitempty"` // undetermined
	Assumed bool         `json:"a,omitempty"` // rests on what is to be verified
	Links   []Link       `json:"l,omitempty"` // unequal ones, in chain order
}

// Link is one cause.
type Link struct {
	Class  replay.Class `json:"c"`
	From   string       `json:"f"`
	To     string       `json:"t"`
	Amount *domain.Fen  `json:"n,omitempty"`
}

// monthOf is what is kept of a month.
func monthOf(m replay.Month) Month {
	p, _ := m.Node("P")
	b, _ := m.Node("B")
	out := Month{Month: m.Month, Paid: p.Taken, Due: b.Taken, Over: m.Overpaid, Short: m.Underpaid, Under: m.Under, Assumed: len(m.Assumed) > 0}
	for _, l := range m.Links {
		out.Links = append(out.Links, Link{l.Class, l.From, l.To, l.Amount})
	}
	return out
}

// report is the result as a survey takes it.
func (r *Result) report() *replay.Report {
	out := &replay.Report{Inputs: replay.Inputs{Case: r.Case, AsOf: r.AsOf}, Office: r.Office, Programme: r.Programme}
	for _, m := range r.Months {
		x := replay.Month{Month: m.Month, Under: m.Under, Overpaid: m.Over, Underpaid: m.Short,
			Nodes: []replay.Node{{Name: "P", Outcome: domain.Exactly(m.Paid), Taken: m.Paid}}}
		if !m.Under {
			x.Nodes = append(x.Nodes, replay.Node{Name: "B", Outcome: domain.Exactly(m.Due), Taken: m.Due})
		}
		if m.Assumed {
			x.Assumed = []string{"to_verify"}
		}
		for _, l := range m.Links {
			x.Links = append(x.Links, replay.Link{Class: l.Class, From: l.From, To: l.To, Amount: l.Amount})
		}
		out.Months = append(out.Months, x)
	}
	return out
}

// Kept are the results of earlier runs in one file, a JSON line each; the last
// line of a case counts. A nil Kept keeps nothing. One run uses it at a time.
type Kept struct {
	file  *os.File
	out   *bufio.Writer
	lines map[string]line
	end   int64
}

// line is where the newest result of a case stands.
type line struct {
	key  string
	at   int64
	size int
}

// OpenKept opens the file of results, or makes it. A line that was cut when a
// run was killed is taken off; one that cannot be read otherwise is an error
// that wraps domain.ErrAltered.
func OpenKept(name string) (*Kept, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	k := &Kept{file: f, lines: map[string]line{}}
	if err := k.index(); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", name, err), f.Close())
	}
	k.out = bufio.NewWriterSize(f, 1<<16)
	return k, nil
}

// index notes where the result of every case stands.
func (k *Kept) index() error {
	in := bufio.NewReaderSize(k.file, 1<<16)
	for n := 1; ; n++ {
		text, err := in.ReadBytes('\n')
		if err == io.EOF {
			break // what stands behind the last line break was cut
		}
		if err != nil {
			return err
		}
		var head struct{ Case, Key string }
		if json.Unmarshal(text, &head) != nil || head.Case == "" {
			return fmt.Errorf("%w: line %d is no kept result; move the file away and run again", domain.ErrAltered, n)
		}
		k.lines[head.Case] = line{head.Key, k.end, len(text)}
		k.end += int64(len(text))
	}
	if err := k.file.Truncate(k.end); err != nil {
		return err
	}
	_, err := k.file.Seek(k.end, io.SeekStart)
	return err
}

// get is the kept result of a case under a key. Where time alone may change it,
// it must be of the same index day. Several goroutines may ask.
func (k *Kept) get(id, key string, asOf domain.Day) (*Result, bool) {
	if k == nil || key == "" {
		return nil, false
	}
	at, ok := k.lines[id]
	if !ok || at.key != key {
		return nil, false
	}
	text := make([]byte, at.size)
	if _, err := k.file.ReadAt(text, at.at); err != nil {
		return nil, false
	}
	r := new(Result)
	if json.Unmarshal(text, r) != nil || r.Case != id || r.Waiting && r.AsOf != asOf {
		return nil, false
	}
	r.AsOf = asOf
	return r, true
}

// put keeps a result.
func (k *Kept) put(r *Result) error {
	if k == nil {
		return nil
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r); err != nil {
		return err
	}
	_, err := k.out.Write(text.Bytes())
	return err
}

// flush hands everything to the file.
func (k *Kept) flush() error {
	if k == nil {
		return nil
	}
	return k.out.Flush()
}

// Cases is how many cases the file has a result of.
func (k *Kept) Cases() int { return len(k.lines) }

// Close writes what is left and closes the file.
func (k *Kept) Close() error {
	if k == nil {
		return nil
	}
	return errors.Join(k.out.Flush(), k.file.Sync(), k.file.Close())
}
