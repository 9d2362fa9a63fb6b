package main

import (
	"cmp"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/knadh/koanf/parsers/toml/v2"
	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/rawbytes"
	"github.com/knadh/koanf/v2"

	"leeway/domain"
)

// Where the value of a setting comes from, besides a file, a variable and a
// flag, which are named as they are.
const (
	fromDefault     = "default"
	fromCredentials = "credentials"
)

// A setting is one thing that can be configured. Its name in a file is the
// key; in the environment it is LEEWAY_ and the key in capitals, with "_" for
// ".".
type setting struct {
	key    string
	path   bool   // of a file or folder; in a file, relative to the file
	secret string // may hold a password; the key of the setting that names a file with it
}

// The settings, in the order in which they are shown.
var settings = []setting{
	{key: "data", path: true},
	{key: "keys", path: true},
	{key: "language"},
	{key: "packs", path: true},
	{key: "policies.approvers", path: true},
	{key: "ledger.suite"},
	{key: "privacy.retention_years"},
	{key: "store.kind"},
	{key: "store.connection", secret: "store.connection_file"},
	{key: "store.connection_file", path: true},
	{key: "store.prefix"},
	{key: "projections.database", path: true, secret: "projections.database_file"},
	{key: "projections.database_file", path: true},
	{key: "ledger.folder", path: true},
	{key: "ledger.checkpoints", path: true},
	{key: "ledger.name"},
	{key: "ledger.check"},
	{key: "server.listen"},
	{key: "server.certificate", path: true},
	{key: "server.key", path: true},
	{key: "server.socket", path: true},
	{key: "server.people", path: true},
	{key: "server.address"},
	{key: "identity.issuer"},
	{key: "identity.client"},
	{key: "identity.secret_file", path: true},
	{key: "identity.audience"},
}

// variable is the name of a setting in the environment.
func (t setting) variable() string {
	return "LEEWAY_" + strings.ToUpper(strings.ReplaceAll(t.key, ".", "_"))
}

// A config is every setting with where it comes from. One precedence holds for
// all: a flag, then the environment, then the file, then the default.
type config struct {
	k    *koanf.Koanf
	from map[string]string // by key
	file string            // empty: none was found
	mode fs.FileMode       // of the file
}

// get is the value of a setting, empty where it has none.
func (c *config) get(key string) string { return c.k.String(key) }

// Store kinds.
const (
	kindSQLite = "sqlite"
	kindServer = "esdb"
)

// server reports whether the events are kept by EventStoreDB or KurrentDB.
func (c *config) server() bool { return c.get("store.kind") == kindServer }

// loadConfig gathers the settings from all layers. Flags are those given on
// the command line, by key.
func (s *session) loadConfig(file string, flags map[string]string) (*config, error) {
	c := &config{k: koanf.New("."), from: map[string]string{}}
	env := map[string]string{}
	for _, t := range settings {
		if v := s.env(t.variable()); v != "" {
			env[t.key] = v
		}
	}
	data, err := s.bootstrap(flags, env)
	if err != nil {
		return nil, err
	}
	named := cmp.Or(file, s.env("LEEWAY_CONFIG"))
	fromFile, err := s.readConfigFile(c, named, data)
	if err != nil {
		return nil, err
	}
	if named == "" && fromFile["data"] != "" && fromFile["data"] != data {
		return nil, s.badSetting(c.file, s.t("data in own folder"), s.t("name config"))
	}
	layers := []struct {
		values map[string]string
		from   func(setting) string
	}{
		{map[string]string{"data": data, "store.kind": kindSQLite, "ledger.check": "full", "server.listen": "127.0.0.1:8420", "ledger.suite": domain.Suite, "privacy.retention_years": "30"}, func(setting) string { return fromDefault }},
		{fromFile, func(setting) string { return c.file }},
		{env, setting.variable},
		{flags, func(t setting) string { return "--" + flagOf[t.key] }},
	}
	for _, l := range layers {
		if err := s.layer(c, l.values, l.from); err != nil {
			return nil, err
		}
	}
	return c, s.settle(c)
}

// flagOf names the flags that are settings.
var flagOf = map[string]string{"data": "data", "language": "lang", "packs": "packs", "server.listen": "listen"}

// bootstrap is the data folder before a file is looked for in it.
func (s *session) bootstrap(flags, env map[string]string) (string, error) {
	if v := cmp.Or(flags["data"], env["data"]); v != "" {
		return v, nil
	}
	base, err := s.userData()
	if err != nil {
		return "", usage(&problem{what: s.t("no user folder"), where: "--data", mend: s.t("give --data")})
	}
	return filepath.Join(base, "leeway", "data"), nil
}

// layer lays values over what lower layers have said. Of a pair, the secret
// itself and the file with it, a layer gives one at most, and thereby takes
// the other back.
func (s *session) layer(c *config, values map[string]string, from func(setting) string) error {
	flat := map[string]any{}
	for _, t := range settings {
		v, ok := values[t.key]
		if !ok {
			continue
		}
		flat[t.key], c.from[t.key] = v, from(t)
		if t.secret == "" {
			continue
		}
		if _, both := values[t.secret]; both {
			return s.badSetting(from(t), s.t("both settings", t.key, t.secret), s.t("give one of them"))
		}
		flat[t.secret] = ""
		delete(c.from, t.secret)
	}
	for _, t := range settings {
		if _, ok := values[t.secret]; ok && t.secret != "" {
			flat[t.key] = ""
			delete(c.from, t.key)
		}
	}
	return c.k.Load(confmap.Provider(flat, "."), nil)
}

