package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"leeway/bulk"
	"leeway/domain"
)

// merge puts the parts of a replay, which several processes wrote into a folder
// or which were brought there, together to the lists of the whole. It reads no
// ledger and replays nothing.
func (f populationFlags) merge(s *session) error {
	files, err := os.ReadDir(f.Results)
	if err != nil {
		return s.unreadable(f.Results, err)
	}
	var parts []*bulk.Outcome
	for _, file := range files {
		if !partFile.MatchString(file.Name()) {
			continue
		}
		name := filepath.Join(f.Results, file.Name())
		part, err := readPart(name)
		if err != nil {
			return &problem{what: s.t("no part", err), where: name, mend: s.t("mend part"), err: domain.ErrInvalid}
		}
		parts = append(parts, part)
	}
	out, err := bulk.Merge(parts)
	if unfit := (*bulk.Unfit)(nil); errors.As(err, &unfit) {
		return s.unfit(f.Results, unfit)
	}
	if err != nil {
		return err
	}
	return f.show(s, "", out)
}

// partFile is what the results of a part are called.
var partFile = regexp.MustCompile(`^results-\d+-of-\d+\.json$`)

// readPart reads the results of one part. They must be those that the name of
// the file says: a copy under another name would otherwise stand for a part
// that is missing.
func readPart(file string) (*bulk.Outcome, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	out := new(bulk.Outcome)
	if err := json.Unmarshal(text, out); err != nil {
		return nil, err
	}
	if err := out.Check(); err != nil {
		return nil, err
	}
	if want := "results" + partName(out.Part) + ".json"; filepath.Base(file) != want {
		return nil, fmt.Errorf("%w: %s", domain.ErrInvalid, want)
	}
	return out, nil
}

// unfit words why the parts in a folder do not go together.
func (s *session) unfit(dir string, u *bulk.Unfit) error {
	var parts []string
	for _, p := range u.Parts {
		parts = append(parts, p.String())
	}
	what := s.t("unfit " + string(u.Why))
	if len(parts) > 0 {
		what += s.t("colon") + strings.Join(parts, " ")
	}
	return &problem{what: what, where: dir, mend: s.t("mend unfit " + string(u.Why)), err: u}
}
