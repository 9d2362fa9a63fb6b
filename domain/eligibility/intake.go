package eligibility

import (
	"slices"

	"leeway/domain"
)

// Person is one member of a household: a pseudonym with sealed identity.
type Person struct {
	ID       string         `json:"id"`       // pseudonym, unique in the case
	Relation string         `json:"relation"` // to the applicant: self, spouse, child, parent, sibling, grandchild, other
	Name     domain.Private `json:"name,omitzero"`
	IDNumber domain.Private `json:"id_number,omitzero"`
}

// Relations are the codes of Person.Relation.
var Relations = []string{"self", "spouse", "child", "parent", "sibling", "grandchild", "other"}

// CaseOpened opens the case of one household or person under one programme
// and one pack of rules.
type CaseOpened struct {
	On
	Programme string         `json:"programme"`
	Pack      string         `json:"pack"`
	Office    string         `json:"office"`
	Applicant string         `json:"applicant"`
	Members   []Person       `json:"members"`
	Address   domain.Private `json:"address,omitzero"`
}

// EventType is the stored name.
func (CaseOpened) EventType() string { return "case-opened.v1" }

func (e CaseOpened) check(c *Case) error {
	if !slices.Contains(Programmes(), e.Programme) {
		return fault("programme", "no programme %q", "write one of %[2]s", e.Programme, domain.List(Programmes()))
	}
	if e.Pack == "" || e.Office == "" {
		return fault("pack, office", "one is empty", "name the rule pack and the office that handles the case")
	}
	seen := map[string]bool{domain.Household: true}
	for _, m := range e.Members {
		if m.ID == "" || seen[m.ID] {
			return fault("members", "pseudonym %q is empty, reserved or used twice", "give every member a pseudonym of its own", m.ID)
		}
		if !slices.Contains(Relations, m.Relation) {
			return fault("members", "relation %q is unknown", "write one of self, spouse, child, parent, sibling, grandchild, other", m.Relation)
		}
		seen[m.ID] = true
	}
	if !seen[e.Applicant] || e.Applicant == domain.Household {
		return fault("applicant", "%q is not among the members", "list the applicant as a member", e.Applicant)
	}
	return nil
}

func (e CaseOpened) evolve(c *Case, at At) {
	c.Programme, c.Pack, c.Office, c.Applicant, c.Opened = e.Programme, e.Pack, e.Office, e.Applicant, at
	for _, m := range e.Members {
		c.Members = append(c.Members, Member{m.ID, at})
	}
	c.act(at, Act{})
}

// Private is the identity of the members and their address.
func (e *CaseOpened) Private() []domain.PrivateField {
	var fields []domain.PrivateField
	for i := range e.Members {
		fields = append(fields, identity("members", &e.Members[i])...)
	}
	return append(fields, domain.PrivateField{Path: "address", Data: &e.Address})
}

// ApplicationSubmitted is the application 申请 (Order 649 Art 11).
type ApplicationSubmitted struct {
	Taken
	By      string `json:"by"`                // applicant, or who filed for him
	Channel string `json:"channel,omitempty"` // window, online, committee
}

// EventType is the stored name.
func (ApplicationSubmitted) EventType() string { return "application-submitted.v1" }

// DeclarationSigned is the declaration 申报声明. It closes the lists of the
// attributes named in Closes: what it does not list there is none.
type DeclarationSigned struct {
	On
	By         string             `json:"by"`
	Statements []domain.Statement `json:"statements,omitempty"`
	Closes     []string           `json:"closes,omitempty"`
}

// EventType is the stored name.
func (DeclarationSigned) EventType() string { return "declaration-signed.v1" }

func (e DeclarationSigned) check(c *Case) error { return checkStatements(c, e.Statements) }

func (e DeclarationSigned) evolve(c *Case, at At) {
	c.tell(at, domain.Declaration, e.Statements)
	for _, a := range e.Closes {
		c.Closings = append(c.Closings, Closing{a, at})
	}
	c.act(at, Act{})
}

// CheckAuthorised is the authority to check 授权核对 (Order 649 Art 58).
type CheckAuthorised struct {
	Taken
	By string `json:"by"`
}

// EventType is the stored name.
func (CheckAuthorised) EventType() string { return "check-authorised.v1" }

// ApplicationAccepted is the acceptance 受理; the handling time runs from it.
type ApplicationAccepted struct{ Taken }

// EventType is the stored name.
func (ApplicationAccepted) EventType() string { return "application-accepted.v1" }

// SupplementRequested asks for missing papers, all at once 一次性告知补正.
type SupplementRequested struct {
	Taken
	Missing []string `json:"missing"`
}

// EventType is the stored name.
func (SupplementRequested) EventType() string { return "supplement-requested.v1" }

// ApplicationNotAccepted is a refusal to accept 不予受理: nothing is paid, and
// a replay asks whether that was right.
type ApplicationNotAccepted struct {
	On
	Reason string         `json:"reason"`
	Text   domain.Private `json:"text,omitzero"`
}

// EventType is the stored name.
func (ApplicationNotAccepted) EventType() string { return "application-not-accepted.v1" }

func (e ApplicationNotAccepted) check(*Case) error { return nil }

func (e ApplicationNotAccepted) evolve(c *Case, at At) {
	c.act(at, Act{})
	c.Refusals = append(c.Refusals, at)
}

// Private is the reason in words.
func (e *ApplicationNotAccepted) Private() []domain.PrivateField {
	return []domain.PrivateField{{Path: "text", Data: &e.Text}}
}

