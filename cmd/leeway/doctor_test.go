package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/eventstore"
	"leeway/eventstore/memory"
)

// examine runs the doctor's checks of a store and returns its lines by check.
func examine(t *testing.T, store eventstore.Store, now time.Time, check func(*doctor)) map[string]checkLine {
	t.Helper()
	s := underConfig(t, "", "", 0, nil)
	s.ctx, s.now = t.Context(), func() time.Time { return now }
	if _, err := s.configured(); err != nil {
		t.Fatal(err)
	}
	d := &doctor{session: s, dir: s.conf.get("data"), store: store}
	check(d)
	lines := map[string]checkLine{}
	for _, l := range d.lines {
		lines[l.Check] = l
		if l.State != stateOK && l.Mend == "" {
			t.Errorf("%s says %s and not what to do", l.Check, l.What)
		}
	}
	return lines
}

// published is a store in which a version of a pack was activated at a time,
// as an older program may have recorded it.
func published(t *testing.T, at time.Time, v domain.PackVersion) *memory.Store {
	t.Helper()
	e := eligibility.RulesActivated{On: eligibility.On{Day: domain.DayOf(at)}, Rules: v}
	clear, err := domain.Canonical(e)
	if err != nil {
		t.Fatal(err)
	}
	b := noted(eligibility.RulesStream, eventstore.NoStream, 1)
	b.Events[0].Type = e.EventType()
	env := domain.Envelope{Suite: domain.Suite, Clear: clear, Meta: domain.Meta{
		ID: b.Events[0].ID, Command: b.Command, Type: e.EventType(), Stream: b.Stream, RecordedAt: domain.At(at),
		Actor: domain.Actor{Person: "p1", Office: "county", Post: "rules"},
	}}
	if b.Events[0].Data, err = env.Encode(); err != nil {
		t.Fatal(err)
	}
	store := memory.New()
	if _, err := store.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	return store
}

// putSettings writes the settings of a server over a store, where it keeps
// them.
func putSettings(t *testing.T, store eventstore.Store, settings []byte) {
	t.Helper()
	b := noted("~$settings", eventstore.NoStream, 1<<30)
	b.Events[0].Data = settings
	if _, err := store.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

func TestDoctorMissesPacksThatWerePublished(t *testing.T) {
	s := underConfig(t, "", "", 0, nil)
	rules, err := s.rules()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	sound := rules.Versions()[0]
	altered, gone := sound, sound
	altered.Digest = strings.Repeat("0", len(sound.Digest))
	gone.Pack = "gone"
	for name, c := range map[string]struct {
		version domain.PackVersion
		state   string
		says    string
	}{"sound": {sound, stateOK, ""}, "altered": {altered, stateFail, sound.Digest}, "gone": {gone, stateFail, "gone"}} {
		got := examine(t, published(t, now, c.version), now, (*doctor).packs)["packs"]
		if got.State != c.state || !strings.Contains(got.What, c.says) {
			t.Errorf("%s: %+v, want %s", name, got, c.state)
		}
	}
}

func TestDoctorNoticesAClockThatIsBehind(t *testing.T) {
	store := published(t, time.Now(), domain.PackVersion{Pack: "p", Version: "1", Digest: "d"})
	if got := examine(t, store, time.Now().Add(-time.Hour), (*doctor).clock)["clock"]; got.State != stateFail {
		t.Errorf("an hour behind: %+v", got)
	}
	if got := examine(t, store, time.Now(), (*doctor).clock)["clock"]; got.State == stateFail {
		t.Errorf("in step: %+v", got)
	}
}

// TestDoctorJudgesTheAccessList: with the administrator's connection, on the
// settings of deploy/settings.json and on those that a server begins with.
func TestDoctorJudgesTheAccessList(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "deploy", "settings.json"))
	if err != nil {
		t.Fatal(err)
	}
	var events []struct{ Data json.RawMessage }
	if err := json.Unmarshal(text, &events); err != nil || len(events) != 1 {
		t.Fatalf("%d events: %v", len(events), err)
	}
	store := memory.New()
	dir := filepath.Join(t.TempDir(), "data")
	file := eventServer(t, store)
	if err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, "leeway.toml"),
		[]byte("[store]\nkind = \"esdb\"\nconnection_file = \""+file+"\"\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if got := leeway(t, "doctor", "--data", dir, "--admin", file, "--lang", "en"); !strings.Contains(got.out, "fail  who may delete") {
		t.Errorf("as it comes: %v", got)
	}
	putSettings(t, store, events[0].Data)
	if got := leeway(t, "doctor", "--data", dir, "--admin", file, "--lang", "en"); !strings.Contains(got.out, "ok    who may delete: may write: leeway; may delete: $admins") {
		t.Errorf("with deploy/settings.json: %v", got)
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if got := leeway(t, "doctor", "--data", dir, "--lang", "en"); got.code == 0 || !strings.Contains(got.out, "chmod 600") {
		t.Errorf("with an open connection file: %v", got)
	}
}

func TestDoctorSaysWhyAStoreCannotBeRead(t *testing.T) {
	dir := imported(t)
	path := filepath.Join(dir, ledgerFile)
	if err := os.WriteFile(path, bytes.Repeat([]byte("no ledger"), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := leeway(t, "doctor", "--data", dir, "--lang", "en"); got.code != exitFailed || !strings.Contains(got.out, "fail  event store: ") || strings.Contains(got.out, "clock:") {
		t.Errorf("%v", got)
	}
}
