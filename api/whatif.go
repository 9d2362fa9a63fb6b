package api

import (
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"

	"leeway/api/contract"
	"leeway/domain"
	"leeway/domain/casework"
)

// whatIfJSON is a what-if as it is answered.
type whatIfJSON struct {
	Name   string              `json:"name"`
	Assume casework.Assumption `json:"assume"`
	Digest string              `json:"digest"`
	Saved  domain.Instant      `json:"saved_at"`
	By     domain.Actor        `json:"by"`
	Report json.RawMessage     `json:"report"`
}

func whatIf(x casework.WhatIf) whatIfJSON {
	return whatIfJSON{x.Name, x.Assume, x.Digest, x.At.RecordedAt, x.At.Actor, x.Trace}
}

// ListWhatIfs answers the what-ifs of a case.
func (h handlers) ListWhatIfs(c echo.Context, id contract.PathCase) error {
	if _, err := h.Entries(c.Request().Context(), who(c), id); err != nil {
		return err
	}
	all, err := h.d.Cases.WhatIfs(c.Request().Context(), id)
	if err == nil {
		err = h.Saw(c, domain.Access{Kind: "read", Case: id, Fields: []string{"what-ifs"}})
	}
	if err != nil {
		return err
	}
	rows := []whatIfJSON{}
	for _, x := range all {
		rows = append(rows, whatIf(x))
	}
	return list(c, rows, "")
}

// SaveWhatIf replays a case with one assumption changed and saves it.
func (h handlers) SaveWhatIf(c echo.Context, id contract.PathCase, p contract.SaveWhatIfParams) error {
	var want struct {
		Name   string              `json:"name"`
		Assume casework.Assumption `json:"assume"`
		AsOf   *string             `json:"as_of"`
		From   *string             `json:"from"`
		To     *string             `json:"to"`
	}
	if err := body(c, &want); err != nil {
		return err
	}
	opt, err := options(want.AsOf, want.From, want.To)
	if err != nil {
		return err
	}
	if _, err := h.Entries(c.Request().Context(), who(c), id); err != nil {
		return err
	}
	req := casework.Request{Command: commandID(c, p.IdempotencyKey), Actor: who(c).Actor}
	x, err := h.d.Cases.SaveWhatIf(c.Request().Context(), req, id, want.Name, want.Assume, opt)
	if err == nil {
		err = h.Saw(c, domain.Access{Kind: "read", Case: id, Fields: []string{"what-if"}})
	}
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, whatIf(x))
}
