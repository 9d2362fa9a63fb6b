package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"leeway/api/contract"
	"leeway/domain"
)

// Archive makes the evidence package of a review out of the sealed ledger, and
// tells the last revision of the review that is in it. What it gives has been
// verified as anybody verifies it.
type Archive func(ctx context.Context, review string) (pack []byte, last int64, err error)

// ArchiveOf is the evidence package of a review 归档包 for a caller who may have
// it: the review, its cases, the registers and the rules, with personal data
// sealed. It is on record as an export of each case, for the purpose that the
// caller names, before it is given out. A package that lacks what was recorded a
// moment ago is not given: the error wraps domain.ErrNotFound until it is sealed.
func (s *Server) ArchiveOf(c echo.Context, id, purpose string) ([]byte, error) {
	if !slices.Contains(domain.SearchPurposes(), purpose) {
		return nil, domain.NewFault("purpose", "it is no purpose of an export", "write one of: %s", domain.List(domain.SearchPurposes()))
	}
	as, err := s.InReview(c, id)
	if err != nil {
		return nil, err
	}
	ctx := c.Request().Context()
	r, err := s.d.Reviews.Review(ctx, as, id)
	if err != nil {
		return nil, err
	}
	if s.d.Archive == nil {
		return nil, errNoLedger
	}
	b, last, err := s.d.Archive(ctx, id)
	if err != nil {
		return nil, err
	}
	if last < r.Revision() {
		return nil, domain.Deny(domain.ErrNotFound, "the newest step of the review is not sealed yet", "ask again in a second")
	}
	list := accessesOf(r)
	for i := range list {
		list[i].Kind, list[i].Purpose, list[i].Fields = "export", purpose, []string{"package of review " + id}
	}
	return b, s.Saw(c, list...)
}

// ArchiveName is the file name of a package of a review.
func ArchiveName(id string) string {
	return "review-" + strings.Map(func(r rune) rune {
		if r == '.' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, id) + ".zip"
}

// SendArchive answers a package as a file.
func SendArchive(c echo.Context, id string, pack []byte) error {
	c.Response().Header().Set("Content-Disposition", `attachment; filename="`+ArchiveName(id)+`"`)
	return c.Blob(http.StatusOK, "application/zip", pack)
}

// ExportReview answers the evidence package of a review.
func (h handlers) ExportReview(c echo.Context, id contract.PathReview, p contract.ExportReviewParams) error {
	b, err := h.ArchiveOf(c, id, string(p.Purpose))
	if err != nil {
		return err
	}
	return SendArchive(c, id, b)
}

// GetStatement answers what the caller would sign of the determination, to the
// byte.
func (h handlers) GetStatement(c echo.Context, id contract.PathReview) error {
	as, err := h.InReview(c, id)
	if err != nil {
		return err
	}
	st, err := h.d.Reviews.ToSign(c.Request().Context(), as, id)
	if err != nil {
		return err
	}
	text, err := st.Text()
	if err == nil {
		err = h.Saw(c, domain.Access{Kind: "read", Fields: []string{"review " + id}})
	}
	if err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", `attachment; filename="`+strings.TrimSuffix(ArchiveName(id), ".zip")+`.txt"`)
	return c.Blob(http.StatusOK, "text/plain; charset=utf-8", []byte(text))
}

// signatureJSON is a signature under a determination with what it is worth.
type signatureJSON struct {
	Event    string     `json:"event"`
	Decision string     `json:"decision"`
	Counts   bool       `json:"counts"`
	Person   string     `json:"person"`
	Role     string     `json:"role"`
	Day      domain.Day `json:"day"`
	Digest   string     `json:"digest"`
	Key      string     `json:"key"`
	State    string     `json:"state"`
}

// ListSignatures answers who signed the determinations of a review.
func (h handlers) ListSignatures(c echo.Context, id contract.PathReview) error {
	as, err := h.InReview(c, id)
	if err != nil {
		return err
	}
	all, err := h.d.Reviews.Signatures(c.Request().Context(), as, id)
	if err == nil {
		err = h.Saw(c, domain.Access{Kind: "read", Fields: []string{"review " + id}})
	}
	if err != nil {
		return err
	}
	var rows []signatureJSON
	for _, u := range all {
		rows = append(rows, signatureJSON{u.At.ID, u.Decision, u.Counts, u.At.Actor.Person, string(u.At.As), u.At.Day, u.Digest, u.Key, u.Worth})
	}
	return list(c, rows, "")
}
