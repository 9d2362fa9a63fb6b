package api

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"leeway/api/contract"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/names"
	"leeway/domain/review"
	"leeway/projections"
)

// ListReviews answers the queue of an organ; those who handle cases get the
// reviews that concern them, and learn of no other.
func (h handlers) ListReviews(c echo.Context, p contract.ListReviewsParams) error {
	caller, ctx := who(c), c.Request().Context()
	a, err := h.ask(c, p.Cursor, p.Limit)
	if err != nil {
		return err
	}
	if caller.Has(watching...) {
		office := caller.Office
		if caller.Has(Superior, Auditor) {
			if office = orElse(p.Organ, ""); office == "" {
				return domain.NewFault("organ", "it is missing", "name the organ whose queue you want to see")
			}
		}
		page, err := h.d.Models.Bench().Queue(ctx, office, a)
		return paged(h, c, page, err)
	}
	as, err := caller.As("")
	if err != nil {
		return err
	}
	rows, err := h.d.Reviews.List(ctx, as)
	if err == nil {
		err = h.Saw(c, domain.Access{Kind: "list"})
	}
	if err != nil {
		return err
	}
	return list(c, rows, "")
}

// ListCaseReviews answers the reviews that look at a case.
func (h handlers) ListCaseReviews(c echo.Context, id contract.PathCase) error {
	if _, err := h.Entries(c.Request().Context(), who(c), id); err != nil {
		return err
	}
	rows, err := h.d.Models.Bench().CaseReviews(c.Request().Context(), id)
	if err == nil {
		err = h.Saw(c, domain.Access{Kind: "read", Case: id, Fields: []string{"reviews"}})
	}
	if err != nil {
		return err
	}
	return list(c, rows, "")
}

// reviewJSON is a review as it stands for the caller.
type reviewJSON struct {
	ID            string             `json:"id"`
	Stage         review.Stage       `json:"stage"`
	Route         review.Route       `json:"route"`
	Organ         string             `json:"organ"`
	Opened        domain.Day         `json:"opened"`
	Cases         []string           `json:"cases"`
	Matters       []review.Matter    `json:"matters"`
	Parties       []review.Party     `json:"parties"`
	Corrections   []correctionJSON   `json:"corrections"`
	Overdue       int                `json:"overdue"`
	Departures    int                `json:"departures"`
	Replays       []reviewReplayJSON `json:"replays"`
	Determination *determinationJSON `json:"determination,omitempty"`
	Appeals       []reviewAppealJSON `json:"appeals"`
	// SelfReports are left out where the caller is a party.
	SelfReports []casework.OwnReport `json:"self_reports,omitempty"`
}

type correctionJSON struct {
	review.CorrectionOrdered
	State    string     `json:"state"`
	DueNow   domain.Day `json:"due_now"`
	Returned int        `json:"returned"`
}

type reviewReplayJSON struct {
	Matter    string              `json:"matter"`
	Ref       review.ReplayRef    `json:"replay"`
	Class     string              `json:"class"`
	Undecided bool                `json:"undetermined"`
	Money     []review.MonthMoney `json:"money"`
	Verdicts  []review.Verdict    `json:"verdicts"`
}

type determinationJSON struct {
	Event    string          `json:"event"`
	Day      domain.Day      `json:"day"`
	Findings []review.Result `json:"findings"`
}

type reviewAppealJSON struct {
	ID     string              `json:"id"`
	Person string              `json:"person"`
	Path   review.Path         `json:"path"`
	Day    domain.Day          `json:"day"`
	Result review.AppealResult `json:"result,omitempty"`
}

// GetReview answers a review as it stands for the caller.
func (h handlers) GetReview(c echo.Context, id contract.PathReview) error {
	as, err := h.InReview(c, id)
	if err != nil {
		return err
	}
	r, log, err := h.d.Reviews.ReviewLog(c.Request().Context(), as, id)
	if err != nil {
		return err
	}
	view := h.reviewView(as, r)
	if view.SelfReports, err = h.d.Reviews.OwnReports(c.Request().Context(), as, id); err != nil {
		return err
	}
	if err := h.Saw(c, accessesOf(r)...); err != nil {
		return err
	}
	c.Response().Header().Set("ETag", tag(len(log)))
	return c.JSON(http.StatusOK, view)
}

// accessesOf is one access for each case of a review.
func accessesOf(r *review.Review) []domain.Access {
	list := []domain.Access{}
	for _, id := range r.Cases() {
		list = append(list, domain.Access{Kind: "read", Case: id, Fields: []string{"review " + r.ID}})
	}
	if len(list) == 0 {
		list = append(list, domain.Access{Kind: "read", Fields: []string{"review " + r.ID}})
	}
	return list
}

