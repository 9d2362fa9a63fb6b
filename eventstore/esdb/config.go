package esdb

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// Config says where the server is and how long it is waited for.
type Config struct {
	// Connection is the official client's connection string, such as
	// "esdb://user:password@host:2113?tlsCAFile=ca.pem", with several hosts or
	// esdb+discover:// for a cluster, or "unix:///run/leeway/esdb.sock".
	Connection string
	// Prefix begins the name of every stream of this ledger on the server, so
	// that a server may hold more than one. Streams without it are not seen.
	Prefix string
	// Attempt is how long one request may go unanswered before the connection
	// counts as lost. Zero is five seconds.
	Attempt time.Duration
	// Patience is how long a call goes on trying when its context allows
	// more. Zero is thirty seconds.
	Patience time.Duration
	// Insecure allows what anyone on the way could read or forge: plain TCP,
	// over which the client sends no credentials, and certificates that are
	// not verified.
	Insecure bool
}

// ErrInsecure says that the connection would be open to others. Use TLS, or a
// unix socket in a folder of mode 0700, or set Config.Insecure.
var ErrInsecure = errors.New("connection to the event store is not protected")

// settings are the parameters of a connection string, in lower case. The
// client logs a name that it does not know and goes on without it, so that a
// misspelt tlsCAFile would go unnoticed.
var settings = []string{
	"discoveryinterval", "gossiptimeout", "maxdiscoverattempts", "nodepreference", "keepaliveinterval",
	"keepalivetimeout", "tls", "tlscafile", "usercertfile", "userkeyfile", "tlsverifycert", "defaultdeadline",
}

// parse makes the client's configuration of ours, and refuses what would only
// show later, or never: the client takes a connection string rather lightly. No error of it holds the
// connection string: that has a password in it.
func parse(c Config) (*esdb.Configuration, error) {
	if path, ok := strings.CutPrefix(c.Connection, "unix://"); ok {
		return parseSocket(path, c.Insecure)
	}
	connection := c.Connection
	if rest, ok := strings.CutPrefix(connection, "kurrentdb"); ok {
		connection = "esdb" + rest // the name of today for the same protocol
	}
	if err := checkSettings(connection); err != nil {
		return nil, err
	}
	conf, err := esdb.ParseConnectionString(connection)
	if broken := (*url.Error)(nil); errors.As(err, &broken) {
		return nil, errors.New("connection string is no URL such as esdb://user:password@host:2113")
	}
	if err != nil {
		return nil, fmt.Errorf("connection string: %w", err)
	}
	if conf.NodePreference != esdb.NodePreferenceLeader {
		// What another node shows may be old, and an append is decided by it.
		return nil, errors.New("connection string: nodePreference must be leader")
	}
	if !c.Insecure && conf.DisableTLS {
		return nil, fmt.Errorf("%w: tls=false", ErrInsecure)
	}
	if !c.Insecure && conf.SkipCertificateVerification {
		return nil, fmt.Errorf("%w: tlsVerifyCert=false", ErrInsecure)
	}
	return conf, conf.Validate()
}

// checkSettings refuses a parameter that the client would pass over.
func checkSettings(connection string) error {
	_, query, _ := strings.Cut(connection, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return errors.New("connection string: the part after ? cannot be read")
	}
	for name := range values {
		if !slices.Contains(settings, strings.ToLower(name)) {
			return fmt.Errorf("connection string: unknown setting %q", name)
		}
	}
	return nil
}

// parseSocket is the configuration of a server on a unix socket. What keeps
// others out is the mode of its folder.
func parseSocket(path string, insecure bool) (*esdb.Configuration, error) {
	if !insecure && runtime.GOOS != "windows" {
		info, err := os.Stat(filepath.Dir(path))
		if err != nil {
			return nil, fmt.Errorf("socket: %w", err)
		}
		if open := info.Mode().Perm() & 0o077; open != 0 {
			return nil, fmt.Errorf("%w: folder %s has mode %04o, not 0700", ErrInsecure, filepath.Dir(path), info.Mode().Perm())
		}
	}
	conf, err := esdb.ParseConnectionString("esdb://" + net.JoinHostPort("localhost", "2113") + "?tls=false")
	if err != nil {
		return nil, err
	}
	conf.Address = "unix://" + path
	return conf, nil
}
