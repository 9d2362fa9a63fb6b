//go:build !linux

package main

// clockSynced is not known here.
func clockSynced() (synced, known bool) { return false, false }

// freeSpace is not known here.
func freeSpace(string) (free uint64, known bool, err error) { return 0, false, nil }

// sameVolume is not known here.
func sameVolume(string, string) (same, known bool) { return false, false }
