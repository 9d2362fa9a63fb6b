package vault

import (
	"crypto/cipher"
	"crypto/hkdf"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"leeway/domain"
)

// Names inside the folder, and what a key-encryption key begins with.
const (
	kekFile   = "kek"
	nextKEK   = "kek.next" // takes over; see Rewrap
	oldKEK    = "kek.old"  // about to be overwritten
	keysDir   = "keys"
	escrowDir = "escrow"
)

// ErrExposed says that somebody else than its owner can get at the folder or
// at a key in it. Nothing is opened until that is mended.
var ErrExposed = errors.New("keys are open to others")

// Create makes a vault of a suite in a folder that does not exist or is empty,
// with a new key-encryption key, and opens it; no suite is the default. A folder that holds anything else than the
// traces of a Create that was stopped is refused with fs.ErrExist: a new key
// would never open what is sealed under the old one.
func Create(dir, suite string) (*Vault, error) {
	of, err := suiteOf(suite)
	if err == nil {
		err = create(dir, of)
	}
	if err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	return Open(dir)
}

func create(dir string, of *suite) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := private(os.Lstat(dir)); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := unused(root); err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	if err := root.Mkdir(keysDir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	// The key comes last: with it, the folder is a vault.
	if err := writeNew(root, kekFile, []byte(of.magic+hex.EncodeToString(random(kekSize))+"\n")); err != nil {
		return err
	}
	above, err := os.OpenRoot(filepath.Dir(filepath.Clean(dir)))
	if err != nil {
		return err
	}
	defer above.Close()
	return syncDir(above, ".")
}

