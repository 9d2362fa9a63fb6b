package esdbserver

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// deletable lets a test take events away.
var deletable = Options{Deletable: func(string) bool { return true }}

func (f *fixture) setMetadata(stream string, m esdb.StreamMetadata) error {
	_, err := f.client.SetStreamMetadata(f.Context(), stream, esdb.AppendToStreamOptions{}, m)
	return err
}

// TestMetadataHides: what each key takes away from both ways of reading, and
// that $all still shows it.
func TestMetadataHides(t *testing.T) {
	for name, tt := range map[string]struct {
		set  func(*esdb.StreamMetadata)
		want []string
	}{
		"max count":               {func(m *esdb.StreamMetadata) { m.SetMaxCount(2) }, []string{"s 2", "s 3"}},
		"truncate before":         {func(m *esdb.StreamMetadata) { m.SetTruncateBefore(3) }, []string{"s 3"}},
		"truncate before nothing": {func(m *esdb.StreamMetadata) { m.SetTruncateBefore(0) }, []string{"s 0", "s 1", "s 2", "s 3"}},
		"max age":                 {func(m *esdb.StreamMetadata) { m.SetMaxAge(time.Hour) }, []string{"s 0", "s 1", "s 2", "s 3"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, deletable)
			f.fill("s", 4)
			f.read("s", esdb.ReadStreamOptions{}, 1) // what is known of the stream now is old in a moment
			var m esdb.StreamMetadata
			tt.set(&m)
			if err := f.setMetadata("s", m); err != nil {
				t.Fatal(err)
			}
			if got := f.read("s", esdb.ReadStreamOptions{}, everything); !slices.Equal(got, tt.want) {
				t.Errorf("forwards %q, want %q", got, tt.want)
			}
			slices.Reverse(tt.want)
			if got := f.read("s", esdb.ReadStreamOptions{Direction: esdb.Backwards, From: esdb.End{}}, everything); !slices.Equal(got, tt.want) {
				t.Errorf("backwards %q, want %q", got, tt.want)
			}
			if got := f.readAll(esdb.ReadAllOptions{}, everything); len(got) != 5 {
				t.Errorf("$all shows %d events, want the four and the metadata", len(got))
			}
		})
	}
}

// TestMetadataIsTheLatest: a metadata stream shows its last event only.
func TestMetadataIsTheLatest(t *testing.T) {
	f := newFixture(t, deletable)
	f.fill("s", 1)
	for i := range 3 {
		var m esdb.StreamMetadata
		m.SetMaxCount(uint64(i) + 5)
		if err := f.setMetadata("s", m); err != nil {
			t.Fatal(err)
		}
	}
	m, err := f.client.GetStreamMetadata(t.Context(), "s", esdb.ReadStreamOptions{})
	if err != nil || *m.MaxCount() != 7 {
		t.Errorf("metadata = %+v, %v, want a max count of 7", m, err)
	}
	if got := f.read("$$s", esdb.ReadStreamOptions{}, everything); len(got) != 1 {
		t.Errorf("the metadata stream shows %q", got)
	}
}

// TestSoftDelete: what was there is hidden, and the stream goes on after it.
func TestSoftDelete(t *testing.T) {
	f := newFixture(t, deletable)
	f.fill("s", 2)
	var m esdb.StreamMetadata
	m.SetMaxCount(50)
	if err := f.setMetadata("s", m); err != nil {
		t.Fatal(err)
	}
	if _, err := f.client.DeleteStream(t.Context(), "s", esdb.DeleteStreamOptions{ExpectedRevision: esdb.Revision(0)}); err == nil {
		t.Error("a stale delete was taken")
	}
	res, err := f.client.DeleteStream(t.Context(), "s", esdb.DeleteStreamOptions{ExpectedRevision: esdb.Revision(1)})
	if err != nil || res.Position.Commit == 0 {
		t.Fatalf("DeleteStream = %+v, %v", res, err)
	}
	if _, err := f.drain(f.client.ReadStream(t.Context(), "s", esdb.ReadStreamOptions{}, 1)); code(err) != esdb.ErrorCodeResourceNotFound {
		t.Errorf("read = %v, want not found", err)
	}
	f.mustAppend("s", esdb.Revision(1), "again")
	if got := f.read("s", esdb.ReadStreamOptions{}, everything); !slices.Equal(got, []string{"again"}) {
		t.Errorf("then it shows %q", got)
	}
	if kept, err := f.client.GetStreamMetadata(t.Context(), "s", esdb.ReadStreamOptions{}); err != nil || *kept.MaxCount() != 50 {
		t.Errorf("metadata = %+v, %v, the rest of it should be kept", kept, err)
	}
}

