package api

import (
	"io/fs"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"leeway/api/contract"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
	"leeway/domain/names"
	"leeway/policies"
)

// Folders are where packs stand and where sealed drafts go.
type Folders interface {
	// Bases are the folders of packs beside those that come with the program.
	Bases() []fs.FS
	// Install puts the files of a version among the packs at hand. A version
	// that is there already is an error that wraps domain.ErrRefused.
	Install(pack, version string, files map[string]string) error
}

// packJSON is a sealed version at hand.
type packJSON struct {
	domain.PackVersion
	Title      domain.Text         `json:"title"`
	Authority  domain.Text         `json:"authority"`
	Reason     domain.Text         `json:"reason"`
	Programmes []programmeJSON     `json:"programmes"`
	Require    int                 `json:"require"`
	Roles      []string            `json:"roles"`
	Synthetic  bool                `json:"synthetic"`
	Supersedes string              `json:"supersedes,omitempty"`
	Corrects   string              `json:"corrects,omitempty"`
	Extends    *domain.PackVersion `json:"extends,omitempty"`
}

type programmeJSON struct {
	ID    string      `json:"id"`
	Title domain.Text `json:"title"`
}

func (h handlers) pack(v domain.PackVersion) (packJSON, error) {
	info, err := h.d.Packs.Info(v)
	if err != nil {
		return packJSON{}, err
	}
	p := packJSON{PackVersion: info.ID, Title: info.Title, Authority: info.Authority, Reason: info.Reason, Programmes: []programmeJSON{}, Require: info.Approvals,
		Roles: append([]string{}, info.Roles...), Synthetic: info.Synthetic, Supersedes: info.Supersedes, Corrects: info.Corrects}
	for _, x := range info.Programmes {
		p.Programmes = append(p.Programmes, programmeJSON{x.ID, x.Title})
	}
	if info.Extends.Pack != "" {
		p.Extends = &info.Extends
	}
	return p, nil
}

// ListPacks answers the sealed packs at hand.
func (h handlers) ListPacks(c echo.Context) error {
	rows := []packJSON{}
	for _, v := range h.d.Packs.Versions() {
		p, err := h.pack(v)
		if err != nil {
			return err
		}
		rows = append(rows, p)
	}
	return list(c, rows, "")
}

// named is a version at hand. One that is not is not found: nobody asked for a
// replay that needs it.
func (h handlers) named(pack, version string) (domain.PackVersion, error) {
	v, err := h.d.Packs.Resolve(pack, version)
	if err != nil {
		return v, domain.Deny(domain.ErrNotFound, "there is no pack %s@%s", "see %[3]s for those at hand", pack, version, Base+"/packs")
	}
	return v, nil
}

// GetPack answers a sealed version.
func (h handlers) GetPack(c echo.Context, pack contract.PathPack, version contract.PathVersion) error {
	v, err := h.named(pack, version)
	if err != nil {
		return err
	}
	p, err := h.pack(v)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, p)
}

// bases are the folders in which the base of an overlay may stand.
func (h handlers) bases() []fs.FS {
	if h.d.Folders == nil {
		return nil
	}
	return h.d.Folders.Bases()
}

// DiffPack answers what a version means otherwise than another one.
func (h handlers) DiffPack(c echo.Context, pack contract.PathPack, version contract.PathVersion, p contract.DiffPackParams) error {
	before, err := h.files(pack, p.Base)
	if err != nil {
		return err
	}
	after, err := h.files(pack, version)
	if err != nil {
		return err
	}
	d, err := policies.Diff(before, after, h.bases()...)
	if err != nil {
		return err
	}
	d.Changes = append([]policies.Change{}, d.Changes...)
	return c.JSON(http.StatusOK, d)
}

func (h handlers) files(pack, version string) (fs.FS, error) {
	v, err := h.named(pack, version)
	if err != nil {
		return nil, err
	}
	return h.d.Packs.Files(v)
}

// draftJSON is what check and tests say of a draft.
type draftJSON struct {
	OK        bool          `json:"ok"`
	Pack      string        `json:"pack,omitempty"`
	Version   string        `json:"version,omitempty"`
	Digest    string        `json:"digest,omitempty"`
	Problems  []packProblem `json:"problems"`
	Tests     int           `json:"tests"`
	Failed    []failedJSON  `json:"failed"`
	Uncovered []string      `json:"uncovered"`
	Assumed   []string      `json:"assumed"`
}

