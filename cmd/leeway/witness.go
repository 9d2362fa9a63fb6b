package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"

	"leeway/domain"
	"leeway/eventstore"
	"leeway/ledger"
)

// witnessCmds are for the discipline office or the auditor, on a machine of
// their own: a witness signs what grows and refuses what was rewritten.
type witnessCmds struct {
	Init  witnessInitCmd  `cmd:""`
	Sign  witnessSignCmd  `cmd:""`
	Serve witnessServeCmd `cmd:""`
}

// The files of a witness.
const (
	witnessKeyFile    = "witness.key"
	witnessPolicyFile = "witness.policy"
	witnessSeen       = "seen"
)

// witnessAt is where a witness has its files.
type witnessAt struct {
	Dir string `placeholder:"DIR" type:"path"`
}

// folder is --dir, or a folder of the user.
func (w witnessAt) folder(s *session) (string, error) {
	if w.Dir != "" {
		return w.Dir, nil
	}
	base, err := s.userData()
	if err != nil {
		return "", usage(&problem{what: s.t("no user folder"), where: "--dir", mend: s.t("give --dir")})
	}
	return filepath.Join(base, "leeway", "witness"), nil
}

// open opens the witness that init has made.
func (w witnessAt) open(s *session) (*ledger.Witness, error) {
	dir, err := w.folder(s)
	if err != nil {
		return nil, err
	}
	if _, err := os.Lstat(filepath.Join(dir, witnessKeyFile)); errors.Is(err, os.ErrNotExist) {
		return nil, &problem{what: s.t("no such witness"), where: dir, mend: s.t("witness init first"), err: domain.ErrNotFound}
	}
	key, err := ledger.LoadWitnessKey(filepath.Join(dir, witnessKeyFile))
	if err != nil {
		return nil, err
	}
	policy, err := ledger.ReadPolicy(filepath.Join(dir, witnessPolicyFile))
	if err != nil {
		return nil, err
	}
	return ledger.OpenWitness(filepath.Join(dir, witnessSeen), key, policy)
}

// witnessInitCmd makes a witness, or has it watch further logs.
type witnessInitCmd struct {
	Name string   `arg:""`
	Log  []string `required:"" placeholder:"POLICY" type:"path"`
	witnessAt
}

// Run makes the key and notes which logs to watch: those of the policy files
// that operators handed over.
func (cmd witnessInitCmd) Run(s *session) error {
	dir, err := cmd.folder(s)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return s.unreadable(dir, err)
	}
	if err := privateFolder(dir); err != nil {
		return err
	}
	file := filepath.Join(dir, witnessKeyFile)
	if _, err := ledger.CreateKey(file, cmd.Name); err != nil && !errors.Is(err, ledger.ErrExists) {
		return err
	}
	key, err := ledger.LoadWitnessKey(file)
	if err != nil {
		return err
	}
	if err := cmd.watch(s, filepath.Join(dir, witnessPolicyFile)); err != nil {
		return err
	}
	line := fmt.Sprintf("witness %s %s", key.Name(), key.Public)
	if s.json {
		return s.writeJSON(map[string]string{"name": key.Name(), "dir": dir, "line": line})
	}
	s.printf("%s\n%s\n", s.t("witness made", dir), line)
	s.hang("", s.t("witness line"))
	return nil
}

// watch adds the log lines of the policies to those that are watched already.
func (cmd witnessInitCmd) watch(s *session, file string) error {
	var lines []string
	add := func(text []byte) {
		for line := range strings.Lines(string(text)) {
			f := strings.Fields(line)
			if len(f) < 2 || f[0] != "log" {
				continue
			}
			known := false
			for _, have := range lines {
				known = known || have == "log "+f[1]
			}
			if !known {
				lines = append(lines, "log "+f[1])
			}
		}
	}
	old, err := os.ReadFile(file)
	if err := ignore(err, os.ErrNotExist); err != nil {
		return s.unreadable(file, err)
	}
	add(old)
	for _, name := range cmd.Log {
		text, err := s.readTrustFile(name)
		if err != nil {
			return err
		}
		if _, err := ledger.ParsePolicy(text); err != nil {
			return s.notVerified(name, err)
		}
		add(text)
	}
	text := strings.Join(lines, "\n") + "\nquorum none\n"
	if _, err := ledger.ParsePolicy([]byte(text)); err != nil {
		return err
	}
	temp := file + ".new"
	if err := errors.Join(ignore(os.Remove(temp), os.ErrNotExist), writeOnce(temp, []byte(text))); err != nil {
		return err
	}
	return os.Rename(temp, file)
}

// witnessSignCmd answers a request that came as a file.
type witnessSignCmd struct {
	Request string `arg:"" type:"path"`
	Out     string `placeholder:"FILE" type:"path"`
	witnessAt
}

