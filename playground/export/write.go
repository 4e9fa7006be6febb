package export

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"io"

	"seewire/playground/answer"
	"seewire/playground/dissect"
)

// WriteJSON writes the document of the dissection.
func (d *Dissection) WriteJSON(w io.Writer) error {
	last := &Document{
		LastEventID: d.lastEventID, ReconnectionTime: d.reconnectionTime, Log: d.log, Notes: d.notes, Answers: d.answers,
	}
	return writeDocument(w, d.id, last, func(out *jsonWriter) {
		for i := range d.snapshot {
			c := wholeConnection(&d.snapshot[i])
			out.connection(&c)
		}
	}, func(out *jsonWriter) {
		for _, part := range d.parts {
			out.elements(part.frames)
		}
	}, func(out *jsonWriter) {
		for _, part := range d.parts {
			out.elements(part.events)
		}
	})
}

// WriteDocument writes a document in JSON, frame by frame: the text of all of
// them would take as much memory once more. It puts the frames into words.
func WriteDocument(w io.Writer, d Document, words Words) error {
	return (&imported{Document: d}).write(context.Background(), w, words)
}

func (d *imported) write(ctx context.Context, w io.Writer, words Words) error {
	answers := answer.NewReader()
	var cut error
	err := writeDocument(w, d.ID, &d.Document, func(out *jsonWriter) {
		for i := range d.Connections {
			out.connection(&d.Connections[i])
		}
	}, func(out *jsonWriter) {
		cut = d.dissect(ctx, true, func(frames []dissect.Frame) {
			answers.Read(frames)
			describe(words, frames)
			for i := range frames {
				out.frame(&frames[i])
			}
		})
		d.Answers = answers.Answers(func(int) bool { return true })
	}, func(out *jsonWriter) {
		for i := range d.Events {
			out.event(&d.Events[i])
		}
	})
	return cmp.Or(cut, err)
}

// writeDocument writes a document, of which the last members are those that last has when
// the others are written.
func writeDocument(w io.Writer, id string, last *Document, connections, frames, events func(*jsonWriter)) error {
	out := &jsonWriter{w: bufio.NewWriter(w)}
	out.text(`{"id":`)
	out.value(id)
	out.array("connections", connections)
	out.array("frames", frames)
	out.array("events", events)
	out.member("lastEventId", last.LastEventID)
	if last.ReconnectionTime != nil {
		out.member("reconnectionTime", last.ReconnectionTime)
	}
	if len(last.Log) > 0 {
		out.member("log", last.Log)
	}
	if len(last.Answers) > 0 {
		out.member("answers", last.Answers)
	}
	if last.Source != nil {
		out.member("source", last.Source)
	}
	if len(last.Notes) > 0 {
		out.member("notes", last.Notes)
	}
	out.text("}")
	return out.flush()
}

// A jsonWriter writes a JSON value part by part. After an error it writes
// nothing more.
type jsonWriter struct {
	w       *bufio.Writer
	another bool   // the next element is not the first
	one     []byte // for an element, used again
	err     error
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

func (j *jsonWriter) member(name string, v any) {
	j.text(`,"` + name + `":`)
	j.value(v)
}

func (j *jsonWriter) array(name string, elements func(*jsonWriter)) {
	j.text(`,"` + name + `":[`)
	j.another = false
	elements(j)
	j.text("]")
}

func (j *jsonWriter) separate() {
	if j.another {
		j.text(",")
	}
	j.another = true
}

func (j *jsonWriter) connection(c *Connection) {
	j.separate()
	if j.err != nil {
		return
	}
	if j.one, j.err = appendConnection(j.one[:0], c); j.err == nil {
		_, j.err = j.w.Write(j.one)
	}
}

func (j *jsonWriter) frame(f *dissect.Frame) {
	j.separate()
	if j.err != nil {
		return
	}
	if j.one, j.err = appendFrame(j.one[:0], f); j.err == nil {
		_, j.err = j.w.Write(j.one)
	}
}

func (j *jsonWriter) event(e *dissect.Event) {
	j.separate()
	if j.err == nil {
		j.one = appendEvent(j.one[:0], e)
		_, j.err = j.w.Write(j.one)
	}
}

// elements writes elements that are JSON already.
func (j *jsonWriter) elements(p packed) {
	if len(p) == 0 || j.err != nil {
		return
	}
	j.separate()
	if j.err == nil {
		_, j.err = io.Copy(j.w, p.reader())
	}
}

func (j *jsonWriter) flush() error {
	if j.err != nil {
		return j.err
	}
	return j.w.Flush()
}
