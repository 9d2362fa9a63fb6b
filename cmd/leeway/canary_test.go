package main

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// canaries are names and ID numbers, synthetic all, that tests and stories
// record as personal data. In plain text they may stand in what a story brings
// in, and on a screen on which somebody asked for them; nowhere else.
var canaries = regexp.MustCompile(`金丝雀|测试[甲乙丙丁戊己庚辛壬癸子]|测试账户|测试镇测试村|TEST-429005-|CANARY-[0-9]+|11010519491231002[Xx]|429005198001012345`)

// leaks lists the files under a folder that hold a canary, and in which words.
func leaks(t *testing.T, dir string) (list []string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		files++
		text, err := os.ReadFile(name)
		if found := canaries.Find(legible(name, text)); found != nil {
			list = append(list, fmt.Sprintf("%s: %s", name, found))
		}
		if canaries.MatchString(name) {
			list = append(list, name)
		}
		return err
	})
	if err != nil || files == 0 {
		t.Fatalf("%d files under %s: %v", files, dir, err)
	}
	return list
}

// legible is what a reader of a file sees: what is packed in it is unpacked,
// and the glyphs of a PDF are the characters that they stand for.
func legible(name string, text []byte) []byte {
	switch filepath.Ext(name) {
	case ".xlsx", ".zip":
		z, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
		if err != nil {
			return text
		}
		for _, f := range z.File {
			in, err := f.Open()
			if err != nil {
				continue
			}
			inner, _ := io.ReadAll(in) // what can be read of it
			in.Close()
			text = append(text, inner...)
		}
	case ".pdf":
		byGlyph := map[string]rune{}
		for _, m := range pdfGlyph.FindAllSubmatch(text, -1) {
			r, _ := strconv.ParseInt(string(m[2]), 16, 32)
			byGlyph[strings.ToUpper(string(m[1]))] = rune(r)
		}
		var out strings.Builder
		for _, m := range pdfStream.FindAllSubmatchIndex(text, -1) {
			z, err := zlib.NewReader(bytes.NewReader(text[m[1]:]))
			if err != nil {
				continue // not compressed
			}
			content, _ := io.ReadAll(z)
			for _, run := range pdfShown.FindAllSubmatch(content, -1) {
				for glyphs := strings.ToUpper(string(run[1])); len(glyphs) >= 4; glyphs = glyphs[4:] {
					out.WriteRune(byGlyph[glyphs[:4]])
				}
			}
		}
		return []byte(out.String())
	}
	return text
}

var (
	pdfStream = regexp.MustCompile(`<<[^>]*/Length \d+[^>]*>>\s*stream\r?\n`)
	pdfShown  = regexp.MustCompile(`<([0-9A-Fa-f]*)>`)
	pdfGlyph  = regexp.MustCompile(`(?m)^<([0-9A-F]{4})><[0-9A-F]{4}><([0-9A-F]+)>`)
)

