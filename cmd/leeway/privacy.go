package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/privacy"
	"leeway/eventstore"
	"leeway/ledger/vault"
)

// privacyCmds is the group of commands about the personal data of a person in
// a case, each with two persons.
type privacyCmds struct {
	Status   privacyStatusCmd   `cmd:""`
	Restrict privacyRestrictCmd `cmd:""`
	Release  privacyReleaseCmd  `cmd:""`
	Inspect  privacyInspectCmd  `cmd:""`
	Shred    privacyShredCmd    `cmd:""`
	Approve  privacyApproveCmd  `cmd:""`
	Decline  privacyDeclineCmd  `cmd:""`
	Open     privacyOpenCmd     `cmd:""`

	Custodians privacyCustodiansCmd `cmd:""`
	Settle     privacySettleCmd     `cmd:""`
	Reindex    privacyReindexCmd    `cmd:""`
	Rewrap     privacyRewrapCmd     `cmd:""`
}

// personFlags says whose data, and in which case.
type personFlags struct {
	CaseID string `arg:"" name:"case"`
	Person string `arg:"" name:"person"`
	kindFlags
}

// kindFlags say what the id is of: a case where neither is given.
type kindFlags struct {
	Review bool `xor:"kind"`
	Clue   bool `xor:"kind"`
}

func (f kindFlags) kind() casework.PrivacyKind {
	switch {
	case f.Review:
		return casework.OfReview
	case f.Clue:
		return casework.OfClue
	}
	return casework.OfCase
}

// askFlags are those of a request.
type askFlags struct {
	personFlags
	asFlags
	Ground   string `required:"" placeholder:"GROUND"`
	Document string `required:"" placeholder:"NUMBER"`
}

type (
	privacyRestrictCmd struct{ askFlags }
	privacyReleaseCmd  struct{ askFlags }
	privacyInspectCmd  struct{ askFlags }
	privacyShredCmd    struct{ askFlags }
)

// Run asks to restrict.
func (cmd privacyRestrictCmd) Run(s *session) error { return cmd.ask(s, privacy.Restrict) }

// Run asks to release.
func (cmd privacyReleaseCmd) Run(s *session) error { return cmd.ask(s, privacy.Release) }

// Run asks to inspect.
func (cmd privacyInspectCmd) Run(s *session) error { return cmd.ask(s, privacy.Inspect) }

// Run asks to shred.
func (cmd privacyShredCmd) Run(s *session) error { return cmd.ask(s, privacy.Shred) }

// ask puts the request on record.
func (f askFlags) ask(s *session, a privacy.Act) error {
	return s.keeping(f.asFlags, f.kind(), nil, func(p *casework.Privacy, as casework.PrivacyIdentity) error {
		r, err := p.Ask(s.ctx, as, f.CaseID, privacy.Ask{Subject: f.Person, Act: a, Ground: privacy.Ground(f.Ground), Document: f.Document})
		if err != nil {
			return err
		}
		return s.showPrivacy(p, f.personFlags, r)
	})
}

// keyFlags name the key files of custodians who are present.
type keyFlags struct {
	Key []string `placeholder:"FILE" type:"path"`
}

// privacyApproveCmd approves the open request, and carries it out.
type privacyApproveCmd struct {
	personFlags
	asFlags
	keyFlags
}

// Run records the approval.
func (cmd privacyApproveCmd) Run(s *session) error {
	return answerPrivacy(s, cmd.personFlags, cmd.asFlags, cmd.keyFlags, true)
}

// privacyDeclineCmd declines the open request, or takes it back.
type privacyDeclineCmd struct {
	personFlags
	asFlags
}

// Run records the answer.
func (cmd privacyDeclineCmd) Run(s *session) error {
	return answerPrivacy(s, cmd.personFlags, cmd.asFlags, keyFlags{}, false)
}

func answerPrivacy(s *session, of personFlags, as asFlags, keys keyFlags, approve bool) error {
	return s.keeping(as, of.kind(), keys.Key, func(p *casework.Privacy, me casework.PrivacyIdentity) error {
		r, err := p.Answer(s.ctx, me, of.CaseID, of.Person, approve)
		if err != nil {
			return err
		}
		f, err := p.File(s.ctx, of.CaseID)
		if err != nil {
			return err
		}
		// An index that was built while the key lay in escrow has nothing of him.
		if _, waits := f.Subject(of.Person).Pending(); approve && of.kind() == casework.OfCase && !waits && f.State(of.Person) == privacy.Open {
			if err := s.reindex(); err != nil {
				return err
			}
		}
		return s.printPrivacy(f, of.Person, &r)
	})
}

