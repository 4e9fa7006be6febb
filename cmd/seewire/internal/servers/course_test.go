package servers_test

import (
	"bufio"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"seewire/cmd/seewire/internal/servers"
	"seewire/cmd/seewire/internal/sitetest"
)

// TestTheCourse has the browser tests of the whole course visit one site on three servers.
// Those that need a site of their own skip; which they are, and why, is told at the end.
// It takes as long as they do:
//
//	SEEWIRE_SERVERS=1 go test ./cmd/seewire/internal/servers -run TestTheCourse -v -timeout 1h
//
// SEEWIRE_SERVERS may also be what -run takes, for some of them.
func TestTheCourse(t *testing.T) {
	which := os.Getenv("SEEWIRE_SERVERS")
	if which == "" {
		t.Skip("it is for SEEWIRE_SERVERS=1: it takes minutes")
	}
	if which == "1" {
		which = "."
	}
	s := servers.Start(t)
	cmd := exec.CommandContext(t.Context(), "go", "test", "-json", "-count=1", "-p=1", "-timeout=1h", "-run", which, "./cmd/seewire/internal/chromium/...")
	cmd.Dir = sitetest.InModule(".")
	cmd.Env = append(os.Environ(), sitetest.SiteVariable+"="+s.Base)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said, skipped, passed := map[string]string{}, map[string]string{}, 0
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20) // a line of a failure can be long
	for lines.Scan() {
		var e struct{ Action, Package, Test, Output string }
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue
		}
		name := strings.TrimPrefix(e.Package, "seewire/cmd/seewire/internal/chromium/") + "." + e.Test
		switch e.Action {
		case "output":
			said[name] += e.Output
		case "pass":
			passed++
		case "skip":
			skipped[name] = said[name]
		case "fail":
			t.Errorf("%s\n%s", name, said[name])
		}
	}
	if err := cmd.Wait(); err != nil && !t.Failed() {
		t.Error(err)
	}
	t.Logf("%d passed, %d need a site of their own", passed, len(skipped))
	for _, name := range slices.Sorted(maps.Keys(skipped)) {
		t.Log(skipped[name])
	}
}
