package evidence

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"path"
	"slices"
	"sync"

	"leeway/domain"
	"leeway/policies"
)

// Compiled keeps the rule packs of packages that one process verifies, by their
// bytes, so that many packages under the same rules compile them once. The zero
// value is ready, and may be used by many goroutines.
type Compiled struct {
	mu   sync.Mutex
	kept map[[sha256.Size]byte]*policies.Library
}

// mostCompiled is how many sets of packs are kept. A city has one or two in use.
const mostCompiled = 8

// library makes the library of the packs of a package, each under the digest
// that the manifest gives it.
func (k *Compiled) library(c *content) (*policies.Library, error) {
	var files []file
	sum := sha256.New()
	for _, p := range c.packs {
		for _, name := range slices.Sorted(maps.Keys(p.files)) {
			f := file{path.Join("packs", p.id.Pack, p.id.Version, name), p.files[name]}
			files = append(files, f)
			fmt.Fprintf(sum, "%d %s %d ", len(f.name), f.name, len(f.data))
			sum.Write(f.data)
		}
	}
	key := [sha256.Size]byte(sum.Sum(nil))
	if l := k.get(key); l != nil {
		return l, resolved(l, c.packs)
	}
	// In a file of their own: what is kept must not hold the whole package.
	b, err := writeZip(files)
	if err != nil {
		return nil, err
	}
	folder, err := packFolder(b)
	if err != nil {
		return nil, err
	}
	l, err := policies.Only(folder)
	if err == nil {
		err = resolved(l, c.packs)
	}
	if err == nil {
		k.put(key, l)
	}
	return l, err
}

// resolved checks that a library has the packs under their digests.
func resolved(l *policies.Library, packs []pack) error {
	for _, p := range packs {
		if id, err := l.Resolve(p.id.Pack, p.id.Version); err != nil || id != p.id {
			return domain.Deny(ErrAltered, "pack %s/%s does not have digest %s", "", p.id.Pack, p.id.Version, p.id.Digest)
		}
	}
	return nil
}

func (k *Compiled) get(key [sha256.Size]byte) *policies.Library {
	if k == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.kept[key]
}

func (k *Compiled) put(key [sha256.Size]byte, l *policies.Library) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.kept == nil || len(k.kept) >= mostCompiled {
		k.kept = map[[sha256.Size]byte]*policies.Library{}
	}
	k.kept[key] = l
}
