package eligibility

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"leeway/domain"
)

// The streams of the registers of a city.
const (
	SourcesStream = "register-sources"
	RulesStream   = "register-rules"
	PostsStream   = "register-posts"
)

// RegisterStreams lists them in the order in which they are read.
func RegisterStreams() []string { return []string{SourcesStream, RulesStream, PostsStream} }

// Register is what the city's registers have said: posts and hand-overs,
// sources, rules. It is cut at a basis like a case.
type Register struct {
	Posts   []Holding
	Sources []Connection
	Rules   []Activation
	Notices []Notice
	Last    map[string]domain.Meta // newest event by stream
}

// Holding says who held a post from a day on, and which steps go with it.
type Holding struct {
	At     At
	Office string
	Post   string
	Person string
	Steps  []string // steps of the procedure; none: as the pack's step says
	From   domain.Day
	To     domain.Day // first day not held any more; none: until handed over
	Listed bool       // handed over with a list of open matters
	Serves []string   // other offices whose cases it handles
}

// Everywhere stands for every office among those that a post serves.
const Everywhere = "*"

// Connection says that a source could be asked from a day on, or no more.
type Connection struct {
	At     At
	Source string
	On     bool
	From   domain.Day
}

// Activation publishes a version of a pack.
type Activation struct {
	At        At
	Rules     domain.PackVersion
	Corrects  string            // version whose encoding it puts right
	Approvals []domain.Approval // of the digest; none: history that claims to have been in force
}

// Notice is the dispatch of a version to an office, or its receipt.
type Notice struct {
	At       At
	Office   string
	Rules    domain.PackVersion
	Received bool
}

// A RegisterEvent is a fact about the city's registers, under the same
// promises as an Event.
type RegisterEvent interface {
	EventType() string
	Stream() string
	on() domain.Day
	check() error
	evolve(*Register, At)
}

// RegisterDayOf is the civil day from which a register event holds.
func RegisterDayOf(e RegisterEvent) domain.Day { return e.on() }

// PostHeld says who holds a post of an office from a day on.
type PostHeld struct {
	On
	Office string     `json:"office"`
	Post   string     `json:"post"`
	Person string     `json:"person"`
	Steps  []string   `json:"steps,omitempty"`
	To     domain.Day `json:"to,omitzero"`
	Serves []string   `json:"serves,omitempty"` // other offices whose cases it handles, "*" for all, such as a post of the bureau
}

// EventType is the stored name.
func (PostHeld) EventType() string { return "post-held.v1" }

// Stream is the stream of posts.
func (PostHeld) Stream() string { return PostsStream }

func (e PostHeld) check() error {
	if e.Office == "" || e.Post == "" || e.Person == "" {
		return fault("office, post, person", "one is empty", "name the office, the post and the person's pseudonym")
	}
	return nil
}

func (e PostHeld) evolve(r *Register, at At) {
	r.Posts = append(r.Posts, Holding{at, e.Office, e.Post, e.Person, e.Steps, e.Day, e.To, false, e.Serves})
}

// PostHandedOver moves a post from one person to another on a day 工作交接.
type PostHandedOver struct {
	On
	Office     string   `json:"office"`
	Post       string   `json:"post"`
	FromPerson string   `json:"from_person"`
	ToPerson   string   `json:"to_person"`
	Listed     bool     `json:"listed,omitempty"`
	Steps      []string `json:"steps,omitempty"`
}

// EventType is the stored name.
func (PostHandedOver) EventType() string { return "post-handed-over.v1" }

// Stream is the stream of posts.
func (PostHandedOver) Stream() string { return PostsStream }

func (e PostHandedOver) check() error {
	return PostHeld{On: e.On, Office: e.Office, Post: e.Post, Person: e.ToPerson}.check()
}

func (e PostHandedOver) evolve(r *Register, at At) {
	steps, serves := e.Steps, []string(nil)
	for i := range r.Posts {
		h := &r.Posts[i]
		if h.Office == e.Office && h.Post == e.Post && h.To == 0 {
			h.To = e.Day
			serves = h.Serves
			if steps == nil {
				steps = h.Steps
			}
		}
	}
	r.Posts = append(r.Posts, Holding{at, e.Office, e.Post, e.ToPerson, steps, e.Day, 0, e.Listed, serves})
}

// SourceConnected says that a source can be asked from a day on.
type SourceConnected struct {
	On
	Source string `json:"source"`
	Scope  string `json:"scope,omitempty"`
}

// EventType is the stored name.
func (SourceConnected) EventType() string { return "source-connected.v1" }

// Stream is the stream of sources.
func (SourceConnected) Stream() string { return SourcesStream }

