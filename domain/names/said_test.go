package names

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A maker is a function that takes formats of messages: which of its arguments
// they are, which one is the path of a field (-1: none), and from where on its
// arguments are those of the formats.
type maker struct {
	formats []int
	field   int
	args    int
}

// makers are the functions that make messages, by room and name.
var makers = map[string]map[string]maker{
	"": { // any room
		"Say":      {[]int{0}, -1, 1},
		"NewFault": {[]int{1, 2}, 0, 3},
		"Deny":     {[]int{1, 2}, -1, 3},
		"Refuse":   {[]int{1, 2}, -1, 3},
		"Within":   {[]int{1}, -1, 2},
	},
	"ledger": {
		"rolledBack": {[]int{0}, -1, 1},
		"rewrote":    {[]int{0}, -1, 1},
		"bad":        {[]int{0}, -1, 1},
	},
	"ledger/evidence": {
		"bad": {[]int{0}, -1, 1},
	},
	"domain/eligibility": {
		"fault":  {[]int{1, 2}, 0, 3},
		"refuse": {[]int{0, 1}, -1, 2},
	},
	"domain/review": {
		"fault":  {[]int{1, 2}, 0, 3},
		"refuse": {[]int{1, 2}, -1, 3},
		"before": {[]int{1}, -1, 2},
	},
	"api": {
		"fault": {[]int{1, 2}, 0, 3},
	},
	"api/documents": {
		"bookFault": {[]int{0, 1}, -1, 2},
		"fault":     {[]int{4, 5}, -1, 6},
		"bad":       {[]int{2}, -1, 3},
	},
	"policies": {
		"add":       {[]int{1, 2}, -1, 3},
		"fail":      {[]int{1, 2}, -1, 3},
		"unfit":     {[]int{0, 1}, -1, 2},
		"differ":    {[]int{2}, -1, 3},
		"different": {[]int{2}, -1, 3},
	},
	"domain/casework": {
		"fault":  {[]int{2, 3}, 0, 4},
		"flawed": {[]int{2, 3}, 0, 4},
		"add":    {[]int{1, 2}, 0, 3},
	},
}

func makerOf(room, name string) (maker, bool) {
	if m, ok := makers[room][name]; ok {
		return m, true
	}
	m, ok := makers[""][name]
	return m, ok
}

// A message is a format as a room says it.
type message struct{ room, at, format string }

// walk finds the messages and the field paths of a room, and complains of what
// it cannot follow.
func walk(t *testing.T, room string) (messages []message, fields []message) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", room, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no sources of %s: %v", room, err)
	}
	set := token.NewFileSet()
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		w := walker{t: t, room: room, at: func(n ast.Node) string { return set.Position(n.Pos()).String() }, messages: &messages, fields: &fields}
		ast.Walk(w, file)
	}
	return messages, fields
}

// A walker collects what is handed to makers.
type walker struct {
	t        *testing.T
	room     string
	at       func(ast.Node) string
	messages *[]message
	fields   *[]message
	inside   bool // of a maker, where formats are parameters that are handed on
}

func (w walker) Visit(n ast.Node) ast.Visitor {
	switch n := n.(type) {
	case *ast.FuncDecl:
		_, w.inside = makerOf(w.room, n.Name.Name)
	case *ast.AssignStmt:
		if name, ok := n.Lhs[0].(*ast.Ident); ok {
			_, function := n.Rhs[0].(*ast.FuncLit)
			if _, ok := makerOf(w.room, name.Name); ok && function {
				w.inside = true
			}
		}
	case *ast.CompositeLit:
		if name := nameOf(n.Type); name == "Said" && len(n.Elts) > 0 || name == "Fault" || name == "Denial" {
			if w.room != "domain" {
				w.t.Errorf("%s: write the message with a maker that this test knows, not as a %s", w.at(n), name)
			}
		}
	case *ast.CallExpr:
		w.call(n)
	}
	return w
}

