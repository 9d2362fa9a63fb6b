package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// A session is what a command runs with: the call, the language, and which
// data folder was asked for.
type session struct {
	ctx context.Context
	call
	lang string // "zh" or "en"
	json bool
	dir  string // --data, empty where not given
	file string // --config, empty where not given

	takes map[string]bool // the flags of the command, by name

	flags   map[string]string // that are settings, by their keys
	conf    *config           // read when first asked for
	confErr error             // why there is none
	samples bool              // the folder is that of the demo
	level   slog.Level        // of what a server writes into its log

	receiptsTo string // --receipts
	receipts   receiptBook
}

// language picks a language before the flags are parsed, so that help and
// usage errors are in it too: --lang, then the locale, then Chinese.
func language(c call) string {
	for i, a := range c.args {
		if v, ok := strings.CutPrefix(a, "--lang="); ok {
			return orChinese(v)
		}
		if a == "--lang" && i+1 < len(c.args) {
			return orChinese(c.args[i+1])
		}
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := c.env(name); v != "" {
			return orChinese(v)
		}
	}
	return "zh"
}

// orChinese reads a language or locale name: English where it says so, and
// Chinese otherwise, the neutral locales C and POSIX among them.
func orChinese(name string) string {
	if strings.HasPrefix(strings.ToLower(name), "en") {
		return "en"
	}
	return "zh"
}

// setLanguage refuses a language that there is none of. Which one counts was
// picked before, unless the configuration names one and no flag does; what is
// wrong with the configuration is said by whoever needs it.
func (s *session) setLanguage(flag string) error {
	switch flag {
	case "zh", "en":
		return nil
	case "":
		if c, err := s.configured(); err == nil && c.get("language") != "" {
			s.lang = c.get("language")
		}
		return nil
	}
	return usage(&problem{what: s.t("no language", flag), where: "--lang", mend: s.t("write zh or en")})
}

// folder is the data folder: --data, then LEEWAY_DATA, then what the
// configuration says, then a folder of the user. The demo has one of its own,
// always embedded, so that samples never mix with records.
func (s *session) folder(name string) (string, error) {
	s.samples = name == "demo"
	if s.dir != "" {
		return s.dir, nil
	}
	if v := s.env("LEEWAY_DATA"); v != "" && !s.samples {
		return v, nil
	}
	if !s.samples {
		c, err := s.configured()
		if err != nil {
			return "", err
		}
		return c.get("data"), nil
	}
	base, err := s.userData()
	if err != nil {
		return "", usage(&problem{what: s.t("no user folder"), where: "--data", mend: s.t("give --data")})
	}
	return filepath.Join(base, "leeway", name), nil
}

// userData is where programs keep a user's data on this system.
func (s *session) userData() (string, error) {
	if v := s.env("XDG_DATA_HOME"); filepath.IsAbs(v) {
		return v, nil
	}
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return os.UserConfigDir() // %AppData%, ~/Library/Application Support
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, ".local", "share"), nil
}

// t is a message in the session's language. A key that the table lacks shows
// itself, and fails a test.
func (s *session) t(key string, args ...any) string {
	text, ok := words[key]
	if !ok {
		return key
	}
	if len(args) == 0 {
		return text.In(s.lang)
	}
	return fmt.Sprintf(text.In(s.lang), args...)
}

// printf writes to standard output.
func (s *session) printf(format string, args ...any) { fmt.Fprintf(s.out, format, args...) }

// writeJSON writes one indented JSON document to standard output.
func (s *session) writeJSON(v any) error {
	enc := json.NewEncoder(s.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
