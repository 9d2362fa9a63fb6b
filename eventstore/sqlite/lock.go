package sqlite

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"leeway/eventstore"
)

// lock is held by the one writer. The operating system holds it for the open
// file, so it is gone with the process however that ends. The file itself
// stays: were it removed, two processes could hold locks on two files of one
// name.
type lock struct{ file *os.File }

// holder is what the lock file says about who has the lock. It is for people:
// nothing is decided by it, since a process id may be stale or of another host.
type holder struct {
	PID     int       `json:"pid"`
	Host    string    `json:"host"`
	Since   time.Time `json:"since"`
	Command string    `json:"command"`
}

func (h holder) String() string {
	return fmt.Sprintf("process %d on %s since %s (%s)", h.PID, h.Host, h.Since.Format(time.RFC3339), h.Command)
}

// acquire takes the lock or fails with ErrLocked and the name of its holder.
func acquire(path string) (*lock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = tryLock(f)
	if errors.Is(err, errHeld) {
		err = fmt.Errorf("%w: %s", eventstore.ErrLocked, readHolder(f))
	}
	if err == nil {
		err = writeHolder(f)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &lock{f}, nil
}

// release empties the file, so that nobody is named who is gone, and gives the
// lock back.
func (l *lock) release() error {
	return errors.Join(l.file.Truncate(0), l.file.Close())
}

// writeHolder writes who holds the lock over whoever held it before.
func writeHolder(f *os.File) error {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	text, err := json.Marshal(holder{os.Getpid(), host, time.Now().Truncate(time.Second), commandLine()})
	if err != nil {
		return err
	}
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err = f.WriteAt(append(text, '\n'), 0)
	return err
}

// readHolder names the holder as well as it can: between taking the lock and
// writing his name there is a moment.
func readHolder(f *os.File) string {
	text, err := io.ReadAll(io.LimitReader(f, 1<<16))
	var h holder
	if err != nil || json.Unmarshal(text, &h) != nil {
		return "a process that has not written its name into " + filepath.Base(f.Name())
	}
	return h.String()
}

// commandLine is the program and its subcommand. The rest of the line may
// hold secrets, and this is shown to others.
func commandLine() string {
	name := filepath.Base(os.Args[0])
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		name += " " + os.Args[1]
	}
	return name
}
