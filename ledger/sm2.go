package ledger

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/emmansun/gmsm/sm2"
	"golang.org/x/mod/sumdb/note"

	"leeway/domain"
)

// sm2Type is what the key of an SM2 line begins with. C2SP signed-note keeps
// 0xff, with a name that nobody else has, for algorithms that it does not know;
// who reads notes without knowing it passes such a line over.
const sm2Type = "\xffleeway/sm2-sm3/v1\n"

// sm2Signer signs notes with SM2 over SM3 (GB/T 32918.2), under the standard's
// default identifier of the signer. A signature is the ASN.1 of GB/T 35276.
type sm2Signer struct {
	sm2Verifier
	key *sm2.PrivateKey
}

// sm2Verifier checks them.
type sm2Verifier struct {
	name   string
	hash   uint32
	public *ecdsa.PublicKey
	line   string
}

var (
	_ note.Signer   = (*sm2Signer)(nil)
	_ note.Verifier = (*sm2Verifier)(nil)
)

// Name implements note.Signer and note.Verifier.
func (v *sm2Verifier) Name() string { return v.name }

// KeyHash implements note.Signer and note.Verifier.
func (v *sm2Verifier) KeyHash() uint32 { return v.hash }

// Verify implements note.Verifier.
func (v *sm2Verifier) Verify(msg, sig []byte) bool {
	return sm2.VerifyASN1WithSM2(v.public, nil, msg, sig)
}

// Sign implements note.Signer. Without a source of randomness the library takes
// the nonce from key and text (RFC 6979 over SM3), so that the same receipt has
// the same bytes whenever it is signed, as Ed25519 gives them.
func (s *sm2Signer) Sign(msg []byte) ([]byte, error) {
	return s.key.Sign(nil, msg, sm2.NewSM2SignerOption(true, nil))
}

// isSM2 reports whether a key signs with SM2.
func isSM2(s Signer) bool {
	if key, ok := s.(Key); ok {
		s = key.Signer
	}
	_, ok := s.(*sm2Signer)
	return ok
}

// CreateKeySM2 makes a new SM2 key as CreateKey makes an Ed25519 one.
func CreateKeySM2(file, name string) (Key, error) {
	key, err := sm2.GenerateKey(rand.Reader)
	if err != nil {
		return Key{}, fmt.Errorf("key: %w", err)
	}
	s, err := newSM2Signer(name, key)
	if err != nil {
		return Key{}, err
	}
	raw := append([]byte(sm2Type), key.D.FillBytes(make([]byte, 32))...)
	secret := fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", name, s.hash, base64.StdEncoding.EncodeToString(raw))
	if err := writeKey(file, secret); err != nil {
		return Key{}, err
	}
	return Key{s, s.line}, nil
}

// newSM2Signer names a key.
func newSM2Signer(name string, key *sm2.PrivateKey) (*sm2Signer, error) {
	if name == "" || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsSpace) || strings.Contains(name, "+") {
		return nil, domain.NewFault("", "key name %q is no single word", "give one word without spaces or plus signs, such as ledger.example/office", name)
	}
	point, err := sm2.PublicKeyToECDH(&key.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	raw := append([]byte(sm2Type), point.Bytes()...)
	hash := noteKeyHash(name, raw)
	line := fmt.Sprintf("%s+%08x+%s", name, hash, base64.StdEncoding.EncodeToString(raw))
	return &sm2Signer{sm2Verifier{name, hash, &key.PublicKey, line}, key}, nil
}

// noteKeyHash is the id of a key, as signed-note defines it.
func noteKeyHash(name string, raw []byte) uint32 {
	sum := sha256.Sum256(append([]byte(name+"\n"), raw...))
	return binary.BigEndian.Uint32(sum[:])
}

// errNotSM2 says that a key is of another kind.
var errNotSM2 = errors.New("not an SM2 key")

// splitSM2 takes a key line apart: name, id, key. It takes one spelling.
func splitSM2(line string) (name string, hash uint32, raw []byte, err error) {
	parts := strings.SplitN(line, "+", 3)
	if len(parts) != 3 {
		return "", 0, nil, errNotSM2
	}
	raw, err = base64.StdEncoding.Strict().DecodeString(parts[2])
	if err != nil || !strings.HasPrefix(string(raw), sm2Type) || strings.ContainsAny(parts[2], "\r\n") {
		return "", 0, nil, errNotSM2
	}
	id, err := hex.DecodeString(parts[1])
	if err != nil || len(id) != 4 || parts[1] != strings.ToLower(parts[1]) {
		return "", 0, nil, domain.Deny(ErrMalformed, "its id is not eight hexadecimal digits", "")
	}
	return parts[0], binary.BigEndian.Uint32(id), raw[len(sm2Type):], nil
}

// loadSM2 reads a signing key; errNotSM2 where it is of another kind.
func loadSM2(secret string) (Key, error) {
	body, ok := strings.CutPrefix(secret, "PRIVATE+KEY+")
	if !ok {
		return Key{}, errNotSM2
	}
	name, hash, raw, err := splitSM2(body)
	if err != nil {
		return Key{}, err
	}
	key, err := sm2.NewPrivateKey(raw)
	if err != nil {
		return Key{}, domain.Deny(ErrMalformed, "it is no SM2 signing key", "")
	}
	s, err := newSM2Signer(name, key)
	if err != nil {
		return Key{}, err
	}
	if s.hash != hash {
		return Key{}, domain.Deny(ErrMalformed, "its id is not that of the key", "")
	}
	return Key{s, s.line}, nil
}

// openSM2Verifier reads a public key; errNotSM2 where it is of another kind.
func openSM2Verifier(line string) (note.Verifier, error) {
	name, hash, raw, err := splitSM2(line)
	if err != nil {
		return nil, err
	}
	if name == "" || strings.ContainsFunc(name, unicode.IsSpace) || !utf8.ValidString(name) || hash != noteKeyHash(name, append([]byte(sm2Type), raw...)) {
		return nil, domain.Deny(ErrMalformed, "name or id are not those of the key", "")
	}
	public, err := sm2.NewPublicKey(raw) // on the curve, uncompressed
	if err != nil {
		return nil, domain.Deny(ErrMalformed, "it is no point of the SM2 curve", "")
	}
	return &sm2Verifier{name, hash, public, line}, nil
}
