package domain

// Evidence is the value of one liability fact, with what shows it: events on
// record, or the person who found it.
type Evidence struct {
	Value  Value    `json:"value"`
	Events []string `json:"events,omitempty"` // ids of the events that show it
	Person string   `json:"person,omitempty"` // who found or confirmed it, by pseudonym
}

// Findings are the facts that liability rules read, by name. A fact that is
// absent is unknown, and unknown never counts against the person.
type Findings map[string]Evidence

// A Finding is one fact type of a pack's liability schema.
type Finding struct {
	Name   string   `json:"name"`
	Kind   Kind     `json:"kind"`
	Codes  []string `json:"codes,omitempty"`
	Title  Text     `json:"title"`
	People bool     `json:"people,omitempty"` // only people can find it; the ledger never computes it
}

// GroundKind sorts the liability rules of a pack.
type GroundKind string

// The kinds of liability rule (domain.md §2.1–§2.3).
const (
	Exemption   GroundKind = "exemption"   // 免责情形
	Exclusion   GroundKind = "exclusion"   // 不予容错
	Mitigation  GroundKind = "mitigation"  // 从轻、减轻
	Aggravation GroundKind = "aggravation" // 从重
)

// A Condition is one atomic condition of a ground, or one counter-check that
// defeats it.
type Condition struct {
	ID      string   `json:"id"`
	Text    Text     `json:"text"`
	Verdict Verdict  `json:"verdict"`
	Events  []string `json:"events,omitempty"`  // that show it
	Persons []string `json:"persons,omitempty"` // who found it
	Missing []string `json:"missing,omitempty"` // facts that would decide it
	Cites   []Cite   `json:"cites,omitempty"`
	Lowers  bool     `json:"lowers,omitempty"` // of a counter-check: it leaves mitigation standing
}

// A Ground is a liability rule as it came out for one person's part in one
// act. It advises: 参考情形(非《实施办法》条文) unless the office has filled
// in its own article.
type Ground struct {
	ID         string      `json:"id"`
	Kind       GroundKind  `json:"kind"`
	Title      Text        `json:"title"`
	Verdict    Verdict     `json:"verdict"`       // the conditions, and no counter-check
	Any        bool        `json:"any,omitempty"` // one of the conditions suffices; otherwise all must hold
	Conditions []Condition `json:"conditions"`
	Counters   []Condition `json:"counters,omitempty"`
	// Partial says that a ground which a counter-check lowers, not defeats,
	// serves mitigation only.
	Partial bool `json:"partial,omitempty"`
	// Suspected says that an exclusion is 疑似: signs are there, and no named
	// reviewer has confirmed it with evidence.
	Suspected    bool   `json:"suspected,omitempty"`
	Statutory    bool   `json:"statutory,omitempty"` // its source is a statute: it refuses, the others advise
	LocalArticle string `json:"local_article,omitempty"`
	Cites        []Cite `json:"cites,omitempty"`
}
