package review

import (
	"cmp"
	"slices"

	"leeway/domain"
)

// Statistics look at the reviews themselves: who invokes what, how often it
// leads to exemption, where errors repeat, what lies undone, who was recused,
// and where the collective departed from advice. Persons are counted, not
// named.
type Statistics struct {
	Reviews  int           `json:"reviews"`
	Offices  []OfficeUse   `json:"offices"` // by office of the persons reviewed
	Grounds  []GroundCount `json:"grounds"` // by office and ground
	Overdue  []Undone      `json:"overdue"` // oldest first
	Departed []Departed    `json:"departed"`
	Recused  Recusals      `json:"recusals"`
	Stages   []StageCount  `json:"stages"` // in the order of a review's life
}

// OfficeUse is what the determinations about an office's people came to.
type OfficeUse struct {
	Office  string `json:"office"`
	Parts   int    `json:"parts"`  // persons' parts that were determined
	Exempt  int    `json:"exempt"` // of these
	Lighter int    `json:"lighter"`
	Not     int    `json:"not_exempt"`
	Right   int    `json:"no_error"` // no error, or diligent
	Open    int    `json:"open"`
	// Repeat are persons with errors determined in two decisions or more.
	Repeat int `json:"repeat"`
}

// GroundCount is how often a ground was cited at an office, and accepted.
type GroundCount struct {
	Office   string `json:"office"`
	Ground   string `json:"ground"`
	Cited    int    `json:"cited"`
	Accepted int    `json:"accepted"`
}

// Undone is a correction past its day.
type Undone struct {
	Review  string     `json:"review"`
	ID      string     `json:"id"`
	Measure Measure    `json:"measure"`
	Office  string     `json:"office"`
	Due     domain.Day `json:"due"`
	Days    int        `json:"days"` // past it
}

// Departed is one departure from advice, with the guard that advised.
type Departed struct {
	Review string     `json:"review"`
	Guard  string     `json:"guard"`
	Day    domain.Day `json:"day"`
}

// Recusals counts what was raised and what came of it.
type Recusals struct {
	Raised  int `json:"raised"`
	Granted int `json:"granted"`
	Refused int `json:"refused"`
	Open    int `json:"open"`
}

// StageCount is how many reviews stand at a stage.
type StageCount struct {
	Stage Stage `json:"stage"`
	N     int   `json:"n"`
}

// stages in the order of a review's life.
var stages = []Stage{StageOpened, StageSupplement, StageAccepted, StageNotified, StageConsulted, StageDetermined, StageServed, StageFiled, StageNotAccepted, StageWithdrawn, StageLapsed}

// StatisticsOf counts reviews as they stand on a day. A determination that was
// replaced or suspended no longer counts.
func StatisticsOf(list []*Review, today domain.Day) Statistics {
	c := counter{offices: map[string]*OfficeUse{}, grounds: map[[2]string]*GroundCount{}, errors: map[[2]string]int{}}
	s := Statistics{Reviews: len(list), Overdue: []Undone{}, Departed: []Departed{}}
	at := map[Stage]int{}
	for _, r := range list {
		at[r.Stage()]++
		c.review(r)
		s.recusals(r)
		s.undone(r, today)
		s.departures(r)
	}
	for _, stage := range stages {
		if at[stage] > 0 {
			s.Stages = append(s.Stages, StageCount{stage, at[stage]})
		}
	}
	s.Offices, s.Grounds = c.result()
	slices.SortFunc(s.Overdue, func(a, b Undone) int {
		return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.Review, b.Review), cmp.Compare(a.ID, b.ID))
	})
	return s
}

// counter gathers by office.
type counter struct {
	offices map[string]*OfficeUse
	grounds map[[2]string]*GroundCount
	errors  map[[2]string]int // of a person at an office
}

// review counts one review.
func (c *counter) review(r *Review) {
	officeOf := func(person string) string {
		p, _ := r.Party(person)
		return p.Office
	}
	for _, x := range r.Citations {
		c.ground(officeOf(x.Person), x.Ground).Cited++
	}
	if r.Determination == nil {
		return
	}
	for _, f := range r.Determination.Findings {
		office := officeOf(f.Person)
		c.part(office, f)
		for _, g := range f.Grounds {
			c.ground(office, g).Accepted++
		}
	}
}

// part counts what was determined of one part.
func (c *counter) part(office string, f Result) {
	o := c.offices[office]
	if o == nil {
		o = &OfficeUse{Office: office}
		c.offices[office] = o
	}
	o.Parts++
	switch f.Outcome {
	case NoError, Diligent:
		o.Right++
		return
	case Exempt:
		o.Exempt++
	case NotExempt:
		o.Not++
	case Open:
		o.Open++
		return
	default:
		o.Lighter++
	}
	c.errors[[2]string{office, f.Person}]++
}

func (c *counter) ground(office, ground string) *GroundCount {
	key := [2]string{office, ground}
	if c.grounds[key] == nil {
		c.grounds[key] = &GroundCount{Office: office, Ground: ground}
	}
	return c.grounds[key]
}

// result lists what was counted, by office and ground.
func (c *counter) result() ([]OfficeUse, []GroundCount) {
	for key, n := range c.errors {
		if n > 1 {
			c.offices[key[0]].Repeat++
		}
	}
	offices, grounds := []OfficeUse{}, []GroundCount{}
	for _, o := range c.offices {
		offices = append(offices, *o)
	}
	for _, g := range c.grounds {
		grounds = append(grounds, *g)
	}
	slices.SortFunc(offices, func(a, b OfficeUse) int { return cmp.Compare(a.Office, b.Office) })
	slices.SortFunc(grounds, func(a, b GroundCount) int {
		return cmp.Or(cmp.Compare(a.Office, b.Office), cmp.Compare(a.Ground, b.Ground))
	})
	return offices, grounds
}

func (s *Statistics) recusals(r *Review) {
	for _, x := range r.Recusals {
		s.Recused.Raised++
		switch {
		case !x.Decided:
			s.Recused.Open++
		case x.Granted:
			s.Recused.Granted++
		default:
			s.Recused.Refused++
		}
	}
}

func (s *Statistics) undone(r *Review, today domain.Day) {
	for _, c := range r.Corrections {
		if c.State(today) == "overdue" {
			s.Overdue = append(s.Overdue, Undone{r.ID, c.Order.ID, c.Order.Measure, c.Order.Office, c.Due, int(today - c.Due)})
		}
	}
}

func (s *Statistics) departures(r *Review) {
	if r.Determination == nil {
		return
	}
	for _, f := range r.Determination.Findings {
		for _, d := range f.Departs {
			s.Departed = append(s.Departed, Departed{r.ID, d.Guard, r.Determination.At.Day})
		}
	}
}
