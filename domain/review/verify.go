package review

import (
	"fmt"
	"slices"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
)

// investigated refuses work of fewer than two of the assigned investigators,
// or work recorded by somebody else.
func (d *desk) investigated(people []string) error {
	if n := distinct(people); n < 2 {
		return refuse(GuardTwo, "let a second investigator take part and sign", "%d investigator took part", n)
	}
	for _, p := range people {
		if !slices.Contains(d.Reviewers, p) {
			return refuse(GuardTwo, "assign him first (review accept)", "%s is no investigator of this review", p)
		}
	}
	if !slices.Contains(people, d.cmd.Actor.Person) {
		return refuse(GuardRole, "let one who took part record it", "%s did not take part", d.cmd.Actor.Person)
	}
	return d.accepted()
}

// What the ledger itself can tell is never entered by hand: the replay tells it.
// These are the facts that only people can find, and each stands with the event
// or paper that shows it.

// Verified is a liability fact that investigators established.
type Verified struct {
	At       At
	Person   string
	Matter   string
	Name     string
	Value    domain.Value
	Evidence []string
}

// FactVerified establishes a fact that only people can find 调查核实, under a name
// of the pack's liability schema.
type FactVerified struct {
	By
	Person        string         `json:"person,omitempty"` // none: every person
	Matter        string         `json:"matter,omitempty"` // none: every matter
	Name          string         `json:"name"`
	Value         domain.Value   `json:"value"`
	Evidence      []string       `json:"evidence"`
	Investigators []string       `json:"investigators"`
	Words         domain.Private `json:"words,omitzero"`
}

// EventType is the stored name.
func (FactVerified) EventType() string { return "review-fact-verified.v1" }

func (*FactVerified) may() []Role { return []Role{Reviewer} }

func (e *FactVerified) judges() []string { return e.Investigators }

func (e *FactVerified) check(d *desk) error {
	if err := d.investigated(e.Investigators); err != nil {
		return err
	}
	if err := d.usable(e.Evidence); err != nil {
		return err
	}
	switch {
	case e.Name == "" || e.Value.Kind == domain.NoValue:
		return fault("name, value", "one is missing", "name a fact of the liability schema and its value")
	case e.Person != "" && e.Matter != "":
		return d.knowsPair(e.Person, e.Matter)
	}
	return nil
}

// usable refuses evidence that was excluded, and a finding without any.
func (d *desk) usable(evidence []string) error {
	if len(evidence) == 0 {
		return fault("evidence", "there is none", "name the events or papers that show it")
	}
	for _, id := range evidence {
		if slices.Contains(d.Excluded, id) {
			return refuse(GuardEvidence, "rest it on other evidence", "%s was excluded", id)
		}
	}
	return nil
}

func (e *FactVerified) evolve(r *Review, at At) {
	r.Facts = append(r.Facts, Verified{at, e.Person, e.Matter, e.Name, e.Value, e.Evidence})
}

// Private is the record in words.
func (e *FactVerified) Private() []domain.PrivateField {
	return []domain.PrivateField{{Path: "words", Data: &e.Words}}
}

// EvidenceExcluded keeps evidence obtained by unlawful means out 非法证据排除.
type EvidenceExcluded struct {
	By
	Evidence string         `json:"evidence"`
	Reason   domain.Private `json:"reason"`
}

// EventType is the stored name.
func (EvidenceExcluded) EventType() string { return "review-evidence-excluded.v1" }

func (*EvidenceExcluded) may() []Role { return []Role{Reviewer, Head} }

func (e *EvidenceExcluded) check(d *desk) error {
	if e.Evidence == "" || !e.Reason.Present {
		return fault("evidence, reason", "one is missing", "name the evidence and say why it is excluded")
	}
	return d.accepted()
}

func (e *EvidenceExcluded) evolve(r *Review, at At) { r.Excluded = append(r.Excluded, e.Evidence) }

// Private is the reason.
func (e *EvidenceExcluded) Private() []domain.PrivateField {
	return []domain.PrivateField{{Path: "reason", Data: &e.Reason}}
}

// The digest of the inputs says what was asked, the digest of the trace what was
// answered. Either alone could be kept while the other is exchanged.

// ReplayRef names a stored replay: its event, the digest of its inputs and the
// digest of its trace.
type ReplayRef struct {
	Event  string       `json:"event"`
	Inputs string       `json:"inputs"`
	Trace  string       `json:"trace"`
	Basis  domain.Basis `json:"basis"` // what it read
}

// MonthMoney is by how much a month was paid too much or too little.
type MonthMoney struct {
	Month domain.Month `json:"month"`
	Over  domain.Fen   `json:"over"`
	Under domain.Fen   `json:"under"`
}

// Verdict is what the replay says of one person's conduct in one month.
type Verdict struct {
	Person  string       `json:"person"`
	Month   domain.Month `json:"month"`
	Verdict string       `json:"verdict"`
}

