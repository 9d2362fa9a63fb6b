// Command leeway keeps the ledger of social-assistance decisions and replays
// them: was a decision wrong, given what could be known and which rules were
// held on that day, and if so, whose error was it and how much money did it
// move. docs/operations.md describes every command, flag, exit code and JSON
// shape.
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

// A call is one run of the program with all that it touches outside: tests
// hand in their own.
type call struct {
	args     []string
	out, err io.Writer
	env      func(string) string
	now      func() time.Time
	in       io.Reader // none: there is nothing to be read
}

// main hands the process over to run. An interrupt ends the command at its next
// safe point: what was appended is whole.
func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, call{os.Args[1:], os.Stdout, os.Stderr, os.Getenv, time.Now, os.Stdin})
	stop()
	os.Exit(code)
}

// grammar is every command and flag. The words that describe them stand in
// words.go, in both languages.
type grammar struct {
	Data       string `placeholder:"DIR" type:"path"`
	ConfigFile string `name:"config" placeholder:"FILE" type:"path"`
	Packs      string `placeholder:"DIR" type:"path"`
	Lang       string `placeholder:"zh|en"`
	JSON       bool   `name:"json"`
	Receipts   string `placeholder:"FILE" type:"path"`

	Demo   demoCmd   `cmd:""`
	Import importCmd `cmd:""`
	Case   struct {
		List listCmd `cmd:""`
		Show showCmd `cmd:""`
		Find findCmd `cmd:""`

		Diligence diligenceCmd `cmd:""`
	} `cmd:""`
	Replay replayCmd `cmd:""`
	Policy struct {
		Check   checkCmd   `cmd:""`
		Test    testCmd    `cmd:""`
		Show    policyCmd  `cmd:""`
		Explain explainCmd `cmd:""`

		Coverage coverageCmd `cmd:""`
		Diff     diffCmd     `cmd:""`
		Impact   impactCmd   `cmd:""`
		New      newPackCmd  `cmd:""`
		Seal     sealCmd     `cmd:""`
		Approve  approveCmd  `cmd:""`
		Activate activateCmd `cmd:""`
		Dispatch dispatchCmd `cmd:""`
		Receive  receiveCmd  `cmd:""`
		Status   statusCmd   `cmd:""`
	} `cmd:""`
	Review    reviewCmds   `cmd:""`
	Privacy   privacyCmds  `cmd:""`
	Ledger    ledgerCmds   `cmd:""`
	Proof     proofCmd     `cmd:""`
	Receipt   receiptCmd   `cmd:""`
	Audit     auditCmds    `cmd:""`
	Simulate  simulateCmd  `cmd:""`
	Reconcile reconcileCmd `cmd:""`

	Init   initCmd   `cmd:""`
	Doctor doctorCmd `cmd:""`
	Serve  serveCmd  `cmd:""`
	Config struct {
		Show showConfigCmd `cmd:""`
	} `cmd:""`
	Export  exportCmd   `cmd:""`
	Verify  verifyCmd   `cmd:""`
	Witness witnessCmds `cmd:""`

	Backup      backupCmd  `cmd:""`
	Restore     restoreCmd `cmd:""`
	Copy        copyCmd    `cmd:""`
	Migrate     migrateCmd `cmd:""`
	Projections struct {
		List    listModelsCmd   `cmd:""`
		Rebuild rebuildModelCmd `cmd:""`
	} `cmd:""`

	Version versionCmd `cmd:""`
}

// settings are the flags that are settings, by their keys.
func (g *grammar) settings() map[string]string {
	flags := map[string]string{}
	for key, v := range map[string]string{"data": g.Data, "language": g.Lang, "packs": g.Packs, "server.listen": g.Serve.Listen} {
		if v != "" {
			flags[key] = v
		}
	}
	return flags
}

// run parses the arguments, runs the command and returns the exit code. It is
// the only place that writes errors.
func run(ctx context.Context, c call) int {
	var g grammar
	s := &session{ctx: ctx, call: c, lang: language(c), json: slices.Contains(c.args, "--json")}
	helped := false
	parser, err := kong.New(&g,
		kong.Name("leeway"),
		kong.Writers(c.out, c.err),
		kong.Exit(func(int) { helped = true }),
		kong.Help(func(_ kong.HelpOptions, k *kong.Context) error { return s.help(k) }),
	)
	if err != nil {
		return s.fail(err)
	}
	if len(c.args) == 0 {
		c.args = []string{"--help"}
	}
	chosen, err := parser.Parse(c.args)
	if helped {
		return 0
	}
	s.dir, s.file, s.flags, s.receiptsTo = g.Data, g.ConfigFile, g.settings(), g.Receipts
	if err != nil {
		return s.fail(s.unparsed(err))
	}
	if err := s.setLanguage(g.Lang); err != nil {
		return s.fail(err)
	}
	s.takes = map[string]bool{}
	for _, f := range chosen.Flags() {
		s.takes[f.Name] = true
	}

	if err := errors.Join(chosen.Run(s), s.closeReceipts()); err != nil {
		return s.fail(err)
	}
	return 0
}
