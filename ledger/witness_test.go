package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"leeway/eventstore"
)

// forge makes a log with the operator's own key over another history.
func (o *office) forge(change func([]eventstore.Recorded) []eventstore.Recorded) *Log {
	o.t.Helper()
	checkpoints, err := OpenFolder(o.t.TempDir())
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { checkpoints.Close() })
	cfg := o.cfg
	cfg.Checkpoints, cfg.Dir, cfg.Store = checkpoints, "", forged{o.cfg.Store, change}
	l, err := Create(o.t.Context(), cfg)
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { l.Close() })
	return l
}

func request(t testing.TB, l *Log, old int64) []byte {
	t.Helper()
	r, err := l.Request(old)
	if err != nil {
		t.Fatal(err)
	}
	return r.Marshal()
}

// ask posts a body to a witness as any HTTP client does.
func ask(t testing.TB, url string, body []byte) (status int, kind, text string) {
	t.Helper()
	resp, err := http.Post(url+"/add-checkpoint", "text/plain", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(resp.Body); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("Content-Type"), b.String()
}

func serve(t testing.TB, h http.Handler) string {
	s := httptest.NewServer(h)
	t.Cleanup(func() { http.DefaultClient.CloseIdleConnections(); s.Close() })
	return s.URL
}

// TestWitnessProtocol is the life of one witness: what it signs, what it
// refuses, and with which status.
func TestWitnessProtocol(t *testing.T) {
	o := newOffice(t, 10)
	w := o.witnesses("quorum A", "A")[0]
	url := serve(t, w.Handler())
	l := o.create()
	first := request(t, l, 0)
	o.record(10)
	seal(t, l)
	grown := request(t, l, 10)
	grownFrom5 := request(t, l, 5)

	backup := o.forge(func(all []eventstore.Recorded) []eventstore.Recorded { return all[:5] })
	rewritten := o.forge(flip(3, 4))
	o.record(5)
	later := o.forge(flip(3, 4)) // rewritten, and longer than what the witness saw
	honest := l
	seal(t, honest)
	stranger := newOffice(t, 3)
	foreign, err := CreateKey(filepath.Join(o.dir, "foreign"), "ledger.example/foreign")
	if err != nil {
		t.Fatal(err)
	}
	cp, _ := ParseCheckpoint(honest.Latest().Note)
	cp.Origin = "ledger.example/foreign"
	unknown, err := note.Sign(&note.Note{Text: cp.text()}, foreign)
	if err != nil {
		t.Fatal(err)
	}

	for _, c := range []struct {
		name   string
		body   []byte
		status int
		says   string
	}{
		{"first use", first, 200, "— witness.example/A "},
		{"the same once more", request(t, o.forge(func(all []eventstore.Recorded) []eventstore.Recorded { return all[:10] }), 10), 200, "— witness.example/A "},
		{"from zero again", first, 409, "10\n"},
		{"from somewhere else", grownFrom5, 409, "10\n"},
		{"honest growth", grown, 200, "— witness.example/A "},
		{"rewritten, same size: a split view", request(t, rewritten, 20), 409, "20\n"},
		{"rewritten and grown, signed by the operator", request(t, later, 20), 422, "does not go on"},
		{"rolled back, from where the witness stands", Request{Old: 20, Checkpoint: backup.Latest().Note}.Marshal(), 400, "from 20 to 5"},
		{"rolled back, from its own size", request(t, backup, 5), 409, "20\n"},
		{"another key of the same name", request(t, stranger.create(), 0), 403, "signatures"},
		{"an unknown log", Request{Checkpoint: unknown}.Marshal(), 404, "does not watch"},
		{"no request", []byte("hello"), 400, "witness request"},
		{"empty", nil, 400, "witness request"},
		{"no checkpoint", []byte("old 0\n\nx\n"), 400, "canonical"},
		{"too long", bytes.Repeat([]byte("x"), maxRequest+1), 413, ""},
		{"honest growth after all that", request(t, honest, 20), 200, "— witness.example/A "},
	} {
		status, kind, text := ask(t, url, c.body)
		if status != c.status || !strings.Contains(text, c.says) {
			t.Errorf("%s: %d %q, want %d with %q", c.name, status, text, c.status, c.says)
		}
		if status == 409 && kind != "text/x.tlog.size" {
			t.Errorf("%s: the size comes as %s", c.name, kind)
		}
	}
	resp, err := http.Get(url + "/add-checkpoint")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET answers %s", resp.Status)
	}
	kept, err := filepath.Glob(filepath.Join(w.folder(origin), "refused", "*.request"))
	if err != nil || len(kept) != 2 {
		t.Errorf("kept as evidence: %v, %v; want the split view and the rewritten history", kept, err)
	}
}