func (w walker) call(call *ast.CallExpr) {
	name := nameOf(call.Fun)
	if name == "Errorf" {
		w.bare(call)
		return
	}
	m, ok := makerOf(w.room, name)
	// names.Say words a message, it makes none.
	if sel, selects := call.Fun.(*ast.SelectorExpr); selects && nameOf(sel.X) == "names" {
		return
	}
	if !ok || len(call.Args) <= slices.Max(m.formats) {
		return
	}
	if m.field >= 0 {
		for _, path := range literals(call.Args[m.field]) {
			*w.fields = append(*w.fields, message{w.room, w.at(call), path})
		}
	}
	used := map[int]bool{}
	for _, i := range m.formats {
		lit, ok := call.Args[i].(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			if _, parameter := call.Args[i].(*ast.Ident); !parameter || !w.inside {
				w.t.Errorf("%s: the message is no literal, so that it cannot be translated", w.at(call.Args[i]))
			}
			continue
		}
		format, _ := strconv.Unquote(lit.Value)
		if format == "" {
			continue
		}
		for _, v := range verbsOf(format) {
			used[v.arg] = true
		}
		*w.messages = append(*w.messages, message{w.room, w.at(lit), format})
	}
	if call.Ellipsis.IsValid() {
		return
	}
	for i := range max(len(call.Args)-m.args, 0) {
		if !used[i+1] {
			w.t.Errorf("%s: argument %d is in none of the messages", w.at(call), i+1)
		}
		delete(used, i+1)
	}
	for i := range used {
		w.t.Errorf("%s: there is no argument %d", w.at(call), i)
	}
}

// bare complains of a sentinel of the domain that is wrapped in English words.
func (w walker) bare(call *ast.CallExpr) {
	if len(call.Args) < 2 || !slices.Contains([]string{"ErrInvalid", "ErrRefused", "ErrNotFound", "ErrSealed"}, nameOf(call.Args[1])) {
		return
	}
	for _, format := range literals(call.Args[0]) {
		if regexp.MustCompile(`[a-z]{2}`).MatchString(verb.ReplaceAllString(format, "")) {
			w.t.Errorf("%s: word it with domain.Deny, so that it can be translated", w.at(call))
		}
	}
}

func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// literals are the strings inside an expression.
func literals(e ast.Expr) []string {
	var list []string
	ast.Inspect(e, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			s, _ := strconv.Unquote(lit.Value)
			list = append(list, s)
		}
		return true
	})
	return list
}

var verb = regexp.MustCompile(`%[-+# 0]*[0-9.]*(?:\[(\d+)\])?([a-zA-Z%])`)

// A use is one argument as a format uses it: its number from 1, and its verb.
type use struct {
	arg  int
	verb string
}

// verbsOf lists which arguments a format uses, each once, by number. Quoting
// is a language's own: %q counts as %s.
func verbsOf(format string) []use {
	var uses []use
	next := 1
	for _, m := range verb.FindAllStringSubmatch(format, -1) {
		if m[2] == "%" {
			continue
		}
		if m[1] != "" {
			next, _ = strconv.Atoi(m[1])
		}
		u := use{next, strings.Replace(m[2], "q", "s", 1)}
		if !slices.Contains(uses, u) {
			uses = append(uses, u)
		}
		next++
	}
	slices.SortFunc(uses, func(a, b use) int { return a.arg - b.arg })
	return uses
}

// TestEveryMessageHasItsChinese walks the sources of the rooms.
func TestEveryMessageHasItsChinese(t *testing.T) {
	for room, table := range catalogues {
		messages, _ := walk(t, room)
		if len(messages) == 0 {
			t.Errorf("%s says nothing: does the test still know its makers?", room)
		}
		for _, m := range messages {
			if table[m.format] == "" && saidDomain[m.format] == "" {
				t.Errorf("%s: the catalogue of %s lacks %q", m.at, room, m.format)
			}
		}
	}
}

