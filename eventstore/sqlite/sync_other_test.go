//go:build !linux

package sqlite

import "os"

// syncData is what the store's commits end with on this system.
func syncData(f *os.File) error { return f.Sync() }
