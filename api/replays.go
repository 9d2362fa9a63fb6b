package api

import (
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"

	"leeway/api/contract"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/replay"
)

// replayJSON is a replay as it is answered: the canonical trace, untouched.
type replayJSON struct {
	Digest string          `json:"digest"`
	Engine string          `json:"engine,omitempty"`
	Kept   *receiptJSON    `json:"kept,omitempty"`
	Report json.RawMessage `json:"report"`
}

// options read which replay is wanted.
func options(asOf, from, to *string) (opt casework.ReplayOptions, err error) {
	if opt.AsOf, err = day("as_of", asOf); err != nil {
		return opt, err
	}
	if opt.From, err = month("from", from); err != nil {
		return opt, err
	}
	opt.To, err = month("to", to)
	return opt, err
}

// replay replays a case that the caller reaches and answers it.
func (h handlers) replay(c echo.Context, status int, id string, req casework.Request, opt casework.ReplayOptions) error {
	if _, err := h.Entries(c.Request().Context(), who(c), id); err != nil {
		return err
	}
	done, err := h.d.Cases.ReplayCase(c.Request().Context(), req, id, opt)
	if err != nil {
		return err
	}
	if err := h.Saw(c, domain.Access{Kind: "read", Case: id, Fields: []string{"replay"}}); err != nil {
		return err
	}
	out := replayJSON{Digest: done.Digest, Engine: h.d.Cases.Rules.Engine(), Report: done.Trace}
	if done.Kept != nil {
		kept := receipt(*done.Kept)
		out.Kept = &kept
	}
	return c.JSON(status, out)
}

// ReplayCase answers the chain of a case. Nothing but the access is recorded.
func (h handlers) ReplayCase(c echo.Context, id contract.PathCase, p contract.ReplayCaseParams) error {
	opt, err := options(p.AsOf, p.From, p.To)
	if err != nil {
		return err
	}
	return h.replay(c, http.StatusOK, id, casework.Request{}, opt)
}

// KeepReplay replays a case and keeps the trace, once for the same inputs.
func (h handlers) KeepReplay(c echo.Context, id contract.PathCase, p contract.KeepReplayParams) error {
	var want struct {
		AsOf *string `json:"as_of"`
		From *string `json:"from"`
		To   *string `json:"to"`
	}
	if err := body(c, &want); err != nil {
		return err
	}
	opt, err := options(want.AsOf, want.From, want.To)
	if err != nil {
		return err
	}
	opt.Keep = true
	return h.replay(c, http.StatusCreated, id, casework.Request{Command: commandID(c, p.IdempotencyKey), Actor: who(c).Actor}, opt)
}

// GetReplay answers a replay on record, to the byte. Whoever may see the case
// may see it.
func (h handlers) GetReplay(c echo.Context, digest contract.PathDigest) error {
	kept, err := h.d.Cases.StoredReplay(c.Request().Context(), digest)
	if err != nil {
		return err
	}
	var of struct {
		Inputs replay.Inputs `json:"inputs"`
	}
	if err := json.Unmarshal(kept.Trace, &of); err != nil {
		return err
	}
	if _, err := h.Entries(c.Request().Context(), who(c), of.Inputs.Case); err != nil {
		return err
	}
	if err := h.Saw(c, domain.Access{Kind: "read", Case: of.Inputs.Case, Fields: []string{"replay"}}); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, replayJSON{Digest: kept.Digest, Engine: kept.Engine, Report: kept.Trace})
}

// ExplainReplay answers what every rule said at one node of the chain.
func (h handlers) ExplainReplay(c echo.Context, id contract.PathCase, p contract.ExplainReplayParams) error {
	m, err := month("month", &p.Month)
	if err != nil {
		return err
	}
	on, err := day("as_of", p.AsOf)
	if err != nil {
		return err
	}
	in, err := h.replayInput(c, id, on)
	if err != nil {
		return err
	}
	node, err := replay.Explain(in, m, string(p.Node))
	if err == nil {
		err = h.Saw(c, domain.Access{Kind: "read", Case: id, Fields: []string{"replay"}})
	}
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, node)
}

// SeeCase answers what could be known of a month on any day.
func (h handlers) SeeCase(c echo.Context, id contract.PathCase, p contract.SeeCaseParams) error {
	m, err := month("month", &p.Month)
	if err != nil {
		return err
	}
	t0, err := day("t0", &p.T0)
	if err != nil {
		return err
	}
	in, err := h.replayInput(c, id, 0)
	if err != nil {
		return err
	}
	sight, err := replay.SeeOn(in, m, t0)
	if err == nil {
		err = h.Saw(c, domain.Access{Kind: "read", Case: id, Fields: []string{"replay"}})
	}
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, sight)
}

// replayInput is a case as the caller may see it, ready to be replayed.
func (h handlers) replayInput(c echo.Context, id string, on domain.Day) (replay.Input, error) {
	if on == 0 {
		on = h.today()
	}
	d, err := h.dossier(c, id, on)
	return replay.Input{Case: d.Case, Register: d.Register, Rules: h.d.Cases.Rules, AsOf: on}, err
}

// GetDiligence answers the due-diligence record. Somebody who handles the case
// gets it from what he may see, and without the digest of a replay whose
// inputs name how much he may not.
func (h handlers) GetDiligence(c echo.Context, id contract.PathCase, p contract.GetDiligenceParams) error {
	opt, err := options(p.AsOf, p.From, p.To)
	if err != nil {
		return err
	}
	in, err := h.replayInput(c, id, opt.AsOf)
	if err != nil {
		return err
	}
	in.From, in.To = opt.From, opt.To
	report, err := replay.Run(in)
	if err != nil {
		return err
	}
	record, err := replay.DiligenceOf(in, report, "")
	if err == nil {
		err = h.Saw(c, domain.Access{Kind: "read", Case: id, Fields: []string{"diligence"}})
	}
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, record)
}
