package ledger

import (
	"os"
	"syscall"
	"unsafe"
)

// lockExclusive asks for a lock that nobody shares, and to wait for it.
const lockExclusive = 2 // LOCKFILE_EXCLUSIVE_LOCK

// lockAtOnce asks for an answer at once: LOCKFILE_FAIL_IMMEDIATELY.
const lockAtOnce = 1

// errHeld is what the system says of a lock that somebody else has.
const errHeld = syscall.Errno(33) // ERROR_LOCK_VIOLATION

var (
	kernel32     = syscall.NewLazyDLL("kernel32.dll")
	lockFileEx   = kernel32.NewProc("LockFileEx")
	unlockFileEx = kernel32.NewProc("UnlockFileEx")
)

// lock waits until no other open file holds the lock. The kernel releases it
// when the process ends, however that happens.
func lock(f *os.File) error {
	ok, _, err := lockFileEx.Call(f.Fd(), lockExclusive, 0, 1, 0, uintptr(unsafe.Pointer(&syscall.Overlapped{})))
	if ok == 0 {
		return err
	}
	return nil
}

func unlock(f *os.File) error {
	ok, _, err := unlockFileEx.Call(f.Fd(), 0, 1, 0, uintptr(unsafe.Pointer(&syscall.Overlapped{})))
	if ok == 0 {
		return err
	}
	return nil
}

// tryLock is lock for who does not wait.
func tryLock(f *os.File) (taken bool, err error) {
	ok, _, err := lockFileEx.Call(f.Fd(), lockExclusive|lockAtOnce, 0, 1, 0, uintptr(unsafe.Pointer(&syscall.Overlapped{})))
	switch {
	case ok != 0:
		return true, nil
	case err == errHeld:
		return false, nil
	}
	return false, err
}
