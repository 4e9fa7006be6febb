package protocols

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"seewire/playground/dissect"
	"seewire/playground/dissect/internal/dissecttest"
	"seewire/playground/dissect/sse"
)

// A turn is what one side sends before the other does.
type turn struct {
	from  dissect.Side
	bytes string
}

// start is the time of the first byte in tests.
var start = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

// dissectTurns feeds a conversation, each turn in the pieces that split cuts.
func dissectTurns(c *dissect.Conversation, turns []turn, split func([]byte) [][]byte) []dissect.Frame {
	var frames []dissect.Frame
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
	frames = append(frames, c.End(dissect.Client, at)...)
	return append(frames, c.End(dissect.Server, at)...)
}

// checkTiling fails unless the fields of one side cover each of its bytes, and
// each bit of a byte that is divided, once.
func checkTiling(t *testing.T, from dissect.Side, total int, frames []dissect.Frame) {
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
			mask, err := hex.DecodeString(field.Mask)
			if err != nil || len(mask) != 0 && len(mask) != field.Length {
				t.Fatalf("%s has the mask %q over %d bytes", field.Name, field.Mask, field.Length)
			}
			for i := range field.Length {
				bits := byte(0xFF)
				if len(mask) > 0 {
					bits = mask[i]
				}
				b := &covered[f.Offset+int64(field.Offset+i)]
				if *b&bits != 0 {
					t.Fatalf("%s overlaps another field at %d", field.Name, f.Offset+int64(field.Offset+i))
				}
				*b |= bits
			}
		}
	}
	for i, b := range covered {
		if b != 0xFF {
			t.Fatalf("%s: the byte at %d of %d is not covered (bits %08b)", from, i, total, b)
		}
	}
}

// sameFrames compares frames side by side, but for their times. Between the
// sides the order may differ only where the turns do.
func sameFrames(t *testing.T, what string, want, got []dissect.Frame) {
	t.Helper()
	for i := range max(len(want), len(got)) {
		var w, g dissect.Frame
		if i < len(want) {
			w = want[i]
		}
		if i < len(got) {
			g = got[i]
		}
		w.At, g.At = time.Time{}, time.Time{}
		if !reflect.DeepEqual(w, g) {
			t.Fatalf("%s: frame %d\nwhole: %s\n  now: %s", what, i, described(t, w), described(t, g))
		}
	}
}

// described gives a frame as JSON, without its time.
func described(t *testing.T, f dissect.Frame) string {
	t.Helper()
	f.At = time.Time{}
	b, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// listed are the names and codes that frames may have.
var listed = sync.OnceValue(func() map[string]bool {
	all := map[string]bool{}
	for _, name := range slices.Concat(Names(), Violations(), Reasons(), Phrases()) {
		all[name] = true
	}
	return all
})

// checkProperties holds a conversation to the promises of the package.
func checkProperties(t *testing.T, make func() *dissect.Conversation, turns ...turn) []dissect.Frame {
	t.Helper()
	frames := dissectTurns(make(), turns, dissecttest.Whole)
	for _, side := range []dissect.Side{dissect.Client, dissect.Server} {
		total := 0
		for _, turn := range turns {
			if turn.from == side {
				total += len(turn.bytes)
			}
		}
		checkTiling(t, side, total, frames)
	}
	known := listed()
	for _, f := range frames {
		if len(f.Say) == 0 {
			t.Errorf("%s says nothing", show(f))
		}
		for _, p := range f.Say {
			if !utf8.ValidString(p.Text) || !known[p.Key] {
				t.Errorf("%s says %q", show(f), said(f))
			}
		}
		for _, field := range f.Fields {
			if !known[field.Name] {
				t.Errorf("%s is not in Names", field.Name)
			}
			if !utf8.ValidString(field.Value) {
				t.Errorf("the value of %s is not UTF-8", field.Name)
			}
		}
		for _, v := range f.Violations {
			if !known[v.Code] {
				t.Errorf("%s is not in Violations", v.Code)
			}
		}
		if (f.Protocol == "sse") != (f.SSE != nil) {
			t.Errorf("a frame of %s has the SSE state %v", f.Protocol, f.SSE)
		}
		if f.SSE != nil && f.SSE.Reason != "" && !known[f.SSE.Reason] {
			t.Errorf("%s is not in Reasons", f.SSE.Reason)
		}
	}
	r := dissecttest.NewRand()
	sameFrames(t, "byte by byte", frames, dissectTurns(make(), turns, dissecttest.Bytewise))
	for i := range 4 {
		sameFrames(t, fmt.Sprintf("split %d", i), frames, dissectTurns(make(), turns, dissecttest.Randomly(r)))
	}
	return frames
}

// newConversation makes what checkProperties asks for.
func newConversation() *dissect.Conversation { return New(1, dissect.NewBudget()) }

// oneSided makes a conversation of one direction that starts with the protocol.
func oneSided(t testing.TB, protocol string, from dissect.Side, extensions string) func() *dissect.Conversation {
	return func() *dissect.Conversation {
		c, err := startOneSided(dissect.NewBudget(), protocol, from, extensions, func(*sse.Stream) {})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
}

// show writes a frame on one line: its kind and place, its fields without the
// name of their protocol, and what is wrong with it.
func show(f dissect.Frame) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s/%s %d+%d", f.Protocol, f.Kind, f.Offset, f.Length)
	for _, field := range f.Fields {
		_, name, _ := strings.Cut(field.Name, ".")
		fmt.Fprintf(&b, " %s=%s", name, field.Value)
		if field.Pieces > 0 {
			fmt.Fprintf(&b, "(%d/%d)", field.Piece, field.Pieces)
		}
	}
	if f.Incomplete {
		b.WriteString(" cut")
	}
	for _, v := range f.Violations {
		b.WriteString(" !" + v.Code)
	}
	return b.String()
}

// said writes what a frame says.
func said(f dissect.Frame) string {
	var b strings.Builder
	for i, p := range f.Say {
		if i > 0 {
			b.WriteByte('|')
		}
		b.WriteString(p.Key)
		if p.Count != 0 {
			fmt.Fprintf(&b, " %d", p.Count)
		}
		if p.Text != "" {
			fmt.Fprintf(&b, " %q", p.Text)
		}
	}
	return b.String()
}

// wantFrames compares frames, as show writes them, with one line each.
func wantFrames(t *testing.T, frames []dissect.Frame, want ...string) {
	t.Helper()
	for i := range max(len(frames), len(want)) {
		w, g := "nothing", "nothing"
		if i < len(want) {
			w = want[i]
		}
		if i < len(frames) {
			g = show(frames[i])
		}
		if g != w {
			t.Errorf("frame %d\n got %s\nwant %s", i, g, w)
		}
	}
}
