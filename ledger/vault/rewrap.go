package vault

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"leeway/domain"
)

// Rewrapped is what a rotation of the key-encryption key did.
type Rewrapped struct {
	Keys   int `json:"keys"`   // wrapped by the new one, those in escrow among them
	Unused int `json:"unused"` // that sealed nothing on record, and are gone
}

// Rewrap gives the vault a new key-encryption key: every data key is wrapped by
// it, and the old one is overwritten. Subjects are all that events name; a data
// key of nobody among them sealed nothing on record and is removed. The names
// of data keys stay, since events hold them. Nothing may be sealed meanwhile,
// and other vaults on the folder must be opened again.
//
// It may be called again after it was stopped, and goes on. Where custodians
// hold the escrow, two of them must be present: otherwise the error wraps
// domain.ErrRestricted, and both keys stay until it is called again.
func (v *Vault) Rewrap(subjects []string) (done Rewrapped, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	// One that was stopped at its very end has left the key from before.
	if v.next == nil {
		if err := errors.Join(v.blot(oldKEK), v.remove(oldKEK)); err != nil {
			return done, err
		}
		text := v.suite.magic + hex.EncodeToString(random(kekSize)) + "\n" + namesLine + hex.EncodeToString(v.index) + "\n"
		if err := writeNew(v.dir, nextKEK, []byte(text)); err != nil {
			return done, fmt.Errorf("vault: new key: %w", err)
		}
		if v.next, err = v.loadKEK(nextKEK); err != nil {
			return done, fmt.Errorf("vault: new key: %w", err)
		}
	}
	if v.next.suite != v.suite || string(v.next.names) != string(v.index) {
		return done, domain.Deny(domain.ErrSealed, "%s is no key-encryption key", "put it back from its backup", nextKEK)
	}
	known := map[string]bool{}
	for _, s := range subjects {
		id := v.keyID(s)
		known[id] = true
		n, err := v.rewrap(id, s)
		if err != nil {
			return done, fmt.Errorf("vault: key %s: %w", id, err)
		}
		done.Keys += n
	}
	if done.Unused, err = v.sweep(known); err != nil {
		return done, fmt.Errorf("vault: %w", err)
	}
	if err := v.takeOver(); err != nil {
		return done, fmt.Errorf("vault: %w", err)
	}
	clear(v.data)
	return done, nil
}

// rewrap wraps one data key by the new key, in use or in escrow; of one that
// was destroyed there is nothing to wrap.
func (v *Vault) rewrap(id, subject string) (int, error) {
	name := path.Join(keysDir, id)
	raw, err := v.readKey(id, subject)
	switch {
	case errors.Is(err, domain.ErrShredded):
		return 0, nil
	case errors.Is(err, fs.ErrNotExist):
		return 0, v.noKey(id, err)
	case errors.Is(err, domain.ErrRestricted):
		name = path.Join(escrowDir, id)
		if _, raw, err = v.escrowed(id, subject); err != nil {
			return 0, err
		}
	case err != nil:
		return 0, err
	}
	text, err := v.next.wrap(raw, id, subject)
	if err == nil && name != path.Join(keysDir, id) {
		text, err = v.lock(text)
	}
	if err != nil {
		return 0, err
	}
	return 1, replaceFile(v.dir, name, text)
}

// sweep removes data keys that no event names. A mark stays, and so does what
// is no key at all.
func (v *Vault) sweep(known map[string]bool) (n int, err error) {
	for _, dir := range []string{keysDir, escrowDir} {
		files, err := fs.ReadDir(v.dir.FS(), dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return n, err
		}
		for _, f := range files {
			name := path.Join(dir, f.Name())
			var w wrapped
			text, err := v.dir.ReadFile(name)
			if known[f.Name()] || err != nil || strings.Contains(f.Name(), ".new-") || dir == keysDir && (json.Unmarshal(text, &w) != nil || w.Version != wrappedKey) {
				continue
			}
			if err := errors.Join(v.blot(name), v.remove(name)); err != nil {
				return n, err
			}
			n++
		}
	}
	return n, nil
}

// takeOver puts the new key in place of the old one and overwrites that.
func (v *Vault) takeOver() error {
	if err := v.dir.Link(kekFile, oldKEK); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := v.dir.Rename(nextKEK, kekFile); err != nil {
		return err
	}
	if err := syncDir(v.dir, "."); err != nil {
		return err
	}
	v.kek, v.next = v.next, nil
	return errors.Join(v.blot(oldKEK), v.remove(oldKEK))
}
