package api

import (
	"bytes"
	"net/http"

	"github.com/labstack/echo/v4"

	"leeway/api/contract"
	"leeway/api/documents"
	"leeway/domain"
	"leeway/domain/names"
	"leeway/projections"
)

// mostExported is how many cases one table holds.
const mostExported = 100_000

// ExportCases answers the list of cases of an office as a table: CSV, or a
// workbook. What could be taken for a formula is text in both.
func (h handlers) ExportCases(c echo.Context, p contract.ExportCasesParams) error {
	caller, ctx := who(c), c.Request().Context()
	office, err := caller.within(p.Office)
	if err != nil {
		return err
	}
	desk, err := h.d.Models.Desk(caller.Actor, office).For(office)
	if err != nil {
		return err
	}
	l := documents.List{Title: caller.In(w("个案名册", "Cases")) + " " + office, Columns: []documents.Column{
		{Head: caller.In(w("个案", "Case"))}, {Head: caller.In(w("救助项目", "Programme"))}, {Head: caller.In(w("立案", "Opened"))},
		{Head: caller.In(w("环节", "Stage"))}, {Head: caller.In(w("金额（元）", "Amount (yuan)")), Right: true}, {Head: caller.In(w("决定日", "Decided"))}}}
	for a := (projections.Ask{Limit: 500}); len(l.Rows) < mostExported; {
		page, err := desk.Cases(ctx, a)
		if err != nil {
			return err
		}
		for _, x := range page.Rows {
			l.Rows = append(l.Rows, []documents.Cell{documents.Text(x.ID), documents.Text(caller.In(names.Of("programme", x.Programme))), documents.OnDay(x.Opened),
				documents.Text(x.Stage), documents.Yuan(x.Amount), documents.OnDay(x.Decided)})
		}
		if a.Cursor = page.Next; a.Cursor == "" {
			break
		}
	}
	if err := h.Saw(c, domain.Access{Kind: "export", Fields: []string{"cases of " + office}}); err != nil {
		return err
	}
	var out bytes.Buffer
	if p.Format != nil && *p.Format == "xlsx" {
		if err := documents.XLSX(&out, l); err != nil {
			return err
		}
		c.Response().Header().Set("Content-Disposition", `attachment; filename="cases.xlsx"`)
		return c.Blob(http.StatusOK, mimeXLSX, out.Bytes())
	}
	if err := l.CSV(&out); err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", `attachment; filename="cases.csv"`)
	return c.Blob(http.StatusOK, "text/csv; charset=utf-8", out.Bytes())
}