// reindex asks that the blind index be built again. One that was never built is
// built by whoever asks it first.
func (s *session) reindex() error {
	db, err := s.openProjections()
	if err != nil {
		return err
	}
	err = db.Rebuild(s.ctx, "persons")
	return errors.Join(ignore(err, domain.ErrNotFound), db.Close())
}

// privacyRewrapCmd gives the vault another key-encryption key.
type privacyRewrapCmd struct{ keyFlags }

// Run changes it. A server has the old one in memory, so none may run.
func (cmd privacyRewrapCmd) Run(s *session) error {
	dir, err := s.existing("data")
	if err != nil {
		return err
	}
	return s.writing(dir, func(desk *casework.Service) error {
		p, keys, err := s.privacyOf(desk)
		if err != nil {
			return err
		}
		if _, far := desk.Store.(*remote); far {
			return &problem{what: s.t("server holds keys"), where: s.keysOf(dir), mend: s.t("stop server first"), err: eventstore.ErrLocked}
		}
		if err := s.present(keys, cmd.Key); err != nil {
			return err
		}
		subjects, err := p.Subjects(s.ctx)
		if err != nil {
			return err
		}
		done, err := keys.Rewrap(subjects)
		if err != nil {
			return err
		}
		if s.json {
			return s.writeJSON(done)
		}
		s.printf("%s\n", s.t("rewrapped", done.Keys, done.Unused))
		return nil
	})
}

// privacyReindexCmd gives the blind index another key.
type privacyReindexCmd struct{}

// Run changes the key, and asks that every digest be made again. Until that is
// done a search is refused, also by a server that runs.
func (privacyReindexCmd) Run(s *session) error {
	dir, err := s.existing("data")
	if err != nil {
		return err
	}
	keys, err := s.openKeys(s.keysOf(dir))
	if err != nil {
		return s.inFolder(s.keysOf(dir), err)
	}
	if err := errors.Join(keys.RotateIndex(), keys.Close()); err != nil {
		return err
	}
	if err := s.reindex(); err != nil {
		return err
	}
	if s.json {
		return s.writeJSON(map[string]any{"index": "rotated"})
	}
	s.printf("%s\n", s.t("index rotated"))
	return nil
}

// privacyOpenCmd opens restricted data under an approved inspection.
type privacyOpenCmd struct {
	personFlags
	asFlags
	keyFlags
}

// Run prints what was opened. It is on record before anything is printed.
func (cmd privacyOpenCmd) Run(s *session) error {
	return s.keeping(cmd.asFlags, cmd.kind(), cmd.Key, func(p *casework.Privacy, as casework.PrivacyIdentity) error {
		list, err := p.Inspect(s.ctx, as, cmd.CaseID, cmd.Person)
		if err != nil {
			return err
		}
		if s.json {
			return s.writeJSON(map[string]any{"case": cmd.CaseID, "person": cmd.Person, "opened": append([]casework.Opened{}, list...)})
		}
		rows := make([][]string, len(list))
		for i, o := range list {
			rows[i] = []string{s.event(o.Type), o.Field, o.Text}
		}
		s.grid([]column{{head: s.t("event"), max: 24}, {head: s.t("privacy field"), max: 30}, {head: s.t("privacy text"), max: 60}}, rows)
		return nil
	})
}

// privacyStatusCmd says where the data of a case stands, and why.
type privacyStatusCmd struct {
	CaseID string `arg:"" name:"case"`
	kindFlags
	As         string `placeholder:"NAME"`
	Identities string `placeholder:"FILE" type:"path"`
}

// requestJSON is a request and its answer.
type requestJSON struct {
	Act      privacy.Act    `json:"act"`
	Ground   privacy.Ground `json:"ground"`
	Document string         `json:"document"`
	By       string         `json:"by"`
	Day      domain.Day     `json:"day"`
	State    string         `json:"state"` // open, approved, declined
	Answered string         `json:"answered_by,omitempty"`
	On       domain.Day     `json:"answered_on,omitzero"`
}

// subjectJSON is where the data of one person stands.
type subjectJSON struct {
	Person    string        `json:"person"`
	State     privacy.State `json:"state"`
	Key       string        `json:"destroyed_key,omitempty"`
	Destroyed domain.Day    `json:"destroyed_on,omitzero"`
	Requests  []requestJSON `json:"requests"`
}

// Run prints it.
func (cmd privacyStatusCmd) Run(s *session) error {
	var as casework.PrivacyIdentity
	if cmd.Clue { // whoever asks must be of the discipline organ
		dir, err := s.existing("data")
		if err != nil {
			return err
		}
		if as, err = s.keeper(asFlags{cmd.As, cmd.Identities}, dir); err != nil {
			return err
		}
	}
	return s.reading(func(desk *casework.Service) error {
		p := &casework.Privacy{Desk: desk, Kind: cmd.kind()}
		if _, err := desk.Case(s.ctx, cmd.CaseID); err != nil && p.Kind == casework.OfCase {
			return err
		}
		f, err := p.FileFor(s.ctx, as, cmd.CaseID)
		if err != nil {
			return err
		}
		return s.printPrivacy(f, "", nil)
	})
}

