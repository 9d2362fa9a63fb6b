package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"hash"
	"slices"
	"strings"

	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"

	"leeway/domain"
)

// A suite is the algorithms of a vault: what encrypts, what hashes. HMAC and
// HKDF are built on the hash. The key-encryption key names the suite in its
// first words, and each sealed field authenticates its name, so that nothing
// of one suite opens as if it were of another.
type suite struct {
	id      string
	magic   string // what the file of the key-encryption key begins with
	keySize int    // of a data key, in bytes
	block   func(key []byte) (cipher.Block, error)
	hash    func() hash.Hash
}

// aead is the suite's authenticated encryption under a key.
func (s *suite) aead(key []byte) (cipher.AEAD, error) {
	block, err := s.block(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

var (
	intl    = &suite{domain.Suite, "leeway-kek-v1 ", 32, aes.NewCipher, sha256.New}
	shangmi = &suite{domain.SuiteSM, "leeway-kek-sm-v1 ", sm4.BlockSize, sm4.NewCipher, sm3.New}

	suites = []*suite{intl, shangmi}
)

// suiteOf is the suite of a name; empty is the default.
func suiteOf(name string) (*suite, error) {
	if name == "" {
		return intl, nil
	}
	i := slices.IndexFunc(suites, func(s *suite) bool { return s.id == name })
	if i < 0 {
		return nil, domain.Deny(domain.ErrInvalid, "there is no suite “%s”", "write one of: %[2]s", name, domain.List(domain.Suites()))
	}
	return suites[i], nil
}

// suiteOfKEK reads which suite the text of a key-encryption key is of, and
// gives the rest; nil where it is of none.
func suiteOfKEK(text string) (*suite, string) {
	for _, s := range suites {
		if body, ok := strings.CutPrefix(text, s.magic); ok {
			return s, body
		}
	}
	return nil, ""
}
