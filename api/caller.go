package api

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/review"
)

// A Role is what somebody may do. Scope, by office and by assignment, is
// another matter, and separation of duties and recusal are the domain's.
type Role string

// The roles.
const (
	Worker   Role = "worker"   // 经办人员
	Township Role = "township" // 乡镇审核 township approver; acts for the unit in a review
	County   Role = "county"   // 县级确认 county approver; acts for the bureau in a review
	Reviewer Role = "reviewer" // 纪检监察 discipline reviewer
	Head     Role = "head"     // 负责人 of the discipline organ
	Superior Role = "superior" // 上级机关, which decides where the organ itself may not
	Auditor  Role = "auditor"  // 审计
	Author   Role = "author"   // 规则起草
	Approver Role = "approver" // 规则批准
	Admin    Role = "admin"    // 系统管理员: runs the system, sees no case
)

// roles are all of them with their names.
var roles = []struct {
	role  Role
	title domain.Text
}{
	{Worker, domain.Text{ZH: "经办人员", EN: "case worker"}},
	{Township, domain.Text{ZH: "乡镇审核人员", EN: "township approver"}},
	{County, domain.Text{ZH: "县级确认人员", EN: "county approver"}},
	{Reviewer, domain.Text{ZH: "纪检审查人员", EN: "discipline reviewer"}},
	{Head, domain.Text{ZH: "纪检负责人", EN: "head of the discipline organ"}},
	{Superior, domain.Text{ZH: "上级机关人员", EN: "superior organ"}},
	{Auditor, domain.Text{ZH: "审计人员", EN: "auditor"}},
	{Author, domain.Text{ZH: "规则起草人", EN: "policy author"}},
	{Approver, domain.Text{ZH: "规则批准人", EN: "policy approver"}},
	{Admin, domain.Text{ZH: "系统管理员", EN: "system administrator"}},
}

// Sets of roles that many routes share.
var (
	handling = []Role{Worker, Township, County}
	organ    = []Role{Reviewer, Head, Superior}
	watching = []Role{Reviewer, Head, Superior, Auditor}
	policy   = []Role{Author, Approver}
	everyone = []Role{Worker, Township, County, Reviewer, Head, Superior, Auditor, Author, Approver, Admin}
)

// Roles lists every role.
func Roles() []Role { return slices.Clone(everyone) }

// Title is the role in words.
func (r Role) Title() domain.Text {
	for _, x := range roles {
		if x.role == r {
			return x.title
		}
	}
	return domain.Text{ZH: string(r), EN: string(r)}
}

// inReview is the role as a review knows it; none for those that have no part
// in one.
func (r Role) inReview() review.Role {
	switch r {
	case Worker:
		return review.Worker
	case Township:
		return review.Unit
	case County:
		return review.Bureau
	case Reviewer, Head, Superior, Auditor:
		return review.Role(r)
	}
	return ""
}

// purpose is the code under which a role's reading is put on record.
func (r Role) purpose() string {
	switch {
	case slices.Contains(handling, r):
		return "handling"
	case slices.Contains(organ, r):
		return "review"
	case r == Auditor:
		return "audit"
	}
	return "administration"
}

// A Person is an entry of the directory: whom a subject of the identity
// provider stands for, and what he may do.
type Person struct {
	Subject string `json:"subject"` // as the identity provider names him
	Name    string `json:"name"`    // shown to himself
	domain.Actor
	Roles  []Role   `json:"roles"`
	Serves []string `json:"serves,omitempty"` // other offices whose cases his post handles, "*" for all
}

