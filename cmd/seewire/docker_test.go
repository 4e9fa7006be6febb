package main

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"seewire/cmd/seewire/internal/sitetest"
)

// TestDockerfileCopiesWhatExists reads the Dockerfile as a builder would: what
// it copies must be there, and no folder with Go code may be left behind.
func TestDockerfileCopiesWhatExists(t *testing.T) {
	file, err := os.ReadFile(sitetest.InModule("Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	copied := map[string]bool{}
	for line := range strings.Lines(string(file)) {
		words := strings.Fields(line)
		if len(words) < 3 || words[0] != "COPY" || strings.HasPrefix(words[1], "--from") {
			continue
		}
		for _, name := range words[1 : len(words)-1] {
			copied[filepath.Clean(name)] = true
			if _, err := os.Stat(sitetest.InModule(name)); err != nil {
				t.Errorf("%s: %v", strings.TrimSpace(line), err)
			}
		}
	}
	for _, folder := range append(sitetest.ModuleFolders(t), "module.go") {
		if !copied[folder] {
			t.Errorf("the program is made of %s, and the Dockerfile does not copy it", folder)
		}
	}
}

// TestRunsInAnEmptyImage builds a static binary as the Dockerfile does and runs it as
// a container would: nothing else in the file system, and not as root.
func TestRunsInAnEmptyImage(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program anew")
	}
	image := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(image, "seewire"), ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	inImage := func(ctx context.Context, args ...string) *exec.Cmd {
		cmd := exec.CommandContext(ctx, filepath.Join(image, "seewire"), args...)
		cmd.Dir, cmd.Env = image, []string{}
		if os.Getuid() == 0 { // only root may change the root
			os.Chmod(image, 0o755)
			cmd.Path, cmd.Dir = "/seewire", "/"
			cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: image, Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
		}
		return cmd
	}

	cmd := inImage(t.Context(), "-open=false", "-addr", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address := sitetest.Said.FindStringSubmatch(line)
	if address == nil {
		t.Fatalf("the program said %q", line)
	}
	health := inImage(t.Context(), "-health", "-addr", strings.Replace(strings.TrimPrefix(address[1], "http://"), "localhost", "127.0.0.1", 1))
	if out, err := health.CombinedOutput(); err != nil {
		t.Errorf("health check: %v\n%s", err, out)
	}

	cmd.Process.Signal(syscall.SIGTERM)
	io.Copy(io.Discard, out)
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("after SIGTERM: %v", err)
		}
	case <-time.After(5 * time.Second):
		cmd.Process.Kill()
		t.Error("five seconds after SIGTERM the program still runs")
	}
}
