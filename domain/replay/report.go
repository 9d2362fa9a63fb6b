package replay

import "leeway/domain"

// Format names the shape of a stored trace. Another shape gets another name.
const Format = "leeway-replay.v1"

// Class is a cause of a difference between two links of the chain.
type Class string

// The classes in chain order (domain.md §3.3, §3.6).
const (
	EPay   Class = "E-PAY"   // paid other than decided 发放环节差错
	EWork  Class = "E-WORK"  // own file and held rules gave another result 经办差错
	ERule  Class = "E-RULE"  // the pack encoded a rule wrongly 规则编码差错
	ELag   Class = "E-LAG"   // a rule in force had not been received 传达滞后
	EDuty  Class = "E-DUTY"  // a required step was skipped that mattered 未尽核查
	EDoc   Class = "E-DOC"   // an issued document was false 证明不实
	EInfo  Class = "E-INFO"  // a source missed or lagged 信息缺失/滞后
	EAppl  Class = "E-APPL"  // the applicant did not declare 申请人隐瞒
	ELate  Class = "E-LATE"  // could only come out later 事后发现
	ERetro Class = "E-RETRO" // a standard was set for the past 标准追溯
	// Open is the room that a set of lawful amounts leaves; nobody's error.
	Open Class = "AMB"
	// Unsplit is a difference across nodes that cannot be determined.
	Unsplit Class = "UNSPLIT"
)

// Order is the chain order of the classes.
var Order = []Class{EPay, EWork, ERule, ELag, EDuty, EDoc, EInfo, EAppl, ELate, ERetro, Open, Unsplit}

// Labels of a month or case without a difference.
const (
	OK     Class = "OK"      // 未见差错
	OKSpec Class = "OK-SPEC" // a special rule decided it
	OKPol  Class = "OK-POL"  // the policy has changed since
)

// Overlays are seen beside the chain and move no money.
const (
	OverlayAmbiguous = "AMB"     // the rules left room, and the decision is inside it
	OverlayProc      = "PROC"    // a step was late or missing
	OverlayIntent    = "INTENT"  // a signal 疑点 that a reviewer must look at
	OverlayConceal   = "CONCEAL" // the declaration differs from the truth
	OverlayLate      = "LATE-ENTRY"
	OverlayAlleged   = "ALLEGED" // rests on an allegation that is not established
)

// Node is one point of the chain: a set of lawful amounts and the member that
// the chain takes.
type Node struct {
	Name    string             `json:"name"` // P D A Am Af Ao DOC INFO APPL LATE T B L C
	Outcome domain.Outcome     `json:"outcome"`
	Taken   domain.Fen         `json:"taken"`          // meaningful where the outcome is determined
	None    bool               `json:"none,omitempty"` // D: there is no decision ∅
	Rules   domain.PackVersion `json:"rules,omitzero"`
}

// Link is the signed difference between two neighbouring nodes. Without an
// amount the replay cannot say how much.
type Link struct {
	Class    Class       `json:"class"`
	From     string      `json:"from"`
	To       string      `json:"to"`
	Amount   *domain.Fen `json:"amount,omitempty"` // left minus right: positive was paid too much
	Decisive *Decisive   `json:"decisive,omitempty"`
	// Least and Most are the range of the amount over every order in which
	// the classes between K° and T could be taken; only where it varies.
	Least *domain.Fen `json:"least,omitempty"`
	Most  *domain.Fen `json:"most,omitempty"`
}

// Decisive is a minimal set of facts 决定性事实: with them (or without them)
// the result is Result.
type Decisive struct {
	Kind   string         `json:"kind"` // had_been_known, lay_unread, as_if
	Facts  []Fact         `json:"facts"`
	Result domain.Outcome `json:"result"`
}

// Kinds of decisive sets.
const (
	HadBeenKnown = "had_been_known" // had these been known, the result would have been so
	LayUnread    = "lay_unread"     // these were on file: only without them is the decision right
	AsIf         = "as_if"          // the decision is right only if this fact were so
)

// Overlay is one finding beside the chain.
type Overlay struct {
	Kind   string   `json:"kind"`
	Signal string   `json:"signal,omitempty"` // of INTENT: kin_unfiled, back_dated, overrode_silently
	Facts  []Fact   `json:"facts,omitempty"`
	Events []string `json:"events,omitempty"`
	Person string   `json:"person,omitempty"`
}

// Month is the replay of one benefit month.
type Month struct {
	Month     domain.Month `json:"month"`
	By        string       `json:"judged_by"`      // kind of act
	On        domain.Day   `json:"judged_on"`      // t0
	Act       string       `json:"act,omitempty"`  // id of its event; none for an omission
	Step      string       `json:"step,omitempty"` // omitted step
	Basis     domain.Basis `json:"basis,omitempty"`
	Nodes     []Node       `json:"nodes"`
	Links     []Link       `json:"links,omitempty"` // unequal ones, in chain order
	Class     Class        `json:"class"`           // primary, or a label of OK
	Under     bool         `json:"undetermined,omitempty"`
	Missing   []string     `json:"missing,omitempty"` // what would decide
	Overpaid  domain.Fen   `json:"overpaid"`
	Underpaid domain.Fen   `json:"underpaid"`
	Overlays  []Overlay    `json:"overlays,omitempty"`
	Shown     []Shown      `json:"shown,omitempty"` // in K° beyond K
	Procedure []StepCheck  `json:"procedure,omitempty"`
	Actors    []Conduct    `json:"actors,omitempty"`
	Assumed   []string     `json:"assumed,omitempty"` // to_verify origins it rests on
	Regimes   []Regime     `json:"regimes,omitempty"` // Lq: liability then and now, where they differ
}

