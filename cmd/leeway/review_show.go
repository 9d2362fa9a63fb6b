package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"leeway/api/documents"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
	"leeway/domain/review"
)

// reviewShowCmd prints the whole file of a review in order, as its reader may
// see it.
type reviewShowCmd struct {
	ReviewID string `arg:"" name:"review-id"`
	asFlags
	PDF string `name:"pdf" placeholder:"FILE" type:"path"`
}

// reviewEntryJSON is one event of a review.
type reviewEntryJSON struct {
	Type      string            `json:"type"`
	Day       domain.Day        `json:"day"`
	As        review.Role       `json:"as"`
	Actor     domain.Actor      `json:"actor"`
	Recorded  domain.Instant    `json:"recorded_at"`
	Suspended bool              `json:"suspended,omitempty"`
	Event     review.Event      `json:"event"`
	Opened    map[string]string `json:"opened,omitempty"` // personal data by path
}

// reviewJSON is the file of a review.
type reviewJSON struct {
	ID        string               `json:"id"`
	Stage     review.Stage         `json:"stage"`
	Entries   []reviewEntryJSON    `json:"entries"`
	Deadlines []review.Deadline    `json:"deadlines"`
	Reports   []casework.OwnReport `json:"self_reports,omitempty"`
}

// Run prints it or, with --pdf, writes the determination.
func (cmd reviewShowCmd) Run(s *session) error {
	if cmd.PDF != "" {
		return reviewTextCmd{ReviewID: cmd.ReviewID, asFlags: cmd.asFlags, PDF: cmd.PDF}.Run(s)
	}
	return s.reviewing(cmd.asFlags, false, func(b *bureau) error {
		r, log, err := b.v.ReviewLog(s.ctx, b.as, cmd.ReviewID)
		if err != nil {
			return err
		}
		limits, err := b.v.Deadlines(s.ctx, b.as, cmd.ReviewID)
		if err != nil {
			return err
		}
		reports, err := b.v.OwnReports(s.ctx, b.as, cmd.ReviewID)
		if err != nil {
			return err
		}
		if s.json {
			out := reviewFile(r, log, limits)
			out.Reports = reports
			return s.writeJSON(out)
		}
		head := [][2]string{{s.t("review"), r.ID}, {s.t("stage"), r.Stage().Title().In(s.lang)}, {s.t("route"), r.Route.Title().In(s.lang)}, {s.t("organ"), r.Organ}}
		if by, err := b.signers(r); err != nil {
			return err
		} else if by != "" {
			head = append(head, [2]string{s.t("signed by"), by})
		}
		s.pairs(head...)
		for i, e := range log {
			s.printEntry(i+1, e)
		}
		s.printReports(reports)
		s.printDeadlines(limits)
		return nil
	})
}

// printReports prints what officers reported of their own errors, beside the
// newest replay.
func (s *session) printReports(list []casework.OwnReport) {
	var rows [][]string
	for _, r := range list {
		head := r.Case + " " + r.Person + " " + r.Day.String()
		if len(r.Months) == 0 {
			rows = append(rows, []string{head, "", "", "", "", ""})
		}
		for _, m := range r.Months {
			replayed := s.t("undetermined")
			if m.Replayed != nil {
				replayed = m.Replayed.Signed()
			}
			rows = append(rows, []string{head, m.Month.String(), m.Paid.Yuan(), m.Proposed.Yuan(), m.Correction.Signed(), replayed})
		}
	}
	if len(rows) > 0 {
		s.printf("\n")
		s.grid([]column{{head: s.t("self-report"), max: 30}, {head: s.t("month")}, {head: s.t("report paid")}, {head: s.t("report should")}, {head: s.t("report proposes")}, {head: s.t("report replayed")}}, rows)
	}
}

func reviewFile(r *review.Review, log []review.Entry, limits []review.Deadline) reviewJSON {
	out := reviewJSON{ID: r.ID, Stage: r.Stage(), Entries: []reviewEntryJSON{}, Deadlines: append([]review.Deadline{}, limits...)}
	for _, e := range log {
		out.Entries = append(out.Entries, reviewEntryJSON{e.At.Type, e.At.Day, e.At.As, e.At.Actor, e.At.RecordedAt, e.Suspended, e.Event, openedOf(e.Event)})
	}
	return out
}

func openedOf(e review.Event) map[string]string {
	opened := map[string]string{}
	for _, f := range eligibility.Private(e) {
		if f.Data.Text != "" {
			opened[f.Path] = f.Data.Text
		}
	}
	return opened
}

