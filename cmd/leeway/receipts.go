package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"leeway/eventstore"
	"leeway/ledger"
)

// receiptsFolder is where receipts are put that nobody asked for elsewhere.
const receiptsFolder = "receipts"

// A receiptBook is the file with the receipts of one command, made with the
// first of them.
type receiptBook struct {
	mu    sync.Mutex // an import has several cases under way
	path  string
	file  *os.File
	count int
}

// signing makes receipts of what casework puts on record and writes them down.
func (s *session) signing(dir string, r ledger.Receipts) func(eventstore.Batch, int64, time.Time) ([]byte, error) {
	return func(b eventstore.Batch, last int64, at time.Time) ([]byte, error) {
		text, err := r.Issue(b, last, at)
		if err != nil {
			return nil, err
		}
		return text, s.keepReceipt(dir, b.Command, text)
	}
}

// keepReceipt writes a receipt behind those before it. The file is new: what
// somebody holds as evidence is never written over.
func (s *session) keepReceipt(dir, command string, text []byte) (err error) {
	book := &s.receipts
	book.mu.Lock()
	defer book.mu.Unlock()
	if book.file == nil {
		book.path = s.receiptsTo
		if book.path == "" {
			name := s.now().UTC().Format("20060102T150405.000Z") + "-" + command + ".txt"
			book.path = filepath.Join(dir, receiptsFolder, name)
			if err := os.MkdirAll(filepath.Dir(book.path), 0o700); err != nil {
				return err
			}
		}
		flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
		if s.receiptsTo == "" {
			flags = os.O_WRONLY | os.O_CREATE | os.O_APPEND // the same command again
		}
		if book.file, err = os.OpenFile(book.path, flags, 0o600); err != nil {
			return err
		}
	}
	if _, err := book.file.Write(text); err != nil {
		return err
	}
	book.count++
	return nil
}

// closeReceipts makes the receipts durable and says where they are.
func (s *session) closeReceipts() error {
	book := &s.receipts
	if book.file == nil {
		return nil
	}
	err := errors.Join(book.file.Sync(), book.file.Close())
	book.file = nil
	if err == nil && !s.json {
		s.printf("%s\n", s.t("receipts kept", book.count, book.path))
	}
	return err
}

// splitReceipts cuts a file of receipts into single ones, each as it was
// signed. Text before the first is nobody's receipt and is left out.
func splitReceipts(text string) []string {
	const head = "leeway receipt v1\n"
	var list []string
	for rest := text; ; {
		i := strings.Index(rest, head)
		if i < 0 {
			return list
		}
		rest = rest[i:]
		end := strings.Index(rest[len(head):], "\n"+head)
		if end < 0 {
			return append(list, rest)
		}
		list = append(list, rest[:len(head)+end+1])
		rest = rest[len(head)+end+1:]
	}
}

// receiptCmd signs again the receipt of a command that is on record.
type receiptCmd struct {
	Stream   string `arg:""`
	Revision int64  `arg:""`
	Out      string `placeholder:"FILE" type:"path"`
}

// Run signs. The bytes are those that the command itself gave.
func (cmd receiptCmd) Run(s *session) error {
	dir, err := s.existing("data")
	if err != nil {
		return err
	}
	r, err := s.homeOf(dir).Receipts()
	if err != nil {
		return s.inFolder(dir, err)
	}
	store, err := s.openReading(dir)
	if err != nil {
		return s.inFolder(dir, err)
	}
	signed, err := r.Again(s.ctx, store, cmd.Stream, cmd.Revision)
	if err := errors.Join(err, store.Close()); err != nil {
		return err
	}
	return s.writeNewFile(cmd.Out, signed)
}
