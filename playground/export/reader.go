package export

import (
	"slices"

	"seewire/playground/dissect"
	"seewire/playground/wire"
)

// A reader dissects a capture as it grows: each read returns a document of
// what has come since the one before.
type reader struct {
	capture     *wire.Capture
	connections []*progress

	// What the browser is left with, so far.
	lastEventID      string
	reconnectionTime *int64
}

// read returns what is new, and whether there is more: it stops after limit
// bytes, at the end of a segment.
func (r *reader) read(limit int) (d Document, more bool) {
	d = newDocument(r.capture.ID())
	for i, c := range r.capture.Snapshot() {
		if i == len(r.connections) {
			r.connections = append(r.connections, newProgress(c))
		}
		p := r.connections[i]
		if !p.behind(c) {
			continue
		}
		if limit <= 0 {
			more = true
			break
		}
		news, frames := p.read(c, limit)
		limit -= len(news.Client) + len(news.Server)
		more = more || p.behind(c)
		d.Connections = append(d.Connections, news)
		d.Frames = append(d.Frames, frames...)
	}
	r.complete(&d)
	return d, more
}

// finish adds what is unfinished in all connections, as incomplete frames.
func (r *reader) finish(d *Document) {
	for _, p := range r.connections {
		d.Frames = append(d.Frames, p.finish()...)
	}
	r.complete(d)
}

// complete puts the frames in the order of their times, and adds what they
// make a browser do.
func (r *reader) complete(d *Document) {
	slices.SortStableFunc(d.Frames, func(a, b dissect.Frame) int { return a.At.Compare(b.At) })

	d.Events = d.Events[:0]
	for i, f := range d.Frames {
		if f.Fields == nil {
			d.Frames[i].Fields = []dissect.Field{}
		}
		if f.SSE == nil {
			continue
		}
		if f.SSE.Event != nil {
			d.Events = append(d.Events, *f.SSE.Event)
		}
		if f.SSE.ReconnectionTime != nil {
			r.reconnectionTime = f.SSE.ReconnectionTime
		}
		if f.Kind == "blank" { // WHATWG HTML §9.2.6: only a dispatch sets the event source's last event ID
			r.lastEventID = f.SSE.LastEventID
		}
	}
	d.LastEventID = r.lastEventID
	d.ReconnectionTime = r.reconnectionTime
}
