package main

import (
	"leeway/api/documents"
	"leeway/domain"
	"leeway/domain/casework"
)

// diligenceCmd is the due-diligence record of a case 尽职记录: the procedure
// check of each judged act, and what each ground would still need.
type diligenceCmd struct {
	CaseID string       `arg:"" name:"case"`
	Month  domain.Month `placeholder:"YYYY-MM"`
	AsOf   domain.Day   `placeholder:"YYYY-MM-DD"`
	PDF    string       `name:"pdf" placeholder:"FILE" type:"path"`
}

// Run replays the case and asks every ground anew, in full. A paper that names
// no day stands as of the case's last entry, so that it is the same tomorrow.
func (cmd diligenceCmd) Run(s *session) error {
	return s.reading(func(desk *casework.Service) error {
		if cmd.PDF != "" && cmd.AsOf == 0 {
			day, err := desk.LastDay(s.ctx, cmd.CaseID)
			if err != nil {
				return err
			}
			cmd.AsOf = day
		}
		// The same replay as everywhere, so that the record can be found by its
		// digest; only the grounds are asked for again.
		sh, err := s.replay(desk, cmd.CaseID, casework.ReplayOptions{AsOf: cmd.AsOf, From: cmd.Month, To: cmd.Month})
		if err != nil {
			return err
		}
		record, _, err := desk.Diligence(s.ctx, cmd.CaseID, casework.ReplayOptions{AsOf: sh.r.Inputs.AsOf, From: cmd.Month, To: cmd.Month})
		if err != nil {
			return err
		}
		paper := documents.Diligence(record, sh.findings, s.lang)
		switch {
		case cmd.PDF != "":
			return s.savePDF(cmd.PDF, paper)
		case s.json:
			return s.writeJSON(record)
		}
		s.printDocument(paper)
		return nil
	})
}
