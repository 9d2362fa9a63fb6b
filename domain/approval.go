package domain

import (
	"fmt"
	"slices"
	"strings"
)

// Approval is one person's word, in one role, for the exact bytes of a pack
// version. It says nothing about any other bytes, however like them they are.
type Approval struct {
	Person string `json:"person"` // by pseudonym
	Role   string `json:"role"`
	Digest string `json:"digest"`
	// Key and Signature are the approver's public key and the line of his
	// signature over Text; empty: somebody says that he approved.
	Key       string `json:"key,omitempty"`
	Signature string `json:"signature,omitempty"`
}

// Signed reports whether the approval claims a signature. Whether it holds, and
// whether the key is the person's, is for who verifies it.
func (a Approval) Signed() bool { return a.Key != "" || a.Signature != "" }

// Text is what the approver of a version signs. Names with a line break would
// let one text be two: they have none.
func (a Approval) Text(v PackVersion) (string, error) {
	for _, part := range []string{v.Pack, v.Version, a.Digest, a.Person, a.Role} {
		if part == "" || strings.ContainsAny(part, "\r\n") {
			return "", Deny(ErrInvalid, "an approval has an empty part, or one with a line break", "name pack, digest, person and role, each on one line")
		}
	}
	return fmt.Sprintf("leeway approval v1\npack %s/%s\ndigest %s\nperson %s\nrole %s\n", v.Pack, v.Version, a.Digest, a.Person, a.Role), nil
}

// What a person's signature is worth: under an approval, or under the
// determination of a review. Keys are a person's by a register that does not
// come from who is to be checked.
const (
	SignatureMissing  = "missing"  // nobody has signed
	SignatureUnsigned = "unsigned" // somebody says that it was given
	SignatureSigned   = "signed"   // by the key that is registered for the person
	SignatureUnknown  = "unknown"  // it holds, by a key that is registered for nobody
	SignatureFalse    = "false"    // it does not hold
)

// Quorum is what a pack asks of the approvals of its own activation.
type Quorum struct {
	Require int      // persons; never fewer than two
	Roles   []string // that they may have; none: any
}

// Check refuses approvals that do not carry an activation: each must be of the
// exact digest, by another person in another role, and enough of them. The
// error is a Fault of the field approvals, or of one of them.
func (q Quorum) Check(v PackVersion, list []Approval) error {
	// Each approval is looked at by itself before they are counted: one that is
	// wrong is told even where the others would be enough, for it shows that
	// somebody read other bytes, or stands in twice.
	persons, roles := map[string]bool{}, map[string]bool{}
	for i, a := range list {
		field := fmt.Sprintf("approvals[%d].", i)
		switch {
		case a.Person == "" || a.Role == "":
			return NewFault(field+"person, role", "one is empty", "name the person by pseudonym, and the role in which he approves")
		case a.Digest != v.Digest:
			return NewFault(field+"digest", "%s approved %q, but %s/%s has the digest %s",
				"what was changed by one byte is approved anew: seal it, and let both persons approve the digest that seal prints",
				a.Person, a.Digest, v.Pack, v.Version, v.Digest)
		case persons[a.Person]:
			return NewFault(field+"person", "%s approves twice", "two persons approve: nobody activates rules alone", a.Person)
		case roles[a.Role]:
			return NewFault(field+"role", "role %q approves twice", "the approvals are in different roles", a.Role)
		case len(q.Roles) > 0 && !slices.Contains(q.Roles, a.Role):
			return NewFault(field+"role", "role %q approves no pack of this kind", "the pack names the roles: %[2]s", a.Role, List(q.Roles))
		}
		persons[a.Person], roles[a.Role] = true, true
	}
	// Two is the least whatever a pack says: nobody activates rules alone, and no
	// pack can say that he may.
	if need := max(q.Require, 2); len(list) < need {
		return NewFault("approvals", "%d of %d approvals", "let further persons in other roles approve the digest", len(list), need)
	}
	return nil
}
