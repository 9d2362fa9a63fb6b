package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/replay"
	"leeway/eventstore"
	"leeway/eventstore/sqlite"
	"leeway/ledger/vault"
)

// sampleCase is a sound case file with one case.
const sampleCase = "testdata/cases/sample.ndjson"

// ran is what one run of the program gave.
type ran struct {
	code        int
	out, errors string
}

// leeway runs the program in this process, on a fixed clock.
func leeway(t *testing.T, args ...string) ran {
	t.Helper()
	var out, errs bytes.Buffer
	env := func(name string) string { return map[string]string{"LANG": "zh_CN.UTF-8"}[name] }
	now := func() time.Time { return time.Date(2026, 11, 24, 4, 0, 0, 0, time.UTC) }
	code := run(context.Background(), call{args: args, out: &out, err: &errs, env: env, now: now})
	return ran{code, out.String(), errs.String()}
}

func TestSecondWriterIsRefusedAndReadersRunBeside(t *testing.T) {
	dir := t.TempDir()
	if r := leeway(t, "import", "--data", dir, sampleCase); r.code != 0 {
		t.Fatal(r)
	}
	holder, err := sqlite.Open(filepath.Join(dir, ledgerFile))
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close()
	r := leeway(t, "import", "--data", dir, sampleCase)
	if r.code != exitStore || !strings.Contains(r.errors, fmt.Sprint(os.Getpid())) || !strings.Contains(r.errors, "处理：等待该进程结束") {
		t.Errorf("second writer: code %d, want %d with the holder's process id %d\n%s", r.code, exitStore, os.Getpid(), r.errors)
	}
	for _, args := range [][]string{{"case", "list"}, {"case", "show", "SAMPLE-1"}, {"replay", "SAMPLE-1"}} {
		if r := leeway(t, append(args, "--data", dir)...); r.code != 0 {
			t.Errorf("%v beside a writer: %v", args, r)
		}
	}
}

func TestRecordsWithoutTheirKeysGetNoNewOnes(t *testing.T) {
	dir := t.TempDir()
	leeway(t, "import", "--data", dir, sampleCase)
	if err := os.RemoveAll(filepath.Join(dir, keysFolder)); err != nil {
		t.Fatal(err)
	}
	r := leeway(t, "import", "--data", dir, sampleCase)
	if r.code != exitRefused || !strings.Contains(r.errors, "从备份恢复密钥目录") {
		t.Errorf("import without the keys: %v", r)
	}
	if _, err := os.Stat(filepath.Join(dir, keysFolder)); err == nil {
		t.Error("new keys were made beside old records")
	}
	if r := leeway(t, "case", "show", "SAMPLE-1", "--data", dir); r.code != 0 {
		t.Errorf("reading without the keys: %v", r)
	}
}

func TestExposedKeysAreNotUsed(t *testing.T) {
	dir := t.TempDir()
	leeway(t, "import", "--data", dir, sampleCase)
	if err := os.Chmod(filepath.Join(dir, keysFolder), 0o755); err != nil {
		t.Fatal(err)
	}
	if r := leeway(t, "case", "list", "--data", dir); r.code != exitStore || !strings.Contains(r.errors, "密钥对他人开放") {
		t.Error(r)
	}
}

func TestDamagedStoreGivesNoAnswer(t *testing.T) {
	dir := t.TempDir()
	leeway(t, "import", "--data", dir, sampleCase)
	path := filepath.Join(dir, ledgerFile)
	for _, suffix := range []string{"-wal", "-shm"} {
		os.Remove(path + suffix)
	}
	if err := os.WriteFile(path, bytes.Repeat([]byte("not a ledger"), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"case", "list"}, {"replay", "SAMPLE-1"}, {"import", sampleCase}} {
		if r := leeway(t, append(args, "--data", dir)...); r.code != exitDamaged || r.out != "" {
			t.Errorf("%v on a damaged store: %v", args, r)
		}
	}
}

func TestEverySentinelHasItsExitCode(t *testing.T) {
	s := &session{lang: "en"}
	for err, want := range map[error]int{
		domain.ErrInvalid: 3, eventstore.ErrInvalid: 3, domain.ErrNotFound: 4, domain.ErrRefused: 5, domain.ErrSealed: 5,
		eventstore.ErrConflict: 6, eventstore.ErrCommandReused: 6,
		eventstore.ErrLocked: 7, eventstore.ErrPoisoned: 7, eventstore.ErrReadOnly: 7, eventstore.ErrClosed: 7, sqlite.ErrSchema: 7, vault.ErrExposed: 7,
		eventstore.ErrCorrupt: 8, domain.ErrAltered: 8, replay.ErrNoRules: 8, casework.ErrReplayDiffers: 8,
		context.Canceled: 1, fmt.Errorf("disk on fire"): 1,
	} {
		r := s.describe(fmt.Errorf("case X: %w", err))
		if r.Code != want || r.What == "" || r.Mend == "" {
			t.Errorf("%v: %+v, want code %d", err, r, want)
		}
	}
}

func TestFaultSaysWhatWhereAndHowToMend(t *testing.T) {
	s := &session{lang: "zh"}
	err := fmt.Errorf("case X: %w", domain.NewFault("data.day", "it is missing", "give its last day"))
	r := s.describe(err)
	if r.Code != exitInvalid || r.What != "未填写" || r.Where != "data.day（日期）" || r.Mend != "填写公示的最后一天" {
		t.Errorf("%+v", r)
	}
	s.lang = "en"
	if r := s.describe(err); r.What != "it is missing" || r.Where != "data.day" || r.Mend != "give its last day" {
		t.Errorf("%+v", r)
	}
	s.takes = map[string]bool{"day": true}
	if r := s.describe(err); r.Where != "--day" {
		t.Errorf("where: %q, want the flag", r.Where)
	}
}

func TestLanguageIsPickedByFlagThenLocaleThenChinese(t *testing.T) {
	for _, c := range []struct {
		args []string
		env  map[string]string
		want string
	}{
		{nil, nil, "zh"},
		{nil, map[string]string{"LANG": "C.UTF-8"}, "zh"},
		{nil, map[string]string{"LANG": "en_GB.UTF-8"}, "en"},
		{nil, map[string]string{"LANG": "en_GB.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, "zh"},
		{[]string{"version", "--lang", "en"}, map[string]string{"LANG": "zh_CN.UTF-8"}, "en"},
		{[]string{"--lang=zh", "version"}, map[string]string{"LANG": "en_US.UTF-8"}, "zh"},
	} {
		if got := language(call{args: c.args, env: func(n string) string { return c.env[n] }}); got != c.want {
			t.Errorf("language(%v, %v) = %s, want %s", c.args, c.env, got, c.want)
		}
	}
}

func TestDataFolderIsPickedByFlagThenVariableThenUser(t *testing.T) {
	env := map[string]string{"LEEWAY_DATA": "/var/leeway", "XDG_DATA_HOME": "/home/u/share"}
	s := &session{call: call{env: func(n string) string { return env[n] }}, lang: "zh"}
	check := func(name, want string) {
		t.Helper()
		if got, err := s.folder(name); err != nil || got != filepath.FromSlash(want) {
			t.Errorf("folder(%s) = %s, %v, want %s", name, got, err, want)
		}
	}
	check("data", "/var/leeway")
	check("demo", "/home/u/share/leeway/demo")
	delete(env, "LEEWAY_DATA")
	check("data", "/home/u/share/leeway/data")
	s.dir = "/given"
	check("data", "/given")
	check("demo", "/given")
}
