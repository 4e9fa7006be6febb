package browsers

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"
)

func needFirefox(t *testing.T) {
	t.Helper()
	needProgram(t, "firefox-esr", "firefox-esr")
}

func needWebKit(t *testing.T) {
	t.Helper()
	needProgram(t, "WebKitWebDriver", "webkit2gtk-driver")
	needProgram(t, "Xvfb", "xvfb")
}

// needProgram skips a test where a program is missing, which is in a package of
// Debian. With SEEWIRE_BROWSER=required it must not be missing; with
// SEEWIRE_BROWSER=none the test skips in any case.
func needProgram(t *testing.T, name, from string) {
	t.Helper()
	wish := os.Getenv("SEEWIRE_BROWSER")
	_, err := exec.LookPath(name)
	switch {
	case wish == "none":
		t.Skip("no browser is wanted")
	case err != nil && wish == "required":
		t.Fatalf("no %s: on Debian, apt-get install %s", name, from)
	case err != nil:
		t.Skipf("no %s: on Debian, apt-get install %s", name, from)
	}
}

// A process is a program that runs beside the test, with all that it starts.
type process struct {
	output output
	ended  chan struct{}
}

// keep is a shell's program that runs another one, and ends it, with all that it
// has started, when the shell's standard input ends.
const keep = `{ "$@"; kill -KILL 0; } </dev/null & cat >/dev/null; kill -KILL 0`

// start starts a program, and ends it with the test, however the test ends: the
// pipe that the test alone holds is closed when it is killed, too.
func start(t *testing.T, program *exec.Cmd) *process {
	t.Helper()
	if program.Err != nil {
		t.Fatal(program.Err)
	}
	kept := exec.Command("sh", append([]string{"-c", keep, "sh"}, program.Args...)...)
	kept.Env, kept.ExtraFiles = program.Env, program.ExtraFiles
	kept.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the group that is killed
	p := &process{ended: make(chan struct{})}
	kept.Stdout, kept.Stderr = &p.output, &p.output
	alive, err := kept.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := kept.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		kept.Wait() // until none is left that could write
		close(p.ended)
	}()
	t.Cleanup(func() {
		alive.Close()
		<-p.ended
		if t.Failed() {
			t.Logf("%s said:\n%s", program.Args[0], p.output.String())
		}
	})
	return p
}

// await tries until there is no error, and fails when the program has ended.
func (p *process) await(t *testing.T, try func() error) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; { // a busy machine needs a minute for a browser
		err := try()
		if err == nil {
			return
		}
		select {
		case <-p.ended:
			t.Fatalf("it has ended: %v", err)
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

var at = regexp.MustCompile(`Seewire is at (\S+)`)

// startSite builds the program, runs it until the test ends, and returns where it is.
func startSite(t *testing.T) (base string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "seewire")
	if out, err := exec.Command("go", "build", "-o", file, "seewire/cmd/seewire").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	p := start(t, exec.Command(file, "-addr", "localhost:0", "-tls", "off", "-open=false"))
	p.await(t, func() error {
		m := at.FindStringSubmatch(p.output.String())
		if m == nil {
			return errors.New("the program does not say where it is")
		}
		base = m[1]
		return nil
	})
	return base
}

// output is what a process has said, read while it runs.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}
