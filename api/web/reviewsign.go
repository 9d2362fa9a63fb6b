package web

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"

	"leeway/api"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/names"
	"leeway/domain/review"
)

// besideSigning shows what is to be signed, and asks for the file that came
// back.
func (w *front) besideSigning(v visit, r *review.Review, as casework.Identity, p *reviewStepPage, f *form) error {
	f.Upload = true
	f.Fields = append(f.Fields, field{Name: "_upload", Label: v.say("signature file"), Hint: v.say("hint signature file"), Kind: "file"},
		field{Name: "_file", Label: v.say("signature pasted"), Hint: v.say("hint signature pasted"), Kind: "area"})
	if r.Determination == nil {
		return nil
	}
	st, err := w.d.Reviews.ToSign(v.ctx, as, r.ID)
	if err != nil {
		return err
	}
	text, err := st.Text()
	p.ToSign, p.Statement = strings.Split(strings.TrimSuffix(text, "\n"), "\n"), reviewPath(r.ID)+"/statement"
	p.File = statementName(r.ID)
	return err
}

// statement answers what the caller would sign, to the byte.
func (w *front) statement(v visit) error {
	as, err := w.server.InReview(v, v.Param("review"))
	if err != nil {
		return err
	}
	st, err := w.d.Reviews.ToSign(v.ctx, as, v.Param("review"))
	if err != nil {
		return err
	}
	text, err := st.Text()
	if err == nil {
		err = w.server.Saw(v, domain.Access{Kind: "read", Case: v.Param("review"), Fields: []string{"statement"}})
	}
	if err != nil {
		return err
	}
	v.Response().Header().Set("Content-Disposition", `attachment; filename="`+statementName(v.Param("review"))+`"`)
	return v.Blob(http.StatusOK, "text/plain; charset=utf-8", []byte(text))
}

// statementName is the file name of what is to be signed.
func statementName(id string) string {
	return strings.TrimSuffix(api.ArchiveName(id), ".zip") + ".txt"
}

// mostSignature is more than a file with a signature has.
const mostSignature = 64 << 10

// signedFile puts into a signature what leeway review sign wrote: the file that
// was sent, or its text as it was pasted. Where neither is, key and line were
// typed.
func signedFile(v visit, id string, e *review.Signed, in url.Values) error {
	text := []byte(strings.TrimSpace(in.Get("_file")))
	if head, err := v.FormFile("_upload"); err == nil && head.Size > 0 {
		file, err := head.Open()
		if err != nil {
			return err
		}
		defer file.Close()
		if text, err = io.ReadAll(io.LimitReader(file, mostSignature)); err != nil {
			return err
		}
	}
	if len(text) == 0 {
		return nil
	}
	var sig struct {
		review.Statement
		Key       string `json:"key"`
		Signature string `json:"signature"`
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&sig); err != nil || sig.Review != id {
		return domain.NewFault("signature", "it is no signature of a determination of review %s", "send the file that leeway review sign wrote", id)
	}
	e.Decision, e.Digest, e.Key, e.Signature = sig.Decision, sig.Digest, sig.Key, sig.Signature
	return nil
}

// archive answers the evidence package of a review.
func (w *front) archive(v visit) error {
	b, err := w.server.ArchiveOf(v, v.Param("review"), v.QueryParam("purpose"))
	if err != nil {
		return err
	}
	return api.SendArchive(v, v.Param("review"), b)
}

// A signatureShown is a signature under the determination that counts.
type signatureShown struct {
	review.Signature
	Says, Kind string // what it is worth, and the kind of its tag
}

// signatures are those under the determination that counts, each with what it is
// worth today.
func (x reviewReading) signatures(p *reviewPageData) error {
	if !p.Whole || x.r.Determination == nil {
		return nil
	}
	p.Signable = true
	all, err := x.w.d.Reviews.Signatures(x.ctx, x.as, x.r.ID)
	for _, u := range all {
		if u.Counts {
			kind := cmp.Or(map[string]string{domain.SignatureSigned: "good", domain.SignatureFalse: "bad"}[u.Worth], "warn")
			p.Signatures = append(p.Signatures, signatureShown{u.Signature, x.say("worth " + cmp.Or(u.Worth, domain.SignatureUnknown)), kind})
		}
	}
	return err
}

// purposes are what a package may be wanted for; that of the caller's role is
// chosen.
func (x reviewReading) purposes() []option {
	var list []option
	for _, code := range domain.SearchPurposes() {
		list = append(list, option{Value: code, Label: names.Of("purpose", code).In(x.lang), On: code == "review" && x.as.Role.Discipline() || code == "audit" && x.as.Role == review.Auditor})
	}
	return list
}
