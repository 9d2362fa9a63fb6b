package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/privacy"
	"leeway/domain/review"
)

// reviewCmds is the group of commands about tolerance reviews.
type reviewCmds struct {
	Open       reviewOpenCmd       `cmd:""`
	Cite       reviewCiteCmd       `cmd:""`
	Supplement reviewSupplementCmd `cmd:""`
	Accept     reviewAcceptCmd     `cmd:""`
	Refuse     reviewRefuseCmd     `cmd:""`
	Withdraw   reviewWithdrawCmd   `cmd:""`
	Lapse      reviewLapseCmd      `cmd:""`
	Recuse     reviewRecuseCmd     `cmd:""`
	Verify     reviewVerifyCmd     `cmd:""`
	Ask        reviewAskCmd        `cmd:""`
	Supply     reviewSupplyCmd     `cmd:""`
	Appraise   reviewAppraiseCmd   `cmd:""`
	Opinion    reviewOpinionCmd    `cmd:""`
	Notify     reviewNotifyCmd     `cmd:""`
	Hear       reviewHearCmd       `cmd:""`
	Consult    reviewConsultCmd    `cmd:""`
	Suggest    reviewSuggestCmd    `cmd:""`
	Determine  reviewDetermineCmd  `cmd:""`
	Statement  reviewStatementCmd  `cmd:""`
	Sign       reviewSignCmd       `cmd:""`
	Signed     reviewSignedCmd     `cmd:""`
	Serve      reviewServeCmd      `cmd:""`
	Correct    reviewCorrectCmd    `cmd:""`
	Transfer   reviewTransferCmd   `cmd:""`
	File       reviewFileCmd       `cmd:""`
	Clear      reviewClearCmd      `cmd:""`
	Appeal     reviewAppealCmd     `cmd:""`
	Reopen     reviewReopenCmd     `cmd:""`
	Show       reviewShowCmd       `cmd:""`
	List       reviewListCmd       `cmd:""`
	Text       reviewTextCmd       `cmd:""`
	Guards     reviewGuardsCmd     `cmd:""`
	Clue       struct {
		Add     clueAddCmd     `cmd:""`
		List    clueListCmd    `cmd:""`
		Read    clueReadCmd    `cmd:""`
		Link    clueLinkCmd    `cmd:""`
		Compare clueCompareCmd `cmd:""`
		Close   clueCloseCmd   `cmd:""`
	} `cmd:""`
}

// asFlags say as whom somebody acts: a name of the file of identities. A file
// is for trying out on one machine; a server takes identities from its
// provider.
type asFlags struct {
	As         string `required:"" placeholder:"NAME"`
	Identities string `placeholder:"FILE" type:"path"`
}

// stepFlags are the flags of every command that records a step.
type stepFlags struct {
	asFlags
	Day     domain.Day `placeholder:"YYYY-MM-DD"`
	Command string     `placeholder:"UUID"`
	Seen    *int64     `placeholder:"N"`
}

// An identity is one entry of the file of identities.
type identity struct {
	Name   string      `json:"name"`
	Person string      `json:"person"`
	Office string      `json:"office"`
	Post   string      `json:"post"`
	Role   review.Role `json:"role"`
}

// registry is the file of identities by name.
type registry map[string]identity

// bureau is a command on reviews at work: the reviews, who acts, and everybody
// who could.
type bureau struct {
	*session
	v      *casework.Reviews
	as     casework.Identity
	people registry
}

// identities reads the file of identities: the one named, or identities.json
// in the data folder.
func (s *session) identities(f asFlags, dir string) (registry, error) {
	name := f.Identities
	if name == "" {
		name = filepath.Join(dir, "identities.json")
	}
	var file struct {
		Identities []identity `json:"identities"`
	}
	b, err := os.ReadFile(name)
	if err == nil {
		err = json.Unmarshal(b, &file)
	}
	if err != nil {
		return nil, &problem{what: s.t("cannot read", err), where: name, mend: s.t("identities mend"), err: fmt.Errorf("%w: %w", domain.ErrInvalid, err)}
	}
	people := registry{}
	for _, i := range file.Identities {
		if i.Name == "" || i.Person == "" || i.Office == "" || i.Post == "" || !review.KnownRole(i.Role) && !slices.Contains(privacy.Own(), privacy.Role(i.Role)) {
			return nil, &problem{what: s.t("identity bad", i.Name), where: name, mend: s.t("identities mend"), err: domain.ErrInvalid}
		}
		people[i.Name] = i
	}
	return people, nil
}

