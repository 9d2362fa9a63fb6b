package vault

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"leeway/domain"
)

const (
	stream = "case-F1"
	event  = "0198c0de-0000-7000-8000-00000000000a"
	at     = "members[m1].name"
)

func created(t *testing.T) (*Vault, string) {
	t.Helper()
	dir := t.TempDir() + "/vault"
	v, err := Create(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return v, dir
}

func field(subject, text string) domain.PrivateField {
	p := domain.Personal(subject, text)
	return domain.PrivateField{Path: at, Data: &p}
}

func sealed(t *testing.T, v *Vault, subject, text string) domain.Sealed {
	t.Helper()
	s, err := v.Seal(stream, event, field(subject, text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestOpensWhatWasSealed(t *testing.T) {
	v, _ := created(t)
	for _, text := range []string{"张三", "x", strings.Repeat("长", 100_000), "\x00", "a\nb"} {
		s := sealed(t, v, "F1/m1", text)
		got, err := v.Open(stream, event, s)
		if err != nil || got != text {
			t.Errorf("Open = %.20q, %v; want %.20q", got, err, text)
		}
		if s.Field != at || s.Subject != "F1/m1" || s.Key == "" || len(s.Commitment) != 32 {
			t.Errorf("sealed as %+v", s)
		}
	}
}

func TestEqualTextsAreSealedDifferently(t *testing.T) {
	v, _ := created(t)
	a, b := sealed(t, v, "F1/m1", "张三"), sealed(t, v, "F1/m1", "张三")
	if string(a.Ciphertext) == string(b.Ciphertext) || string(a.Commitment) == string(b.Commitment) {
		t.Error("two seals of one text can be told to be of one text")
	}
	if a.Key != b.Key {
		t.Error("one subject has two keys")
	}
	if c := sealed(t, v, "F2/m1", "张三"); c.Key == a.Key {
		t.Error("two subjects have one key")
	}
}

func TestNothingToSealIsRefused(t *testing.T) {
	v, _ := created(t)
	for name, f := range map[string]domain.PrivateField{
		"no text": field("F1/m1", ""), "no subject": field("", "张三"), "no data": {Path: at},
	} {
		if _, err := v.Seal(stream, event, f); !errors.Is(err, domain.ErrInvalid) {
			t.Errorf("%s: Seal = %v, want ErrInvalid", name, err)
		}
	}
}

// TestSealHoldsToItsPlace moves and changes everything around a sealed field
// that somebody with write access to the store could.
func TestSealHoldsToItsPlace(t *testing.T) {
	v, _ := created(t)
	other := sealed(t, v, "F1/m2", "李四")
	for _, tt := range []struct {
		name          string
		stream, event string
		edit          func(*domain.Sealed)
		want          error
	}{
		{"another stream", "case-F2", event, nil, domain.ErrAltered},
		{"another event", stream, "0198c0de-0000-7000-8000-00000000000b", nil, domain.ErrAltered},
		{"another field", stream, event, func(s *domain.Sealed) { s.Field = "members[m2].name" }, domain.ErrAltered},
		{"letters moved between stream and event", stream + event[:1], event[1:], nil, domain.ErrAltered},
		{"another subject", stream, event, func(s *domain.Sealed) { s.Subject = "F1/m2" }, domain.ErrSealed},
		{"another subject and key", stream, event, func(s *domain.Sealed) { s.Subject, s.Key = other.Subject, other.Key }, domain.ErrAltered},
		{"another's ciphertext", stream, event, func(s *domain.Sealed) { s.Nonce, s.Ciphertext = other.Nonce, other.Ciphertext }, domain.ErrAltered},
		{"another's commitment", stream, event, func(s *domain.Sealed) { s.Commitment = other.Commitment }, domain.ErrAltered},
		{"no nonce", stream, event, func(s *domain.Sealed) { s.Nonce = nil }, domain.ErrAltered},
		{"long nonce", stream, event, func(s *domain.Sealed) { s.Nonce = append(s.Nonce, 0) }, domain.ErrAltered},
		{"no ciphertext", stream, event, func(s *domain.Sealed) { s.Ciphertext = nil }, domain.ErrAltered},
		{"cut ciphertext", stream, event, func(s *domain.Sealed) { s.Ciphertext = s.Ciphertext[:len(s.Ciphertext)-1] }, domain.ErrAltered},
		{"key of nobody", stream, event, func(s *domain.Sealed) { s.Key = strings.Repeat("0", 32) }, domain.ErrSealed},
		{"key that leads out of the folder", stream, event, func(s *domain.Sealed) { s.Key = "../kek" }, domain.ErrSealed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := sealed(t, v, "F1/m1", "张三")
			if tt.edit != nil {
				tt.edit(&s)
			}
			if got, err := v.Open(tt.stream, tt.event, s); !errors.Is(err, tt.want) || got != "" {
				t.Errorf("Open = %q, %v; want %v", got, err, tt.want)
			}
		})
	}
}

func TestEveryBitCounts(t *testing.T) {
	v, _ := created(t)
	s := sealed(t, v, "F1/m1", "张三")
	for name, b := range map[string][]byte{"ciphertext": s.Ciphertext, "nonce": s.Nonce, "commitment": s.Commitment} {
		for i := range len(b) * 8 {
			b[i/8] ^= 1 << (i % 8)
			if _, err := v.Open(stream, event, s); !errors.Is(err, domain.ErrAltered) {
				t.Fatalf("bit %d of the %s flipped: Open = %v, want ErrAltered", i, name, err)
			}
			b[i/8] ^= 1 << (i % 8)
		}
	}
	if _, err := v.Open(stream, event, s); err != nil {
		t.Errorf("with every bit flipped back: %v", err)
	}
}

// TestCommitmentBindsTheText makes the ciphertext that only the holder of the
// data key can make: one that decrypts well but is not what was committed to.
func TestCommitmentBindsTheText(t *testing.T) {
	v, _ := created(t)
	s := sealed(t, v, "F1/m1", "张三")
	key, err := v.key(s.Key, s.Subject, false)
	if err != nil {
		t.Fatal(err)
	}
	p := place{intl, s.Key, stream, event, at}
	inner := append(random(saltSize), "李四"...)
	s.Ciphertext = key.Seal(nil, s.Nonce, inner, frame(p.bytes(), s.Commitment))
	if got, err := v.Open(stream, event, s); !errors.Is(err, domain.ErrAltered) {
		t.Errorf("Open = %q, %v; want ErrAltered", got, err)
	}
	s.Ciphertext = key.Seal(nil, s.Nonce, []byte("short"), frame(p.bytes(), s.Commitment))
	if got, err := v.Open(stream, event, s); !errors.Is(err, domain.ErrAltered) {
		t.Errorf("without a salt: Open = %q, %v; want ErrAltered", got, err)
	}
}

// TestPlacesDiffer checks that parts cannot be shifted into each other.
func TestPlacesDiffer(t *testing.T) {
	seen := map[string]place{}
	for _, p := range []place{
		{intl, "ab", "c", "d", "e"}, {intl, "a", "bc", "d", "e"}, {intl, "a", "b", "cd", "e"}, {intl, "a", "b", "c", "de"},
		{intl, "", "abc", "d", "e"}, {intl, "a", "b", "c", "d\x00e"}, {intl, "a", "b", "c\x00d", "e"},
	} {
		if other, ok := seen[string(p.bytes())]; ok {
			t.Errorf("%v and %v have the same bytes", p, other)
		}
		seen[string(p.bytes())] = p
	}
}

func TestManyAtOnce(t *testing.T) {
	v, dir := created(t)
	again, err := Open(dir) // as a second process would
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			one, two := v, again
			if i%2 == 1 {
				one, two = again, v
			}
			for j := range 8 {
				subject, text := fmt.Sprintf("F1/m%d", j), fmt.Sprintf("%d says %d", i, j)
				s, err := one.Seal(stream, event, field(subject, text))
				if err != nil {
					t.Errorf("Seal: %v", err)
					continue
				}
				if got, err := two.Open(stream, event, s); err != nil || got != text {
					t.Errorf("Open = %q, %v; want %q", got, err, text)
				}
			}
		})
	}
	wg.Wait()
}
