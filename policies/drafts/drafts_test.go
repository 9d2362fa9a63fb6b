package drafts

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"leeway/domain"
)

var now = domain.At(time.Date(2022, 1, 4, 2, 0, 0, 0, time.UTC))

func text(s string) *string { return &s }

func opened(t *testing.T, s *Shelf, version, by string) Draft {
	t.Helper()
	d, err := s.Open("mine", version, domain.PackVersion{}, map[string]string{"pack.yaml": "pack: mine\n"}, by, now)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestDraftOutlivesItsServer: what was written is there for the next server, to
// the byte; a file that another server began to write is passed over, and one
// that was damaged is named and hides no other.
func TestDraftOutlivesItsServer(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "drafts")
	s := New(dir)
	if list, err := s.List(); list != nil || err != nil {
		t.Fatalf("a folder that is not there: %v %v", list, err)
	}
	opened(t, s, "1", "p1")
	if _, err := s.Change("mine@1", 1, map[string]*string{"rules/a.yaml": text("规则: [\"<&>\"]\r\n")}, "p2", now); err != nil {
		t.Fatal(err)
	}
	again := New(dir)
	d, err := again.Get("mine@1")
	if err != nil || d.Texts["rules/a.yaml"] != "规则: [\"<&>\"]\r\n" || d.Revision != 2 || !slices.Equal(d.Authors, []string{"p1", "p2"}) || d.Last().By != "p2" {
		t.Fatalf("%+v %v", d, err)
	}
	opened(t, again, "2", "p1")
	for name, damage := range map[string]string{".draft-1": "{", "mine@2.json": "{", "x.json": "{}"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(damage), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	list, err := again.List()
	if len(list) != 1 || list[0].Texts != nil || err == nil || !strings.Contains(err.Error(), "mine@2.json") {
		t.Errorf("%+v %v", list, err)
	}
	info, err := os.Stat(filepath.Join(dir, "mine@1.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}

// TestNobodyIsWrittenOver: of many who saw the same revision of a file one
// writes it, and each of the others is told by whom it was changed.
func TestNobodyIsWrittenOver(t *testing.T) {
	s := New(t.TempDir())
	opened(t, s, "1", "p1")
	var wait sync.WaitGroup
	var mu sync.Mutex
	wrote, told := []string{}, 0
	for _, who := range []string{"p1", "p2", "p3", "p4", "p5"} {
		wait.Go(func() {
			_, err := s.Change("mine@1", 1, map[string]*string{"pack.yaml": text("by " + who)}, who, now)
			mu.Lock()
			defer mu.Unlock()
			var moved *Moved
			switch {
			case err == nil:
				wrote = append(wrote, who)
			case errors.As(err, &moved) && len(moved.Since) == 1 && moved.Since[0].File == "pack.yaml":
				told++
			default:
				t.Error(err)
			}
		})
	}
	wait.Wait()
	d, err := s.Get("mine@1")
	if err != nil || len(wrote) != 1 || told != 4 || d.Texts["pack.yaml"] != "by "+wrote[0] {
		t.Errorf("%v wrote, %d told: %+v %v", wrote, told, d, err)
	}
	if _, err := s.Change("mine@1", 1, map[string]*string{"pack.yaml": nil, "rules/b.yaml": text("x")}, "p1", now); err == nil {
		t.Error("a file that was changed since was taken out")
	}
	if _, err := s.Replace("mine@1", 1, map[string]string{"pack.yaml": "x"}, "p1", now); err == nil {
		t.Error("a draft that was changed since was replaced")
	}
	if err := s.Discard("mine@1", 1, "p1"); err == nil {
		t.Error("a draft that was changed since was discarded")
	}
	same, err := s.Change("mine@1", 2, map[string]*string{"pack.yaml": text("by " + wrote[0])}, "p9", now)
	if err != nil || same.Revision != 2 || slices.Contains(same.Authors, "p9") {
		t.Errorf("the same text again: %+v %v", same, err)
	}
}

// TestWhatIsNoDraft: names, sizes, numbers and texts that a draft does not take
// leave it as it was.
func TestWhatIsNoDraft(t *testing.T) {
	s := New(t.TempDir())
	opened(t, s, "1", "p1")
	whole := map[string]*string{}
	for _, name := range strings.Split("a b c d e f g h i", " ") {
		whole["rules/"+name+".yaml"] = text(strings.Repeat("x", MaxFile))
	}
	many := map[string]*string{}
	for i := range MaxFiles + 1 {
		many["rules/r"+strings.Repeat("x", i%50)+string(rune('a'+i/50))+".yaml"] = text("x")
	}
	for name, edits := range map[string]map[string]*string{
		"a way out": {"../pack.yaml": text("x")}, "rooted": {"/etc/x.yaml": text("x")}, "backwards": {`a\b.yaml`: text("x")}, "hidden": {".git/x.yaml": text("x")}, "deep": {"a/b/c.yaml": text("x")},
		"a folder's name": {"rules": text("x")}, "capitals": {"A.yaml": text("x")}, "empty": {"": text("x")}, "long": {strings.Repeat("a", 200) + ".yaml": text("x")}, "a line": {"a.yaml\n": text("x")},
		"no text": {"a.yaml": text("\xff")}, "a zero": {"a.yaml": text("a\x00")}, "large": {"a.yaml": text(strings.Repeat("x", MaxFile+1))}, "large in all": whole, "many": many, "none": {"pack.yaml": nil},
	} {
		if _, err := s.Change("mine@1", 1, edits, "p1", now); !errors.Is(err, domain.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if d, err := s.Get("mine@1"); err != nil || d.Revision != 1 || len(d.Texts) != 1 {
		t.Errorf("%+v %v", d, err)
	}
	for _, id := range []string{"", "mine", "../x@1", "mine@1/..", "mine@1.json/x", "MINE@1", strings.Repeat("a", 300) + "@1"} {
		if _, err := s.Get(id); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("%q: %v", id, err)
		}
	}
	if _, err := s.Open("..", "1", domain.PackVersion{}, map[string]string{"pack.yaml": "x"}, "p1", now); !errors.Is(err, domain.ErrInvalid) {
		t.Error(err)
	}
	if _, err := s.Open("mine", "1", domain.PackVersion{}, map[string]string{"pack.yaml": "x"}, "p2", now); !errors.Is(err, domain.ErrRefused) {
		t.Error("a second draft of one version")
	}
	for i := range MaxOwn - 1 {
		opened(t, s, "x"+string(rune('a'+i)), "p1")
	}
	if _, err := s.Open("mine", "more", domain.PackVersion{}, map[string]string{"pack.yaml": "x"}, "p1", now); !errors.Is(err, domain.ErrRefused) {
		t.Error("more drafts than one author may have")
	}
	opened(t, s, "more", "p2")
}

// TestSealedDraftIsRead: it is sealed by its author, once, and never changes
// after that; a seal that fails leaves it open.
func TestSealedDraftIsRead(t *testing.T) {
	s := New(t.TempDir())
	d := opened(t, s, "1", "p1")
	v := domain.PackVersion{Pack: "mine", Version: "1", Digest: "d"}
	seal := func(Draft) (domain.PackVersion, error) { return v, nil }
	unfit := errors.New("unfit")
	if _, err := s.Seal("mine@1", 1, "p2", seal); !errors.Is(err, domain.ErrRefused) {
		t.Error("somebody else seals it")
	}
	if _, err := s.Seal("mine@1", 1, "p1", func(Draft) (domain.PackVersion, error) { return v, unfit }); !errors.Is(err, unfit) {
		t.Error(err)
	}
	if d, err := s.Seal("mine@1", 1, "p1", seal); err != nil || d.Sealed != v {
		t.Fatal(d, err)
	}
	if _, err := s.Change("mine@1", 1, map[string]*string{"pack.yaml": text("x")}, "p1", now); !errors.Is(err, domain.ErrRefused) {
		t.Error("a sealed draft was changed")
	}
	if _, err := s.Seal("mine@1", 1, "p1", seal); !errors.Is(err, domain.ErrRefused) {
		t.Error("a sealed draft was sealed again")
	}
	packed, err := d.Zip()
	if err != nil {
		t.Fatal(err)
	}
	if texts, err := Unzip(packed); err != nil || len(texts) != 1 || texts["pack.yaml"] != d.Texts["pack.yaml"] {
		t.Errorf("zipped and back: %v %v", texts, err)
	}
}

// FuzzUnzip: whatever is sent, what comes out are names and sizes that a draft
// takes, or a fault.
func FuzzUnzip(f *testing.F) {
	d := Draft{Files: map[string]File{"pack.yaml": {}, "rules/a.yaml": {}}, Texts: map[string]string{"pack.yaml": "pack: x\n", "rules/a.yaml": "rules: []\n"}}
	good, err := d.Zip()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, data []byte) {
		texts, err := Unzip(data)
		if err != nil {
			if !errors.Is(err, domain.ErrInvalid) {
				t.Errorf("%v", err)
			}
			return
		}
		size := 0
		for name, text := range texts {
			size += len(text)
			if checkName(name) != nil {
				t.Errorf("%q", name)
			}
		}
		if size > MaxBytes || len(texts) > MaxFiles {
			t.Errorf("%d bytes in %d files", size, len(texts))
		}
	})
}