func (e SourceConnected) check() error {
	if e.Source == "" {
		return fault("source", "it is empty", "name the source, such as bank")
	}
	return nil
}

func (e SourceConnected) evolve(r *Register, at At) {
	r.Sources = append(r.Sources, Connection{at, e.Source, true, e.Day})
}

// SourceDisconnected says that a source cannot be asked from a day on.
type SourceDisconnected struct {
	On
	Source string `json:"source"`
}

// EventType is the stored name.
func (SourceDisconnected) EventType() string { return "source-disconnected.v1" }

// Stream is the stream of sources.
func (SourceDisconnected) Stream() string { return SourcesStream }

func (e SourceDisconnected) check() error {
	return SourceConnected{On: e.On, Source: e.Source}.check()
}

func (e SourceDisconnected) evolve(r *Register, at At) {
	r.Sources = append(r.Sources, Connection{at, e.Source, false, e.Day})
}

// RulesActivated publishes a sealed version of a pack: from now on it can be
// known. It carries the approvals of the exact digest. History that is
// imported may carry none: that rules were in force then is a claim, of the
// grade of its line, and nobody's approval is made up for it.
type RulesActivated struct {
	On
	Rules     domain.PackVersion `json:"rules"`
	Corrects  string             `json:"corrects,omitempty"`
	Approvals []domain.Approval  `json:"approvals,omitempty"`
}

// EventType is the stored name.
func (RulesActivated) EventType() string { return "rules-activated.v1" }

// Stream is the stream of rules.
func (RulesActivated) Stream() string { return RulesStream }

func (e RulesActivated) check() error { return checkRules(e.Rules) }

func (e RulesActivated) evolve(r *Register, at At) {
	r.Rules = append(r.Rules, Activation{at, e.Rules, e.Corrects, e.Approvals})
}

// RulesDispatched says that a version was sent to an office. Without a
// receipt the office did not hold it; without a dispatch it held it from the
// activation on (domain.md §3.6 rule 3).
type RulesDispatched struct {
	On
	Office string             `json:"office"`
	Rules  domain.PackVersion `json:"rules"`
}

// EventType is the stored name.
func (RulesDispatched) EventType() string { return "rules-dispatched.v1" }

// Stream is the stream of rules.
func (RulesDispatched) Stream() string { return RulesStream }

func (e RulesDispatched) check() error { return checkNotice(e.Office, e.Rules) }

func (e RulesDispatched) evolve(r *Register, at At) {
	r.Notices = append(r.Notices, Notice{at, e.Office, e.Rules, false})
}

// RulesReceived says that an office received a version.
type RulesReceived struct {
	On
	Office string             `json:"office"`
	Rules  domain.PackVersion `json:"rules"`
}

// EventType is the stored name.
func (RulesReceived) EventType() string { return "rules-received.v1" }

// Stream is the stream of rules.
func (RulesReceived) Stream() string { return RulesStream }

func (e RulesReceived) check() error { return checkNotice(e.Office, e.Rules) }

func (e RulesReceived) evolve(r *Register, at At) {
	r.Notices = append(r.Notices, Notice{at, e.Office, e.Rules, true})
}

func checkNotice(office string, v domain.PackVersion) error {
	if office == "" {
		return fault("office", "it is empty", "name the office")
	}
	return checkRules(v)
}

func checkRules(v domain.PackVersion) error {
	if v.Pack == "" || v.Version == "" || v.Digest == "" {
		return fault("rules", "pack, version or digest is missing", "name the sealed version with its digest")
	}
	return nil
}

var registerKinds = []func() RegisterEvent{
	func() RegisterEvent { return new(PostHeld) }, func() RegisterEvent { return new(PostHandedOver) },
	func() RegisterEvent { return new(SourceConnected) }, func() RegisterEvent { return new(SourceDisconnected) },
	func() RegisterEvent { return new(RulesActivated) }, func() RegisterEvent { return new(RulesDispatched) },
	func() RegisterEvent { return new(RulesReceived) },
}

// RegisterKinds returns a zero value of every event type of the registers.
func RegisterKinds() []RegisterEvent {
	events := make([]RegisterEvent, len(registerKinds))
	for i, k := range registerKinds {
		events[i] = k()
	}
	return events
}

// DecodeRegister reads a register event as Decode reads one of a case.
func DecodeRegister(eventType string, clear []byte) (RegisterEvent, error) {
	i := slices.IndexFunc(registerKinds, func(k func() RegisterEvent) bool { return k().EventType() == eventType })
	if i < 0 {
		return nil, domain.Deny(domain.ErrInvalid, "event type %q is not one of a register", "", eventType)
	}
	e := registerKinds[i]()
	dec := json.NewDecoder(bytes.NewReader(clear))
	dec.DisallowUnknownFields()
	if err := dec.Decode(e); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", domain.ErrInvalid, eventType, err)
	}
	return e, nil
}

