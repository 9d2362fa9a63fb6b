package evidence

import (
	"bytes"
	"context"
	"slices"
	"time"

	"leeway/domain"
	"leeway/ledger"
)

// Options of a verification.
type Options struct {
	// Policy is the verifier's own: whose keys count, and how many witnesses.
	// None: the keys inside the package are taken, which proves that it agrees
	// with itself and nothing about who made it.
	Policy *ledger.Policy
	// Approvers are the keys of each person who may approve rules, also from the
	// verifier's own hand. None: approvals need not be signed, and what they are
	// worth is told.
	Approvers map[string][]string
	// Signers are, likewise, the keys of each person who may sign determinations.
	Signers map[string][]string
	// Engine is this program's, with its version.
	Engine string
	// Compiled keeps rule packs from one package to the next; none: each compiles
	// its own.
	Compiled *Compiled
	// Early lets a quorum of witnesses be lacking, as in an export that they
	// have still to sign, and tells of approvals that do not hold: who exports
	// must get his evidence all the same.
	Early bool
}

// A Result is what a package has shown.
type Result struct {
	Manifest
	Keys      []string      `json:"keys"`      // of the operator, that signed
	Witnesses []Witness     `json:"witnesses"` // that cosigned
	OwnKeys   bool          `json:"own_keys"`  // the package's own keys were taken
	Quorum    string        `json:"quorum"`    // what the policy asks for
	Proves    string        `json:"proves"`    // of the checkpoint, in one sentence
	Replays   []Replay      `json:"replays"`
	Approvals []Approval    `json:"approvals"` // of the packs inside
	Signed    []Signed      `json:"signed"`    // under the determinations of the review
	Document  bool          `json:"document"`  // it holds the determination, written anew and equal
	Not       []domain.Text `json:"not_proven"`
}

// Witness is one cosignature under the checkpoint.
type Witness struct {
	Name string    `json:"name"`
	At   time.Time `json:"at"`
}

// A Changed names the first event of a package that is not as it was sealed.
type Changed struct {
	Event
	Got string // leaf hash of the bytes that are there; Leaf is what was sealed
	Why domain.Said
}

// Error gives index, event and both hashes.
func (f *Changed) Error() string { return f.Parts().Wrong.String() }

// Parts are what there is to say of it.
func (f *Changed) Parts() domain.Parts {
	return domain.Parts{
		Wrong: domain.Say("event %d (%s, %s, revision %d of %s) is not as it was sealed: its hash was %s and is %s (%s)", f.Index, f.ID, f.Type, f.Revision, f.Stream, f.Leaf, f.Got, f.Why),
		Mend:  domain.Say("write nothing; keep everything as evidence; put back a backup that verifies, and report it"),
	}
}

// Unwrap makes every Changed an ErrAltered.
func (f *Changed) Unwrap() error { return ErrAltered }

// Verify verifies a package, with nothing but its bytes and a policy: no
// network, no server, no clock. Nil means that every byte of it was accounted
// for. Errors wrap ErrAltered (a *Changed names the first event), ErrUnsupported,
// ledger.ErrUntrusted, casework.ErrReplayDiffers, or what the replay says. With
// ErrUnsupported of a replay the result is there all the same: the rest holds.
func Verify(ctx context.Context, b []byte, opt Options) (*Result, error) {
	c, m, err := disassemble(b)
	if err != nil {
		return nil, err
	}
	v, own, err := c.trust(opt)
	if err != nil {
		return nil, err
	}
	if err := c.checkEvents(m, v); err != nil {
		return nil, err
	}
	if err := c.checkStreams(ctx, m); err != nil {
		return nil, err
	}
	again, err := c.assemble()
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again, b) {
		return nil, domain.Deny(ErrAltered, "written anew it is another file; %s", "", difference(again, b))
	}
	r := result(m, v, own)
	lib, err := opt.Compiled.library(c)
	if err != nil {
		return nil, domain.Deny(ErrAltered, "rule packs: %s", "", err)
	}
	if r.Approvals, err = c.approvals(ctx, rules{lib, opt.Engine}, opt.Approvers); err != nil && !opt.Early {
		return nil, err
	}
	if r.Signed, err = c.signatures(ctx, rules{lib, opt.Engine}, opt.Signers); err != nil && !opt.Early {
		return nil, err
	}
	if r.Replays, err = c.runAgain(ctx, rules{lib, opt.Engine}); err != nil {
		return nil, err
	}
	document, err := c.determination(ctx, rules{lib, opt.Engine})
	if err != nil {
		return nil, err
	}
	if document != c.document {
		return nil, domain.Deny(ErrAltered, "the determination is not the one that the events give", "")
	}
	r.Document = document != ""
	for _, one := range r.Replays {
		if one.Unknown != "" {
			return r, domain.Deny(ErrUnsupported, "replay %s of case %s: %s", "", one.Digest, one.Case, one.why)
		}
	}
	return r, nil
}

