package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"leeway/domain"
	"leeway/policies"
	"leeway/policies/drafts"
)

// TestSealedDraftIsThePackOfTheCommand: what a server seals of a draft, after it
// was started anew, has the digest that the command gives the same folder, and
// stands where the ledger looks for it.
func TestSealedDraftIsThePackOfTheCommand(t *testing.T) {
	dir := t.TempDir()
	files, err := policies.Skeleton("mine", "1")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for name, text := range files {
		texts[name] = string(text)
	}
	if _, err := drafts.New(filepath.Join(dir, draftsFolder)).Open("mine", "1", domain.PackVersion{}, texts, "p1", domain.At(time.Now())); err != nil {
		t.Fatal(err)
	}
	d, err := drafts.New(filepath.Join(dir, draftsFolder)).Get("mine@1")
	if err != nil {
		t.Fatal(err)
	}
	onServer, err := policies.Seal(d.FS())
	if err != nil {
		t.Fatal(err)
	}
	store := packStore{dir: filepath.Join(dir, packsFolder)}
	if err := store.Install("mine", "1", d.Texts); err != nil {
		t.Fatal(err)
	}
	byCommand, err := policies.Seal(os.DirFS(filepath.Join(dir, packsFolder, "mine", "1")))
	if err != nil || byCommand.ID != onServer.ID {
		t.Errorf("the server sealed %v, the command %v (%v)", onServer.ID, byCommand.ID, err)
	}
	if err := store.Install("mine", "1", d.Texts); err == nil {
		t.Error("a version was put over one that is there")
	}
}