// showPrivacy prints where a person's data stands after a step.
func (s *session) showPrivacy(p *casework.Privacy, of personFlags, r casework.Receipt) error {
	f, err := p.File(s.ctx, of.CaseID)
	if err != nil {
		return err
	}
	return s.printPrivacy(f, of.Person, &r)
}

// printPrivacy prints the file of a case, or of one person in it.
func (s *session) printPrivacy(f *privacy.File, person string, r *casework.Receipt) error {
	list := []subjectJSON{}
	var rows [][]string
	for _, x := range f.Subjects {
		if person != "" && x.ID != person {
			continue
		}
		j := subjectJSON{Person: x.ID, State: x.State, Key: x.Key, Destroyed: x.Destroyed.Day, Requests: []requestJSON{}}
		for _, q := range x.Requests {
			one := requestJSON{q.Act, q.Ground, q.Document, q.At.Actor.Person, q.At.Day, "open", q.Answered.Actor.Person, q.Answered.Day}
			if q.Answered.ID != "" {
				one.State = map[bool]string{true: "approved", false: "declined"}[q.Approved]
			}
			j.Requests = append(j.Requests, one)
			rows = append(rows, []string{x.ID, x.State.Title().In(s.lang), q.Act.Title().In(s.lang), q.Ground.Title().In(s.lang), q.Document,
				one.By + " " + one.Day.String(), s.t("request " + one.State), strings.TrimSpace(one.Answered + " " + dayOrNone(one.On))})
		}
		list = append(list, j)
	}
	kept := s.retention()
	if s.json {
		out := map[string]any{"case": f.Case, "subjects": list, "retention": kept}
		if r != nil {
			out["receipt"] = r
		}
		return s.writeJSON(out)
	}
	mark := map[bool]string{true: " [to_verify]"}[kept.ToVerify]
	if len(rows) == 0 {
		s.printf("%s\n", s.t("privacy nothing"))
		s.hang("", s.t("privacy retention", kept.Years)+mark)
		return nil
	}
	defer func() { s.hang("", s.t("privacy retention", kept.Years)+mark) }()
	s.grid([]column{{head: s.t("pseudonym"), max: 16}, {head: s.t("state")}, {head: s.t("privacy act")}, {head: s.t("privacy ground"), max: 34}, {head: s.t("privacy document"), max: 24},
		{head: s.t("privacy asked")}, {head: s.t("privacy answer")}, {head: s.t("privacy answered")}}, rows)
	return nil
}

// retentionJSON is how long data is kept after the last thing that happened.
// Where nobody has set it, it is an assumption of ours, and says so.
type retentionJSON struct {
	Years    string `json:"years"`
	ToVerify bool   `json:"to_verify"`
}

func (s *session) retention() retentionJSON {
	const key = "privacy.retention_years"
	return retentionJSON{s.conf.get(key), s.conf.from[key] == fromDefault}
}

// keeping opens the data folder for a step on personal data as a named
// identity, with the keys of the custodians who are present.
func (s *session) keeping(f asFlags, kind casework.PrivacyKind, keyFiles []string, use func(*casework.Privacy, casework.PrivacyIdentity) error) error {
	dir, err := s.existing("data")
	if err != nil {
		return err
	}
	as, err := s.keeper(f, dir)
	if err != nil {
		return err
	}
	return s.writing(dir, func(desk *casework.Service) error {
		p, keys, err := s.privacyOf(desk)
		if err != nil {
			return err
		}
		if err := s.present(keys, keyFiles); err != nil {
			return err
		}
		p.Kind = kind
		return use(p, as)
	})
}

// keeper is the identity that a step on personal data is taken as.
func (s *session) keeper(f asFlags, dir string) (casework.PrivacyIdentity, error) {
	people, err := s.identities(f, dir)
	if err != nil {
		return casework.PrivacyIdentity{}, err
	}
	me, ok := people[f.As]
	if !ok {
		return casework.PrivacyIdentity{}, &problem{what: s.t("no identity", f.As), where: "--as", mend: s.t("identities mend"), err: domain.ErrInvalid}
	}
	return casework.PrivacyIdentity{Actor: domain.Actor{Person: me.Person, Office: me.Office, Post: me.Post}, Role: privacy.Role(me.Role)}, nil
}

