package export

import (
	"bytes"
	"context"
	"encoding/json"
	"io"

	"seewire/playground/answer"
	"seewire/playground/dissect"
	"seewire/playground/wire"
)

// A whole is all of a capture at one moment, dissected.
type whole struct {
	known            bool
	at               revision
	parts            []wholePart
	frames           int
	lastEventID      string
	reconnectionTime *int64
	notes            []Note
	answers          []answer.Answer
}

// A wholePart is some frames and events, as the elements of two arrays.
type wholePart struct {
	frames, events packed
	count          int // of the frames
}

// A revision tells whether a capture has changed: what it has let go, and what came
// after it, only ever grows.
type revision struct {
	connections, segments, ends, streams int
	dropped, missing                     int64
}

func revisionOf(snapshot []wire.Connection) (r revision) {
	r.connections = len(snapshot)
	for i := range snapshot {
		r.segments += len(snapshot[i].Segments)
		r.ends += len(snapshot[i].Ends)
		r.streams += len(snapshot[i].Streams)
		r.dropped += snapshot[i].Dropped
		r.missing += missingIn(&snapshot[i])
	}
	return r
}

// A Dissection is all that was in a capture at one moment. Of a frame that was
// not finished it has what was there, as incomplete.
type Dissection struct {
	whole
	id       string
	snapshot []wire.Connection
	log      []wire.Line
}

// Whole dissects a capture as it is now. The error is that of the context,
// which ends the work.
func (s *Dissections) Whole(ctx context.Context, c *wire.Capture) (*Dissection, error) {
	key := cacheKey{c, wholeForm}
	e, _ := s.get(key)
	if err := e.enter(ctx); err != nil {
		return nil, err
	}
	defer e.leave()

	snapshot, log := c.Snapshot(), c.Lines()
	if at := revisionOf(snapshot); !e.whole.known || e.whole.at != at {
		before := e.whole.size()
		fresh := whole{known: true, at: at}
		if err := fresh.dissect(ctx, c.ID(), snapshot, s); err != nil {
			return nil, err
		}
		e.whole = fresh
		s.grow(e, fresh.size()-before)
	}
	return &Dissection{e.whole, c.ID(), snapshot, log}, nil
}

func (w *whole) size() int {
	n := 0
	for _, p := range w.parts {
		n += len(p.frames) + len(p.events)
	}
	return n
}

func (w *whole) dissect(ctx context.Context, id string, snapshot []wire.Connection, s *Dissections) error {
	answers := answer.NewReader()
	var frames, events []byte
	for d := range pieces(id, snapshot, captureBudget()) {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		answers.Read(d.Frames)
		describe(s.words, d.Frames)
		var err error
		if frames, err = appendFrames(frames[:0], d.Frames); err != nil {
			return err
		}
		if len(d.Frames) > 0 {
			part := wholePart{frames: s.packer.pack(frames), count: len(d.Frames)}
			if len(d.Events) > 0 {
				events = appendEvents(events[:0], d.Events)
				part.events = s.packer.pack(events)
			}
			w.parts = append(w.parts, part)
		}
		w.frames += len(d.Frames)
		w.lastEventID, w.reconnectionTime, w.notes = d.LastEventID, d.ReconnectionTime, d.Notes
	}
	w.answers = answers.Answers(endedIn(snapshot))
	return nil
}

// endedIn says which connections have ended.
func endedIn(snapshot []wire.Connection) func(connection int) bool {
	return func(connection int) bool { return len(snapshot[connection-1].Ends) > 0 }
}

// First returns the document with its first frames, as many as that, and says
// how many more there are.
func (d *Dissection) First(frames int) (document Document, more int, err error) {
	document = newDocument(d.id)
	for i := range d.snapshot {
		document.Connections = append(document.Connections, wholeConnection(&d.snapshot[i]))
	}
	document.Notes = d.notes
	for _, part := range d.parts {
		if len(document.Frames) >= frames {
			break
		}
		found, err := part.decoded()
		if err != nil {
			return Document{}, 0, err
		}
		document.Frames = append(document.Frames, found[:min(len(found), frames-len(document.Frames))]...)
	}
	return document, d.frames - len(document.Frames), nil
}

func (p wholePart) decoded() (frames []dissect.Frame, err error) {
	array := io.MultiReader(bytes.NewReader([]byte("[")), p.frames.reader(), bytes.NewReader([]byte("]")))
	err = json.NewDecoder(array).Decode(&frames)
	return frames, err
}
