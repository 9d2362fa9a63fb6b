package review

import (
	"slices"

	"leeway/domain"
)

// A condition that nobody can answer is unknown, and unknown never counts
// against the person. Who holds the answer is asked for it, and the question
// stands on record whether an answer comes or not.

// Request is what was asked of the bureau or of the owner of data.
type Request struct {
	At      At
	ID      string
	Matter  string
	Of      string
	Missing []string
	Until   domain.Day
	Given   *At
}

// EvidenceAsked asks an office for what would decide an open condition 调取证据.
type EvidenceAsked struct {
	By
	ID      string         `json:"id"` // short, inside the review
	Matter  string         `json:"matter"`
	Of      string         `json:"of"`      // office: the bureau, or the owner of the data
	Missing []string       `json:"missing"` // facts or papers
	Until   domain.Day     `json:"until"`
	Words   domain.Private `json:"words,omitzero"`
}

// EventType is the stored name.
func (EvidenceAsked) EventType() string { return "review-evidence-asked.v1" }

func (*EvidenceAsked) may() []Role { return []Role{Reviewer, Head} }

func (e *EvidenceAsked) check(d *desk) error {
	if err := d.accepted(); err != nil {
		return err
	}
	_, known := d.Matter(e.Matter)
	_, taken := d.request(e.ID)
	switch {
	case e.ID == "" || taken:
		return fault("id", "%q is missing or taken", "give the request its own short id, such as q1", e.ID)
	case !known:
		return fault("matter", "there is no matter %q", "name one of the review's matters, such as m1", e.Matter)
	case e.Of == "" || len(e.Missing) == 0:
		return fault("of, missing", "one is missing", "say which office is asked, and for what")
	case e.Until < d.day:
		return fault("until", "%s lies before %s", "give the day by which it is due", e.Until, d.day)
	}
	return nil
}

func (e *EvidenceAsked) evolve(r *Review, at At) {
	r.Requests = append(r.Requests, Request{At: at, ID: e.ID, Matter: e.Matter, Of: e.Of, Missing: e.Missing, Until: e.Until})
}

// Private are the words of the request.
func (e *EvidenceAsked) Private() []domain.PrivateField {
	return []domain.PrivateField{{Path: "words", Data: &e.Words}}
}

// request finds a request by its id.
func (r *Review) request(id string) (*Request, bool) {
	i := slices.IndexFunc(r.Requests, func(q Request) bool { return q.ID == id })
	if i < 0 {
		return nil, false
	}
	return &r.Requests[i], true
}

// EvidenceGiven answers a request: with evidence, or that nothing is held. A
// reviewer records what an office outside the system answered.
type EvidenceGiven struct {
	By
	ID       string         `json:"id"`
	Evidence []string       `json:"evidence,omitempty"` // events of the case, or papers
	NoData   bool           `json:"no_data,omitempty"`
	Words    domain.Private `json:"words,omitzero"`
}

// EventType is the stored name.
func (EvidenceGiven) EventType() string { return "review-evidence-given.v1" }

func (*EvidenceGiven) may() []Role { return []Role{Bureau, Reviewer} }

func (e *EvidenceGiven) check(d *desk) error {
	q, ok := d.request(e.ID)
	switch {
	case !ok || q.Given != nil:
		return refuse(GuardOrder, "name one that waits", "no request %q waits for an answer", e.ID)
	case e.NoData == (len(e.Evidence) > 0):
		return fault("evidence", "%d pieces, no data: %v", "name what is given, or say that nothing is held", len(e.Evidence), e.NoData)
	}
	return d.before(q.At, "the request")
}

func (e *EvidenceGiven) evolve(r *Review, at At) {
	if q, ok := r.request(e.ID); ok {
		q.Given = &at
	}
}

// Private are the words of the answer.
func (e *EvidenceGiven) Private() []domain.PrivateField {
	return []domain.PrivateField{{Path: "words", Data: &e.Words}}
}

// Appraisal is the sheet of one part as investigators signed it.
type Appraisal struct {
	At          At
	Pair        Pair
	Mitigating  []string
	Aggravating []string
}

// Appraised is the six-dimension sheet 综合研判 of one part, with the mitigating and
// aggravating circumstances that investigators find (domain.md §1.5). A
// circumstance that they tick counts beside those that the rules find; none that
// the rules find is taken away by leaving it unticked.
type Appraised struct {
	By
	Person        string         `json:"person"`
	Matter        string         `json:"matter"`
	Motive        domain.Private `json:"motive"`               // 动机态度
	Conditions    domain.Private `json:"conditions"`           // 客观条件
	Procedure     domain.Private `json:"procedure"`            // 程序方法
	Nature        domain.Private `json:"nature"`               // 性质程度
	Consequences  domain.Private `json:"consequences"`         // 后果影响
	Recovery      domain.Private `json:"recovery"`             // 挽回损失
	Mitigating    []string       `json:"mitigating,omitempty"` // ids of the pack
	Aggravating   []string       `json:"aggravating,omitempty"`
	Investigators []string       `json:"investigators"`
}

// EventType is the stored name.
func (Appraised) EventType() string { return "review-appraised.v1" }

func (*Appraised) may() []Role { return []Role{Reviewer} }

func (e *Appraised) judges() []string { return e.Investigators }

func (e *Appraised) check(d *desk) error {
	if err := d.investigated(e.Investigators); err != nil {
		return err
	}
	for _, f := range e.Private() {
		if !f.Data.Present {
			return fault(f.Path, "it is missing", "say something on each of the six, if only that nothing speaks either way")
		}
	}
	return d.knowsPair(e.Person, e.Matter)
}

func (e *Appraised) evolve(r *Review, at At) {
	r.Appraisals = append(r.Appraisals, Appraisal{at, Pair{e.Person, e.Matter}, e.Mitigating, e.Aggravating})
}

// Private are the six dimensions.
func (e *Appraised) Private() []domain.PrivateField {
	return []domain.PrivateField{{Path: "motive", Data: &e.Motive}, {Path: "conditions", Data: &e.Conditions}, {Path: "procedure", Data: &e.Procedure},
		{Path: "nature", Data: &e.Nature}, {Path: "consequences", Data: &e.Consequences}, {Path: "recovery", Data: &e.Recovery}}
}

// Appraisal is the newest sheet of a part.
func (r *Review) Appraisal(p Pair) (Appraisal, bool) {
	for _, a := range slices.Backward(r.Appraisals) {
		if a.Pair == p {
			return a, true
		}
	}
	return Appraisal{}, false
}
