package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
)

var verb = regexp.MustCompile(`%[^%]*?[a-zA-Z]`)

func TestEveryMessageIsInBothLanguages(t *testing.T) {
	for key, text := range words {
		if text.ZH == "" || text.EN == "" {
			t.Errorf("message %q lacks a language", key)
		}
		if d := cmp.Diff(verb.FindAllString(text.ZH, -1), verb.FindAllString(text.EN, -1)); d != "" {
			t.Errorf("message %q takes other values in Chinese than in English (-zh +en):\n%s", key, d)
		}
	}
}

// TestEveryMessageUsedIsThere looks for s.t("key") with a key that the table
// lacks; keys that are put together are checked where they come from.
func TestEveryMessageUsedIsThere(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			lit, isLit := call.Args[0].(*ast.BasicLit)
			if !ok || sel.Sel.Name != "t" || !isLit {
				return true
			}
			key, _ := strconv.Unquote(lit.Value)
			if _, ok := words[key]; !ok {
				t.Errorf("message %q is used but not in the table", key)
			}
			return true
		})
	}
}

func TestEverySentinelHasWords(t *testing.T) {
	for _, s := range sentinels {
		for _, key := range []string{"error " + s.name, "mend " + s.name} {
			if _, ok := words[key]; !ok {
				t.Errorf("message %q is missing", key)
			}
		}
	}
}

func TestEveryCommandAndFlagHasHelp(t *testing.T) {
	var g grammar
	k, err := kong.New(&g, kong.Name("leeway"))
	if err != nil {
		t.Fatal(err)
	}
	need := func(key string) {
		if _, ok := words[key]; !ok {
			t.Errorf("message %q is missing", key)
		}
	}
	var walk func(n *kong.Node)
	walk = func(n *kong.Node) {
		if path := strings.TrimSpace(strings.TrimPrefix(n.FullPath(), "leeway")); path != "" {
			need("help " + path)
		}
		for _, p := range n.Positional {
			need("argument " + p.Name)
		}
		for _, f := range n.Flags {
			need("help --" + f.Name)
		}
		for _, c := range n.Children {
			walk(c)
		}
	}
	walk(k.Model.Node)
}
