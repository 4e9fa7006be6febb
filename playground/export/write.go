package export

import (
	"bufio"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"slices"
	"strconv"

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
		out.array("answers", func(out *jsonWriter) {
			for i := range last.Answers {
				out.separate()
				out.put(appendAnswer(out.one[:0], &last.Answers[i]))
			}
		})
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

// connection writes a connection as [json.Marshal] would write it, in pieces: it may have
// many bytes.
func (j *jsonWriter) connection(c *Connection) {
	j.separate()
	p := strconv.AppendInt(append(j.one[:0], `{"number":`...), int64(c.Number), 10)
	p = appendText(append(p, `,"peer":`...), c.Peer)
	p = appendIfAny(p, `,"hop":`, c.Hop)
	p = appendText(append(p, `,"protocol":`...), c.Protocol)
	j.put(p, nil)
	if len(c.Streams) > 0 {
		j.member("streams", c.Streams)
	}
	j.bytes("client", c.Client)
	j.bytes("server", c.Server)
	if c.Segments == nil {
		j.member("segments", nil)
	} else {
		j.array("segments", func(j *jsonWriter) {
			for i := range c.Segments {
				j.separate()
				j.put(appendSegment(j.one[:0], &c.Segments[i]))
			}
		})
		j.another = true // as the connection is one
	}
	if len(c.Ends) > 0 {
		j.member("ends", c.Ends)
	}
	if len(c.Gaps) > 0 {
		j.member("gaps", c.Gaps)
	}
	if c.Dropped != 0 {
		j.member("dropped", c.Dropped)
	}
	j.text("}")
}

// bytes writes bytes as base64; null for none.
func (j *jsonWriter) bytes(name string, p []byte) {
	if p == nil {
		j.member(name, nil)
		return
	}
	j.text(`,"` + name + `":"`)
	for part := range slices.Chunk(p, 3<<10) { // three bytes are four characters: no part leaves a rest
		j.put(base64.StdEncoding.AppendEncode(j.one[:0], part), nil)
	}
	j.text(`"`)
}

func (j *jsonWriter) frame(f *dissect.Frame) {
	j.separate()
	j.put(appendFrame(j.one[:0], f))
}

func (j *jsonWriter) event(e *dissect.Event) {
	j.separate()
	j.put(appendEvent(j.one[:0], e), nil)
}

// put writes what was appended to the room for an element.
func (j *jsonWriter) put(one []byte, err error) {
	if j.err = cmp.Or(j.err, err); j.err == nil {
		j.one = one
		_, j.err = j.w.Write(one)
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