// Run signs after what the witness has seen is on its disk. A bare checkpoint is
// taken too: as one that goes on from nothing.
func (cmd witnessSignCmd) Run(s *session) error {
	text, err := s.readTrustFile(cmd.Request)
	if err != nil {
		return err
	}
	request := text
	if !bytes.HasPrefix(text, []byte("old ")) {
		request = ledger.Request{Checkpoint: text}.Marshal()
	}
	w, err := cmd.open(s)
	if err != nil {
		return err
	}
	lines, err := w.Sign(s.ctx, request)
	if err = errors.Join(err, w.Close()); err != nil {
		var stale *ledger.Stale
		if errors.As(err, &stale) && !errors.Is(err, ledger.ErrRewritten) {
			return &problem{what: s.t("witness stands", stale.Size), where: cmd.Request, mend: s.t("request from", stale.Size), err: ledger.ErrPending}
		}
		return err
	}
	r, err := ledger.ParseRequest(request)
	if err != nil {
		return err
	}
	signed := append(bytes.Clone(r.Checkpoint), lines...)
	if err := s.writeNewFile(cmd.Out, signed); err != nil {
		return err
	}
	if cmd.Out != "" && !s.json {
		s.printf("%s\n", s.t("witness signed", cmd.Out))
	}
	return nil
}

// witnessServeCmd answers requests over HTTP, by the tlog-witness protocol.
type witnessServeCmd struct {
	Listen string `default:"127.0.0.1:8421" placeholder:"HOST:PORT"`
	witnessAt
}

// Run serves until it is told to stop. What is signed under the key is public
// and what is refused is refused to everybody, so that the protocol needs no
// login; a proxy with TLS stands before it where others than this machine ask.
func (cmd witnessServeCmd) Run(s *session) error {
	w, err := cmd.open(s)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", cmd.Listen)
	if err != nil {
		return errors.Join(fmt.Errorf("listen: %w", err), w.Close())
	}
	log := slog.New(slog.NewJSONHandler(s.err, nil))
	h := newHTTPServer(w.Handler(), log)
	failed := make(chan error, 1)
	go func() { failed <- h.Serve(l) }()
	log.Info("witness serving", "address", l.Addr().String())
	select {
	case <-s.ctx.Done():
	case err = <-failed:
		return errors.Join(err, w.Close())
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	err = h.Shutdown(ctx)
	<-failed
	log.Info("witness stopped")
	return errors.Join(err, w.Close())
}

// logRequestCmd makes the file that is carried to a witness.
type logRequestCmd struct {
	Witness string `placeholder:"NAME"`
	From    *int64 `placeholder:"N"`
	Out     string `placeholder:"FILE" type:"path"`
}

// Run proves that the newest checkpoint goes on from what the witness saw last.
func (cmd logRequestCmd) Run(s *session) error {
	return s.looking(func(log *ledger.Log, _ eventstore.Store) error {
		from := int64(0)
		if cmd.From != nil {
			from = *cmd.From
		} else {
			var err error
			if from, err = log.SeenBy(s.ctx, cmd.Witness); err != nil {
				return err
			}
		}
		r, err := log.Request(from)
		if err != nil {
			return err
		}
		return s.writeNewFile(cmd.Out, r.Marshal())
	})
}

// logCosignCmd takes in the file with which a witness answered.
type logCosignCmd struct {
	Answer string `arg:"" type:"path"`
}

// Run puts the witness' lines under the checkpoint of that size.
func (cmd logCosignCmd) Run(s *session) error {
	text, err := s.readTrustFile(cmd.Answer)
	if err != nil {
		return err
	}
	dir, err := s.existing("data")
	if err != nil {
		return err
	}
	take, done, err := s.taker(dir)
	if err != nil {
		return err
	}
	defer done()
	return s.looking(func(log *ledger.Log, _ eventstore.Store) error {
		if take == nil {
			take = log.AddAnswer
		}
		sealed, err := take(s.ctx, text)
		if err != nil {
			return err
		}
		j, err := checkpointOf(log, sealed)
		if err != nil {
			return err
		}
		if s.json {
			return s.writeJSON(j)
		}
		s.printCheckpoint(j)
		return nil
	})
}

// taker is the running server of a data folder as what takes the answer of a
// witness in; nil where none runs.
func (s *session) taker(dir string) (take func(context.Context, []byte) (ledger.Sealed, error), done func() error, err error) {
	none := func() error { return nil }
	socket, err := s.socketOf(dir)
	if err != nil {
		return nil, none, err
	}
	state, err := askServer(s.ctx, socket)
	switch {
	case errors.Is(err, errNoServer):
		return nil, none, nil
	case err != nil:
		return nil, none, err
	case !sameFolder(state.Data, dir):
		return nil, none, nil // it serves another folder
	}
	reads, err := s.openReading(dir)
	if err != nil {
		return nil, none, err
	}
	r := newRemote(socket, reads)
	return r.cosign, r.Close, nil
}