// OralRefusalAlleged is an applicant's word that he was turned away orally
// 口头拒绝; it is an allegation until it is found to be true.
type OralRefusalAlleged struct {
	On
	By     string         `json:"by"`
	Told   domain.Day     `json:"told_on"` // when the applicant said so
	Detail domain.Private `json:"detail,omitzero"`
}

// EventType is the stored name.
func (OralRefusalAlleged) EventType() string { return "oral-refusal-alleged.v1" }

func (e OralRefusalAlleged) check(*Case) error {
	if e.Told != 0 && e.Told < e.Day {
		return fault("told_on", "%s lies before the refusal on %s", "give the day on which the applicant said so", e.Told, e.Day)
	}
	return nil
}

func (e OralRefusalAlleged) evolve(c *Case, at At) {
	c.act(at, Act{})
	c.Refusals = append(c.Refusals, at)
}

// Private is what the applicant told.
func (e *OralRefusalAlleged) Private() []domain.PrivateField {
	return []domain.PrivateField{{Path: "detail", Data: &e.Detail}}
}

// HardshipFound is hardship that the office found itself 主动发现; looking for
// it is a duty (seed: 主动排查困难对象).
type HardshipFound struct {
	On
	Staff      []string           `json:"staff"`
	Statements []domain.Statement `json:"statements,omitempty"`
}

// EventType is the stored name.
func (HardshipFound) EventType() string { return "hardship-found.v1" }

func (e HardshipFound) check(c *Case) error { return checkStatements(c, e.Statements) }

func (e HardshipFound) evolve(c *Case, at At) {
	c.tell(at, domain.Survey, e.Statements)
	c.act(at, Act{Staff: e.Staff})
}

// ApplicationWithdrawn takes the application back 撤回申请; a replay treats a
// withdrawal that the office caused like a refusal.
type ApplicationWithdrawn struct {
	On
	By     string `json:"by"`
	Caused bool   `json:"caused_by_office,omitempty"`
}

// EventType is the stored name.
func (ApplicationWithdrawn) EventType() string { return "application-withdrawn.v1" }

func (e ApplicationWithdrawn) check(*Case) error { return nil }

func (e ApplicationWithdrawn) evolve(c *Case, at At) {
	c.act(at, Act{})
	if e.Caused {
		c.Refusals = append(c.Refusals, at)
	} else {
		c.Withdrawn = append(c.Withdrawn, at)
	}
}

// KinshipFiled is a tie to an official 近亲属备案. Found says that it was not
// filed and came out later.
type KinshipFiled struct {
	On
	Member   string `json:"member"`
	Official string `json:"official"`
	Relation string `json:"relation"`
	Found    bool   `json:"found,omitempty"`
}

// EventType is the stored name.
func (KinshipFiled) EventType() string { return "kinship-filed.v1" }

func (e KinshipFiled) check(c *Case) error { return checkMember(c, "member", e.Member) }

func (e KinshipFiled) evolve(c *Case, at At) {
	c.act(at, Act{})
	c.Kin = append(c.Kin, Kinship{at, e.Member, e.Official, e.Relation, e.Found})
}

// MemberJoined is a birth, a marriage or a move in.
type MemberJoined struct {
	On
	Member Person     `json:"member"`
	From   domain.Day `json:"from"`
	How    string     `json:"how"` // birth, marriage, moved_in
}

// EventType is the stored name.
func (MemberJoined) EventType() string { return "member-joined.v1" }

func (e MemberJoined) check(c *Case) error {
	if e.Member.ID == "" || e.Member.ID == domain.Household || e.From == 0 {
		return fault("member", "pseudonym or first day is missing", "give the new member a pseudonym and the day from which he lives there")
	}
	if !slices.Contains(Relations, e.Member.Relation) {
		return fault("member.relation", "relation %q is unknown", "write one of self, spouse, child, parent, sibling, grandchild, other", e.Member.Relation)
	}
	return nil
}

func (e MemberJoined) evolve(c *Case, at At) {
	if !c.IsMember(e.Member.ID) {
		c.Members = append(c.Members, Member{e.Member.ID, at})
	}
	lives := domain.Statement{Subject: e.Member.ID, Attribute: LivesHere}
	before, after := lives, lives
	before.Value, before.ValidTo = domain.Bool(false), e.From
	after.Value, after.ValidFrom = domain.Bool(true), e.From
	c.tell(at, domain.Survey, []domain.Statement{before, after})
	c.act(at, Act{})
}

// Private is the identity of the new member.
func (e *MemberJoined) Private() []domain.PrivateField {
	return identity("member", &e.Member)
}

// MemberLeft is a member who moved out.
type MemberLeft struct {
	On
	Member string     `json:"member"`
	From   domain.Day `json:"from"` // first day on which he lives there no more
	How    string     `json:"how"`
}

// EventType is the stored name.
func (MemberLeft) EventType() string { return "member-left.v1" }

func (e MemberLeft) check(c *Case) error {
	if e.From == 0 {
		return fault("from", "it is missing", "give the first day on which the member lives there no more")
	}
	return checkMember(c, "member", e.Member)
}

func (e MemberLeft) evolve(c *Case, at At) {
	c.tell(at, domain.Survey, []domain.Statement{{
		Subject: e.Member, Attribute: LivesHere, Value: domain.Bool(false), ValidFrom: e.From,
	}})
	c.act(at, Act{})
}
