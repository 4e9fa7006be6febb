package export

import (
	"bufio"
	"encoding/json"
	"io"
	"iter"
	"slices"

	"seewire/playground/dissect"
	"seewire/playground/wire"
)

// Write writes the document of a capture in JSON, as Capture has it. It
// dissects while it writes, once for the frames and once for the events, so
// that the memory it takes does not depend on how many there are.
func Write(w io.Writer, c *wire.Capture) error {
	snapshot, log := c.Snapshot(), c.Lines()
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

	return writeParts(w, c.ID(), connections, frames, events, func() Document { last.Log = log; return last })
}

// WriteDocument writes a document in JSON, frame by frame: the text of all of
// them would take as much memory once more.
func WriteDocument(w io.Writer, d Document) error {
	return writeParts(w, d.ID, slices.Values(d.Connections), slices.Values(d.Frames), slices.Values(d.Events),
		func() Document { return d })
}

// writeParts writes a document from its parts. The one that last returns, after
// the parts were written, has the members that come after them.
func writeParts(w io.Writer, id string, connections iter.Seq[Connection], frames iter.Seq[dissect.Frame], events iter.Seq[dissect.Event], last func() Document) error {
	out := &jsonWriter{w: bufio.NewWriter(w)}
	out.text(`{"id":`)
	out.value(id)
	out.text(`,"connections":`)
	writeArray(out, connections)
	out.text(`,"frames":`)
	writeArray(out, frames)
	out.text(`,"events":`)
	writeArray(out, events)
	end := last()
	out.text(`,"lastEventId":`)
	out.value(end.LastEventID)
	if end.ReconnectionTime != nil {
		out.text(`,"reconnectionTime":`)
		out.value(end.ReconnectionTime)
	}
	if len(end.Log) > 0 {
		out.text(`,"log":`)
		out.value(end.Log)
	}
	if end.Source != nil {
		out.text(`,"source":`)
		out.value(end.Source)
	}
	if len(end.Notes) > 0 {
		out.text(`,"notes":`)
		out.value(end.Notes)
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
