package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"leeway/domain"
	"leeway/domain/casework"
)

// replayCmd replays one case 还原复算, or with All a population.
type replayCmd struct {
	CaseID string       `arg:"" name:"case" optional:""`
	Month  domain.Month `placeholder:"YYYY-MM"`
	AsOf   domain.Day   `placeholder:"YYYY-MM-DD"`
	Keep   bool
	At     string `placeholder:"N|YYYY-MM-DD"`
	// Explain adds what every rule said of the own file and of the truth.
	Explain bool
	populationFlags
}

// replayJSON is a replay as it is printed. Report is the trace: taken out of
// its white space, it is the bytes that are kept and compared.
type replayJSON struct {
	Digest string          `json:"digest"`
	Engine string          `json:"engine"`
	Report json.RawMessage `json:"report"`

	Explanations []explanationJSON `json:"explanations,omitempty"`
}

// json is the replay as data; nothing of it depends on the language.
func (sh *sheet) json() replayJSON {
	return replayJSON{sh.digest, sh.engine, sh.trace, sh.explanations}
}

// Run replays the case and prints the sheet. With --keep the trace goes on
// record, under the digest of its inputs, and the data folder is written to.
func (cmd replayCmd) Run(s *session) error {
	switch {
	case cmd.Merge:
		if cmd.Results == "" || cmd.AsOf != 0 || cmd.CaseID != "" || cmd.Keep || cmd.Explain || cmd.Month != 0 || cmd.At != "" || cmd.populationFlags != (populationFlags{Merge: true, Results: cmd.Results, Truth: cmd.Truth}) {
			return usage(&problem{what: s.t("merge alone"), where: "--merge", mend: s.t("give merge alone")})
		}
		return cmd.merge(s)
	case cmd.All && cmd.CaseID == "" && !cmd.Keep && !cmd.Explain && cmd.Month == 0 && cmd.At == "":
		return cmd.population(s, cmd.AsOf)
	case cmd.All || cmd.CaseID == "":
		return usage(&problem{what: s.t("case or all"), where: "leeway replay", mend: s.t("give case or all")})
	}
	use := func(desk *casework.Service) error {
		sh, err := s.replay(desk, cmd.CaseID, casework.ReplayOptions{AsOf: cmd.AsOf, From: cmd.Month, To: cmd.Month, Keep: cmd.Keep})
		if err != nil {
			return err
		}
		if cmd.Explain {
			if err := sh.explainNodes(desk); err != nil {
				return err
			}
		}
		if s.json {
			return s.writeJSON(sh.json())
		}
		sh.print()
		sh.printExplanations()
		return nil
	}
	if !cmd.Keep {
		return s.readingAt(cmd.At, use)
	}
	if cmd.At != "" {
		return usage(&problem{what: s.t("keep or at"), where: "--at", mend: s.t("leave out keep")})
	}
	dir, err := s.existing("data")
	if err != nil {
		return err
	}
	return s.writing(dir, use)
}

// keeper is who keeps a replay that was asked for on the command line, where
// nobody signs in.
var keeper = domain.Actor{Person: "leeway", Office: "leeway", Post: "replay"}

// replay replays a case. Inputs that were replayed and kept before must give
// the same bytes as then, whether this replay is kept or not.
func (s *session) replay(desk *casework.Service, id string, opt casework.ReplayOptions) (*sheet, error) {
	done, err := desk.ReplayCase(s.ctx, casework.Request{Actor: keeper}, id, opt)
	if err != nil {
		return nil, err
	}
	if opt.From != 0 && len(done.Report.Months) == 0 {
		return nil, &problem{what: s.t("no such month", id, opt.From), where: "--month", mend: s.t("leave out month"), err: domain.ErrNotFound}
	}
	plan, err := desk.Rules.Plan(done.Report.Inputs.RulesNow, done.Report.Inputs.AsOf)
	if err != nil {
		return nil, err
	}
	sh := &sheet{
		session: s, r: done.Report, trace: done.Trace, digest: done.Digest,
		attributes: plan.Attributes(), findings: plan.Findings(), steps: map[string]domain.Text{}, engine: desk.Rules.Engine(),
	}
	for _, m := range done.Report.Months {
		plan, err := desk.Rules.Plan(done.Report.Inputs.RulesNow, m.On)
		if err != nil {
			return nil, err
		}
		for _, step := range plan.Procedure(done.Report.Programme) {
			sh.steps[step.ID] = step.Title
		}
	}
	old, err := desk.StoredReplay(s.ctx, done.Digest)
	switch {
	case errors.Is(err, domain.ErrNotFound):
		return sh, nil
	case err == nil && !bytes.Equal(old.Trace, done.Trace):
		err = fmt.Errorf("%w: inputs %s, engine then %s, now %s", casework.ErrReplayDiffers, done.Digest, old.Engine, sh.engine)
	}
	return sh, err
}
