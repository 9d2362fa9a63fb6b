package ledger

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"leeway/domain"
)

// Policy says whom a verifier believes: the log's keys, its witnesses, and how
// many of those must have cosigned. It is a tlog-policy file, and the one thing
// that a verifier must get from somebody else than the operator.
type Policy struct {
	logs      []note.Verifier
	witnesses []member
	groups    []member
	quorum    string // name of a witness or group; "none"

	lines map[string]string // public keys as they were written, by key name and hash
}

// member is a witness, or a group that needs some of other members.
type member struct {
	name     string
	verifier note.Verifier // of a witness
	url      string        // of a witness, where it is served
	need     int           // of a group
	of       []string
}

// ParsePolicy reads a policy file: lines "log KEY [URL]", "witness NAME KEY
// [URL]", "group NAME all|any|NUMBER NAME…" and one "quorum NAME|none".
// Several log lines of one origin are the old and the new keys of that log. The
// error wraps ErrMalformed and names the line.
func ParsePolicy(text []byte) (*Policy, error) {
	p := &Policy{lines: make(map[string]string)}
	keys := make(map[string]bool)
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSuffix(line, "\r") // as some editors end a line
		if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
			return nil, domain.Deny(ErrMalformed, "policy line %d holds a control character", "", i+1)
		}
		fields := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' })
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if err := p.line(fields, keys); err != nil {
			return nil, domain.Within(err, "policy line %d", i+1)
		}
	}
	if p.quorum == "" {
		return nil, domain.Deny(ErrMalformed, "policy has no quorum line", "write “quorum none” where there is no witness")
	}
	return p, nil
}

// line reads one line. keys are the public keys so far.
func (p *Policy) line(fields []string, keys map[string]bool) (err error) {
	word, args := fields[0], fields[1:]
	switch {
	case word == "log" && (len(args) == 1 || len(args) == 2):
		var v note.Verifier
		if v, err = openLogVerifier(args[0]); err == nil {
			p.logs = append(p.logs, v)
			p.lines[keyID(v.Name(), v.KeyHash())] = args[0]
			err = unused(keys, args[0])
		}
	case word == "witness" && (len(args) == 2 || len(args) == 3):
		m := member{name: args[0]}
		if len(args) == 3 {
			m.url = args[2]
		}
		if m.verifier, err = openWitnessVerifier(args[1]); err == nil {
			err = p.name(m.name)
			p.witnesses = append(p.witnesses, m)
			p.lines[keyID(m.verifier.Name(), m.verifier.KeyHash())] = args[1]
		}
		if err == nil {
			err = unused(keys, args[1])
		}
	case word == "group" && len(args) >= 3:
		err = p.group(args)
	case word == "quorum" && len(args) == 1 && p.quorum == "":
		if p.quorum = args[0]; p.quorum != "none" && !p.known(p.quorum) {
			err = domain.Deny(ErrMalformed, "quorum %s is neither a witness nor a group above this line", "", p.quorum)
		}
	default:
		err = domain.Deny(ErrMalformed, "%.80q is no log, witness, group or single quorum line", "", strings.Join(fields, " "))
	}
	return err
}

// group reads a group line. Members stand above it, so there are no circles.
func (p *Policy) group(args []string) error {
	g := member{name: args[0], of: args[2:]}
	switch args[1] {
	case "all":
		g.need = len(g.of)
	case "any":
		g.need = 1
	default:
		n, err := strconv.Atoi(args[1])
		if err != nil || n < 1 || n > len(g.of) {
			return domain.Deny(ErrMalformed, "group %s needs %q of %d members", "", g.name, args[1], len(g.of))
		}
		g.need = n
	}
	for i, name := range g.of {
		// A member that counted twice would let one witness stand for two.
		if !p.known(name) || slices.Contains(g.of[:i], name) || p.grouped(name) {
			return domain.Deny(ErrMalformed, "group %s: member %s is not defined above, or is a member already", "", g.name, name)
		}
	}
	if err := p.name(g.name); err != nil {
		return err
	}
	p.groups = append(p.groups, g)
	return nil
}

// known reports whether a witness or a group has that name.
func (p *Policy) known(name string) bool {
	is := func(m member) bool { return m.name == name }
	return slices.ContainsFunc(p.witnesses, is) || slices.ContainsFunc(p.groups, is)
}

// grouped reports whether a name is a member of a group already.
func (p *Policy) grouped(name string) bool {
	return slices.ContainsFunc(p.groups, func(m member) bool { return slices.Contains(m.of, name) })
}

// name refuses a name that is taken.
func (p *Policy) name(name string) error {
	if name == "none" || p.known(name) {
		return domain.Deny(ErrMalformed, "name %s is taken", "", name)
	}
	return nil
}

// unused refuses a public key that stands there already, under whatever name:
// it would count as two, or the operator as his own witness.
func unused(keys map[string]bool, line string) error {
	parts := strings.SplitN(line, "+", 3) // base64 may hold plus signs of its own
	raw, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(raw) < 2 {
		return domain.Deny(ErrMalformed, "%.120q is no public key", "", line)
	}
	id := string(raw[1:]) // without the byte that says how it signs
	if keys[id] {
		return domain.Deny(ErrMalformed, "the public key of %.80s stands in the policy twice", "", line)
	}
	keys[id] = true
	return nil
}

// satisfied reports whether a set of witnesses, by policy name, makes the
// quorum. One more witness never spoils it. Names that are no witness of the
// policy count for nothing.
func (p *Policy) satisfied(signed map[string]bool) bool {
	if p.quorum == "none" {
		return true
	}
	have := make(map[string]bool)
	for _, w := range p.witnesses {
		have[w.name] = signed[w.name]
	}
	for _, g := range p.groups { // members stand above their group
		n := 0
		for _, name := range g.of {
			if have[name] {
				n++
			}
		}
		have[g.name] = n >= g.need
	}
	return have[p.quorum]
}

// need says in words what the quorum asks for, for the person whose file does
// not verify.
func (p *Policy) need() string {
	for _, g := range p.groups {
		if g.name == p.quorum {
			return fmt.Sprintf("%d of %d: %s", g.need, len(g.of), strings.Join(g.of, ", "))
		}
	}
	return p.quorum
}

// keyID names a key as notes do.
func keyID(name string, hash uint32) string { return fmt.Sprintf("%s+%08x", name, hash) }

// Signed reduces a checkpoint to the signatures that this policy can verify,
// and gives the policy of exactly those keys, witnesses under the ids of
// their keys and without a quorum: what an evidence package carries along. The
// error is that of Verify, but for a quorum that is lacking.
func (p *Policy) Signed(signed []byte) (reduced, keys []byte, err error) {
	v, err := p.open(signed)
	if err != nil {
		return nil, nil, err
	}
	text, all, err := splitNote(signed)
	if err != nil {
		return nil, nil, err
	}
	reduced = []byte(text + "\n")
	for _, s := range all {
		line, known := p.lines[keyID(s.Name, s.Hash)]
		_, witness := p.witness(s)
		switch {
		case !known || !witness && s.Name != v.Origin:
			continue
		case witness:
			keys = fmt.Appendf(keys, "witness %s %s\n", keyID(s.Name, s.Hash), line) // two keys of one witness have one name
		default:
			keys = fmt.Appendf(keys, "log %s\n", line)
		}
		reduced = append(reduced, signatureLine(s)...)
	}
	return reduced, append(keys, "quorum none\n"...), nil
}
