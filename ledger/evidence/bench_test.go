package evidence

import (
	"fmt"
	"strings"
	"testing"

	"leeway/domain"
	"leeway/domain/casework"
)

// BenchmarkVerifyPackage verifies the package of a case of about 200 events
// with one replay: zip, hashes, proofs, the replay run again; with the pack
// compiled anew each time, as one call of the command does, and compiled once,
// as in a process that verifies many.
func BenchmarkVerifyPackage(b *testing.B) {
	h := newHouse(b)
	var lines strings.Builder
	lines.WriteString(`{"leeway":"case-file.v1","grade":"A","actor":{"person":"p","office":"o","post":"q"}}` + "\n")
	lines.WriteString(`{"case":"LONG","type":"case-opened.v1","data":{"day":"2020-01-02","programme":"dibao","pack":"cn-hb-qianjiang","office":"o1","applicant":"m1","members":[{"id":"m1","relation":"self"}]}}` + "\n")
	for i := range 190 {
		fmt.Fprintf(&lines, `{"case":"LONG","type":"complaint-received.v1","data":{"day":"2020-01-%02d","text":{"subject":"m1","text":"x%d"}}}`+"\n", 3+i/10, i)
	}
	file, err := casework.ReadCaseFile(strings.NewReader(lines.String()), h.desk.Rules, domain.Date(2026, 11, 24))
	if err == nil {
		_, err = h.desk.Import(b.Context(), file, func(casework.Progress) {})
	}
	if err == nil {
		_, err = h.desk.ReplayCase(b.Context(), casework.Request{Actor: domain.Actor{Person: "p", Office: "o", Post: "q"}}, "LONG", casework.ReplayOptions{AsOf: domain.Date(2020, 12, 31), Keep: true})
	}
	if err == nil {
		_, err = h.log.SealNow(b.Context())
	}
	if err != nil {
		b.Fatal(err)
	}
	p, r, err := Source{h.store, h.log, h.packs, engine}.Export(b.Context(), OfCase, "LONG")
	if err != nil {
		b.Fatal(err)
	}
	for name, kept := range map[string]*Compiled{"packs=anew": nil, "packs=once": new(Compiled)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(p)))
			for b.Loop() {
				if _, err := Verify(b.Context(), p, Options{Policy: h.log.Policy(), Engine: engine, Compiled: kept}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(r.Events)), "events")
		})
	}
}