func TestEveryCatalogueEntryIsSaid(t *testing.T) {
	saying := map[string]map[string]bool{}
	for room := range catalogues {
		messages, _ := walk(t, room)
		for _, m := range messages {
			if saying[m.format] == nil {
				saying[m.format] = map[string]bool{}
			}
			saying[m.format][room] = true
		}
	}
	for room, table := range catalogues {
		for format := range table {
			by := saying[format]
			switch {
			case room == "domain" && len(by) == 0, room != "domain" && !by[room]:
				t.Errorf("nobody in %s says %q any more", room, format)
			case room != "domain" && saidDomain[format] != "":
				t.Errorf("%q stands in the catalogues of %s and of the domain", format, room)
			}
		}
	}
}

// TestOneMessageHasOneChinese looks for formats that two rooms translate.
func TestOneMessageHasOneChinese(t *testing.T) {
	count := map[string]int{}
	for _, table := range catalogues {
		for format := range table {
			if count[format]++; count[format] == 2 {
				t.Errorf("%q is translated twice: move it to the catalogue of the domain", format)
			}
		}
	}
}

func TestBothLanguagesUseTheSameArguments(t *testing.T) {
	for room, table := range catalogues {
		for en, zh := range table {
			if a, b := verbsOf(en), verbsOf(zh); !slices.Equal(a, b) {
				t.Errorf("%s: %q uses %v, %q uses %v", room, en, a, zh, b)
			}
			if !everyIndexed(zh) {
				t.Errorf("%s: %q numbers some of its verbs and not all", room, zh)
			}
		}
	}
}

func everyIndexed(format string) bool {
	for _, m := range verb.FindAllStringSubmatch(format, -1) {
		if m[1] == "" && m[2] != "%" {
			return !strings.Contains(format, "%[")
		}
	}
	return true
}

// TestEveryFieldHasATitle walks the paths that the rooms give by themselves.
func TestEveryFieldHasATitle(t *testing.T) {
	used := map[string]bool{}
	for room := range catalogues {
		_, paths := walk(t, room)
		for _, p := range paths {
			for _, part := range strings.FieldsFunc(p.format, func(r rune) bool { return strings.ContainsRune("., []", r) }) {
				if strings.Contains(part, "%") {
					continue
				}
				used[part] = true
				if _, ok := all["field "+part]; !ok {
					t.Errorf("%s: field %q has no title", p.at, part)
				}
			}
		}
	}
}

// TestVerbsAreCounted tests the test.
func TestVerbsAreCounted(t *testing.T) {
	for format, want := range map[string]string{
		"%s and %d":        "[{1 s} {2 d}]",
		"%[2]s of %[1]q":   "[{1 s} {2 s}]",
		"%.80q, 100%%":     "[{1 s}]",
		"“%.80[1]s”":       "[{1 s}]",
		"nothing":          "[]",
		`{"fen":40000} %v`: "[{1 v}]",
	} {
		if got := fmt.Sprint(verbsOf(format)); got != want {
			t.Errorf("%q uses %s, want %s", format, got, want)
		}
	}
}

// TestEveryRoomThatSpeaksHasACatalogue looks for rooms that make messages and
// that the other tests do not walk.
func TestEveryRoomThatSpeaksHasACatalogue(t *testing.T) {
	root := filepath.Join("..", "..")
	makes := regexp.MustCompile(`\bdomain\.(Say|NewFault|Deny|Within)\(|\breview\.Refuse\(`)
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != root && strings.HasPrefix(d.Name(), "."), d.IsDir() && d.Name() == "testdata":
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		room, err := filepath.Rel(root, filepath.Dir(name))
		if _, ok := catalogues[filepath.ToSlash(room)]; err != nil || ok {
			return err
		}
		text, err := os.ReadFile(name)
		if makes.Match(text) {
			t.Errorf("%s makes messages, and its room has no catalogue", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
