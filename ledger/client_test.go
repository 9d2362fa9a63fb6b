package ledger

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"leeway/eventstore"
)

// wire is an HTTP client that reaches handlers by host name, without a
// network, so that it can be used in a bubble of virtual time.
type wire map[string]http.Handler

func (w wire) RoundTrip(req *http.Request) (*http.Response, error) {
	h, ok := w[req.URL.Host]
	if !ok {
		return nil, errors.New("no route to host")
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	return rec.Result(), req.Context().Err()
}

// reachable adds a URL to each witness of the policy.
func (o *office) reachable() {
	for i := range o.cfg.Policy.witnesses {
		o.cfg.Policy.witnesses[i].url = "http://" + o.cfg.Policy.witnesses[i].name + "/"
	}
}

func say(status int, text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		_, _ = io.Copy(io.Discard, req.Body)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	})
}

func TestCollect(t *testing.T) {
	o := newOffice(t, 5)
	ws := o.witnesses("group g 2 A B C\nquorum g", "A", "B", "C")
	o.reachable()
	l := o.create()
	client := &http.Client{Transport: wire{"A": ws[0].Handler(), "C": ws[2].Handler()}}
	for range 3 { // from nothing, grown, and once more
		err := l.Collect(t.Context(), client)
		if err == nil || !strings.Contains(err.Error(), "witness B: ") || strings.Contains(err.Error(), "witness A") {
			t.Errorf("B is down: %v", err)
		}
		v, err := o.cfg.Policy.Verify(l.Latest().Note)
		if err != nil || len(v.Witnesses) != 2 {
			t.Errorf("cosigned by %+v, %v", v.Witnesses, err)
		}
		if s := status(t, l); s.Cosigned != s.Sealed {
			t.Errorf("sealed %d, cosigned %d", s.Sealed, s.Cosigned)
		}
		o.record(4)
		seal(t, l)
	}
	if s := status(t, l); s.Cosigned == s.Sealed {
		t.Errorf("the newest checkpoint counts as cosigned: %+v", s)
	}
	// Proofs are made under the newest checkpoint with a quorum.
	p, err := l.Prove(recorded(t, o.store)[2])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.cfg.Policy.VerifyInclusion(p.Proof, p.Data); err != nil {
		t.Error(err)
	}
	l.Close()
	l = o.open() // which finds it again
	if s := status(t, l); s.Cosigned != 13 || s.Sealed != 17 {
		t.Errorf("after a start %d are cosigned and %d sealed, want 13 and 17", s.Cosigned, s.Sealed)
	}
}

// TestWitnessesThatLie answers with everything but a cosignature.
func TestWitnessesThatLie(t *testing.T) {
	other := newOffice(t, 3)
	o := newOffice(t, 5)
	w := o.witnesses("quorum A", "A")[0]
	o.reachable()
	l := o.create()
	lines, err := w.Sign(t.Context(), request(t, l, 0))
	if err != nil {
		t.Fatal(err)
	}
	theirs := other.witnesses("quorum A", "A")[0]
	foreign, err := theirs.Sign(t.Context(), request(t, other.create(), 0))
	if err != nil {
		t.Fatal(err)
	}
	old := string(lines)
	o.record(1)
	seal(t, l)
	for name, c := range map[string]struct {
		h    http.Handler
		want error
	}{
		"nothing":                    {say(200, ""), ErrMalformed},
		"garbage":                    {say(200, "\x00\xff"), ErrMalformed},
		"a note in front":            {say(200, "x\n\n"+old), nil},
		"a line without an end":      {say(200, strings.TrimSuffix(old, "\n")), ErrMalformed},
		"the line of an older one":   {say(200, old), ErrUntrusted},
		"a stranger's line":          {say(200, string(foreign)), ErrUntrusted},
		"a size that is none":        {say(409, "many\n"), nil},
		"a size below zero":          {say(409, "-1\n"), nil},
		"a larger size: a rollback":  {say(409, "700\n"), ErrRolledBack},
		"another size each time":     {moving(), nil},
		"its own size, another root": {say(409, "0\n"), ErrRewritten},
		"not a continuation":         {say(422, "no"), ErrRewritten},
		"does not know us":           {say(404, ""), nil},
		"does not know our key":      {say(403, ""), nil},
		"broken":                     {say(500, strings.Repeat("x", 1<<20)), nil},
		"too much of everything":     {say(200, strings.Repeat(old, 200)), ErrMalformed},
	} {
		err := l.Collect(t.Context(), &http.Client{Transport: wire{"A": c.h}})
		if err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if v, err := o.cfg.Policy.Verify(l.Latest().Note); err == nil {
			t.Errorf("%s: now counts as cosigned: %+v", name, v)
		}
	}
}

