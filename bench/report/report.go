// Package report is what the measuring commands of this module share: where a
// table stands in a document, and on what machine it was taken.
package report

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
)

// Put replaces what stands between the marks of a table in a document: what
// "make NAME" writes.
func Put(file, name, text string) error {
	begins, ends := fmt.Sprintf("<!-- %s: written by make %[1]s -->", name), fmt.Sprintf("<!-- %s: end -->", name)
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(old), begins)
	_, after, ok2 := strings.Cut(rest, ends)
	if !ok || !ok2 {
		return errors.New(file + " has no place for the table: put the two marks \"" + begins + "\" and \"" + ends + "\" where it belongs")
	}
	return os.WriteFile(file, []byte(before+begins+"\n\n"+text+"\n"+ends+after), 0o644)
}

// Machine says where it ran, as a reader needs to know.
func Machine() string {
	model := runtime.GOARCH
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(b)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%s, %d cores, %s/%s, %s", model, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
}

// Load is the load of the machine over 1, 5 and 15 minutes; empty where it
// cannot be read.
func Load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	return strings.Join(strings.Fields(string(b))[:3], " ")
}
