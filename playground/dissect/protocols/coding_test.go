package protocols

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"seewire/playground/dissect"
)

// A flusher compresses what is written, and gives out all of it when it is flushed.
type flusher interface {
	io.WriteCloser
	Flush() error
}

// codings are those but gzip, by what makes a flusher of them.
func codings() map[string]func(io.Writer) flusher {
	return map[string]func(io.Writer) flusher{
		"br":      func(w io.Writer) flusher { return brotli.NewWriter(w) },
		"deflate": func(w io.Writer) flusher { return zlib.NewWriter(w) },
		"Deflate": func(w io.Writer) flusher { z, _ := flate.NewWriter(w, 6); return z }, // without zlib's frame
		"zstd": func(w io.Writer) flusher {
			z, _ := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
			return z
		},
	}
}

// coded compresses the parts, with a flush after each but the last.
func coded(t testing.TB, make func(io.Writer) flusher, parts ...string) (pieces []string) {
	t.Helper()
	var b bytes.Buffer
	z := make(&b)
	for i, part := range parts {
		io.WriteString(z, part)
		end := z.Flush
		if i == len(parts)-1 {
			end = z.Close
		}
		if err := end(); err != nil {
			t.Fatal(err)
		}
		pieces = append(pieces, b.String())
		b.Reset()
	}
	return pieces
}

// Each chunk is shown as what it adds, under every coding, wherever it is cut.
func TestCodings(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	long := make([]byte, 300<<10)
	for i := range long {
		long[i] = "abcdefgh"[random.IntN(8)]
	}
	for coding, make := range codings() {
		t.Run(coding, func(t *testing.T) {
			response := strings.Replace(inChunks("text/plain", coded(t, make, "first", "second, first", "third")...), "gzip", coding, 1)
			if got := bodyValues(dissectResponse(t, response)); !slices.Equal(got, []string{"first", "second, first", "third"}) {
				t.Errorf("got %q", got)
			}
			events := strings.Replace(inChunks("text/event-stream", coded(t, make, "data: a", "\n\ndata: b\n\n")...), "gzip", coding, 1)
			var dispatched []string
			for _, f := range dissectResponse(t, events) {
				if f.SSE != nil && f.SSE.Event != nil {
					dispatched = append(dispatched, f.SSE.Event.Data)
				}
				if len(f.Violations) > 0 {
					t.Errorf("%s: %s", f.Kind, f.Violations[0].Code)
				}
			}
			if !slices.Equal(dispatched, []string{"a", "b"}) {
				t.Errorf("dispatched %q", dispatched)
			}
			whole := coded(t, make, string(long))[0]
			response = "HTTP/1.1 200 OK\r\nContent-Encoding: " + coding + "\r\n\r\n" + whole
			c := New(1, dissect.NewBudget())
			frames := append(c.Feed(dissect.Server, start, []byte(response)), c.End(dissect.Server, start)...)
			if got := frames[1]; len(got.Violations) > 0 || got.Say[1].Count != int64(len(long)) {
				t.Errorf("of a long body: %s", show(got))
			}
		})
	}
}