// concerns reports whether a person's part is for the caller to read.
func concerns(as casework.Identity, r *review.Review, person string) bool {
	switch as.Role {
	case review.Worker:
		return person == as.Person
	case review.Unit:
		p, ok := r.Party(person)
		return ok && p.Office == as.Office
	}
	return true
}

// reviewView is the state of a review, less what is not for the caller.
func (h handlers) reviewView(as casework.Identity, r *review.Review) reviewJSON {
	restricted := as.Role == review.Worker || as.Role == review.Unit
	v := reviewJSON{ID: r.ID, Stage: r.Stage(), Route: r.Route, Organ: r.Organ, Opened: r.Started.Day, Cases: append([]string{}, r.Cases()...),
		Matters: append([]review.Matter{}, r.Matters...), Parties: []review.Party{}, Corrections: []correctionJSON{}, Replays: []reviewReplayJSON{}, Appeals: []reviewAppealJSON{}}
	for _, p := range r.Parties {
		if concerns(as, r, p.Person) {
			v.Parties = append(v.Parties, p)
		}
	}
	today := h.today()
	for _, k := range r.Corrections {
		if !concerns(as, r, k.Order.Owner) {
			continue
		}
		one := correctionJSON{k.Order, k.State(today), k.Due, k.Returned}
		one.Words = domain.Private{Subject: one.Words.Subject, Present: one.Words.Present}
		if one.State == "overdue" {
			v.Overdue++
		}
		v.Corrections = append(v.Corrections, one)
	}
	for _, x := range r.Appeals {
		if concerns(as, r, x.Person) {
			v.Appeals = append(v.Appeals, reviewAppealJSON{x.ID, x.Person, x.Path, x.At.Day, x.Result})
		}
	}
	if d := r.Determination; d != nil {
		v.Determination = &determinationJSON{Event: d.At.ID, Day: d.At.Day, Findings: slices.DeleteFunc(slices.Clone(d.Findings), func(f review.Result) bool { return !concerns(as, r, f.Person) })}
	}
	if restricted {
		return v
	}
	v.Departures = r.Departures()
	for _, m := range r.Matters {
		if x, ok := r.Replay(m.ID); ok {
			v.Replays = append(v.Replays, reviewReplayJSON{m.ID, x.Ref, string(x.Class), x.Undecided, append([]review.MonthMoney{}, x.Money...), append([]review.Verdict{}, x.Verdicts...)})
		}
	}
	return v
}

// ListReviewSteps answers what the caller may read of a review.
func (h handlers) ListReviewSteps(c echo.Context, id contract.PathReview) error {
	as, err := h.InReview(c, id)
	if err != nil {
		return err
	}
	r, log, err := h.d.Reviews.ReviewLog(c.Request().Context(), as, id)
	if err != nil {
		return err
	}
	rows := []recordedJSON{}
	for _, e := range log {
		data, err := domain.Canonical(e.Event)
		if err != nil {
			return err
		}
		row := recordedJSON{Event: e.At.ID, Type: e.Event.EventType(), Title: who(c).In(names.Event(e.Event.EventType())), Day: e.At.Day, Known: e.At.KnownOn(),
			Recorded: e.At.RecordedAt, Actor: e.At.Actor, Data: data, Suspended: e.Suspended, AsRole: string(e.At.As)}
		if said, ok := e.Event.(interface{ Private() []domain.PrivateField }); ok {
			row.Private = map[string]string{}
			for _, f := range said.Private() {
				if f.Data.Text != "" {
					row.Private[f.Path] = f.Data.Text
				}
			}
		}
		rows = append(rows, row)
	}
	if err := h.Saw(c, accessesOf(r)...); err != nil {
		return err
	}
	c.Response().Header().Set("ETag", tag(len(log)))
	return list(c, rows, "")
}

// asking is a step of a review as casework takes it. The ETag of somebody who
// reads the whole file is its revision; that of a party is held against what
// he may read, here.
func (h handlers) asking(c echo.Context, id string, as casework.Identity, key, match *string) (casework.ReviewRequest, error) {
	req := casework.ReviewRequest{Command: commandID(c, key), As: as}
	seen, ok, err := seenTag(match)
	if err != nil || !ok {
		return req, err
	}
	if as.Role != review.Worker && as.Role != review.Unit {
		last := int64(seen) - 1
		req.Seen = &last
		return req, nil
	}
	_, log, err := h.d.Reviews.ReviewLog(c.Request().Context(), as, id)
	if err == nil && len(log) != seen {
		err = &casework.Moved{Review: id, Since: log[min(seen, len(log)):]}
	}
	return req, err
}

