package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"leeway/domain"
)

const onePerson = `
[[people]]
subject = "wang"
name = "王"
person = "w3"
office = "town"
post = "opinion"
roles = ["worker"]
`

// TestDirectory reads the file of people, and reads it again when it changes.
func TestDirectory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "people.toml")
	age := time.Now().Add(-time.Hour)
	write := func(text string, mode os.FileMode) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.Chmod(path, mode), os.Chtimes(path, age, age)); err != nil {
			t.Fatal(err)
		}
		age = age.Add(time.Minute)
	}
	d := &directory{session: &session{lang: "en"}, path: path}
	write(onePerson, 0o644)
	if p, err := d.Person(context.Background(), "wang"); err != nil || p.Actor.Person != "w3" || p.Office != "town" || len(p.Roles) != 1 {
		t.Fatalf("%+v, %v", p, err)
	}
	write(strings.Replace(onePerson, "worker", "auditor", 1), 0o644)
	if p, err := d.Person(context.Background(), "wang"); err != nil || p.Roles[0] != "auditor" {
		t.Errorf("after the change: %+v, %v", p, err)
	}
	for name, bad := range map[string]struct {
		text string
		mode os.FileMode
		says string
	}{
		"writable by others": {onePerson, 0o666, "chmod go-w"},
		"unknown key":        {onePerson + "rolls = 1\n", 0o644, "rolls"},
		"unknown role":       {strings.Replace(onePerson, "worker", "king", 1), 0o644, "king"},
		"no TOML":            {"[[people", 0o644, path},
	} {
		write(bad.text, bad.mode)
		if _, err := d.Person(context.Background(), "wang"); !errors.Is(err, domain.ErrInvalid) || !strings.Contains(err.Error(), bad.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	write(onePerson, 0o644)
	if _, err := d.Person(context.Background(), "wang"); err != nil {
		t.Errorf("put right: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Person(context.Background(), "wang"); err == nil || errors.Is(err, domain.ErrNotFound) {
		t.Errorf("a file that is gone: %v", err)
	}
	none := &directory{}
	if _, err := none.Person(context.Background(), "wang"); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("without a file: %v", err)
	}
}
