package esdbserver

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"pgregory.net/rapid"

	"leeway/eventstore"
	"leeway/eventstore/memory"
)

// TestUsers: over TLS with a verified certificate, who has the right password
// is let in, and nobody else.
func TestUsers(t *testing.T) {
	cert := selfSigned(t)
	store := memory.New()
	s := New(store, Options{
		TLS:   &tls.Config{Certificates: []tls.Certificate{cert}},
		Users: map[string]string{"admin": "changeit", "empty": ""},
	})
	addr := serveAt(t, s, "127.0.0.1:0").String()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]}), 0o600); err != nil {
		t.Fatal(err)
	}
	f := &fixture{T: t, store: store, server: s, addr: addr}
	for user, want := range map[string]esdb.ErrorCode{
		"admin:changeit@": -1,
		"admin:wrong@":    esdb.ErrorCodeUnauthenticated,
		"bad:changeit@":   esdb.ErrorCodeUnauthenticated,
		"empty:x@":        esdb.ErrorCodeUnauthenticated,
		"":                esdb.ErrorCodeUnauthenticated,
	} {
		c := f.connect("esdb://" + user + addr + "?tlsCAFile=" + ca)
		_, err := c.AppendToStream(t.Context(), "s", esdb.AppendToStreamOptions{}, event("x"))
		// Whether the client learns the reason depends on whether it was still
		// sending when the server hung up; it then reports io.EOF.
		if (err == nil) != (want == -1) || code(err) != want && !strings.Contains(err.Error(), "EOF") {
			t.Errorf("%q appends: %v, want code %d", user, err, want)
		}
		_, err = f.drain(c.ReadStream(t.Context(), "s", esdb.ReadStreamOptions{}, 1))
		if (err == nil) != (want == -1) {
			t.Errorf("%q reads: %v", user, err)
		}
	}
	n := 0
	for _, err := range store.All(t.Context(), eventstore.Start) {
		if n++; err != nil {
			t.Fatal(err)
		}
	}
	if n != 1 {
		t.Errorf("%d events were written, want the one of the user with the right password", n)
	}
}

func TestKnows(t *testing.T) {
	s := New(memory.New(), Options{Users: map[string]string{"a": "b"}})
	t.Cleanup(s.Stop)
	for header, want := range map[string]bool{
		"Basic YTpi": true, "Basic YTpj": false, "Basic YQ==": false, "Bearer YTpi": false, "Basic !": false, "": false, "basic YTpi": false,
	} {
		if got := s.knows(header); got != want {
			t.Errorf("knows(%q) = %v", header, got)
		}
	}
}

// TestGossip: a node names the cluster's members, or itself.
func TestGossip(t *testing.T) {
	members := []Member{{"one", 1, false}, {"two", 2, true}}
	for name, o := range map[string]Options{"alone": {}, "in a cluster": {Members: members}} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, o)
			conn, err := grpc.NewClient("passthrough:///"+f.addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			info, err := gossip.NewGossipClient(conn).Read(t.Context(), new(shared.Empty))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, m := range info.Members {
				got = append(got, fmt.Sprintf("%v %s:%d", m.State, m.HttpEndPoint.Address, m.HttpEndPoint.Port))
			}
			want := []string{"Leader " + f.addr}
			if o.Members != nil {
				want = []string{"Leader one:1", "Follower two:2"}
			}
			if !slices.Equal(got, want) {
				t.Errorf("gossip names %q, want %q", got, want)
			}
		})
	}
}

// TestSelf: a node that was not called over TCP has no gossip.
func TestSelf(t *testing.T) {
	if _, err := self(context.Background()); status.Code(err) != codes.Internal {
		t.Errorf("self = %v", err)
	}
}

func TestVersion(t *testing.T) {
	for given, want := range map[string]string{"": currentVersion, "21.10.1": "21.10.1"} {
		f := newFixture(t, Options{Version: given})
		v, err := f.client.GetServerVersion()
		if err != nil || fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch) != want {
			t.Errorf("version %q = %+v, %v", given, v, err)
		}
	}
}

// TestToStatus: what a client is told of each of the port's errors.
func TestToStatus(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want codes.Code
	}{
		{nil, codes.OK},
		{eventstore.ErrInvalid, codes.InvalidArgument},
		{eventstore.ErrCorrupt, codes.DataLoss},
		{eventstore.ErrPoisoned, codes.FailedPrecondition},
		{eventstore.ErrReadOnly, codes.FailedPrecondition},
		{eventstore.ErrClosed, codes.Unavailable},
		{eventstore.ErrLocked, codes.Unavailable},
		{context.Canceled, codes.Canceled},
		{context.DeadlineExceeded, codes.DeadlineExceeded},
		{errors.New("else"), codes.Internal},
		{status.Error(codes.NotFound, "as it is"), codes.NotFound},
	} {
		err := tt.err
		if err != nil && tt.want != codes.NotFound {
			err = fmt.Errorf("wrapped: %w", err)
		}
		if got := status.Code(toStatus(err)); got != tt.want {
			t.Errorf("toStatus(%v) = %v, want %v", tt.err, got, tt.want)
		}
	}
}

// TestNames: no two names are stored as one, none is stored as one that the
// port reserves, and each comes back.
func TestNames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[$~]{0,3}[a-z案$~]{0,4}`)
		a, b := name.Draw(t, "a"), name.Draw(t, "b")
		if strings.HasPrefix(stored(a), "$") || named(stored(a)) != a || (stored(a) == stored(b)) != (a == b) {
			t.Fatalf("%q is stored as %q, %q as %q", a, stored(a), b, stored(b))
		}
	})
}

// TestEnvelope: what was proposed comes back, and a stored event that has been
// cut short anywhere before its data is not taken for a whole one.
func TestEnvelope(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bytes := rapid.SliceOf(rapid.Byte())
		m := &streams.AppendReq_ProposedMessage{
			Id:             protoID([16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))),
			Metadata:       map[string]string{keyType: "$t", keyContentType: rapid.String().Draw(t, "content type")},
			CustomMetadata: bytes.Draw(t, "metadata"), Data: bytes.Draw(t, "data"),
		}
		e, err := wrap(m)
		if err != nil {
			t.Fatal(err)
		}
		got, err := unwrap(eventstore.Recorded{Event: e, Stream: "s", Revision: 3, Position: 2})
		if err != nil {
			t.Fatal(err)
		}
		if idText(got.Id) != idText(m.Id) || got.Metadata[keyType] != "$t" || got.Metadata[keyContentType] != m.Metadata[keyContentType] ||
			string(got.CustomMetadata) != string(m.CustomMetadata) || string(got.Data) != string(m.Data) {
			t.Fatalf("sent %v, got %v", m, got)
		}
		whole := len(e.Data) - len(m.Data)
		e.Data = e.Data[:rapid.IntRange(len(magic), whole-1).Draw(t, "cut")]
		if _, err := unwrap(eventstore.Recorded{Event: e}); !errors.Is(err, eventstore.ErrCorrupt) {
			t.Fatalf("cut to %d of %d bytes: %v, want ErrCorrupt", len(e.Data), whole, err)
		}
	})
}

// TestNewID: ids pass the port's check, and sort by time.
func TestNewID(t *testing.T) {
	for range 100 {
		b := direct("s", -1, "x")
		if err := b.Validate(); err != nil {
			t.Fatal(err)
		}
		if id := b.Events[0].ID; id[14] != '7' || !strings.ContainsRune("89ab", rune(id[19])) {
			t.Fatalf("%s is no UUID of version 7", id)
		}
	}
}
