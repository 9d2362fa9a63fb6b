package sqlite

import (
	"bytes"
	"strings"
	"testing"

	"leeway/eventstore"
)

// TestKill: a process that writes from eight goroutines is killed in the
// middle. Whatever it had acknowledged is there, bit for bit; what it had not
// is there in whole batches or not at all; and the store goes on.
func TestKill(t *testing.T) {
	path := fileIn(t.TempDir())
	for round := range 3 {
		acked := make(map[string][]string) // stream to event ids
		note := func(line string) {
			stream, id, _ := strings.Cut(line, " ")
			acked[stream] = append(acked[stream], id)
		}
		path := path + string(rune('a'+round))
		c := startChild(t, "write", path)
		for range 300 {
			note(c.line(t))
		}
		during := readerAt(t, path)
		checkAcked(t, during, acked)
		for _, line := range c.kill() {
			note(line)
		}
		// The reader goes on without its writer, and a new one needs none.
		checkAcked(t, during, acked)
		checkAcked(t, readerAt(t, path), acked)

		s := openAt(t, path)
		checkAcked(t, s, acked)
		mustAppend(t, s, batch("after", eventstore.NoStream, "x"))
		mustClose(t, s)
	}
}

func checkAcked(t *testing.T, s *Store, acked map[string][]string) {
	t.Helper()
	if len(acked) == 0 {
		t.Fatal("nothing was acknowledged")
	}
	for stream, ids := range acked {
		rs := mustRead(t, s, stream)
		if len(rs) < len(ids) || len(rs)%2 != 0 {
			t.Errorf("%s holds %d events in batches of 2, %d were acknowledged", stream, len(rs), len(ids))
			continue
		}
		for i, id := range ids {
			if rs[i].ID != id {
				t.Errorf("%s holds %s at %d, acknowledged was %s", stream, rs[i].ID, i, id)
			}
		}
		for _, r := range rs {
			if !bytes.Equal(r.Data, dataOf(r.ID)) {
				t.Errorf("%s at %d is not what was written", stream, r.Revision)
			}
		}
	}
	if _, err := collect(s.All(t.Context(), eventstore.Start)); err != nil {
		t.Errorf("All = %v", err)
	}
}
