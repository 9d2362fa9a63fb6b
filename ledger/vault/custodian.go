package vault

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"filippo.io/age"

	"leeway/domain"
)

const (
	custodiansFile = "custodians"
	mostCustodians = 6
)

// A Custodian holds one of the keys that open what lies in escrow.
type Custodian struct {
	Name      string // by pseudonym
	Recipient string // the public age key
}

// held is a data key in escrow. Without custodians it is the wrapped key
// itself. With them it is encrypted once for each pair, to the one inside the
// other: any two open it and no single one does. With the key-encryption key
// that wraps what is inside, that makes two persons and this vault.
type held struct {
	Version int             `json:"version"`
	Key     json.RawMessage `json:"key,omitempty"`
	Pairs   []pair          `json:"pairs,omitempty"`
}

type pair struct {
	Of  [2]string `json:"of"`
	Box []byte    `json:"box"`
}

// Custodians are those who are named; none: the escrow has no keys of its own.
func (v *Vault) Custodians() ([]Custodian, error) {
	text, err := v.dir.ReadFile(custodiansFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	var list []Custodian
	for line := range strings.Lines(string(text)) {
		name, recipient, ok := strings.Cut(strings.TrimSpace(line), " ")
		if _, err := parseRecipient(recipient); !ok || err != nil {
			return nil, domain.Deny(domain.ErrSealed, "the list of custodians is damaged", "put it back from its backup")
		}
		list = append(list, Custodian{name, recipient})
	}
	return list, nil
}

// SetCustodians names who holds the keys of the escrow from now on: nobody, or
// two to six persons with a key each. What lies in escrow already stays as it
// was locked: release and restrict it again. The error wraps domain.ErrInvalid.
func (v *Vault) SetCustodians(list []Custodian) error {
	if n := len(list); n == 1 || n > mostCustodians {
		return domain.NewFault("custodians", "there are %d", "name two to %[2]d, so that two can open and one cannot", n, mostCustodians)
	}
	var text strings.Builder
	for i, c := range list {
		same := func(x Custodian) bool { return x.Name == c.Name || x.Recipient == c.Recipient }
		if c.Name == "" || strings.ContainsAny(c.Name, " \t\r\n") || slices.ContainsFunc(list[:i], same) {
			return domain.NewFault("custodians", "“%s” is empty, has a space, or stands there twice", "give each a name of one word and a key of his own", c.Name)
		}
		if err := CheckRecipient(c.Recipient); err != nil {
			return err
		}
		fmt.Fprintf(&text, "%s %s\n", c.Name, c.Recipient)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := replaceFile(v.dir, custodiansFile, []byte(text.String())); err != nil {
		return fmt.Errorf("vault: custodians: %w", err)
	}
	return nil
}

// Present lends the vault the secret keys of custodians who are there, each as
// the text of an age key file, until it is closed.
func (v *Vault) Present(keyFiles ...string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, text := range keyFiles {
		ids, err := age.ParseIdentities(strings.NewReader(text))
		if err != nil {
			return domain.Deny(domain.ErrInvalid, "the key file holds no age identity", "make one with age-keygen")
		}
		v.identities = append(v.identities, ids...)
	}
	return nil
}

// lock puts the file of a data key into the form in which it lies in escrow.
func (v *Vault) lock(key []byte) ([]byte, error) {
	list, err := v.Custodians()
	if err != nil {
		return nil, err
	}
	h := held{Version: 1}
	if len(list) == 0 {
		h.Key = key
	}
	for i, a := range list {
		for _, b := range list[i+1:] {
			box := bytes.Clone(key)
			for _, c := range []Custodian{b, a} {
				var out bytes.Buffer
				if err := Encrypt(&out, bytes.NewReader(box), c.Recipient); err != nil {
					return nil, err
				}
				box = out.Bytes()
			}
			h.Pairs = append(h.Pairs, pair{[2]string{a.Name, b.Name}, box})
		}
	}
	return json.Marshal(h)
}

// escrowed is a data key that lies in escrow: its file as it was, and the key.
func (v *Vault) escrowed(id, subject string) (text, raw []byte, err error) {
	stored, err := v.dir.ReadFile(path.Join(escrowDir, id))
	if err != nil {
		return nil, nil, v.noKey(id, err)
	}
	var h held
	if err := json.Unmarshal(stored, &h); err != nil || h.Version != 1 {
		return nil, nil, domain.Deny(domain.ErrSealed, "the escrow of key %s is damaged", "put it back from its backup", id)
	}
	text = h.Key
	if len(h.Pairs) > 0 {
		if text, err = v.openPair(h.Pairs); err != nil {
			return nil, nil, err
		}
	}
	raw, err = v.unwrap(text, id, subject)
	return text, raw, err
}

// openPair opens the escrow with the custodians who are present.
func (v *Vault) openPair(pairs []pair) ([]byte, error) {
	for _, p := range pairs {
		box := p.Box
		for range p.Of {
			if box = v.unbox(box); box == nil {
				break
			}
		}
		if box != nil {
			return box, nil
		}
	}
	return nil, domain.Deny(domain.ErrRestricted, "two custodians must be there with their keys", "any of these pairs: %s", pairNames(pairs))
}

// unbox opens one layer, or gives nil.
func (v *Vault) unbox(box []byte) []byte {
	if len(v.identities) == 0 {
		return nil
	}
	r, err := age.Decrypt(bytes.NewReader(box), v.identities...)
	if err != nil {
		return nil
	}
	inner, err := io.ReadAll(r)
	if err != nil {
		return nil
	}
	return inner
}

func pairNames(pairs []pair) string {
	names := make([]string, len(pairs))
	for i, p := range pairs {
		names[i] = p.Of[0] + "+" + p.Of[1]
	}
	return strings.Join(names, ", ")
}
