package ledger

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"leeway/domain"
)

// Signer signs notes under one key. LoadKey gives one that holds an Ed25519 or
// an SM2 key; a hardware module implements the same three methods: Name, KeyHash and
// Sign. Sign may be called from many goroutines.
type Signer = note.Signer

// Key is a signing key with the public key that verifies it, as the line that
// goes into a policy file.
type Key struct {
	Signer
	Public string
}

// maxKeyFile is more than any key file holds; a name that leads to a device or
// to a large file ends here.
const maxKeyFile = 4096

// CreateKey makes a new Ed25519 key and writes it to a file that its owner
// alone can read. The name of a log's key is the log's origin. A file that
// exists is ErrExists and stays as it is: a key that is overwritten can never
// be shown to have signed anything.
func CreateKey(file, name string) (Key, error) {
	secret, public, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		return Key{}, fmt.Errorf("key: %w", err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		return Key{}, domain.NewFault("", "key name %q is no single word", "give one word without spaces or plus signs, such as ledger.example/office", name)
	}
	return Key{signer, public}, writeKey(file, secret)
}

// writeKey writes a new key file, or gives ErrExists and leaves what is there.
func writeKey(file, secret string) error {
	dir, err := os.OpenRoot(filepath.Dir(file))
	if err != nil {
		return fmt.Errorf("key: %w", err)
	}
	defer dir.Close()
	err = writeNew(dir, filepath.Base(file), []byte(secret+"\n"))
	if errors.Is(err, fs.ErrExist) {
		return domain.Deny(ErrExists, "there is a key file %s", "", file)
	}
	if err != nil {
		return fmt.Errorf("key: %w", err)
	}
	return nil
}

// LoadKey reads the signing key of a log. The error wraps ErrExposed where
// others may read or change the file, or where it is reached through a
// symbolic link, and ErrMalformed where it holds no key.
func LoadKey(file string) (Key, error) {
	secret, err := readSecret(file)
	if err != nil {
		return Key{}, err
	}
	if key, err := loadSM2(secret); !errors.Is(err, errNotSM2) {
		if err != nil {
			return Key{}, domain.Deny(ErrMalformed, "%s: %s", "put it back from its backup", file, err)
		}
		return key, nil
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		return Key{}, domain.Deny(ErrMalformed, "%s holds no signing key", "put it back from its backup", file)
	}
	public, err := publicKey(secret)
	if err != nil {
		return Key{}, domain.Deny(ErrMalformed, "%s: %s", "put it back from its backup", file, err)
	}
	return Key{signer, public}, nil
}

// LoadWitnessKey reads a key file as LoadKey does, for a witness: its
// signatures carry their time and count as cosignatures only.
func LoadWitnessKey(file string) (Key, error) {
	secret, err := readSecret(file)
	if err != nil {
		return Key{}, err
	}
	signer, err := fnote.NewSignerForCosignatureV1(secret)
	if err != nil {
		return Key{}, domain.Deny(ErrMalformed, "%s holds no witness key", "put it back from its backup", file)
	}
	public, err := publicKey(secret)
	if err == nil {
		public, err = fnote.VKeyToCosignatureV1(public)
	}
	if err != nil {
		return Key{}, domain.Deny(ErrMalformed, "%s: %s", "put it back from its backup", file, err)
	}
	return Key{signer, public}, nil
}

// readSecret reads a key file and refuses it where others can get at it. The
// error never holds a part of the key.
func readSecret(file string) (string, error) {
	before, err := os.Lstat(file)
	if err != nil {
		return "", fmt.Errorf("key: %w", err)
	}
	f, err := os.Open(file)
	if err != nil {
		return "", fmt.Errorf("key: %w", err)
	}
	defer f.Close()
	// What was opened is checked, not what the name led to a moment ago.
	info, err := f.Stat()
	if err != nil {
		return "", fmt.Errorf("key: %w", err)
	}
	switch {
	case !before.Mode().IsRegular() || !os.SameFile(before, info):
		return "", domain.Deny(ErrExposed, "%s is a symbolic link or no file", "name the real place", file)
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return "", domain.Deny(ErrExposed, "%s has mode %s", "take the rights of group and others away (chmod 600)", file, fmt.Sprintf("%04o", info.Mode().Perm()))
	}
	text, err := io.ReadAll(io.LimitReader(f, maxKeyFile))
	if err != nil {
		return "", fmt.Errorf("key: %w", err)
	}
	return string(bytes.TrimSuffix(text, []byte("\n"))), nil
}

// openLogVerifier reads the public key of a log from a policy line: plain
// Ed25519, or SM2.
func openLogVerifier(line string) (note.Verifier, error) {
	v, err := openSM2Verifier(line)
	if errors.Is(err, errNotSM2) {
		v, err = note.NewVerifier(line)
	}
	if err != nil {
		return nil, domain.Deny(ErrMalformed, "%.120q is no public key of a log", "", line)
	}
	return v, nil
}

// openWitnessVerifier reads the public key of a witness. A plain Ed25519 key
// is taken too; its signatures count as cosignatures with a time.
func openWitnessVerifier(line string) (note.Verifier, error) {
	if !strings.Contains(line, "+") {
		return nil, domain.Deny(ErrMalformed, "%.120q is no public key of a witness", "", line)
	}
	v, err := fnote.NewVerifierForCosignatureV1(line)
	if err != nil {
		return nil, domain.Deny(ErrMalformed, "%.120q is no public key of a witness", "", line)
	}
	return v, nil
}

// publicKey derives the public line from the secret one, so that the two never
// lie in two files that can be mixed up.
func publicKey(secret string) (string, error) {
	parts := strings.SplitN(secret, "+", 5) // PRIVATE, KEY, name, hash, key
	if len(parts) != 5 {
		return "", domain.Deny(ErrMalformed, "the key has no five parts", "")
	}
	raw, err := base64.StdEncoding.DecodeString(parts[4])
	if err != nil || len(raw) != 1+ed25519.SeedSize {
		return "", domain.Deny(ErrMalformed, "the key is not Ed25519", "")
	}
	public := ed25519.NewKeyFromSeed(raw[1:]).Public().(ed25519.PublicKey)
	return note.NewEd25519VerifierKey(parts[2], public)
}