// brokenCodings are responses whose bodies are not what they say.
func brokenCodings() (responses []string) {
	for coding := range codings() {
		responses = append(responses, "HTTP/1.1 200 OK\r\nContent-Encoding: "+coding+"\r\n\r\n\xff\xff\xff\xff not at all")
	}
	return append(responses, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\xff\xff")
}

func TestCodingsBroken(t *testing.T) {
	for _, response := range brokenCodings() {
		frames := dissectResponse(t, response)
		codes := strings.Join(violationCodes(frames), " ")
		if codes == "" || !strings.HasPrefix(codes, "http1.") || strings.Contains(codes, " ") {
			t.Errorf("%q: got %q", response, codes)
		}
	}
}

// What a frame takes in memory is counted before it is taken, and given back.
func TestCodingMemory(t *testing.T) {
	const large = "\x0f\x00" // the largest window of Brotli
	budget := dissect.BudgetOf(1<<20, 1<<20)
	c := New(1, budget)
	c.Feed(dissect.Server, start, []byte("HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n"+large))
	c.End(dissect.Server, start)
	if budget.NotInflated() != 1 {
		t.Errorf("a window of 16 MiB was taken from a budget of 1 MiB")
	}
	window := "\x28\xb5\x2f\xfd\x00\x90\x00\x00\x00" // a window larger than the coding may have
	budget = dissect.NewBudget()
	c = New(1, budget)
	c.Feed(dissect.Server, start, []byte("HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\n\r\n"+window))
	c.End(dissect.Server, start)
	if budget.NotInflated() != 1 {
		t.Errorf("a window of %s was taken", "256 MiB")
	}
}

// An HTTP/2 DATA frame too is shown as what it adds.
func TestNestedMask(t *testing.T) {
	// A WebSocket frame whose second byte lies in another DATA frame: the bits of
	// each byte stay together.
	frames := checkProperties(t, newConversation,
		turn{dissect.Client, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + h2("", 4, 0, 0)},
		turn{dissect.Server, h2("\x00\x08\x00\x00\x00\x01", 4, 0, 0)},
		turn{dissect.Client, h2(extendedConnect, 1, 4, 1)}, turn{dissect.Server, h2(literal(":status", "200"), 1, 4, 1)},
		turn{dissect.Server, h2("\x82", 0, 0, 1) + h2("\x02ab", 0, 0, 1)})
	last := frames[len(frames)-2]
	if last.Protocol != "websocket" || last.Length != 13 || last.Stream != 1 || last.Value("websocket.payload") != "6162" {
		t.Errorf("got %s", show(last))
	}
}

const dechunked = "HTTP/2 200 \r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\ndata: a\n\n"

// A tool that saves a body has taken its chunks off: that is no fault of the server.
func TestDechunked(t *testing.T) {
	frames := checkProperties(t, oneSided(t, "http1", dissect.Server, ""), turn{dissect.Server, dechunked})
	if got := kinds(frames); got != "response dechunked field blank" || len(violationCodes(frames)) > 0 {
		t.Errorf("got %s, %q", got, violationCodes(frames))
	}
	// On a connection they are missing.
	if got := violationCodes(dissectResponse(t, dechunked)); !slices.Contains(got, "http1.chunk-size") {
		t.Errorf("got %q", got)
	}
}

// notWhole is a body of Brotli that says eleven bytes and has ten, and no end.
const notWhole = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: br\r\nTransfer-Encoding: chunked\r\n\r\n" +
	"e\r\n\x0b\x05\x80data: hi\n\n\x03\r\n"

// Of a body that is not whole what there is is shown, and that it has no end.
func TestCodingUnfinished(t *testing.T) {
	frames := checkProperties(t, oneSided(t, "http1", dissect.Server, ""), turn{dissect.Server, notWhole})
	last := frames[len(frames)-1]
	if got := kinds(frames); got != "response field blank chunk ignored end" || last.Say[0].Key != "http1.coding_unfinished" || len(violationCodes(frames)) > 0 {
		t.Errorf("got %s, %s, %q", got, show(last), violationCodes(frames))
	}
	ended := checkProperties(t, oneSided(t, "http1", dissect.Server, ""), turn{dissect.Server, notWhole + "0\r\n\r\n"})
	if got := violationCodes(ended); !slices.Equal(got, []string{"http1.coding-unfinished"}) {
		t.Errorf("got %q", got)
	}
	for coding, make := range codings() {
		whole := coded(t, make, "a", "b")
		response := "HTTP/1.1 200 OK\r\nContent-Encoding: " + coding + "\r\nTransfer-Encoding: chunked\r\n\r\n"
		for i, body := range []string{whole[0] + whole[1], whole[0]} {
			frames := dissectResponse(t, fmt.Sprintf("%s%x\r\n%s\r\n0\r\n\r\n", response, len(body), body))
			if got := violationCodes(frames); len(got) != i {
				t.Errorf("%s, %d pieces: %q", coding, 2-i, got)
			}
		}
	}
}

func kinds(frames []dissect.Frame) string {
	var all []string
	for _, f := range frames {
		all = append(all, f.Kind)
	}
	return strings.Join(all, " ")
}
