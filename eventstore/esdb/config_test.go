package esdb

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"leeway/eventstore"
	"leeway/eventstore/esdbserver"
	"leeway/eventstore/memory"
)

func TestOpenTakes(t *testing.T) {
	private := t.TempDir()
	if err := os.Chmod(private, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		connection string
		insecure   bool
	}{
		{"esdb://admin:changeit@host:2113", false},
		{"esdb://host", false},
		{"kurrentdb://admin:changeit@host:2113", false},
		{"esdb+discover://admin:changeit@cluster.example:2113", false},
		{"kurrentdb+discover://cluster.example", false},
		{"esdb://one:1,two:2,three:3?nodePreference=leader&maxDiscoverAttempts=5", false},
		{"esdb://127.0.0.1:2113?tls=false", true},
		{"esdb://host?tlsVerifyCert=false", true},
		{"esdb://host?TLS=true&KeepAliveInterval=10000&keepAliveTimeout=10000&gossipTimeout=3&discoveryInterval=9&defaultDeadline=5", false},
		{"unix://" + filepath.Join(private, "esdb.sock"), false},
	} {
		s, err := Open(Config{Connection: tt.connection, Insecure: tt.insecure})
		if err != nil {
			t.Errorf("Open(%s) = %v", tt.connection, err)
			continue
		}
		if err := s.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
	}
}

// TestOpenRefuses: each with a word on why, and none with the password.
func TestOpenRefuses(t *testing.T) {
	public := t.TempDir()
	if err := os.Chmod(public, 0o755); err != nil {
		t.Fatal(err)
	}
	for connection, want := range map[string]string{
		"":                              "scheme",
		"http://admin:secret@host":      "scheme",
		"esdb://admin:sec%zzret@host":   "no URL",
		"esdb://admin:secret@host:port": "",
		"esdb://:secret@host":           "empty username",
		"esdb://admin:secret@":          "host",
		"esdb://admin:secret@host/path": "path",
		"esdb://admin:secret@host?tlsVerifyCret=false":       `unknown setting "tlsVerifyCret"`,
		"esdb://admin:secret@host?%zz":                       "after ?",
		"esdb://admin:secret@host?tls=false":                 "not protected",
		"esdb://admin:secret@host?tlsVerifyCert=false":       "not protected",
		"esdb://admin:secret@host?nodePreference=follower":   "leader",
		"esdb://admin:secret@host?nodePreference=nonsense":   "nonsense",
		"esdb://admin:secret@host?tlsCAFile=no-such-file":    "no-such-file",
		"esdb://admin:secret@host?userCertFile=only-one.pem": "both",
		"esdb://admin:secret@host?gossipTimeout=soon":        "integer",
		"unix:///no/such/folder/esdb.sock":                   "socket",
		"unix://" + filepath.Join(public, "esdb.sock"):       "0755",
	} {
		_, err := Open(Config{Connection: connection})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Open(%s) = %v, want %q", connection, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "sec") && !strings.Contains(want, "sec") {
			t.Errorf("Open(%s) tells the password: %v", connection, err)
		}
	}
	if _, err := Open(Config{Connection: "esdb://host?tls=false"}); !errors.Is(err, ErrInsecure) {
		t.Errorf("Open = %v, want ErrInsecure", err)
	}
}

// certificate makes a certificate for loopback, and the file that a client
// trusts it by.
func certificate(t *testing.T) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}

func tlsOf(cert tls.Certificate) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{cert}}
}

// TestSecure: a connection string with TLS and credentials works, and one with
// a wrong password or another authority says what is wrong.
func TestSecure(t *testing.T) {
	t.Parallel()
	cert, ca := certificate(t)
	_, stranger := certificate(t)
	n := startNode(t, memory.New(), esdbserver.Options{
		TLS: tlsOf(cert), Users: map[string]string{"admin": "change:it"},
	})
	for _, tt := range []struct {
		user, ca string
		want     error
		says     string
	}{
		{"admin:change%3Ait@", ca, nil, ""},
		{"admin:wrong@", ca, eventstore.ErrDenied, "password"},
		{"", ca, eventstore.ErrDenied, "password"},
		{"admin:change%3Ait@", stranger, eventstore.ErrUnavailable, "unknown authority"},
	} {
		s, err := Open(Config{
			Connection: "esdb://" + tt.user + n.address + "?tlsCAFile=" + tt.ca,
			Attempt:    time.Second, Patience: 500 * time.Millisecond,
		})
		if err != nil {
			t.Fatal(err)
		}
		_, appendErr := s.Append(t.Context(), batch("s-"+newID(), eventstore.NoStream, "x"))
		_, readErr := collect(s.All(t.Context(), eventstore.Start))
		_, subErr := collect(s.Subscribe(within(t, time.Second/2), eventstore.Start))
		for what, err := range map[string]error{"Append": appendErr, "All": readErr, "Subscribe": subErr} {
			if what == "Subscribe" && tt.want == nil {
				continue // it ended with its context
			}
			if !errors.Is(err, tt.want) || err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%s as %q = %v, want %v that says %q", what, tt.user, err, tt.want, tt.says)
			}
		}
		s.Close()
	}
}

// TestSocket: over a unix socket, in a folder of which nobody else sees the
// inside.
func TestSocket(t *testing.T) {
	dir, err := os.MkdirTemp("", "l") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	server := esdbserver.New(memory.New(), esdbserver.Options{})
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	s, err := Open(Config{Connection: "unix://" + path})
	if err != nil {
		t.Fatal(err)
	}
	mustAppend(t, s, batch("s", eventstore.NoStream, "x"))
	if got := mustCollect(t, s.All(t.Context(), eventstore.Start)); len(got) != 1 {
		t.Errorf("All yields %d events", len(got))
	}
	s.Close()
	server.Stop()
	if err := <-served; err != nil {
		t.Errorf("Serve = %v", err)
	}
}

// TestCluster: with several seeds the leader is found by gossip.
func TestCluster(t *testing.T) {
	store := memory.New()
	leader := startNode(t, store, esdbserver.Options{})
	host, port, _ := net.SplitHostPort(leader.address)
	members := []esdbserver.Member{{Host: "127.0.0.1", Port: 1, Follower: true}, {Host: host, Port: parsePort(t, port)}}
	seed := startNode(t, store, esdbserver.Options{Members: members})
	s := openAt(t, seed.address+","+seed.address)
	defer s.Close()
	seed.options.Members = nil
	mustAppend(t, s, batch("s", eventstore.NoStream, "x"))
	if got := mustCollect(t, s.Read(t.Context(), "s", 0)); len(got) != 1 {
		t.Errorf("Read yields %d events", len(got))
	}
}

func parsePort(t *testing.T, text string) uint16 {
	t.Helper()
	p, err := net.LookupPort("tcp", text)
	if err != nil {
		t.Fatal(err)
	}
	return uint16(p)
}
