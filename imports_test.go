// Package leeway_test keeps the walls between the rooms: which package may
// import which, which one may use a foreign library, and where the clock and
// the outside world may be touched.
package leeway_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "leeway"

// rooms says which rooms each room may import, tests excepted. "*" is any. A
// package that has no row here fails: decide first where it belongs.
var rooms = map[string][]string{
	".": nil,

	"domain":             nil,
	"domain/eligibility": {"domain"},
	"domain/replay":      {"domain", "domain/eligibility"},
	"domain/review":      {"domain", "domain/eligibility", "domain/replay"},
	"domain/names":       {"domain"},
	"domain/privacy":     {"domain"},
	"domain/casework":    {"domain", "domain/privacy", "domain/eligibility", "domain/replay", "domain/review", "eventstore"},

	"policies":         {"domain", "domain/replay", "policies/bundles"},
	"policies/bundles": nil,
	"policies/drafts":  {"domain"},

	"eventstore":            nil,
	"eventstore/storetest":  {"eventstore"},
	"eventstore/memory":     {"eventstore"},
	"eventstore/sqlite":     {"eventstore"},
	"eventstore/esdb":       {"eventstore"},
	"eventstore/esdbserver": {"eventstore"},
	// The ledger takes nothing of the domain but the words of refusals, which
	// names.Explain words in both languages.
	"ledger":        {"domain", "eventstore"},
	"ledger/vault":  {"domain"},
	"projections":   {"domain", "domain/eligibility", "domain/privacy", "domain/replay", "domain/review", "eventstore"},
	"bulk":          {"domain", "domain/eligibility", "domain/replay", "domain/casework", "policies", "projections"},
	"api/views":     {"api/charts", "api/documents", "domain", "domain/names", "domain/eligibility", "domain/replay", "domain/review", "domain/casework", "policies", "policies/drafts", "projections", "bulk", "ledger"},
	"api":           {"api/charts", "api/contract", "api/documents", "domain", "domain/names", "domain/eligibility", "domain/replay", "domain/review", "domain/casework", "eventstore", "policies", "policies/drafts", "projections", "bulk", "ledger", "ledger/evidence"},
	"api/web":       {"api", "api/charts", "api/documents", "api/views", "domain", "domain/names", "domain/eligibility", "domain/replay", "domain/review", "domain/casework", "policies", "policies/drafts", "projections", "bulk", "ledger", "ledger/evidence"},
	"api/charts":    nil,
	"api/contract":  nil,
	"api/documents": {"domain", "domain/names", "domain/eligibility", "domain/replay", "domain/review"},
	"simulate":      {"domain", "domain/eligibility", "domain/replay", "domain/casework"},
	"cmd/leeway":    {"*"},
	"cmd/schema":    {"*"},
	// Evidence folds and replays with the very code of the ledger: a second one
	// would verify itself.
	"ledger/evidence": {"ledger", "eventstore", "domain", "domain/eligibility", "domain/replay", "domain/review", "domain/casework", "policies"},
}

// libraries says which rooms may import each foreign module. One library, one
// room: the day it must be replaced, one room changes.
var libraries = map[string][]string{
	"github.com/google/cel-go": {"policies"},
	"go.yaml.in/yaml/v3":       {"policies"},

	"github.com/google/uuid": {"domain/casework"},

	"modernc.org/sqlite":                            {"eventstore/sqlite", "projections"},
	"golang.org/x/sys":                              {"eventstore/sqlite"},
	"github.com/EventStore/EventStore-Client-Go/v4": {"eventstore/esdb", "eventstore/esdbserver"},
	"google.golang.org/grpc":                        {"eventstore/esdb", "eventstore/esdbserver"},
	"google.golang.org/protobuf":                    {"eventstore/esdb", "eventstore/esdbserver"},

	"golang.org/x/mod":                                              {"ledger"},
	"github.com/transparency-dev/formats":                           {"ledger"},
	"filippo.io/age":                                                {"ledger/vault"},
	"github.com/emmansun/gmsm":                                      {"ledger", "ledger/vault"},
	"github.com/ThreeDotsLabs/watermill":                            {"projections"},
	"github.com/jackc/pgx/v5":                                       {"projections"},
	"github.com/pressly/goose/v3":                                   {"projections"},
	"github.com/labstack/echo/v4":                                   {"api", "api/contract", "api/web"},
	"go.opentelemetry.io/otel":                                      {"api"},
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp": {"api"},
	"github.com/getkin/kin-openapi":                                 {"api"},
	"github.com/oapi-codegen/runtime":                               {"api", "api/contract"},
	"golang.org/x/time":                                             {"api"},
	"github.com/coreos/go-oidc/v3":                                  {"api"},
	"golang.org/x/oauth2":                                           {"api"},
	"github.com/signintech/gopdf":                                   {"api/documents"},
	"github.com/xuri/excelize/v2":                                   {"api/documents"},

	"github.com/alecthomas/kong":    {"cmd/leeway"},
	"github.com/jedib0t/go-pretty":  {"cmd/leeway"},
	"github.com/mattn/go-runewidth": {"cmd/leeway"},
	"github.com/vbauerster/mpb":     {"cmd/leeway"},
	"github.com/invopop/jsonschema": {"cmd/schema"},

	"github.com/knadh/koanf":              {"cmd/leeway"},
	"github.com/prometheus/client_golang": {"cmd/leeway"},
}

