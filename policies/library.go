package policies

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"leeway/domain"
	"leeway/domain/replay"
)

//go:embed bundles
var bundles embed.FS

// Bundles are the packs that come with Leeway, as PACK/VERSION/….
func Bundles() fs.FS {
	sub, err := fs.Sub(bundles, "bundles")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}

// A Library holds sealed packs by version and answers replay.Rules. Packs are
// loaded when first asked for and kept. It may be used from many goroutines.
type Library struct {
	plans sync.Map // *Plan by planKey
	pool  sync.Pool
	mu    sync.Mutex
	// Where versions stand, and those that were loaded.
	roots roots
	packs map[string]*pack
}

// New makes a library of the bundles and of further folders laid out as
// PACK/VERSION/…. A pack version that stands in two places is refused: a
// version is one set of bytes.
func New(dirs ...fs.FS) (*Library, error) { return Only(append([]fs.FS{Bundles()}, dirs...)...) }

// Only makes a library of the folders alone, without the bundles: what a
// verifier takes, who goes by the packs of an evidence package.
func Only(dirs ...fs.FS) (*Library, error) {
	all, err := findRoots(dirs)
	if err != nil {
		return nil, err
	}
	for _, key := range sortedKeys(all) {
		if _, ok := all[key].(twice); ok {
			return nil, domain.NewFault("", "pack %s stands in two places", "keep one of the two folders", key)
		}
	}
	l := &Library{roots: all, packs: map[string]*pack{}}
	l.pool.New = func() any { return new(Input) }
	return l, nil
}

// Versions lists the pack versions at hand, by pack and version. A version
// that cannot be loaded is left out; Resolve says why.
func (l *Library) Versions() []domain.PackVersion {
	var out []domain.PackVersion
	for _, key := range sortedKeys(l.roots) {
		if p, err := l.load(key); err == nil {
			out = append(out, p.id)
		}
	}
	return out
}

// Resolve names a pack version by its digest. The error wraps
// replay.ErrNoRules.
func (l *Library) Resolve(packID, version string) (domain.PackVersion, error) {
	p, err := l.load(packID + "/" + version)
	if err != nil {
		return domain.PackVersion{}, err
	}
	return p.id, nil
}

// Open takes in one pack version that stands in a folder of any name, and
// names it. A version that is at hand with other bytes is refused.
func (l *Library) Open(fsys fs.FS) (domain.PackVersion, error) {
	p, probs, err := load(fsys, l.roots)
	if err == nil && len(probs) > 0 {
		err = probs
	}
	if err != nil {
		return domain.PackVersion{}, fmt.Errorf("%w: %w", domain.ErrInvalid, err)
	}
	key := p.id.Pack + "/" + p.id.Version
	if old, err := l.load(key); err == nil && old.id != p.id {
		return domain.PackVersion{}, domain.Deny(domain.ErrInvalid, "%s is at hand with digest %s, the folder has %s", "give the folder a version of its own", key, old.id.Digest, p.id.Digest)
	} else if err == nil {
		return old.id, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.roots[key], l.packs[key] = fsys, p
	return p.id, nil
}

// Files is the folder of a version, as it is at hand, for who wants its bytes.
// The error wraps replay.ErrNoRules.
func (l *Library) Files(v domain.PackVersion) (fs.FS, error) {
	if id, err := l.Resolve(v.Pack, v.Version); err != nil || id != v {
		return nil, errors.Join(fmt.Errorf("%w: %s/%s with digest %s", replay.ErrNoRules, v.Pack, v.Version, v.Digest), err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.roots[v.Pack+"/"+v.Version], nil
}

// load loads a pack version once. A failure is not kept: a folder on disk may be
// put right while the library is in use. A version that was loaded stays as it
// is, whatever happens to its files.
func (l *Library) load(key string) (*pack, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p := l.packs[key]; p != nil {
		return p, nil
	}
	root := l.roots[key]
	if root == nil {
		return nil, domain.Deny(replay.ErrNoRules, "%s is not at hand", "", key)
	}
	p, probs, err := load(root, l.roots)
	if err == nil && len(probs) > 0 {
		err = probs
	}
	// A folder renamed by hand would answer for another version.
	if err == nil && p.id.Pack+"/"+p.id.Version != key {
		err = domain.NewFault("", "the folder holds %s/%s", "name the folder after the pack and version that it holds", p.id.Pack, p.id.Version)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", replay.ErrNoRules, key, err)
	}
	l.packs[key] = p
	return p, nil
}

// pinned is a pack version whose digest is the one wanted.
func (l *Library) pinned(v domain.PackVersion) (*pack, error) {
	p, err := l.load(v.Pack + "/" + v.Version)
	if err != nil {
		return nil, err
	}
	if p.id.Digest != v.Digest {
		return nil, domain.Deny(replay.ErrNoRules, "%s/%s has digest %s, not %q", "", v.Pack, v.Version, p.id.Digest, v.Digest)
	}
	return p, nil
}

// Plan is a pack version's rules as they stand on a day. The version's digest
// must be that of the bytes at hand; Resolve gives it. The error wraps
// replay.ErrNoRules.
func (l *Library) Plan(v domain.PackVersion, on domain.Day) (replay.Plan, error) {
	return l.PlanOn(v, on)
}

// PlanOn is Plan with the columns API of *Plan.
func (l *Library) PlanOn(v domain.PackVersion, on domain.Day) (*Plan, error) {
	p, err := l.pinned(v)
	if err != nil {
		return nil, err
	}
	e := p.epochOn(on)
	if plan, ok := l.plans.Load(planKey{epoch: e}); ok {
		return plan.(*Plan), nil
	}
	k := planKey{epoch: e}
	if p.monthly {
		k.month = on.Month()
	}
	plan, _ := l.plans.LoadOrStore(k, &Plan{epoch: e, month: k.month, pool: &l.pool})
	return plan.(*Plan), nil
}

// A planKey names a plan: one for each epoch, or for each month of it where
// some expression reads the month. Equal plans are one, so that a replay asks
// about equal facts once.
type planKey struct {
	epoch *epoch
	month domain.Month
}

// Info is what a pack says of itself.
type Info struct {
	ID           domain.PackVersion
	Title        domain.Text
	Authority    domain.Text
	Reason       domain.Text
	Jurisdiction string // GB/T 2260
	Supersedes   string // the version before, if any
	Corrects     string // the version whose encoding of the same law this one puts right
	Approvals    int    // persons who must approve the digest
	Roles        []string
	Programmes   []Programme
	Extends      domain.PackVersion // the base of an overlay
	Synthetic    bool               // made-up values, for tests and simulations only
}

// Programme is one benefit of a pack.
type Programme struct {
	ID    string
	Title domain.Text
}

// Info describes a pack version.
func (l *Library) Info(v domain.PackVersion) (Info, error) {
	p, err := l.pinned(v)
	if err != nil {
		return Info{}, err
	}
	m := &p.man
	info := Info{
		ID: p.id, Title: m.Title.Text, Authority: m.Authority.Text, Reason: m.Reason.Text, Jurisdiction: m.Jurisdiction,
		Supersedes: m.Supersedes, Corrects: m.Corrects, Approvals: m.Approval.Require, Roles: slices.Clone(m.Approval.Roles),
	}
	if m.over != nil {
		info.Extends, info.Synthetic = m.over.baseID, m.over.man.Synthetic
	}
	for _, pr := range m.Programmes {
		info.Programmes = append(info.Programmes, Programme{pr.ID, pr.Title.Text})
	}
	return info, nil
}
