package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"

	"github.com/labstack/echo/v4"

	"leeway/api/contract"
	"leeway/bulk"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/policies"
	"leeway/policies/drafts"
)

// A DraftRequest asks for a draft of a version. At most one of From, Extends and
// Files says what it begins with; none: a skeleton.
type DraftRequest struct {
	Pack    string            `json:"pack"`
	Version string            `json:"version"`
	From    *VersionName      `json:"from"`
	Extends *VersionName      `json:"extends"`
	Files   map[string]string `json:"files"`
}

// A VersionName names a version at hand.
type VersionName struct {
	Pack    string `json:"pack"`
	Version string `json:"version"`
}

// Drafts is the shelf of drafts; an error says that this server has none.
func (s *Server) Drafts() (*drafts.Shelf, error) {
	if s.d.Drafts == nil || s.d.Folders == nil {
		return nil, domain.Deny(domain.ErrRefused, "this server takes no packs in", "put them into its folder of packs")
	}
	return s.d.Drafts, nil
}

// draftID is how the shelf calls the draft of a version.
func draftID(pack, version string) string { return pack + "@" + version }

// BeginDraft opens a draft of the caller's.
func (s *Server) BeginDraft(caller Caller, want DraftRequest) (drafts.Draft, error) {
	shelf, err := s.Drafts()
	if err != nil {
		return drafts.Draft{}, err
	}
	if _, err := s.d.Packs.Resolve(want.Pack, want.Version); err == nil {
		return drafts.Draft{}, domain.Deny(domain.ErrRefused, "%s@%s is at hand already", "give the draft a version of its own", want.Pack, want.Version)
	}
	texts, base, err := s.beginning(want)
	if err != nil {
		return drafts.Draft{}, err
	}
	return shelf.Open(want.Pack, want.Version, base, texts, caller.Actor.Person, domain.At(s.d.Now()))
}

// beginning are the files that a draft begins with, and what it is compared with.
func (s *Server) beginning(want DraftRequest) (texts map[string]string, base domain.PackVersion, err error) {
	h := handlers{s}
	var files map[string][]byte
	switch {
	case want.From != nil && want.Extends != nil || want.Files != nil && (want.From != nil || want.Extends != nil):
		return nil, base, domain.NewFault("from", "it begins with two things", "give one of from, extends and files")
	case want.From != nil:
		if base, err = h.named(want.From.Pack, want.From.Version); err == nil {
			var from fs.FS
			if from, err = s.d.Packs.Files(base); err == nil {
				files, err = policies.Next(from, want.Pack, want.Version)
			}
		}
	case want.Extends != nil:
		if base, err = h.named(want.Extends.Pack, want.Extends.Version); err == nil {
			files, err = s.d.Packs.OverlaySkeleton(want.Pack, want.Version, base)
		}
	case want.Files != nil:
		return want.Files, base, nil
	default:
		files, err = policies.Skeleton(want.Pack, want.Version)
	}
	texts = map[string]string{}
	for name, text := range files {
		texts[name] = string(text)
	}
	return texts, base, err
}

// Seal makes a version of the caller's own draft, which must check clean and
// pass its tests: who wrote it goes on record first, so that nobody of them can
// approve it. Command is the id of the record; none: a new one.
func (s *Server) Seal(ctx context.Context, caller Caller, id string, seen int, command string) (domain.PackVersion, error) {
	shelf, err := s.Drafts()
	if err != nil {
		return domain.PackVersion{}, err
	}
	d, err := shelf.Seal(id, seen, caller.Actor.Person, func(d drafts.Draft) (domain.PackVersion, error) {
		sealed, err := policies.Seal(d.FS(), s.d.Folders.Bases()...)
		if err != nil {
			return sealed.ID, unfit(err)
		}
		if named := draftID(sealed.ID.Pack, sealed.ID.Version); named != id {
			return sealed.ID, domain.Deny(domain.ErrRefused, "its pack.yaml says %s, and the draft is of %s", "write pack and version of the draft into pack.yaml, or open a draft of the other version", named, id)
		}
		at, err := s.d.Packs.Resolve(sealed.ID.Pack, sealed.ID.Version)
		if err == nil && at != sealed.ID {
			return sealed.ID, domain.Deny(domain.ErrRefused, "%s@%s is at hand with other bytes", "give the draft a version of its own", sealed.ID.Pack, sealed.ID.Version)
		}
		known := err == nil
		if _, err := s.d.Cases.Sealed(ctx, casework.Request{Command: command, Actor: caller.Actor}, casework.RulesSealed{Rules: sealed.ID, Authors: d.Authors}); err != nil {
			return sealed.ID, err
		}
		if known { // a server that was stopped in between had come as far as this
			return sealed.ID, nil
		}
		if err := s.d.Folders.Install(sealed.ID.Pack, sealed.ID.Version, d.Texts); err != nil {
			return sealed.ID, err
		}
		return s.d.Packs.Open(d.FS())
	})
	if err != nil {
		return domain.PackVersion{}, err
	}
	s.d.Log.Info("pack sealed", "request", RequestID(ctx), "person", caller.Actor.Person, "pack", d.Sealed.Pack, "version", d.Sealed.Version, "digest", d.Sealed.Digest)
	return d.Sealed, nil
}

