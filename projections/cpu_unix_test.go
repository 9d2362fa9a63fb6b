//go:build unix

package projections

import (
	"syscall"
	"time"
)

// processorTime is what this process has used of all processors, on its own
// account and the kernel's. On a busy machine it says more than the clock.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
