package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"leeway/ledger/vault"
)

// credentials are the files that are looked for in the folder of credentials
// of a service manager ($CREDENTIALS_DIRECTORY), with the settings they are
// for.
var credentials = map[string]string{
	"store-connection":     "store.connection",
	"projections-database": "projections.database",
	"identity-secret":      "identity.secret",
}

// checkSecrets refuses a password that others could read: one in the
// environment, where every child and every crash report has it, and one in a
// configuration file that is open to others. There are no flags for secrets.
func (s *session) checkSecrets(c *config) error {
	for _, t := range settings {
		if t.secret == "" || !holdsPassword(c.get(t.key)) {
			continue
		}
		from := c.from[t.key]
		switch {
		case from == t.variable():
			return s.exposed(from, s.t("password in variable"), s.t("use secret file", t.secret))
		case from == c.file && runtime.GOOS != "windows" && c.mode.Perm()&0o077 != 0:
			return s.exposed(from, s.t("password in open file", c.mode.Perm()), s.t("close file", from))
		}
	}
	return nil
}

var passwordParameter = regexp.MustCompile(`(?i)(^|[?&\s])(ssl)?password\s*=`)

// holdsPassword reports whether a connection string has a password in it. One
// that cannot be read as a URL counts as if it had.
func holdsPassword(connection string) bool {
	if connection == "" {
		return false
	}
	if passwordParameter.MatchString(connection) {
		return true
	}
	if !strings.Contains(connection, "://") {
		return false // a path
	}
	u, err := url.Parse(strings.Replace(connection, ",", "%2C", -1))
	if err != nil {
		return strings.Contains(connection, "@")
	}
	_, has := u.User.Password()
	return has
}

// secret is the value of a setting that may be one: as it stands, or read from
// the file that is named for it. It is never printed.
func (s *session) secret(key string) (string, error) {
	c, err := s.configured()
	if err != nil {
		return "", err
	}
	if v := c.get(key); v != "" {
		return v, nil
	}
	path := c.get(key + "_file")
	if path == "" {
		return "", nil
	}
	text, err := readSecret(path, s.env("CREDENTIALS_DIRECTORY"))
	if errors.Is(err, vault.ErrExposed) {
		return "", s.exposed(path, s.t("secret file open"), s.t("close file", path))
	}
	if err != nil {
		return "", s.unreadable(path, err)
	}
	return text, nil
}

// exposed is a secret that others can read.
func (s *session) exposed(where, what, mend string) error {
	return &problem{what: what, where: where, mend: mend, err: vault.ErrExposed}
}

// maxSecret is more than any connection string has.
const maxSecret = 64 << 10

// readSecret reads a file that only its owner can. In the folder of
// credentials, which its service manager guards, the group may read: there it
// stands for the one service.
func readSecret(path, credentials string) (string, error) {
	named, err := os.Lstat(path)
	if err != nil {
		return "", err
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	open := fs.FileMode(0o077)
	if credentials != "" && filepath.Dir(path) == filepath.Clean(credentials) {
		open = 0o037
	}
	switch {
	case !named.Mode().IsRegular() || !os.SameFile(named, info):
		return "", fmt.Errorf("%w: %s is no regular file", vault.ErrExposed, path)
	case runtime.GOOS != "windows" && info.Mode().Perm()&open != 0:
		return "", fmt.Errorf("%w: %s has mode %04o", vault.ErrExposed, path, info.Mode().Perm())
	}
	text, err := io.ReadAll(io.LimitReader(f, maxSecret))
	return strings.TrimSpace(string(text)), err
}

// isPath reports whether a database is named by a path, and not by a URL or
// by parameters.
func isPath(database string) bool {
	return !strings.Contains(database, "://") && !passwordParameter.MatchString(database)
}