// check refuses entries that would undo the separation of duties: who runs the
// system neither handles nor inspects, and who inspects does not handle.
func (p Person) check() error {
	has := func(set ...Role) bool {
		return slices.ContainsFunc(p.Roles, func(r Role) bool { return slices.Contains(set, r) })
	}
	switch {
	case p.Subject == "" || p.Person == "" || p.Office == "" || p.Post == "":
		return fault("person", "subject, person, office or post of an entry is missing", "give all four")
	case len(p.Roles) == 0:
		return fault("roles", "%s has none", "give at least one of %[2]s", p.Person, domain.Names(everyone))
	case slices.ContainsFunc(p.Roles, func(r Role) bool { return !slices.Contains(everyone, r) }):
		return fault("roles", "%s has one that there is not: %s", "give some of %[3]s", p.Person, domain.Names(p.Roles), domain.Names(everyone))
	case has(Admin) && len(p.Roles) > 1:
		return fault("roles", "%s is a system administrator and something else", "give the administrator no other role", p.Person)
	case has(watching...) && has(handling...):
		return fault("roles", "%s handles cases and inspects them", "give one person one of the two", p.Person)
	case has(Auditor) && has(organ...):
		return fault("roles", "%s is an auditor and takes part in reviews", "give one person one of the two", p.Person)
	}
	return nil
}

// may is a digest of what somebody may do, and where.
func (p Person) may() string {
	text, _ := json.Marshal([]any{p.Actor, p.Roles, p.Serves}) // plain values always encode
	sum := sha256.Sum256(text)
	return string(sum[:])
}

func fault(field, wrong, mend string, args ...any) error {
	return domain.NewFault(field, wrong, mend, args...)
}

// A Directory says who a subject is. It is asked in every request, so that
// what is taken from somebody is taken at once.
type Directory interface {
	// Person is the entry of a subject. The error wraps domain.ErrNotFound
	// where there is none, and is anything else where it cannot be told: the
	// caller is then refused.
	Person(ctx context.Context, subject string) (Person, error)
	// People lists everybody, in the order in which they are kept.
	People(ctx context.Context) ([]Person, error)
}

// Staff is a directory that does not change.
type Staff []Person

// NewStaff checks the entries of a directory.
func NewStaff(list []Person) (Staff, error) {
	subjects := map[string]bool{}
	for i, p := range list {
		if err := p.check(); err != nil {
			return nil, fmt.Errorf("entry %d: %w", i+1, err)
		}
		if subjects[p.Subject] {
			return nil, fmt.Errorf("entry %d: %w", i+1, fault("subject", "%s is listed twice", "give each subject one entry", p.Subject))
		}
		subjects[p.Subject] = true
	}
	return slices.Clone(list), nil
}

// Person implements Directory.
func (s Staff) Person(_ context.Context, subject string) (Person, error) {
	for _, p := range s {
		if p.Subject == subject {
			return p, nil
		}
	}
	return Person{}, domain.Deny(domain.ErrNotFound, "nobody is called %q here", "", subject)
}

// People implements Directory.
func (s Staff) People(context.Context) ([]Person, error) { return slices.Clone(s), nil }

// A Caller is who asks: never what the request says of itself, but what the
// directory says of whom it proved to be.
type Caller struct {
	Person
	Lang    string // "zh" or "en"
	Session string // stream of the session's access log
	Bearer  bool   // by token, not by cookie

	log *casework.AccessLog
	key string // of his rate
}

// Has reports whether the caller holds one of the roles.
func (c Caller) Has(set ...Role) bool {
	return slices.ContainsFunc(c.Roles, func(r Role) bool { return slices.Contains(set, r) })
}

// In is a text in the caller's language.
func (c Caller) In(t domain.Text) string { return t.In(c.Lang) }

// As is the caller as somebody who takes part in a review: in the role that he
// names, or in the first of his that has a part in one. The error wraps
// domain.ErrRefused.
func (c Caller) As(role review.Role) (casework.Identity, error) {
	for _, r := range c.Roles {
		if in := r.inReview(); in != "" && (role == "" || role == in) {
			return casework.Identity{Actor: c.Actor, Role: in}, nil
		}
	}
	return casework.Identity{}, domain.Deny(domain.ErrRefused, "none of the caller's roles takes part in a review as %q", "", role)
}

type callerKey struct{}

// CallerOf is who asks. It is known behind the table of routes, in every
// handler of a route that is not open to all.
func CallerOf(ctx context.Context) (Caller, bool) {
	c, ok := ctx.Value(callerKey{}).(Caller)
	return c, ok
}

func withCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// errAnonymous says that nobody proved who he is.
var errAnonymous = errors.New("not signed in")
