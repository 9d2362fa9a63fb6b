package main

import (
	"fmt"
	"strings"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
)

// noteFlags say who puts something about rules on record, and since when it
// holds.
type noteFlags struct {
	By  string     `required:"" placeholder:"PERSON/OFFICE/POST"`
	Day domain.Day `placeholder:"YYYY-MM-DD"`
}

// actor reads --by.
func (f noteFlags) actor(s *session) (domain.Actor, error) {
	parts := strings.Split(f.By, "/")
	if len(parts) != 3 || parts[0] == "" || parts[1] == "" || parts[2] == "" {
		return domain.Actor{}, usage(&problem{what: s.t("no actor", f.By), where: "--by", mend: s.t("write actor")})
	}
	return domain.Actor{Person: parts[0], Office: parts[1], Post: parts[2]}, nil
}

// on is the civil day of the note; today where none is given.
func (f noteFlags) on(s *session) eligibility.On {
	if f.Day == 0 {
		return eligibility.On{Day: domain.DayOf(s.now())}
	}
	return eligibility.On{Day: f.Day}
}

// noteJSON is what went on record about a version.
type noteJSON struct {
	Rules   domain.PackVersion `json:"rules"`
	Day     domain.Day         `json:"day"`
	Office  string             `json:"office,omitempty"`
	Receipt casework.Receipt   `json:"receipt"`
}

// activateCmd publishes a sealed version with the approvals of its digest.
type activateCmd struct {
	Pack    string   `arg:""`
	Approve []string `placeholder:"PERSON:ROLE:DIGEST|FILE"`
	noteFlags
}

// Run seals the version anew and puts its activation on record. The digest
// that was approved must be that of the bytes at hand.
func (cmd activateCmd) Run(s *session) error {
	// The command line first, then the pack, then the ledger: each is refused
	// before the next is touched.
	approvals, err := cmd.approvals(s)
	if err != nil {
		return err
	}
	if _, err := cmd.actor(s); err != nil {
		return err
	}
	f, sealed, err := s.seal(cmd.Pack)
	if err != nil {
		return err
	}
	v, err := s.installed(f, sealed.ID)
	if err != nil {
		return err
	}
	library, err := s.library()
	if err != nil {
		return err
	}
	info, err := library.Info(v)
	if err != nil {
		return err
	}
	// What a version corrects is for the pack to say. It decides who answers for
	// what was paid under the version before.
	e := &eligibility.RulesActivated{On: cmd.on(s), Rules: v, Corrects: info.Corrects, Approvals: approvals}
	return s.note(cmd.noteFlags, noteJSON{Rules: v, Day: e.Day}, e)
}

// approvals reads --approve, once for each person.
func (cmd activateCmd) approvals(s *session) ([]domain.Approval, error) {
	// The list is empty and never absent: without approvals the decider refuses,
	// and only history may have none.
	list := []domain.Approval{}
	for _, text := range cmd.Approve {
		if one, ok, err := s.approvalFile(text); err != nil {
			return nil, err
		} else if ok {
			list = append(list, one)
			continue
		}
		parts := strings.Split(text, ":")
		if len(parts) != 3 {
			return nil, usage(&problem{what: s.t("no approval", text), where: "--approve", mend: s.t("write approval")})
		}
		list = append(list, domain.Approval{Person: parts[0], Role: parts[1], Digest: parts[2]})
	}
	return list, nil
}

// installed is the version as every later command finds it. What is activated
// must stay at hand: a folder outside of the folders of packs is no such place.
func (s *session) installed(f packFolder, v domain.PackVersion) (domain.PackVersion, error) {
	library, err := s.library()
	if err != nil {
		return v, err
	}
	got, err := library.Resolve(v.Pack, v.Version)
	if err == nil && got == v {
		return v, nil
	}
	return v, &problem{what: s.t("not installed", named(v)), where: f.name, mend: s.t("install it", v.Pack, v.Version), err: domain.ErrInvalid}
}

// dispatchCmd records that a version was sent to an office.
type dispatchCmd struct {
	Pack   string `arg:""`
	Office string `required:"" placeholder:"OFFICE"`
	noteFlags
}

// Run puts the dispatch on record.
func (cmd dispatchCmd) Run(s *session) error {
	if _, err := cmd.actor(s); err != nil {
		return err
	}
	v, err := s.atHand(cmd.Pack)
	if err != nil {
		return err
	}
	e := &eligibility.RulesDispatched{On: cmd.on(s), Office: cmd.Office, Rules: v}
	return s.note(cmd.noteFlags, noteJSON{Rules: v, Day: e.Day, Office: cmd.Office}, e)
}

// receiveCmd records that an office received a version.
type receiveCmd struct {
	Pack   string `arg:""`
	Office string `required:"" placeholder:"OFFICE"`
	noteFlags
}

// Run puts the receipt on record.
func (cmd receiveCmd) Run(s *session) error {
	if _, err := cmd.actor(s); err != nil {
		return err
	}
	v, err := s.atHand(cmd.Pack)
	if err != nil {
		return err
	}
	e := &eligibility.RulesReceived{On: cmd.on(s), Office: cmd.Office, Rules: v}
	return s.note(cmd.noteFlags, noteJSON{Rules: v, Day: e.Day, Office: cmd.Office}, e)
}

// atHand is the one version that a command names, as the library has it.
func (s *session) atHand(ref string) (domain.PackVersion, error) {
	f, _, err := s.onePack(ref)
	if err != nil {
		return domain.PackVersion{}, err
	}
	library, err := s.library()
	if err != nil {
		return domain.PackVersion{}, err
	}
	v, err := library.Open(f.files)
	if err != nil {
		return v, err
	}
	return s.installed(f, v)
}

// note puts a register event on record and says so.
func (s *session) note(f noteFlags, said noteJSON, e eligibility.RegisterEvent) error {
	as, err := f.actor(s)
	if err != nil {
		return err
	}
	dir, err := s.folder("data")
	if err != nil {
		return err
	}
	// The decider refuses what does not hold, with the register as it stands at
	// the append; the same activation again adds nothing.
	err = s.writing(dir, func(desk *casework.Service) error {
		said.Receipt, err = desk.Note(s.ctx, casework.Request{Actor: as}, e)
		return err
	})
	if err != nil {
		return err
	}
	if s.json {
		return s.writeJSON(said)
	}
	key := "noted " + e.EventType()
	if said.Receipt.EventID == "" {
		key = "noted already"
	}
	s.printf("%s\n", s.t(key, fmt.Sprintf("%s %s", named(said.Rules), short(said.Rules.Digest)), said.Day))
	return nil
}