type packProblem struct {
	File  string `json:"file"`
	Line  int    `json:"line,omitempty"`
	Wrong string `json:"wrong"`
	Mend  string `json:"mend"`
}

type failedJSON struct {
	File  string   `json:"file"`
	Line  int      `json:"line,omitempty"`
	Name  string   `json:"name"`
	Wrong []string `json:"wrong"`
}

// examined is what check and tests say of the files of a version, in the
// caller's language.
func (h handlers) examined(files fs.FS, lang string) draftJSON {
	probs := policies.Check(files, h.bases()...)
	r := policies.Test(files, h.bases()...)
	out := draftJSON{OK: len(probs) == 0 && r.OK(), Pack: r.ID.Pack, Version: r.ID.Version, Digest: r.ID.Digest, Problems: []packProblem{}, Tests: len(r.Cases), Failed: []failedJSON{},
		Uncovered: append([]string{}, r.Uncovered()...), Assumed: []string{}}
	origins, _ := policies.Origins(files, h.bases()...) // its problems are those of the check
	for _, o := range origins {
		if line := o.Kind + " " + o.ID + ": " + o.Cite.Assumed.In(lang); o.Cite.Origin == domain.ToVerify && !slices.Contains(out.Assumed, line) {
			out.Assumed = append(out.Assumed, line)
		}
	}
	all := slices.Clone(probs)
	for _, x := range r.Problems {
		if !slices.ContainsFunc(all, func(p policies.Problem) bool { return p.String() == x.String() }) {
			all = append(all, x)
		}
	}
	for _, x := range all {
		out.Problems = append(out.Problems, packProblem{x.File, x.Line, names.Say(x.What, lang), names.Say(x.Instead, lang)})
	}
	for _, x := range r.Cases {
		if len(x.Wrong) > 0 {
			f := failedJSON{File: x.File, Line: x.Line, Name: x.Name}
			for _, w := range x.Wrong {
				f.Wrong = append(f.Wrong, names.Say(w, lang))
			}
			out.Failed = append(out.Failed, f)
		}
	}
	return out
}

// TestPack checks a version at hand and runs its tests.
func (h handlers) TestPack(c echo.Context, pack contract.PathPack, version contract.PathVersion) error {
	files, err := h.files(pack, version)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, h.examined(files, h.language(c)))
}

// ListApprovals answers whose word a version has, and whose it needs.
func (h handlers) ListApprovals(c echo.Context, pack contract.PathPack, version contract.PathVersion) error {
	v, err := h.named(pack, version)
	if err != nil {
		return err
	}
	rows, err := h.d.Cases.Approvals(c.Request().Context(), v)
	if err != nil {
		return err
	}
	authors, err := h.d.Cases.Authors(c.Request().Context(), v)
	if err != nil {
		return err
	}
	info, err := h.d.Packs.Info(v)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, struct {
		Rows    []domain.Approval `json:"rows"`
		Require int               `json:"require"`
		Roles   []string          `json:"roles"`
		Authors []string          `json:"authors"`
	}{rows, max(2, info.Approvals), append([]string{}, info.Roles...), authors})
}

// ApprovePack gives the caller's word for the exact bytes of a version.
func (h handlers) ApprovePack(c echo.Context, p contract.ApprovePackParams) error {
	var want struct {
		domain.PackVersion
		Role string `json:"role"`
	}
	if err := body(c, &want); err != nil {
		return err
	}
	if _, err := h.named(want.Pack, want.Version); err != nil {
		return err
	}
	r, err := h.d.Cases.Approve(c.Request().Context(), casework.Request{Command: commandID(c, p.IdempotencyKey), Actor: who(c).Actor}, casework.RulesApproved{Rules: want.PackVersion, Role: want.Role})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, receipt(r))
}

