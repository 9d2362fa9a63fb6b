package eligibility

import "leeway/domain"

// HouseholdSurveyed is the visit to the household 入户调查 (Order 649 Art 11).
type HouseholdSurveyed struct {
	On
	Staff      []string           `json:"staff"`
	Signed     bool               `json:"signed"`
	Photos     int                `json:"photos,omitempty"`
	Statements []domain.Statement `json:"statements,omitempty"`
}

// EventType is the stored name.
func (HouseholdSurveyed) EventType() string { return "household-surveyed.v1" }

func (e HouseholdSurveyed) check(c *Case) error { return checkStatements(c, e.Statements) }

func (e HouseholdSurveyed) evolve(c *Case, at At) {
	c.tell(at, domain.Survey, e.Statements)
	c.act(at, Act{Staff: e.Staff, Signed: e.Signed})
}

// InfoCheckRequested asks sources for what they hold 发起核对 (Order 649 Art 58).
type InfoCheckRequested struct {
	On
	Sources []string `json:"sources"`
}

// EventType is the stored name.
func (InfoCheckRequested) EventType() string { return "info-check-requested.v1" }

func (e InfoCheckRequested) check(*Case) error {
	if len(e.Sources) == 0 {
		return fault("sources", "no source is named", "list the sources asked, such as bank")
	}
	return nil
}

func (e InfoCheckRequested) evolve(c *Case, at At) { c.act(at, Act{Sources: e.Sources}) }

// InfoCheckReturned is one source's answer 核对反馈, as of a day. NoData says
// that the source answered that it holds nothing or cannot tell.
type InfoCheckReturned struct {
	On
	Source     string             `json:"source"`
	AsOf       domain.Day         `json:"as_of"`
	NoData     bool               `json:"no_data,omitempty"`
	Statements []domain.Statement `json:"statements,omitempty"`
}

// EventType is the stored name.
func (InfoCheckReturned) EventType() string { return "info-check-returned.v1" }

func (e InfoCheckReturned) check(c *Case) error {
	if e.Source == "" {
		return fault("source", "no source is named", "name the source that answered, such as bank")
	}
	if e.NoData && len(e.Statements) > 0 {
		return fault("no_data", "the source holds nothing, yet there are statements", "remove no_data or the statements")
	}
	return checkStatements(c, e.Statements)
}

func (e InfoCheckReturned) evolve(c *Case, at At) {
	held := make([]domain.Statement, len(e.Statements))
	for i, s := range e.Statements {
		if s.HeldBy == "" {
			s.HeldBy = e.Source
		}
		held[i] = s
	}
	c.tell(at, domain.Check, held)
	c.act(at, Act{Sources: []string{e.Source}, NoData: e.NoData, Until: e.AsOf})
}

// NeighbourInquired is a talk with neighbours or a letter to a third party
// 邻里访问、信函索证 (Order 649 Art 11).
type NeighbourInquired struct {
	On
	Staff      []string           `json:"staff,omitempty"`
	Statements []domain.Statement `json:"statements,omitempty"`
}

// EventType is the stored name.
func (NeighbourInquired) EventType() string { return "neighbour-inquired.v1" }

func (e NeighbourInquired) check(c *Case) error { return checkStatements(c, e.Statements) }

func (e NeighbourInquired) evolve(c *Case, at At) {
	c.tell(at, domain.Survey, e.Statements)
	c.act(at, Act{Staff: e.Staff})
}

// DocumentReceived is a document of another organ 证明材料. Verified says that
// its authenticity was checked.
type DocumentReceived struct {
	On
	Issuer     string             `json:"issuer"`
	Number     domain.Private     `json:"number,omitzero"`
	Verified   bool               `json:"verified,omitempty"`
	Statements []domain.Statement `json:"statements,omitempty"`
}

// EventType is the stored name.
func (DocumentReceived) EventType() string { return "document-received.v1" }

func (e DocumentReceived) check(c *Case) error { return checkStatements(c, e.Statements) }

