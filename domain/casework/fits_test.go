package casework

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"testing"
)

// TestFitsIsWalk changes sound lines byte by byte, by swapping pieces and by
// putting in what people get wrong: whatever a glance and the decoder take,
// walk finds nothing wrong with, and what is sound is taken.
func TestFitsIsWalk(t *testing.T) {
	sound := []string{
		openedLine,
		`{"case":"C","type":"benefit-paid.v1","data":{"day":"2020-02-10","month":"2020-02","amount":37800}}`,
		`{"case":"C","type":"household-surveyed.v1","claimed":{"at":"2020-01-06T10:00:00+08:00","grade":"B"},"visible":["post:reviewer"],"data":{"day":"2020-01-06","staff":["w1","w2"],"signed":true,"photos":3,"statements":[{"subject":"m1","attribute":"income","value":{"fen":40000}},{"subject":"household","attribute":"area","value":{"code":"rural"}}]}}`,
		` { "case" : "C" , "type" : "application-submitted.v1", "actor":{"person":"w1","office":"o1","post":"p"}, "data" : { "day" : "2020-01-02" , "by" : "m1" } } `,
		`{"type":"rules-activated.v1","data":{"day":"2020-01-02","rules":{"pack":"p","version":"1"}}}`,
	}
	pieces := []string{`"day"`, `"Day"`, `"da\u0079"`, `null`, `{}`, `[]`, `[[]]`, `-1`, `1e9`, `true`, `"x"`, `"x\"y"`, `"2020-01-02"`, `"2020-13-01"`, `{"fen":1,"fen":2}`, `"day":"2020-01-02",`, `,`, ` `, `\`}
	types := fileTypes()
	taken, refused := 0, 0
	judge := func(text []byte) bool {
		text = bytes.TrimSpace(text) // as the parser does
		if _, ok := checkJSON(text); !ok {
			return false
		}
		line := reflect.TypeFor[FileLine]()
		var l FileLine
		quick := fits(text, line) && json.Unmarshal(text, &l) == nil
		if quick && len(walk("", text, 0, line)) > 0 {
			t.Fatalf("taken: %s\n%v", text, walk("", text, 0, line))
		}
		k, known := types[l.Type]
		if !quick || !known || len(l.Data) == 0 || string(l.Data) == "null" {
			return false
		}
		into := reflect.New(k.reads.Elem()).Interface()
		quick = fits(l.Data, k.reads) && json.Unmarshal(l.Data, into) == nil
		if quick && len(walk("data", l.Data, 0, k.reads)) > 0 {
			t.Fatalf("data taken: %s\n%v", text, walk("data", l.Data, 0, k.reads))
		}
		return quick
	}
	for _, text := range sound {
		if !judge([]byte(text)) {
			t.Errorf("not taken: %s", text)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 60_000 {
		text := []byte(sound[r.IntN(len(sound))])
		for range 1 + r.IntN(2) {
			at := r.IntN(len(text))
			end := min(len(text), at+r.IntN(12))
			put := []byte(pieces[r.IntN(len(pieces))])
			if r.IntN(3) == 0 {
				from := r.IntN(len(text))
				put = text[from:min(len(text), from+r.IntN(20))]
			}
			text = append(append(append([]byte{}, text[:at]...), put...), text[end:]...)
		}
		if judge(text) {
			taken++
		} else {
			refused++
		}
	}
	if taken < 50 || refused < 1000 {
		t.Errorf("%d taken, %d refused: the changes show nothing", taken, refused)
	}
}