// ActivatePack publishes a version with the approvals on record.
func (h handlers) ActivatePack(c echo.Context, p contract.ActivatePackParams) error {
	var want struct {
		domain.PackVersion
		Day *string `json:"day"`
	}
	if err := body(c, &want); err != nil {
		return err
	}
	on, err := day("day", want.Day)
	if err != nil {
		return err
	}
	if on == 0 {
		on = h.today()
	}
	v, err := h.named(want.Pack, want.Version)
	if err != nil {
		return err
	}
	if v.Digest != want.Digest {
		return domain.NewFault("digest", "the version at hand has the digest %s", "look at the version that is at hand", v.Digest)
	}
	info, err := h.d.Packs.Info(v)
	if err != nil {
		return err
	}
	r, err := h.d.Cases.Activate(c.Request().Context(), casework.Request{Command: commandID(c, p.IdempotencyKey), Actor: who(c).Actor}, v, info.Corrects, on)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, receipt(r))
}

// GetRegister answers the registers of the city.
func (h handlers) GetRegister(c echo.Context) error {
	r, err := h.d.Cases.Register(c.Request().Context())
	if err != nil {
		return err
	}
	out := registerJSON{Posts: []postJSON{}, Sources: []sourceJSON{}, Rules: []activationJSON{}, Notices: []noticeJSON{}}
	for _, x := range r.Posts {
		out.Posts = append(out.Posts, postJSON{x.Office, x.Post, x.Person, append([]string{}, x.Steps...), x.From, x.To, append([]string{}, x.Serves...)})
	}
	for _, x := range r.Sources {
		out.Sources = append(out.Sources, sourceJSON{x.Source, x.On, x.From})
	}
	for _, x := range r.Rules {
		out.Rules = append(out.Rules, activationJSON{x.Rules, x.At.Day, x.Corrects, append([]domain.Approval{}, x.Approvals...)})
	}
	for _, x := range r.Notices {
		out.Notices = append(out.Notices, noticeJSON{x.Office, x.Rules, x.Received, x.At.Day})
	}
	return c.JSON(http.StatusOK, out)
}

type registerJSON struct {
	Posts   []postJSON       `json:"posts"`
	Sources []sourceJSON     `json:"sources"`
	Rules   []activationJSON `json:"rules"`
	Notices []noticeJSON     `json:"notices"`
}

type postJSON struct {
	Office string     `json:"office"`
	Post   string     `json:"post"`
	Person string     `json:"person"`
	Steps  []string   `json:"steps"`
	From   domain.Day `json:"from"`
	To     domain.Day `json:"to,omitzero"`
	Serves []string   `json:"serves"`
}

type sourceJSON struct {
	Source string     `json:"source"`
	On     bool       `json:"connected"`
	From   domain.Day `json:"from"`
}

type activationJSON struct {
	Rules     domain.PackVersion `json:"rules"`
	Day       domain.Day         `json:"day"`
	Corrects  string             `json:"corrects,omitempty"`
	Approvals []domain.Approval  `json:"approvals"`
}

type noticeJSON struct {
	Office   string             `json:"office"`
	Rules    domain.PackVersion `json:"rules"`
	Received bool               `json:"received"`
	Day      domain.Day         `json:"day"`
}

// RecordRegisterStep puts something about posts, sources or the way of rules on
// record. Publishing has a route of its own, with the approvals on record.
func (h handlers) RecordRegisterStep(c echo.Context, p contract.RecordRegisterStepParams) error {
	caller := who(c)
	var step stepJSON
	if err := body(c, &step); err != nil {
		return err
	}
	e, err := eligibility.DecodeRegister(step.Type, step.fields())
	if err != nil {
		return badStep(err, step.Type, registerTypes)
	}
	switch x := e.(type) {
	case *eligibility.RulesActivated:
		return domain.NewFault("type", "rules are published at %s", "post it there", Base+"/activations")
	case *eligibility.RulesReceived:
		if !caller.Has(Approver, Admin) && !caller.reaches(x.Office) {
			return domain.NewFault("data.office", "%q is not the caller's office", "record the receipt of your own office", x.Office)
		}
	case *eligibility.RulesDispatched:
		if !caller.Has(Approver) {
			return errDenied
		}
	default:
		if !caller.Has(County, Admin) {
			return errDenied
		}
	}
	r, err := h.d.Cases.Note(c.Request().Context(), casework.Request{Command: commandID(c, p.IdempotencyKey), Actor: caller.Actor, Visible: step.Visible}, e)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, receipt(r))
}
