package export

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"seewire/playground/dissect"
)

// What Import may allocate, in bytes: some for any input, so much for each byte
// of it, and for each byte that the budget was charged.
const (
	allocatedAnyway  = 4 << 20
	allocatedAByte   = 1 << 10
	allocatedACharge = 6
)

// Whatever an input makes Import do is paid from the budget, and the budget is
// not overdrawn by more than one frame, or one piece of a body, can cost.
func FuzzCost(f *testing.F) {
	const most = 1 << 10 // bytes of an input
	for protocol, repeated := range map[string]string{
		"sse": "data\n", "websocket": "\x81\x00", "http1": "G / HTTP/1.1\r\n\r\n", "http2": string(h2frame(6, 0, 0, nil)),
	} {
		f.Add(protocol, true, []byte(strings.Repeat(repeated, 20)))
	}
	f.Add("http2", true, references(4000, most))
	f.Add("http2", true, references(1<<20, 4*most))
	small := bytes.Repeat([]byte("\n"), 200<<10)
	f.Add("http1", false, []byte(eventStreamHead+"Content-Encoding: gzip\r\n\r\n"+string(deflated(small, true))))
	f.Add(Guess, false, []byte(`{"log":{"entries":[`+harStream(small[:200])+`]}}`))
	f.Add(Guess, false, captured(3, small[:20]))
	for _, text := range []string{"[{\"a\":1},\n{\"b\":2}]", "{}\n{}\n", "81 00 81 00", "0000  81 00\n*\n0010  88 00\n", "00000000  81 00\n    00000000  81 00\n", "PROXY TCP4 1.1.1.1 1.1.1.1 1 2\r\nGET / HTTP/1.1\r\n\r\n"} {
		f.Add(Guess, false, []byte(text))
	}
	files, _ := filepath.Glob("testdata/brought/*.*")
	for _, file := range files {
		if p, err := os.ReadFile(file); err == nil && len(p) <= 4*most {
			f.Add(Guess, false, p)
		}
	}
	f.Fuzz(func(t *testing.T, protocol string, client bool, p []byte) {
		from := dissect.Server
		if client {
			from = dissect.Client
		}
		p = p[:min(len(p), 4*most)]
		budget := dissect.NewBudget()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		importWithin(t.Context(), budget, p, Source{Protocol: protocol, From: from, Extensions: "permessage-deflate"})
		runtime.ReadMemStats(&after)
		description, inflation := budget.Spent()
		if allocated, most := int(after.TotalAlloc-before.TotalAlloc), allocatedAnyway+allocatedAByte*len(p)+allocatedACharge*(description+inflation); allocated > most {
			t.Errorf("%d bytes of input allocated %d bytes, want at most %d; frames were charged %d, inflating %d",
				len(p), allocated, most, description, inflation)
		}
		if description > 96<<20 || inflation > 128<<20 {
			t.Errorf("the budget is overdrawn: frames %d, inflating %d", description, inflation)
		}
	})
}
