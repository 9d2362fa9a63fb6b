package api

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"leeway/api/contract"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
	"leeway/domain/names"
	"leeway/projections"
)

// ListCases answers the register of cases of an office; those who review and
// audit may leave the office out.
func (h handlers) ListCases(c echo.Context, p contract.ListCasesParams) error {
	caller, ctx := who(c), c.Request().Context()
	a, err := h.ask(c, p.Cursor, p.Limit)
	if err != nil {
		return err
	}
	var page projections.Page[projections.CaseLine]
	office, err := caller.within(p.Office)
	switch {
	case err != nil:
		return err
	case caller.Has(watching...) && p.Office == nil && p.Stage == nil:
		page, err = h.d.Models.Bench().Cases(ctx, a)
	default:
		desk, deskErr := h.d.Models.Desk(caller.Actor, office).For(office)
		switch {
		case deskErr != nil:
			return deskErr
		case p.Stage != nil:
			page, err = desk.CasesAt(ctx, *p.Stage, a)
		default:
			page, err = desk.Cases(ctx, a)
		}
	}
	if err == nil {
		err = h.Saw(c, domain.Access{Kind: "list"})
	}
	if err != nil {
		return err
	}
	return list(c, page.Rows, h.next(c, page.Next))
}

// memberJSON is a member of a household as the caller may see him.
type memberJSON struct {
	ID       string `json:"id"`
	Name     string `json:"name,omitempty"`
	IDNumber string `json:"id_number,omitempty"` // masked
}

// caseJSON is a case as the caller may see it.
type caseJSON struct {
	ID         string         `json:"id"`
	Programme  string         `json:"programme"`
	Pack       string         `json:"pack"`
	Office     string         `json:"office"`
	Applicant  string         `json:"applicant"`
	Opened     domain.Day     `json:"opened"`
	Closed     bool           `json:"closed"`
	AsOf       domain.Day     `json:"as_of"`
	Members    []memberJSON   `json:"members"`
	Address    string         `json:"address,omitempty"`
	Statements []toldJSON     `json:"statements"`
	Decisions  []decisionJSON `json:"decisions"`
	Payments   []moneyJSON    `json:"payments"`
	Recovered  []moneyJSON    `json:"recovered"`
	BackPaid   []moneyJSON    `json:"back_paid"`
	Steps      int            `json:"steps"`
}

type toldJSON struct {
	domain.Statement
	Event    string         `json:"event"`
	Known    domain.Day     `json:"known"`
	Recorded domain.Instant `json:"recorded_at"`
	Late     int            `json:"late,omitempty"` // days between learning it and its record
	By       domain.Actor   `json:"by"`
}

type decisionJSON struct {
	Event   string              `json:"event"`
	Outcome string              `json:"outcome"`
	Amount  domain.Fen          `json:"amount"`
	From    domain.Month        `json:"from,omitzero"`
	To      domain.Month        `json:"to,omitzero"`
	Day     domain.Day          `json:"day"`
	By      domain.Actor        `json:"by"`
	Rules   string              `json:"rules,omitempty"`
	Advice  *eligibility.Advice `json:"advice,omitempty"`
	Reasons []string            `json:"reasons"`
}

type moneyJSON struct {
	Month  domain.Month `json:"month"`
	Amount domain.Fen   `json:"amount"`
	Day    domain.Day   `json:"day"`
	Event  string       `json:"event"`
}

// GetCase answers a case as it was known by the end of a day, as far as the
// caller may see it.
func (h handlers) GetCase(c echo.Context, id contract.PathCase, p contract.GetCaseParams) error {
	on, err := day("as_of", p.AsOf)
	if err != nil {
		return err
	}
	if on == 0 {
		on = h.today()
	}
	caller := who(c)
	shown, err := h.Entries(c.Request().Context(), caller, id)
	if err != nil {
		return err
	}
	whole := len(shown)
	shown = slices.DeleteFunc(slices.Clone(shown), func(e casework.Entry) bool { return !casework.KnownBy(e.Meta, on) })
	if len(shown) == 0 {
		return noCase(id)
	}
	view := viewOf(caller, casework.StateOf(id, shown))
	view.AsOf, view.Steps = on, len(shown)
	fields := view.open(caller, shown)
	if err := h.Saw(c, domain.Access{Kind: "read", Case: id, Fields: fields}); err != nil {
		return err
	}
	c.Response().Header().Set("ETag", tag(whole))
	return c.JSON(http.StatusOK, view)
}

