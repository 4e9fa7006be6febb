package main

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"testing"
	"time"

	"seewire/cmd/seewire/internal/references"
	"seewire/cmd/seewire/internal/site"
)

// TestNothingIsMissing makes all that the program makes when it is wanted.
func TestNothingIsMissing(t *testing.T) {
	if err := references.Check(); err != nil {
		t.Error(err)
	}
	scripts, err := site.StaticFiles()
	if err == nil {
		err = scripts.Check()
	}
	if err != nil {
		t.Error(err)
	}
}

// BenchmarkStart is what the processor does from the start of the program to its
// first lesson page.
func BenchmarkStart(b *testing.B) {
	var spent time.Duration
	for b.Loop() {
		program := exec.CommandContext(b.Context(), os.Args[0], "-addr", "127.0.0.1:0", "-tls", "off", "-open=false")
		program.Env = append(os.Environ(), runMain+"=1")
		out, err := program.StdoutPipe()
		if err != nil {
			b.Fatal(err)
		}
		if err := program.Start(); err != nil {
			b.Fatal(err)
		}
		said := bufio.NewScanner(out)
		said.Scan()
		response, err := http.Get(regexp.MustCompile(`http:\S+`).FindString(said.Text()) + "/en/lessons/reconnect")
		if err != nil {
			b.Fatal(err)
		}
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
		program.Process.Kill()
		program.Wait()
		spent += program.ProcessState.UserTime() + program.ProcessState.SystemTime()
	}
	b.ReportMetric(float64(spent.Milliseconds())/float64(b.N), "cpu-ms/op")
}
