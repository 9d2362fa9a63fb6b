package main

import (
	"bytes"
	"encoding/json"
	"strings"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/review"
	"leeway/ledger"
	"leeway/ledger/evidence"
)

// A signature under a determination is made in three steps, of which the second
// is taken on the signer's own machine: the text goes out, the file with the
// signature comes back. His key never comes near the data.

// reviewStatementCmd writes what somebody would sign.
type reviewStatementCmd struct {
	ReviewID string `arg:"" name:"review-id"`
	asFlags
	Out string `placeholder:"FILE" type:"path"`
}

// Run writes the text to the byte.
func (cmd reviewStatementCmd) Run(s *session) error {
	return s.reviewing(cmd.asFlags, false, func(b *bureau) error {
		st, err := b.v.ToSign(s.ctx, b.as, cmd.ReviewID)
		if err != nil {
			return err
		}
		if s.json {
			return s.writeJSON(st)
		}
		text, err := st.Text()
		if err != nil {
			return err
		}
		return s.writeNewFile(cmd.Out, []byte(text))
	})
}

// reviewSignCmd signs such a text, with nothing but the text and a key.
type reviewSignCmd struct {
	Statement string `arg:"" type:"path"`
	Key       string `required:"" placeholder:"FILE" type:"path"`
	SM2       bool   `name:"sm2"`
	Out       string `placeholder:"FILE" type:"path"`
}

// signatureJSON is a signature on its way to the record.
type signatureJSON struct {
	review.Statement
	Key       string `json:"key"`
	Signature string `json:"signature"`
}

// Run shows what is signed, and signs it. A key that is not there yet is made,
// for the person who signs.
func (cmd reviewSignCmd) Run(s *session) error {
	text, err := s.readTrustFile(cmd.Statement)
	if err != nil {
		return err
	}
	st, err := review.ParseStatement(string(text))
	if err != nil {
		return err
	}
	key, err := s.personKey(cmd.Key, st.Person, cmd.SM2)
	if err != nil {
		return err
	}
	done := signatureJSON{Statement: st, Key: key.Public}
	if done.Signature, err = ledger.SignText(key.Signer, string(text)); err != nil {
		return err
	}
	b, err := json.MarshalIndent(done, "", "  ")
	if err != nil {
		return err
	}
	if cmd.Out == "" {
		return s.writeJSON(done)
	}
	if err := s.writeNewFile(cmd.Out, append(b, '\n')); err != nil {
		return err
	}
	if s.json {
		return s.writeJSON(done)
	}
	for _, d := range st.Decided {
		s.printf("  %s\n", s.t("decided of", d.Person, d.Matter, d.Outcome.Title().In(s.lang)))
	}
	s.printf("%s\n", s.t("statement signed", st.Person, st.Review, st.Digest, cmd.Out))
	s.printf("%s\n%s %s\n", s.t("register key"), st.Person, key.Public)
	return nil
}

// reviewSignedCmd puts a signature that was made elsewhere on record.
type reviewSignedCmd struct {
	ReviewID  string `arg:"" name:"review-id"`
	Signature string `arg:"" name:"signature-file" type:"path"`
	stepFlags
}

// Run records it. That it holds, and that the key is the person's, is looked at
// before.
func (cmd reviewSignedCmd) Run(s *session) error {
	text, err := s.readTrustFile(cmd.Signature)
	if err != nil {
		return err
	}
	var sig signatureJSON
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&sig); err != nil {
		return &problem{what: s.t("cannot read", err), where: cmd.Signature, mend: s.t("mend signature file"), err: domain.ErrInvalid}
	}
	if sig.Review != cmd.ReviewID {
		return &problem{what: s.t("signature of another", sig.Review, cmd.ReviewID), where: cmd.Signature, mend: s.t("mend signature file"), err: domain.ErrInvalid}
	}
	return s.step(cmd.stepFlags, cmd.ReviewID, func(*bureau) (review.Event, error) {
		return &review.Signed{Decision: sig.Decision, Digest: sig.Digest, Key: sig.Key, Signature: sig.Signature}, nil
	})
}

// worth tells what a signature under a determination is worth, by the register of
// keys that approvals of packs are checked with.
func (s *session) worth(text string, sig review.Signature, person string) (string, bool, error) {
	keys, err := s.approvers()
	return evidence.Worth(keys, text, evidence.Signature{Person: person, Key: sig.Key, Line: sig.Line}), keys != nil, err
}

var _ casework.Worth = (*session)(nil).worth

// signers are the signatures under the determination that counts, in words; empty
// where there is none yet, and for who does not read the whole file.
func (b *bureau) signers(r *review.Review) (string, error) {
	if r.Determination == nil || b.as.Role == review.Worker || b.as.Role == review.Unit {
		return "", nil
	}
	all, err := b.v.Signatures(b.ctx, b.as, r.ID)
	if err != nil {
		return "", err
	}
	var list []string
	for _, u := range all {
		if u.Counts {
			list = append(list, u.At.Actor.Person+b.t("in brackets", u.KeyID()+b.t("semicolon")+b.t("approval "+u.Worth)))
		}
	}
	if len(list) == 0 {
		return b.t("signed by nobody"), nil
	}
	return strings.Join(list, "; "), nil
}