// Note asks that a register event be recorded.
type Note struct {
	Event RegisterEvent
	Today domain.Day
	// Claimed says that the event is history out of a case file, Imported on
	// what day; it may lack the approvals that an activation needs today.
	Claimed  bool
	Imported domain.Day
	// Quorum is what the pack asks of its approvals, of an activation only.
	Quorum domain.Quorum
}

// Decide refuses what cannot be true. A rule version that is active already
// is not activated again, and nobody activates one alone.
func (cmd Note) Decide(r *Register) ([]RegisterEvent, error) {
	if err := checkPointer(cmd.Event); err != nil {
		return nil, err
	}
	switch day := cmd.Event.on(); {
	case day == 0:
		return nil, fault("day", "it is missing", "give the civil day from which it holds, such as 2020-01-31")
	case day > cmd.Today:
		return nil, fault("day", "%s lies in the future, today is %s", "record it when it has happened", day, cmd.Today)
	}
	if err := cmd.Event.check(); err != nil {
		return nil, err
	}
	switch e := cmd.Event.(type) {
	case *RulesActivated:
		if known, err := cmd.activate(r, e); known || err != nil {
			return nil, err
		}
	case *RulesDispatched:
		if err := cmd.active(r, e.Rules); err != nil {
			return nil, err
		}
	case *RulesReceived:
		if err := cmd.active(r, e.Rules); err != nil {
			return nil, err
		}
	}
	return []RegisterEvent{cmd.Event}, nil
}

// activate says whether a version is active already, and refuses one whose
// approvals do not carry it.
func (cmd Note) activate(r *Register, e *RulesActivated) (known bool, err error) {
	for _, old := range r.Rules {
		if old.Rules == e.Rules {
			return true, nil
		}
		if old.Rules.Pack == e.Rules.Pack && old.Rules.Version == e.Rules.Version {
			return false, refuse("version %s of %s is active with another digest %s", "a released version is never edited, release a new one", e.Rules.Version, e.Rules.Pack, old.Rules.Digest)
		}
	}
	if cmd.Claimed && e.Approvals == nil {
		// What is claimed for the day of the import is no history: a file would
		// be the way round the second person.
		if cmd.Imported != 0 && cmd.Today >= cmd.Imported {
			return false, fault("approvals", "there are none, and it claims the day of the import", "activate it with two approvals, or give the day in the past on which it was put on record")
		}
		return false, nil
	}
	if err := cmd.Quorum.Check(e.Rules, e.Approvals); err != nil {
		return false, fmt.Errorf("%w: %w", domain.ErrRefused, err)
	}
	return false, nil
}

// active refuses to send or receive what was never published. Histories are
// imported in any order, and are not asked.
func (cmd Note) active(r *Register, v domain.PackVersion) error {
	if cmd.Claimed || slices.ContainsFunc(r.Rules, func(a Activation) bool { return a.Rules == v }) {
		return nil
	}
	return refuse("version %s of %s is not active", "activate it first", v.Version, v.Pack)
}

// Apply folds one event into the register. It never fails.
func (r *Register) Apply(e RegisterEvent, m domain.Meta) {
	e.evolve(r, At{m, e.on()})
	if r.Last == nil {
		r.Last = map[string]domain.Meta{}
	}
	r.Last[m.Stream] = m
}

// Connected reports whether a source could be asked on a day. Registers say
// what was so in the world, so the basis of an act does not limit it.
func (r *Register) Connected(source string, day domain.Day) bool {
	on := false
	var since domain.Day
	for _, c := range r.Sources {
		if c.Source == source && c.From <= day && c.From >= since {
			on, since = c.On, c.From
		}
	}
	return on
}

// Holder is who held the post to which a step of an office's cases belongs, on
// a day: a post of the office itself, or one that serves it. The second result
// is false where nobody is on record; another office's post is never a guess.
func (r *Register) Holder(office, step string, day domain.Day) (Holding, bool) {
	for _, own := range []bool{true, false} {
		for _, h := range slices.Backward(r.Posts) {
			if slices.Contains(h.Steps, step) && h.From <= day && (h.To == 0 || day < h.To) && (own && h.Office == office || !own && h.serves(office)) {
				return h, true
			}
		}
	}
	return Holding{}, false
}

func (h Holding) serves(office string) bool {
	return slices.Contains(h.Serves, office) || slices.Contains(h.Serves, Everywhere)
}
