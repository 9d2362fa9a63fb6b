package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/ledger"
	"leeway/ledger/evidence"
)

// approveCmd writes one person's signed approval of the exact digest of a pack
// into a file, for whoever activates it.
type approveCmd struct {
	Pack   string `arg:""`
	Person string `required:"" placeholder:"PERSON"`
	Role   string `required:"" placeholder:"ROLE"`
	Key    string `required:"" placeholder:"FILE" type:"path"`
	Out    string `placeholder:"FILE" type:"path"`
}

// Run seals the pack anew and signs its digest. A key that is not there yet is
// made, for the person whose name it has.
func (cmd approveCmd) Run(s *session) error {
	_, sealed, err := s.seal(cmd.Pack)
	if err != nil {
		return err
	}
	key, err := s.personKey(cmd.Key, cmd.Person, false)
	if err != nil {
		return err
	}
	a := domain.Approval{Person: cmd.Person, Role: cmd.Role, Digest: sealed.ID.Digest, Key: key.Public}
	text, err := a.Text(sealed.ID)
	if err != nil {
		return err
	}
	if a.Signature, err = ledger.SignText(key.Signer, text); err != nil {
		return err
	}
	if cmd.Out == "" {
		return s.writeJSON(a)
	}
	b, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.OpenFile(cmd.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return &problem{what: s.t("is there"), where: cmd.Out, mend: s.t("name a new file"), err: domain.ErrInvalid}
	}
	if err != nil {
		return s.unreadable(cmd.Out, err)
	}
	_, err = f.Write(append(b, '\n'))
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if s.json {
		return s.writeJSON(a)
	}
	s.printf("%s\n", s.t("approved file", cmd.Person, cmd.Role, named(sealed.ID), sealed.ID.Digest, cmd.Out))
	return nil
}

// personKey opens a person's signing key, or makes it: an Ed25519 one, or SM2.
func (s *session) personKey(file, person string, sm2 bool) (ledger.Key, error) {
	if _, err := os.Lstat(file); errors.Is(err, fs.ErrNotExist) {
		create := ledger.CreateKey
		if sm2 {
			create = ledger.CreateKeySM2
		}
		key, err := create(file, person)
		if err != nil {
			return key, &problem{what: err.Error(), where: file, mend: s.t("name approver key"), err: domain.ErrInvalid}
		}
		return key, nil
	}
	key, err := ledger.LoadKey(file)
	if err != nil {
		return key, err
	}
	if key.Name() != person {
		return key, &problem{what: s.t("key of another", key.Name(), person), where: file, mend: s.t("own key"), err: domain.ErrInvalid}
	}
	return key, nil
}

// approvalFile reads an approval where the argument names a file.
func (s *session) approvalFile(name string) (a domain.Approval, ok bool, err error) {
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return a, false, nil // it is PERSON:ROLE:DIGEST, or nothing
	}
	const most = 64 << 10
	b, err := os.ReadFile(name)
	if err == nil && len(b) > most {
		err = errors.New("too long")
	}
	if err == nil {
		dec := json.NewDecoder(bytes.NewReader(b))
		dec.DisallowUnknownFields()
		err = dec.Decode(&a)
	}
	if err != nil {
		return a, false, &problem{what: s.t("cannot read", err), where: name, mend: s.t("mend approval file"), err: domain.ErrInvalid}
	}
	return a, true, nil
}

// approvalJSON is an approval with what its signature is worth.
type approvalJSON struct {
	domain.Approval
	State string `json:"state"`
}

// approvalsOf are the approvals of an activation. Where the file of approvers
// cannot be read, no key is registered, and each shows so.
func (s *session) approvalsOf(a eligibility.Activation) []approvalJSON {
	keys, _ := s.approvers()
	list := []approvalJSON{}
	for _, one := range a.Approvals {
		list = append(list, approvalJSON{one, evidence.StateOf(keys, a.Rules, one)})
	}
	return list
}

// approved refuses an approval that is to go on record: one whose signature
// does not hold and, where a file of approvers is configured, one that is not
// signed by a key in it.
func (s *session) approved(v domain.PackVersion, a domain.Approval) error {
	keys, err := s.approvers()
	if err != nil {
		return err
	}
	if a.Digest != v.Digest {
		return nil // the domain refuses it, and names both digests
	}
	state := evidence.StateOf(keys, v, a)
	if state == evidence.ApprovalFalse || keys != nil && state != evidence.ApprovalSigned {
		return &problem{what: s.t("approval "+state+" refused", a.Person), where: "--approve", mend: s.t("mend approval"), err: domain.ErrRefused}
	}
	return nil
}

// approvers reads the file of approvers, one "PERSON KEY" a line: whose keys
// count. Nil: none is configured.
func (s *session) approvers() (map[string][]string, error) {
	c, err := s.configured()
	if err != nil || c.get("policies.approvers") == "" {
		return nil, err
	}
	return s.readApprovers(c.get("policies.approvers"))
}

// readApprovers reads such a file.
func (s *session) readApprovers(name string) (map[string][]string, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, s.unreadable(name, err)
	}
	keys := map[string][]string{}
	scan := bufio.NewScanner(bytes.NewReader(b))
	for n := 1; scan.Scan(); n++ {
		line := strings.Fields(scan.Text())
		if len(line) == 0 || strings.HasPrefix(line[0], "#") {
			continue
		}
		if len(line) != 2 || !strings.HasPrefix(line[1], line[0]+"+") {
			return nil, &problem{what: s.t("approvers line", n), where: fmt.Sprintf("%s:%d", name, n), mend: s.t("write approver"), err: domain.ErrInvalid}
		}
		keys[line[0]] = append(keys[line[0]], line[1])
	}
	return keys, scan.Err()
}
