package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leeway/bulk"
	"leeway/eventstore/esdbserver"
	"leeway/eventstore/memory"
)

// postgresEnv names a PostgreSQL database that tests may write to.
const postgresEnv = "LEEWAY_POSTGRES"

// shardsOf is how many processes share the city.
const shardsOf = 2

// TestShardsOfProcesses: several processes of the real program, each with a data
// folder of its own, one event server and one database of read models for all.
// What each replays of a made-up city, put together, is to the line what one
// process says of the whole; also where one of them was killed half-way.
func TestShardsOfProcesses(t *testing.T) {
	connection := eventServerTLS(t)
	city := filepath.Join(t.TempDir(), "city")
	must(t, "simulate", city, "--scale", "0.04", "--seed", "77") // two pages of cases for each of two shards
	files, err := filepath.Glob(filepath.Join(city, "*.ndjson"))
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	office := machines{t, connection, filepath.Join(t.TempDir(), "models.db")}
	must(t, append([]string{"import", "--data", office.folder()}, files...)...) // the keys of the cases stay there
	for name, database := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return filepath.Join(t.TempDir(), "models.db") },
		"postgres": postgresSchema,
	} {
		t.Run(name, func(t *testing.T) {
			m := machines{t, connection, database(t)}
			whole, parts := filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "parts")
			must(t, "replay", "--all", "--results", whole, "--data", m.folder())

			killed := m.killHalfWay(parts, "2/2")
			var running []*exec.Cmd
			for i := range shardsOf {
				running = append(running, m.start(parts, fmt.Sprintf("%d/%d", i+1, shardsOf)))
			}
			for _, cmd := range running {
				if err := cmd.Wait(); err != nil {
					t.Errorf("%v: %v\n%s", cmd.Args, err, cmd.Stderr)
				}
			}
			resumed, err := readPart(filepath.Join(parts, "results-2-of-2.json"))
			if err != nil || resumed.Reused != killed || resumed.Replayed == 0 {
				t.Errorf("%d cases were kept when it was killed; then %+v, %v", killed, resumed, err)
			}
			must(t, "replay", "--merge", "--results", parts)
			for _, name := range []string{"differences.csv", "causes.csv", "results.json"} {
				want, got := listed(t, whole, name), listed(t, parts, name)
				if d := cmp.Diff(want, got); d != "" || len(want) < 10 && name != "causes.csv" {
					t.Errorf("%s: one process (-), put together (+)\n%s", name, d)
				}
			}
		})
	}
}

// must runs a command of the real program that has to succeed.
func must(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("leeway", args...).CombinedOutput(); err != nil {
		t.Fatalf("leeway %v: %v\n%s", args, err, out)
	}
}

// listed are the lines of a list, without what tells how it was worked out.
func listed(t *testing.T, dir, name string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Ext(name) == ".json" {
		out := new(bulk.Outcome)
		if err := json.Unmarshal(text, out); err != nil {
			t.Fatal(err)
		}
		out.Replayed, out.Reused = out.Replayed+out.Reused, 0
		if text, err = json.MarshalIndent(out, "", " "); err != nil {
			t.Fatal(err)
		}
	}
	return strings.Split(string(text), "\n")
}

// machines run leeway on one event server and one database by configuration
// alone.
type machines struct {
	*testing.T
	connection, database string
}

// folder is the data folder of a new machine.
func (m machines) folder() string {
	m.Helper()
	dir := m.TempDir()
	text := fmt.Sprintf("[store]\nkind = \"esdb\"\nconnection_file = %q\n[projections]\ndatabase = %q\n", m.connection, m.database)
	if err := os.WriteFile(filepath.Join(dir, "leeway.toml"), []byte(text), 0o600); err != nil {
		m.Fatal(err)
	}
	return dir
}

// start starts the replay of a shard on a machine of its own.
func (m machines) start(results, shard string) *exec.Cmd {
	m.Helper()
	cmd := exec.Command("leeway", "replay", "--all", "--shard", shard, "--results", results, "--data", m.folder())
	cmd.Stderr = new(bytes.Buffer)
	if err := cmd.Start(); err != nil {
		m.Fatal(err)
	}
	m.Cleanup(func() { cmd.Process.Kill() })
	return cmd
}

// killHalfWay kills the replay of a shard once it has kept some of its cases and
// before it has written its lists. It returns how many it had kept. When the
// process was faster than the test, another tries.
func (m machines) killHalfWay(results, shard string) int {
	m.Helper()
	name := partFileOf(shard)
	kept := filepath.Join(results, "kept"+name+".ndjson")
	for range 20 {
		cmd := m.start(results, shard)
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		for over := false; !over; {
			select {
			case err := <-ended:
				if err != nil {
					m.Fatalf("%v: %v\n%s", cmd.Args, err, cmd.Stderr)
				}
				over = true
				continue
			default:
			}
			if info, err := os.Stat(kept); err == nil && info.Size() > 0 {
				cmd.Process.Kill()
				<-ended
				over = true
			}
			time.Sleep(time.Millisecond)
		}
		text, err := os.ReadFile(kept)
		if err != nil {
			m.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(results, "results"+name+".json")); err != nil {
			return bytes.Count(text, []byte("\n"))
		}
		if err := os.RemoveAll(results); err != nil {
			m.Fatal(err)
		}
	}
	m.Fatal("no process was killed half-way")
	return 0
}

func partFileOf(shard string) string {
	part, _ := bulk.ParsePart(shard)
	return partName(part)
}

// eventServerTLS serves EventStoreDB's protocol on loopback, with TLS and a
// password, and returns the file that holds its connection string.
func eventServerTLS(t *testing.T) (connectionFile string) {
	t.Helper()
	dir := t.TempDir()
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
	ca := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	sv := esdbserver.New(memory.New(), esdbserver.Options{
		Users: map[string]string{"leeway": "replay"},
		TLS:   &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}},
	})
	served := make(chan error, 1)
	go func() { served <- sv.Serve(l) }()
	t.Cleanup(func() {
		sv.Stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	file := filepath.Join(dir, "connection")
	text := fmt.Sprintf("esdb://leeway:replay@%s?tlsCAFile=%s\n", l.Addr(), url.QueryEscape(ca))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// postgresSchema is the URL of an empty schema, which is dropped at the end.
func postgresSchema(t *testing.T) string {
	base := os.Getenv(postgresEnv)
	if base == "" {
		t.Skipf("%s names no database; set it to postgres://… to run the shards on PostgreSQL too", postgresEnv)
	}
	admin, err := sql.Open("pgx", base) // the driver of the read models
	if err != nil {
		t.Fatal(err)
	}
	schema := fmt.Sprintf("shards_%d_%d", os.Getpid(), time.Now().UnixNano())
	if _, err := admin.Exec(`CREATE SCHEMA ` + schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec(`DROP SCHEMA ` + schema + ` CASCADE`); err != nil {
			t.Error(err)
		}
		admin.Close()
	})
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}
