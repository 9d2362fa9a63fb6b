package evidence

import (
	"context"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/ledger"
)

// Signed is a signature under a determination of a review, with what it is worth.
type Signed struct {
	Decision string `json:"decision"`        // event of the determination
	Counts   bool   `json:"counts"`          // it is the one that counts now
	Event    string `json:"event,omitempty"` // of the signature; none: nobody has signed
	Person   string `json:"person,omitempty"`
	Role     string `json:"role,omitempty"`
	Key      string `json:"key,omitempty"` // name and id
	State    string `json:"state"`
}

// signatures checks who signed the determinations of a review. The text that was
// signed is written anew from the events. One that does not hold is refused;
// where keys are known, so is one by a key of nobody, and a determination that
// counts and that nobody has signed. The error wraps ledger.ErrUntrusted and
// names all of them.
func (c *content) signatures(ctx context.Context, lib casework.Rules, keys map[string][]string) (list []Signed, err error) {
	list = []Signed{}
	if c.kind != OfReview {
		return list, nil
	}
	v := &casework.Reviews{Desk: c.desk(lib)}
	r, err := v.Review(ctx, reader, c.id)
	if err != nil || r.Determination == nil {
		return list, err
	}
	all, err := v.Signatures(ctx, reader, c.id)
	if err != nil {
		return list, err
	}
	var wrong domain.Several
	counting := 0
	for _, u := range all {
		one := Signed{Decision: u.Decision, Counts: u.Counts, Event: u.At.ID, Person: u.At.Actor.Person, Role: string(u.At.As), Key: u.KeyID(), State: domain.SignatureFalse}
		if text, err := u.Statement.Text(); err == nil && u.Digest == u.Statement.Digest {
			one.State = Worth(keys, text, Signature{Person: one.Person, Key: u.Key, Line: u.Line})
		}
		if one.Counts {
			counting++
		}
		list = append(list, one)
		if one.State == domain.SignatureFalse || keys != nil && one.State != domain.SignatureSigned {
			wrong = append(wrong, one.fault())
		}
	}
	if counting == 0 {
		none := Signed{Decision: r.Determination.At.ID, Counts: true, State: domain.SignatureMissing}
		list = append(list, none)
		if keys != nil {
			wrong = append(wrong, none.fault())
		}
	}
	if len(wrong) > 0 {
		err = domain.Deny(ledger.ErrUntrusted, "%s", "", wrong)
	}
	return list, err
}

// fault says what is wrong with a signature.
func (s Signed) fault() domain.Said {
	why := domain.Say("the signature of %s does not hold", s.Person)
	switch s.State {
	case domain.SignatureMissing:
		why = domain.Say("nobody has signed it")
	case domain.SignatureUnknown:
		why = domain.Say("the signature of %s is by a key of nobody that the verifier knows", s.Person)
	}
	return domain.Say("determination %s: %s", s.Decision, why)
}
