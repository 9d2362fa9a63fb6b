package web

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// asked are the keys that templates and handlers ask for by name.
func asked(t *testing.T) []string {
	t.Helper()
	inCode := regexp.MustCompile(`(?:v\.say\(|say\([\w.]+, )"([^"]+)"[,)]`)
	var keys []string
	err := fs.WalkDir(templateFiles, "templates", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(templateFiles, path)
		for _, m := range regexp.MustCompile(`[{( ]t "([^"]+)"`).FindAllSubmatch(text, -1) {
			keys = append(keys, string(m[1]))
		}
		return err
	})
	files, globErr := filepath.Glob("*.go")
	if err != nil || globErr != nil {
		t.Fatal(err, globErr)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range inCode.FindAllSubmatch(text, -1) {
			keys = append(keys, string(m[1]))
		}
	}
	if len(keys) < 100 {
		t.Fatalf("only %d keys were found", len(keys))
	}
	return keys
}