// configNames are looked for in the data folder where no file is named.
var configNames = []string{"leeway.toml", "leeway.yaml", "leeway.yml"}

// readConfigFile reads the file that is named, or the one in the data folder.
func (s *session) readConfigFile(c *config, named, data string) (map[string]string, error) {
	c.file = named
	for _, name := range configNames {
		if c.file != "" {
			break
		}
		if _, err := os.Stat(filepath.Join(data, name)); err == nil {
			c.file = filepath.Join(data, name)
		}
	}
	if c.file == "" {
		return nil, nil
	}
	info, err := os.Stat(c.file)
	if err == nil {
		c.mode = info.Mode()
	}
	text, err2 := os.ReadFile(c.file)
	if err := errors.Join(err, err2); err != nil {
		return nil, s.unreadable(c.file, err)
	}
	return s.parseConfig(c.file, text)
}

// parseConfig reads the text of a file. A key that there is none of is
// refused: a misspelt one would go unnoticed.
func (s *session) parseConfig(file string, text []byte) (map[string]string, error) {
	var parser koanf.Parser = toml.Parser()
	if ext := filepath.Ext(file); ext == ".yaml" || ext == ".yml" {
		parser = yaml.Parser()
	}
	k := koanf.New(".")
	if err := k.Load(rawbytes.Provider(text), parser); err != nil {
		return nil, s.badSetting(file, firstLine(err), s.t("mend config"))
	}
	values := map[string]string{}
	for _, key := range k.Keys() {
		i := slices.IndexFunc(settings, func(t setting) bool { return t.key == key })
		v, isText := k.Get(key).(string)
		switch {
		case i < 0:
			return nil, s.badSetting(file, s.t("unknown setting", key), s.t("see config show"))
		case !isText:
			return nil, s.badSetting(file, s.t("setting is no text", key), s.t("write text in quotes"))
		}
		if settings[i].path && v != "" && !filepath.IsAbs(v) && !strings.Contains(v, "://") {
			v = filepath.Join(filepath.Dir(file), v)
		}
		values[key] = v
	}
	return values, nil
}

// settle derives what was not said and refuses what cannot be.
func (s *session) settle(c *config) error {
	data := c.get("data")
	for key, v := range map[string]string{"keys": keysFolder, "packs": packsFolder, "server.socket": filepath.Join("run", "leeway.sock")} {
		if c.get(key) == "" {
			c.set(key, filepath.Join(data, v), fromDefault)
		}
	}
	if c.get("ledger.folder") == "" {
		c.set("ledger.folder", filepath.Join(data, sealFolder), fromDefault)
	}
	if c.get("ledger.checkpoints") == "" {
		c.set("ledger.checkpoints", filepath.Join(c.get("ledger.folder"), sealCheckpoints), fromDefault)
	}
	for name, key := range credentials {
		if c.get(key) != "" || c.get(key+"_file") != "" || s.env("CREDENTIALS_DIRECTORY") == "" {
			continue
		}
		path := filepath.Join(s.env("CREDENTIALS_DIRECTORY"), name)
		if _, err := os.Lstat(path); err == nil {
			c.set(key+"_file", path, fromCredentials)
		}
	}
	if c.get("projections.database") == "" && c.get("projections.database_file") == "" {
		c.set("projections.database", filepath.Join(data, "projections.db"), fromDefault)
	}
	for key, allowed := range map[string][]string{"store.kind": {kindSQLite, kindServer}, "ledger.check": {"full", "quick"}, "language": {"", "zh", "en"}, "ledger.suite": domain.Suites()} {
		if v := c.get(key); !slices.Contains(allowed, v) {
			return s.badSetting(c.from[key], s.t("bad setting", key, v), s.t("write one of", strings.Trim(strings.Join(allowed, ", "), ", ")))
		}
	}
	return s.checkSecrets(c)
}

func (c *config) set(key, value, from string) {
	c.k.Set(key, value) // fails for a value without a key, and none is
	c.from[key] = from
}

// badSetting is a fault of the configuration, at a file, variable or flag.
func (s *session) badSetting(where, what, mend string) error {
	return &problem{what: what, where: where, mend: mend, err: domain.ErrInvalid}
}

// firstLine is an error in one line: parsers draw the place on further ones.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// configured is the configuration, or why there is none. A command that needs
// none of it, such as version, runs even when the file is broken.
func (s *session) configured() (*config, error) {
	if s.conf == nil && s.confErr == nil {
		flags := map[string]string{}
		maps.Copy(flags, s.flags)
		if s.dir != "" {
			flags["data"] = s.dir
		}
		s.conf, s.confErr = s.loadConfig(s.file, flags)
	}
	if s.confErr != nil {
		return nil, s.confErr
	}
	return s.conf, nil
}