// RecordReviewStep records a step of a review in one of the caller's roles.
func (h handlers) RecordReviewStep(c echo.Context, id contract.PathReview, p contract.RecordReviewStepParams) error {
	var step stepJSON
	if err := body(c, &step); err != nil {
		return err
	}
	as, err := who(c).As(step.As)
	if err != nil {
		return err
	}
	e, err := review.Decode(step.Type, step.fields())
	if err != nil {
		return badStep(err, step.Type, reviewTypes)
	}
	if len(step.Visible) > 0 {
		return domain.NewFault("visible", "who reads a step of a review follows from the review", "leave it out")
	}
	req, err := h.asking(c, id, as, p.IdempotencyKey, p.IfMatch)
	if err != nil {
		return err
	}
	r, err := h.d.Reviews.Record(c.Request().Context(), req, id, e)
	if err != nil {
		return err
	}
	return h.reviewed(c, id, as, r)
}

// ReplayMatter replays a matter of a review and records it there.
func (h handlers) ReplayMatter(c echo.Context, id contract.PathReview, p contract.ReplayMatterParams) error {
	var want struct {
		Matter string  `json:"matter"`
		Day    *string `json:"day"`
	}
	if err := body(c, &want); err != nil {
		return err
	}
	on, err := day("day", want.Day)
	if err != nil {
		return err
	}
	as, err := h.InReview(c, id)
	if err != nil {
		return err
	}
	req, err := h.asking(c, id, as, p.IdempotencyKey, p.IfMatch)
	if err != nil {
		return err
	}
	r, err := h.d.Reviews.ReplayOn(c.Request().Context(), req, id, casework.ReviewReplay{Matter: want.Matter, Day: on})
	if err != nil {
		return err
	}
	return h.reviewed(c, id, as, r)
}

// reviewed answers the receipt of a step with the ETag behind it.
func (h handlers) reviewed(c echo.Context, id string, as casework.Identity, r casework.Receipt) error {
	if _, log, err := h.d.Reviews.ReviewLog(c.Request().Context(), as, id); err == nil {
		seen := 0
		for _, e := range log {
			if e.At.Revision <= r.Revision {
				seen++
			}
		}
		c.Response().Header().Set("ETag", tag(seen))
	}
	return c.JSON(http.StatusCreated, receipt(r))
}

// ListDeadlines answers the limits that run.
func (h handlers) ListDeadlines(c echo.Context, id contract.PathReview) error {
	as, err := h.InReview(c, id)
	if err != nil {
		return err
	}
	rows, err := h.d.Reviews.Deadlines(c.Request().Context(), as, id)
	if err != nil {
		return err
	}
	return list(c, rows, "")
}

// ListSuggestions answers what the engine makes of every part.
func (h handlers) ListSuggestions(c echo.Context, id contract.PathReview) error {
	as, err := h.InReview(c, id)
	if err != nil {
		return err
	}
	r, err := h.d.Reviews.Review(c.Request().Context(), as, id)
	if err != nil {
		return err
	}
	rows, err := h.d.Reviews.Suggest(c.Request().Context(), as, id)
	if err == nil {
		err = h.Saw(c, accessesOf(r)...)
	}
	if err != nil {
		return err
	}
	return list(c, rows, "")
}

// ListDepartures answers the advisory guards that results depart from.
func (h handlers) ListDepartures(c echo.Context, id contract.PathReview, _ contract.ListDeparturesParams) error {
	var want struct {
		Findings []review.Result `json:"findings"`
	}
	if err := body(c, &want); err != nil {
		return err
	}
	as, err := h.InReview(c, id)
	if err != nil {
		return err
	}
	r, err := h.d.Reviews.Review(c.Request().Context(), as, id)
	if err != nil {
		return err
	}
	rows, err := h.d.Reviews.Departed(c.Request().Context(), as, id, want.Findings)
	if err == nil {
		err = h.Saw(c, accessesOf(r)...)
	}
	if err != nil {
		return err
	}
	for i := range rows {
		rows[i] = append([]review.Guard{}, rows[i]...)
	}
	return list(c, rows, "")
}

// GetDocument answers the determination as text.
func (h handlers) GetDocument(c echo.Context, id contract.PathReview, p contract.GetDocumentParams) error {
	as, err := h.InReview(c, id)
	if err != nil {
		return err
	}
	past := 0
	if p.Past != nil {
		past = int(*p.Past)
	}
	r, err := h.d.Reviews.Review(c.Request().Context(), as, id)
	if err != nil {
		return err
	}
	text, err := h.d.Reviews.Document(c.Request().Context(), as, id, past)
	if err == nil {
		err = h.Saw(c, accessesOf(r)...)
	}
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, "text/plain; charset=utf-8", []byte(text))
}

