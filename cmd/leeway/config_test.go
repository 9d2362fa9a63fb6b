package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"leeway/domain"
	"leeway/ledger/vault"
)

// underConfig is a session with variables, and a configuration file in its
// data folder where text is not empty.
func underConfig(t *testing.T, name, text string, mode os.FileMode, env map[string]string) *session {
	t.Helper()
	dir := t.TempDir()
	if text != "" {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	all := map[string]string{"LEEWAY_DATA": dir}
	for k, v := range env {
		all[k] = v
	}
	return &session{call: call{env: func(n string) string { return all[n] }}, lang: "en", flags: map[string]string{}}
}

func TestOnePrecedenceHoldsForEverySetting(t *testing.T) {
	const file = "[server]\nlisten = \"127.0.0.1:1\"\nsocket = \"own/s.sock\"\n[store]\nprefix = \"file-\"\n"
	s := underConfig(t, "leeway.toml", file, 0o644, map[string]string{"LEEWAY_SERVER_LISTEN": "127.0.0.1:2", "LEEWAY_STORE_PREFIX": ""})
	s.flags["server.listen"] = "127.0.0.1:3"
	check := func(key, value, from string) {
		t.Helper()
		s.conf, s.confErr = nil, nil
		c, err := s.configured()
		if err != nil {
			t.Fatal(err)
		}
		if c.get(key) != value || c.from[key] != from {
			t.Errorf("%s = %q from %q, want %q from %q", key, c.get(key), c.from[key], value, from)
		}
	}
	dir := s.env("LEEWAY_DATA")
	path := filepath.Join(dir, "leeway.toml")
	check("server.listen", "127.0.0.1:3", "--listen")
	delete(s.flags, "server.listen")
	check("server.listen", "127.0.0.1:2", "LEEWAY_SERVER_LISTEN")
	check("store.prefix", "file-", path)
	check("server.socket", filepath.Join(dir, "own", "s.sock"), path) // beside the file
	check("store.kind", "sqlite", fromDefault)
	check("keys", filepath.Join(dir, "keys"), fromDefault)
	check("data", dir, "LEEWAY_DATA")
}

func TestYAMLSaysTheSameAsTOML(t *testing.T) {
	for name, text := range map[string]string{
		"leeway.toml": "language = \"en\"\n[store]\nkind = \"esdb\"\nconnection_file = \"/etc/c\"\n",
		"leeway.yaml": "language: en\nstore:\n  kind: esdb\n  connection_file: /etc/c\n",
	} {
		c, err := underConfig(t, name, text, 0o644, nil).configured()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if c.get("language") != "en" || !c.server() || c.get("store.connection_file") != "/etc/c" {
			t.Errorf("%s: language %q, kind %q, file %q", name, c.get("language"), c.get("store.kind"), c.get("store.connection_file"))
		}
	}
}

func TestBrokenConfigurationSaysWhere(t *testing.T) {
	for text, want := range map[string]string{
		"langage = \"zh\"\n":           "langage",
		"language = 3\n":               "language",
		"language = \"fr\"\n":          "fr",
		"[store\n":                     "",
		"[store]\nkind = \"oracle\"\n": "oracle",
		"data = \"/elsewhere\"\n":      "data folder",
		"[store]\nconnection = \"a\"\nconnection_file = \"b\"\n": "store.connection_file",
	} {
		_, err := underConfig(t, "leeway.toml", text, 0o600, nil).configured()
		var own *problem
		if !errors.Is(err, domain.ErrInvalid) || !errors.As(err, &own) || !strings.HasSuffix(own.where, "leeway.toml") || !strings.Contains(own.what, want) {
			t.Errorf("%q: %v, want one that names %q and the file", text, err, want)
		}
	}
}

// TestSecretsThatOthersCouldReadAreRefused: a password in the environment or
// in an open file is not used, and no message repeats it.
func TestSecretsThatOthersCouldReadAreRefused(t *testing.T) {
	const password = "hunter2"
	const url = "esdb://app:" + password + "@db:2113"
	const file = "[store]\nkind = \"esdb\"\nconnection = \"" + url + "\"\n"
	for name, s := range map[string]*session{
		"variable":       underConfig(t, "", "", 0, map[string]string{"LEEWAY_STORE_CONNECTION": url}),
		"other variable": underConfig(t, "", "", 0, map[string]string{"LEEWAY_PROJECTIONS_DATABASE": "postgres://h/d?user=u&password=" + password}),
		"keywords":       underConfig(t, "", "", 0, map[string]string{"LEEWAY_PROJECTIONS_DATABASE": "host=h password = " + password}),
		"several hosts":  underConfig(t, "", "", 0, map[string]string{"LEEWAY_STORE_CONNECTION": "esdb://app:" + password + "@a:1,b:2,c:3"}),
		"open file":      underConfig(t, "leeway.toml", file, 0o640, nil),
	} {
		_, err := s.configured()
		if !errors.Is(err, vault.ErrExposed) || strings.Contains(err.Error(), password) {
			t.Errorf("%s: %v, want ErrExposed without the password", name, err)
		}
	}
	c, err := underConfig(t, "leeway.toml", file, 0o600, nil).configured()
	if err != nil || c.get("store.connection") != url {
		t.Errorf("a closed file: %v", err)
	}
	for _, l := range c.shown() {
		if strings.Contains(l.Value, password) || l.Key == "store.connection" && (l.Value != "" || !l.Set) {
			t.Errorf("shown: %+v", l)
		}
	}
	if _, err := underConfig(t, "", "", 0, map[string]string{"LEEWAY_STORE_CONNECTION": "esdb://db:2113?tlsCAFile=ca.pem"}).configured(); err != nil {
		t.Errorf("a connection without a password in a variable: %v", err)
	}
}

func TestSecretFileMustBeItsOwnersAlone(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "secret")
	if err := os.WriteFile(path, []byte(" esdb://x \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if text, err := readSecret(path, ""); text != "esdb://x" || err != nil {
		t.Errorf("0600: %q, %v", text, err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if _, err := readSecret(link, ""); !errors.Is(err, vault.ErrExposed) {
		t.Errorf("through a link: %v, want ErrExposed", err)
	}
	for mode, credentials := range map[os.FileMode]string{0o604: dir, 0o640: "", 0o644: "", 0o620: dir, 0o666: ""} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := readSecret(path, credentials); !errors.Is(err, vault.ErrExposed) {
			t.Errorf("mode %04o, credentials %q: %v, want ErrExposed", mode, credentials, err)
		}
	}
	if err := os.Chmod(path, 0o440); err != nil {
		t.Fatal(err)
	}
	if _, err := readSecret(path, dir); err != nil {
		t.Errorf("0440 in the folder of credentials: %v", err)
	}
}

func TestCredentialsAreFoundByName(t *testing.T) {
	creds := t.TempDir()
	if err := os.WriteFile(filepath.Join(creds, "store-connection"), []byte("esdb://db:2113"), 0o400); err != nil {
		t.Fatal(err)
	}
	s := underConfig(t, "", "", 0, map[string]string{"CREDENTIALS_DIRECTORY": creds, "LEEWAY_STORE_KIND": "esdb"})
	text, err := s.secret("store.connection")
	if err != nil || text != "esdb://db:2113" || s.conf.from["store.connection_file"] != fromCredentials {
		t.Errorf("secret = %q, %v, from %q", text, err, s.conf.from["store.connection_file"])
	}
	if text, err := s.secret("projections.database"); err != nil || !strings.HasSuffix(text, "projections.db") {
		t.Errorf("the other = %q, %v, want its default", text, err)
	}
}

// TestLayerTakesBackTheOtherOfAPair: a variable that names a file wins over a
// connection in the configuration, and the other way round.
func TestLayerTakesBackTheOtherOfAPair(t *testing.T) {
	s := underConfig(t, "leeway.toml", "[store]\nconnection = \"esdb://file:1\"\n", 0o600, map[string]string{"LEEWAY_STORE_CONNECTION_FILE": "/etc/c"})
	c, err := s.configured()
	if err != nil || c.get("store.connection") != "" || c.get("store.connection_file") != "/etc/c" {
		t.Errorf("%v, %q, %q", err, c.get("store.connection"), c.get("store.connection_file"))
	}
	s = underConfig(t, "leeway.toml", "[store]\nconnection_file = \"/etc/c\"\n", 0o600, map[string]string{"LEEWAY_STORE_CONNECTION": "esdb://env:1"})
	c, err = s.configured()
	if err != nil || c.get("store.connection") != "esdb://env:1" || c.get("store.connection_file") != "" {
		t.Errorf("%v, %q, %q", err, c.get("store.connection"), c.get("store.connection_file"))
	}
}
