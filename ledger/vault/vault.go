// Package vault seals personal data. Every subject has a data key of its own,
// and every data key lies on disk wrapped by one key-encryption key, so that
// the data of one person can be given up without touching another's, and
// without touching a byte of the ledger.
//
// A vault is a folder that only its owner can enter:
//
//	kek          the key-encryption key, readable by its owner alone
//	keys/ID      one wrapped data key each
//
// Who can read the folder can open everything; who can write it can destroy
// keys, but cannot make a sealed field say something else. Who has a copy of
// keys/ without kek has nothing. Losing the folder loses the personal data,
// and nothing else: every event stays readable and provable without it.
package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"leeway/domain"
)

// keySize is the size of every key, in bytes.
const keySize = 32

// Vault seals and opens personal data. It may be used from many goroutines,
// and by several processes on one machine.
type Vault struct {
	dir   *os.Root
	kek   cipher.AEAD
	kekID string
	index []byte // key of the HMAC that names data keys

	mu   sync.Mutex
	data map[string]dataKey // read so far, by id
}

// dataKey is a data key in use. Durable says that its file cannot be lost by
// a power cut any more; nothing is sealed before that.
type dataKey struct {
	cipher.AEAD
	durable bool
}

var _ domain.Sealer = (*Vault)(nil)

// Seal seals one piece of personal data of f.Data.Subject. A new subject gets
// a data key, which is on stable storage before Seal returns: no event can be
// recorded whose key a power cut takes away.
func (v *Vault) Seal(stream, event string, f domain.PrivateField) (domain.Sealed, error) {
	if f.Data == nil || f.Data.Subject == "" || f.Data.Text == "" {
		return domain.Sealed{}, domain.Deny(domain.ErrInvalid, "nothing to seal at %s, or nobody whose it is", "", f.Path)
	}
	id := v.keyID(f.Data.Subject)
	key, err := v.key(id, f.Data.Subject, true)
	if err != nil {
		return domain.Sealed{}, err
	}
	return seal(key, place{id, stream, event, f.Path}, f.Data)
}

// Open opens what Seal sealed, for the same stream and event only. The error
// wraps domain.ErrSealed where the key is not in this vault or is wrapped by
// another key-encryption key, and domain.ErrAltered where what is sealed was
// changed or moved.
func (v *Vault) Open(stream, event string, s domain.Sealed) (string, error) {
	if s.Key != v.keyID(s.Subject) {
		return "", domain.Deny(domain.ErrSealed, "key %s is none of this vault for subject %s", "", s.Key, s.Subject)
	}
	key, err := v.key(s.Key, s.Subject, false)
	if err != nil {
		return "", err
	}
	return open(key, place{s.Key, stream, event, s.Field}, s)
}

// Close releases the folder.
func (v *Vault) Close() error { return v.dir.Close() }

// keyID names the data key of a subject. It is an HMAC, so that the names of
// the files tell nobody who has a case.
func (v *Vault) keyID(subject string) string {
	mac := hmac.New(sha256.New, v.index)
	mac.Write([]byte("data-key-v1"))
	mac.Write([]byte(subject))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// key is the data key with an id. To seal with, a subject without one gets it,
// and one that was found is made sure of: who made it may have been stopped
// before it was durable.
func (v *Vault) key(id, subject string, toSeal bool) (cipher.AEAD, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if key, ok := v.data[id]; ok && (key.durable || !toSeal) {
		return key, nil
	}
	raw, err := v.readKey(id, subject)
	if toSeal && errors.Is(err, fs.ErrNotExist) {
		raw, err = v.makeKey(id, subject)
	}
	if err == nil && toSeal {
		err = syncDir(v.dir, keysDir)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, domain.Deny(domain.ErrSealed, "the vault has no key %s", "", id)
	case err != nil:
		return nil, fmt.Errorf("vault: key %s: %w", id, err)
	}
	key, err := newAEAD(raw)
	if err == nil {
		v.data[id] = dataKey{key, toSeal}
	}
	return key, err
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// random gives n bytes that nobody can guess.
func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails: the program ends where the system has none
	return b
}
