package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// neverEnds hears nothing of the signal, and all of its goroutines compute.
func neverEnds(context.Context, []string, io.Writer) error {
	for range 4 * runtime.GOMAXPROCS(0) {
		go func() {
			for odd := 1; odd != 0; odd += 2 {
			}
		}()
	}
	fmt.Println("busy")
	select {}
}

// startStuck starts the program that neverEnds, and returns when it is busy.
func startStuck(t *testing.T) (program *exec.Cmd, said *bytes.Buffer) {
	t.Helper()
	program, said = exec.CommandContext(t.Context(), os.Args[0]), new(bytes.Buffer)
	program.Env = append(os.Environ(), runMain+"="+stuck)
	program.Stderr = said
	out, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, len("busy\n"))); err != nil {
		t.Fatal(err)
	}
	return program, said
}

// Without a last resort this test has no end.
func TestSignalEndsABusyProgram(t *testing.T) {
	t.Parallel()
	program, said := startStuck(t)
	program.Process.Signal(syscall.SIGTERM)
	if err := program.Wait(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(said.String(), "cut off") {
		t.Errorf("the program said %q, and not that it cut streams off", said)
	}
}

func TestSecondSignalEndsTheProgramAtOnce(t *testing.T) {
	t.Parallel()
	program, said := startStuck(t)
	ended := make(chan struct{})
	go func() { // the first one may still be on its way: then this is another one
		for {
			select {
			case <-ended:
				return
			default:
				program.Process.Signal(syscall.SIGTERM)
				time.Sleep(10 * time.Millisecond)
			}
		}
	}()
	program.Wait()
	close(ended)
	status := program.ProcessState.Sys().(syscall.WaitStatus)
	if !status.Signaled() || status.Signal() != syscall.SIGTERM {
		t.Errorf("the program ended with %v and said %q; the second signal should end it", program.ProcessState, said)
	}
}