// printEntry prints one event: its head, what it says field by field, and what
// people said in words.
func (s *session) printEntry(n int, e review.Entry) {
	head := fmt.Sprintf("%d  %s  %s  %s %s", n, e.At.Day, s.event(e.At.Type), e.At.Actor.Office, e.At.Actor.Person)
	if e.Suspended {
		head += "  " + s.t("suspended")
	}
	s.printf("\n")
	s.hang("", head)
	clear, err := domain.Canonical(e.Event)
	var fields map[string]json.RawMessage
	if err != nil || json.Unmarshal(clear, &fields) != nil {
		return
	}
	private := map[string]bool{"day": true, "as": true, "suggestions": true}
	for _, f := range eligibility.Private(e.Event) {
		top, _, _ := strings.Cut(f.Path, "[")
		private[top] = private[top] || top == f.Path
	}
	for _, name := range order(clear) {
		if !private[name] && string(fields[name]) != "null" {
			s.hang("   "+name+"  ", plain(fields[name]))
		}
	}
	for _, f := range eligibility.Private(e.Event) {
		if f.Data.Present {
			s.hang("   "+f.Path+"  ", s.personal(*f.Data))
		}
	}
	if d, ok := e.Event.(*review.Determined); ok {
		for _, x := range d.Suggestions {
			s.hang("   "+s.t("suggested")+"  ", x.Person+" "+x.Matter+" "+x.Outcome.Title().In(s.lang))
		}
	}
}

// plain writes a JSON value as a line for people: names and values of an
// object in their order, items of a list apart, personal data left out.
func plain(raw json.RawMessage) string {
	var list []json.RawMessage
	var text string
	switch {
	case json.Unmarshal(raw, &text) == nil:
		return text
	case json.Unmarshal(raw, &list) == nil:
		parts := make([]string, len(list))
		for i, item := range list {
			parts[i] = plain(item)
		}
		return strings.Join(parts, "; ")
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil || fields["sealed"] != nil {
		return strings.Trim(string(raw), "{}")
	}
	var parts []string
	for _, key := range order(raw) {
		var sealed struct {
			Sealed bool `json:"sealed"`
		}
		if v := fields[key]; string(v) != "null" && (json.Unmarshal(v, &sealed) != nil || !sealed.Sealed) {
			parts = append(parts, key+" "+plain(v))
		}
	}
	return strings.Join(parts, ", ")
}

// order lists the keys of a JSON object as they stand.
func order(object []byte) []string {
	dec := json.NewDecoder(strings.NewReader(string(object)))
	var keys []string
	if _, err := dec.Token(); err != nil {
		return nil
	}
	for dec.More() {
		key, err := dec.Token()
		var skip json.RawMessage
		if err != nil || dec.Decode(&skip) != nil {
			return keys
		}
		keys = append(keys, key.(string))
	}
	return keys
}

func (s *session) printDeadlines(limits []review.Deadline) {
	if len(limits) == 0 {
		return
	}
	s.heading("deadlines")
	rows := make([][]string, len(limits))
	for i, d := range limits {
		state, source := s.t("limit open"), s.t("limit local")
		switch {
		case d.Done:
			state = s.t("limit kept")
		case d.Overdue:
			state = s.t("limit passed")
		}
		if d.Law {
			source = s.t("limit law")
		}
		rows[i] = []string{d.Step, d.Person, d.Due.String(), state, source}
	}
	s.grid([]column{{head: s.t("step")}, {head: s.t("reviewed person")}, {head: s.t("due")}, {head: s.t("state")}, {head: s.t("where from")}}, rows)
}

// reviewListCmd lists the reviews that the caller may know of.
type reviewListCmd struct {
	asFlags
	listFlags
}

// Run prints one line a review.
func (cmd reviewListCmd) Run(s *session) error {
	return s.reviewing(cmd.asFlags, false, func(b *bureau) error {
		list, err := b.v.List(s.ctx, b.as)
		if err != nil {
			return err
		}
		if s.json && !cmd.files() {
			return s.writeJSON(map[string]any{"reviews": list})
		}
		if len(list) == 0 && !cmd.files() {
			s.printf("%s\n", s.t("no reviews"))
			return nil
		}
		return cmd.show(s, s.reviewList(list))
	})
}

// reviewList is the list of reviews.
func (s *session) reviewList(list []casework.ReviewSummary) documents.List {
	l := documents.List{Title: s.t("list reviews"), Columns: []documents.Column{{Head: s.t("review")}, {Head: s.t("stage")}, {Head: s.t("route")}, {Head: s.t("opened")}, {Head: s.t("case"), Narrow: 16},
		{Head: s.t("reviewed person"), Narrow: 16}, {Head: s.t("overdue"), Right: true}, {Head: s.t("departures"), Right: true}}}
	for _, r := range list {
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(r.ID), documents.Text(r.Stage.Title().In(s.lang)), documents.Text(r.Route.Title().In(s.lang)), documents.OnDay(r.Opened),
			documents.Text(strings.Join(r.Cases, ", ")), documents.Text(strings.Join(r.Persons, ", ")), documents.Count(r.Overdue), documents.Count(r.Departed)})
	}
	l.Notes = []documents.Pair{{Name: s.t("list count"), Value: strconv.Itoa(len(list))}}
	return l
}

