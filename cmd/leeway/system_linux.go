package main

import "syscall"

// clockSynced asks the kernel whether something keeps its clock right. Known
// is false where it does not say.
func clockSynced() (synced, known bool) {
	const unsynced = 0x40 // STA_UNSYNC
	var t syscall.Timex
	if _, err := syscall.Adjtimex(&t); err != nil {
		return false, false
	}
	return t.Status&unsynced == 0, true
}

// freeSpace is what a user may still write to the disk of a folder, in bytes.
func freeSpace(dir string) (free uint64, known bool, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, false, err
	}
	return s.Bavail * uint64(s.Bsize), true, nil
}

// sameVolume reports whether two paths lie on one volume.
func sameVolume(a, b string) (same, known bool) {
	var one, other syscall.Stat_t
	if syscall.Stat(a, &one) != nil || syscall.Stat(b, &other) != nil {
		return false, false
	}
	return one.Dev == other.Dev, true
}
