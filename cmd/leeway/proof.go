package main

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"leeway/eventstore"
	"leeway/ledger"
)

// proofCmd exchanges receipts for inclusion proofs.
type proofCmd struct {
	Receipt string `arg:"" type:"path"`
	Out     string `placeholder:"DIR" type:"path"`
}

// provenJSON is an event of a receipt with its proof.
type provenJSON struct {
	Command  string `json:"command"`
	Stream   string `json:"stream"`
	Revision int64  `json:"revision"`
	Event    string `json:"event"`
	Index    int64  `json:"index"` // its number in the whole ledger, from 0
	Leaf     string `json:"leaf"`
	Data     []byte `json:"data"`  // the exact bytes, base64
	Proof    string `json:"proof"` // tlog-proof
}

// Run exchanges every receipt of the file. A running server seals what is not
// sealed yet within a second, and is waited for.
func (cmd proofCmd) Run(s *session) error {
	text, err := s.readTrustFile(cmd.Receipt)
	if err != nil {
		return err
	}
	receipts := splitReceipts(string(text))
	if len(receipts) == 0 {
		return &problem{what: s.t("no receipt"), where: cmd.Receipt, mend: s.t("mend malformed"), err: ledger.ErrMalformed}
	}
	var done []provenJSON
	for try := 0; ; try++ {
		err := s.looking(func(log *ledger.Log, _ eventstore.Store) (err error) {
			done, err = s.exchange(log, receipts)
			return err
		})
		if !errors.Is(err, ledger.ErrPending) || try == 10 {
			if err != nil {
				return err
			}
			break
		}
		if dir, err2 := s.folder("data"); err2 != nil || !s.serverRuns(dir) {
			return err
		}
		time.Sleep(500 * time.Millisecond)
	}
	return cmd.show(s, done)
}

// serverRuns reports whether a server has a data folder.
func (s *session) serverRuns(dir string) bool {
	socket, err := s.socketOf(dir)
	if err != nil {
		return false
	}
	_, err = askServer(s.ctx, socket)
	return err == nil
}

// exchange turns receipts into proofs, each verified before it is handed out.
func (s *session) exchange(log *ledger.Log, receipts []string) ([]provenJSON, error) {
	var done []provenJSON
	for _, text := range receipts {
		r, err := log.Policy().VerifyReceipt([]byte(text))
		if err != nil {
			return nil, err
		}
		proofs, err := log.Exchange(s.ctx, []byte(text))
		if err != nil {
			return nil, err
		}
		for i, p := range proofs {
			e := r.Events[i]
			done = append(done, provenJSON{r.Command, r.Stream, e.Revision, e.ID, p.Index, e.Leaf.String(), p.Data, string(p.Proof)})
		}
	}
	return done, nil
}

// show prints the proofs, or writes each beside the bytes that it is of.
func (cmd proofCmd) show(s *session, done []provenJSON) error {
	if cmd.Out != "" {
		if err := os.MkdirAll(cmd.Out, 0o700); err != nil {
			return s.unreadable(cmd.Out, err)
		}
		for _, p := range done {
			for ending, data := range map[string][]byte{".event": p.Data, ".tlog-proof": []byte(p.Proof)} {
				if err := s.writeNewFile(filepath.Join(cmd.Out, p.Event+ending), data); err != nil {
					return err
				}
			}
		}
	}
	if s.json {
		return s.writeJSON(map[string]any{"proofs": done})
	}
	for _, p := range done {
		s.printf("%s\n", s.t("proven", p.Event, p.Revision, p.Stream, p.Index))
		if cmd.Out == "" {
			s.printf("%s\n", p.Proof)
		}
	}
	if cmd.Out != "" {
		s.printf("%s\n", s.t("proofs in", len(done), cmd.Out))
	}
	return nil
}
