package eligibility

import (
	"errors"
	"strings"
	"testing"

	"leeway/domain"
)

var version1 = domain.PackVersion{Pack: "p", Version: "1", Digest: "d1"}

func registered(events ...RegisterEvent) *Register {
	r := &Register{}
	for i, e := range events {
		r.Apply(e, domain.Meta{ID: "x", Type: e.EventType(), Stream: e.Stream(), Revision: int64(i)})
	}
	return r
}

func TestNote(t *testing.T) {
	held := &PostHeld{On: on(jan2), Office: "o", Post: "intake", Person: "w1", Steps: []string{"survey"}}
	activated := &RulesActivated{On: on(jan2), Rules: version1, Approvals: approved("d1")}
	for _, tt := range []struct {
		name  string
		given []RegisterEvent
		when  RegisterEvent
		want  string // what the refusal must say; none: allowed
		none  bool   // allowed, and the register says so already
	}{
		{"a post", nil, held, "", false},
		{"a hand-over", []RegisterEvent{held}, &PostHandedOver{On: on(jan31), Office: "o", Post: "intake", FromPerson: "w1", ToPerson: "w2"}, "", false},
		{"a source", nil, &SourceConnected{On: on(jan2), Source: "bank"}, "", false},
		{"a source cut off", nil, &SourceDisconnected{On: on(jan2), Source: "bank"}, "", false},
		{"rules", nil, activated, "", false},
		{"rules sent", []RegisterEvent{activated}, &RulesDispatched{On: on(jan2), Office: "o", Rules: version1}, "", false},
		{"rules received", []RegisterEvent{activated}, &RulesReceived{On: on(jan2), Office: "o", Rules: version1}, "", false},
		{"rules twice", []RegisterEvent{activated}, &RulesActivated{On: on(jan31), Rules: version1}, "", true},
		{"the next version", []RegisterEvent{activated}, &RulesActivated{On: on(jan31), Rules: domain.PackVersion{Pack: "p", Version: "2", Digest: "d2"}, Approvals: approved("d2")}, "", false},
		{"other bytes under the same version", []RegisterEvent{activated}, &RulesActivated{On: on(jan31), Rules: domain.PackVersion{Pack: "p", Version: "1", Digest: "d2"}}, "never edited", false},

		{"rules that nobody approved", nil, &RulesActivated{On: on(jan2), Rules: version1}, "0 of 2", false},
		{"rules that one approved", nil, &RulesActivated{On: on(jan2), Rules: version1, Approvals: approved("d1")[:1]}, "1 of 2", false},
		{"rules that were approved before a byte changed", nil, &RulesActivated{On: on(jan2), Rules: version1, Approvals: approved("d0")}, "approved \"d0\"", false},
		{"rules that are not active sent", nil, &RulesDispatched{On: on(jan2), Office: "o", Rules: version1}, "not active", false},
		{"rules that are not active received", nil, &RulesReceived{On: on(jan2), Office: "o", Rules: version1}, "not active", false},
		{"other bytes than the active received", []RegisterEvent{activated}, &RulesReceived{On: on(jan2), Office: "o", Rules: domain.PackVersion{Pack: "p", Version: "1", Digest: "d2"}}, "not active", false},
		{"received by no office", []RegisterEvent{activated}, &RulesReceived{On: on(jan2), Rules: version1}, "office", false},

		{"no day", nil, &SourceConnected{Source: "bank"}, "day", false},
		{"a day to come", nil, &SourceConnected{On: on(today + 1), Source: "bank"}, "future", false},
		{"a post of no office", nil, &PostHeld{On: on(jan2), Post: "intake", Person: "w1"}, "office", false},
		{"a post of nobody", nil, &PostHeld{On: on(jan2), Office: "o", Post: "intake"}, "person", false},
		{"a hand-over to nobody", nil, &PostHandedOver{On: on(jan2), Office: "o", Post: "intake", FromPerson: "w1"}, "person", false},
		{"no source", nil, &SourceConnected{On: on(jan2)}, "source", false},
		{"no source cut off", nil, &SourceDisconnected{On: on(jan2)}, "source", false},
		{"rules without digest", nil, &RulesActivated{On: on(jan2), Rules: domain.PackVersion{Pack: "p", Version: "1"}}, "digest", false},
		{"sent without version", nil, &RulesDispatched{On: on(jan2), Office: "o"}, "rules", false},
		{"received without version", nil, &RulesReceived{On: on(jan2), Office: "o"}, "rules", false},
		{"an event by value", nil, SourceConnected{On: on(jan2), Source: "bank"}, "pointer", false},
		{"no event", nil, nil, "pointer", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			events, err := Note{Event: tt.when, Today: today}.Decide(registered(tt.given...))
			switch {
			case tt.want != "":
				if err == nil || !strings.Contains(err.Error(), tt.want) || !errors.Is(err, domain.ErrInvalid) && !errors.Is(err, domain.ErrRefused) {
					t.Errorf("Decide = %v, %v; want a refusal that says %q", events, err, tt.want)
				}
			case err != nil || tt.none != (len(events) == 0):
				t.Errorf("Decide = %v, %v", events, err)
			}
		})
	}
}

func approved(digest string) []domain.Approval {
	return []domain.Approval{{Person: "a1", Role: "administrator", Digest: digest}, {Person: "r1", Role: "reviewer", Digest: digest}}
}

