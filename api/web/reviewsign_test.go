package web

import (
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/review"
	"leeway/eventstore"
	"leeway/ledger"
)

// determined puts a review on record that has been determined by r1 and h1, past
// everything that comes before.
func (s *city) determined(id string) {
	s.t.Helper()
	stream := casework.ReviewStream(id)
	for i, e := range []review.Event{
		&review.Opened{Route: review.ExOfficio, Organ: "commission",
			Matters: []review.Matter{{ID: "m1", Case: "F2", Day: domain.Date(2020, 6, 23), From: domain.MonthOf(2020, 7), To: domain.MonthOf(2020, 7)}},
			Parties: []review.Party{{Person: "w3", Office: "zhugentan", Post: "opinion", Matters: []string{"m1"}, Informed: domain.Date(2022, 1, 3)}}},
		&review.Accepted{Reviewers: []string{"r1", "r2"}},
		&review.Determined{Collective: review.Collective{Members: []review.Member{{Person: "r1", Office: "commission"}, {Person: "h1", Office: "commission"}}, For: 2, Minutes: "纪要 1 号"}},
	} {
		review.Act(e, review.Reviewer, domain.Date(2022, 1, 4))
		key := "019e0000-0000-7000-8000-00000000000" + strconv.Itoa(i)
		clear, err := domain.Canonical(e)
		if err != nil {
			s.t.Fatal(err)
		}
		env := domain.Envelope{Suite: domain.Suite, Clear: clear, Meta: domain.Meta{ID: key, Command: key, Type: e.EventType(), Stream: stream, Revision: int64(i),
			RecordedAt: domain.At(domain.Date(2022, 1, 4).Start()), Actor: domain.Actor{Person: "r1", Office: "commission", Post: "inspector"}}}
		data, err := env.Encode()
		if err == nil {
			_, err = s.store.Append(s.t.Context(), eventstore.Batch{Stream: stream, Expected: int64(i) - 1, Command: key, Events: []eventstore.Event{{ID: key, Type: env.Type, Data: data}}})
		}
		if err != nil {
			s.t.Fatal(err)
		}
	}
}

var (
	preText     = regexp.MustCompile(`(?s)<pre>(leeway determination v1.*?)</pre>`)
	hiddenField = regexp.MustCompile(`<input type="hidden" name="([a-z_]+)" value="([^"]*)">`)
)