// TestWitnessRemembers: what it signed is on disk before the answer, so a
// restarted witness, or a second process of it, refuses what the first would.
func TestWitnessRemembers(t *testing.T) {
	o := newOffice(t, 10)
	w := o.witnesses("quorum A", "A")[0]
	second := openWitness(t, filepath.Join(o.dir, "A"), filepath.Join(o.dir, "A.key"), w.policy)
	l := o.create()
	first := request(t, l, 0)
	if _, err := w.Sign(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	for _, witness := range []*Witness{w, second, openWitness(t, filepath.Join(o.dir, "A"), filepath.Join(o.dir, "A.key"), w.policy)} {
		_, err := witness.Sign(t.Context(), first)
		var stale *Stale
		if !errors.As(err, &stale) || stale.Size != 10 {
			t.Errorf("a request from zero: %v", err)
		}
	}
	// The disk of the witness fails: no answer without memory.
	o.record(1)
	seal(t, l)
	if err := os.RemoveAll(filepath.Join(w.folder(origin), headsDir)); err != nil {
		t.Fatal(err)
	}
	for _, from := range []int64{0, 10} {
		if lines, err := w.Sign(t.Context(), request(t, l, from)); err == nil {
			t.Errorf("signed %q without being able to remember it", lines)
		}
	}
	status, _, text := ask(t, serve(t, w.Handler()), request(t, l, 10))
	if status != 500 || strings.Contains(text, o.dir) {
		t.Errorf("a stranger is told %d %q", status, text)
	}
}

// TestWitnessSignsOneHistory lets many ask at once, half of them with a
// rewritten history of the same sizes: only one history gets signatures.
func TestWitnessSignsOneHistory(t *testing.T) {
	o := newOffice(t, 0)
	w := o.witnesses("quorum A", "A")[0]
	second := openWitness(t, filepath.Join(o.dir, "A"), filepath.Join(o.dir, "A.key"), w.policy)
	l := o.create()
	var requests [2][][]byte
	for n := range 12 {
		o.record(1)
		seal(t, l)
		requests[0] = append(requests[0], request(t, l, int64(n)))
		if n == 0 {
			requests[1] = append(requests[1], request(t, o.forge(flip(0, 0)), 0))
			continue
		}
		requests[1] = append(requests[1], request(t, o.forge(flip(0, 0)), int64(n)))
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	signed := make(map[string]bool)
	for history, list := range requests {
		for _, witness := range []*Witness{w, second} {
			all.Go(func() {
				for range 3 {
					for _, r := range list {
						if _, err := witness.Sign(t.Context(), r); err == nil {
							mu.Lock()
							signed[fmt.Sprint(history)] = true
							mu.Unlock()
						}
					}
				}
			})
		}
	}
	all.Wait()
	if len(signed) != 1 {
		t.Errorf("the witness has signed these histories: %v", signed)
	}
}

func TestWitnessOfSeveralLogs(t *testing.T) {
	a, b := newOffice(t, 3), newOffice(t, 4)
	other, err := CreateKey(filepath.Join(b.dir, "other.key"), "ledger.example/other")
	if err != nil {
		t.Fatal(err)
	}
	b.cfg.Origin, b.cfg.Signers = "ledger.example/other", []Signer{other}
	b.cfg.Policy = policy(t, "log "+other.Public+"\nquorum none")
	file := filepath.Join(a.dir, "w.key")
	if _, err := CreateKey(file, "witness.example/w"); err != nil {
		t.Fatal(err)
	}
	both := policy(t, "log "+a.key.Public+"\nlog "+other.Public+"\nquorum none")
	w := openWitness(t, filepath.Join(a.dir, "w"), file, both)
	for _, l := range []*Log{a.create(), b.create()} {
		if _, err := w.Sign(t.Context(), request(t, l, 0)); err != nil {
			t.Errorf("%s: %v", l.cfg.Origin, err)
		}
	}
	signer, err := LoadKey(file)
	if err != nil {
		t.Fatal(err)
	}
	if w2, err := OpenWitness(t.TempDir(), Key{Signer: signer}, both); err == nil {
		w2.Close()
		t.Error("a witness without a public key opens")
	}
}

func TestRequestHasOneSpelling(t *testing.T) {
	o := newOffice(t, 7)
	l := o.create()
	o.record(6)
	seal(t, l)
	good := request(t, l, 7)
	r, err := ParseRequest(good)
	if err != nil || r.Old != 7 || len(r.Proof) == 0 || !bytes.Equal(r.Checkpoint, l.Latest().Note) {
		t.Fatalf("%+v, %v", r, err)
	}
	for _, c := range [][2]string{
		{"old 7", "old 07"}, {"old 7", "old +7"}, {"old 7", "old -7"}, {"old 7", "Old 7"}, {"old 7", "old  7"}, {"old 7", "old 7 "},
		{"old 7\n", "old 7\r\n"}, {"old 7\n", ""}, {"old 7", "old 99999999999999999999"}, {"=\n", "\n"},
		{"old 7\n", "old 7\n" + strings.Repeat(strings.Repeat("A", 43)+"=\n", 64)},
	} {
		_, err := ParseRequest([]byte(strings.Replace(string(good), c[0], c[1], 1)))
		wantErr(t, err, ErrMalformed)
	}
	_, err = l.Request(14)
	wantErr(t, err, ErrRolledBack)
	_, err = l.Request(-1)
	wantErr(t, err, ErrRolledBack)
}

// TestInsider is the operator who changes a decision after the fact, builds
// the tree again and signs it with his own key.
func TestInsider(t *testing.T) {
	o := newOffice(t, 12)
	alone := o.cfg.Policy
	w := o.witnesses("quorum A", "A")[0]
	l := o.create()
	before := cosign(t, l, w, 0)
	proof, err := l.Prove(recorded(t, o.store)[4])
	if err != nil {
		t.Fatal(err)
	}
	forgery := o.forge(flip(4, 6))
	signed := forgery.Latest().Note
	events := recorded(t, forgery.cfg.Store)

	// Without a witness the forgery verifies, and the verifier says what that is worth.
	v, err := alone.Verify(signed)
	if err != nil || VerifyEvents(v.Checkpoint, values(datas(events)), nil) != nil {
		t.Errorf("without a witness a consistent forgery cannot be told: %v", err)
	}
	if !strings.Contains(v.Proves(), "only that the operator agrees with himself") {
		t.Errorf("the verifier claims %q", v.Proves())
	}
	// With one it does not, and the witness will not help.
	_, err = o.cfg.Policy.Verify(signed)
	wantErr(t, err, ErrUntrusted)
	_, err = w.Sign(t.Context(), request(t, forgery, 12))
	wantErr(t, err, ErrRewritten)
	// Moving the witness' line under the forgery does not help either.
	_, lines, err := splitNote(before.Note)
	if err != nil {
		t.Fatal(err)
	}
	moved, err := addSignatures(signed, lines[len(lines)-1:])
	if err != nil {
		t.Fatal(err)
	}
	_, err = o.cfg.Policy.Verify(moved)
	wantErr(t, err, ErrUntrusted)
	// And the worker still proves what was on record.
	if in, err := o.cfg.Policy.VerifyInclusion(proof.Proof, proof.Data); err != nil || in.Index != 4 {
		t.Errorf("the worker's proof: %v", err)
	}
	_, err = o.cfg.Policy.VerifyInclusion(proof.Proof, events[4].Data)
	wantErr(t, err, ErrNotProven)
}
