package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"leeway/api/contract"
	"leeway/domain"
	"leeway/projections"
)

// ListGroundUse answers how often grounds were cited, proved and accepted. It
// names nobody.
func (h handlers) ListGroundUse(c echo.Context) error {
	rows, err := h.d.Models.Bench().Grounds(c.Request().Context())
	if err != nil {
		return err
	}
	return list(c, rows, "")
}

// ListLoads answers the caseload of every worker of an office.
func (h handlers) ListLoads(c echo.Context, p contract.ListLoadsParams) error {
	office, err := who(c).within(p.Office)
	if err != nil {
		return err
	}
	rows, err := h.d.Models.Bench().Loads(c.Request().Context(), office)
	if err != nil {
		return err
	}
	return list(c, rows, "")
}

// ListMoney answers the cases of an office in which money is open.
func (h handlers) ListMoney(c echo.Context, p contract.ListMoneyParams) error {
	a, err := h.ask(c, p.Cursor, p.Limit)
	if err != nil {
		return err
	}
	office, err := who(c).within(p.Office)
	if err != nil {
		return err
	}
	page, err := h.d.Models.Bench().Money(c.Request().Context(), office, a)
	return paged(h, c, page, err)
}

// ListAdvised answers the decisions that stand in one way to their advice,
// without their officers.
func (h handlers) ListAdvised(c echo.Context, p contract.ListAdvisedParams) error {
	a, err := h.ask(c, p.Cursor, p.Limit)
	if err != nil {
		return err
	}
	how := orElse(p.Advised, projections.AdvisedOther)
	page, err := h.d.Models.Bench().Advised(c.Request().Context(), how, a)
	return paged(h, c, page, err)
}

// ListErrors answers the errors that were determined against an officer.
func (h handlers) ListErrors(c echo.Context, p contract.ListErrorsParams) error {
	a, err := h.ask(c, p.Cursor, p.Limit)
	if err != nil {
		return err
	}
	if p.Person == nil || *p.Person == "" {
		return domain.NewFault("person", "it is missing", "name the officer by pseudonym")
	}
	page, err := h.d.Models.Bench().Errors(c.Request().Context(), *p.Person, a)
	return paged(h, c, page, err)
}

// GetReviewStatistics answers what the reviews come to that the caller may
// know of.
func (h handlers) GetReviewStatistics(c echo.Context) error {
	as, err := who(c).As("")
	if err != nil {
		return err
	}
	stats, err := h.d.Reviews.Statistics(c.Request().Context(), as, h.today())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, stats)
}

// ListCorrections answers the corrections that are open in an office.
func (h handlers) ListCorrections(c echo.Context, p contract.ListCorrectionsParams) error {
	a, err := h.ask(c, p.Cursor, p.Limit)
	if err != nil {
		return err
	}
	office, err := who(c).within(p.Office)
	if err != nil {
		return err
	}
	page, err := h.d.Models.Bench().Corrections(c.Request().Context(), office, a)
	return paged(h, c, page, err)
}

// ListNotices answers the proposals that hang at an office on a day.
func (h handlers) ListNotices(c echo.Context, office contract.PathOffice, p contract.ListNoticesParams) error {
	a, err := h.ask(c, p.Cursor, p.Limit)
	if err != nil {
		return err
	}
	on, err := day("on", p.On)
	if err != nil {
		return err
	}
	if on == 0 {
		on = h.today()
	}
	page, err := h.d.Models.Board(office).Notices(c.Request().Context(), on, a)
	if err != nil {
		return err
	}
	return list(c, page.Rows, h.next(c, page.Next))
}

// ListRoster answers who receives what in a month, by pseudonym.
func (h handlers) ListRoster(c echo.Context, office contract.PathOffice, p contract.ListRosterParams) error {
	a, err := h.ask(c, p.Cursor, p.Limit)
	if err != nil {
		return err
	}
	m, err := month("month", &p.Month)
	if err != nil {
		return err
	}
	page, err := h.d.Models.Board(office).Roster(c.Request().Context(), m, a)
	if err != nil {
		return err
	}
	return list(c, page.Rows, h.next(c, page.Next))
}

// ListTotals answers a month by programme.
func (h handlers) ListTotals(c echo.Context, office contract.PathOffice, p contract.ListTotalsParams) error {
	m, err := month("month", &p.Month)
	if err != nil {
		return err
	}
	rows, err := h.d.Models.Board(office).Totals(c.Request().Context(), m)
	if err != nil {
		return err
	}
	return list(c, rows, "")
}

// ListAccesses answers the access log: of a case, to those who look into its
// handling; of a person, to them and to himself. Who reads it stands in it.
func (h handlers) ListAccesses(c echo.Context, p contract.ListAccessesParams) error {
	caller, ctx := who(c), c.Request().Context()
	a, err := h.ask(c, p.Cursor, p.Limit)
	if err != nil {
		return err
	}
	var page projections.Page[projections.Viewing]
	seen := domain.Access{Kind: "read", Fields: []string{"accesses"}}
	switch {
	case p.Case != nil && p.Person == nil:
		if !caller.Has(Auditor, Head, Superior) {
			return errDenied
		}
		seen.Case = *p.Case
		page, err = h.d.Models.Bench().Viewed(ctx, *p.Case, a)
	case p.Case == nil:
		person := orElse(p.Person, caller.Actor.Person)
		if person != caller.Actor.Person && !caller.Has(Auditor, Head, Superior) {
			return errDenied
		}
		page, err = h.d.Models.Bench().ViewedBy(ctx, person, a)
	default:
		return domain.NewFault("case, person", "both are given", "give one of them")
	}
	if err == nil {
		err = h.Saw(c, seen)
	}
	if err != nil {
		return err
	}
	return list(c, page.Rows, h.next(c, page.Next))
}
