package servers

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// startTime is how long a process may take to answer. It is long: the machine may be
// busy with other tests.
const startTime = time.Minute

// A Process is a program that can be killed and started again. It ends with the test,
// and with the process of the test, however that ends.
type Process struct {
	t     testing.TB
	name  string
	args  []string // the program first
	env   []string // beside the test's
	ready func() error

	cmd   *exec.Cmd
	ended chan struct{} // closed when cmd has been waited for
	said  output        // on both outputs, since the first start
	guard *exec.Cmd     // kills the process when the test's is gone
	held  io.Closer     // what the guard waits for
}

// start runs a program until the test ends, and returns when ready returns nil.
func start(t testing.TB, name string, args, env []string, ready func() error) *Process {
	t.Helper()
	p := &Process{t: t, name: name, args: args, env: env, ready: ready}
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("%s said:\n%s", name, p.said.end())
		}
	})
	p.Start()
	return p
}

// Start starts the program, again, and returns when it is ready.
func (p *Process) Start() {
	p.t.Helper()
	p.cmd = exec.Command(p.args[0], p.args[1:]...)
	p.cmd.Env = append(os.Environ(), p.env...)
	p.cmd.Stdout, p.cmd.Stderr = &p.said, &p.said
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // nginx has workers, which outlive it
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	cmd, ended := p.cmd, make(chan struct{})
	p.ended = ended
	go func() { cmd.Wait(); close(ended) }()
	p.guard = exec.Command("sh", "-c", "read line; kill -9 -$0", strconv.Itoa(p.Pid()))
	p.guard.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // or Ctrl-C ends it first
	held, err := p.guard.StdinPipe()
	if err == nil {
		err = p.guard.Start()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.held = held
	for deadline := time.Now().Add(startTime); ; time.Sleep(10 * time.Millisecond) { // another process: there is nothing to wait on
		err := p.ready()
		if err == nil {
			return
		}
		select {
		case <-ended:
			p.t.Fatalf("%s ended: %v\n%s", p.name, p.cmd.ProcessState, p.said.end())
		default:
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("%s is not ready: %v\n%s", p.name, err, p.said.end())
		}
	}
}

// Pid is the process's, for what it takes of the machine.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Kill does what kill -9 does, to the program and to what it has started.
func (p *Process) Kill() {
	p.t.Helper()
	select {
	case <-p.ended:
		p.t.Errorf("%s has ended before: %v\n%s", p.name, p.cmd.ProcessState, p.said.end())
	default:
	}
	p.kill()
}

func (p *Process) kill() {
	if p.guard != nil {
		p.guard.Process.Kill()
		p.guard.Wait()
		p.held.Close()
		p.guard = nil
	}
	if p.cmd == nil || p.cmd.Process == nil {
		return
	}
	select {
	case <-p.ended: // its number may be another's
	default:
		syscall.Kill(-p.Pid(), syscall.SIGKILL)
		<-p.ended
	}
}

// Stop asks the program to end, as an upgrade does, and waits until it has.
func (p *Process) Stop() {
	p.t.Helper()
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(startTime):
		p.t.Errorf("%s does not end after SIGTERM", p.name)
	}
	p.kill()
}

// An output keeps what is said, from several processes and goroutines.
type output struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.Write(b)
}

// end is the newest of it.
func (o *output) end() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	const most = 4 << 10
	b := o.all.Bytes()
	return string(b[max(0, len(b)-most):])
}

// program finds a program, or skips the test where the machine has none.
func program(t testing.TB, name, without string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	path := "/usr/sbin/" + name // not in everybody's PATH
	if _, err := os.Stat(path); err != nil {
		t.Skip(without)
	}
	return path
}

// Until waits for a state of other processes, of which nothing can be waited on.
func Until(ctx context.Context, state func() error) error {
	for {
		err := state()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