// moving answers with another size each time.
func moving() http.Handler {
	n := 0
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		n++
		say(409, []string{"1\n", "2\n", "3\n"}[n%3]).ServeHTTP(w, req)
	})
}

// TestRollbackIsAlarmed: the events were put back from an old backup together
// with the checkpoint store, so that only the witness remembers.
func TestRollbackIsAlarmed(t *testing.T) {
	o := newOffice(t, 8)
	w := o.witnesses("quorum A", "A")[0]
	o.reachable()
	client := &http.Client{Transport: wire{"A": w.Handler()}}
	l := o.create()
	if err := l.Collect(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	short := o.forge(func(all []eventstore.Recorded) []eventstore.Recorded { return all[:6] })
	err := short.Collect(t.Context(), client)
	wantErr(t, err, ErrRolledBack)
	if !strings.Contains(err.Error(), "old backup") {
		t.Errorf("the alarm does not say what to do: %v", err)
	}
	wantErr(t, o.forge(flip(2, 2)).Collect(t.Context(), client), ErrRewritten)
	o.record(2)
	wantErr(t, o.forge(flip(2, 2)).Collect(t.Context(), client), ErrRewritten)
}

// TestWitnessed loses the witness for an hour and gets it back.
func TestWitnessed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, 1)
		w := o.witnesses("quorum A", "A")[0]
		o.reachable()
		var asked atomic.Int64
		var down atomic.Bool
		net := wire{"A": http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
			if asked.Add(1); down.Load() {
				say(503, "").ServeHTTP(rw, req)
				return
			}
			w.Handler().ServeHTTP(rw, req)
		})}
		l := o.create()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { l.Witnessed(ctx, &http.Client{Transport: net}, 5*time.Second); close(done) }()
		time.Sleep(6 * time.Second)
		synctest.Wait()
		if s := status(t, l); s.Cosigned != 1 || s.Lacking != nil {
			t.Errorf("after the first round: %+v", s)
		}
		down.Store(true)
		asked.Store(0)
		o.record(1)
		seal(t, l)
		time.Sleep(time.Hour)
		synctest.Wait()
		if s := status(t, l); s.Cosigned != 1 || s.Lacking == nil || s.Sealed != 2 {
			t.Errorf("while it is down: %+v", s)
		}
		if n := asked.Load(); n < 50 || n > 70 {
			t.Errorf("it was asked %d times in an hour, want about once a minute", n)
		}
		down.Store(false)
		time.Sleep(MaxDelay + time.Second)
		synctest.Wait()
		if s := status(t, l); s.Cosigned != 2 || s.Lacking != nil {
			t.Errorf("when it is back: %+v", s)
		}
		cancel()
		<-done
	})
}

func TestAddCosignaturesNeedsItsCheckpoint(t *testing.T) {
	o := newOffice(t, 2)
	w := o.witnesses("quorum A", "A")[0]
	l := o.create()
	lines, err := w.Sign(t.Context(), request(t, l, 0))
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int64{-1, 0, 1, 3} {
		_, err := l.AddCosignatures(t.Context(), size, lines)
		wantErr(t, err, ErrNoCheckpoint)
	}
	o.record(3)
	seal(t, l) // the answer comes after the next checkpoint
	s, err := l.AddCosignatures(t.Context(), 2, lines)
	if err != nil || s.Seq != 1 {
		t.Errorf("late answer: %+v, %v", s, err)
	}
	if again, err := l.AddCosignatures(t.Context(), 2, lines); err != nil || string(again.Note) != string(s.Note) {
		t.Errorf("the same answer twice: %v", err)
	}
	if got := status(t, l); got.Cosigned != 2 || got.Sealed != 5 {
		t.Errorf("afterwards: %+v", got)
	}
}

// TestLateAnswer: a witness signs two checkpoints, and the answers arrive in
// the other order. The newer one stays what proofs are made under.
func TestLateAnswer(t *testing.T) {
	o := newOffice(t, 2)
	w := o.witnesses("quorum A", "A")[0]
	l := o.create()
	early, err := w.Sign(t.Context(), request(t, l, 0))
	if err != nil {
		t.Fatal(err)
	}
	o.record(3)
	seal(t, l)
	cosign(t, l, w, 2)
	if _, err := l.AddCosignatures(t.Context(), 2, early); err != nil {
		t.Fatal(err)
	}
	if s := status(t, l); s.Cosigned != 5 {
		t.Errorf("cosigned are %d events, want 5", s.Cosigned)
	}
	for s, err := range o.cfg.Checkpoints.Back(t.Context(), always) {
		if _, lacking := o.cfg.Policy.Verify(s.Note); err != nil || lacking != nil {
			t.Errorf("checkpoint %d: %v, %v", s.Seq, err, lacking)
		}
	}
}