// present lends a vault the keys of the custodians who are there.
func (s *session) present(keys *vault.Vault, files []string) error {
	for _, name := range files {
		text, err := readSecret(name, "")
		if errors.Is(err, vault.ErrExposed) {
			return s.exposed(name, s.t("secret file open"), s.t("close file", name))
		}
		if err != nil {
			return s.unreadable(name, err)
		}
		if err := keys.Present(text); err != nil {
			return err
		}
	}
	return nil
}

// privacyOf is what is done with the keys of a desk, with the retention that is
// configured.
func (s *session) privacyOf(desk *casework.Service) (*casework.Privacy, *vault.Vault, error) {
	c, err := s.configured()
	if err != nil {
		return nil, nil, err
	}
	years, err := strconv.Atoi(c.get("privacy.retention_years"))
	if err != nil || years < 1 || years > 100 {
		return nil, nil, s.badSetting(c.from["privacy.retention_years"], s.t("bad setting", "privacy.retention_years", c.get("privacy.retention_years")), s.t("write years"))
	}
	p := &casework.Privacy{Desk: desk, Years: years}
	keys, ok := desk.Sealer.(*vault.Vault)
	if ok && keys != nil {
		p.Keys = keys
	}
	return p, keys, nil
}

// keysComplete refuses a store of which events need keys that the vault does
// not have, and brings the vault into the state that is on record.
func (s *session) keysComplete(desk *casework.Service) error {
	p, _, err := s.privacyOf(desk)
	if err != nil {
		return err
	}
	if _, err := p.Settle(s.ctx); err != nil {
		return err
	}
	lost, err := p.LostKeys(s.ctx)
	if err != nil || len(lost) == 0 {
		return err
	}
	return s.keysMissing(lost)
}

// keysMissing names what is missing, and the way out.
func (s *session) keysMissing(lost []casework.LostKey) error {
	const most = 5
	var named []string
	for _, k := range lost[:min(len(lost), most)] {
		named = append(named, fmt.Sprintf("%s（%s）", k.Subject, k.Key))
	}
	if len(lost) > most {
		named = append(named, "…")
	}
	return &problem{what: s.t("keys missing", len(lost), s.list(named)), where: s.conf.get("keys"), mend: s.t("restore keys"), err: domain.ErrSealed}
}

// privacyCustodiansCmd names who holds the keys of the escrow, or lists them.
type privacyCustodiansCmd struct {
	Custodian []string `arg:"" optional:"" placeholder:"NAME=AGE-KEY"`
}

// Run sets or lists them.
func (cmd privacyCustodiansCmd) Run(s *session) error {
	dir, err := s.existing("data")
	if err != nil {
		return err
	}
	if _, err := s.configured(); err != nil {
		return err
	}
	keys, err := vault.Open(s.keysOf(dir))
	if err != nil {
		return s.inFolder(s.keysOf(dir), err)
	}
	return errors.Join(cmd.run(s, keys), keys.Close())
}

func (cmd privacyCustodiansCmd) run(s *session, keys *vault.Vault) error {
	var list []vault.Custodian
	for _, text := range cmd.Custodian {
		name, key, ok := strings.Cut(text, "=")
		if !ok {
			return usage(&problem{what: s.t("no custodian", text), where: "NAME=AGE-KEY", mend: s.t("write custodian")})
		}
		list = append(list, vault.Custodian{Name: name, Recipient: key})
	}
	if len(list) > 0 {
		if err := keys.SetCustodians(list); err != nil {
			return err
		}
	}
	list, err := keys.Custodians()
	if err != nil {
		return err
	}
	names := []string{}
	for _, c := range list {
		names = append(names, c.Name)
	}
	slices.Sort(names)
	if s.json {
		return s.writeJSON(map[string]any{"custodians": names})
	}
	if len(names) == 0 {
		s.printf("%s\n", s.t("no custodians"))
		return nil
	}
	s.printf("%s\n", s.t("custodians are", s.list(names)))
	return nil
}

// privacySettleCmd brings the vault into the state that is on record, and
// looks whether any key is missing.
type privacySettleCmd struct{ keyFlags }

// Run does it.
func (cmd privacySettleCmd) Run(s *session) error {
	dir, err := s.existing("data")
	if err != nil {
		return err
	}
	return s.writing(dir, func(desk *casework.Service) error {
		if _, keys, err := s.privacyOf(desk); err != nil {
			return err
		} else if err := s.present(keys, cmd.Key); err != nil {
			return err
		}
		if err := s.keysComplete(desk); err != nil {
			return err
		}
		if s.json {
			return s.writeJSON(map[string]any{"settled": true})
		}
		s.printf("%s\n", s.t("privacy settled"))
		return nil
	})
}
