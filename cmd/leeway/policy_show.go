package main

import (
	"maps"
	"slices"
	"strings"

	"leeway/domain"
)

// policyCmd shows a rule pack as it stands on a day, or lists the packs.
type policyCmd struct {
	Pack      string     `arg:"" optional:""`
	On        domain.Day `placeholder:"YYYY-MM-DD"`
	Programme string     `placeholder:"NAME"`
}

// packJSON is a pack version on a day.
type packJSON struct {
	domain.PackVersion
	Title      domain.Text        `json:"title"`
	Authority  domain.Text        `json:"authority"`
	Reason     domain.Text        `json:"reason"`
	Supersedes string             `json:"supersedes,omitempty"`
	Corrects   string             `json:"corrects,omitempty"`
	On         domain.Day         `json:"on"`
	Programmes []programmeJSON    `json:"programmes"`
	Facts      []domain.Attribute `json:"facts"`
	Readings   []domain.Reading   `json:"readings"`
}

// programmeJSON is one benefit of a pack with its procedure on the day, empty
// where none was in force.
type programmeJSON struct {
	ID        string        `json:"id"`
	Title     domain.Text   `json:"title"`
	Procedure []domain.Step `json:"procedure"`
}

// Run prints one version, or the list of versions where none is named.
func (cmd policyCmd) Run(s *session) error {
	if cmd.Pack == "" {
		return s.listPacks()
	}
	if cmd.On == 0 {
		cmd.On = domain.DayOf(s.now())
	}
	library, v, plan, err := s.plan(cmd.Pack, cmd.On)
	if err != nil {
		return err
	}
	info, err := library.Info(v)
	if err != nil {
		return err
	}
	p := packJSON{
		PackVersion: v, Title: info.Title, Authority: info.Authority, Reason: info.Reason, Supersedes: info.Supersedes, Corrects: info.Corrects,
		On: cmd.On, Readings: plan.Readings(),
	}
	attributes := plan.Attributes()
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		p.Facts = append(p.Facts, attributes[name])
	}
	for _, pr := range info.Programmes {
		if cmd.Programme == "" || cmd.Programme == pr.ID {
			p.Programmes = append(p.Programmes, programmeJSON{pr.ID, pr.Title, append([]domain.Step{}, plan.Procedure(pr.ID)...)})
		}
	}
	if len(p.Programmes) == 0 {
		return &problem{what: s.t("no programme", cmd.Programme), where: "--programme", mend: s.t("leave out programme"), err: domain.ErrNotFound}
	}
	if s.json {
		return s.writeJSON(p)
	}
	s.showPack(p)
	return nil
}

// listPacks prints the versions at hand. The digest is what the ledger names a
// version by.
func (s *session) listPacks() error {
	library, err := s.library()
	if err != nil {
		return err
	}
	versions := library.Versions()
	if s.json {
		return s.writeJSON(map[string]any{"packs": versions})
	}
	rows := make([][]string, len(versions))
	for i, v := range versions {
		info, err := library.Info(v)
		if err != nil {
			return err
		}
		rows[i] = []string{v.Pack, v.Version, short(v.Digest), info.Title.In(s.lang)}
	}
	s.grid([]column{{head: s.t("pack")}, {head: s.t("version")}, {head: s.t("digest")}, {head: s.t("title"), max: 50}}, rows)
	return nil
}

// showPack prints a pack for somebody who wants to know what it asks for and
// where each step comes from. Values and conditions show in an explanation.
func (s *session) showPack(p packJSON) {
	s.pairs(
		[2]string{s.t("pack"), p.Pack + " " + p.Version},
		[2]string{s.t("title"), p.Title.In(s.lang)},
		[2]string{s.t("digest"), p.Digest},
		[2]string{s.t("authority"), p.Authority.In(s.lang)},
		[2]string{s.t("reason"), p.Reason.In(s.lang)},
		[2]string{s.t("supersedes"), p.Supersedes},
		[2]string{s.t("corrects"), p.Corrects},
		[2]string{s.t("rules on"), p.On.String()},
	)
	for _, programme := range p.Programmes {
		s.printf("\n%s\n", s.t("procedure of", programme.Title.In(s.lang)))
		if len(programme.Procedure) == 0 {
			s.printf("%s\n", s.t("no procedure"))
			continue
		}
		var rows [][]string
		for _, step := range programme.Procedure {
			rows = append(rows, []string{step.ID, step.Title.In(s.lang), s.limit(step), s.origins(step.Cites)})
		}
		s.grid([]column{{head: s.t("step")}, {head: s.t("title"), max: 30}, {head: s.t("limit"), max: 24}, {head: s.t("where from"), max: 44}}, rows)
	}
	s.heading("facts asked")
	var rows [][]string
	for _, a := range p.Facts {
		of := s.t("of household")
		if a.Member {
			of = s.t("of members")
		}
		rows = append(rows, []string{a.Name, a.Title.In(s.lang), of, strings.Join(a.Codes, " ")})
	}
	s.grid([]column{{head: s.t("fact")}, {head: s.t("title"), max: 36}, {head: ""}, {head: s.t("codes"), max: 24}}, rows)
}

// limit says by when a step is due, or how often it comes again.
func (s *session) limit(step domain.Step) string {
	switch {
	case step.Every > 0:
		return s.t("every months", step.Every)
	case step.Days > 0 && step.Working:
		return s.t("working days", step.Days)
	case step.Days > 0:
		return s.t("calendar days", step.Days)
	}
	return ""
}

// origins says where something comes from; what is to be verified is said.
func (s *session) origins(cites []domain.Cite) string {
	var parts []string
	for _, c := range cites {
		part := strings.TrimSpace(c.Title + " " + c.Article)
		if c.Origin == domain.ToVerify {
			part = s.t("to verify")
		}
		if part != "" && !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, s.t("list separator"))
}
