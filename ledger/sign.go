package ledger

import (
	"fmt"

	"golang.org/x/mod/sumdb/note"

	"leeway/domain"
)

// SignText signs a text of several lines, the first of which says what it is,
// and returns the signature line of the signed note without its line break.
// What is kept is the line alone: who verifies builds the text again from what
// it speaks of. A checkpoint or a receipt is refused as a text: a person's
// signature must not pass for the log's.
func SignText(signer Signer, text string) (string, error) {
	if err := plainText(text); err != nil {
		return "", err
	}
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	_, lines, err := splitNote(signed)
	if err != nil {
		return "", err
	}
	line := signatureLine(lines[0])
	return line[:len(line)-1], nil
}

// VerifyText checks that a key has signed a text: the key as its verifier line,
// the signature as SignText gave it. It returns the name of the key. The error
// wraps ErrMalformed where key or line are not in their one spelling, and
// ErrUntrusted where the key did not sign the text.
func VerifyText(key, text, line string) (string, error) {
	v, err := openLogVerifier(key)
	if err != nil {
		return "", err
	}
	if err := plainText(text); err != nil {
		return "", err
	}
	signed := []byte(text + "\n" + line + "\n")
	again, lines, err := splitNote(signed)
	switch {
	case err != nil:
		return "", err
	case again != text || len(lines) != 1 || signatureLine(lines[0]) != line+"\n":
		return "", domain.Deny(ErrMalformed, "%.80q is no signature line", "", line)
	}
	if _, err := note.Open(signed, note.VerifierList(v)); err != nil {
		return "", domain.Deny(ErrUntrusted, "key %s has not signed this text", "", v.Name())
	}
	return v.Name(), nil
}

// plainText refuses what reads as a checkpoint or a receipt.
func plainText(text string) error {
	_, checkpoint := parseText(text)
	_, receipt := parseReceipt(text)
	if checkpoint == nil || receipt == nil {
		return domain.Deny(ErrMalformed, "the text is a checkpoint or a receipt, which the log alone signs", "")
	}
	if text == "" || text[len(text)-1] != '\n' {
		return domain.Deny(ErrMalformed, "the text does not end with a line break", "")
	}
	return nil
}
