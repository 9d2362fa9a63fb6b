package vault

import (
	"crypto/hmac"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"strings"
	"unicode"

	"leeway/domain"
)

const (
	indexFile  = "index"
	indexMagic = "leeway-index-v1 "
)

// An Index makes the digests of the blind index: with it an ID number or a
// name is found among digests that nobody can compute who has not its key. The
// key is drawn by itself and is derived from no other: it can be given to whoever
// searches without giving him a name. Equal values have equal digests, so the
// index shows that two entries are of one person.
type Index struct {
	id   string
	key  []byte
	hash func() hash.Hash
}

// Index is the blind index of the vault. Its key is made when it is first
// asked for. The error wraps domain.ErrSealed where it is damaged.
func (v *Vault) Index() (*Index, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	text, err := v.dir.ReadFile(indexFile)
	if errors.Is(err, fs.ErrNotExist) {
		if err = writeNew(v.dir, indexFile, newIndexKey()); err == nil || errors.Is(err, fs.ErrExist) {
			text, err = v.dir.ReadFile(indexFile)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("vault: index: %w", err)
	}
	body, ok := strings.CutPrefix(strings.TrimSpace(string(text)), indexMagic)
	key, err := hex.DecodeString(body)
	if !ok || err != nil || len(key) != kekSize {
		return nil, domain.Deny(domain.ErrSealed, "the key of the blind index is damaged", "put it back from its backup, or make a new one and build the index again")
	}
	i := &Index{key: key, hash: v.suite.hash}
	i.id = hex.EncodeToString(i.sum("index-id-v1", v.suite.id)[:8])
	return i, nil
}

// RotateIndex makes a new key of the blind index. Digests made with the old
// one find nothing any more: the index must be built again.
func (v *Vault) RotateIndex() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := replaceFile(v.dir, indexFile, newIndexKey()); err != nil {
		return fmt.Errorf("vault: index: %w", err)
	}
	return nil
}

func newIndexKey() []byte { return []byte(indexMagic + hex.EncodeToString(random(kekSize)) + "\n") }

// ID names the key, and tells nothing of it: digests of two keys are not
// compared.
func (i *Index) ID() string { return i.id }

// Digest is the digest of a value of a kind, such as domain.IndexName. The
// value is normalised first, so that spaces, wide letters and the case of an X
// do not hide somebody.
func (i *Index) Digest(kind, value string) []byte { return i.sum(kind, normal(value)) }

func (i *Index) sum(kind, value string) []byte {
	mac := hmac.New(i.hash, i.key)
	mac.Write(frame(nil, []byte(kind)))
	mac.Write([]byte(value))
	return mac.Sum(nil)
}

// normal writes a value in the one way in which it is compared.
func normal(value string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～': // full-width forms of ASCII
			r -= '！' - '!'
		case r == '•' || r == '・' || r == '‧' || r == '．':
			r = '·' // of names of several parts
		}
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, value)
}
