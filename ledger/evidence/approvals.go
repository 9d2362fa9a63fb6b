package evidence

import (
	"context"
	"slices"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/ledger"
)

// What an approval of a pack is worth.
const (
	ApprovalMissing  = domain.SignatureMissing // the activation names nobody: history that claims to have been in force
	ApprovalUnsigned = domain.SignatureUnsigned
	ApprovalSigned   = domain.SignatureSigned
	ApprovalUnknown  = domain.SignatureUnknown
	ApprovalFalse    = domain.SignatureFalse
)

// StateOf checks the signature of an approval, which is of the digest that the
// approval names. Keys are those that are registered for each person.
func StateOf(keys map[string][]string, v domain.PackVersion, a domain.Approval) string {
	if !a.Signed() {
		return ApprovalUnsigned
	}
	text, err := a.Text(v)
	if err != nil {
		return ApprovalFalse
	}
	return Worth(keys, text, Signature{Person: a.Person, Key: a.Key, Line: a.Signature})
}

// A Signature is one person's under a text, with his public key.
type Signature struct{ Person, Key, Line string }

// Worth checks a person's signature under a text: domain.SignatureSigned,
// SignatureUnknown or SignatureFalse. Keys are those that are registered for each
// person; the name of a key is the person's.
func Worth(keys map[string][]string, text string, s Signature) string {
	name, err := ledger.VerifyText(s.Key, text, s.Line)
	switch {
	case err != nil || name != s.Person:
		return domain.SignatureFalse
	case slices.Contains(keys[s.Person], s.Key):
		return domain.SignatureSigned
	}
	return domain.SignatureUnknown
}

// An Approval of a pack inside, with what it is worth.
type Approval struct {
	Rules  domain.PackVersion `json:"rules"`
	Event  string             `json:"event"` // of the activation
	Person string             `json:"person,omitempty"`
	Role   string             `json:"role,omitempty"`
	State  string             `json:"state"`
}

// approvals checks who approved the packs inside, by the activations in the
// package. One that does not hold is refused; where approvers are known, so is
// one that is missing, not signed, or signed by a key of nobody. The error
// wraps ledger.ErrUntrusted and names all of them.
func (c *content) approvals(ctx context.Context, lib casework.Rules, keys map[string][]string) (list []Approval, err error) {
	register, err := c.desk(lib).Register(ctx)
	if err != nil {
		return nil, err
	}
	inside := func(v domain.PackVersion) bool {
		return slices.ContainsFunc(c.packs, func(p pack) bool { return p.id == v })
	}
	var wrong domain.Several
	for _, a := range register.Rules {
		if !inside(a.Rules) {
			continue
		}
		one := Approval{Rules: a.Rules, Event: a.At.ID, State: ApprovalMissing}
		if len(a.Approvals) == 0 {
			list = append(list, one)
			if keys != nil {
				wrong = append(wrong, one.fault(one.wrong()))
			}
		}
		// What the pack itself asks for, where this program can tell.
		if q, err := lib.Quorum(a.Rules); err == nil && len(a.Approvals) > 0 {
			if err := q.Check(a.Rules, a.Approvals); err != nil {
				wrong = append(wrong, one.fault(domain.Say("%s", err)))
			}
		}
		for _, by := range a.Approvals {
			one.Person, one.Role, one.State = by.Person, by.Role, StateOf(keys, a.Rules, by)
			if by.Digest != a.Rules.Digest {
				one.State = ApprovalFalse
			}
			list = append(list, one)
			if one.State == ApprovalFalse || keys != nil && one.State != ApprovalSigned {
				wrong = append(wrong, one.fault(one.wrong()))
			}
		}
	}
	if len(wrong) > 0 {
		err = domain.Deny(ledger.ErrUntrusted, "%s", "", wrong)
	}
	return list, err
}

// fault names the pack and the activation of what is wrong with an approval.
func (a Approval) fault(why domain.Said) domain.Said {
	return domain.Say("pack %s/%s, activated by event %s: %s", a.Rules.Pack, a.Rules.Version, a.Event, why)
}

// wrong says what is wrong with an approval in a state.
func (a Approval) wrong() domain.Said {
	switch a.State {
	case ApprovalMissing:
		return domain.Say("nobody is on record as having approved it")
	case ApprovalUnsigned:
		return domain.Say("the approval of %s is not signed", a.Person)
	case ApprovalUnknown:
		return domain.Say("the approval of %s is signed by a key of nobody that the verifier knows", a.Person)
	}
	return domain.Say("the signature of %s does not hold", a.Person)
}
