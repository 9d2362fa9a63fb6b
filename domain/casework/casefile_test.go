package casework

import (
	"strings"
	"testing"

	"leeway/domain"
)

const (
	header     = `{"leeway":"case-file.v1","title":{"zh":"案","en":"case"},"grade":"A","actor":{"person":"w1","office":"town","post":"intake"}}`
	activated  = `{"type":"rules-activated.v1","data":{"day":"2020-01-01","rules":{"pack":"p","version":"1"}}}`
	openedLine = `{"case":"C","type":"case-opened.v1","data":{"day":"2020-01-02","programme":"dibao","pack":"p","office":"town","applicant":"m1","members":[{"id":"m1","relation":"self"}]}}`
)

// lines is a case file with a header and an activated pack.
func lines(more ...string) string {
	return strings.Join(append([]string{header, activated}, more...), "\n") + "\n"
}

// read reads a case file that must be sound.
func read(t testing.TB, text string) *File {
	t.Helper()
	f, err := ReadCaseFile(strings.NewReader(text), library{}, domain.DayOf(noon))
	if err != nil {
		t.Fatalf("ReadCaseFile:\n%v", err)
	}
	return f
}
