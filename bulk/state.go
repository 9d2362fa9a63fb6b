package bulk

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"sync"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
	"leeway/projections"
)

// A State is what runs before have found, by case. It is no record: deleted, it
// costs the time to find it again.
type State struct {
	mu   sync.Mutex
	kept map[string]stateLine
	add  *json.Encoder // where new results go at once; none: they are only kept
	err  error
}

// stateLine is one case of a state file. The last line of a case counts.
type stateLine struct {
	Case   string         `json:"case"`
	Key    string         `json:"key"`
	Survey *replay.Survey `json:"survey"`
}

// ReadState reads a state file. A line that was cut off, the last one of a run
// that was stopped, is passed over. New results are written to add.
func ReadState(r io.Reader, add io.Writer) *State {
	s := &State{kept: map[string]stateLine{}}
	if add != nil {
		s.add = json.NewEncoder(add)
	}
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 64<<10), 16<<20)
	for in.Scan() {
		var l stateLine
		if json.Unmarshal(in.Bytes(), &l) == nil && l.Survey != nil {
			s.kept[l.Case] = l
		}
	}
	return s
}

// Err is what writing new results has met. Results are none the worse for it.
func (s *State) Err() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

func (s *State) get(id, key string) (*replay.Survey, bool) {
	if s == nil {
		return nil, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l, ok := s.kept[id]
	return l.Survey, ok && l.Key == key
}

func (s *State) put(id, key string, found *replay.Survey) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l := stateLine{id, key, found}
	s.kept[id] = l
	if s.add != nil && s.err == nil {
		s.err = s.add.Encode(l)
	}
}

// key names all that a result depends on: the events of the case, the registers
// of posts and sources, the filter of months, the day, and what every published
// version of the pack means for the programme in each month of the case. A new
// version that decides these months alike leaves the key as it is.
func (w *worker) key(d *projections.Dossier, c *eligibility.Case) (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, replay.Format, w.run.AsOf, w.run.Filter.From, w.run.Filter.To, d.Stream, c.Revision())
	if n := len(d.Envelopes); n > 0 {
		h.Write(d.Envelopes[n-1])
	}
	for _, stream := range []string{eligibility.PostsStream, eligibility.SourcesStream} {
		fmt.Fprintln(h, stream, w.register.Last[stream].ID)
	}
	for _, n := range w.register.Notices {
		if n.Office == d.Office {
			fmt.Fprintln(h, n.Rules.Digest, n.At.ID)
		}
	}
	for m := d.FirstMonth; m <= max(d.LastMonth, d.FirstMonth); m++ {
		before := ""
		for _, a := range w.register.Rules {
			if a.Rules.Pack != d.Pack {
				continue
			}
			print, err := w.print(a.Rules, m, d.Programme)
			if err != nil {
				return "", err
			}
			if print != before {
				fmt.Fprintln(h, m, a.At.Day, a.Corrects, print)
			}
			before = print
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// print is the fingerprint of a version in a month, found once.
func (w *worker) print(v domain.PackVersion, m domain.Month, programme string) (string, error) {
	key := v.Digest + m.String() + programme
	w.mu.Lock()
	defer w.mu.Unlock()
	if p, ok := w.prints[key]; ok {
		return p, nil
	}
	p, err := w.run.Rules.Fingerprint(v, m.First(), programme)
	if err == nil {
		w.prints[key] = p
	}
	return p, err
}
