package vault

import (
	"crypto/cipher"
	"crypto/hmac"
	"encoding/binary"
	"fmt"

	"leeway/domain"
)

// saltSize is the size of the salt that keeps a commitment from being guessed.
const saltSize = 32

// place is where a sealed field belongs, and in which suite. All of it is
// authenticated, so that the field opens nowhere else.
type place struct {
	suite                     *suite
	key, stream, event, field string
}

// bytes writes the place so that no two places have the same bytes: every
// part behind its length.
func (p place) bytes() []byte {
	var b []byte
	for _, part := range []string{p.suite.id, p.key, p.stream, p.event, p.field} {
		b = frame(b, []byte(part))
	}
	return b
}

func frame(b, part []byte) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(len(part)))
	return append(b, part...)
}

// commit is the commitment to a text at a place. GCM does not bind its
// key: without it, who holds the key could make one ciphertext that opens to
// two texts. The salt lies inside the ciphertext, and so without the key the
// commitment tells nothing, not even to somebody who guesses the text.
func commit(p place, salt []byte, text string) []byte {
	h := p.suite.hash()
	h.Write([]byte("pii-v1"))
	h.Write(frame(nil, p.bytes()))
	h.Write(salt)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// seal encrypts salt and text; place and commitment are authenticated.
func seal(key cipher.AEAD, p place, data *domain.Private) (domain.Sealed, error) {
	salt, nonce := random(saltSize), random(key.NonceSize())
	c := commit(p, salt, data.Text)
	inner := append(salt, data.Text...)
	return domain.Sealed{
		Field: p.field, Subject: data.Subject, Key: p.key,
		Nonce: nonce, Commitment: c,
		Ciphertext: key.Seal(nil, nonce, inner, frame(p.bytes(), c)),
	}, nil
}

// open decrypts a field and checks its commitment.
func open(key cipher.AEAD, p place, s domain.Sealed) (string, error) {
	altered := fmt.Errorf("%w: sealed field %s of event %s does not open", domain.ErrAltered, p.field, p.event)
	if len(s.Nonce) != key.NonceSize() {
		return "", altered
	}
	inner, err := key.Open(nil, s.Nonce, s.Ciphertext, frame(p.bytes(), s.Commitment))
	if err != nil || len(inner) < saltSize {
		return "", altered
	}
	salt, text := inner[:saltSize], string(inner[saltSize:])
	if !hmac.Equal(commit(p, salt, text), s.Commitment) {
		return "", altered
	}
	return text, nil
}