// reviewSuggestCmd shows what the engine makes of every part.
type reviewSuggestCmd struct {
	ReviewID string `arg:"" name:"review-id"`
	asFlags
}

// Run prints it.
func (cmd reviewSuggestCmd) Run(s *session) error {
	return s.reviewing(cmd.asFlags, false, func(b *bureau) error {
		list, err := b.v.Suggest(s.ctx, b.as, cmd.ReviewID)
		if err != nil {
			return err
		}
		if s.json {
			return s.writeJSON(map[string]any{"suggestions": append([]review.Suggestion{}, list...)})
		}
		for _, x := range list {
			s.pairs([2]string{s.t("reviewed person"), x.Person + " · " + x.Matter}, [2]string{s.t("own part"), review.VerdictTitle(x.Verdict).In(s.lang)},
				[2]string{s.t("suggested"), x.Outcome.Title().In(s.lang)}, [2]string{s.t("proved"), strings.Join(x.Proved, ", ")}, [2]string{s.t("partly"), strings.Join(x.Partly, ", ")},
				[2]string{s.t("mitigating"), strings.Join(x.Mitigating, ", ")}, [2]string{s.t("suspected"), strings.Join(x.Suspected, ", ")},
				[2]string{s.t("confirmed"), strings.Join(x.Confirmed, ", ")}, [2]string{s.t("lacking"), strings.Join(x.Missing, ", ")})
		}
		s.printf("%s\n", s.t("engine advises"))
		return nil
	})
}

// reviewTextCmd writes the determination document.
type reviewTextCmd struct {
	ReviewID string `arg:"" name:"review-id"`
	asFlags
	Past int    `placeholder:"N"`
	PDF  string `name:"pdf" placeholder:"FILE" type:"path"`
}

// Run writes it.
func (cmd reviewTextCmd) Run(s *session) error {
	return s.reviewing(cmd.asFlags, false, func(b *bureau) error {
		if cmd.PDF != "" {
			paper, err := b.v.Paper(s.ctx, b.as, cmd.ReviewID, cmd.Past, 0)
			if err != nil {
				return err
			}
			d, err := documents.Determination(paper, s.lang)
			if err != nil {
				return err
			}
			return s.savePDF(cmd.PDF, d)
		}
		text, err := b.v.Document(s.ctx, b.as, cmd.ReviewID, cmd.Past)
		if err != nil {
			return err
		}
		if s.json {
			return s.writeJSON(map[string]string{"review": cmd.ReviewID, "document": text})
		}
		s.printf("%s", text)
		return nil
	})
}

// reviewGuardsCmd prints the table of guards.
type reviewGuardsCmd struct{}

// Run prints it.
func (reviewGuardsCmd) Run(s *session) error {
	if s.json {
		return s.writeJSON(map[string]any{"guards": review.Guards(), "remedies": review.Remedies()})
	}
	var rows [][]string
	for _, g := range review.Guards() {
		rows = append(rows, []string{g.ID, s.t("weight " + string(g.Weight)), g.Says.In(s.lang), g.Origin()})
	}
	s.grid([]column{{head: s.t("guard")}, {head: s.t("weight"), max: 8}, {head: s.t("rule"), max: 28}, {head: s.t("where from"), max: 28}}, rows)
	return nil
}

// The clues of a case.
type (
	clueAddCmd struct {
		stepFlags
		Case     string   `required:"" placeholder:"CASE"`
		Source   string   `required:"" placeholder:"SOURCE"`
		Person   []string `placeholder:"PERSON"`
		Reporter string   `placeholder:"PERSON"`
		Words    string   `placeholder:"TEXT"`
	}
	clueListCmd struct {
		asFlags
		listFlags
		Case string `required:"" placeholder:"CASE"`
	}
	clueReadCmd struct {
		Clue string `arg:""`
		asFlags
		Purpose string `required:"" placeholder:"assessment|review|remedy"`
	}
	clueLinkCmd struct {
		Clue string `arg:""`
		stepFlags
		Review string `required:"" placeholder:"REVIEW"`
	}
	clueCompareCmd struct {
		Clue string `arg:""`
		stepFlags
		Report string `required:"" placeholder:"EVENT"`
	}
	clueCloseCmd struct {
		Clue string `arg:""`
		stepFlags
		Result string `required:"" placeholder:"reviewed|transferred|unfounded"`
		Words  string `placeholder:"TEXT"`
	}
)

