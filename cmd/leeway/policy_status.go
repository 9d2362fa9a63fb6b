package main

import (
	"slices"
	"strings"

	"leeway/api/documents"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
)

// statusCmd says which versions are active, who approved them, and which
// offices hold them.
type statusCmd struct {
	Pack string `arg:"" optional:""`
	listFlags
}

// activeJSON is one activated version.
type activeJSON struct {
	Rules     domain.PackVersion `json:"rules"`
	Day       domain.Day         `json:"day"`
	Corrects  string             `json:"corrects,omitempty"`
	Approvals []approvalJSON     `json:"approvals"`
	Claimed   bool               `json:"claimed"` // history that was imported
	Offices   []officeJSON       `json:"offices"`
}

// officeJSON is an office with the days on which a version was sent to it and
// received by it.
type officeJSON struct {
	Office   string     `json:"office"`
	Sent     domain.Day `json:"sent,omitzero"`
	Received domain.Day `json:"received,omitzero"`
}

// Run prints the versions of one pack or of all.
func (cmd statusCmd) Run(s *session) error {
	pack, version, _ := strings.Cut(strings.Replace(cmd.Pack, "@", "/", 1), "/")
	list := []activeJSON{}
	// The register alone answers: what is active is a fact of the ledger, whether
	// or not the pack is still at hand.
	err := s.reading(func(desk *casework.Service) error {
		r, err := desk.Register(s.ctx)
		if err != nil {
			return err
		}
		for _, a := range r.Rules {
			if (pack == "" || a.Rules.Pack == pack) && (version == "" || a.Rules.Version == version) {
				list = append(list, s.active(r, a))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if cmd.files() {
		return cmd.show(s, s.activeList(list))
	}
	if s.json {
		return s.writeJSON(map[string]any{"active": list})
	}
	if len(list) == 0 {
		s.printf("%s\n", s.t("none active"))
	}
	for i, a := range list {
		if i > 0 {
			s.printf("\n")
		}
		s.showActive(a)
	}
	return nil
}

// active gathers what the register says of one activation. Of several words on
// an office the last counts.
func (s *session) active(r *eligibility.Register, a eligibility.Activation) activeJSON {
	x := activeJSON{Rules: a.Rules, Day: a.At.Day, Corrects: a.Corrects, Approvals: s.approvalsOf(a), Claimed: a.At.Claimed != nil, Offices: []officeJSON{}}
	for _, n := range r.Notices {
		if n.Rules != a.Rules {
			continue
		}
		i := slices.IndexFunc(x.Offices, func(o officeJSON) bool { return o.Office == n.Office })
		if i < 0 {
			i = len(x.Offices)
			x.Offices = append(x.Offices, officeJSON{Office: n.Office})
		}
		if n.Received {
			x.Offices[i].Received = n.At.Day
		} else {
			x.Offices[i].Sent = n.At.Day
		}
	}
	return x
}

// approvedBy names who approved a version. Roles stand beside the persons: two
// names alone would not show that they approved as different people are meant
// to. Where nobody's approval is on record that is said: history is taken as it
// was claimed.
func (s *session) approvedBy(a activeJSON) string {
	var by []string
	for _, p := range a.Approvals {
		by = append(by, p.Person+s.t("in brackets", p.Role+s.t("semicolon")+s.t("approval "+p.State)))
	}
	if len(by) == 0 {
		return s.t("approved by nobody")
	}
	return s.list(by)
}

// activeList is a row for each version and each office that was told of it.
func (s *session) activeList(list []activeJSON) documents.List {
	l := documents.List{Title: s.t("list active"), Columns: []documents.Column{{Head: s.t("pack")}, {Head: s.t("digest")}, {Head: s.t("active since")}, {Head: s.t("corrects")}, {Head: s.t("approved by")}, {Head: s.t("office")}, {Head: s.t("sent")}, {Head: s.t("received")}}}
	for _, a := range list {
		offices := a.Offices
		if len(offices) == 0 {
			offices = []officeJSON{{}}
		}
		for _, o := range offices {
			l.Rows = append(l.Rows, []documents.Cell{documents.Text(named(a.Rules)), documents.Text(a.Rules.Digest), documents.OnDay(a.Day), documents.Text(a.Corrects), documents.Text(s.approvedBy(a)),
				documents.Text(o.Office), documents.OnDay(o.Sent), documents.OnDay(o.Received)})
		}
	}
	return l
}

// showActive prints one version.
func (s *session) showActive(a activeJSON) {
	s.pairs(
		[2]string{s.t("pack"), named(a.Rules)},
		[2]string{s.t("digest"), a.Rules.Digest},
		[2]string{s.t("active since"), a.Day.String()},
		[2]string{s.t("corrects"), a.Corrects},
		[2]string{s.t("approved by"), s.approvedBy(a)},
	)
	var rows [][]string
	for _, o := range a.Offices {
		rows = append(rows, []string{o.Office, dayOrNone(o.Sent), dayOrNone(o.Received)})
	}
	if len(rows) > 0 {
		s.grid([]column{{head: s.t("office")}, {head: s.t("sent")}, {head: s.t("received")}}, rows)
	}
}

// dayOrNone is a day, or nothing where there was none.
func dayOrNone(d domain.Day) string {
	if d == 0 {
		return ""
	}
	return d.String()
}
