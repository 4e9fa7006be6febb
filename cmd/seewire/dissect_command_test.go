package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"seewire/cmd/seewire/internal/sitetest"
)

// TestDissectProcess starts the program itself.
func TestDissectProcess(t *testing.T) {
	for _, c := range []struct {
		args        []string
		input       string
		status      int
		out, errors string
	}{
		{[]string{"dissect", "-"}, sitetest.MaskedHello, 0, "猜测：WebSocket 帧，客户端发送。\n", ""},
		{[]string{"dissect", "-"}, "dear reader", 1, "", "seewire: These bytes look like none"},
		{[]string{"dissect"}, "", 2, "", "name one file"},
		{[]string{"dissect", "-h"}, "", 0, "", "Usage: seewire dissect"},
		{[]string{"disect"}, "", 2, "seewire dissect [flags] FILE", ""},
	} {
		var out, errors bytes.Buffer
		program := exec.Command(os.Args[0], c.args...)
		program.Env = append(os.Environ(), runMain+"=1", "LC_ALL=zh_CN.UTF-8")
		program.Stdin, program.Stdout, program.Stderr = strings.NewReader(c.input), &out, &errors
		program.Run()
		if status := program.ProcessState.ExitCode(); status != c.status {
			t.Errorf("%v: exit status %d, want %d", c.args, status, c.status)
		}
		if !strings.Contains(out.String(), c.out) || !strings.Contains(errors.String(), c.errors) {
			t.Errorf("%v printed\n%s\nand complained\n%s\nwant %q and %q in them", c.args, &out, &errors, c.out, c.errors)
		}
	}
}
