package ledger_test

import (
	"archive/zip"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/eventstore/memory"
	"leeway/ledger"
	"leeway/ledger/evidence"
	"leeway/policies"
)

// aloud is a vault of the test; it hides nothing.
type aloud struct{}

func (aloud) Seal(_, _ string, f domain.PrivateField) (domain.Sealed, error) {
	return domain.Sealed{Field: f.Path, Subject: f.Data.Subject, Key: "k", Nonce: []byte("n"), Ciphertext: []byte("c"), Commitment: []byte("d")}, nil
}

func (aloud) Open(string, string, domain.Sealed) (string, error) { return "", domain.ErrSealed }

type library struct{ *policies.Library }

func (library) Engine() string { return "test" }

// TestPackageByForeignSoftware takes an evidence package apart with a zip
// reader, and verifies checkpoint and proofs with Go's sumdb alone, as an
// inspector may who trusts no line of ours.
func TestPackageByForeignSoftware(t *testing.T) {
	name, key := packaged(t)
	z, err := zip.OpenReader(name)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	read := func(name string) string {
		f, err := z.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		b, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	v, err := note.NewVerifier(key)
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open([]byte(read("checkpoint")), note.VerifierList(v))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(n.Text, "\n") // origin, size, root
	size, err1 := strconv.ParseInt(lines[1], 10, 64)
	root, err2 := tlog.ParseHash(lines[2])
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	checked := 0
	for _, f := range z.File {
		number, ok := strings.CutPrefix(f.Name, "events/")
		if !ok {
			continue
		}
		number = strings.TrimSuffix(number, ".json")
		index, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		head, _, _ := strings.Cut(read("proofs/"+number+".tlog-proof"), "\n\n")
		path := strings.Split(head, "\n")
		if path[0] != "c2sp.org/tlog-proof@v1" || path[1] != fmt.Sprintf("index %d", index) {
			t.Fatalf("proof begins with %q", path[:2])
		}
		var proof tlog.RecordProof
		for _, line := range path[2:] {
			b, err := base64.StdEncoding.DecodeString(line)
			if err != nil {
				t.Fatal(err)
			}
			proof = append(proof, tlog.Hash(b))
		}
		if err := tlog.CheckRecord(proof, size, root, index, tlog.RecordHash([]byte(read(f.Name)))); err != nil {
			t.Errorf("event %d: %v", index, err)
		}
		checked++
	}
	if checked != 29 {
		t.Errorf("%d events were checked", checked)
	}
}

// packaged exports a case, and gives the file and the public key of the log.
func packaged(t *testing.T) (file, key string) {
	t.Helper()
	dir := t.TempDir()
	packs, err := policies.New()
	if err != nil {
		t.Fatal(err)
	}
	store := memory.New()
	now := func() time.Time { return time.Date(2026, 11, 24, 4, 0, 0, 0, time.UTC) }
	desk := &casework.Service{Store: store, Rules: library{packs}, Sealer: aloud{}, Now: now}
	in, err := os.Open("../cmd/leeway/testdata/cases/sample.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	cases, err := casework.ReadCaseFile(in, desk.Rules, domain.Date(2026, 11, 24))
	if err == nil {
		_, err = desk.Import(t.Context(), cases, func(casework.Progress) {})
	}
	home := ledger.Home{Key: filepath.Join(dir, "key"), Policy: filepath.Join(dir, "policy"), Checkpoints: filepath.Join(dir, "checkpoints"), Tree: filepath.Join(dir, "tree")}
	if err == nil {
		err = home.Make("ledger.example/office")
	}
	if err != nil {
		t.Fatal(err)
	}
	log, err := home.Open(t.Context(), store, ledger.Access{Seal: true, First: true})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	b, _, err := evidence.Source{Store: store, Log: log, Packs: packs, Engine: "test"}.Export(t.Context(), evidence.OfCase, "SAMPLE-1")
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(dir, "case.zip")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	policy, err := os.ReadFile(home.Policy)
	if err != nil {
		t.Fatal(err)
	}
	return file, strings.TrimPrefix(strings.SplitN(string(policy), "\n", 2)[0], "log ")
}
