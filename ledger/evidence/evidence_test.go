package evidence

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/replay"
	"leeway/eventstore"
	"leeway/eventstore/memory"
	"leeway/ledger"
	"leeway/policies"
)

const engine = "engine of the test"

// plain is a vault of the test: what it seals it does not hide.
type plain struct{}

func (plain) Seal(stream, event string, f domain.PrivateField) (domain.Sealed, error) {
	return domain.Sealed{Field: f.Path, Subject: f.Data.Subject, Key: "k", Nonce: []byte("n"), Ciphertext: []byte(f.Data.Text), Commitment: []byte("c")}, nil
}

func (plain) Open(_, _ string, s domain.Sealed) (string, error) { return string(s.Ciphertext), nil }

// house is an operator: a store with one case that was replayed, and its log.
type house struct {
	t     testing.TB
	home  ledger.Home
	store eventstore.Store
	log   *ledger.Log
	packs *policies.Library
	desk  *casework.Service
}

func newHouse(t testing.TB) *house {
	t.Helper()
	dir := t.TempDir()
	h := &house{t: t, store: memory.New(), home: ledger.Home{Key: filepath.Join(dir, "key"), Policy: filepath.Join(dir, "policy"),
		Checkpoints: filepath.Join(dir, "checkpoints"), Tree: filepath.Join(dir, "tree")}}
	var err error
	if h.packs, err = policies.New(); err != nil {
		t.Fatal(err)
	}
	h.desk = &casework.Service{Store: h.store, Rules: rules{h.packs, engine}, Sealer: plain{},
		Now: func() time.Time { return time.Date(2026, 11, 24, 4, 0, 0, 0, time.UTC) }}
	f, err := os.Open("../../cmd/leeway/testdata/cases/sample.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	file, err := casework.ReadCaseFile(f, h.desk.Rules, domain.Date(2026, 11, 24))
	if err == nil {
		_, err = h.desk.Import(t.Context(), file, func(casework.Progress) {})
	}
	if err != nil {
		t.Fatal(err)
	}
	h.replay(h.desk)
	if err := h.home.Make("ledger.example/test"); err != nil {
		t.Fatal(err)
	}
	h.open(ledger.Access{Seal: true, First: true})
	return h
}

func (h *house) replay(desk *casework.Service) {
	h.t.Helper()
	actor := domain.Actor{Person: "p", Office: "o", Post: "q"}
	if _, err := desk.ReplayCase(h.t.Context(), casework.Request{Actor: actor}, "SAMPLE-1", casework.ReplayOptions{AsOf: domain.Date(2020, 12, 31), Keep: true}); err != nil {
		h.t.Fatal(err)
	}
}

// open opens the log, over whatever the store is by now.
func (h *house) open(as ledger.Access) {
	h.t.Helper()
	var err error
	if h.log, err = h.home.Open(h.t.Context(), h.store, as); err != nil {
		h.t.Fatal(err)
	}
	log := h.log
	h.t.Cleanup(func() { log.Close() })
	if _, err := h.log.SealNow(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) export() []byte {
	h.t.Helper()
	b, _, err := Source{h.store, h.log, h.packs, engine}.Export(h.t.Context(), OfCase, "SAMPLE-1")
	if err != nil {
		h.t.Fatal(err)
	}
	return b
}

// exported is one package for all tests that only read it.
var exported = sync.OnceValue(func() struct {
	b      []byte
	policy *ledger.Policy
} {
	t := &lasting{}
	defer t.end()
	h := newHouse(t)
	return struct {
		b      []byte
		policy *ledger.Policy
	}{h.export(), h.log.Policy()}
})

// lasting is a test that belongs to no test: what it cleans up, it does at its end.
type lasting struct {
	testing.TB
	dir   string
	after []func()
}

func (l *lasting) Helper()                  {}
func (l *lasting) Context() context.Context { return context.Background() }
func (l *lasting) Cleanup(f func())         { l.after = append(l.after, f) }
func (l *lasting) Fatal(args ...any)        { panic(fmt.Sprint(args...)) }
func (l *lasting) TempDir() string {
	dir, err := os.MkdirTemp("", "evidence-")
	if err != nil {
		panic(err)
	}
	l.dir = dir
	return dir
}

func (l *lasting) end() {
	for _, f := range l.after {
		f()
	}
	os.RemoveAll(l.dir)
}

func verify(b []byte, p *ledger.Policy) (*Result, error) {
	return Verify(context.Background(), b, Options{Policy: p, Engine: engine})
}

func TestPackageVerifies(t *testing.T) {
	h := newHouse(t)
	b := h.export()
	if !bytes.Equal(b, h.export()) {
		t.Error("the same content gave two packages")
	}
	r, err := verify(b, h.log.Policy())
	if err != nil {
		t.Fatal(err)
	}
	if r.Kind != OfCase || r.ID != "SAMPLE-1" || len(r.Events) != 30 || len(r.Replays) != 1 || !r.Replays[0].Equal || len(r.Packs) != 1 || r.OwnKeys {
		t.Errorf("%+v", r)
	}
	if !strings.Contains(r.Proves, "agrees with himself") || len(r.Not) != 6 {
		t.Errorf("it proves %q and not %v", r.Proves, r.Not)
	}
	own, err := verify(b, nil)
	if err != nil || !own.OwnKeys || len(own.Not) != 7 {
		t.Errorf("by its own keys: %+v, %v", own, err)
	}
	// What is recorded later changes nothing about what a checkpoint covered.
	stranger := newHouse(t)
	if _, err := verify(b, stranger.log.Policy()); !errors.Is(err, ledger.ErrUntrusted) {
		t.Errorf("under a stranger's policy: %v", err)
	}
}

// content reads a package apart, changes it, and puts it together again, as
// somebody would who knows the format and has no key.
func rebuilt(t *testing.T, b []byte, change func(*content)) []byte {
	t.Helper()
	c, _, err := disassemble(b)
	if err != nil {
		t.Fatal(err)
	}
	for i := range c.events {
		if err := c.events[i].open(); err != nil {
			t.Fatal(err)
		}
	}
	change(c)
	out, err := c.assemble()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestForgeries are packages that are well made and say something else.
func TestForgeries(t *testing.T) {
	x := exported()
	edit := func(e *piece, old, new string) {
		e.data = bytes.Replace(e.data, []byte(old), []byte(new), 1)
		e.env, _ = domain.DecodeEnvelope(e.data)
	}
	for name, change := range map[string]func(*content){
		"an event edited":   func(c *content) { edit(&c.events[10], `"post":"`, `"post":"x`) },
		"an event left out": func(c *content) { c.events = append(c.events[:10:10], c.events[11:]...) },
		"the last event left out": func(c *content) {
			c.events = c.events[:len(c.events)-1] // the replay: nothing tells that it was there
		},
		"two events changed about": func(c *content) { c.events[8], c.events[9] = c.events[9], c.events[8] },
		"an event twice":           func(c *content) { c.events = append(c.events, c.events[3]) },
		"another index":            func(c *content) { c.events[5].index += 1000 },
		"another case":             func(c *content) { c.id = "SAMPLE-2" },
		"another kind":             func(c *content) { c.kind = OfReview },
		"a determination added":    func(c *content) { c.document = "acquitted\n" },
		"a pack edited": func(c *content) {
			for name, data := range c.packs[0].files {
				c.packs[0].files[name] = append(data, ' ')
				break
			}
		},
		"a pack left out":        func(c *content) { c.packs = nil },
		"proof of another event": func(c *content) { c.events[4].proof = c.events[5].proof },
	} {
		t.Run(name, func(t *testing.T) {
			_, err := verify(rebuilt(t, x.b, change), x.policy)
			if name == "the last event left out" {
				// A package cannot show that a stream has ended. It says so.
				if err != nil {
					t.Errorf("a shorter package that claims no more than it holds: %v", err)
				}
				return
			}
			if err == nil {
				t.Fatal("it verifies")
			}
			if !errors.Is(err, ErrAltered) && !errors.Is(err, domain.ErrNotFound) && !errors.Is(err, replay.ErrNoRules) {
				t.Errorf("refused with %v", err)
			}
		})
	}
}

// TestFirstBadEventIsNamed flips one byte of every event.
func TestFirstBadEventIsNamed(t *testing.T) {
	x := exported()
	c, m, err := disassemble(x.b)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range c.events {
		at := bytes.Index(x.b, e.data) + len(e.data)/2
		b := bytes.Clone(x.b)
		b[at] ^= 1
		_, err := verify(b, x.policy)
		var f *Changed
		if !errors.As(err, &f) || f.Index != e.index || f.ID != m.Events[i].ID || f.Leaf != m.Events[i].Leaf || f.Got == f.Leaf {
			t.Fatalf("event %d: %v", i, err)
		}
	}
}

// TestEveryChangedByteIsRefused changes single bytes of a package: of what is
// proven and of what holds the zip together every one, and every 499th of the
// long texts of rules, whose digest covers them all alike. That takes minutes
// and is done by make check-full (LEEWAY_EVERY_BYTE); a plain test takes every
// 53rd of them.
func TestEveryChangedByteIsRefused(t *testing.T) {
	x := exported()
	rules := map[int]bool{}
	c, _, err := disassemble(x.b)
	if err != nil {
		t.Fatal(err)
	}
	for _, data := range c.packs[0].files {
		at := bytes.Index(x.b, data)
		for i := range data {
			rules[at+i] = i%499 != 0
		}
	}
	var trace []byte // the one event that is most of the rest
	for _, e := range c.events {
		if len(e.data) > len(trace) {
			trace = e.data
		}
	}
	at := bytes.Index(x.b, trace)
	for i := range trace {
		rules[at+i] = i%97 != 0
	}
	step := 53
	if os.Getenv("LEEWAY_EVERY_BYTE") != "" {
		step = 1
	}
	tried := 0
	for i := 0; i < len(x.b); i += step {
		if rules[i] {
			continue
		}
		b := bytes.Clone(x.b)
		b[i] ^= 1 << (i % 8)
		tried++
		if _, err := verify(b, x.policy); err == nil {
			t.Fatalf("byte %d of %d can be changed: %q", i, len(x.b), x.b[max(0, i-20):min(len(x.b), i+20)])
		}
	}
	t.Logf("%d of %d bytes changed, one at a time", tried, len(x.b))
}

// TestCutOff: a package that was cut off anywhere is none.
func TestCutOff(t *testing.T) {
	x := exported()
	for n := 0; n < len(x.b); n += 1 + len(x.b)/500 {
		if _, err := verify(x.b[:n], x.policy); !errors.Is(err, ErrAltered) {
			t.Fatalf("the first %d bytes: %v", n, err)
		}
	}
	if _, err := verify(append(bytes.Clone(x.b), 0), x.policy); !errors.Is(err, ErrAltered) {
		t.Error("a byte behind the end:", err)
	}
}

// TestHostileZips are made to hurt whoever opens them.
func TestHostileZips(t *testing.T) {
	pack := func(write func(w *zip.Writer)) []byte {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		write(w)
		w.Close()
		return b.Bytes()
	}
	plainly := func(name string) func(w *zip.Writer) {
		return func(w *zip.Writer) {
			f, _ := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
			f.Write([]byte("{}"))
		}
	}
	for name, b := range map[string][]byte{
		"up":      pack(plainly("../keys")),
		"root":    pack(plainly("/etc/passwd")),
		"drive":   pack(plainly(`C:\keys`)),
		"dots":    pack(plainly("packs/a/../b")),
		"hidden":  pack(plainly("packs/a/b/.git")),
		"foreign": pack(plainly("run.sh")),
		"folder":  pack(plainly("packs/")),
		"nothing": pack(func(*zip.Writer) {}),
		"no zip":  []byte("PK nothing"),
		"twice":   pack(func(w *zip.Writer) { plainly("keys")(w); plainly("keys")(w) }),
		"huge": pack(func(w *zip.Writer) {
			w.CreateRaw(&zip.FileHeader{Name: "keys", Method: zip.Store, CompressedSize64: 1 << 40, UncompressedSize64: 1 << 40})
		}),
		"bomb": pack(func(w *zip.Writer) {
			f, _ := w.Create("keys")
			f.Write(make([]byte, 1<<20))
		}),
	} {
		if _, err := verify(b, nil); !errors.Is(err, ErrAltered) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestOtherProgramsAreNamed: what this program cannot make again is told, and
// the rest holds.
func TestOtherProgramsAreNamed(t *testing.T) {
	x := exported()
	b := bytes.Replace(x.b, []byte(`"format": "`+Format), []byte(`"format": "leeway-evidence.v9`), 1)
	if _, err := verify(b, x.policy); !errors.Is(err, ErrUnsupported) || !strings.Contains(err.Error(), "v9") {
		t.Errorf("another format: %v", err)
	}

	for name, change := range map[string]func(*casework.ReplayRecorded){
		"trace format": func(r *casework.ReplayRecorded) {
			r.Trace = json.RawMessage(`{"inputs":{"format":"leeway-replay.v9","case":"SAMPLE-1","months":[]}}`)
		},
		"engine": func(r *casework.ReplayRecorded) {
			r.Engine = "another engine"
			r.Trace = bytes.Replace(r.Trace, []byte(`"primary":"`), []byte(`"primary":"X-`), 1)
		},
	} {
		h := newHouse(t)
		h.rewrite(change)
		p, r, err := Source{h.store, h.log, h.packs, engine}.Export(t.Context(), OfCase, "SAMPLE-1")
		if !errors.Is(err, ErrUnsupported) || r != nil || p != nil {
			t.Errorf("%s: export gave %v", name, err)
		}
	}
	h := newHouse(t)
	h.rewrite(func(r *casework.ReplayRecorded) {
		r.Trace = bytes.Replace(r.Trace, []byte(`"primary":"`), []byte(`"primary":"X-`), 1)
	})
	if _, _, err := (Source{h.store, h.log, h.packs, engine}).Export(t.Context(), OfCase, "SAMPLE-1"); !errors.Is(err, casework.ErrReplayDiffers) {
		t.Errorf("a trace of the same engine that differs: %v", err)
	}
}

// rewrite makes the house over with another replay on record, all of it signed
// by the operator's own key: an insider with everything.
func (h *house) rewrite(change func(*casework.ReplayRecorded)) {
	h.t.Helper()
	next := memory.New()
	for r, err := range h.store.All(h.t.Context(), eventstore.Start) {
		if err != nil {
			h.t.Fatal(err)
		}
		e := r.Event
		if strings.HasPrefix(r.Stream, replayPrefix) {
			env, err := domain.DecodeEnvelope(e.Data)
			if err != nil {
				h.t.Fatal(err)
			}
			var rec casework.ReplayRecorded
			if err := json.Unmarshal(env.Clear, &rec); err != nil {
				h.t.Fatal(err)
			}
			change(&rec)
			if env.Clear, err = domain.Canonical(rec); err != nil {
				h.t.Fatal(err)
			}
			if e.Data, err = env.Encode(); err != nil {
				h.t.Fatal(err)
			}
		}
		if _, err := next.Append(h.t.Context(), eventstore.Batch{Stream: r.Stream, Expected: r.Revision - 1, Command: r.ID, Events: []eventstore.Event{e}}); err != nil {
			h.t.Fatal(err)
		}
	}
	h.store = next
	h.home.Checkpoints, h.home.Tree = filepath.Join(h.t.TempDir(), "c"), filepath.Join(h.t.TempDir(), "t")
	h.open(ledger.Access{Seal: true, First: true})
}

// TestInsiderWithEverything rewrites the store, builds the tree again and signs
// it: with a witness in the policy that is caught, without one the verifier
// says that it cannot tell.
func TestInsiderWithEverything(t *testing.T) {
	h := newHouse(t)
	dir := t.TempDir()
	if _, err := ledger.CreateKey(filepath.Join(dir, "w.key"), "witness.example/w"); err != nil {
		t.Fatal(err)
	}
	key, err := ledger.LoadWitnessKey(filepath.Join(dir, "w.key"))
	if err != nil {
		t.Fatal(err)
	}
	own, err := os.ReadFile(h.home.Policy)
	if err != nil {
		t.Fatal(err)
	}
	strictText := strings.Replace(string(own), "quorum none", "witness w "+key.Public+"\nquorum w", 1)
	strict, err := ledger.ParsePolicy([]byte(strictText))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(h.home.Policy, []byte(strictText), 0o600); err != nil {
		t.Fatal(err)
	}
	witness, err := ledger.OpenWitness(filepath.Join(dir, "seen"), key, strict)
	if err != nil {
		t.Fatal(err)
	}
	defer witness.Close()
	sign := func() error {
		r, err := h.log.Request(0)
		if err != nil {
			return err
		}
		lines, err := witness.Sign(t.Context(), r.Marshal())
		if err != nil {
			return err
		}
		c, err := ledger.ParseCheckpoint(h.log.Latest().Note)
		if err == nil {
			_, err = h.log.AddCosignatures(t.Context(), c.Size, lines)
		}
		return err
	}
	h.log.Close()
	h.open(ledger.Access{Seal: true})
	if err := sign(); err != nil {
		t.Fatal(err)
	}
	honest := h.export()
	if r, err := verify(honest, strict); err != nil || len(r.Witnesses) != 1 {
		t.Fatalf("the honest package: %v", err)
	}

	h.rewrite(func(r *casework.ReplayRecorded) { r.Engine = "engine of the tesT" })
	if err := sign(); err == nil {
		t.Fatal("the witness signed a second history")
	}
	forged := h.export()
	if _, err := verify(forged, strict); !errors.Is(err, ledger.ErrUntrusted) {
		t.Errorf("with a witness in the policy: %v", err)
	}
	lax, err := ledger.ParsePolicy(own)
	if err != nil {
		t.Fatal(err)
	}
	r, err := verify(forged, lax)
	if err != nil {
		t.Fatalf("without a witness: %v", err)
	}
	if !strings.Contains(r.Proves, "agrees with himself") || len(r.Not) != 6 {
		t.Errorf("without a witness it does not say that it cannot tell: %q, %v", r.Proves, r.Not)
	}
}

// TestLaterFactsStayOut: a package is of one moment, and a replay of what it had
// read, whatever the case has become since.
func TestLaterFactsStayOut(t *testing.T) {
	h := newHouse(t)
	before := h.export()
	actor := domain.Actor{Person: "p", Office: "zhugentan", Post: "worker"}
	opened := "AFTER-1"
	text := fmt.Sprintf(`{"leeway":"case-file.v1","grade":"A","actor":{"person":"p","office":"o","post":"q"}}
{"case":%q,"type":"case-opened.v1","data":{"day":"2020-01-02","programme":"dibao","pack":"cn-hb-qianjiang","office":"o1","applicant":"m1","members":[{"id":"m1","relation":"self"}]}}`, opened)
	file, err := casework.ReadCaseFile(strings.NewReader(text), h.desk.Rules, domain.Date(2026, 11, 24))
	if err == nil {
		_, err = h.desk.Import(t.Context(), file, func(casework.Progress) {})
	}
	if err != nil {
		t.Fatal(actor, err)
	}
	if !bytes.Equal(before, h.export()) {
		t.Error("an event that is not sealed changed the package")
	}
	if _, _, err := (Source{h.store, h.log, h.packs, engine}).Export(t.Context(), OfCase, opened); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("a case that no checkpoint covers: %v", err)
	}
	if _, err := h.log.SealNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, b := range [][]byte{before, h.export()} {
		if _, err := verify(b, h.log.Policy()); err != nil {
			t.Error(err)
		}
	}
}

func FuzzVerify(f *testing.F) {
	x := exported()
	f.Add(x.b[:4096])
	f.Add([]byte("PK\x05\x06"))
	var small bytes.Buffer
	w := zip.NewWriter(&small)
	for name, text := range map[string]string{"package.json": `{"format":"leeway-evidence.v1","kind":"case","id":"x"}`, "checkpoint": "a\n", "keys": "quorum none\n"} {
		to, _ := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		to.Write([]byte(text))
	}
	w.Close()
	f.Add(small.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := verify(b, x.policy); err == nil && !bytes.Equal(b, x.b) {
			t.Fatalf("it verifies: %+v", r)
		}
	})
}

// FuzzManifest: whatever a manifest says, it is read or refused.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"format":"leeway-evidence.v1","kind":"case","id":"x","events":[{"index":1}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var m Manifest
		if err := decodeManifest(b, &m); err == nil && (m.ID == "" || m.Format != Format) {
			t.Fatalf("%+v", m)
		}
	})
}