// testLibraries may be imported by any test, and by the contract suite that
// tests share.
var testLibraries = []string{
	"github.com/chromedp/chromedp", "github.com/chromedp/cdproto", "github.com/google/go-cmp", "github.com/rogpeppe/go-internal", "go.uber.org/goleak", "pgregory.net/rapid",
	"github.com/anishathalye/porcupine", "github.com/transparency-dev/merkle",
}

// sharedSuites are packages that only tests import.
var sharedSuites = []string{"eventstore/storetest"}

// outside lists what no package under domain may import: the domain is pure,
// and what it needs of the world comes in as a value or a port.
var outside = []string{"os", "net", "net/http", "database/sql", "math/rand", "math/rand/v2", "crypto/rand", "log", "log/slog", "syscall"}

// A source is one Go file of the module.
type source struct {
	room string // folder, "." for the root
	file string
	test bool
	ast  *ast.File
}

func (s source) imports() []string {
	var paths []string
	for _, i := range s.ast.Imports {
		p, _ := strconv.Unquote(i.Path.Value)
		paths = append(paths, p)
	}
	return paths
}

// ownModule reports whether a folder is a module by itself: the peers of the
// benchmarks, other people's verifiers, and the official client's own tests.
func ownModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

// sources parses every Go file of the module, whatever its build tags say.
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || ownModule(name)):
			return filepath.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		all = append(all, source{path.Dir(name), name, strings.HasSuffix(name, "_test.go"), f})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestRoomsImportOnlyWhatTheirRowAllows(t *testing.T) {
	for _, s := range sources(t) {
		allowed, known := rooms[s.room]
		if !known {
			t.Errorf("%s: room %s has no row in the table of rooms; decide what it may import and add one", s.file, s.room)
			continue
		}
		for _, p := range s.imports() {
			room, ours := strings.CutPrefix(p, module+"/")
			if !ours || s.test || room == s.room || slices.Contains(allowed, "*") || slices.Contains(allowed, room) {
				continue
			}
			t.Errorf("%s imports %s, which its row does not allow", s.file, p)
		}
	}
}

// TestTestsDoNotReachUpwards lets the tests of a room import any room below
// it and the in-memory store, never the command or the API.
func TestTestsDoNotReachUpwards(t *testing.T) {
	for _, s := range sources(t) {
		if !s.test || slices.Contains(rooms[s.room], "*") {
			continue
		}
		for _, p := range s.imports() {
			room, _ := strings.CutPrefix(p, module+"/")
			if top, _, _ := strings.Cut(room, "/"); (top == "cmd" || top == "api") && !strings.HasPrefix(s.room, top) {
				t.Errorf("%s: a test of %s imports %s", s.file, s.room, p)
			}
		}
	}
}

func TestEveryLibraryHasOneRoom(t *testing.T) {
	for _, s := range sources(t) {
		for _, p := range s.imports() {
			lib := foreign(p)
			switch {
			case lib == "":
			case slices.Contains(testLibraries, lib) && (s.test || slices.Contains(sharedSuites, s.room)):
			case slices.Contains(libraries[lib], s.room):
			default:
				t.Errorf("%s imports %s: the table of libraries does not give it to room %s", s.file, p, s.room)
			}
		}
	}
}

// foreign is the module of an import path as the tables name it, the path
// itself where they do not, and "" for the standard library and our own.
func foreign(p string) string {
	first, _, _ := strings.Cut(p, "/")
	if first == module || !strings.Contains(first, ".") {
		return ""
	}
	for _, lib := range slices.Concat(slices.Collect(maps.Keys(libraries)), testLibraries) {
		if p == lib || strings.HasPrefix(p, lib+"/") {
			return lib
		}
	}
	return p
}

func TestTablesNameOnlyKnownRooms(t *testing.T) {
	for room, allowed := range rooms {
		for _, other := range allowed {
			if _, ok := rooms[other]; !ok && other != "*" {
				t.Errorf("row %s allows %s, which is no room", room, other)
			}
		}
	}
	for lib, homes := range libraries {
		for _, room := range homes {
			if _, ok := rooms[room]; !ok {
				t.Errorf("library %s is given to %s, which is no room", lib, room)
			}
		}
	}
}

func TestDomainTouchesNothingOutside(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || !strings.HasPrefix(s.room+"/", "domain/") {
			continue
		}
		for _, p := range s.imports() {
			if slices.Contains(outside, p) {
				t.Errorf("%s imports %s: the domain does no I/O", s.file, p)
			}
		}
	}
}

// TestNoHiddenClock finds calls of time.Now. Time is a value: casework reads
// it once per command through a field, the commands supply that field, and
// stores label what they write. Rules and the domain get it handed in.
func TestNoHiddenClock(t *testing.T) {
	pure := func(room string) bool {
		return strings.HasPrefix(room+"/", "domain/") && room != "domain/casework" || strings.HasPrefix(room+"/", "policies/")
	}
	for _, s := range sources(t) {
		if s.test || !pure(s.room) {
			continue
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains([]string{"Now", "Since", "Until"}, sel.Sel.Name) {
				t.Errorf("%s reads the clock with time.%s", s.file, sel.Sel.Name)
			}
			return true
		})
	}
}
