package servers_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"seewire/cmd/seewire/internal/servers"
)

// TestWhatStreamsTake tells what docs/host says of memory and of the processor: of each
// process of a site, for open streams that say nothing, and for answers token by token.
// SEEWIRE_LOAD is how many are open at once; nothing is judged.
//
//	SEEWIRE_LOAD=6000 go test ./cmd/seewire/internal/servers -run TestWhatStreamsTake -v
func TestWhatStreamsTake(t *testing.T) {
	size := 0
	fmt.Sscan(os.Getenv("SEEWIRE_LOAD"), &size)
	if size == 0 || runtime.GOOS != "linux" {
		t.Skip("it is for SEEWIRE_LOAD=6000, on Linux")
	}
	load := filepath.Join(t.TempDir(), "load")
	if out, err := exec.Command("go", "build", "-o", load, "seewire/playground/load").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	classes := size / 60 // with three streams each: a twentieth of the streams, thirty times a second
	for name, args := range map[string][]string{
		"silent event streams": {"-idle", fmt.Sprint(size)},
		"silent sockets":       {"-idle", fmt.Sprint(size), "-over", "ws"},
		"answers, unwatched":   {"-learners", fmt.Sprint(classes), "-watched", "0", "-recorded=false"},
		"answers, watched":     {"-learners", fmt.Sprint(classes)},
	} {
		t.Run(name, func(t *testing.T) {
			s := servers.Start(t, "-streams", fmt.Sprint(2*size))
			processes := map[string]*servers.Process{"nginx": s.Nginx, "NATS": s.NATS}
			for i, server := range s.Servers {
				processes[fmt.Sprintf("Seewire %d", i+1)] = server.Process
			}
			before := map[string]taken{}
			for name, p := range processes {
				before[name] = take(t, p.Pid())
			}
			out, err := exec.CommandContext(t.Context(), load, append(args, "-addr", strings.TrimPrefix(strings.Replace(s.Base, "localhost", "127.0.0.1", 1), "http://"))...).CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			t.Logf("%s", out)
			for name, p := range processes {
				now := take(t, p.Pid())
				t.Logf("%-9s %6d KiB more at most, %v of the processor", name, now.peak-before[name].rss, now.cpu-before[name].cpu)
			}
		})
	}
}

// taken is what a process and those that it has started have of the machine.
type taken struct {
	rss, peak int64 // KiB
	cpu       time.Duration
}

// take reads it for a group of processes (proc(5)).
func take(t *testing.T, group int) (all taken) {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range stats {
		stat, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		var of int
		var user, system int64
		fmt.Sscan(fields[2], &of)
		fmt.Sscan(fields[11], &user)
		fmt.Sscan(fields[12], &system)
		if of != group {
			continue
		}
		all.cpu += time.Duration(user+system) * 10 * time.Millisecond
		status, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "status"))
		for line := range strings.Lines(string(status)) {
			var kib int64
			if n, _ := fmt.Sscanf(line, "VmRSS: %d", &kib); n == 1 {
				all.rss += kib
			}
			if n, _ := fmt.Sscanf(line, "VmHWM: %d", &kib); n == 1 {
				all.peak += kib
			}
		}
	}
	return all
}
