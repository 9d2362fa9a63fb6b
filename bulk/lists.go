package bulk

import (
	"cmp"
	"context"
	"slices"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
)

// A Question is a ready-made list over a population, one of those that auditors
// of the field ask for. Whatever it lists is 疑点(待核实) and names no officer.
type Question struct {
	ID    string
	Title domain.Text
	Says  domain.Text // what puts a case on the list, and what that does not mean
	// Windowed says that it is about days between two, which are given with it.
	Windowed bool

	of func(*household) []Row
}

// A Row is a case on a list.
type Row struct {
	Case      string         `json:"case"`
	Office    string         `json:"office"`
	Programme string         `json:"programme"`
	Member    string         `json:"member,omitempty"` // pseudonym
	Day       domain.Day     `json:"day,omitzero"`     // on which it began
	Months    []domain.Month `json:"months"`
	Paid      domain.Fen     `json:"paid"`    // in these months
	Over      domain.Fen     `json:"over"`    // beyond every lawful amount
	Short     domain.Fen     `json:"short"`   // below every lawful amount; never netted
	Classes   []replay.Class `json:"classes"` // causes of the differences
	Assumed   bool           `json:"assumed,omitempty"`
}

// Answer is a list over a population.
type Answer struct {
	AsOf   domain.Day          `json:"as_of"`
	Cases  int                 `json:"cases"` // looked at
	Rows   []Row               `json:"rows"`  // by case
	Failed []replay.Unreplayed `json:"failed"`
}

// household is a case with its replay, as a question is asked about it.
type household struct {
	*eligibility.Case
	report   *replay.Report
	from, to domain.Day
}

// Questions are the ready-made lists.
func Questions() []Question {
	return []Question{
		{"died-in-window", domain.Text{ZH: "期间内死亡后仍发放", EN: "Deaths in a window, still paid"},
			domain.Text{ZH: "期间内有成员死亡（按今日所知），死亡次月起仍有发放的户。暂缓退出不及于死亡；在世成员的份额仍属应发，超出部分见“多发”。",
				EN: "A member died between the days (by what is known today), and something was paid for a later month. The suspension of exits does not cover deaths; the survivors' part is due, and what goes beyond it stands under “too much”."},
			true, diedInWindow},
		{"rural-as-urban", domain.Text{ZH: "农村户按城市标准", EN: "Rural households by the urban standard"},
			domain.Text{ZH: "只有把户籍地类视为城市，所作决定才与规则相符的月份。", EN: "Months in which the decision follows the rules only if the household were an urban one."},
			false, ruralAsUrban},
		{"kin-unfiled", domain.Text{ZH: "未备案的近亲属关系", EN: "Ties to officials that were not filed"},
			domain.Text{ZH: "与工作人员有近亲属关系，而决定作出前没有备案，或事后由他人查出的户。有关系不等于优亲厚友，须核实。",
				EN: "A tie to an official that was not filed before the decision, or that others found later. A tie alone is no favour: it is to be verified."},
			false, kinUnfiled},
	}
}

// paidIn adds up what was paid in months, and what the replay makes of them.
func (h *household) paidIn(r Row, holds func(domain.Month) bool) Row {
	r.Case, r.Office, r.Programme, r.Months, r.Classes = h.ID, h.Office, h.Programme, []domain.Month{}, []replay.Class{}
	for _, p := range h.Payments {
		if !holds(p.Month) {
			continue
		}
		r.Paid += p.Amount
		if !slices.Contains(r.Months, p.Month) {
			r.Months = append(r.Months, p.Month)
		}
	}
	slices.Sort(r.Months)
	for _, m := range h.report.Months {
		if !holds(m.Month) {
			continue
		}
		r.Over, r.Short = r.Over+m.Overpaid, r.Short+m.Underpaid
		r.Assumed = r.Assumed || len(m.Assumed) > 0
		for _, l := range m.Links {
			if !slices.Contains(r.Classes, l.Class) {
				r.Classes = append(r.Classes, l.Class)
			}
		}
	}
	return r
}

// diedInWindow is a row for each member who died between the days.
func diedInWindow(h *household) (rows []Row) {
	dead := map[string]domain.Day{} // by the newest statement
	for _, t := range h.Statements {
		if t.Attribute != eligibility.Dead {
			continue
		}
		if delete(dead, t.Subject); t.Value == domain.Bool(true) {
			dead[t.Subject] = t.ValidFrom
		}
	}
	for member, day := range dead {
		if h.from != 0 && day < h.from || h.to != 0 && day > h.to {
			continue
		}
		if r := h.paidIn(Row{Member: member, Day: day}, func(m domain.Month) bool { return m > day.Month() }); len(r.Months) > 0 {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, func(a, b Row) int { return cmp.Compare(a.Member, b.Member) })
	return rows
}

// ruralAsUrban asks the replay, which finds the one fact under which a decision
// would be right.
func ruralAsUrban(h *household) []Row {
	var months []domain.Month
	for _, m := range h.report.Months {
		if slices.ContainsFunc(m.Links, func(l replay.Link) bool {
			return l.Decisive != nil && l.Decisive.Kind == replay.AsIf && slices.ContainsFunc(l.Decisive.Facts, func(f replay.Fact) bool {
				return f.Attribute == "area" && f.Value == domain.Code("urban")
			})
		}) {
			months = append(months, m.Month)
		}
	}
	if len(months) == 0 {
		return nil
	}
	r := h.paidIn(Row{Day: months[0].First()}, func(m domain.Month) bool { return slices.Contains(months, m) })
	r.Months = months
	return []Row{r}
}

// kinUnfiled is a row for each tie that was not on file when it was decided.
func kinUnfiled(h *household) (rows []Row) {
	decided := domain.Day(0)
	if len(h.Decisions) > 0 {
		decided = h.Decisions[0].At.Day
	}
	for _, k := range h.Kin {
		if !k.Found && (decided == 0 || k.At.KnownOn() <= decided) {
			continue
		}
		rows = append(rows, h.paidIn(Row{Member: k.Member, Day: k.At.KnownOn()}, func(domain.Month) bool { return true }))
	}
	return rows
}

// Ask makes a ready-made list over a population. From and To limit a question
// about a window; none: no limit. Kept results are not used: they hold no
// facts.
func (r Run) Ask(ctx context.Context, q Question, from, to domain.Day) (*Answer, error) {
	r.Kept = nil
	w, err := r.begin(ctx)
	if err != nil {
		return nil, err
	}
	a := &Answer{AsOf: w.AsOf, Rows: []Row{}, Failed: []replay.Unreplayed{}}
	w.question = func(c *eligibility.Case, report *replay.Report) []Row {
		return q.of(&household{c, report, from, to})
	}
	if err := w.pages(ctx); err != nil {
		return nil, err
	}
	w.out.sort()
	a.Cases, a.Failed = w.out.Survey.Cases, append(a.Failed, w.out.Survey.Failed...)
	a.Rows = append(a.Rows, w.rows...)
	slices.SortStableFunc(a.Rows, func(x, y Row) int { return cmp.Compare(x.Case, y.Case) })
	return a, nil
}