// unfit says that a draft cannot be used as it is; what is wrong with it stays
// in the error, for the list in the answer.
func unfit(err error) error {
	var probs policies.Problems
	var failed *policies.TestsFailed
	switch {
	case errors.As(err, &probs):
		return fmt.Errorf("%w: %w", domain.Deny(domain.ErrRefused, "%d mistakes", "mend what is listed, and check the draft again", len(probs)), err)
	case errors.As(err, &failed):
		return fmt.Errorf("%w: %w", domain.Deny(domain.ErrRefused, "%d tests fail", "mend what is listed, and check the draft again", failed.Report.Failed()), err)
	}
	return err
}

// answered answers a draft with its ETag.
func answered(c echo.Context, status int, d drafts.Draft) error {
	c.Response().Header().Set("ETag", tag(d.Revision))
	return c.JSON(status, d)
}

// got is a draft of the path.
func (h handlers) got(pack, version string) (drafts.Draft, error) {
	shelf, err := h.Drafts()
	if err != nil {
		return drafts.Draft{}, err
	}
	return shelf.Get(draftID(pack, version))
}

// seen is the revision that If-Match says. A draft is never written over by who
// did not look at it.
func (h handlers) seen(header *string) (int, error) {
	n, ok, err := seenTag(header)
	if err == nil && !ok {
		err = domain.NewFault("If-Match", "it is missing", "send the ETag that you saw, to the letter")
	}
	return n, err
}

// ListDrafts answers the drafts of this server.
func (h handlers) ListDrafts(c echo.Context) error {
	shelf, err := h.Drafts()
	if err != nil {
		return err
	}
	rows, err := shelf.List()
	if err != nil {
		h.d.Log.Error("a draft cannot be read", "request", RequestID(c.Request().Context()), "error", err.Error())
	}
	return list(c, rows, "")
}

// OpenDraft opens a draft of the caller's.
func (h handlers) OpenDraft(c echo.Context) error {
	var want DraftRequest
	if err := body(c, &want); err != nil {
		return err
	}
	d, err := h.BeginDraft(who(c), want)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Location", Base+"/drafts/"+d.Pack+"/"+d.Version)
	return answered(c, http.StatusCreated, d)
}

// GetDraft answers what is known of a draft.
func (h handlers) GetDraft(c echo.Context, pack contract.PathPack, version contract.PathVersion) error {
	d, err := h.got(pack, version)
	if err != nil {
		return err
	}
	return answered(c, http.StatusOK, d)
}

// GetDraftFiles answers the files of a draft.
func (h handlers) GetDraftFiles(c echo.Context, pack contract.PathPack, version contract.PathVersion) error {
	d, err := h.got(pack, version)
	if err != nil {
		return err
	}
	c.Response().Header().Set("ETag", tag(d.Revision))
	return c.JSON(http.StatusOK, map[string]any{"files": d.Texts})
}

// ChangeDraft writes files of a draft, or takes them out.
func (h handlers) ChangeDraft(c echo.Context, pack contract.PathPack, version contract.PathVersion, p contract.ChangeDraftParams) error {
	var sent struct {
		Files map[string]*string `json:"files"`
	}
	if err := body(c, &sent); err != nil {
		return err
	}
	return h.changed(c, p.IfMatch, func(shelf *drafts.Shelf, seen int, now domain.Instant) (drafts.Draft, error) {
		return shelf.Change(draftID(pack, version), seen, sent.Files, who(c).Actor.Person, now)
	})
}

// changed answers a draft after a change.
func (h handlers) changed(c echo.Context, match *string, change func(*drafts.Shelf, int, domain.Instant) (drafts.Draft, error)) error {
	shelf, err := h.Drafts()
	if err != nil {
		return err
	}
	seen, err := h.seen(match)
	if err != nil {
		return err
	}
	d, err := change(shelf, seen, domain.At(h.d.Now()))
	if err != nil {
		return err
	}
	return answered(c, http.StatusOK, d)
}

const mimeZIP = "application/zip"

// GetDraftArchive answers the folder of a draft as one file.
func (h handlers) GetDraftArchive(c echo.Context, pack contract.PathPack, version contract.PathVersion) error {
	d, err := h.got(pack, version)
	if err != nil {
		return err
	}
	packed, err := d.Zip()
	if err != nil {
		return err
	}
	c.Response().Header().Set("ETag", tag(d.Revision))
	c.Response().Header().Set("Content-Disposition", `attachment; filename="`+d.Pack+"-"+d.Version+`.zip"`)
	return c.Blob(http.StatusOK, mimeZIP, packed)
}

