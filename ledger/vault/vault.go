// Package vault seals personal data. Every subject has a data key of its own,
// and every data key lies on disk wrapped by one key-encryption key, so that
// the data of one person can be given up without touching another's, and
// without touching a byte of the ledger.
//
// A vault is a folder that only its owner can enter:
//
//	kek          the key-encryption key, readable by its owner alone
//	kek.next     the one that takes over, see Rewrap
//	keys/ID      one wrapped data key each, or what became of it
//	escrow/ID    a data key that was taken out of use, see Restrict
//	custodians   whose keys open what lies in escrow
//	index        the key of the blind index, see Index
//
// Who can read the folder can open everything; who can write it can destroy
// keys, but cannot make a sealed field say something else. Who has a copy of
// keys/ without kek has nothing. Losing the folder loses the personal data,
// and nothing else: every event stays readable and provable without it.
package vault

import (
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"filippo.io/age"

	"leeway/domain"
)

// kekSize is the size of the key-encryption key in bytes, whatever the suite:
// the keys that are used are derived from it.
const kekSize = 32

// maxSeals is how many fields one data key may seal. Nonces are drawn at
// random; up to 2³² of them, NIST SP 800-38D lets a key be used.
const maxSeals = 1 << 32

// Vault seals and opens personal data. It may be used from many goroutines,
// and by several processes on one machine.
type Vault struct {
	dir   *os.Root
	suite *suite
	kek   *kek
	next  *kek   // of a rotation that was stopped before its end
	index []byte // key of the HMAC that names data keys

	mu         sync.Mutex
	data       map[string]*dataKey // read so far, by id
	fresh      time.Duration       // how long a key is used before its file is looked at again
	identities []age.Identity      // of custodians who are present
}

// dataKey is a data key in use. Durable says that its file cannot be lost by
// a power cut any more; nothing is sealed before that.
type dataKey struct {
	cipher.AEAD
	durable bool
	seals   uint64    // by this process
	read    time.Time // when the file was last seen to hold the key
}

var _ domain.Sealer = (*Vault)(nil)

// Seal seals one piece of personal data of f.Data.Subject. A new subject gets
// a data key, which is on stable storage before Seal returns: no event can be
// recorded whose key a power cut takes away. A subject whose key lies in escrow
// or was destroyed gets no new one: the error wraps domain.ErrRestricted or
// domain.ErrShredded.
func (v *Vault) Seal(stream, event string, f domain.PrivateField) (domain.Sealed, error) {
	if f.Data == nil || f.Data.Subject == "" || f.Data.Text == "" {
		return domain.Sealed{}, domain.Deny(domain.ErrInvalid, "nothing to seal at %s, or nobody whose it is", "", f.Path)
	}
	id := v.keyID(f.Data.Subject)
	key, err := v.key(id, f.Data.Subject, true)
	if err != nil {
		return domain.Sealed{}, err
	}
	return seal(key, place{v.suite, id, stream, event, f.Path}, f.Data)
}

// Open opens what Seal sealed, for the same stream and event only. The error
// wraps domain.ErrSealed where the key is not in this vault or is wrapped by
// another key-encryption key, among them domain.ErrRestricted and
// domain.ErrShredded, and domain.ErrAltered where what is sealed was changed or
// moved. A key that another process took away is used for a second more at most.
func (v *Vault) Open(stream, event string, s domain.Sealed) (string, error) {
	if s.Key != v.keyID(s.Subject) {
		return "", domain.Deny(domain.ErrSealed, "key %s is none of this vault for subject %s", "", s.Key, s.Subject)
	}
	key, err := v.key(s.Key, s.Subject, false)
	if err != nil {
		return "", err
	}
	return open(key, place{v.suite, s.Key, stream, event, s.Field}, s)
}

// Suite names the cryptographic suite of the vault.
func (v *Vault) Suite() string { return v.suite.id }

// Close releases the folder.
func (v *Vault) Close() error { return v.dir.Close() }

// keyID names the data key of a subject. It is an HMAC, so that the names of
// the files tell nobody who has a case.
func (v *Vault) keyID(subject string) string {
	mac := hmac.New(v.suite.hash, v.index)
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
	key, ok := v.data[id]
	if !ok || toSeal && !key.durable || time.Since(key.read) >= v.fresh {
		var err error
		if key, err = v.load(id, subject, toSeal); err != nil {
			delete(v.data, id)
			return nil, err
		}
		v.data[id] = key
	}
	if toSeal {
		if key.seals >= maxSeals {
			return nil, domain.Deny(domain.ErrRefused, "key %s has sealed %d fields, which is all that one key may", "record new data under another pseudonym", id, key.seals)
		}
		key.seals++
	}
	return key, nil
}

// load reads a data key from its file, and keeps count of what it sealed.
func (v *Vault) load(id, subject string, toSeal bool) (*dataKey, error) {
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
	key := &dataKey{durable: toSeal, read: time.Now()}
	if old, ok := v.data[id]; ok {
		key.seals, key.durable = old.seals, old.durable || toSeal
	}
	key.AEAD, err = v.suite.aead(raw)
	return key, err
}

// random gives n bytes that nobody can guess.
func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails: the program ends where the system has none
	return b
}
