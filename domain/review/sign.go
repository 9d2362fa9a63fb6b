package review

import (
	"fmt"
	"slices"
	"strings"

	"leeway/domain"
)

// A determination is signed by those who took it, each with a key of his own
// that never comes near the server: what is to be signed goes out as a text,
// and the line of the signature comes back.

// A Statement is what one person signs of a determination: what was decided of
// each part, and the digest of the review's own record up to it, so that facts,
// notice and hearing are signed with it. It holds no personal data.
type Statement struct {
	Review   string    `json:"review"`
	Decision string    `json:"decision"` // event of the determination
	Digest   string    `json:"digest"`   // of the events of the review up to and with that one
	Decided  []Decided `json:"decided"`
	Person   string    `json:"person"` // who signs
	Role     Role      `json:"role"`   // in which role
}

// Decided is one part of a determination in one line.
type Decided struct {
	Person  string  `json:"person"`
	Matter  string  `json:"matter"`
	Outcome Outcome `json:"outcome"`
}

// Statement is what a person signs of a decision. The digest is of the record
// that the decision ends.
func (r *Review) Statement(d *Decision, digest, person string, as Role) Statement {
	s := Statement{Review: r.ID, Decision: d.At.ID, Digest: digest, Person: person, Role: as}
	for _, f := range d.Findings {
		s.Decided = append(s.Decided, Decided{f.Person, f.Matter, f.Outcome})
	}
	return s
}

// statementHead begins every statement, so that it passes for nothing else that
// the same key may sign.
const statementHead = "leeway determination v1"

// Text is what is signed, to the byte. Parts with a line break would let one
// text be two: there are none.
func (s Statement) Text() (string, error) {
	lines := []string{statementHead, "review " + s.Review, "event " + s.Decision, "digest " + s.Digest}
	parts := []string{s.Review, s.Decision, s.Digest, s.Person, string(s.Role)}
	for _, d := range s.Decided {
		lines = append(lines, fmt.Sprintf("decided %s %s %s", d.Outcome, d.Matter, d.Person))
		parts = append(parts, d.Person, d.Matter, string(d.Outcome))
	}
	lines = append(lines, "person "+s.Person, "role "+string(s.Role))
	if slices.ContainsFunc(parts, func(p string) bool { return p == "" || strings.ContainsAny(p, "\r\n") }) {
		return "", domain.Deny(domain.ErrInvalid, "what is to be signed has an empty part, or one with a line break", "take the text anew from the review")
	}
	return strings.Join(lines, "\n") + "\n", nil
}

// ParseStatement reads a text that Text has written, and nothing else: who
// signs sees what stands in it.
func ParseStatement(text string) (s Statement, err error) {
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch name {
		case "review":
			s.Review = value
		case "event":
			s.Decision = value
		case "digest":
			s.Digest = value
		case "person":
			s.Person = value
		case "role":
			s.Role = Role(value)
		case "decided":
			if p := strings.SplitN(value, " ", 3); len(p) == 3 {
				s.Decided = append(s.Decided, Decided{Outcome: Outcome(p[0]), Matter: p[1], Person: p[2]})
			}
		}
	}
	if again, err := s.Text(); err != nil || again != text {
		return Statement{}, domain.Deny(domain.ErrInvalid, "it is no text of a determination that is to be signed", "take the text anew from the review, and change nothing in it")
	}
	return s, nil
}

// A Signature is somebody's signature under a determination.
type Signature struct {
	At       At
	Decision string // event of the determination
	Digest   string // that the signer says he signed
	Key      string // public key, as the line of a policy
	Line     string // signature line of a signed note
}

// Signed is a signature under the determination that counts, made elsewhere by
// the actor over his Statement 签名.
type Signed struct {
	By
	Decision  string `json:"decision"`
	Digest    string `json:"digest"`
	Key       string `json:"key"`
	Signature string `json:"signature"`
}

// EventType is the stored name.
func (Signed) EventType() string { return "review-signed.v1" }

func (*Signed) may() []Role { return []Role{Reviewer, Head, Superior} }

// check holds who signs what. Whether the signature holds is arithmetic, and is
// looked at before by who has the keys.
func (e *Signed) check(d *desk) error {
	who := d.cmd.Actor.Person
	switch {
	case d.Determination == nil:
		return refuse(GuardOrder, "determine it first", "review %s has no determination that counts", d.ID)
	case e.Key == "" || e.Signature == "":
		return fault("key, signature", "one is missing", "give both as leeway review sign wrote them")
	case e.Decision != d.Determination.At.ID:
		return refuse(GuardSigned, "sign the determination that counts now", "the signature is of event %q, which is not the determination that counts", e.Decision)
	case !d.tookPart(who):
		return refuse(GuardSigned, "let a member of the collective or the head sign", "%s did not take this determination", who)
	case slices.ContainsFunc(d.SignaturesOf(e.Decision), func(s Signature) bool { return s.At.Actor.Person == who && s.Key == e.Key }):
		return refuse(GuardSigned, "leave it as it is", "%s has signed it with this key already", who)
	}
	return d.before(d.Determination.At, "the determination")
}

// tookPart reports whether somebody may sign the determination that counts: a
// member of the collective, or the head of the organ where the organ took it.
func (d *desk) tookPart(person string) bool {
	if slices.Contains(members(d.Determination.Collective.Members), person) {
		return true
	}
	return d.as == Head && d.Determination.At.As != Superior
}

func (e *Signed) evolve(r *Review, at At) {
	r.Signatures = append(r.Signatures, Signature{at, e.Decision, e.Digest, e.Key, e.Signature})
}

// SignaturesOf are the signatures under one determination, by its event.
func (r *Review) SignaturesOf(decision string) []Signature {
	var list []Signature
	for _, s := range r.Signatures {
		if s.Decision == decision {
			list = append(list, s)
		}
	}
	return list
}

// Decisions are all determinations that the review has seen, the one that
// counts last.
func (r *Review) Decisions() []*Decision {
	list := slices.Clone(r.Past)
	if r.Determination != nil {
		list = append(list, r.Determination)
	}
	return list
}

// KeyID is a public key by its name and id, as people compare it.
func (s Signature) KeyID() string {
	parts := strings.SplitN(s.Key, "+", 3)
	return strings.Join(parts[:min(2, len(parts))], "+")
}