// reviewing opens the data folder for a command on reviews, to read or to
// write.
func (s *session) reviewing(f asFlags, writes bool, use func(*bureau) error) error {
	dir, err := s.existing("data")
	if err != nil {
		return err
	}
	people, err := s.identities(f, dir)
	if err != nil {
		return err
	}
	me, ok := people[f.As]
	if !ok {
		return &problem{what: s.t("no identity", f.As), where: "--as", mend: s.t("identities mend"), err: domain.ErrInvalid}
	}
	work := func(desk *casework.Service) error {
		as := casework.Identity{Actor: domain.Actor{Person: me.Person, Office: me.Office, Post: me.Post}, Role: me.Role}
		return use(&bureau{s, &casework.Reviews{Desk: desk, Worth: s.worth}, as, people})
	}
	if writes {
		return s.writing(dir, work)
	}
	return s.reading(work)
}

// stepJSON is what a recorded step gives.
type stepJSON struct {
	Review  string           `json:"review"`
	Stage   review.Stage     `json:"stage"`
	Receipt casework.Receipt `json:"receipt"`
}

// step makes an event from the command's flags and records it.
func (s *session) step(f stepFlags, id string, make func(*bureau) (review.Event, error)) error {
	return s.reviewing(f.asFlags, true, func(b *bureau) error {
		e, err := make(b)
		if err != nil {
			return err
		}
		review.Act(e, b.as.Role, f.Day)
		r, err := b.v.Record(s.ctx, casework.ReviewRequest{Command: f.Command, As: b.as, Seen: f.Seen}, id, e)
		if err != nil {
			return err
		}
		return b.did(id, e.EventType(), r)
	})
}

// did tells that a step is on record, and where the review stands now.
func (b *bureau) did(id, eventType string, r casework.Receipt) error {
	now, err := b.v.Review(b.ctx, b.as, id)
	if err != nil {
		return err
	}
	if b.json {
		return b.writeJSON(stepJSON{id, now.Stage(), r})
	}
	if r.EventID == "" {
		b.printf("%s\n", b.t("review said so", id, now.Stage().Title().In(b.lang)))
		return nil
	}
	b.printf("%s\n", b.t("review did", id, b.event(eventType), r.Revision, now.Stage().Title().In(b.lang)))
	return nil
}

// review is the review as the actor may see it.
func (b *bureau) review(id string) (*review.Review, error) { return b.v.Review(b.ctx, b.as, id) }

// said is what somebody says, sealed under the person whom it is about.
func said(about, text string) domain.Private { return domain.Personal(about, text) }

// members looks names up for a meeting.
func (b *bureau) members(names []string) ([]review.Member, error) {
	var list []review.Member
	for _, n := range names {
		i, ok := b.people[n]
		if !ok {
			return nil, &problem{what: b.t("no identity", n), where: "--member", mend: b.t("identities mend"), err: domain.ErrInvalid}
		}
		list = append(list, review.Member{Person: i.Person, Office: i.Office})
	}
	return list, nil
}

// with adds the actor to the investigators that a flag names.
func (b *bureau) with(others []string) []string {
	if slices.Contains(others, b.as.Person) {
		return others
	}
	return append([]string{b.as.Person}, others...)
}

// only is a value that may be left out where there is one choice.
func only(given string, choices []string) string {
	if given == "" && len(choices) == 1 {
		return choices[0]
	}
	return given
}

func matters(r *review.Review) []string {
	var ids []string
	for _, m := range r.Matters {
		ids = append(ids, m.ID)
	}
	return ids
}

func persons(r *review.Review) []string {
	var ids []string
	for _, p := range r.Parties {
		ids = append(ids, p.Person)
	}
	return ids
}

// cut splits "left=right" of a flag.
func (s *session) cut(flag, value string) (string, string, error) {
	left, right, ok := strings.Cut(value, "=")
	if !ok || left == "" || right == "" {
		return "", "", usage(&problem{what: s.t("flag not a pair", value), where: flag, mend: s.t("write a pair")})
	}
	return left, right, nil
}
