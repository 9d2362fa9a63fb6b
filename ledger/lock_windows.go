package ledger

import (
	"os"
	"syscall"
	"unsafe"
)

// lockExclusive asks for a lock that nobody shares, and to wait for it.
const lockExclusive = 2 // LOCKFILE_EXCLUSIVE_LOCK

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
