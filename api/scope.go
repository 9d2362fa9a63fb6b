package api

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/labstack/echo/v4"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
)

// Scope is decided here and nowhere else: whose cases somebody reaches. What is
// out of it answers as what is not there, to the letter.

// errRecused says that the record of a case bars somebody from it.
var errRecused = errors.New("the record bars the caller from this matter")

// noCase is the answer for a case that is not there, or not for the caller.
func noCase(id string) error {
	return domain.Deny(domain.ErrNotFound, "there is no case %q", "", id)
}

// who is the caller of a guarded route.
func who(c echo.Context) Caller {
	caller, _ := CallerOf(c.Request().Context())
	return caller
}

// offices are whose cases somebody who handles cases reaches; all is every
// office.
func (c Caller) offices() (list []string, all bool) {
	return append([]string{c.Office}, c.Serves...), slices.Contains(c.Serves, eligibility.Everywhere)
}

// within is an office that the caller names, or his own. One out of his scope
// answers as one that has no case.
func (c Caller) within(office *string) (string, error) {
	named := orElse(office, c.Office)
	if c.Has(watching...) {
		return named, nil
	}
	if own, all := c.offices(); !all && !slices.Contains(own, named) {
		return "", domain.Deny(domain.ErrNotFound, "there is no office %q", "", named)
	}
	return named, nil
}

// InScope refuses a case that the caller does not reach. For those who handle
// cases that is the read models' to say, with one query by key; a case that he
// opened a moment ago is his before they know of it.
func (s *Server) InScope(ctx context.Context, c Caller, id string) error {
	if c.Has(watching...) {
		return nil
	}
	if !c.Has(handling...) {
		return noCase(id)
	}
	own, all := c.offices()
	if all || s.opened.by(c.Subject, id) {
		return nil
	}
	desk := s.d.Models.Desk(c.Actor, c.Serves...)
	for _, office := range own {
		at, err := desk.For(office)
		if err != nil {
			return err
		}
		if _, err = at.Case(ctx, id); !errors.Is(err, domain.ErrNotFound) {
			return err
		}
	}
	return noCase(id)
}

// Entries are the steps of a case that the caller may see, for a case within
// his scope. Somebody of the discipline organs whom the case's own record bars
// is refused.
func (s *Server) Entries(ctx context.Context, c Caller, id string) ([]casework.Entry, error) {
	if err := s.InScope(ctx, c, id); err != nil {
		return nil, err
	}
	all, err := s.d.Cases.Events(ctx, id)
	if errors.Is(err, domain.ErrNotFound) {
		return nil, noCase(id)
	}
	if err != nil {
		return nil, err
	}
	if c.Has(organ...) && slices.ContainsFunc(all, func(e casework.Entry) bool { return e.Actor.Person == c.Actor.Person }) {
		return nil, fmt.Errorf("%w: he took part in case %s", errRecused, id)
	}
	return shownTo(c, all), nil
}

// shownTo leaves out what somebody who handles cases may not see.
func shownTo(c Caller, all []casework.Entry) []casework.Entry {
	if c.Has(watching...) {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(e casework.Entry) bool { return !e.ShownTo(c.Actor) })
}

// dossier is a case as the caller may see it by the end of a day, with the
// registers as they stood then.
func (s *Server) dossier(c echo.Context, id string, on domain.Day) (casework.Dossier, error) {
	ctx, caller := c.Request().Context(), who(c)
	shown, err := s.Entries(ctx, caller, id)
	if err != nil {
		return casework.Dossier{}, err
	}
	if on == 0 {
		on = s.today()
	}
	d, err := s.d.Cases.DossierAt(ctx, id, on)
	if err != nil || caller.Has(watching...) {
		return d, err
	}
	d.Case = casework.StateOf(id, slices.DeleteFunc(shown, func(e casework.Entry) bool { return !casework.KnownBy(e.Meta, on) }))
	if !d.Case.Exists() {
		return d, noCase(id)
	}
	return d, nil
}

// InReview is the caller in the first of his roles that takes part in reviews,
// and the refusal of somebody whom the record of a review bars.
func (s *Server) InReview(c echo.Context, id string) (casework.Identity, error) {
	caller := who(c)
	as, err := caller.As("")
	if err != nil {
		return as, err
	}
	return as, s.unbarred(c, as, id)
}

// unbarred refuses somebody of the discipline organs whom a recusal keeps from
// reading a review, and says so in the log. Those whose conduct is reviewed
// read what concerns them; auditors take no part and are not asked.
func (s *Server) unbarred(c echo.Context, as casework.Identity, id string) error {
	if !as.Role.Discipline() {
		return nil
	}
	cause, _, barred, err := s.d.Reviews.Barred(c.Request().Context(), as, id)
	if err != nil || !barred {
		return err
	}
	s.d.Log.Warn("recused", "request", RequestID(c.Request().Context()), "person", as.Person, "review", id, "cause", cause)
	return errRecused
}
