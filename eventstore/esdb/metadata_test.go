package esdb

import (
	"encoding/json"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// TestMetadataWritten: what is written by hand is what the library writes.
func TestMetadataWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := metadata{Command: commands().Draw(t, "command"), Sum: rapid.Ptr(rapid.Uint32(), true).Draw(t, "sum")}
		got, err := m.encode()
		if err != nil {
			t.Fatal(err)
		}
		want, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Fatalf("%+v is written %s, want %s", m, got, want)
		}
	})
}

// TestMetadataRead: what is read by hand is what the library reads, whatever
// stands there.
func TestMetadataRead(t *testing.T) {
	part := rapid.OneOf(
		rapid.SampledFrom([]string{metaOpen, metaMid, metaClose, `"`, "0", "7", "-", "4294967295", "4294967296", "e", " ", `,"x":1`, "{", `\u0063`, "\xff", "\x7f", "<"}),
		commands(),
	)
	shaped := rapid.Custom(func(t *rapid.T) string {
		return metaOpen + part.Draw(t, "command") + metaMid + part.Draw(t, "sum") + metaClose
	})
	loose := rapid.Custom(func(t *rapid.T) (s string) {
		for _, p := range rapid.SliceOfN(part, 0, 6).Draw(t, "parts") {
			s += p
		}
		return s
	})
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(shaped, loose).Draw(t, "text")
		var want metadata
		if json.Unmarshal([]byte(text), &want) != nil {
			want = metadata{}
		}
		if got := decodeMetadata([]byte(text)); !reflect.DeepEqual(got, want) {
			t.Fatalf("%q is read as %+v, want %+v", text, got, want)
		}
	})
}

// TestMetadataByHand: an event of our own does not come to the library.
func TestMetadataByHand(t *testing.T) {
	sum := uint32(1 << 31)
	m := metadata{Command: newID(), Sum: &sum}
	text, err := m.encode()
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := scanMetadata(text); !ok || !reflect.DeepEqual(got, m) {
		t.Errorf("%s is read as %+v, %v", text, got, ok)
	}
}

// commands are ids, and whatever else may be one.
func commands() *rapid.Generator[string] {
	return rapid.OneOf(rapid.Just(newID()), rapid.StringMatching(`[a-z0-9:/-]{0,12}`), rapid.String())
}
