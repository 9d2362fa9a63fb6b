package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"leeway/domain"
	"leeway/eventstore"
	"leeway/eventstore/sqlite"
	"leeway/ledger"
	"leeway/ledger/evidence"
	"leeway/ledger/vault"
)

// exportCmd takes a case or a review out as one file that anybody can verify.
type exportCmd struct {
	Subject string `arg:"" name:"case-or-review"`
	Review  bool
	Out     string `placeholder:"FILE" type:"path"`
	To      string `placeholder:"AGE-KEY"`
}

// exportJSON is what was exported.
type exportJSON struct {
	File      string           `json:"file"`
	Bytes     int              `json:"bytes"`
	Encrypted bool             `json:"encrypted"`
	Result    *evidence.Result `json:"package"`
}

// Run exports and verifies what it exported.
func (cmd exportCmd) Run(s *session) error {
	if err := vault.CheckRecipient(cmd.To); cmd.To != "" && err != nil {
		return err
	}
	lib, err := s.library()
	if err != nil {
		return err
	}
	kind := evidence.OfCase
	if cmd.Review {
		kind = evidence.OfReview
	}
	done := exportJSON{File: cmd.Out}
	var b []byte
	err = s.looking(func(log *ledger.Log, store eventstore.Store) (err error) {
		b, done.Result, err = evidence.Source{Store: store, Log: log, Packs: lib, Engine: build().Engine}.Export(s.ctx, kind, cmd.Subject)
		return err
	})
	if err != nil {
		return err
	}
	if done.File == "" {
		done.File = fmt.Sprintf("%s-%s.zip", kind, strings.Map(plainName, cmd.Subject))
	}
	if cmd.To != "" {
		var sealed bytes.Buffer
		if err := vault.Encrypt(&sealed, bytes.NewReader(b), cmd.To); err != nil {
			return err
		}
		b, done.Encrypted = sealed.Bytes(), true
		if cmd.Out == "" {
			done.File += ".age"
		}
	}
	done.Bytes = len(b)
	if err := s.writeNewFile(done.File, b); err != nil {
		return err
	}
	if s.json {
		return s.writeJSON(done)
	}
	s.printf("%s\n", s.t("did export", len(done.Result.Events), len(done.Result.Replays), done.File, done.Bytes))
	if len(done.Result.Witnesses) == 0 {
		s.printf("%s\n", s.t("no witness"))
	}
	s.hang("", s.t("export next", s.homeOf(s.conf.get("data")).Policy))
	return nil
}

// plainName keeps what every file system takes as a name.
func plainName(r rune) rune {
	if strings.ContainsRune(`/\:*?"<>|`, r) || r < ' ' {
		return '_'
	}
	return r
}

// verifyCmd verifies packages, the tiles of a ledger, or a data folder, with
// nothing but the files and a policy.
type verifyCmd struct {
	Paths      []string `arg:"" name:"package-or-folder" type:"path"`
	Policy     string   `placeholder:"FILE" type:"path"`
	Checkpoint string   `placeholder:"FILE" type:"path"`
	Receipt    []string `placeholder:"FILE" type:"path"`
	Identity   string   `placeholder:"FILE" type:"path"`
	Approvers  string   `placeholder:"FILE" type:"path"`
	Signers    string   `placeholder:"FILE" type:"path"`
}

// Run verifies. The exit code says what came of it: 0 verified, 8 altered, 9
// not signed as the policy asks, 10 not to be told by this program.
func (cmd verifyCmd) Run(s *session) error {
	// A third of the time would go into collecting what the compiling of rules
	// leaves behind.
	defer memoryForTime()()
	var policy *ledger.Policy
	if cmd.Policy != "" {
		text, err := s.readTrustFile(cmd.Policy)
		if err != nil {
			return err
		}
		if policy, err = ledger.ParsePolicy(text); err != nil {
			return s.notVerified(cmd.Policy, err)
		}
	}
	opt := evidence.Options{Policy: policy, Engine: build().Engine, Compiled: new(evidence.Compiled)}
	for _, of := range []struct {
		file string
		keys *map[string][]string
	}{{cmd.Approvers, &opt.Approvers}, {cmd.Signers, &opt.Signers}} {
		var err error
		if of.file != "" {
			*of.keys, err = s.readApprovers(of.file)
		}
		if err != nil {
			return err
		}
	}
	if len(cmd.Paths) == 1 {
		return cmd.one(s, cmd.Paths[0], opt)
	}
	return cmd.each(s, opt)
}

