//go:build !unix

package esdb

import "time"

// processorTime is not measured here.
func processorTime() time.Duration { return 0 }
