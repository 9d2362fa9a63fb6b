package bulk

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
	"leeway/projections"
)

// Part is one of several parts of a population, from 1 on. The zero value is
// the whole.
type Part struct {
	N  int `json:"part"`
	Of int `json:"of"`
}

// ParsePart reads "2/8" as the second part of eight.
func ParsePart(text string) (p Part, ok bool) {
	_, err := fmt.Sscanf(text, "%d/%d", &p.N, &p.Of)
	return p, err == nil && text == p.String() && 1 <= p.N && p.N <= p.Of && p.Of <= projections.Shards
}

// String is the part as ParsePart reads it.
func (p Part) String() string { return fmt.Sprintf("%d/%d", p.N, p.Of) }

// Has reports whether a case belongs to the part.
func (p Part) Has(caseID string) bool { return p.shard().Has(caseID) }

func (p Part) shard() projections.Shard { return projections.Part(p.N-1, p.Of) }

// whole is the only part of one.
var whole = Part{1, 1}

// Common is what the parts of one replay have in common, beside its index day.
type Common struct {
	Which  Which  `json:"which"`
	Engine string `json:"engine"`
	Rules  string `json:"rules"`  // digest of the versions that were in force
	Ledger string `json:"ledger"` // digest of the ids of all its events
}

func (w *worker) common() Common {
	return Common{w.Which, w.Desk.Rules.Engine(), rulesDigest(w.register), w.heads.Ledger()}
}

// rulesDigest names the versions of a register with their content.
func rulesDigest(reg *eligibility.Register) string {
	sum := sha256.New()
	fmt.Fprintln(sum, keyFormat)
	for _, a := range reg.Rules {
		fmt.Fprintf(sum, "%q %q %q %q\n", a.Rules.Pack, a.Rules.Version, a.Rules.Digest, a.Corrects)
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// Unfit says why outcomes are not the parts of one replay. It wraps
// domain.ErrInvalid.
type Unfit struct {
	Why   Reason
	Parts []Part // those that are missing, that come twice, or two that differ
}

// Reason is why parts do not go together.
type Reason string

// Reasons.
const (
	UnfitNone     Reason = "none"     // there is no part at all
	UnfitMissing  Reason = "missing"  // parts are missing
	UnfitTwice    Reason = "twice"    // a part comes twice
	UnfitCut      Reason = "cut"      // the population was cut otherwise
	UnfitDay      Reason = "day"      // another index day
	UnfitQuestion Reason = "question" // other cases or months were asked about
	UnfitRules    Reason = "rules"    // other versions of the rules were in force
	UnfitEngine   Reason = "engine"   // another engine reckoned
	// UnfitLedger: the parts are of different ledgers, or theirs went on between
	// them. What comes on record later may have been known earlier, so that is
	// so of any index day.
	UnfitLedger Reason = "ledger"
)

// Error is for logs; the command has its own words.
func (u *Unfit) Error() string {
	var parts []string
	for _, p := range u.Parts {
		parts = append(parts, p.String())
	}
	return fmt.Sprintf("parts are not of one replay: %s %s", u.Why, strings.Join(parts, " "))
}

// Unwrap implements errors.Unwrap.
func (u *Unfit) Unwrap() error { return domain.ErrInvalid }

// Merge puts the parts of one replay together: the outcome of the same replay
// by one process, but for which cases were replayed and which were kept. An
// error is an *Unfit.
func Merge(parts []*Outcome) (*Outcome, error) {
	if len(parts) == 0 {
		return nil, &Unfit{Why: UnfitNone}
	}
	parts = slices.SortedFunc(slices.Values(parts), func(a, b *Outcome) int { return a.Part.N - b.Part.N })
	first := parts[0]
	seen := make([]bool, first.Part.Of)
	for _, p := range parts {
		if why := first.unfit(p); why != "" {
			return nil, &Unfit{why, []Part{first.Part, p.Part}}
		}
		if seen[p.Part.N-1] {
			return nil, &Unfit{UnfitTwice, []Part{p.Part}}
		}
		seen[p.Part.N-1] = true
	}
	var missing []Part
	for i, there := range seen {
		if !there {
			missing = append(missing, Part{i + 1, first.Part.Of})
		}
	}
	if len(missing) > 0 {
		return nil, &Unfit{UnfitMissing, missing}
	}
	out := newOutcome(first.Survey.AsOf)
	out.Common, out.Events = first.Common, first.Events
	for _, p := range parts {
		out.join(p)
	}
	out.sort()
	return out, nil
}

// unfit says why two outcomes are not parts of one replay; empty: they are.
func (o *Outcome) unfit(p *Outcome) Reason {
	a, b := o.Common, p.Common
	switch {
	case o.Survey.AsOf != p.Survey.AsOf:
		return UnfitDay
	case a.Which != b.Which:
		return UnfitQuestion
	case a.Engine != b.Engine:
		return UnfitEngine
	case a.Rules != b.Rules:
		return UnfitRules
	case o.Part.Of != p.Part.Of:
		return UnfitCut
	case a.Ledger != b.Ledger:
		return UnfitLedger
	}
	return ""
}

// newOutcome is the outcome of no case.
func newOutcome(asOf domain.Day) *Outcome {
	return &Outcome{Part: whole, Fallback: []Fallback{}, Basis: map[string]string{},
		Survey: &replay.Survey{AsOf: asOf, Classes: []replay.ClassTotal{}, Hits: []replay.Hit{}, Failed: []replay.Unreplayed{}, Walks: map[domain.Month]*replay.Walk{}}}
}

// join adds the outcome of another part.
func (o *Outcome) join(p *Outcome) {
	o.Survey.Join(p.Survey)
	o.Overpaid, o.Underpaid = o.Overpaid+p.Overpaid, o.Underpaid+p.Underpaid
	o.Over, o.Short = o.Over+p.Over, o.Short+p.Short
	o.Replayed, o.Reused = o.Replayed+p.Replayed, o.Reused+p.Reused
	o.Fallback = append(o.Fallback, p.Fallback...)
	maps.Copy(o.Basis, p.Basis)
}

// Check reports whether an outcome that was read from a file can be one: it
// says which part it is, and of what. The error wraps domain.ErrInvalid.
func (o *Outcome) Check() error {
	if _, ok := ParsePart(o.Part.String()); !ok || o.Survey == nil || o.Common.Ledger == "" || o.Basis == nil {
		return fmt.Errorf("%w: no results of a part", domain.ErrInvalid)
	}
	return nil
}