// unused refuses a folder in which there is more than a Create leaves behind
// that was stopped before its end.
func unused(root *os.Root) error {
	for _, name := range []string{".", keysDir} {
		found, err := fs.ReadDir(root.FS(), name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		for _, f := range found {
			if name == "." && (f.Name() == keysDir || strings.HasPrefix(f.Name(), kekFile+".new-")) {
				continue
			}
			return fmt.Errorf("%w: it holds %s already; open it, or name an empty folder", fs.ErrExist, f.Name())
		}
	}
	return nil
}

// Open opens a vault. The error wraps ErrExposed where the folder or the key
// is open to others, and domain.ErrSealed where the key-encryption key is
// missing or damaged.
func Open(dir string) (*Vault, error) {
	if err := private(os.Lstat(dir)); err != nil {
		return nil, fmt.Errorf("vault %s: %w", dir, err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	v := &Vault{dir: root, data: map[string]*dataKey{}, fresh: time.Second}
	if err := v.readKEK(); err != nil {
		root.Close()
		return nil, fmt.Errorf("vault %s: %w", dir, err)
	}
	return v, nil
}

// private refuses a file or folder that others may read, write or enter.
func private(info fs.FileInfo, err error) error {
	switch {
	case err != nil:
		return err
	case info.Mode()&fs.ModeSymlink != 0:
		return fmt.Errorf("%w: %s is a symbolic link; name the real place", ErrExposed, info.Name())
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return fmt.Errorf("%w: %s has mode %04o; take the rights of group and others away (chmod go= %[2]s)", ErrExposed, info.Name(), info.Mode().Perm())
	}
	return nil
}

// kek is a key-encryption key, as what is derived from it.
type kek struct {
	cipher.AEAD
	id    string
	suite *suite
	names []byte // key of the HMAC that names data keys
}

// namesLine is what the second line of a key-encryption key begins with that
// took over from another: the names of the data keys stay, since events hold
// them.
const namesLine = "names "

// readKEK reads the key-encryption key and, where a rotation was stopped before
// its end, the one that was to take over.
func (v *Vault) readKEK() error {
	for _, name := range []string{kekFile, keysDir} {
		err := private(v.dir.Lstat(name))
		if errors.Is(err, fs.ErrNotExist) {
			return domain.Deny(domain.ErrSealed, "%s is missing", "put it back from its backup", name)
		}
		if err != nil {
			return err
		}
	}
	own, err := v.loadKEK(kekFile)
	if err != nil {
		return err
	}
	v.suite, v.index, v.kek = own.suite, own.names, own
	switch v.next, err = v.loadKEK(nextKEK); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	return nil
}

// loadKEK reads a key-encryption key and derives what it is used for.
func (v *Vault) loadKEK(file string) (*kek, error) {
	if err := private(v.dir.Lstat(file)); err != nil {
		return nil, err
	}
	text, err := v.dir.ReadFile(file)
	if err != nil {
		return nil, err
	}
	first, rest, _ := strings.Cut(strings.TrimSuffix(string(text), "\n"), "\n")
	of, body := suiteOfKEK(first)
	secret, err := hex.DecodeString(body)
	names, namesErr := hex.DecodeString(strings.TrimPrefix(rest, namesLine))
	if of == nil || err != nil || len(secret) != kekSize || rest != "" && (!strings.HasPrefix(rest, namesLine) || namesErr != nil || len(names) != kekSize) {
		return nil, domain.Deny(domain.ErrSealed, "%s is no key-encryption key", "put it back from its backup", file)
	}
	derive := func(use string, size int) []byte {
		key, err := hkdf.Key(of.hash, secret, nil, use, size)
		if err != nil {
			panic("vault: " + err.Error()) // only a size that HKDF cannot give
		}
		return key
	}
	k := &kek{suite: of, names: names, id: hex.EncodeToString(derive("leeway kek id v1", kekSize)[:8])}
	if rest == "" {
		k.names = derive("leeway index of data keys v1", kekSize)
	}
	k.AEAD, err = of.aead(derive("leeway wrapping of data keys v1", of.keySize))
	return k, err
}

// wrapped is a data key as it lies on disk, or the mark that stands in its
// place once it lies in escrow or is destroyed. Marks have a version of their
// own, so that a program that does not know them does not open what they close.
type wrapped struct {
	Version int    `json:"version"`
	KEK     string `json:"kek,omitempty"` // id of the key-encryption key
	Nonce   []byte `json:"nonce,omitempty"`
	Key     []byte `json:"key,omitempty"` // encrypted; id and subject are authenticated
	State   string `json:"state,omitempty"`
}

// Versions of a file of a data key.
const (
	wrappedKey = 1
	keyMark    = 2
)

func wrapAAD(id, subject string) []byte {
	return frame(frame([]byte("data-key-v1"), []byte(id)), []byte(subject))
}

// readKey reads and unwraps a data key. A missing file is fs.ErrNotExist.
func (v *Vault) readKey(id, subject string) ([]byte, error) {
	text, err := v.dir.ReadFile(path.Join(keysDir, id))
	if err != nil {
		return nil, err
	}
	return v.unwrap(text, id, subject)
}

// unwrap opens the file of a data key. A mark in its place is ErrRestricted or
// ErrShredded.
func (v *Vault) unwrap(text []byte, id, subject string) ([]byte, error) {
	var w wrapped
	err := json.Unmarshal(text, &w)
	switch {
	case err == nil && w.Version == keyMark && w.State == restricted:
		return nil, domain.Deny(domain.ErrRestricted, "key %s lies in escrow", "let two persons release it, or open it for an inspection", id)
	case err == nil && w.Version == keyMark && w.State == shredded:
		return nil, domain.Deny(domain.ErrShredded, "key %s was destroyed", "nobody can open it any more; record new data under another pseudonym", id)
	case err != nil || w.Version != wrappedKey || len(w.Nonce) != v.kek.NonceSize():
		return nil, domain.Deny(domain.ErrSealed, "key %s is damaged", "put it back from its backup", id)
	}
	by := v.kek
	if v.next != nil && w.KEK == v.next.id {
		by = v.next
	}
	if w.KEK != by.id {
		return nil, domain.Deny(domain.ErrSealed, "key %s is wrapped by key-encryption key %s, this vault has %s", "", id, w.KEK, v.kek.id)
	}
	raw, err := by.Open(nil, w.Nonce, w.Key, wrapAAD(id, subject))
	if err != nil {
		return nil, domain.Deny(domain.ErrSealed, "key %s does not unwrap", "put it back from its backup", id)
	}
	return raw, nil
}

// wrap is the file of a data key.
func (k *kek) wrap(raw []byte, id, subject string) ([]byte, error) {
	nonce := random(k.NonceSize())
	return json.Marshal(wrapped{Version: wrappedKey, KEK: k.id, Nonce: nonce, Key: k.Seal(nil, nonce, raw, wrapAAD(id, subject))})
}

// makeKey makes a data key and returns it when it is on stable storage. Where
// another process was faster, its key is the one.
func (v *Vault) makeKey(id, subject string) ([]byte, error) {
	raw := random(v.suite.keySize)
	text, err := v.kek.wrap(raw, id, subject)
	if err != nil {
		return nil, err
	}
	err = writeNew(v.dir, path.Join(keysDir, id), text)
	if errors.Is(err, fs.ErrExist) {
		return v.readKey(id, subject)
	}
	if err != nil {
		return nil, fmt.Errorf("vault: new key: %w", err)
	}
	return raw, nil
}

// writeNew puts a whole file in place, durably, or gives fs.ErrExist and
// leaves what is there. A crash leaves at most a file with a random name.
func writeNew(root *os.Root, name string, text []byte) error {
	temp, err := writeTemp(root, name, text)
	if err != nil {
		return err
	}
	defer root.Remove(temp)
	if err := root.Link(temp, name); err != nil {
		return err
	}
	return syncDir(root, path.Dir(name))
}

// writeTemp writes a file beside a name, onto stable storage, and says which.
func writeTemp(root *os.Root, name string, text []byte) (string, error) {
	temp := name + ".new-" + hex.EncodeToString(random(8))
	f, err := root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, root.Remove(temp))
	}
	return temp, nil
}

// syncDir makes a new name in a folder durable. Windows cannot, and needs not.
func syncDir(root *os.Root, name string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