// trust checks the checkpoint: by the keys inside, of which each must have
// signed it, and by the verifier's policy.
func (c *content) trust(opt Options) (v ledger.Verified, own bool, err error) {
	inside, err := ledger.ParsePolicy(c.keys)
	if err != nil {
		return v, false, domain.Deny(ErrAltered, "keys: %s", "", err)
	}
	reduced, keys, err := inside.Signed(c.checkpoint)
	if err != nil {
		return v, false, domain.Deny(ErrAltered, "checkpoint: %s", "", err)
	}
	if !bytes.Equal(reduced, c.checkpoint) || !bytes.Equal(keys, c.keys) {
		return v, false, domain.Deny(ErrAltered, "keys and signatures of the checkpoint are not the same", "")
	}
	if opt.Policy == nil {
		v, err = inside.Verify(c.checkpoint)
		return v, true, err
	}
	v, err = opt.Policy.Verify(c.checkpoint)
	if err != nil && opt.Early && v.Size > 0 {
		err = nil
	}
	return v, false, err
}

// checkEvents hashes every event from its raw bytes and proves it. The first
// that is not as it was sealed is named, as the manifest has it.
func (c *content) checkEvents(m Manifest, v ledger.Verified) error {
	if len(m.Events) != len(c.events) || len(c.events) == 0 {
		return domain.Deny(ErrAltered, "it names %d events and holds %d", "", len(m.Events), len(c.events))
	}
	next := map[string]int64{}
	last := int64(-1)
	for i := range c.events {
		e, want := &c.events[i], m.Events[i]
		f := &Changed{Event: want, Got: ledger.LeafHash(e.data).String()}
		index, err := v.Includes(c.checkpoint, e.proof, e.data)
		switch {
		case f.Got != want.Leaf:
			f.Why = domain.Say("its bytes were changed")
			return f
		case err != nil:
			f.Why = domain.Say("%s", err)
			return f
		case index != e.index || index != want.Index || index <= last:
			f.Why = domain.Say("it stands at another place")
			return f
		}
		last = index
		if err := e.open(); err != nil {
			f.Why = domain.Say("%s", err)
			return f
		}
		if e.env.Revision != next[e.env.Stream] {
			f.Why = domain.Say("revision %d of %s is missing before it", next[e.env.Stream], e.env.Stream)
			return f
		}
		next[e.env.Stream]++
	}
	return nil
}

// checkStreams holds the streams against what belongs to the case or review: its
// own must be there, and none of another.
func (c *content) checkStreams(ctx context.Context, m Manifest) error {
	belong, err := streamsOf(ctx, shelve(c.events), c.kind, c.id)
	if err != nil {
		return domain.Deny(ErrAltered, "its streams cannot be read: %s", "", err)
	}
	for _, s := range m.Streams {
		if !slices.Contains(belong, s.Name) {
			return domain.Deny(ErrAltered, "stream %s does not belong to %s", "", s.Name, c.id)
		}
	}
	return nil
}

// difference says where two files part.
func difference(want, got []byte) domain.Said {
	for i := range min(len(want), len(got)) {
		if want[i] != got[i] {
			return domain.Say("the first byte that differs is number %d", i)
		}
	}
	return domain.Say("it has %d bytes instead of %d", len(got), len(want))
}

// result is what holds once every byte is accounted for.
func result(m Manifest, v ledger.Verified, own bool) *Result {
	r := &Result{Manifest: m, Keys: v.Keys, OwnKeys: own, Quorum: v.Quorum, Proves: v.Proves(), Witnesses: []Witness{}}
	for _, w := range v.Witnesses {
		r.Witnesses = append(r.Witnesses, Witness{w.Name, w.At})
	}
	r.Not = notProven(r)
	return r
}
