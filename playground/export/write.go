package export

import (
	"bufio"
	"encoding/json"
	"io"
	"iter"

	"seewire/playground/dissect"
	"seewire/playground/wire"
)

// Write writes the document of a capture in JSON, as Capture has it. It
// dissects while it writes, once for the frames and once for the events, so
// that the memory it takes does not depend on how many there are.
func Write(w io.Writer, c *wire.Capture) error {
	snapshot := c.Snapshot()
	var last Document // of pieces: what the browser is left with
	connections := func(yield func(Connection) bool) {
		for i := range snapshot {
			if !yield(wholeConnection(&snapshot[i])) {
				return
			}
		}
	}
	frames := func(yield func(dissect.Frame) bool) {
		for last = range pieces(c.ID(), snapshot) {
			for _, f := range last.Frames {
				if !yield(f) {
					return
				}
			}
		}
	}
	events := func(yield func(dissect.Event) bool) {
		for d := range pieces(c.ID(), snapshot) {
			for _, e := range d.Events {
				if !yield(e) {
					return
				}
			}
		}
	}

	out := &jsonWriter{w: bufio.NewWriter(w)}
	out.text(`{"id":`)
	out.value(c.ID())
	out.text(`,"connections":`)
	writeArray(out, connections)
	out.text(`,"frames":`)
	writeArray(out, frames)
	out.text(`,"events":`)
	writeArray(out, events)
	out.text(`,"lastEventId":`)
	out.value(last.LastEventID)
	if last.ReconnectionTime != nil {
		out.text(`,"reconnectionTime":`)
		out.value(last.ReconnectionTime)
	}
	out.text("}")
	return out.flush()
}

// A jsonWriter writes a JSON value part by part. After an error it writes
// nothing more.
type jsonWriter struct {
	w   *bufio.Writer
	err error
}

func (j *jsonWriter) text(s string) {
	if j.err == nil {
		_, j.err = j.w.WriteString(s)
	}
}

func (j *jsonWriter) value(v any) {
	if j.err != nil {
		return
	}
	var b []byte
	if b, j.err = json.Marshal(v); j.err == nil {
		_, j.err = j.w.Write(b)
	}
}

func (j *jsonWriter) flush() error {
	if j.err != nil {
		return j.err
	}
	return j.w.Flush()
}

// writeArray writes the values as they come, until there is an error.
func writeArray[T any](j *jsonWriter, values iter.Seq[T]) {
	j.text("[")
	separator := ""
	for v := range values {
		j.text(separator)
		j.value(v)
		if j.err != nil {
			return
		}
		separator = ","
	}
	j.text("]")
}