// each verifies one after another and goes on where one does not verify, so
// that whoever was handed many learns of all that is wrong. The exit code is
// that of the worst.
func (cmd verifyCmd) each(s *session, opt evidence.Options) error {
	var bad []string
	var errs []error
	for _, path := range cmd.Paths {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		if !s.json {
			s.printf("== %s\n", path)
		}
		if err := cmd.one(s, path, opt); err != nil {
			s.fail(err)
			bad, errs = append(bad, path), append(errs, err)
		}
	}
	if len(bad) == 0 {
		return nil
	}
	return &problem{what: s.t("some not verified", len(bad), len(cmd.Paths)), where: strings.Join(bad, ", "), mend: s.t("see above"), err: errors.Join(errs...)}
}

// one verifies one package or folder.
func (cmd verifyCmd) one(s *session, path string, opt evidence.Options) error {
	info, err := os.Stat(path)
	if err != nil {
		return s.unreadable(path, err)
	}
	if info.IsDir() {
		return cmd.folder(s, path, opt.Policy)
	}
	if info.Size() > evidence.MaxBytes {
		return &problem{what: s.t("file too large", evidence.MaxBytes>>20), where: path, mend: s.t("mend malformed"), err: domain.ErrInvalid}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return s.unreadable(path, err)
	}
	if b, err = cmd.decrypt(s, path, b); err != nil {
		return err
	}
	r, err := evidence.Verify(s.ctx, b, opt)
	if r != nil {
		if err := s.showVerified(path, r, err); err != nil {
			return err
		}
	}
	return s.notVerified(path, err)
}

