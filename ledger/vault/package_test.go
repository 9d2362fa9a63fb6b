package vault

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"filippo.io/age"

	"leeway/domain"
)

func TestExportOpensForItsInspectorAlone(t *testing.T) {
	inspector, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	other, _ := age.GenerateX25519Identity()
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	plain := strings.Repeat("卷宗 F1\n", 30_000) // several of age's chunks
	for name, tt := range map[string]struct{ public, secret string }{
		"X25519": {inspector.Recipient().String(), inspector.String()},
		"hybrid": {hybrid.Recipient().String(), hybrid.String()},
	} {
		t.Run(name, func(t *testing.T) {
			var file bytes.Buffer
			if err := Encrypt(&file, strings.NewReader(plain), tt.public+"\n"); err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(file.Bytes(), []byte("卷宗")) {
				t.Error("the age file shows its content")
			}
			// Comments and several lines are what age-keygen writes.
			r, err := Decrypt(bytes.NewReader(file.Bytes()), "# created: today\n"+tt.secret+"\n")
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(r); err != nil || string(got) != plain {
				t.Errorf("read %d bytes, %v; want %d", len(got), err, len(plain))
			}
			if _, err := Decrypt(bytes.NewReader(file.Bytes()), other.String()); !errors.Is(err, domain.ErrSealed) {
				t.Errorf("with another's key: %v, want ErrSealed", err)
			}
			changed := bytes.Clone(file.Bytes())
			changed[len(changed)-1] ^= 1
			if r, err := Decrypt(bytes.NewReader(changed), tt.secret); err == nil {
				if _, err = io.ReadAll(r); err == nil {
					t.Error("a changed file was read to its end")
				}
			}
		})
	}
}

func TestRecipientsThatAreNone(t *testing.T) {
	secret, _ := age.GenerateX25519Identity()
	for _, text := range []string{"", "age1", "ssh-ed25519 AAAA", secret.String()} {
		err := CheckRecipient(text)
		if !errors.Is(err, domain.ErrInvalid) {
			t.Errorf("CheckRecipient(%.8q) = %v, want ErrInvalid", text, err)
		}
		if err != nil && strings.Contains(err.Error(), secret.String()) {
			t.Error("the error repeats a secret key")
		}
		if err := Encrypt(io.Discard, strings.NewReader("x"), text); !errors.Is(err, domain.ErrInvalid) {
			t.Errorf("Encrypt(%.8q) = %v, want ErrInvalid", text, err)
		}
	}
	if _, err := Decrypt(strings.NewReader(""), "nothing"); !errors.Is(err, domain.ErrInvalid) {
		t.Errorf("Decrypt without identities: %v, want ErrInvalid", err)
	}
}
