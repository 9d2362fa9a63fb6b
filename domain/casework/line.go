package casework

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// fileCase is one case of a file, in the order of its lines. Once a line of it
// is broken the deciders are not asked any more: what they would say of the
// later lines would be the same mistake again, in other words.
type fileCase struct {
	id     string
	lines  []*fileEvent
	bytes  int
	broken bool // a line could not be read, so that the later ones cannot be judged
}

// fileEvent is one line, read.
type fileEvent struct {
	place
	event   fact
	actor   domain.Actor
	visible domain.Visibility
	claim   domain.Claim
	known   string // event id of a register line
}

// day is the civil day on which the line says that it was on record.
func (e *fileEvent) day() domain.Day { return domain.DayOf(e.claim.At.Time) }

// place is where a fault lies.
type place struct {
	line      int
	caseID    string
	eventType string
	text      []byte // of the line while it is read; its columns are counted in it
}

// parser reads a case file line by line and collects its faults.
type parser struct {
	rules  Rules
	today  domain.Day
	file   *File
	byID   map[string]*fileCase
	begun  bool // a line was read
	at     place
	faults Faults
}

// fault notes a mistake at a byte of the line; -1: of the line as a whole.
func (p *parser) fault(field string, offset int, wrong, mend string, args ...any) {
	p.note(flaw{field, domain.Say(wrong, args...), domain.Say(mend, args...), offset})
}

// note puts a flaw down with the place of the line.
func (p *parser) note(f flaw) {
	column := 0
	if f.offset >= 0 && f.offset <= len(p.at.text) && len(p.at.text) > 0 {
		column = utf8.RuneCount(p.at.text[:f.offset]) + 1
	}
	p.faults = append(p.faults, LineFault{Line: p.at.line, Column: column, Case: p.at.caseID, Type: p.at.eventType, Field: f.path, Wrong: f.wrong, Mend: f.mend})
}

func (p *parser) flaws(flaws []flaw) bool {
	for _, f := range flaws {
		p.note(f)
	}
	return len(flaws) > 0
}

// line reads one line that is not empty.
func (p *parser) line(n int, text []byte) {
	p.at = place{line: n, text: text}
	first := !p.begun
	p.begun = true
	if f, ok := checkJSON(text); !ok {
		p.flaws([]flaw{f})
		return
	}
	var l FileLine
	sound := fits(text, reflect.TypeFor[FileLine]()) && json.Unmarshal(text, &l) == nil
	p.at.caseID, p.at.eventType = l.Case, l.Type
	if !sound {
		var head struct {
			Leeway json.RawMessage
			Case   any
			Type   any
		}
		json.Unmarshal(text, &head) // what does not fit is found by walk
		if first && head.Leeway != nil {
			p.header(text)
			return
		}
		p.at.caseID, _ = head.Case.(string)
		p.at.eventType, _ = head.Type.(string)
	}
	c := p.caseOf(len(text))
	var e *fileEvent
	if sound || !p.flaws(walk("", text, 0, reflect.TypeFor[FileLine]())) {
		if !sound {
			json.Unmarshal(text, &l)
		}
		e = p.event(text, l)
	}
	switch {
	case e == nil && c != nil:
		c.broken = true
	case e != nil && c != nil:
		c.lines = append(c.lines, e)
	case e != nil:
		e.known = e.id("register")
		p.file.register = append(p.file.register, e)
	}
}

func (p *parser) header(text []byte) {
	h := &p.file.Header
	if p.flaws(walk("", text, 0, reflect.TypeFor[FileHeader]())) {
		return
	}
	json.Unmarshal(text, h)
	if h.Leeway != FileFormat {
		p.fault("leeway", -1, "format %q is not known", "write %[2]s", h.Leeway, FileFormat)
	}
	if h.Grade != "" {
		p.grade("grade", h.Grade)
	}
}

func (p *parser) grade(field string, g domain.Grade) {
	if g != domain.GradeA && g != domain.GradeB && g != domain.GradeC {
		p.fault(field, -1, "there is no grade %q", "write A for a system's log, B for dated paper, C for a claim", g)
	}
}

// caseOf is the case to which the line belongs; nil for a register's.
func (p *parser) caseOf(size int) *fileCase {
	id := p.at.caseID
	if id == "" {
		return nil
	}
	c := p.byID[id]
	if c == nil {
		c = &fileCase{id: id}
		p.byID[id] = c
		p.file.cases = append(p.file.cases, c)
		if err := checkCaseID(id); err != nil {
			p.refused("", err)
		}
	}
	if c.bytes <= MaxCase && c.bytes+size > MaxCase {
		p.fault("case", -1, "the case has more than %d bytes", "split the household's history into several cases", MaxCase)
	}
	c.bytes += size
	return c
}

