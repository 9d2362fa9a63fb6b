package api

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"leeway/domain"
	"leeway/projections"
)

// searchJSON is a search for a person. It comes in a body, never in an address:
// addresses stand in logs and histories.
type searchJSON struct {
	Kind    string `json:"kind"`
	Value   string `json:"value"`
	Purpose string `json:"purpose"`
}

// FindPersons answers in which cases of the caller's scope somebody is.
func (h handlers) FindPersons(c echo.Context) error {
	var ask searchJSON
	if err := body(c, &ask); err != nil {
		return err
	}
	hits, more, err := h.Persons(c, ask.Kind, ask.Value, ask.Purpose)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, struct {
		Rows []projections.PersonHit `json:"rows"`
		More bool                    `json:"more,omitempty"`
	}{append([]projections.PersonHit{}, hits...), more})
}

// maxValue is more than any name or number has, in bytes.
const maxValue = 800

// Persons finds in which cases of the caller's scope somebody is, and puts the
// search on record before it returns. Who is restricted or shredded is not
// found. The error wraps domain.ErrInvalid, ErrSealed or
// projections.ErrNotBuilt, or says that there is no record.
func (s *Server) Persons(c echo.Context, kind, value, purpose string) (hits []projections.PersonHit, more bool, err error) {
	kind, value = cmp.Or(kind, domain.IndexIDNumber), strings.TrimSpace(value)
	switch {
	case !slices.Contains(domain.IndexKinds(), kind):
		return nil, false, domain.NewFault("kind", "nobody is found by it", "write one of: %s", domain.List(domain.IndexKinds()))
	case !slices.Contains(domain.SearchPurposes(), purpose):
		return nil, false, domain.NewFault("purpose", "it is no purpose of a search", "write one of: %s", domain.List(domain.SearchPurposes()))
	case value == "" || len(value) > maxValue:
		return nil, false, domain.NewFault("value", "it is empty or too long", "give one ID number, name or account")
	case s.d.Persons == nil:
		return nil, false, domain.Deny(domain.ErrSealed, "no vault is open, so nothing can be done with its keys", "")
	}
	index, err := s.d.Persons.Index()
	if err != nil {
		return nil, false, err
	}
	if hits, more, err = s.reached(c, index, kind, value); err != nil {
		return nil, false, err
	}
	return hits, more, s.Saw(c, projections.Searched(hits, kind, purpose)...)
}

// reached searches as far as the caller reaches.
func (s *Server) reached(c echo.Context, x projections.Index, kind, value string) (hits []projections.PersonHit, more bool, err error) {
	caller, ctx := who(c), c.Request().Context()
	own, all := caller.offices()
	if all || caller.Has(watching...) {
		hits, more, err = s.d.Models.Bench().Persons(ctx, x, kind, value)
		if !caller.Has(watching...) {
			hits = slices.DeleteFunc(hits, func(h projections.PersonHit) bool { return h.Hidden })
		}
		return hits, more, err
	}
	for _, office := range own {
		desk, err := s.d.Models.Desk(caller.Actor, caller.Serves...).For(office)
		if err != nil {
			return nil, false, err
		}
		some, rest, err := desk.Persons(ctx, x, kind, value)
		if err != nil {
			return nil, false, err
		}
		hits, more = append(hits, some...), more || rest
	}
	return hits, more, nil
}