// Run registers a clue.
func (cmd clueAddCmd) Run(s *session) error {
	return s.reviewing(cmd.asFlags, true, func(b *bureau) error {
		e := &review.ClueRegistered{Case: cmd.Case, Persons: cmd.Person, Source: review.ClueSource(cmd.Source), Reporter: cmd.Reporter}
		e.Words = said(review.ClueSubject, cmd.Words)
		review.ActClue(e, b.as.Role, cmd.Day)
		id, r, err := b.v.RegisterClue(s.ctx, casework.ReviewRequest{Command: cmd.Command, As: b.as}, e)
		return b.clueDid(id, r, err)
	})
}

func (b *bureau) clueDid(id string, r casework.Receipt, err error) error {
	switch {
	case err != nil:
		return err
	case b.json:
		return b.writeJSON(map[string]any{"clue": id, "receipt": r})
	}
	b.printf("%s\n", b.t("clue did", id))
	return nil
}

// Run lists the clues of a case.
func (cmd clueListCmd) Run(s *session) error {
	return s.reviewing(cmd.asFlags, false, func(b *bureau) error {
		list, err := b.v.Clues(s.ctx, b.as, cmd.Case)
		if err != nil {
			return err
		}
		if s.json && !cmd.files() {
			return s.writeJSON(map[string]any{"clues": append([]*review.Clue{}, list...)})
		}
		l := documents.List{Title: s.t("list clues"), Columns: []documents.Column{{Head: s.t("clue")}, {Head: s.t("opened")}, {Head: s.t("where from")}, {Head: s.t("reviewed person")}, {Head: s.t("review")}}}
		for _, c := range list {
			l.Rows = append(l.Rows, []documents.Cell{documents.Text(c.ID), documents.OnDay(c.Got.Day), documents.Text(string(c.Source)), documents.Text(strings.Join(c.Persons, ", ")), documents.Text(c.Review)})
		}
		return cmd.show(s, l)
	})
}

// Run prints what a clue says in words. It is on record before anything is
// printed.
func (cmd clueReadCmd) Run(s *session) error {
	return s.reviewing(cmd.asFlags, true, func(b *bureau) error {
		list, err := b.v.ClueWords(s.ctx, b.as, cmd.Clue, cmd.Purpose, func(a domain.Access) error {
			_, err := b.v.Desk.OpenAccess().Saw(s.ctx, b.as.Actor, a)
			return err
		})
		if err != nil {
			return err
		}
		if s.json {
			return s.writeJSON(map[string]any{"clue": cmd.Clue, "words": append([]casework.ClueWord{}, list...)})
		}
		rows := make([][]string, len(list))
		for i, x := range list {
			rows[i] = []string{s.event(x.Type), x.Field, s.personal(domain.Private{Text: x.Text, Present: true, Closed: x.Closed})}
		}
		s.grid([]column{{head: s.t("event"), max: 24}, {head: s.t("privacy field"), max: 20}, {head: s.t("privacy text"), max: 60}}, rows)
		return nil
	})
}

// clueStep records a later event of a clue.
func (s *session) clueStep(f stepFlags, id string, e review.ClueEvent) error {
	return s.reviewing(f.asFlags, true, func(b *bureau) error {
		review.ActClue(e, b.as.Role, f.Day)
		r, err := b.v.RecordClue(s.ctx, casework.ReviewRequest{Command: f.Command, As: b.as}, id, e)
		return b.clueDid(id, r, err)
	})
}

// Run links a clue to a review.
func (cmd clueLinkCmd) Run(s *session) error {
	return s.clueStep(cmd.stepFlags, cmd.Clue, &review.ClueLinked{Review: cmd.Review})
}

// Run compares a worker's own report with the clue.
func (cmd clueCompareCmd) Run(s *session) error {
	return s.reviewing(cmd.asFlags, true, func(b *bureau) error {
		r, err := b.v.Compare(s.ctx, casework.ReviewRequest{Command: cmd.Command, As: b.as}, cmd.Clue, cmd.Report)
		return b.clueDid(cmd.Clue, r, err)
	})
}

// Run closes a clue.
func (cmd clueCloseCmd) Run(s *session) error {
	return s.clueStep(cmd.stepFlags, cmd.Clue, &review.ClueClosed{Result: cmd.Result, Reason: said(review.ClueSubject, cmd.Words)})
}
