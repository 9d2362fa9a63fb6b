package views

import (
	"context"
	"reflect"
	"slices"
	"strconv"

	"leeway/api/documents"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
)

// Paths of the papers: as a page, and with format=pdf as a file.
const (
	PathHistory       = "/papers/history"
	PathDiligence     = "/papers/diligence"
	PathDetermination = "/papers/determination"
)

// OpenedIn lists the personal data that a paper of a case shows, for the record
// of who saw what.
func (v View) OpenedIn() []string { return v.opened }

// History is the paper of a case as it was known by the end of a day, with the
// personal data that its keys open. The caller has seen to it that whoever asks
// may see the case.
func History(ctx context.Context, s *Sources, a Ask) (View, error) {
	v := View{Title: a.t("个案办理记录", "History of a case")}
	v.Form = a.form(a.t("查看", "Show"), Field{Name: "case", Label: a.t("个案编号", "Case"), Type: "text"}, Field{Name: "as_of", Label: a.t("截至", "As of"), Type: "date"})
	day, err := a.day("as_of")
	if err != nil {
		return v, err
	}
	f, err := s.openedCase(ctx, a.get("case"), day, a.Sees)
	if err != nil {
		return v, err
	}
	for _, e := range f.Entries {
		for _, p := range eligibility.Private(e.Event) {
			if p.Data.Text != "" {
				v.opened = append(v.opened, p.Path)
			}
		}
	}
	paper := documents.History(f, a.Lang)
	v.Paper = &paper
	return v, nil
}

// openedCase reads a case as it was known by the end of a day, as far as the
// reader may see it, with what its keys open. Without a day it stands as of the
// newest event that the reader may see, so that the same record gives the same
// paper on any later day.
func (s *Sources) openedCase(ctx context.Context, id string, day domain.Day, sees func(domain.Visibility) bool) (documents.CaseFile, error) {
	if day != 0 {
		if _, err := s.Cases.CaseAt(ctx, id, day); err != nil {
			return documents.CaseFile{}, err
		}
	}
	entries, err := s.Cases.Events(ctx, id)
	if err != nil {
		return documents.CaseFile{}, err
	}
	f := documents.CaseFile{AsOf: day, State: &eligibility.Case{ID: id}}
	for _, e := range entries {
		if day != 0 && !casework.KnownBy(e.Meta, day) || sees != nil && !sees(e.Visible) {
			continue
		}
		if sees != nil {
			hideStatements(e.Event, sees)
			// A gap in the numbers would tell that something is hidden there.
			e.Envelope.Revision = int64(len(f.Entries))
		}
		f.State.Apply(e.Event, e.Meta)
		f.Entries = append(f.Entries, documents.Entry{Envelope: e.Envelope, Event: e.Event})
	}
	if len(f.Entries) == 0 {
		return f, casework.NoCase(id)
	}
	if day == 0 {
		f.AsOf = domain.DayOf(f.State.Last.RecordedAt.Time)
	}
	f.Titles = s.titles(f.State.Pack, f.AsOf)
	return f, nil
}

// titles are what the newest version of a pack calls its facts; none where it is
// not at hand.
func (s *Sources) titles(pack string, day domain.Day) map[string]domain.Text {
	for _, v := range slices.Backward(s.Packs.Versions()) {
		if v.Pack != pack {
			continue
		}
		plan, err := s.Packs.Plan(v, day)
		if err != nil {
			return nil // the paper calls them by name
		}
		titles := map[string]domain.Text{}
		for name, a := range plan.Attributes() {
			titles[name] = a.Title
		}
		return titles
	}
	return nil
}

// hideStatements takes the statements out of an event that are limited to
// others.
func hideStatements(e eligibility.Event, sees func(domain.Visibility) bool) {
	v := reflect.ValueOf(e).Elem()
	for i := range v.NumField() {
		if list, ok := v.Field(i).Interface().([]domain.Statement); ok {
			v.Field(i).Set(reflect.ValueOf(slices.DeleteFunc(list, func(s domain.Statement) bool { return !sees(s.Visible) })))
		}
	}
}

// Diligence is the due-diligence file of a case.
func Diligence(ctx context.Context, s *Sources, a Ask) (View, error) {
	v := View{Title: a.t("尽职档案", "Due-diligence file")}
	v.Form = a.form(a.t("查看", "Show"), Field{Name: "case", Label: a.t("个案编号", "Case"), Type: "text"}, Field{Name: "month", Label: a.t("月份", "Month"), Type: "month"}, Field{Name: "as_of", Label: a.t("截至", "As of"), Type: "date"})
	day, err := a.day("as_of")
	if err != nil {
		return v, err
	}
	month, err := a.month("month")
	if err != nil {
		return v, err
	}
	if day == 0 {
		if day, err = s.Cases.LastDay(ctx, a.get("case")); err != nil {
			return v, err
		}
	}
	record, replayed, err := s.Cases.Diligence(ctx, a.get("case"), casework.ReplayOptions{AsOf: day, From: month, To: month})
	if err != nil {
		return v, err
	}
	findings, err := s.findings(replayed.Report)
	if err != nil {
		return v, err
	}
	paper := documents.Diligence(record, findings, a.Lang)
	v.Paper = &paper
	return v, nil
}

// findings are the facts of the liability rules of a replay, for their titles.
func (s *Sources) findings(r *replay.Report) (map[string]domain.Finding, error) {
	plan, err := s.Packs.Plan(r.Inputs.RulesNow, r.Inputs.AsOf)
	if err != nil {
		return nil, err
	}
	return plan.Findings(), nil
}

// Determination is the determination of a review: the one that counts, or with
// past a replaced one. Who may not see the review gets domain.ErrNotFound.
func Determination(ctx context.Context, s *Sources, a Ask) (View, error) {
	v := View{Title: a.t("容错核查认定书", "Determination of a tolerance review")}
	v.Form = a.form(a.t("查看", "Show"), Field{Name: "review", Label: a.t("核查编号", "Review"), Type: "text"})
	past := 0
	if text := a.get("past"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return v, domain.NewFault("past", "%q is no number", "write a whole number", text)
		}
		past = n
	}
	p, err := s.Reviews.Paper(ctx, a.As, a.get("review"), past, 0)
	if err != nil {
		return v, err
	}
	paper, err := documents.Determination(p, a.Lang)
	if err != nil {
		return v, err
	}
	v.Paper = &paper
	return v, nil
}