// SendDraftArchive makes the folder in a zip the whole of a draft.
func (h handlers) SendDraftArchive(c echo.Context, pack contract.PathPack, version contract.PathVersion, p contract.SendDraftArchiveParams) error {
	if kind, _, err := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType)); err != nil || kind != mimeZIP {
		return errMediaType
	}
	packed, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return fmt.Errorf("%w: %w", errUnread, err)
	}
	texts, err := drafts.Unzip(packed)
	if err != nil {
		return err
	}
	return h.changed(c, p.IfMatch, func(shelf *drafts.Shelf, seen int, now domain.Instant) (drafts.Draft, error) {
		return shelf.Replace(draftID(pack, version), seen, texts, who(c).Actor.Person, now)
	})
}

// DiffDraft answers what a draft means otherwise than what it was begun from.
func (h handlers) DiffDraft(c echo.Context, pack contract.PathPack, version contract.PathVersion) error {
	d, err := h.got(pack, version)
	if err != nil {
		return err
	}
	before, err := h.against(d, nil)
	if err != nil {
		return err
	}
	diff, err := policies.Diff(before, d.FS(), h.bases()...)
	if err != nil {
		return unfit(err)
	}
	diff.Changes = append([]policies.Change{}, diff.Changes...)
	return c.JSON(http.StatusOK, diff)
}

// against is the version that a draft is compared with: the one that is named,
// or the one that it was begun from.
func (h handlers) against(d drafts.Draft, name *VersionName) (fs.FS, error) {
	switch {
	case name != nil:
		return h.files(name.Pack, name.Version)
	case d.Base.Pack == "":
		return nil, domain.NewFault("against", "the draft was begun from no version", "name the version to compare it with")
	}
	return h.d.Packs.Files(d.Base)
}

// ReportDraft begins the check and the tests of a draft as it is now.
func (h handlers) ReportDraft(c echo.Context, pack contract.PathPack, version contract.PathVersion, p contract.ReportDraftParams) error {
	d, err := h.got(pack, version)
	if err != nil {
		return err
	}
	lang := h.language(c)
	return h.begin(c, "report", p.IdempotencyKey, func(context.Context, func(done, total int)) (any, error) {
		return h.examined(d.FS(), lang), nil
	})
}

// DraftImpact begins the comparison of a draft with another version over the
// caseload.
func (h handlers) DraftImpact(c echo.Context, pack contract.PathPack, version contract.PathVersion, p contract.DraftImpactParams) error {
	var want struct {
		whichJSON
		Against *VersionName `json:"against"`
	}
	if err := body(c, &want); err != nil {
		return err
	}
	which, on, err := want.read(h.today())
	if err != nil {
		return err
	}
	d, err := h.got(pack, version)
	if err != nil {
		return err
	}
	before, err := h.against(d, want.Against)
	if err != nil {
		return err
	}
	return h.begin(c, "impact", p.IdempotencyKey, func(ctx context.Context, step func(done, total int)) (any, error) {
		library, err := policies.New(h.bases()...)
		if err != nil {
			return nil, err
		}
		from, err := library.Open(before)
		if err != nil {
			return nil, err
		}
		to, err := library.Open(d.FS())
		if err != nil {
			return nil, unfit(err)
		}
		run := bulk.Run{Desk: h.d.Cases, Bench: h.d.Models.Bench(), Which: which, AsOf: on, Done: func(p bulk.Progress) { step(p.Done, p.Total) }}
		return run.Impact(ctx, library, from, to, "")
	})
}

// SealDraft makes a version of a draft.
func (h handlers) SealDraft(c echo.Context, pack contract.PathPack, version contract.PathVersion, p contract.SealDraftParams) error {
	seen, err := h.seen(p.IfMatch)
	if err != nil {
		return err
	}
	sealed, err := h.Seal(c.Request().Context(), who(c), draftID(pack, version), seen, commandID(c, p.IdempotencyKey))
	if err != nil {
		return err
	}
	out, err := h.pack(sealed)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, out)
}

// DiscardDraft throws a draft away.
func (h handlers) DiscardDraft(c echo.Context, pack contract.PathPack, version contract.PathVersion, p contract.DiscardDraftParams) error {
	d, err := h.got(pack, version)
	if err != nil {
		return err
	}
	seen, err := h.seen(p.IfMatch)
	if err != nil {
		return err
	}
	if err := h.d.Drafts.Discard(d.ID(), seen, who(c).Actor.Person); err != nil {
		return err
	}
	h.d.Log.Info("draft discarded", "request", RequestID(c.Request().Context()), "person", who(c).Actor.Person, "draft", d.ID())
	return answered(c, http.StatusOK, d)
}
