package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"leeway/api/contract"
	"leeway/domain"
	"leeway/projections"
)

// desk is the desk of the caller with the cases of an office on it.
func (h handlers) desk(c echo.Context, office *string) (projections.Desk, error) {
	caller := who(c)
	named, err := caller.within(office)
	if err != nil {
		return projections.Desk{}, err
	}
	return h.d.Models.Desk(caller.Actor, caller.Serves...).For(named)
}

// ListMyCases answers the caller's open cases with what is due.
func (h handlers) ListMyCases(c echo.Context, p contract.ListMyCasesParams) error {
	a, err := h.ask(c, p.Cursor, p.Limit)
	if err != nil {
		return err
	}
	desk, err := h.desk(c, p.Office)
	if err != nil {
		return err
	}
	page, err := desk.MyCases(c.Request().Context(), a)
	return paged(h, c, page, err)
}

// paged answers a page of rows of cases, on record as a list.
func paged[R any](h handlers, c echo.Context, page projections.Page[R], err error) error {
	if err == nil {
		err = h.Saw(c, domain.Access{Kind: "list"})
	}
	if err != nil {
		return err
	}
	return list(c, page.Rows, h.next(c, page.Next))
}

// GetMyLoad answers the caller's own load.
func (h handlers) GetMyLoad(c echo.Context) error {
	desk, err := h.desk(c, nil)
	if err != nil {
		return err
	}
	load, err := desk.MyLoad(c.Request().Context())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, load)
}

// ListMyDecisions answers the caller's own decisions.
func (h handlers) ListMyDecisions(c echo.Context, p contract.ListMyDecisionsParams) error {
	a, err := h.ask(c, p.Cursor, p.Limit)
	if err != nil {
		return err
	}
	desk, err := h.desk(c, nil)
	if err != nil {
		return err
	}
	page, err := desk.OwnDecisions(c.Request().Context(), a)
	return paged(h, c, page, err)
}

// GetMyRecord answers what the caller decided, post by post.
func (h handlers) GetMyRecord(c echo.Context) error {
	desk, err := h.desk(c, nil)
	if err != nil {
		return err
	}
	rows, err := desk.OwnRecord(c.Request().Context())
	if err != nil {
		return err
	}
	return list(c, rows, "")
}

// ListRechecks answers what is due in an office by a day.
func (h handlers) ListRechecks(c echo.Context, p contract.ListRechecksParams) error {
	a, err := h.ask(c, p.Cursor, p.Limit)
	if err != nil {
		return err
	}
	by, err := day("by", p.By)
	if err != nil {
		return err
	}
	if by == 0 {
		by = h.today()
	}
	desk, err := h.desk(c, p.Office)
	if err != nil {
		return err
	}
	page, err := desk.Rechecks(c.Request().Context(), by, a)
	return paged(h, c, page, err)
}
