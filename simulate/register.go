package simulate

import (
	"encoding/json"
	"fmt"
	"io"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
)

// sources are what the city's checks ask. The death register is not connected.
var sources = []string{"bank", "social-security", "tax", "real-estate", "vehicle", "business"}

// lagOffice is where the notice of a raised standard arrives late.
const lagOffice = offices

// worker is who holds a post of an office: fewer people than posts, as it is.
func worker(office, post int) string { return fmt.Sprintf("w%02d", (office+7*post)%workers+1) }

func officeID(n int) string { return fmt.Sprintf("t%02d", n) }

// The posts of an office.
const (
	intake = iota
	survey
	opinion
)

var posts = []struct {
	post  string
	steps []string
}{
	intake:  {"intake", []string{"acceptance", "check"}},
	survey:  {"survey", []string{"survey", "recheck"}},
	opinion: {"opinion", []string{"evaluation", "opinion", "notice", "submission"}},
}

// register writes sources, posts and rules. The days on which rules were
// activated, sent and received are made up.
func (g *generator) register(out io.Writer) error {
	if err := line(out, casework.FileHeader{
		Leeway: casework.FileFormat, Title: domain.Text{ZH: "登记簿（模拟）", EN: "Registers (simulated)"}, Grade: domain.GradeA,
		Actor: domain.Actor{Person: "a1", Office: "bureau", Post: "registry"},
	}); err != nil {
		return err
	}
	long := domain.Date(2019, 1, 1)
	var events []eligibility.RegisterEvent
	for _, s := range sources {
		events = append(events, &eligibility.SourceConnected{On: on(long), Source: s})
	}
	for o := 1; o <= offices; o++ {
		for i, p := range posts {
			events = append(events, &eligibility.PostHeld{On: on(long), Office: officeID(o), Post: p.post, Person: worker(o, i), Steps: p.steps})
		}
	}
	for _, p := range []struct{ office, post, person, step string }{
		{"bureau", "approval", "b1", "decision"}, {"bureau", "payment", "b2", "payment_approval"}, {"bureau", "inspection", "i1", "spot_check"}, {"finance", "payout", "f1", "payment"},
	} {
		events = append(events, &eligibility.PostHeld{On: on(long), Office: p.office, Post: p.post, Person: p.person, Steps: []string{p.step}, Serves: []string{"*"}})
	}
	rules := func(day domain.Day, pack, version string) {
		events = append(events, &eligibility.RulesActivated{On: on(day), Rules: domain.PackVersion{Pack: pack, Version: version}})
	}
	rules(domain.Date(2019, 11, 1), "cn-hb-qianjiang", "2020.1")
	rules(domain.Date(2019, 11, 1), "test-only", "1")
	rules(domain.Date(2020, 2, 10), "cn-hb-qianjiang", "2020.2")
	rules(domain.Date(2020, 6, 15), "test-only", "2")
	late := domain.PackVersion{Pack: "test-only", Version: "2"}
	events = append(events, &eligibility.RulesDispatched{On: on(domain.Date(2020, 6, 15)), Office: officeID(lagOffice), Rules: late},
		&eligibility.RulesReceived{On: on(domain.Date(2020, 8, 20)), Office: officeID(lagOffice), Rules: late})
	for o := 3; o <= offices; o += 7 {
		events = append(events, &eligibility.PostHandedOver{On: on(domain.Date(2020, 9, 1)), Office: officeID(o), Post: "survey", FromPerson: worker(o, survey), ToPerson: worker(o+1, survey), Listed: true})
	}
	rules(domain.Date(2020, 12, 20), "test-only", "3")
	rules(domain.Date(2020, 12, 28), "cn-hb-qianjiang", "2021.1")
	for _, e := range events {
		data, err := json.Marshal(e)
		if err != nil {
			return err
		}
		if err := line(out, casework.FileLine{Type: e.EventType(), Data: data}); err != nil {
			return err
		}
		g.totals.Events++
	}
	return nil
}

func on(d domain.Day) eligibility.On { return eligibility.On{Day: d} }