// viewOf is the state of a case as JSON, without personal data.
func viewOf(caller Caller, k *eligibility.Case) *caseJSON {
	v := &caseJSON{ID: k.ID, Programme: k.Programme, Pack: k.Pack, Office: k.Office, Applicant: k.Applicant, Opened: k.Opened.Day, Closed: k.Closed,
		Members: []memberJSON{}, Statements: []toldJSON{}, Decisions: []decisionJSON{},
		Payments: moneys(k.Payments), Recovered: moneys(k.Recovered), BackPaid: moneys(k.BackPaid)}
	for _, m := range k.Members {
		v.Members = append(v.Members, memberJSON{ID: m.ID})
	}
	for _, t := range k.Statements {
		if !caller.Has(watching...) && !t.Visible(caller.Office, caller.Post) {
			continue
		}
		told := toldJSON{Statement: t.Statement, Event: t.At.ID, Known: t.At.KnownOn(), Recorded: t.At.RecordedAt, By: t.At.Actor}
		if late := int(told.Known - t.Observed); t.Observed != 0 && late > 0 {
			told.Late = late
		}
		v.Statements = append(v.Statements, told)
	}
	for _, d := range k.Decisions {
		one := decisionJSON{d.At.ID, string(d.Outcome), d.Amount, d.From, d.Until, d.At.Day, d.At.Actor, "", d.Advice, append([]string{}, d.Reasons...)}
		if d.Rules.Pack != "" {
			one.Rules = d.Rules.Pack + "/" + d.Rules.Version + "@" + d.Rules.Digest
		}
		v.Decisions = append(v.Decisions, one)
	}
	return v
}

func moneys(all []eligibility.Money) []moneyJSON {
	out := []moneyJSON{}
	for _, m := range all {
		out = append(out, moneyJSON{m.Month, m.Amount, m.At.Day, m.At.ID})
	}
	return out
}

// open puts names, masked numbers and the address into a view, and tells which
// fields it opened. Auditors work with pseudonyms.
func (v *caseJSON) open(caller Caller, shown []casework.Entry) []string {
	if !caller.Has(knowing...) {
		return nil
	}
	var fields []string
	put := func(p eligibility.Person) {
		i := slices.IndexFunc(v.Members, func(m memberJSON) bool { return m.ID == p.ID })
		if i < 0 {
			return
		}
		v.Members[i].Name, v.Members[i].IDNumber = p.Name.Text, masked(p.IDNumber.Text)
		fields = append(fields, "members["+p.ID+"].name", "members["+p.ID+"].id_number")
	}
	for _, e := range shown {
		switch e := e.Event.(type) {
		case *eligibility.CaseOpened:
			for _, p := range e.Members {
				put(p)
			}
			if e.Address.Text != "" {
				v.Address, fields = e.Address.Text, append(fields, "address")
			}
		case *eligibility.MemberJoined:
			put(e.Member)
		}
	}
	return fields
}

// masked hides the middle of a number of identity or an account.
func masked(number string) string {
	r := []rune(number)
	if len(r) <= 8 {
		return strings.Repeat("*", len(r))
	}
	return string(r[:4]) + strings.Repeat("*", len(r)-8) + string(r[len(r)-4:])
}

// recordedJSON is a step on record.
type recordedJSON struct {
	Event     string            `json:"event"`
	Type      string            `json:"type"`
	Title     string            `json:"title"`
	Day       domain.Day        `json:"day"`
	Known     domain.Day        `json:"known"`
	Recorded  domain.Instant    `json:"recorded_at"`
	Late      int               `json:"late,omitempty"`
	Grade     domain.Grade      `json:"grade,omitempty"`
	Actor     domain.Actor      `json:"actor"`
	Data      json.RawMessage   `json:"data"`
	Private   map[string]string `json:"private,omitempty"`
	Sealed    []string          `json:"sealed,omitempty"`
	Suspended bool              `json:"suspended,omitempty"`
	AsRole    string            `json:"as_role,omitempty"`
}

// recorded is a step of a case as the caller may see it, with the paths of what
// is opened in it.
func recorded(caller Caller, e casework.Entry) (recordedJSON, []string, error) {
	at := eligibility.DayOf(e.Event)
	r := recordedJSON{Event: e.ID, Type: e.Type, Title: caller.In(names.Event(e.Type)), Day: at, Known: e.KnownOn(), Recorded: e.RecordedAt,
		Actor: e.Actor, Sealed: e.Sealed, Late: max(0, int(e.KnownOn()-at))}
	if e.Claimed != nil {
		r.Grade = e.Claimed.Grade
	}
	data, err := domain.Canonical(e.Event)
	if err != nil {
		return r, nil, err
	}
	if r.Data, err = visible(caller, data); err != nil || !caller.Has(knowing...) {
		return r, nil, err
	}
	r.Private = map[string]string{}
	var fields []string
	for _, f := range eligibility.Private(e.Event) {
		if f.Data.Text == "" {
			continue
		}
		fields = append(fields, f.Path)
		r.Private[f.Path] = f.Data.Text
		if last := f.Path[strings.LastIndex(f.Path, ".")+1:]; last == "id_number" || last == "account" || last == "number" {
			r.Private[f.Path] = masked(f.Data.Text)
		}
	}
	return r, fields, nil
}