// TestTombstone: nobody reads, writes, deletes or tombstones it any more.
func TestTombstone(t *testing.T) {
	f := newFixture(t, deletable)
	f.fill("s", 1)
	if _, err := f.client.TombstoneStream(t.Context(), "s", esdb.TombstoneStreamOptions{ExpectedRevision: esdb.StreamExists{}}); err != nil {
		t.Fatal(err)
	}
	_, readErr := f.drain(f.client.ReadStream(t.Context(), "s", esdb.ReadStreamOptions{}, 1))
	_, appendErr := f.append("s", esdb.Revision(0), event("x"))
	_, deleteErr := f.client.DeleteStream(t.Context(), "s", esdb.DeleteStreamOptions{})
	_, tombstoneErr := f.client.TombstoneStream(t.Context(), "s", esdb.TombstoneStreamOptions{})
	metaErr := f.setMetadata("s", esdb.StreamMetadata{})
	for what, err := range map[string]error{
		"read": readErr, "append": appendErr, "delete": deleteErr, "tombstone": tombstoneErr, "metadata": metaErr,
	} {
		if code(err) != esdb.ErrorCodeStreamDeleted {
			t.Errorf("%s = %v, want stream deleted", what, err)
		}
	}
	if _, err := f.client.TombstoneStream(t.Context(), "none", esdb.TombstoneStreamOptions{ExpectedRevision: esdb.NoStream{}}); err != nil {
		t.Errorf("a stream that was never begun = %v", err)
	}
}

// TestLedgerStays: without leave nothing of a stream is taken away, by any of
// the ways there are, and metadata that take nothing away are welcome.
func TestLedgerStays(t *testing.T) {
	f := newFixture(t, Options{Deletable: func(stream string) bool { return stream == "scratch" }})
	f.fill("scratch", 1)
	f.fill("case-1", 3)
	var count, age, before, harmless esdb.StreamMetadata
	count.SetMaxCount(1)
	age.SetMaxAge(time.Second)
	before.SetTruncateBefore(2)
	harmless.SetCacheControl(time.Minute)
	_, deleteErr := f.client.DeleteStream(t.Context(), "case-1", esdb.DeleteStreamOptions{})
	_, tombstoneErr := f.client.TombstoneStream(t.Context(), "case-1", esdb.TombstoneStreamOptions{})
	for what, err := range map[string]error{
		"delete": deleteErr, "tombstone": tombstoneErr,
		"max count": f.setMetadata("case-1", count), "max age": f.setMetadata("case-1", age), "truncate": f.setMetadata("case-1", before),
	} {
		if status.Code(errors.Unwrap(err)) != codes.PermissionDenied && code(err) != esdb.ErrorCodeAccessDenied {
			t.Errorf("%s = %v, want permission denied", what, err)
		}
	}
	if err := f.setMetadata("case-1", harmless); err != nil {
		t.Errorf("harmless metadata = %v", err)
	}
	if got := f.read("case-1", esdb.ReadStreamOptions{}, everything); len(got) != 3 {
		t.Errorf("the stream shows %q", got)
	}
	if _, err := f.client.DeleteStream(t.Context(), "scratch", esdb.DeleteStreamOptions{}); err != nil {
		t.Errorf("what may be deleted = %v", err)
	}
}

func TestMetadataMalformed(t *testing.T) {
	f := newFixture(t, deletable)
	e := event("no JSON")
	if _, err := f.append("$$s", esdb.Any{}, e); status.Code(errors.Unwrap(err)) != codes.InvalidArgument {
		t.Errorf("append = %v, want InvalidArgument", err)
	}
}