// ListClues answers the clues about a case, to the discipline organs alone.
func (h handlers) ListClues(c echo.Context, id contract.PathCase) error {
	as, err := who(c).As("")
	if err != nil {
		return err
	}
	if _, err := h.Entries(c.Request().Context(), who(c), id); err != nil {
		return err
	}
	clues, err := h.d.Reviews.Clues(c.Request().Context(), as, id)
	if err == nil {
		err = h.Saw(c, domain.Access{Kind: "read", Clue: id, Fields: []string{"clues"}})
	}
	if err != nil {
		return err
	}
	rows := []clueJSON{}
	for _, x := range clues {
		rows = append(rows, clueJSON{x.ID, x.Case, append([]domain.Month{}, x.Months...), append([]string{}, x.Persons...), string(x.Source), x.Got.Day, x.Review, x.Closed})
	}
	return list(c, rows, "")
}

// clueJSON is a clue. Who reported is shown to nobody.
type clueJSON struct {
	ID      string         `json:"id"`
	Case    string         `json:"case"`
	Months  []domain.Month `json:"months"`
	Persons []string       `json:"persons"`
	Source  string         `json:"source"`
	Day     domain.Day     `json:"day"`
	Review  string         `json:"review,omitempty"`
	Closed  bool           `json:"closed"`
}

// RegisterClue registers a clue. Who may not read clues learns nothing but the
// receipt of his own.
func (h handlers) RegisterClue(c echo.Context, p contract.RegisterClueParams) error {
	var e review.ClueRegistered
	if err := body(c, &e); err != nil {
		return err
	}
	if e.As != "" {
		return domain.NewFault("as", "the role is the caller's own", "leave it out")
	}
	as, err := who(c).As("")
	if err != nil {
		return err
	}
	if err := h.InScope(c.Request().Context(), who(c), e.Case); err != nil {
		return err
	}
	id, r, err := h.d.Reviews.RegisterClue(c.Request().Context(), casework.ReviewRequest{Command: commandID(c, p.IdempotencyKey), As: as}, &e)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, struct {
		Clue    string      `json:"clue,omitempty"`
		Receipt receiptJSON `json:"receipt"`
	}{id, receipt(r)})
}

// RecordClueStep records a later step of a clue: its link to a review, or its
// end. A comparison with the worker's own report is made by naming the event.
func (h handlers) RecordClueStep(c echo.Context, id contract.PathClue, p contract.RecordClueStepParams) error {
	var step stepJSON
	if err := body(c, &step); err != nil {
		return err
	}
	as, err := who(c).As(step.As)
	if err != nil {
		return err
	}
	e, err := review.DecodeClue(step.Type, step.fields())
	if err != nil {
		return badStep(err, step.Type, clueTypes)
	}
	req := casework.ReviewRequest{Command: commandID(c, p.IdempotencyKey), As: as}
	var r casework.Receipt
	switch e := e.(type) {
	case *review.ClueRegistered:
		return domain.NewFault("type", "a clue is registered at %s", "post it there", Base+"/clues")
	case *review.ClueCompared:
		r, err = h.d.Reviews.Compare(c.Request().Context(), req, id, e.Report.Event)
	default:
		r, err = h.d.Reviews.RecordClue(c.Request().Context(), req, id, e)
	}
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, receipt(r))
}

// openClueJSON is a clue that waits, with its age.
type openClueJSON struct {
	projections.OpenClue
	Age int64 `json:"age_days"`
}

// ListOpenClues answers the clues that wait for the organ.
func (h handlers) ListOpenClues(c echo.Context, p contract.ListOpenCluesParams) error {
	a, err := h.ask(c, p.Cursor, p.Limit)
	if err != nil {
		return err
	}
	page, err := h.d.Models.Bench().OpenClues(c.Request().Context(), who(c).Actor.Person, a)
	if err == nil {
		err = h.Saw(c, domain.Access{Kind: "list", Fields: []string{"clues"}})
	}
	if err != nil {
		return err
	}
	rows := []openClueJSON{}
	for _, x := range page.Rows {
		rows = append(rows, openClueJSON{x, int64(h.today() - x.Day)})
	}
	return list(c, rows, h.next(c, page.Next))
}

// ReadClue answers what a clue says in words.
func (h handlers) ReadClue(c echo.Context, id contract.PathClue, p contract.ReadClueParams) error {
	rows, err := h.Words(c, id, p.Purpose)
	if err != nil {
		return err
	}
	return list(c, append([]casework.ClueWord{}, rows...), "")
}

// Words opens what a clue says to the caller, and puts that on record before.
func (s *Server) Words(c echo.Context, id, purpose string) ([]casework.ClueWord, error) {
	ctx, caller := c.Request().Context(), who(c)
	as, err := caller.As("")
	if err != nil {
		return nil, err
	}
	clue, err := s.d.Reviews.Clue(ctx, as, id)
	if err != nil {
		return nil, err
	}
	if _, err := s.Entries(ctx, caller, clue.Case); err != nil {
		return nil, err // the case's own record bars him
	}
	return s.d.Reviews.ClueWords(ctx, as, id, purpose, func(a domain.Access) error { return s.Saw(c, a) })
}
