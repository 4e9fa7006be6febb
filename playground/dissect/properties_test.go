package dissect

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"
)

// A turn is what one side sends before the other does.
type turn struct {
	from  Side
	bytes string
}

// start is the time of the first byte in tests.
var start = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

// dissectTurns feeds a conversation, each turn in the pieces that split cuts.
func dissectTurns(c *Conversation, turns []turn, split func([]byte) [][]byte) []Frame {
	var frames []Frame
	at := start
	for _, t := range turns {
		for _, p := range split([]byte(t.bytes)) {
			at = at.Add(time.Millisecond)
			frames = append(frames, c.Feed(t.from, at, p)...)
			for i := range p {
				p[i] = 0xAA // the dissector keeps no reference
			}
		}
	}
	frames = append(frames, c.End(Client, at)...)
	return append(frames, c.End(Server, at)...)
}

func whole(p []byte) [][]byte { return [][]byte{p} }

func bytewise(p []byte) [][]byte {
	var parts [][]byte
	for i := range p {
		parts = append(parts, p[i:i+1])
	}
	return parts
}

func randomly(r *rand.Rand) func([]byte) [][]byte {
	return func(p []byte) (parts [][]byte) {
		for len(p) > 0 {
			n := 1 + r.IntN(min(len(p), 1+r.IntN(64)))
			parts = append(parts, p[:n])
			p = p[n:]
		}
		return parts
	}
}

// checkTiling fails unless the fields of one side cover each of its bytes, and
// each bit of a byte that is divided, once.
func checkTiling(t *testing.T, from Side, total int, frames []Frame) {
	t.Helper()
	covered := make([]byte, total)
	for _, f := range frames {
		if f.From != from {
			continue
		}
		if f.Fields == nil {
			t.Errorf("%s %s at %d: fields are nil", f.Protocol, f.Kind, f.Offset)
		}
		if f.Offset < 0 || f.Offset+int64(f.Length) > int64(total) {
			t.Fatalf("%s %s: [%d,+%d] is outside of %d bytes", f.Protocol, f.Kind, f.Offset, f.Length, total)
		}
		for _, field := range f.Fields {
			if field.Length <= 0 || field.Offset < 0 || field.Offset+field.Length > f.Length {
				t.Fatalf("%s [%d,+%d] is outside of its frame of %d bytes", field.Name, field.Offset, field.Length, f.Length)
			}
			mask := byte(0xFF)
			if field.Mask != "" {
				m, err := strconv.ParseUint(field.Mask, 16, 8)
				if err != nil || field.Length != 1 {
					t.Fatalf("%s has the mask %q over %d bytes", field.Name, field.Mask, field.Length)
				}
				mask = byte(m)
			}
			for i := range field.Length {
				b := &covered[f.Offset+int64(field.Offset+i)]
				if *b&mask != 0 {
					t.Fatalf("%s overlaps another field at %d", field.Name, f.Offset+int64(field.Offset+i))
				}
				*b |= mask
			}
		}
	}
	for i, b := range covered {
		if b != 0xFF {
			t.Fatalf("%s: the byte at %d of %d is not covered (bits %08b)", from, i, total, b)
		}
	}
}

// described gives a frame as JSON, without its time.
func described(t *testing.T, f Frame) string {
	t.Helper()
	f.At = time.Time{}
	b, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// sameFrames compares frames side by side. Between the sides the order may
// differ only where the turns do.
func sameFrames(t *testing.T, what string, want, got []Frame) {
	t.Helper()
	for i := range max(len(want), len(got)) {
		w, g := "nothing", "nothing"
		if i < len(want) {
			w = described(t, want[i])
		}
		if i < len(got) {
			g = described(t, got[i])
		}
		if w != g {
			t.Fatalf("%s: frame %d\nwhole: %s\n  now: %s", what, i, w, g)
		}
	}
}

// checkProperties holds a conversation to the promises of the package.
func checkProperties(t *testing.T, make func() *Conversation, turns []turn, r *rand.Rand) []Frame {
	t.Helper()
	frames := dissectTurns(make(), turns, whole)
	for _, side := range []Side{Client, Server} {
		total := 0
		for _, turn := range turns {
			if turn.from == side {
				total += len(turn.bytes)
			}
		}
		checkTiling(t, side, total, frames)
	}
	names, codes, reasons := Names(), Violations(), Reasons()
	for _, f := range frames {
		for _, field := range f.Fields {
			if !slices.Contains(names, field.Name) {
				t.Errorf("%s is not in Names", field.Name)
			}
		}
		for _, v := range f.Violations {
			if !slices.Contains(codes, v.Code) {
				t.Errorf("%s is not in Violations", v.Code)
			}
		}
		if (f.Protocol == "sse") != (f.SSE != nil) {
			t.Errorf("a frame of %s has the SSE state %v", f.Protocol, f.SSE)
		}
		if f.SSE != nil && f.SSE.Reason != "" && !slices.Contains(reasons, f.SSE.Reason) {
			t.Errorf("%s is not in Reasons", f.SSE.Reason)
		}
	}
	sameFrames(t, "byte by byte", frames, dissectTurns(make(), turns, bytewise))
	for i := range 4 {
		sameFrames(t, fmt.Sprintf("split %d", i), frames, dissectTurns(make(), turns, randomly(r)))
	}
	return frames
}

func newConversation() *Conversation { return New(1) }

// someTurns are conversations that touch all of the grammar.
func someTurns() map[string][]turn {
	return map[string][]turn{
		"event stream in chunks": {
			{Client, "GET /play HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: 7\r\n\r\n"},
			{Server, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n" +
				"8\r\nid: 1\nda\r\n5;x=y\r\nta: h\r\n6\r\nello\n\n\r\n" + "4\r\n: a\r\r\n" + "2\r\n\n\r\r\n" + "0\r\nX: y\r\n\r\n"},
			{Client, "GET /next HTTP/1.1\r\nHost: localhost\r\n\r\n"},
			{Server, "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nno :(HTTP/1.1 200 OK\r\n\r\nuntil the end"},
		},
		"websocket": {
			{Client, "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n" +
				"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"},
			{Server, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
				"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n\x01\x03Hel\x89\x05Hello\x80\x02lo"},
			{Client, "\x88\x82\x00\x00\x00\x00\x03\xe8"},
			{Server, "\x88\x02\x03\xe8"},
		},
		"refused upgrade": {
			{Client, "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"},
			{Server, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"},
		},
		"garbage": {
			{Client, "\x16\x03\x01\x00\xff what is this\n and this"},
			{Server, "HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nfoo"},
		},
	}
}

func TestProperties(t *testing.T) {
	for name, turns := range someTurns() {
		t.Run(name, func(t *testing.T) {
			checkProperties(t, newConversation, turns, rand.New(rand.NewPCG(1, 2)))
		})
	}
}
