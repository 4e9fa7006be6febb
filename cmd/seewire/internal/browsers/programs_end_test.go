package browsers

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// held makes this test binary start both browsers and do nothing more, in the
// folder that is its value.
const held = "SEEWIRE_TEST_HELD"

// TestHold is what TestBrowsersEnd kills.
func TestHold(t *testing.T) {
	home := os.Getenv(held)
	if home == "" {
		t.Skip("TestBrowsersEnd runs it")
	}
	t.Setenv("TMPDIR", home)
	startFirefox(t)
	startWebKit(t)
	if err := os.WriteFile(filepath.Join(home, "started"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	select {}
}

// TestBrowsersEnd kills a test that has started browsers, as a limit of time
// does: no process is left.
func TestBrowsersEnd(t *testing.T) {
	needFirefox(t)
	needWebKit(t)
	home := t.TempDir()
	test := exec.Command(os.Args[0], "-test.run", "^TestHold$")
	test.Env = append(os.Environ(), held+"="+home)
	if err := test.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		test.Wait()
		close(ended)
	}()
	(&process{ended: ended}).await(t, func() error {
		_, err := os.Stat(filepath.Join(home, "started"))
		return err
	})
	if n := len(with(t, held+"="+home)); n < 5 {
		t.Errorf("%d processes: where are the browsers?", n)
	}
	test.Process.Kill()
	<-ended
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		left := with(t, held+"="+home)
		if len(left) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("left behind: %s", strings.Join(left, "; "))
		}
	}
}

// with lists the processes that have this in their environment. Linux has it
// under /proc.
func with(t *testing.T, variable string) (commands []string) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		environment, err := os.ReadFile(file)
		if err != nil || !strings.Contains("\x00"+string(environment)+"\x00", "\x00"+variable+"\x00") {
			continue // one that has ended in the meantime has none
		}
		command, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
		commands = append(commands, strings.ReplaceAll(string(command), "\x00", " "))
	}
	return commands
}
