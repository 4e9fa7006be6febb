package export

import (
	"bytes"
	"io"
	"testing"

	"seewire/playground/dissect"
)

// What is written while it is dissected is the document, and takes no memory for its
// frames.
func TestWritingWhileDissecting(t *testing.T) {
	for _, c := range []struct {
		overWS bool
		most   float64 // allocations a frame: those of its texts, and of the pieces of answers; the race detector has some more
	}{{false, 3.5}, {true, 11.5}} {
		chats := chats{overWS: c.overWS}
		for range 1000 {
			chats.goOn()
		}
		chat := func() *imported {
			d := importConnections("", chats.connections, nil)
			d.budget = dissect.NewBudget()
			return &d
		}

		var got, want bytes.Buffer
		if err := chat().write(t.Context(), &got, nil); err != nil {
			t.Fatal(err)
		}
		held := chat()
		if err := held.complete(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := WriteDocument(&want, held.Document, nil); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want.Bytes()) {
			t.Error("it is another document")
		}

		n := testing.AllocsPerRun(3, func() { chat().write(t.Context(), io.Discard, nil) })
		if each := n / float64(len(held.Frames)); each > c.most {
			t.Errorf("over WebSocket %v: %.2f allocations a frame", c.overWS, each)
		}
	}
}
