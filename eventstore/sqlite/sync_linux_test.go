package sqlite

import (
	"os"
	"syscall"
)

// syncData is what the store's commits end with on this system.
func syncData(f *os.File) error { return syscall.Fdatasync(int(f.Fd())) }
