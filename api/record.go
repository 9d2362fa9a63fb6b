package api

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"leeway/api/contract"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
	"leeway/domain/review"
)

// stepJSON is a step that is to be recorded.
type stepJSON struct {
	Type    string            `json:"type"`
	Data    json.RawMessage   `json:"data"`
	Visible domain.Visibility `json:"visible"`
	As      review.Role       `json:"as"`
}

// fields are the fields of a step; a step without any has none.
func (s stepJSON) fields() []byte {
	if len(s.Data) == 0 {
		return []byte("{}")
	}
	return s.Data
}

// deciding are the steps that only those who approve may record.
var deciding = []string{
	eligibility.DecisionMade{}.EventType(), eligibility.AmountAdjusted{}.EventType(), eligibility.ExitDecided{}.EventType(),
	eligibility.PaymentListApproved{}.EventType(), eligibility.BenefitPaid{}.EventType(), eligibility.EmergencyPaid{}.EventType(),
	eligibility.ComplaintReceived{}.EventType(), eligibility.OverpaymentEstablished{}.EventType(), eligibility.BackpayEstablished{}.EventType(),
	eligibility.RemedyDecided{}.EventType(),
}

// Records reports whether the caller's roles record steps of a type. Who holds
// which post is the domain's to judge.
func (c Caller) Records(eventType string) bool {
	return c.Has(handling...) && (!slices.Contains(deciding, eventType) || c.Has(Township, County))
}

// MayRecord refuses a step that is not for the caller's roles. Of what came out
// later a case worker reports what he found himself; the rest is recorded by
// those who approve.
func (c Caller) MayRecord(e eligibility.Event) error {
	if !c.Records(e.EventType()) {
		return errDenied
	}
	if f, ok := e.(*eligibility.FactsDiscovered); ok && f.How != selfFound && !c.Has(Township, County) {
		return domain.NewFault("how", "a case worker reports what he found himself, and this says %q", "write self_found, or leave it to who approves", f.How)
	}
	return nil
}

const selfFound = "self_found"

// Unchanged is a check for the very try that appends: the caller saw so many
// steps of a case, and there are no others now. Its error is a
// casework.Changed.
func (c Caller) Unchanged(id string, seen int) func([]casework.Entry) error {
	return func(all []casework.Entry) error {
		if shown := shownTo(c, all); len(shown) != seen {
			return &casework.Changed{Case: id, Since: shown[min(seen, len(shown)):]}
		}
		return nil
	}
}

// RecordStep records a step of a case, within the caller's scope. Who holds
// which post is the domain's to judge; which role may decide is not.
func (h handlers) RecordStep(c echo.Context, id contract.PathCase, p contract.RecordStepParams) error {
	caller, ctx := who(c), c.Request().Context()
	var step stepJSON
	if err := body(c, &step); err != nil {
		return err
	}
	e, err := eligibility.Decode(step.Type, step.fields())
	if err != nil {
		return badStep(err, step.Type, eligibilityTypes)
	}
	opening, opens := e.(*eligibility.CaseOpened)
	if opens {
		if _, err := caller.within(&opening.Office); err != nil {
			return domain.NewFault("data.office", "%q is not the caller's office, nor one that his post serves", "open the case for an office of your own", opening.Office)
		}
	} else if err := h.InScope(ctx, caller, id); err != nil {
		return err
	}
	if err := caller.MayRecord(e); err != nil {
		return inData(err)
	}
	req := casework.Request{Command: commandID(c, p.IdempotencyKey), Actor: caller.Actor, Visible: step.Visible}
	if req.Check, err = unchanged(caller, id, p.IfMatch, opens); err != nil {
		return err
	}
	r, err := h.d.Cases.Record(ctx, req, id, e)
	if err != nil {
		return err
	}
	if opens {
		h.opened.add(caller.Subject, id)
	}
	return h.created(c, id, r)
}

// created answers a receipt with the ETag of the case as the caller sees it
// right behind the step.
func (h handlers) created(c echo.Context, id string, r casework.Receipt) error {
	all, err := h.d.Cases.Events(c.Request().Context(), id)
	if err != nil {
		return err
	}
	seen := 0
	for _, e := range shownTo(who(c), all) {
		if e.Revision <= r.Revision {
			seen++
		}
	}
	c.Response().Header().Set("ETag", tag(seen))
	out := receipt(r)
	if h.d.Proofs != nil && r.EventID != "" {
		out.Proof = Base + "/cases/" + id + "/steps/" + r.EventID + "/proof"
	}
	return c.JSON(http.StatusCreated, out)
}

// unchanged checks, in the very try that appends, that the caller has seen the
// case as it stands, and that nobody opens another office's case over again.
func unchanged(caller Caller, id string, match *string, opens bool) (func([]casework.Entry) error, error) {
	seen, ok, err := seenTag(match)
	if err != nil {
		return nil, err
	}
	return func(all []casework.Entry) error {
		if opens && len(all) > 0 && !caller.reaches(casework.StateOf(id, all).Office) {
			return errTaken
		}
		if ok {
			return caller.Unchanged(id, seen)(all)
		}
		return nil
	}, nil
}

// reaches reports whether an office is within the caller's scope.
func (c Caller) reaches(office string) bool {
	own, all := c.offices()
	return all || slices.Contains(own, office)
}

// errTaken says no more than that an id cannot be used: whose it is and what
// lies under it is nobody else's.
var errTaken = domain.NewFault("case", "this id cannot be used", "take another one")

// badStep says what is wrong with the type or the fields of a step.
func badStep(err error, eventType string, known []string) error {
	if !slices.Contains(known, eventType) {
		return domain.NewFault("type", "%q is no step that can be recorded here", "write one of %[2]s", eventType, domain.List(known))
	}
	return badFields(err)
}

// badFields finds the fault in what a decoder said.
func badFields(err error) error { return inData(badJSON(err)) }

// inData says that a fault lies in the fields of a step.
func inData(err error) error {
	if f, ok := err.(*domain.Fault); ok && f.Field != "" {
		f.Field = "data." + f.Field
	}
	return err
}

// Types of steps by where they are recorded.
var (
	eligibilityTypes = typesOf(eligibility.Kinds())
	registerTypes    = typesOf(eligibility.RegisterKinds())
	reviewTypes      = typesOf(review.Kinds())
	clueTypes        = typesOf(review.ClueKinds())
)

func typesOf[E interface{ EventType() string }](kinds []E) []string {
	list := make([]string, len(kinds))
	for i, k := range kinds {
		list[i] = k.EventType()
	}
	return list
}
