package vault

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"

	"leeway/domain"
)

// States that a mark says in place of a data key.
const (
	restricted = "restricted"
	shredded   = "shredded"
)

// Life of a data key. It is made with the first seal of its subject, and lies
// in keys/ID. Restrict moves it to escrow/ID and leaves a mark; Release moves
// it back; Destroy leaves a mark for good. Which of these is due is decided
// and put on record elsewhere, with two persons; this room carries it out. Each
// may be called again after it was cut off, and then finishes.

// Restrict takes the data key of a subject out of use: it moves to escrow, and
// Seal and Open give domain.ErrRestricted. Where custodians are named, the
// escrow opens only with the keys of two of them; without custodians this
// vault alone opens it, in OpenEscrow and Release. The error wraps
// domain.ErrShredded or domain.ErrSealed where there is no key to move.
func (v *Vault) Restrict(subject string) error {
	id := v.keyID(subject)
	v.mu.Lock()
	defer v.mu.Unlock()
	text, err := v.dir.ReadFile(path.Join(keysDir, id))
	if err != nil {
		return v.noKey(id, err)
	}
	if _, err := v.unwrap(text, id, subject); err != nil {
		if errors.Is(err, domain.ErrRestricted) {
			return v.inEscrow(id)
		}
		return fmt.Errorf("vault: %w", err)
	}
	held, err := v.lock(text)
	if err != nil {
		return err
	}
	if err := v.dir.Mkdir(escrowDir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("vault: %w", err)
	}
	// The escrow is durable before the key goes: a crash leaves it in both
	// places, and never in none.
	if err := replaceFile(v.dir, path.Join(escrowDir, id), held); err != nil {
		return fmt.Errorf("vault: escrow: %w", err)
	}
	return v.mark(id, restricted)
}

// Release takes the data key of a subject out of escrow and back into use. A
// key that is in use already stays so. Where custodians hold the escrow, two of
// them must be present, see Present.
func (v *Vault) Release(subject string) error {
	id := v.keyID(subject)
	v.mu.Lock()
	defer v.mu.Unlock()
	text, err := v.dir.ReadFile(path.Join(keysDir, id))
	if err != nil {
		return v.noKey(id, err)
	}
	if _, err := v.unwrap(text, id, subject); !errors.Is(err, domain.ErrRestricted) {
		return err
	}
	key, _, err := v.escrowed(id, subject)
	if err != nil {
		return err
	}
	if err := replaceFile(v.dir, path.Join(keysDir, id), key); err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	delete(v.data, id)
	return v.remove(path.Join(escrowDir, id))
}

// Destroy destroys the data key of a subject for good, in use or in escrow,
// and returns its id. What it sealed opens never again, and the subject gets no
// new key. The file is overwritten first; what a disk, a file system or a
// backup keeps of it beside that is out of reach of a program, and
// docs/trust.md says what to do about it.
func (v *Vault) Destroy(subject string) (string, error) {
	id := v.keyID(subject)
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.data, id)
	if err := v.blot(path.Join(keysDir, id)); err != nil {
		return id, err
	}
	if err := v.mark(id, shredded); err != nil {
		return id, err
	}
	held := path.Join(escrowDir, id)
	if err := v.blot(held); err != nil {
		return id, err
	}
	return id, v.remove(held)
}

// OpenEscrow opens a sealed field of a subject whose key lies in escrow, and
// of no other. Who may ask for it is decided and on record before it is called.
// Where custodians hold the escrow, two of them must be present.
func (v *Vault) OpenEscrow(stream, event string, s domain.Sealed) (string, error) {
	if s.Key != v.keyID(s.Subject) {
		return "", domain.Deny(domain.ErrSealed, "key %s is none of this vault for subject %s", "", s.Key, s.Subject)
	}
	v.mu.Lock()
	_, raw, err := v.escrowed(s.Key, s.Subject)
	v.mu.Unlock()
	if err != nil {
		return "", err
	}
	key, err := v.suite.aead(raw)
	if err != nil {
		return "", err
	}
	return open(key, place{v.suite, s.Key, stream, event, s.Field}, s)
}

// Holds looks whether the vault has a key that sealed something, and whether
// it is whole. Nil is a key in use; domain.ErrRestricted one that lies in
// escrow; domain.ErrShredded one that was destroyed; any other error wraps
// domain.ErrSealed: the key is missing, or damaged, or belongs to another vault.
func (v *Vault) Holds(id, subject string) error {
	if id != v.keyID(subject) {
		return domain.Deny(domain.ErrSealed, "key %s is none of this vault for subject %s", "", id, subject)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	_, err := v.readKey(id, subject)
	switch {
	case errors.Is(err, domain.ErrRestricted):
		if lost := v.inEscrow(id); lost != nil {
			return lost
		}
	case errors.Is(err, fs.ErrNotExist):
		return v.noKey(id, err)
	}
	return err
}

// noKey says that a key is not there, or why it cannot be read.
func (v *Vault) noKey(id string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return domain.Deny(domain.ErrSealed, "the vault has no key %s", "", id)
	}
	return fmt.Errorf("vault: key %s: %w", id, err)
}

// inEscrow looks whether the escrow of a marked key is there.
func (v *Vault) inEscrow(id string) error {
	_, err := v.dir.Stat(path.Join(escrowDir, id))
	if errors.Is(err, fs.ErrNotExist) {
		return domain.Deny(domain.ErrSealed, "key %s is said to lie in escrow, and does not", "put %[2]s back from its backup", id, escrowDir)
	}
	return err
}

// mark puts a mark in place of a key.
func (v *Vault) mark(id, state string) error {
	text, err := json.Marshal(wrapped{Version: keyMark, State: state})
	if err == nil {
		err = replaceFile(v.dir, path.Join(keysDir, id), text)
	}
	if err != nil {
		return fmt.Errorf("vault: mark of key %s: %w", id, err)
	}
	delete(v.data, id)
	return nil
}

// blot overwrites a file in place, so that what is freed holds no key.
func (v *Vault) blot(name string) error {
	info, err := v.dir.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	f, err := v.dir.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	_, err = f.Write(random(int(info.Size())))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("vault: overwrite %s: %w", name, err)
	}
	return nil
}

// remove takes a file away, if it is there, durably.
func (v *Vault) remove(name string) error {
	err := v.dir.Remove(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = syncDir(v.dir, path.Dir(name))
	}
	if err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	return nil
}

// replaceFile puts a whole file in place of whatever is there, durably.
func replaceFile(root *os.Root, name string, text []byte) error {
	temp, err := writeTemp(root, name, text)
	if err != nil {
		return err
	}
	defer root.Remove(temp)
	if err := root.Rename(temp, name); err != nil {
		return err
	}
	return syncDir(root, path.Dir(name))
}