// TestCanaryInTheWholeProgram records names and ID numbers and runs what reads,
// replays, lists, backs up and serves. They stand in no file of the data folder
// or of a backup, be it store, read model, tree or checkpoint, and in no output,
// error, log, metric or address but on the one screen that was asked for them.
func TestCanaryInTheWholeProgram(t *testing.T) {
	dir, out := socketDir(t), t.TempDir()
	const who = `{"subject":"m1","text":"金丝雀甲"}`
	lines := []string{
		`{"leeway":"case-file.v1","title":{"zh":"一人","en":"one"},"grade":"A","actor":{"person":"w1","office":"o1","post":"worker"}}`,
		`{"type":"rules-activated.v1","data":{"day":"2020-01-01","rules":{"pack":"cn-hb-qianjiang","version":"2020.1","digest":""}}}`,
		`{"case":"K1","type":"case-opened.v1","data":{"day":"2020-01-02","programme":"dibao","pack":"cn-hb-qianjiang","office":"o1","applicant":"m1","members":[{"id":"m1","relation":"self","name":` + who + `,"id_number":{"subject":"m1","text":"11010519491231002X"}}],"address":{"subject":"m1","text":"CANARY-77号"}}}`,
		`{"case":"K1","type":"complaint-received.v1","data":{"day":"2020-02-01","text":` + who + `}}`,
		`{"case":"K1","type":"benefit-paid.v1","data":{"day":"2020-03-10","month":"2020-03","amount":10000,"account":{"subject":"m1","text":"CANARY-6222"}}}`,
	}
	good, bad := filepath.Join(out, "good.ndjson"), filepath.Join(t.TempDir(), "bad.ndjson")
	for name, text := range map[string]string{
		good: strings.Join(lines, "\n"),
		bad:  strings.ReplaceAll(strings.Join(lines, "\n"), `"day":"2020-02-01","text"`, `"day":"2020-02-41","nonsense":"11010519491231002X","text"`),
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if r := leeway(t, "import", "--data", dir, bad); r.code != exitInvalid || canaries.MatchString(r.out+r.errors) {
		t.Errorf("a file with a fault: code %d, %s", r.code, canaries.FindString(r.out+r.errors))
	}
	if r := leeway(t, "import", "--data", dir, good); r.code != 0 || canaries.MatchString(r.out+r.errors) {
		t.Fatalf("import: %+v", r)
	}
	if err := os.Remove(good); err != nil {
		t.Fatal(err)
	}
	if r := leeway(t, "case", "show", "K1", "--data", dir); !strings.Contains(r.out, "金丝雀甲") {
		t.Fatalf("the screen that is asked for the name does not show it: %+v", r)
	}
	server := startServer(t, dir)
	for _, path := range []string{"/metrics", "/readyz", "/livez", "/api/v1/cases?person=11010519491231002X", "/金丝雀甲"} {
		if _, body := server.get(t, path); canaries.MatchString(body) {
			t.Errorf("%s answers %s", path, canaries.FindString(body))
		}
	}
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for line := range server.log {
		if canaries.MatchString(line) {
			t.Errorf("the log says %s", line)
		}
	}
	if err := server.Wait(); err != nil {
		t.Errorf("serve ended with %v", err)
	}
	for _, args := range [][]string{
		{"case", "list"}, {"case", "list", "--json"}, {"case", "show", "金丝雀甲"}, {"replay", "K1", "--keep"}, {"replay", "K1", "--json"}, {"replay", "K1", "--explain"},
		{"case", "diligence", "K1"}, {"privacy", "status", "K1"}, {"projections", "rebuild"}, {"projections", "list", "--json"}, {"doctor", "--json"},
		{"case", "list", "--xlsx", filepath.Join(out, "list.xlsx"), "--csv", filepath.Join(out, "list.csv")}, {"audit", "money", "--xlsx", filepath.Join(out, "money.xlsx")},
		{"audit", "cases", "--hits", "--xlsx", filepath.Join(out, "hits.xlsx")}, {"case", "diligence", "K1", "--pdf", filepath.Join(out, "diligence.pdf")}, {"export", "K1", "--out", filepath.Join(out, "k1.zip")},
		{"verify", filepath.Join(out, "k1.zip"), "--json"}, {"case", "show", "K1", "--sealed", "--at", "1", "--json", "--as-of", "2019-01-01"},
		{"backup", filepath.Join(out, "b.tar"), "--keys", filepath.Join(out, "k.tar")}, {"policy", "status", "--json"}, {"config", "show"},
	} {
		r := leeway(t, append(args, "--data", dir)...)
		// What was typed is on the screen of who typed it, and nowhere else.
		if strings.Join(args, " ") != "case show 金丝雀甲" && canaries.MatchString(r.out+r.errors) {
			t.Errorf("%v shows %s", args, canaries.FindString(r.out+r.errors))
		}
		if r.code == exitUsage {
			t.Errorf("%v: %+v", args, r)
		}
	}
	for _, folder := range []string{dir, out} {
		for _, leak := range leaks(t, folder) {
			t.Error(leak)
		}
	}
	// The paper of the whole case is for who handles it, and says that the test
	// can read what is printed.
	paper := filepath.Join(t.TempDir(), "case.pdf")
	if r := leeway(t, "case", "show", "K1", "--pdf", paper, "--data", dir); r.code != 0 || len(leaks(t, filepath.Dir(paper))) != 1 {
		t.Errorf("the printed case does not show the name, or the test does not find it: %+v", r)
	}
	if _, err := os.Stat(filepath.Join(dir, "projections.db")); err != nil {
		t.Errorf("no read models were looked through: %v", err)
	}
}

// checkCanaries looks, when a story has ended, through every file of every data
// folder that it left: whatever the story did, no name stands in them.
func checkCanaries(work string) error {
	var found []string
	err := filepath.WalkDir(work, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if _, err := os.Stat(filepath.Join(name, ledgerFile)); err != nil {
			return nil
		}
		// Files that a story put into the folder itself are its own.
		return filepath.WalkDir(name, func(file string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() || filepath.Ext(file) == ".ndjson" {
				return err
			}
			text, err := os.ReadFile(file)
			if hit := canaries.Find(text); hit != nil {
				found = append(found, fmt.Sprintf("%s holds %q", strings.TrimPrefix(file, work), hit))
			}
			return err
		})
	})
	if err == nil && len(found) > 0 {
		err = fmt.Errorf("personal data in plain text: %s", strings.Join(found, "; "))
	}
	return err
}

// TestCanariesAreFound tests the test: a name in a data folder is found, in
// UTF-8 as every file of ours has it.
func TestCanariesAreFound(t *testing.T) {
	work := t.TempDir()
	dir := filepath.Join(work, "data")
	for name, text := range map[string]string{ledgerFile: "", "x/y": "before 测试癸 after"} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := checkCanaries(work); err == nil || !bytes.Contains([]byte(err.Error()), []byte("测试癸")) {
		t.Errorf("checkCanaries = %v", err)
	}
	if found := leaks(t, dir); len(found) != 1 {
		t.Errorf("leaks = %v", found)
	}
}
