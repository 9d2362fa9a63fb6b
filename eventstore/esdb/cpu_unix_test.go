//go:build unix

package esdb

import (
	"syscall"
	"time"
)

// processorTime is what this process has used of all cores, the kernel's part
// included. On a machine that others use it says more than the clock does.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