// visible takes statements out of the fields of a step that the caller's office
// and post may not see.
func visible(caller Caller, data []byte) (json.RawMessage, error) {
	if caller.Has(watching...) || !strings.Contains(string(data), `"visible"`) {
		return data, nil
	}
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		return nil, err
	}
	return domain.Canonical(without(v, func(x map[string]any) bool {
		named, _ := x["visible"].([]any)
		var allowed domain.Visibility
		for _, n := range named {
			text, _ := n.(string)
			allowed = append(allowed, text)
		}
		return !allowed.Allows(caller.Office, caller.Post)
	}))
}

// without is a JSON value less the objects of its lists that are hidden.
func without(v any, hidden func(map[string]any) bool) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			v[k] = without(x, hidden)
		}
	case []any:
		kept := []any{}
		for _, x := range v {
			if o, ok := x.(map[string]any); ok && hidden(o) {
				continue
			}
			kept = append(kept, without(x, hidden))
		}
		return kept
	}
	return v
}

// ListSteps answers every step of a case that the caller may see.
func (h handlers) ListSteps(c echo.Context, id contract.PathCase) error {
	caller := who(c)
	shown, err := h.Entries(c.Request().Context(), caller, id)
	if err != nil {
		return err
	}
	rows := []recordedJSON{}
	var opened []string
	for _, e := range shown {
		r, fields, err := recorded(caller, e)
		if err != nil {
			return err
		}
		rows = append(rows, r)
		for _, f := range fields {
			opened = append(opened, e.ID+":"+f)
		}
	}
	if err := h.Saw(c, domain.Access{Kind: "read", Case: id, Fields: opened}); err != nil {
		return err
	}
	c.Response().Header().Set("ETag", tag(len(shown)))
	return list(c, rows, "")
}

// step finds one step that the caller may see.
func (h handlers) step(c echo.Context, id, event string) (casework.Entry, error) {
	shown, err := h.Entries(c.Request().Context(), who(c), id)
	if err != nil {
		return casework.Entry{}, err
	}
	i := slices.IndexFunc(shown, func(e casework.Entry) bool { return e.ID == event })
	if i < 0 {
		return casework.Entry{}, domain.Deny(domain.ErrNotFound, "case %s has no event %q", "", id, event)
	}
	return shown[i], nil
}

// GetStep answers one step.
func (h handlers) GetStep(c echo.Context, id contract.PathCase, event contract.PathEvent) error {
	e, err := h.step(c, id, event)
	if err != nil {
		return err
	}
	r, fields, err := recorded(who(c), e)
	if err == nil {
		err = h.Saw(c, domain.Access{Kind: "read", Case: id, Fields: fields})
	}
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, r)
}

// ProveStep answers the proof that a step is in the ledger.
func (h handlers) ProveStep(c echo.Context, id contract.PathCase, event contract.PathEvent) error {
	e, err := h.step(c, id, event)
	if err != nil {
		return err
	}
	if h.d.Proofs == nil {
		return errNoLedger
	}
	proof, err := h.d.Proofs.Prove(c.Request().Context(), e.Stream, e.Revision)
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, "text/plain; charset=utf-8", proof)
}

// GetCheckpoint answers the newest signed checkpoint.
func (h handlers) GetCheckpoint(c echo.Context) error {
	if h.d.Proofs == nil {
		return errNoLedger
	}
	note, err := h.d.Proofs.Checkpoint(c.Request().Context())
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, "text/plain; charset=utf-8", note)
}

// errNoLedger says that nothing seals what this server keeps.
var errNoLedger = domain.Deny(domain.ErrNotFound, "this server keeps no sealed ledger", "start it with one, see docs/operations.md")

// RevealIdentity answers a number of identity in full. Why it is needed is the
// purpose under which it stands in the access log.
func (h handlers) RevealIdentity(c echo.Context, id contract.PathCase, member contract.PathMember, p contract.RevealIdentityParams) error {
	why := strings.TrimSpace(p.Purpose)
	if len([]rune(why)) < 3 || len([]rune(why)) > 80 {
		return domain.NewFault("purpose", "it is shorter than 3 or longer than 80 characters", "say in a few words why the number is needed")
	}
	shown, err := h.Entries(c.Request().Context(), who(c), id)
	if err != nil {
		return err
	}
	var number domain.Private
	for _, e := range shown {
		switch e := e.Event.(type) {
		case *eligibility.CaseOpened:
			for _, m := range e.Members {
				if m.ID == member {
					number = m.IDNumber
				}
			}
		case *eligibility.MemberJoined:
			if e.Member.ID == member {
				number = e.Member.IDNumber
			}
		}
	}
	switch {
	case !number.Present:
		return domain.Deny(domain.ErrNotFound, "no number of identity is on record for %q", "", member)
	case number.Text == "":
		return domain.Deny(domain.ErrSealed, "the number of %q cannot be opened", "", member)
	}
	if err := h.Saw(c, domain.Access{Kind: "read", Case: id, Fields: []string{"members[" + member + "].id_number in full"}, Purpose: why}); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]string{"member": member, "id_number": number.Text})
}
