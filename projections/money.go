package projections

import (
	"encoding/json"

	"leeway/domain/eligibility"
)

// moneyRow is what was found to be paid wrongly in one case, and what of it
// came back. Over and under are never netted (domain.md §3.6 rule 11).
type moneyRow struct {
	ID        string `col:"id"`
	Office    string `col:"office"`
	Overpaid  int64  `col:"overpaid"`
	Recovered int64  `col:"recovered"`
	Underpaid int64  `col:"underpaid"`
	Backpaid  int64  `col:"backpaid"`
	Since     int64  `col:"since"` // day of the oldest finding
	Open      int64  `col:"open"`  // something is to come or to be paid
	Found     string `col:"found"` // foundMonths, as JSON
}

// foundMonths are the amounts found by month; a later finding on a month
// stands in place of the earlier one.
type foundMonths struct {
	Over  map[string]int64 `json:"over"`
	Under map[string]int64 `json:"under"`
}

// moneyModel is for the bench alone: that an amount was established may be part
// of an inquiry that is not to be noticed yet.
type moneyModel struct{ cases kept[moneyRow] }

// newMoney makes the money model.
func newMoney(Options) model {
	return &moneyModel{keptIn[moneyRow]("money")}
}

func (m *moneyModel) sets() []set { return []set{&m.cases} }

// moneyTypes are the events that it reads.
var moneyTypes = typesOf(eligibility.CaseOpened{}, eligibility.OverpaymentEstablished{}, eligibility.BackpayEstablished{},
	eligibility.MoneyRecovered{}, eligibility.MoneyBackPaid{})

// want names the case of those events.
func (m *moneyModel) want(e *event) {
	if moneyTypes[e.Type] {
		m.cases.want(e.id)
	}
}

// fold adds up what moved, and takes over what was found. A row is open as long
// as either direction is.
func (m *moneyModel) fold(e *event) {
	if !moneyTypes[e.Type] || e.caseEvent() == nil {
		return
	}
	r := m.cases.get(e.id)
	r.ID = e.id
	switch b := e.body.(type) {
	case *eligibility.CaseOpened:
		r.Office = b.Office
	case *eligibility.OverpaymentEstablished:
		r.find(int64(b.Day), func(f *foundMonths) map[string]int64 { return f.Over }, b.Months)
	case *eligibility.BackpayEstablished:
		r.find(int64(b.Day), func(f *foundMonths) map[string]int64 { return f.Under }, b.Months)
	case *eligibility.MoneyRecovered:
		r.Recovered += int64(b.Amount)
	case *eligibility.MoneyBackPaid:
		r.Backpaid += int64(b.Amount)
	}
	r.Open = yes(r.Overpaid > r.Recovered || r.Underpaid > r.Backpaid)
}

// find takes the amounts of a finding over.
func (r *moneyRow) find(day int64, side func(*foundMonths) map[string]int64, months []eligibility.MonthAmount) {
	f := foundMonths{Over: map[string]int64{}, Under: map[string]int64{}}
	if r.Found != "" {
		json.Unmarshal([]byte(r.Found), &f) // written below
	}
	for _, m := range months {
		side(&f)[m.Month.String()] = int64(m.Amount)
	}
	r.Overpaid, r.Underpaid = total(f.Over), total(f.Under)
	r.Found = toJSON(f)
	if r.Since == 0 || day < r.Since {
		r.Since = day
	}
}

// total adds up the months of one direction.
func total(months map[string]int64) (sum int64) {
	for _, n := range months {
		sum += n
	}
	return sum
}
