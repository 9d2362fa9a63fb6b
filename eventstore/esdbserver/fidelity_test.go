package esdbserver

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/persistent"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"leeway/eventstore"
	"leeway/eventstore/memory"
)

// fidelityVar asks for the official client's own tests: they take the ports
// 2111 to 2113 of this machine, and half a minute after a minute of compiling.
const fidelityVar = "LEEWAY_FIDELITY"

// fidelityCommand is how its tests are run. In cluster mode they start no
// container, and expect three nodes at the ports that the client's own compose
// file gives them.
var fidelityCommand = []string{"test", "-count=1", "-v", "-timeout=5m", "-run=TestStreams|TestMisc", "github.com/EventStore/EventStore-Client-Go/v4/esdb"}

// atLeast is how many of its tests must pass.
const atLeast = 11

// TestFidelity runs the official client's own tests against three nodes over
// one store. Every test that does not pass must stand in README.md with its
// reason, and none that does may stand there.
func TestFidelity(t *testing.T) {
	if os.Getenv(fidelityVar) == "" {
		t.Logf("not run: %s is not set, see make fidelity", fidelityVar)
		return
	}
	startCluster(t)
	cmd := exec.CommandContext(t.Context(), "go", fidelityCommand...)
	cmd.Dir = "fidelity"
	cmd.Env = append(os.Environ(), "EVENTSTORE_INSECURE=false", "CLUSTER=true", "GOFLAGS=", "GOWORK=off")
	out, _ := cmd.CombinedOutput() // fails where one of its tests does
	results := leaves(string(out))
	listed := listedInREADME(t)
	passed := 0
	for name, result := range results {
		switch reason, known := listed[name]; {
		case result == "PASS" && known:
			t.Errorf("%s passes, and README.md lists it as %s", name, reason)
		case result == "PASS":
			passed++
		case reason != result:
			t.Errorf("%s: %s, and README.md lists it as %q", name, result, reason)
		}
	}
	for name := range listed {
		if results[name] == "" {
			t.Errorf("README.md lists %s, which did not run", name)
		}
	}
	t.Logf("%d of %d passed, %d listed", passed, len(results), len(listed))
	if passed < atLeast || t.Failed() {
		t.Errorf("%d passed, want at least %d\n%s", passed, atLeast, out)
	}
}

var resultLine = regexp.MustCompile(`(?m)^\s*--- (PASS|FAIL|SKIP): (\S+)`)

// leaves are the results of the tests that have no tests inside.
func leaves(out string) map[string]string {
	results := make(map[string]string)
	for _, m := range resultLine.FindAllStringSubmatch(out, -1) {
		results[m[2]] = m[1]
	}
	for name := range results {
		for i := range name {
			if name[i] == '/' {
				delete(results, name[:i])
			}
		}
	}
	return results
}

var listedLine = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (FAIL|SKIP) \\|")

func listedInREADME(t *testing.T) map[string]string {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := make(map[string]string)
	for _, m := range listedLine.FindAllSubmatch(text, -1) {
		listed[string(m[1])] = string(m[2])
	}
	return listed
}

// startCluster serves one store on the three ports: a leader and two
// followers, with an administrator.
func startCluster(t *testing.T) {
	store := memory.New()
	t.Cleanup(func() { store.Close() })
	admin, err := wrap(&streams.AppendReq_ProposedMessage{
		Data: []byte("{}"), Metadata: map[string]string{keyType: "$user", keyContentType: "application/json"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Append(t.Context(), eventstore.Batch{
		Stream: stored("$users"), Expected: eventstore.NoStream, Command: "users", Events: []eventstore.Event{admin},
	}); err != nil {
		t.Fatal(err)
	}
	members := []Member{{"localhost", 2111, false}, {"localhost", 2112, true}, {"localhost", 2113, true}}
	groups := new(sync.Map)
	for _, m := range members {
		s := New(store, Options{
			TLS:       &tls.Config{Certificates: []tls.Certificate{selfSigned(t)}},
			Users:     map[string]string{"admin": "changeit"},
			Members:   members,
			Deletable: func(string) bool { return true },
		})
		persistent.RegisterPersistentSubscriptionsServer(s.Registrar(), &groupMaker{groups: groups, self: m, leader: members[0]})
		serveAt(t, s, fmt.Sprintf("127.0.0.1:%d", m.Port))
	}
}

func serveAt(t *testing.T, s *Server, address string) net.Addr {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Stop()
		if err := <-served; err != nil {
			t.Errorf("Serve = %v", err)
		}
	})
	return l.Addr()
}

// groupMaker makes groups of persistent subscriptions, and no more of them: the
// client's tests ask for one to find out which node leads.
type groupMaker struct {
	persistent.UnimplementedPersistentSubscriptionsServer
	groups       *sync.Map
	self, leader Member
}

func (g *groupMaker) Create(ctx context.Context, req *persistent.CreateReq) (*persistent.CreateResp, error) {
	if g.self.Follower {
		trailer := metadata.Pairs("exception", "not-leader",
			"leader-endpoint-host", g.leader.Host, "leader-endpoint-port", fmt.Sprint(g.leader.Port))
		if err := grpc.SetTrailer(ctx, trailer); err != nil {
			return nil, err
		}
		return nil, status.Error(codes.NotFound, "another node leads")
	}
	name := fmt.Sprintf("%s::%s", req.GetOptions().GetStream().GetStreamIdentifier().GetStreamName(), req.GetOptions().GetGroupName())
	if _, exists := g.groups.LoadOrStore(name, true); exists {
		return nil, status.Errorf(codes.AlreadyExists, "group %s exists", name)
	}
	return new(persistent.CreateResp), nil
}

// selfSigned makes a certificate for localhost that nobody else has signed.
func selfSigned(t testing.TB) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestLeaves(t *testing.T) {
	got := leaves("--- FAIL: TestA (0.1s)\n    --- PASS: TestA/x (0s)\n    --- SKIP: TestA/y (0s)\n--- PASS: TestB (0s)\nok\n")
	var names []string
	for name, result := range got {
		names = append(names, name+" "+result)
	}
	slices.Sort(names)
	if want := "TestA/x PASS, TestA/y SKIP, TestB PASS"; strings.Join(names, ", ") != want {
		t.Errorf("leaves = %v, want %s", names, want)
	}
}