// TestHistoryOfRules holds that history is taken as claimed, and that a file
// is no way round the second person.
func TestHistoryOfRules(t *testing.T) {
	bare := &RulesActivated{On: on(jan2), Rules: version1}
	for _, tt := range []struct {
		name string
		when Note
		want string
	}{
		{"a claim of the past", Note{Event: bare, Today: jan2, Claimed: true, Imported: today}, ""},
		{"a claim of the day of the import", Note{Event: bare, Today: today, Claimed: true, Imported: today}, "the day of the import"},
		{"a claim with approvals", Note{Event: &RulesActivated{On: on(jan2), Rules: version1, Approvals: approved("d1")}, Today: today, Claimed: true, Imported: today}, ""},
		{"a claim with approvals that are none", Note{Event: &RulesActivated{On: on(jan2), Rules: version1, Approvals: approved("d0")}, Today: jan2, Claimed: true}, "approved \"d0\""},
		{"a claim of a receipt before the activation", Note{Event: &RulesReceived{On: on(jan2), Office: "o", Rules: version1}, Today: jan2, Claimed: true}, ""},
		{"the roles of the pack", Note{Event: &RulesActivated{On: on(jan2), Rules: version1, Approvals: approved("d1")}, Today: today, Quorum: domain.Quorum{Roles: []string{"administrator"}}}, "reviewer"},
	} {
		_, err := tt.when.Decide(&Register{})
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	r := registered(bare, &RulesActivated{On: on(jan31), Rules: domain.PackVersion{Pack: "p", Version: "2", Digest: "d2"}, Approvals: approved("d2")})
	if r.Rules[0].Approvals != nil || len(r.Rules[1].Approvals) != 2 {
		t.Errorf("rules %+v", r.Rules)
	}
}

func TestConnected(t *testing.T) {
	r := registered(
		&SourceConnected{On: on(jan2), Source: "bank"},
		&SourceConnected{On: on(jan31), Source: "bank"}, // out of order of days
		&SourceDisconnected{On: on(jan2 + 10), Source: "bank"},
		&SourceDisconnected{On: on(jan31), Source: "tax"},
		&SourceConnected{On: on(jan31), Source: "tax"}, // the later word on one day
	)
	for _, tt := range []struct {
		source string
		day    domain.Day
		want   bool
	}{
		{"bank", jan2 - 1, false}, {"bank", jan2, true}, {"bank", jan2 + 9, true}, {"bank", jan2 + 10, false},
		{"bank", jan31 - 1, false}, {"bank", jan31, true}, {"tax", jan31, true}, {"insurance", jan31, false},
	} {
		if got := r.Connected(tt.source, tt.day); got != tt.want {
			t.Errorf("%s connected on %s: %v", tt.source, tt.day, got)
		}
	}
}

func TestHolder(t *testing.T) {
	r := registered(
		&PostHeld{On: on(jan2), Office: "o", Post: "intake", Person: "w1", Steps: []string{"survey", "check"}},
		&PostHeld{On: on(jan2), Office: "o", Post: "clerk", Person: "w9", Steps: []string{"notice"}, To: jan31},
		&PostHeld{On: on(jan2), Office: "other", Post: "intake", Person: "x1", Steps: []string{"survey"}},
		&PostHandedOver{On: on(jan31), Office: "o", Post: "intake", FromPerson: "w1", ToPerson: "w2", Listed: true},
	)
	for _, tt := range []struct {
		office, step string
		day          domain.Day
		want         string
	}{
		{"o", "survey", jan2 - 1, ""}, {"o", "survey", jan2, "w1"}, {"o", "survey", jan31 - 1, "w1"},
		{"o", "survey", jan31, "w2"}, {"o", "check", jan31, "w2"}, {"o", "notice", jan31 - 1, "w9"},
		{"o", "notice", jan31, ""}, {"other", "survey", jan31, "x1"}, {"none", "survey", jan31, ""},
	} {
		h, ok := r.Holder(tt.office, tt.step, tt.day)
		if h.Person != tt.want || ok != (tt.want != "") {
			t.Errorf("%s at %s on %s is held by %q, want %q", tt.step, tt.office, tt.day, h.Person, tt.want)
		}
	}
	if h, _ := r.Holder("o", "survey", jan31); !h.Listed {
		t.Error("the list of open matters is lost")
	}
}

func TestRegisterKeepsNotices(t *testing.T) {
	r := registered(&RulesDispatched{On: on(jan2), Office: "o", Rules: version1}, &RulesReceived{On: on(jan31), Office: "o", Rules: version1})
	if len(r.Notices) != 2 || r.Notices[0].Received || !r.Notices[1].Received || r.Notices[1].At.Day != jan31 {
		t.Errorf("notices %+v", r.Notices)
	}
	if m := r.Last[RulesStream]; m.Revision != 1 {
		t.Errorf("last of %s: %+v", RulesStream, m)
	}
}

func TestStreamsOfRegisterEvents(t *testing.T) {
	for _, tt := range []struct {
		event RegisterEvent
		want  string
	}{
		{&PostHeld{Office: "o"}, "register-posts"}, {&PostHandedOver{Office: "o-1"}, "register-posts"},
		{&SourceConnected{}, SourcesStream}, {&SourceDisconnected{}, SourcesStream},
		{&RulesActivated{}, RulesStream}, {&RulesDispatched{}, RulesStream}, {&RulesReceived{}, RulesStream},
	} {
		if got := tt.event.Stream(); got != tt.want {
			t.Errorf("%s goes to %s, want %s", tt.event.EventType(), got, tt.want)
		}
	}
}
