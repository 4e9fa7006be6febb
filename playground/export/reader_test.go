package export

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"seewire/playground/dissect"
	"seewire/playground/wire"
)

// events is a connection with so many events, each in a write of its own, or in pieces
// of so many bytes.
func events(n, piece int) wire.Connection {
	c := wire.Connection{Number: 1, Protocol: "http/1.1"}
	write := func(s string) {
		at := time.Unix(int64(len(c.Segments)), 0)
		c.Segments = append(c.Segments, wire.Segment{From: wire.Server, At: at, Offset: int64(len(c.Server)), Length: len(s)})
		c.Server = append(c.Server, s...)
	}
	write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
	for i := range n {
		data := fmt.Sprintf("id: %d\ndata: %s\n\n", i, strings.Repeat("x", 100))
		chunk := fmt.Sprintf("%x\r\n%s\r\n", len(data), data)
		for ; piece > 0 && len(chunk) > piece; chunk = chunk[piece:] {
			write(chunk[:piece])
		}
		write(chunk)
	}
	return c
}

// What is more than can be described is passed in the middle: of the whole, and for
// who comes late, the newest is described. Who has followed from the start gets all.
func TestMostFrames(t *testing.T) {
	for _, piece := range []int{0, 70} {
		c := events(3000, piece)
		budget := func() *dissect.Budget { return dissect.BudgetOf(3<<20, 1<<20) }
		read := func(r *reader, upTo int) (ids map[string]bool, passed, described, pieces int) {
			ids = map[string]bool{}
			part := c
			part.Segments = c.Segments[:upTo]
			for more := true; more; pieces++ {
				var d Document
				d, more = r.read([]wire.Connection{part}, pieceBytes)
				for _, f := range d.Frames {
					if f.Protocol == "data" {
						passed += f.Length
					} else {
						described += f.Length
					}
				}
				for _, e := range d.Events {
					ids[e.LastEventID] = true
				}
			}
			return ids, passed, described, pieces
		}

		ids, passed, described, _ := read(&reader{budget: budget()}, len(c.Segments))
		if !ids["0"] || !ids["2999"] || passed == 0 || described < len(c.Server)/10 || passed+described < len(c.Server) {
			t.Errorf("pieces of %d: of the whole, the first %t, the last %t, %d bytes passed, %d described of %d",
				piece, ids["0"], ids["2999"], passed, described, len(c.Server))
		}
		late := &reader{budget: budget(), endless: true}
		ids, passed, _, _ = read(late, len(c.Segments))
		if !ids["0"] || !ids["2999"] || passed == 0 || !late.worn {
			t.Errorf("pieces of %d: who comes late gets the first %t, the last %t, %d bytes passed, worn %t", piece, ids["0"], ids["2999"], passed, late.worn)
		}
		all := map[string]bool{}
		early := &reader{budget: budget(), endless: true}
		for n := range len(c.Segments) {
			ids, passed, _, _ = read(early, n+1)
			for id := range ids {
				all[id] = true
			}
			if passed > 0 {
				t.Fatalf("pieces of %d: who was there all the time gets %d bytes without frames", piece, passed)
			}
		}
		if len(all) != 3000 {
			t.Errorf("pieces of %d: who was there all the time gets %d events", piece, len(all))
		}
	}
}

// Feeds write their documents in the same room, one after the other, and each finds what
// it would find alone.
func TestReadersShareARoom(t *testing.T) {
	var spoken, heard chats
	heard.overWS = true
	for range 50 {
		spoken.goOn()
		heard.goOn()
	}
	atOnce := events(700, 0) // more frames than a document has, in one segment
	atOnce.Segments = []wire.Segment{{From: wire.Server, Length: len(atOnce.Server)}}
	captures := [][]wire.Connection{{events(300, 7)}, {events(300, 70)}, {atOnce}, spoken.connections, heard.connections}

	shared := new(room)
	readers := make([]*reader, len(captures))
	found := make([][]string, len(captures))
	texts := func(frames []dissect.Frame) (all []string) {
		for _, f := range frames {
			text, err := json.Marshal(f)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, string(text))
		}
		return all
	}
	for i := range captures {
		readers[i] = &reader{budget: captureBudget(), passing: true}
	}
	for left := len(captures); left > 0; {
		left = 0
		for i, r := range readers {
			r.swap(shared)
			d, more := r.read(captures[i], 100)
			if more {
				left++
			}
			found[i] = append(found[i], texts(d.Frames)...)
			r.swap(shared)
		}
	}
	for i, snapshot := range captures {
		var want []string
		for d := range pieces("", snapshot, captureBudget()) {
			want = append(want, texts(d.Frames)...)
		}
		if got := found[i]; !slices.Equal(got, want[:min(len(got), len(want))]) || len(got) < len(want)-2 { // the end of each is not in a feed
			t.Errorf("capture %d: %d frames of %d, not the same", i, len(got), len(want))
		}
	}
}

// A room that goes from feed to feed keeps nothing of a capture, which may expire, and not
// what one large document has taken.
func TestARoomKeepsLittle(t *testing.T) {
	shared := new(room)
	read := func(c wire.Connection) {
		r := &reader{budget: captureBudget(), passing: true}
		for more := true; more; {
			r.swap(shared)
			_, more = r.read([]wire.Connection{c}, pieceBytes)
			r.swap(shared)
		}
	}
	read(events(10, 0))
	if len(shared.connections) == 0 || shared.connections[0].Server != nil {
		t.Errorf("it has %+v", shared.connections)
	}
	large := wire.Connection{Number: 1, Protocol: "http/1.1", Server: []byte("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + strings.Repeat("\n", 50_000))}
	large.Segments = []wire.Segment{{From: wire.Server, Length: len(large.Server)}}
	read(large)
	if n := cap(shared.frames); n > 2*pieceFrames {
		t.Errorf("it has room for %d frames", n)
	}
}

// What is only there until the next piece is what is there for longer, also where frames
// are left over for the next piece.
func TestPassingPieces(t *testing.T) {
	for name, chats := range map[string]*chats{"sse": {}, "ws": {overWS: true}} {
		var snapshot []wire.Connection
		for range 300 {
			snapshot = chats.goOn()
		}
		var want, got []dissect.Frame
		for d := range pieces("", snapshot, captureBudget()) {
			want = append(want, d.Frames...)
		}
		n := 0
		for d := range recordedPieces("", snapshot, nil, captureBudget(), true) {
			text, err := appendFrames([]byte("["), d.Frames)
			var piece []dissect.Frame
			if err := errors.Join(err, json.Unmarshal(append(text, ']'), &piece)); err != nil {
				t.Fatal(err)
			}
			n++
			got = append(got, piece...)
		}
		if n < 5 || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %d frames in %d pieces are others than the %d that last", name, len(got), n, len(want))
		}
	}
}

// The bytes of a whole connection are those of the capture, which goes on: who appends to
// them has others.
func TestWholeConnectionIsClipped(t *testing.T) {
	bytes := []byte("abcdef")
	whole := wholeConnection(&wire.Connection{Client: bytes[:3], Server: bytes[:3]})
	for _, text := range [][]byte{append(whole.Client, 'x'), append(whole.Server, 'x')} {
		if string(text) != "abcx" || string(bytes) != "abcdef" {
			t.Errorf("%q has been appended to, and the capture has %q", text, bytes)
		}
	}
	if none := wholeConnection(&wire.Connection{}); none.Client == nil || none.Server == nil {
		t.Error("no bytes are nil, which is another value in JSON")
	}
}