// Node returns a node by name.
func (m Month) Node(name string) (Node, bool) {
	for _, n := range m.Nodes {
		if n.Name == name {
			return n, true
		}
	}
	return Node{}, false
}

// Conduct is one actor's own part: what he proposed or decided on what he
// could see under the rules that his office held.
type Conduct struct {
	Actor    domain.Actor   `json:"actor"`
	Role     string         `json:"role"` // opinion, decision, approval, step
	Proposed domain.Fen     `json:"proposed"`
	Right    domain.Outcome `json:"right"` // on his own file
	Verdict  string         `json:"verdict"`
	Steps    []string       `json:"steps,omitempty"` // missing ones that he held
	// Grounds are the liability rules of the day of the act that say something
	// of this part: those that hold, are suspected, or can still be proved. They
	// are there only where the month shows a difference or a finding, or the
	// verdict is not no_error. GroundsAs names an earlier month in which they
	// are the same for this person and role, but for the act itself.
	Grounds   []domain.Ground `json:"grounds,omitempty"`
	GroundsAs domain.Month    `json:"grounds_as,omitzero"`
	Lq        *Lq             `json:"lq,omitempty"` // where the rules of the index day say otherwise
}

// Verdicts on conduct. They advise; a named person decides.
const (
	ConductRight        = "no_error"     // 未见差错
	ConductDiligent     = "diligent"     // 尽职无过错: own links equal and steps clean, though B differs
	ConductWork         = "own_error"    // 经办差错
	ConductDuty         = "duty"         // 未尽核查
	ConductProcedure    = "procedure"    // a step of his was late or missing without effect on money
	ConductUndetermined = "undetermined" // unknown never counts against the person
)

// Total is one class over all months. The two directions are never netted.
type Total struct {
	Class  Class      `json:"class"`
	Plus   domain.Fen `json:"plus"`  // sum of positive links
	Minus  domain.Fen `json:"minus"` // sum of negative links, as a negative amount
	Months int        `json:"months"`
}

// Money is what a case moved, in fen.
type Money struct {
	Paid       domain.Fen `json:"paid"`
	Due        domain.Fen `json:"due"`       // b* over the determined months
	Overpaid   domain.Fen `json:"overpaid"`  // 错保
	Underpaid  domain.Fen `json:"underpaid"` // 漏保
	Recovered  domain.Fen `json:"recovered"`
	BackPaid   domain.Fen `json:"back_paid"`
	OpenOver   domain.Fen `json:"open_overpaid"`
	OpenUnder  domain.Fen `json:"open_underpaid"`
	Incomplete bool       `json:"incomplete,omitempty"` // some month is undetermined
}

// Alternative is a month that comes out otherwise under another way to date
// changes, where the pack's month rule is to be verified.
type Alternative struct {
	Reading string       `json:"reading"`
	Month   domain.Month `json:"month"`
	Nodes   []Node       `json:"nodes"`
	Amount  *domain.Fen  `json:"amount,omitempty"` // P − B
}

// Inputs are what a replay rests on. Their digest names the stored trace.
type Inputs struct {
	Format   string             `json:"format"`
	Case     string             `json:"case"`
	Streams  domain.Basis       `json:"streams"` // read whole, to these revisions
	AsOf     domain.Day         `json:"as_of"`   // index day: rules and facts known by then
	From     domain.Month       `json:"from,omitzero"`
	To       domain.Month       `json:"to,omitzero"`
	Packs    []string           `json:"packs"` // pack/version@digest, those published by then
	RulesNow domain.PackVersion `json:"rules_now"`
	Rejected []FactRef          `json:"rejected,omitempty"` // left out of K°: reviewers did not confirm them
	// Found is what people found, by the person whose part it is about.
	Found map[string]domain.Findings `json:"found,omitempty"`
}

// Report is the replay of a case 还原复算报告. Equal inputs give equal bytes.
type Report struct {
	Inputs       Inputs        `json:"inputs"`
	Programme    string        `json:"programme"`
	Office       string        `json:"office"`
	Reading      string        `json:"reading"`
	Months       []Month       `json:"months"`
	Totals       []Total       `json:"totals"` // by class, in chain order
	Primary      Class         `json:"primary"`
	Secondary    []Class       `json:"secondary,omitempty"`
	Money        Money         `json:"money"`
	Today        Node          `json:"today"` // C
	Alternatives []Alternative `json:"alternatives,omitempty"`
}
