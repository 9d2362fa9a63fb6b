package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"leeway/domain"
	"leeway/eventstore"
)

// FuzzArchive unpacks any bytes as a file of a backup. Whatever it holds, nothing
// is written outside of the folder, and no name that a backup does not have.
func FuzzArchive(f *testing.F) {
	dir := f.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "kek"), []byte("x"), 0o600); err != nil {
		f.Fatal(err)
	}
	good := filepath.Join(dir, "good.tar")
	if err := archiveFiles(good, []archived{{"kek", filepath.Join(dir, "kek")}}); err != nil {
		f.Fatal(err)
	}
	text, err := os.ReadFile(good)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(strings.Replace(string(text), "kek", "../", 1)))
	f.Fuzz(func(t *testing.T, text []byte) {
		above := t.TempDir()
		file, into := filepath.Join(above, "a.tar"), filepath.Join(above, "into")
		if err := errors.Join(os.WriteFile(file, text, 0o600), os.Mkdir(into, 0o700)); err != nil {
			t.Fatal(err)
		}
		_ = readArchive(file, into, isKey.MatchString) // refused or not, what counts is what it left
		err := filepath.WalkDir(above, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || name == file {
				return err
			}
			inside, err := filepath.Rel(into, name)
			if err != nil || !isKey.MatchString(filepath.ToSlash(inside)) || !d.Type().IsRegular() {
				t.Errorf("%s was written", name)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzWire reads any bytes as a batch or an answer of the socket.
func FuzzWire(f *testing.F) {
	text, err := json.Marshal(newWireBatch(eventstore.Batch{Stream: "s", Expected: -1, Command: "c", Events: []eventstore.Event{{ID: "i", Type: "t", Data: []byte("{}")}}}))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"last":1,"kind":"conflict","error":"x"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var w, again wireBatch
		if json.Unmarshal(text, &w) == nil {
			back, err := json.Marshal(newWireBatch(w.batch()))
			if err == nil {
				err = json.Unmarshal(back, &again)
			}
			if err != nil || again.Stream != w.Stream || len(again.Events) != len(w.Events) {
				t.Errorf("%s is sent on as %s, %v", text, back, err)
			}
		}
		var a wireAnswer
		if json.Unmarshal(text, &a) == nil && (a.err() != nil) != (a.Error != "") {
			t.Errorf("%s: %v", text, a.err())
		}
	})
}

// FuzzLists reads any bytes as the file of approvers, of identities or of people:
// taken whole, or refused.
func FuzzLists(f *testing.F) {
	f.Add([]byte("# comment\na1 a1+00000000+AQ==\n"))
	f.Add([]byte(`{"identities":[{"name":"n","person":"p","office":"o","post":"q","role":"auditor"}]}`))
	f.Add([]byte("[[people]]\nsubject = \"s\"\nperson = \"p\"\noffice = \"o\"\npost = \"q\"\nroles = [\"auditor\"]\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		list, people := filepath.Join(dir, "identities.json"), filepath.Join(dir, "people.toml")
		if err := errors.Join(os.WriteFile(list, text, 0o600), os.WriteFile(people, text, 0o600)); err != nil {
			t.Fatal(err)
		}
		s := &session{lang: "en"}
		if keys, err := s.readApprovers(list); err == nil {
			for person, of := range keys {
				for _, key := range of {
					if person == "" || !strings.HasPrefix(key, person+"+") {
						t.Errorf("key %q is registered for %q", key, person)
					}
				}
			}
		}
		all, err := s.identities(asFlags{}, dir)
		if err != nil && !errors.Is(err, domain.ErrInvalid) {
			t.Errorf("identities: %v", err)
		}
		for name, i := range all {
			if name == "" || i.Person == "" {
				t.Errorf("an identity without name or person: %+v", i)
			}
		}
		if staff, err := readPeople(people); err == nil {
			for _, p := range staff {
				if p.Subject == "" || p.Person == "" || len(p.Roles) == 0 {
					t.Errorf("an entry without subject, person or role: %+v", p)
				}
			}
		}
	})
}
