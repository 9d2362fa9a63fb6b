package main

import (
	"bufio"
	"cmp"
	"errors"
	"io"
	"os"
	"slices"
	"strings"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/privacy"
	"leeway/domain/review"
	"leeway/ledger/vault"
	"leeway/projections"
)

// findCmd finds the cases of a person by an identifier, which it reads from
// standard input: an argument would stand in the list of processes and in the
// history of the shell.
type findCmd struct {
	asFlags
	Kind    string `placeholder:"KIND"`
	Purpose string `required:"" placeholder:"PURPOSE"`
}

// Run searches, puts that on record, and only then answers.
func (cmd findCmd) Run(s *session) error {
	kind := cmp.Or(cmd.Kind, domain.IndexIDNumber)
	switch {
	case !slices.Contains(domain.IndexKinds(), kind):
		return usage(&problem{what: s.t("no kind", kind), where: "--kind", mend: s.t("write one of", strings.Join(domain.IndexKinds(), " "))})
	case !slices.Contains(domain.SearchPurposes(), cmd.Purpose):
		return usage(&problem{what: s.t("no purpose", cmd.Purpose), where: "--purpose", mend: s.t("write one of", strings.Join(domain.SearchPurposes(), " "))})
	}
	dir, err := s.existing("data")
	if err != nil {
		return err
	}
	people, err := s.identities(cmd.asFlags, dir)
	if err != nil {
		return err
	}
	me, ok := people[cmd.As]
	if !ok {
		return &problem{what: s.t("no identity", cmd.As), where: "--as", mend: s.t("identities mend"), err: domain.ErrInvalid}
	}
	value, err := s.readValue(kind)
	if err != nil {
		return err
	}
	return s.writing(dir, func(desk *casework.Service) error {
		keys, ok := desk.Sealer.(*vault.Vault)
		if !ok || keys == nil {
			return domain.Deny(domain.ErrSealed, "no vault is open, so nothing can be done with its keys", "")
		}
		hits, more, err := s.persons(desk, keys, me, kind, value)
		if err != nil {
			return err
		}
		actor := domain.Actor{Person: me.Person, Office: me.Office, Post: me.Post}
		if _, err := desk.OpenAccess().Saw(s.ctx, actor, projections.Searched(hits, kind, cmd.Purpose)...); err != nil {
			return err
		}
		return s.printHits(kind, hits, more)
	})
}

// persons brings the blind index up to the end of the events, unless a server
// does, and asks it as somebody.
func (s *session) persons(desk *casework.Service, keys *vault.Vault, me identity, kind, value string) (hits []projections.PersonHit, more bool, err error) {
	db, err := s.openProjections()
	if err != nil {
		return nil, false, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, far := desk.Store.(*remote); !far {
		p := &projections.Projector{DB: db, Store: desk.Store, Only: []string{"cases", "persons"}, Options: projections.Options{Persons: personsOf(keys)}}
		if err := p.CatchUp(s.ctx); err != nil {
			return nil, false, err
		}
	}
	x, err := keys.Index()
	if err != nil {
		return nil, false, err
	}
	switch me.Role {
	case review.Worker, review.Unit, review.Bureau:
		return db.Desk(domain.Actor{Person: me.Person, Office: me.Office, Post: me.Post}).Persons(s.ctx, x, kind, value)
	case review.Reviewer, review.Head, review.Superior, review.Auditor, review.Role(privacy.Records), review.Role(privacy.Officer):
		return db.Bench().Persons(s.ctx, x, kind, value)
	}
	return nil, false, domain.Deny(domain.ErrRefused, "role “%s” may not look for a person", "ask who handles the case, or an auditor", me.Role)
}

// readValue reads what is looked for. Whoever sits at a terminal is asked.
func (s *session) readValue(kind string) (string, error) {
	if f, ok := s.in.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			io.WriteString(s.err, s.t("ask "+kind)+": ")
		}
	}
	text := ""
	if s.in != nil {
		line, err := bufio.NewReader(io.LimitReader(s.in, 1024)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		text = strings.TrimSpace(line)
	}
	if text == "" {
		return "", usage(&problem{what: s.t("no value"), where: s.t("standard input"), mend: s.t("give value")})
	}
	return text, nil
}

// printHits prints in which cases somebody was found. What was looked for is
// not printed.
func (s *session) printHits(kind string, hits []projections.PersonHit, more bool) error {
	if s.json {
		return s.writeJSON(map[string]any{"kind": kind, "hits": append([]projections.PersonHit{}, hits...), "more": more})
	}
	if len(hits) == 0 {
		s.printf("%s\n", s.t("nobody found"))
		return nil
	}
	rows := make([][]string, len(hits))
	for i, h := range hits {
		rows[i] = []string{h.Case, h.Person}
	}
	s.grid([]column{{head: s.t("case"), max: 40}, {head: s.t("pseudonym"), max: 30}}, rows)
	if more {
		s.hang("! ", s.t("more hits", len(hits)))
	}
	return nil
}
