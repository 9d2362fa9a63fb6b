package main

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"leeway": main})
}

// TestScripts runs the acceptance stories of testdata/script. Each begins in
// an empty folder, in Chinese, with a data folder of its own; $CASES holds
// case files.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Defer(func() {
				if err := checkCanaries(env.WorkDir); err != nil {
					t.Error(err)
				}
			})
			env.Setenv("LANG", "zh_CN.UTF-8")
			env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
			env.Setenv("LEEWAY_DATA", filepath.Join(env.WorkDir, "data"))
			cases, err := filepath.Abs(filepath.Join("testdata", "cases"))
			env.Setenv("CASES", cases)
			return errors.Join(err, os.Mkdir(env.Getenv("HOME"), 0o700))
		},
		Cmds: scriptCmds,
	})
}

// scriptCmds are what scripts can do beside the commands of testscript.
var scriptCmds = map[string]func(*testscript.TestScript, bool, []string){"code": exitsWith, "let": let, "append": appendLine, "port": freePort}

// let is the script command "let NAME REGEXP": NAME is then what the first
// group of the expression found in the last standard output.
func let(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: let NAME REGEXP")
	}
	found := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(found) < 2 {
		ts.Fatalf("no match for %s", args[1])
	}
	ts.Setenv(args[0], found[1])
}

// freePort is the script command "port NAME": NAME is then a port on which
// nobody listens.
func freePort(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: port NAME")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	_, port, err := net.SplitHostPort(l.Addr().String())
	ts.Check(errors.Join(err, l.Close()))
	ts.Setenv(args[0], port)
}

// appendLine is the script command "append FILE LINE".
func appendLine(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: append FILE LINE")
	}
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_APPEND|os.O_WRONLY, 0)
	ts.Check(err)
	_, err = f.WriteString(args[1] + "\n")
	ts.Check(errors.Join(err, f.Close()))
}

// exitsWith is the script command "code N COMMAND …": the command must end
// with that exit code. Its output is there for stdout and stderr to match.
func exitsWith(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N COMMAND [ARG…]")
	}
	got := "0"
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		got = exitCode(err)
	}
	if got != args[0] {
		ts.Fatalf("%s ended with exit code %s, want %s", args[1], got, args[0])
	}
}

func exitCode(err error) string {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return err.Error()
	}
	return strconv.Itoa(exit.ExitCode())
}
