package casework

import (
	"errors"
	"strings"
	"testing"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// rulesFile is a case file that activates version 1 of pack p, put on record
// on a day and with approvals.
func rulesFile(day, approvals string) string {
	return `{"leeway":"case-file.v1","grade":"A","actor":{"person":"a1","office":"county","post":"registry"}}
{"type":"rules-activated.v1","data":{"day":"` + day + `","rules":{"pack":"p","version":"1"}` + approvals + `}}
`
}

// TestImportedActivations holds what a file may say of rules: the past as it
// is claimed, and nothing of the day of the import that two persons have not
// approved.
func TestImportedActivations(t *testing.T) {
	two := `,"approvals":[{"person":"a1","role":"administrator","digest":"digest-of-p-1"},{"person":"r1","role":"reviewer","digest":"digest-of-p-1"}]`
	for _, tt := range []struct{ name, day, approvals, want string }{
		{"the past without approvals", "2020-01-02", "", ""},
		{"the past with approvals", "2020-01-02", two, ""},
		{"the day before the import", "2020-02-29", "", ""},
		{"the day of the import", "2020-03-01", "", "claims the day of the import"},
		{"the day of the import with approvals", "2020-03-01", two, ""},
		{"approvals of other bytes", "2020-01-02", strings.ReplaceAll(two, "digest-of-p-1", "other"), `approved "other"`},
		{"approvals of one person", "2020-01-02", strings.ReplaceAll(two, `"r1"`, `"a1"`), "a1 approves twice"},
		{"one approval", "2020-01-02", two[:strings.Index(two, `,{"person":"r1"`)] + "]", "1 of 2"},
		{"no approval in a list", "2020-01-02", `,"approvals":[]`, "0 of 2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t)
			f, err := ReadCaseFile(strings.NewReader(rulesFile(tt.day, tt.approvals)), d.Rules, domain.Date(2020, 3, 1))
			if err == nil {
				_, err = d.Import(t.Context(), f, nil)
			}
			if tt.want != "" {
				if err == nil || !strings.Contains(err.Error(), tt.want) || d.events() != 0 {
					t.Errorf("%v, want a fault that says %q; %d events", err, tt.want, d.events())
				}
				return
			}
			reg, rerr := d.Register(t.Context())
			if err != nil || rerr != nil || len(reg.Rules) != 1 || (tt.approvals == "") != (len(reg.Rules[0].Approvals) == 0) {
				t.Errorf("%v, %v, %+v", err, rerr, reg.Rules)
			}
			// Imported again later, it says nothing new.
			if done, err := d.Import(t.Context(), f, nil); err != nil || done.Register != 0 {
				t.Errorf("again: %+v, %v", done, err)
			}
		})
	}
}

// TestActivationIsAskedOfThePack holds that the roles are those of the pack,
// for whoever records an activation.
func TestActivationIsAskedOfThePack(t *testing.T) {
	d := newDesk(t)
	e := activation("administrator", "driver")
	if _, err := d.Note(t.Context(), asW1, e); err == nil || !strings.Contains(err.Error(), `role "driver"`) {
		t.Errorf("a role that the pack does not name: %v", err)
	}
	if d.events() != 0 {
		t.Error("something was recorded")
	}
	if _, err := d.Note(t.Context(), asW1, activation("administrator", "reviewer")); err != nil {
		t.Error(err)
	}
}

// TestWhoWroteRulesDoesNotApproveThem holds it for everybody who changed the
// draft, and for approvals that come from elsewhere; the same seal again is one
// record.
func TestWhoWroteRulesDoesNotApproveThem(t *testing.T) {
	d := newDesk(t)
	by := func(person string) Request {
		return Request{Actor: domain.Actor{Person: person, Office: "bureau", Post: "policy"}}
	}
	sealed := RulesSealed{Rules: rules, Authors: []string{"p1", "p4"}}
	for range 2 {
		if _, err := d.Sealed(t.Context(), by("p1"), sealed); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Sealed(t.Context(), by("p1"), RulesSealed{Rules: rules}); !errors.Is(err, domain.ErrInvalid) {
		t.Errorf("a seal without an author: %v", err)
	}
	if d.events() != 1 {
		t.Errorf("%d events", d.events())
	}
	for person, refused := range map[string]bool{"p1": true, "p4": true, "p2": false} {
		_, err := d.Approve(t.Context(), by(person), RulesApproved{Rules: rules, Role: "administrator"})
		if refused != errors.Is(err, domain.ErrRefused) || !refused && err != nil {
			t.Errorf("%s: %v", person, err)
		}
	}
	e := activation("administrator", "reviewer")
	e.Approvals[1].Person = "p4"
	if _, err := d.Note(t.Context(), asW1, e); !errors.Is(err, domain.ErrRefused) || !strings.Contains(err.Error(), "p4 wrote") {
		t.Errorf("an activation with the word of an author: %v", err)
	}
	if authors, err := d.Authors(t.Context(), rules); err != nil || strings.Join(authors, " ") != "p1 p4" {
		t.Errorf("%v %v", authors, err)
	}
}

// activation is one by two persons in two roles.
func activation(roles ...string) *eligibility.RulesActivated {
	e := &eligibility.RulesActivated{On: on(jan2), Rules: rules}
	for i, role := range roles {
		e.Approvals = append(e.Approvals, domain.Approval{Person: string(rune('a' + i)), Role: role, Digest: rules.Digest})
	}
	return e
}