// ReplayOf is a replay of one matter.
type ReplayOf struct {
	At        At
	Matter    string
	Ref       ReplayRef
	Rejected  int // facts that reviewers did not confirm, left out
	Proposed  []replay.FactRef
	Money     []MonthMoney
	Verdicts  []Verdict
	Class     replay.Class
	Undecided bool
}

// Replayed keeps a replay of a matter with the review 还原复算. Casework fills it in
// from the stored trace.
type Replayed struct {
	By
	Matter   string           `json:"matter"`
	Replay   ReplayRef        `json:"replay"`
	Rejected []replay.FactRef `json:"rejected,omitempty"` // left out, for reviewers did not confirm them
	Proposed []replay.FactRef `json:"proposed,omitempty"` // facts of K° beyond K, to be confirmed each
	Money    []MonthMoney     `json:"money,omitempty"`
	Verdicts []Verdict        `json:"verdicts,omitempty"`
	Class    replay.Class     `json:"class"`
	Under    bool             `json:"undetermined,omitempty"`
}

// EventType is the stored name.
func (Replayed) EventType() string { return "review-replayed.v1" }

func (*Replayed) may() []Role { return []Role{Reviewer, Bureau} }

func (e *Replayed) check(d *desk) error {
	if _, ok := d.Matter(e.Matter); !ok {
		return fault("matter", "there is no matter %q", "name one of the review's matters, such as m1", e.Matter)
	}
	if e.Replay.Event == "" || e.Replay.Inputs == "" || e.Replay.Trace == "" {
		return refuse(GuardReplay, "keep the replay and name it", "the replay is not named by its event and digests")
	}
	return d.accepted()
}

func (e *Replayed) evolve(r *Review, at At) {
	r.Replays = append(r.Replays, ReplayOf{at, e.Matter, e.Replay, len(e.Rejected), e.Proposed, e.Money, e.Verdicts, e.Class, e.Under})
}

// The engine proposes: a required step that was not taken would have shown the
// fact. Whether a careful person in that post would really have seen it is for
// people to find.

// Finding is what reviewers say of one fact that the engine proposes.
type Finding struct {
	Fact      replay.FactRef `json:"fact"`
	Confirmed bool           `json:"confirmed,omitempty"`
	Reason    domain.Private `json:"reason"`
}

// DutyOf are the findings on one matter.
type DutyOf struct {
	At       At
	Matter   string
	Findings []Finding
}

// DutyFound says of each fact that the required steps would have shown whether
// it should have been known 应查应知: the engine proposes, investigators find.
type DutyFound struct {
	By
	Matter        string    `json:"matter"`
	Findings      []Finding `json:"findings"`
	Investigators []string  `json:"investigators"`
}

// EventType is the stored name.
func (DutyFound) EventType() string { return "review-duty-found.v1" }

func (*DutyFound) may() []Role { return []Role{Reviewer} }

func (e *DutyFound) judges() []string { return e.Investigators }

func (e *DutyFound) check(d *desk) error {
	if err := d.investigated(e.Investigators); err != nil {
		return err
	}
	proposed := d.proposed(e.Matter)
	if len(e.Findings) == 0 {
		return fault("findings", "there are none", "confirm or reject each proposed fact")
	}
	for i, f := range e.Findings {
		switch {
		case !slices.Contains(proposed, f.Fact):
			return fault(fmt.Sprintf("findings[%d].fact", i), "the replay of %q does not propose it", "take the facts of the replay", e.Matter)
		case !f.Reason.Present:
			return fault(fmt.Sprintf("findings[%d].reason", i), "it is missing", "say why, for each fact")
		}
	}
	return nil
}

// proposed are all facts that any replay of a matter in this round proposed.
func (r *Review) proposed(matter string) []replay.FactRef {
	var facts []replay.FactRef
	for _, x := range r.Replays {
		if x.Matter == matter {
			for _, f := range x.Proposed {
				if !slices.Contains(facts, f) {
					facts = append(facts, f)
				}
			}
		}
	}
	return facts
}

// Unfound are the proposed facts on which no reviewer has found yet.
func (r *Review) Unfound(matter string) []replay.FactRef {
	return slices.DeleteFunc(r.proposed(matter), func(f replay.FactRef) bool {
		return slices.ContainsFunc(r.Duties, func(d DutyOf) bool {
			return d.Matter == matter && slices.ContainsFunc(d.Findings, func(x Finding) bool { return x.Fact == f })
		})
	})
}

func (e *DutyFound) evolve(r *Review, at At) {
	r.Duties = append(r.Duties, DutyOf{at, e.Matter, e.Findings})
}

// Private are the reasons, one for each fact.
func (e *DutyFound) Private() []domain.PrivateField {
	fields := make([]domain.PrivateField, len(e.Findings))
	for i := range e.Findings {
		fields[i] = domain.PrivateField{Path: fmt.Sprintf("findings[%d].reason", i), Data: &e.Findings[i].Reason}
	}
	return fields
}

