package projections

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"leeway/eventstore/sqlite"
)

// rebuildEnv says with how many events TestRebuildMemory works, and, with a
// folder behind a colon, makes the test binary the one that rebuilds there.
const (
	rebuildEnv      = "LEEWAY_REBUILD_EVENTS"
	rebuildChildEnv = "LEEWAY_REBUILD_CHILD"
	rebuildMost     = 256 << 20 // bytes
)

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// TestRebuildMemory rebuilds everything from a large store in a process of its
// own and asks the kernel how much memory that took at most. It takes minutes
// and runs where the variable names a number of events, such as 1000000.
func TestRebuildMemory(t *testing.T) {
	if dir := os.Getenv(rebuildChildEnv); dir != "" {
		rebuildThere(t, dir)
		return
	}
	events := envInt(rebuildEnv, 0)
	if events == 0 {
		t.Skipf("set %s to a number of events", rebuildEnv)
	}
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Fatal("the kernel does not tell how much memory a process had: run this on Linux")
	}
	dir := t.TempDir()
	fillStore(t, filepath.Join(dir, "events.db"), events).Close()
	cmd := exec.Command(os.Args[0], "-test.run=^TestRebuildMemory$", "-test.v")
	cmd.Env = append(os.Environ(), rebuildChildEnv+"="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	m := highWater.FindSubmatch(out)
	if m == nil {
		t.Fatalf("the process did not tell:\n%s", out)
	}
	peak := must(strconv.Atoi(string(m[1]))) << 10
	t.Logf("%d events, peak %d MiB\n%s", events, peak>>20, out)
	if peak > rebuildMost {
		t.Errorf("the rebuild took %d MiB, at most %d are allowed", peak>>20, rebuildMost>>20)
	}
}

func rebuildThere(t *testing.T, dir string) {
	reader, err := sqlite.OpenReader(filepath.Join(dir, "events.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	url := os.Getenv("LEEWAY_REBUILD_URL")
	if url == "" {
		url = filepath.Join(dir, "models.db")
	}
	db := opened(t, url)
	started := time.Now()
	if err := projectorOf(db, reader).CatchUp(context.Background()); err != nil {
		t.Fatal(err)
	}
	c, err := db.checkpointOf(context.Background(), "timeline")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("%d events in %s, %.0f a second\n", c.position, time.Since(started).Round(time.Millisecond), float64(c.position)/time.Since(started).Seconds())
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("%s\n", highWater.Find(status))
}