// decrypt opens a package that was encrypted to the verifier's age key.
func (cmd verifyCmd) decrypt(s *session, path string, b []byte) ([]byte, error) {
	if cmd.Identity == "" {
		if bytes.HasPrefix(b, []byte("age-encryption.org/")) {
			return nil, &problem{what: s.t("package encrypted"), where: path, mend: s.t("give identity"), err: domain.ErrSealed}
		}
		return b, nil
	}
	key, err := readSecret(cmd.Identity, s.env("CREDENTIALS_DIRECTORY"))
	if err != nil {
		return nil, s.exposedOr(cmd.Identity, err)
	}
	r, err := vault.Decrypt(bytes.NewReader(b), key)
	if err != nil {
		return nil, err
	}
	plain, err := io.ReadAll(io.LimitReader(r, evidence.MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", evidence.ErrAltered, err)
	}
	return plain, nil
}

// notVerified adds to an error where that lies which does not verify.
func (s *session) notVerified(where string, err error) error {
	if err == nil {
		return nil
	}
	r := s.describe(err)
	return &problem{what: r.What, where: where, mend: r.Mend, err: err}
}

// verifiedJSON is the result of a verification; Unsupported is what this
// program could not do again.
type verifiedJSON struct {
	*evidence.Result
	Package     string `json:"package"`
	Verified    bool   `json:"verified"`
	Unsupported string `json:"unsupported,omitempty"`
}

// showVerified tells what a package has shown, and what it does not prove.
func (s *session) showVerified(path string, r *evidence.Result, err error) error {
	if s.json {
		j := verifiedJSON{Result: r, Package: path, Verified: err == nil}
		if err != nil {
			j.Unsupported = s.worded(err)
		}
		return s.writeJSON(j)
	}
	s.printf("%s\n", s.t("verified "+r.Kind, r.ID, len(r.Events), r.Origin, r.Size))
	for _, one := range r.Streams {
		s.printf("  %s\n", s.t("stream whole", one.Name, one.Events-1))
	}
	equal := 0
	for _, one := range r.Replays {
		if one.Equal {
			equal++
		}
	}
	s.printf("%s\n", s.t("replays equal", equal, len(r.Replays), len(r.Packs)))
	for _, a := range r.Approvals {
		s.printf("  %s\n", s.t("pack approved", named(a.Rules), cmp.Or(a.Person, "–"), s.t("approval "+a.State)))
	}
	for _, one := range r.Signed {
		line := s.t("determination unsigned", one.Decision)
		if one.Person != "" {
			line = s.t("determination signed", one.Decision, one.Person, one.Key+s.t("semicolon")+s.t("approval "+one.State))
		}
		if !one.Counts {
			line += s.t("determination past")
		}
		s.printf("  %s\n", line)
	}
	if r.Document {
		s.printf("%s\n", s.t("document equal"))
	}
	if len(r.Witnesses) == 0 {
		s.printf("%s\n", s.t("no witness"))
	}
	for _, one := range r.Witnesses {
		s.printf("%s\n", s.t("witnessed by", one.Name, one.At.In(domain.Shanghai).Format(time.RFC3339)))
	}
	s.printf("%s\n", s.t("not proven here"))
	for _, text := range r.Not {
		s.hang("  - ", text.In(s.lang))
	}
	return nil
}

// ledgerJSON is the result of verifying a whole ledger.
type ledgerJSON struct {
	Verified  bool          `json:"verified"`
	Origin    string        `json:"origin"`
	Events    int64         `json:"events"`
	Root      string        `json:"root"`
	Keys      []string      `json:"keys"`
	Witnesses []witnessJSON `json:"witnesses"`
	OwnKeys   bool          `json:"own_keys"` // the policy came from the folder itself
	Proves    string        `json:"proves"`
	Receipts  int           `json:"receipts"` // whose events are all covered
}

// folder verifies every event of tiles or of a data folder.
func (cmd verifyCmd) folder(s *session, path string, policy *ledger.Policy) error {
	of, err := s.openWhole(path)
	if err != nil {
		return err
	}
	own := policy == nil
	if own {
		if policy, err = ledger.ReadPolicy(of.policy); err != nil {
			return errors.Join(&problem{what: s.t("no policy"), where: path, mend: s.t("give policy"), err: usage(err)}, of.close())
		}
	}
	if cmd.Checkpoint != "" {
		if of.checkpoint, err = s.readTrustFile(cmd.Checkpoint); err != nil {
			return errors.Join(err, of.close())
		}
	}
	done, err := cmd.whole(s, of, policy)
	if err := errors.Join(err, of.close()); err != nil {
		return s.notVerified(path, err)
	}
	done.OwnKeys = own
	if s.json {
		return s.writeJSON(done)
	}
	s.printf("%s\n", s.t("verified ledger", done.Origin, done.Events, done.Root))
	if done.Receipts > 0 {
		s.printf("%s\n", s.t("receipts covered", done.Receipts))
	}
	if len(done.Witnesses) == 0 {
		s.printf("%s\n", s.t("no witness"))
	}
	for _, one := range done.Witnesses {
		s.printf("%s\n", s.t("witnessed by", one.Name, one.At.In(domain.Shanghai).Format(time.RFC3339)))
	}
	if own {
		s.printf("%s\n", s.t("own keys"))
	}
	return nil
}

// whole hashes every event and judges every receipt.
func (cmd verifyCmd) whole(s *session, of *wholeLedger, policy *ledger.Policy) (ledgerJSON, error) {
	v, err := policy.Verify(of.checkpoint)
	if err != nil {
		return ledgerJSON{}, err
	}
	if err := ledger.VerifyEvents(v.Checkpoint, of.events(v.Size), of.leaves); err != nil {
		var m *ledger.Mismatch
		if errors.As(err, &m) && of.event != nil {
			m.Event = of.event(m.Index)
		}
		return ledgerJSON{}, err
	}
	done := ledgerJSON{Verified: true, Origin: v.Origin, Events: v.Size, Root: v.Root.String(), Keys: v.Keys, Witnesses: []witnessJSON{}, Proves: v.Proves()}
	for _, w := range v.Witnesses {
		done.Witnesses = append(done.Witnesses, witnessJSON{w.Name, domain.At(w.At)})
	}
	for _, name := range cmd.Receipt {
		text, err := s.readTrustFile(name)
		if err != nil {
			return done, err
		}
		for _, one := range splitReceipts(string(text)) {
			complaint := ledger.Complaint{Receipt: []byte(one), Checkpoint: of.checkpoint, Seen: s.now(), Leaves: of.events(v.Size)}
			if err := policy.Judge(complaint); err != nil {
				return done, err
			}
			done.Receipts++
		}
	}
	return done, nil
}

// wholeLedger is a ledger as somebody holds it: exported tiles, or a data
// folder.
type wholeLedger struct {
	policy     string // where its own policy lies
	checkpoint []byte
	events     func(size int64) seqOfEvents
	leaves     ledger.LeafHashes
	event      func(index int64) *eventstore.Recorded // as the store has it
	closers    []io.Closer
}

type seqOfEvents = func(yield func([]byte, error) bool)

func (of *wholeLedger) close() error {
	var errs []error
	for _, c := range of.closers {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// openWhole opens a folder by what is in it.
func (s *session) openWhole(dir string) (*wholeLedger, error) {
	if checkpoint, err := os.ReadFile(filepath.Join(dir, "checkpoint")); err == nil {
		tiles := os.DirFS(dir)
		c, err := ledger.ParseCheckpoint(checkpoint)
		if err != nil {
			return nil, err
		}
		return &wholeLedger{
			policy: filepath.Join(dir, "policy"), checkpoint: checkpoint, leaves: ledger.TileLeaves(tiles, c.Size),
			events: func(size int64) seqOfEvents { return seqOfEvents(ledger.TileEntries(tiles, size)) },
		}, nil
	}
	if _, err := os.Stat(filepath.Join(dir, ledgerFile)); err != nil {
		return nil, &problem{what: s.t("no evidence"), where: dir, mend: s.t("name evidence"), err: domain.ErrNotFound}
	}
	return s.openWholeData(dir)
}

// openWholeData opens the ledger file of a data folder and its checkpoints.
// Leaf hashes of the tree, where it is there, tell which event was changed.
func (s *session) openWholeData(dir string) (*wholeLedger, error) {
	h := s.homeOf(dir)
	store, err := sqlite.OpenReader(filepath.Join(dir, ledgerFile))
	if err != nil {
		return nil, s.inFolder(dir, err)
	}
	of := &wholeLedger{policy: h.Policy, closers: []io.Closer{store}}
	of.events = func(int64) seqOfEvents { return seqOfEvents(ledger.Data(store.All(s.ctx, eventstore.Start))) }
	of.event = func(index int64) *eventstore.Recorded {
		n := int64(0)
		for r, err := range store.All(s.ctx, eventstore.Start) {
			if err != nil {
				break // the mismatch is the news
			}
			if n == index {
				return &r
			}
			n++
		}
		return nil
	}
	folder, err := ledger.OpenFolder(h.Checkpoints)
	if err != nil {
		return nil, errors.Join(err, of.close())
	}
	last, err := folder.Latest(s.ctx)
	if err := errors.Join(err, folder.Close()); err != nil {
		return nil, errors.Join(err, of.close())
	}
	of.checkpoint = last.Note
	leaves, closer, err := ledger.TreeLeaves(h.Tree)
	if err == nil {
		of.leaves, of.closers = leaves, append(of.closers, closer)
	}
	if err := ignore(err, fs.ErrNotExist); err != nil {
		return nil, errors.Join(err, of.close())
	}
	return of, nil
}