// event reads the line's event, or notes why it cannot.
func (p *parser) event(text []byte, l FileLine) *fileEvent {
	reads, ok := p.kind(l)
	if !ok {
		return nil
	}
	if len(l.Data) == 0 || bytes.Equal(l.Data, []byte("null")) {
		p.fault("data", -1, "it is missing", "give the event's fields, at least the day")
		return nil
	}
	walked := func() bool { return p.flaws(walk("data", l.Data, bytes.LastIndex(text, l.Data), reads)) }
	if !fits(l.Data, reads) && walked() {
		return nil
	}
	e := &fileEvent{place: p.at, visible: l.Visible}
	e.text = nil
	if err := p.decode(e, l); err != nil {
		if e.event == nil && walked() {
			return nil
		}
		p.refused("data.", err)
		return nil
	}
	p.circumstances(e, l)
	return e
}

// kind is the Go type of the line's event.
func (p *parser) kind(l FileLine) (reflect.Type, bool) {
	k, known := fileTypes()[l.Type]
	switch {
	case known && k.register == (l.Case == ""):
		return k.reads, true
	case known && k.register:
		p.fault("case", -1, "%s is an event of a register, not of a case", "leave the case out", l.Type)
	case known:
		p.fault("case", -1, "%s is an event of a case, but no case is named", "name the case", l.Type)
	default:
		names := slices.Sorted(maps.Keys(fileTypes()))
		p.fault("type", -1, "there is no event type %q", "use a type of the schema, such as case-opened.v1%[2]s", l.Type, near(l.Type, names))
	}
	return nil, false
}

// fileType is an event type that a line may have.
type fileType struct {
	reads    reflect.Type
	register bool
}

// fileTypes are the event types of case files by stored name.
var fileTypes = sync.OnceValue(func() map[string]fileType {
	types := map[string]fileType{}
	for _, k := range eligibility.Kinds() {
		types[k.EventType()] = fileType{reflect.TypeOf(k), false}
	}
	for _, k := range eligibility.RegisterKinds() {
		types[k.EventType()] = fileType{reflect.TypeOf(k), true}
	}
	return types
})

// decode reads the event's fields and fills in what the library knows. Advice
// is the engine's word on the facts of its basis; a file cannot bring any.
func (p *parser) decode(e *fileEvent, l FileLine) error {
	if l.Case == "" {
		event, err := eligibility.DecodeRegister(l.Type, l.Data)
		if err == nil {
			event, err = withDigest(p.rules, event)
		}
		e.event = event
		return err
	}
	event, err := eligibility.Decode(l.Type, l.Data)
	if err != nil {
		return err
	}
	e.event = event
	if _, _, slot := decision(event); slot != nil && *slot != nil {
		return domain.NewFault("advice", "it was given", "leave it out: what another system advised is no advice of this engine")
	}
	for _, f := range eligibility.Private(event) {
		if err := checkPrivate(f); err != nil {
			return err
		}
	}
	return nil
}

// circumstances fills in who, when and for whose eyes. Without claimed.at, an
// event was put on record at noon of its day: late enough for the morning's
// post, early enough to stay on that day in every zone that matters here.
func (p *parser) circumstances(e *fileEvent, l FileLine) {
	e.actor = p.file.Header.Actor
	if l.Actor != nil {
		e.actor = *l.Actor
	}
	if e.actor.Person == "" || e.actor.Office == "" || e.actor.Post == "" {
		p.fault("actor", -1, "person, office or post is missing", "say who acted, here or in the header")
	}
	if f := checkVisible(l.Visible); f != nil {
		p.refused("", f)
	}
	e.claim = domain.Claim{Grade: cmp.Or(p.file.Header.Grade, domain.GradeC)}
	day := dayOf(e.event)
	e.claim.At = domain.At(day.Start().Add(12 * time.Hour))
	if l.Claimed != nil {
		e.claim.Grade = cmp.Or(l.Claimed.Grade, e.claim.Grade)
		if l.Claimed.At != nil {
			e.claim.At = *l.Claimed.At
		}
	}
	p.grade("claimed.grade", e.claim.Grade)
	switch known := e.day(); {
	case day == 0: // the decider says so
	case day > p.today:
		p.fault("data.day", -1, "%s lies in the future, today is %s", "record it when it has happened", day, p.today)
	case known > p.today:
		p.fault("claimed.at", -1, "%s lies in the future, today is %s", "give when it was put on record", known, p.today)
	case known < day:
		p.fault("claimed.at", -1, "%s lies before %s, the day on which it happened", "give when it was put on record, or mend data.day", known, day)
	}
}

// dayOf is the day on which an event happened.
func dayOf(e fact) domain.Day {
	switch e := e.(type) {
	case eligibility.Event:
		return eligibility.DayOf(e)
	case eligibility.RegisterEvent:
		return eligibility.RegisterDayOf(e)
	}
	return 0
}

// refused notes what a decider or a check has against the line. Field paths
// of the event get the prefix.
func (p *parser) refused(prefix string, err error) {
	var e domain.Explained
	if !errors.As(err, &e) {
		p.fault("", -1, "it cannot be read: %v", "mend the line", err)
		return
	}
	f := flaw{wrong: e.Parts().Wrong, mend: e.Parts().Mend, offset: -1}
	if f.mend.Format == "" {
		f.mend = domain.Say("mend the line")
	}
	if field := e.Parts().Field; field != "" {
		f.path = prefix + field
	}
	p.note(f)
}
