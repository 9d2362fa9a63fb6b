package replay

import (
	"errors"

	"leeway/domain"
)

// ErrNoRules says that a pack version is not at hand, or its bytes have
// another digest than the ledger names. A replay stops at it.
var ErrNoRules = errors.New("rule pack is not available")

// Rules is what a replay needs of the policies room: sealed packs by version.
type Rules interface {
	// Plan is a pack version's rules as they stand on a day. The error wraps
	// ErrNoRules. A Plan may be used from many goroutines and is comparable:
	// equal Plans answer alike.
	Plan(v domain.PackVersion, on domain.Day) (Plan, error)
}

// Plan is one pack version on one day. It is pure: the same facts give the
// same answer, forever.
type Plan interface {
	// Attributes is the pack's schema of facts, by name.
	Attributes() map[string]domain.Attribute
	// Precedence orders the kinds of source, the strongest first.
	Precedence() []domain.SourceKind
	// Readings are the ways to date changes; the first is the primary one.
	Readings() []domain.Reading
	// Procedure is the handling procedure of a programme on the plan's day,
	// in order. An unknown programme has none.
	Procedure(programme string) []domain.Step
	// Workday reports whether a day is a working day by the pack's calendar.
	Workday(d domain.Day) bool
	// Whole is a standard of whole numbers on the plan's day, by the name that
	// the pack gives it. Not known: the pack states none.
	Whole(standard string) (n int, known bool)
	// Regime is the liability regime in force on the plan's day.
	Regime() Regime
	// Evaluate says which amounts are lawful for one household and month. The
	// month is the plan's. An error is a fault of the pack, never of a fact:
	// what is unknown makes the outcome undetermined.
	Evaluate(f domain.Facts) (domain.Outcome, error)
	// Explain is Evaluate with every rule, condition, exception and citation.
	Explain(f domain.Facts) (domain.Node, error)
	// Findings is the pack's liability schema, by name. A pack without
	// liability rules has none.
	Findings() map[string]domain.Finding
	// Liable names the liability rules in force on the plan's day: plans with
	// equal names answer Grounds alike, also those of two versions or packs.
	Liable() string
	// Grounds evaluates the liability rules in force on the plan's day on what
	// was found of one person's part in one act. What is absent is unknown. An
	// error is a fault of the pack.
	Grounds(f domain.Findings) ([]domain.Ground, error)
}

// Regime names the rules by which conduct on a day is judged, for the
// comparison 从旧兼从轻.
type Regime struct {
	ID    string        `json:"id"`
	Title domain.Text   `json:"title"`
	Cites []domain.Cite `json:"cites,omitempty"`
}
