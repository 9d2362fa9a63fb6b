package ledger

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"math"
	"strings"
	"time"

	"github.com/transparency-dev/formats/log"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"leeway/domain"
)

// Checkpoint is what a log signs: this many events have this root. It says
// nothing until its signatures are verified.
type Checkpoint struct {
	Origin string
	Size   int64
	Root   tlog.Hash
}

// text is the tlog-checkpoint form, which is also the text of the signed note.
// Origin, size and root, one line each; C2SP advises against more.
func (c Checkpoint) text() string {
	return string(log.Checkpoint{Origin: c.Origin, Size: uint64(c.Size), Hash: c.Root[:]}.Marshal())
}

// parseText reads the text of a checkpoint and takes no other spelling of it.
// Extension lines are refused: nobody could audit them.
func parseText(text string) (Checkpoint, error) {
	var raw log.Checkpoint
	rest, err := raw.Unmarshal([]byte(text))
	if err != nil {
		return Checkpoint{}, domain.Deny(ErrMalformed, "it is no checkpoint of C2SP", "")
	}
	if len(rest) > 0 || len(raw.Hash) != tlog.HashSize || raw.Size > math.MaxInt64 {
		return Checkpoint{}, domain.Deny(ErrMalformed, "checkpoint has extension lines, a hash that is not SHA-256 or an impossible size", "")
	}
	c := Checkpoint{raw.Origin, int64(raw.Size), tlog.Hash(raw.Hash)}
	if c.text() != text {
		return Checkpoint{}, domain.Deny(ErrMalformed, "checkpoint of %.80q is spelled otherwise than C2SP does", "", c.Origin)
	}
	return c, nil
}

// ParseCheckpoint reads the text of a signed checkpoint. It checks the form,
// not the signatures: use Policy.Verify before believing anything.
func ParseCheckpoint(signed []byte) (Checkpoint, error) {
	text, _, err := splitNote(signed)
	if err != nil {
		return Checkpoint{}, err
	}
	return parseText(text)
}

// Sealed is a checkpoint as a CheckpointStore keeps it.
type Sealed struct {
	Seq  int64     // 1, 2, 3 … in the order of sealing; 0 is none
	Time time.Time // by the sealer's clock, UTC, never before the one before
	Note []byte    // the signed note, with the cosignatures it has so far
}

// splitNote separates the text of a note from its signature lines. It refuses
// what note.Open would tolerate: another base64 spelling, a line twice.
func splitNote(msg []byte) (text string, lines []note.Signature, err error) {
	bad := func(why string, args ...any) (string, []note.Signature, error) {
		return "", nil, domain.Deny(ErrMalformed, why, "", args...)
	}
	i := bytes.LastIndex(msg, []byte("\n\n"))
	if i < 0 {
		return bad("signed note has no blank line before the signatures")
	}
	text, block := string(msg[:i+1]), string(msg[i+2:])
	if block == "" || !strings.HasSuffix(block, "\n") {
		return bad("signed note has no signature, or the last one is cut off")
	}
	type key struct {
		name string
		hash uint32
	}
	seen := make(map[key]bool)
	for line := range strings.Lines(block) {
		s, ok := parseSignature(line)
		if !ok {
			return bad("signed note has signature line %.80q", line)
		}
		if seen[key{s.Name, s.Hash}] {
			return bad("signed note has two signatures by %s", s.Name)
		}
		seen[key{s.Name, s.Hash}] = true
		lines = append(lines, s)
	}
	return text, lines, nil
}

// parseSignature reads one line and takes no other spelling of it. The last
// character of a base64 text can have bits that mean nothing, and decoders
// skip line breaks: both would let two different files be the same evidence.
func parseSignature(line string) (note.Signature, bool) {
	body, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "— ")
	name, b64, found := strings.Cut(body, " ")
	raw, err := base64.StdEncoding.Strict().DecodeString(b64)
	if !ok || !found || name == "" || err != nil || len(raw) < 5 || strings.ContainsAny(b64, "\r\n") {
		return note.Signature{}, false
	}
	return note.Signature{Name: name, Hash: binary.BigEndian.Uint32(raw), Base64: b64}, true
}

// addSignatures puts further signature lines under a note. One that stands
// there already by the same key is replaced: a witness that is asked again
// answers with a later time. It verifies nothing.
func addSignatures(msg []byte, more []note.Signature) ([]byte, error) {
	text, lines, err := splitNote(msg)
	if err != nil {
		return nil, err
	}
	out := []byte(text + "\n")
	for _, s := range lines {
		replaced := false
		for _, m := range more {
			replaced = replaced || m.Name == s.Name && m.Hash == s.Hash
		}
		if !replaced {
			out = append(out, signatureLine(s)...)
		}
	}
	for _, s := range more {
		out = append(out, signatureLine(s)...)
	}
	return out, nil
}

func signatureLine(s note.Signature) string { return "— " + s.Name + " " + s.Base64 + "\n" }