// TestSigningOnThePage: the head takes the text that the page shows, signs it
// elsewhere, and sends the file; what was altered is refused and says so, and the
// page shows who signed with what the signature is worth.
func TestSigningOnThePage(t *testing.T) {
	s := newCity(t)
	s.determined("T1")
	h1, page := s.as("h1"), "/reviews/T1/steps/review-signed.v1"
	shows(t, "not signed", h1.get("/reviews/T1"), 200, "尚无人签名", page)
	form := h1.get(page)
	shows(t, "form", form, 200, "私钥不进入本系统", `type="file"`, "leeway review sign review-T1.txt")
	shown := preText.FindStringSubmatch(form.Body.String())
	taken := h1.get("/reviews/T1/statement")
	if shown == nil || html.UnescapeString(shown[1]) != taken.Body.String() || !strings.Contains(taken.Header().Get("Content-Disposition"), "review-T1.txt") {
		t.Fatalf("the page shows %q, the file is %q", shown, taken.Body)
	}
	key, err := ledger.CreateKeySM2(filepath.Join(t.TempDir(), "h1.key"), "h1")
	if err != nil {
		t.Fatal(err)
	}
	line, err := ledger.SignText(key.Signer, taken.Body.String())
	if err != nil {
		t.Fatal(err)
	}
	st, err := review.ParseStatement(taken.Body.String())
	if err != nil {
		t.Fatal(err)
	}
	file := func(st review.Statement, line string) string {
		b, err := json.Marshal(struct {
			review.Statement
			Key       string `json:"key"`
			Signature string `json:"signature"`
		}{st, key.Public, line})
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	var typed []string
	for _, m := range hiddenField.FindAllStringSubmatch(form.Body.String(), -1) {
		typed = append(typed, m[1], html.UnescapeString(m[2]))
	}
	typed = append(typed, "day", "2022-01-04")

	elsewhere := st
	elsewhere.Review = "T2"
	forged := st
	forged.Digest = strings.Repeat("0", 64)
	for name, text := range map[string]string{"a line that was altered": file(st, line[:len(line)-8]+"AAAAAAAA"), "another digest": file(forged, line)} {
		shows(t, name, h1.send(page, "_upload", text, typed...), 422, "h1 的签名与本认定不符", "签名由作出认定的人以本人的密钥作出")
	}
	for name, text := range map[string]string{"of another review": file(elsewhere, line), "no file of a signature": "x"} {
		shows(t, name, h1.send(page, "_upload", text, typed...), 422, "不是核查 T1 认定书的签名文件")
	}
	shows(t, "nothing at all", h1.send(page, "", "", typed...), 422, "公钥")
	s.keys = map[string][]string{"h1": {"h1+another"}}
	shows(t, "a key that is not registered", h1.send(page, "_upload", file(st, line), typed...), 422, "这把公钥没有登记")
	s.keys = nil
	// Pasted, it is the same.
	if got := h1.send(page, "", "", append(typed, "_file", file(st, line))...); got.Code != http.StatusSeeOther {
		t.Fatalf("signing: %d %s", got.Code, got.Body)
	}
	shows(t, "by a key of nobody", h1.get("/reviews/T1"), 200, "签名有效，公钥未登记", st.Digest, "h1&#43;")
	s.keys = map[string][]string{"h1": {key.Public}}
	got := h1.get("/reviews/T1")
	shows(t, "registered since", got, 200, `<span class="tag good">签名有效</span>`)
	sound(t, "signed", got)
	sound(t, "form", h1.get(page+"?lang=en"))
	shows(t, "the paper", h1.get("/papers/determination?review=T1"), 200, "签名", st.Digest)
	for _, who := range []string{"w3", "u1", "b1"} {
		if got := s.as(who).get("/reviews/T1/statement"); got.Code != http.StatusForbidden {
			t.Errorf("%s takes the text: %d", who, got.Code)
		}
	}
	if body := s.as("w3").get("/reviews/T1").Body.String(); strings.Contains(body, "h1&#43;") {
		t.Error("who is reviewed sees who signed")
	}
}

// TestPackageOnThePage: who may takes the package for a purpose, which is on
// record first; a package that lacks the newest step is not given.
func TestPackageOnThePage(t *testing.T) {
	s := newCity(t)
	s.determined("T1")
	s.sealed = 1
	r1 := s.as("r1")
	shows(t, "button", r1.get("/reviews/T1"), 200, `action="/reviews/T1/package"`, `<option value="review" selected>`)
	shows(t, "not sealed yet", r1.get("/reviews/T1/package?purpose=review"), 404, "尚未封存")
	s.sealed = 2
	shows(t, "no purpose", r1.get("/reviews/T1/package?purpose="+url.QueryEscape("看看")), 400, "不是导出的用途")
	exported := func() bool {
		return slices.ContainsFunc(s.accesses(), func(a domain.Access) bool {
			return a.Kind == "export" && a.Case == "F2" && a.Purpose == "remedy" && slices.Equal(a.Fields, []string{"package of review T1"})
		})
	}
	if exported() {
		t.Error("an export is on record before there was one")
	}
	got := r1.get("/reviews/T1/package?purpose=remedy")
	if got.Code != http.StatusOK || got.Body.String() != "PK of 2" || got.Header().Get("Content-Type") != "application/zip" || !strings.Contains(got.Header().Get("Content-Disposition"), "review-T1.zip") || !exported() {
		t.Errorf("package: %d %v %s, on record %v", got.Code, got.Header(), got.Body, exported())
	}
	for _, who := range []string{"w3", "b1", "p1", "x1"} {
		if got := s.as(who).get("/reviews/T1/package?purpose=remedy"); got.Code != http.StatusForbidden {
			t.Errorf("%s takes the package: %d", who, got.Code)
		}
	}
	if strings.Contains(s.as("w3").get("/reviews/T1").Body.String(), "/package") {
		t.Error("who may not take it is offered the package")
	}
	shows(t, "one that is not there", r1.get("/reviews/T9/package?purpose=review"), 404)
}