func (e DocumentReceived) evolve(c *Case, at At) {
	kind := domain.Document
	if !e.Verified {
		kind = domain.Declaration // an unverified paper is worth what who brought it says
	}
	c.tell(at, kind, e.Statements)
	c.act(at, Act{Sources: []string{e.Issuer}})
}

// Private is the number of the document.
func (e *DocumentReceived) Private() []domain.PrivateField {
	return []domain.PrivateField{{Path: "number", Data: &e.Number}}
}

// DemocraticEvaluation is the neighbours' evaluation 民主评议.
type DemocraticEvaluation struct {
	On
	For     int `json:"for"`
	Against int `json:"against"`
}

// EventType is the stored name.
func (DemocraticEvaluation) EventType() string { return "democratic-evaluation.v1" }

func (e DemocraticEvaluation) check(*Case) error {
	if e.For < 0 || e.Against < 0 || e.For+e.Against == 0 {
		return fault("for, against", "nobody voted", "give the votes as counted")
	}
	return nil
}

func (e DemocraticEvaluation) evolve(c *Case, at At) { c.act(at, Act{}) }

// SelfCareAssessed is the test of six activities 生活自理能力评估: how many a
// person cannot do alone.
type SelfCareAssessed struct {
	On
	Member string   `json:"member"`
	Fails  int      `json:"fails"`
	Staff  []string `json:"staff,omitempty"`
}

// EventType is the stored name.
func (SelfCareAssessed) EventType() string { return "self-care-assessed.v1" }

func (e SelfCareAssessed) check(c *Case) error {
	if e.Fails < 0 || e.Fails > 6 {
		return fault("fails", "%d of six tests", "give the number of tests failed, 0 to 6", e.Fails)
	}
	return checkMember(c, "member", e.Member)
}

func (e SelfCareAssessed) evolve(c *Case, at At) {
	c.tell(at, domain.Survey, []domain.Statement{{
		Subject: e.Member, Attribute: SelfCareFails, Value: domain.Int(int64(e.Fails)), ValidFrom: e.Day,
	}})
	c.act(at, Act{Staff: e.Staff})
}

// UrgencyRecorded is what made help urgent 急难情形 (Order 649 Art 47–48).
type UrgencyRecorded struct {
	On
	Staff      []string           `json:"staff,omitempty"`
	Statements []domain.Statement `json:"statements"`
}

// EventType is the stored name.
func (UrgencyRecorded) EventType() string { return "urgency-recorded.v1" }

func (e UrgencyRecorded) check(c *Case) error { return checkStatements(c, e.Statements) }

func (e UrgencyRecorded) evolve(c *Case, at At) {
	c.tell(at, domain.Survey, e.Statements)
	c.act(at, Act{Staff: e.Staff})
}

// ObstacleRecorded is what kept a step from being taken: a system outage or
// an official restriction (grounds G04 and G15). A step is excused only where
// the obstacle is proven and the step was replaced or made up for.
type ObstacleRecorded struct {
	On
	Step     string     `json:"step"`
	Kind     string     `json:"kind"` // outage, restriction
	From     domain.Day `json:"from"`
	To       domain.Day `json:"to"`
	Proven   bool       `json:"proven,omitempty"`
	Replaced bool       `json:"replaced,omitempty"`
	MadeUp   bool       `json:"made_up,omitempty"`
}

// EventType is the stored name.
func (ObstacleRecorded) EventType() string { return "obstacle-recorded.v1" }

func (e ObstacleRecorded) check(*Case) error {
	if e.Step == "" || e.From == 0 || e.To < e.From {
		return fault("step, from, to", "the step is not named or the days are not a span", "name the step and give its first and last day")
	}
	return nil
}

func (e ObstacleRecorded) evolve(c *Case, at At) {
	c.Obstacles = append(c.Obstacles, Obstacle{at, e.Step, e.Kind, e.From, e.To, e.Proven, e.Replaced, e.MadeUp})
}