// Judgement is what a named reviewer says of an exclusion.
type Judgement struct {
	At        At
	Pair      Pair
	Exclusion string
	Confirmed bool
}

// ExclusionJudged confirms or rejects an exclusion 不予容错情形 that is 疑似 until
// then. Confirming takes evidence.
type ExclusionJudged struct {
	By
	Person    string         `json:"person"`
	Matter    string         `json:"matter"`
	Exclusion string         `json:"exclusion"`
	Confirmed bool           `json:"confirmed,omitempty"`
	Evidence  []string       `json:"evidence,omitempty"`
	Reason    domain.Private `json:"reason"`
}

// EventType is the stored name.
func (ExclusionJudged) EventType() string { return "review-exclusion-judged.v1" }

func (*ExclusionJudged) may() []Role { return []Role{Reviewer} }

func (e *ExclusionJudged) check(d *desk) error {
	if err := d.accepted(); err != nil {
		return err
	}
	switch {
	case !slices.Contains(d.Reviewers, d.cmd.Actor.Person):
		// 疑似 becomes more only by the word of somebody who investigated.
		return refuse(GuardRole, "let an investigator of this review judge it", "%s is no investigator of this review", d.cmd.Actor.Person)
	case e.Exclusion == "" || !e.Reason.Present:
		return fault("exclusion, reason", "one is missing", "name the exclusion, such as X03, and say why")
	}
	if e.Confirmed {
		if err := d.usable(e.Evidence); err != nil {
			return err
		}
	}
	return d.knowsPair(e.Person, e.Matter)
}

func (e *ExclusionJudged) evolve(r *Review, at At) {
	r.Judged = append(r.Judged, Judgement{at, Pair{e.Person, e.Matter}, e.Exclusion, e.Confirmed})
}

// Private is the reason.
func (e *ExclusionJudged) Private() []domain.PrivateField {
	return []domain.PrivateField{{Path: "reason", Data: &e.Reason}}
}

// JudgedAs is the newest judgement on an exclusion.
func (r *Review) JudgedAs(p Pair, exclusion string) (confirmed, judged bool) {
	for _, j := range slices.Backward(r.Judged) {
		if j.Pair == p && j.Exclusion == exclusion {
			return j.Confirmed, true
		}
	}
	return false, false
}

// VerificationExtended lengthens the verification, once.
type VerificationExtended struct {
	By
	Reason domain.Private `json:"reason"`
}

// EventType is the stored name.
func (VerificationExtended) EventType() string { return "review-verification-extended.v1" }

func (*VerificationExtended) may() []Role { return []Role{Head} }

func (e *VerificationExtended) check(d *desk) error {
	if d.Extended {
		return refuse(GuardOrder, "determine it", "the verification was extended once already")
	}
	if !e.Reason.Present {
		return fault("reason", "it is missing", "say why")
	}
	return d.accepted()
}

func (e *VerificationExtended) evolve(r *Review, at At) { r.Extended = true }

// Private is the reason.
func (e *VerificationExtended) Private() []domain.PrivateField {
	return []domain.PrivateField{{Path: "reason", Data: &e.Reason}}
}

// Opinion is the bureau's technical opinion on a matter.
type Opinion struct {
	At     At
	Matter string
	Replay string
	Text   domain.Private
}

// OpinionFiled is the bureau's technical opinion 技术意见 on policy and replay. The
// bureau gives no more than an opinion.
type OpinionFiled struct {
	By
	Matter string                    `json:"matter"`
	Replay string                    `json:"replay"` // digest of the trace that it carries
	Right  []eligibility.MonthAmount `json:"right,omitempty"`
	Words  domain.Private            `json:"words"`
}

// EventType is the stored name.
func (OpinionFiled) EventType() string { return "review-opinion-filed.v1" }

func (*OpinionFiled) may() []Role { return []Role{Bureau} }

func (e *OpinionFiled) check(d *desk) error {
	x, ok := d.Replay(e.Matter)
	switch {
	case !ok:
		return refuse(GuardReplay, "replay it first (review verify --replay)", "matter %q has no replay", e.Matter)
	case x.Ref.Trace != e.Replay:
		return refuse(GuardReplay, "name the newest replay of the matter", "the opinion carries another replay than %s", x.Ref.Trace)
	case !e.Words.Present:
		return fault("words", "they are missing", "give the opinion")
	}
	// The whole bureau may have decided: having served in it is no bar to an
	// opinion, having taken part is.
	if cause, why, barred := d.Barred(d.cmd.History, d.cmd.Actor.Person); barred && cause != SameOffice {
		return &Refusal{GuardRecusal, why, domain.Say("let somebody of the bureau give it who has no part in the case")}
	}
	return d.accepted()
}

func (e *OpinionFiled) evolve(r *Review, at At) {
	r.Opinions = append(r.Opinions, Opinion{at, e.Matter, e.Replay, e.Words})
}

// Private is the opinion.
func (e *OpinionFiled) Private() []domain.PrivateField {
	return []domain.PrivateField{{Path: "words", Data: &e.Words}}
}
