package sqlite

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// errHeld says that another open file has the lock.
var errHeld = errors.New("lock is held")

// tryLock locks one byte far behind the text. A locked range cannot be read by
// others, and they have to read who the holder is.
func tryLock(f *os.File) error {
	at := &windows.Overlapped{OffsetHigh: 1}
	err := windows.LockFileEx(windows.Handle(f.Fd()),
		windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, at)
	if err == windows.ERROR_LOCK_VIOLATION {
		return errHeld
	}
	return err
}

// syncDir does nothing: Windows keeps folders durable by itself and has no
// call to ask for it.
func syncDir(string) error { return nil }
