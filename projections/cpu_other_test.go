//go:build !unix

package projections

import "time"

// processorTime is not to be had here.
func processorTime() time.Duration { return 0 }
