package vault

import (
	"fmt"
	"io"
	"strings"

	"filippo.io/age"

	"leeway/domain"
)

// CheckRecipient refuses a text that is no public key of an inspector. The
// error wraps domain.ErrInvalid and never repeats a secret key that somebody
// gave by mistake.
func CheckRecipient(recipient string) error {
	_, err := parseRecipient(recipient)
	return err
}

// Encrypt encrypts what is read from an export to an inspector's age key, and
// writes the age file. The recipient is a line as age-keygen prints it, age1…
// or the hybrid age1pq1…; the inspector opens the file with age itself or with
// Decrypt. The ciphertext is another one each time; what is inside stays the
// same bytes, so that sums are taken of the package, not of the age file. It
// says nothing of who encrypted: the signatures in the package do.
//
// The error wraps domain.ErrInvalid where the recipient is none. On any error
// dst holds a part that must be thrown away.
func Encrypt(dst io.Writer, src io.Reader, recipient string) error {
	to, err := parseRecipient(recipient)
	if err != nil {
		return err
	}
	w, err := age.Encrypt(dst, to)
	if err != nil {
		return fmt.Errorf("encrypt export: %w", err)
	}
	if _, err := io.Copy(w, src); err != nil {
		return fmt.Errorf("encrypt export: %w", err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("encrypt export: %w", err)
	}
	return nil
}

// Decrypt opens an age file with the identities of a key file, the secret
// lines of age-keygen. The error wraps domain.ErrInvalid where the key file
// holds none, and domain.ErrSealed where none of them opens the file. What is
// read afterwards is authenticated piece by piece: a read error means that the
// file was changed or cut, and nothing read before it may be used.
func Decrypt(src io.Reader, keyFile string) (io.Reader, error) {
	ids, err := age.ParseIdentities(strings.NewReader(keyFile))
	if err != nil || len(ids) == 0 {
		return nil, domain.Deny(domain.ErrInvalid, "the key file holds no age identity", "make one with age-keygen")
	}
	r, err := age.Decrypt(src, ids...)
	if err != nil {
		// What age says may quote the header; it holds no secret.
		return nil, domain.Deny(domain.ErrSealed, "the age file does not open with this key: %v", "", err)
	}
	return r, nil
}

func parseRecipient(text string) (age.Recipient, error) {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(strings.ToUpper(text), "AGE-SECRET-KEY-") {
		return nil, domain.NewFault("recipient", "it is a secret key", "give the public key, age1…; what was typed here is no secret any more, so make a new key")
	}
	if to, err := age.ParseX25519Recipient(text); err == nil {
		return to, nil
	}
	if to, err := age.ParseHybridRecipient(text); err == nil {
		return to, nil
	}
	return nil, domain.NewFault("recipient", "it is no age public key", "give the line age1… that age-keygen prints")
}
