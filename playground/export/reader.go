package export

import (
	"iter"
	"slices"
	"time"

	"seewire/playground/dissect"
	"seewire/playground/dissect/protocols"
	"seewire/playground/wire"
)

// A piece of a capture is about so many bytes, dissected at once: frames take up
// to a thousand times as much. And it has no more than so many frames, which a
// browser takes in within the time of one picture on its screen.
const (
	pieceBytes  = 64 << 10
	pieceFrames = 500
)

// A room is memory for a document. It may be used again.
type room struct {
	dissect.Room
	other       dissect.Room // which may have what is in frames that are left over
	frames      []dissect.Frame
	connections []Connection
	large       bool // it has had more than is worth keeping
}

// again has the room used again, and returns the array for the frames.
func (r *room) again() []dissect.Frame {
	r.Reset()
	return r.frames[:0]
}

// news returns so many connections of which nothing is new yet.
func (r *room) news(n int) []Connection {
	if r.connections == nil || n > cap(r.connections) {
		r.connections = make([]Connection, n)
	}
	news := r.connections[:n]
	for i := range news {
		news[i] = Connection{Segments: news[i].Segments[:0]}
	}
	return news
}

// A reader dissects a capture as it grows. Each read takes up where the one
// before has stopped.
type reader struct {
	id          string
	budget      *dissect.Budget   // nil where only the order of time matters
	starts      []protocols.Start // of connections that were recorded elsewhere
	connections []*progress
	frames      []dissect.Frame // dissected, and in no document yet
	passing     bool            // a document is no longer wanted at the next read
	room        room            // where it is
	done        int             // bytes, since the budget was new

	inFrames bool // events are only wanted in their frames

	endless bool // what was sent is not held: the budget is renewed
	worn    bool // it was
	passed  bool // it was not, and bytes are passed so that there is room for the newest

	// What the browser is left with, so far.
	lastEventID      string
	reconnectionTime *int64
}

// pieces returns documents that together have all of a snapshot, each of them
// what is new after the one before.
func pieces(id string, snapshot []wire.Connection, budget *dissect.Budget) iter.Seq[Document] {
	return recordedPieces(id, snapshot, nil, budget, false)
}

// recordedPieces is pieces of connections that were recorded elsewhere. If they are
// passing, each is there until the next.
func recordedPieces(id string, snapshot []wire.Connection, starts []protocols.Start, budget *dissect.Budget, passing bool) iter.Seq[Document] {
	return func(yield func(Document) bool) {
		r := &reader{id: id, budget: budget, starts: starts, passing: passing}
		for more := true; more; {
			var d Document
			d, more = r.read(snapshot, pieceBytes)
			if !more {
				r.finish(&d, snapshot)
			}
			if !yield(d) {
				return
			}
		}
	}
}

// read returns what a snapshot has that is new, in the order of time, and
// whether there is more of it: a read stops after limit bytes, at the end of a
// segment, and after pieceFrames frames.
func (r *reader) read(snapshot []wire.Connection, limit int) (d Document, more bool) {
	d = newDocument(r.id)
	r.connect(snapshot)
	switch few := len(r.frames) < pieceFrames; { // that are left over: what is in them is still wanted
	case !r.passing:
		if few { // there will be about as many as the last time
			r.frames = append(make([]dissect.Frame, 0, min(len(r.room.frames), pieceFrames)*9/8), r.frames...)
		}
		r.room = room{}
	case len(r.frames) == 0:
		r.frames = r.room.again()
	case few: // which are out with this read, so that the next one may have their room
		r.frames = append(r.room.frames[:0], r.frames...)
		r.room.Room, r.room.other = r.room.other, r.room.Room
		r.room.Reset()
	}
	live := r.live(snapshot)
	news := r.room.news(len(live))
	about := func(n int) *Connection {
		if news[n].Number == 0 {
			news[n].begin(&snapshot[live[n]])
		}
		return &news[n]
	}
	for {
		n, h := r.earliest(snapshot, live)
		if h == nil {
			break
		}
		if limit <= 0 || len(r.frames) >= pieceFrames {
			more = true
			break
		}
		i := live[n]
		bytes := h.step(r.connections[i].conversation, &snapshot[i], about(n), &r.frames)
		limit -= bytes
		r.done += bytes
		if r.budget.Low() && !r.passed {
			r.pass(snapshot)
		}
	}
	for n, i := range live {
		if p := r.connections[i]; !more && p.dropped < snapshot[i].Dropped {
			p.dropped = snapshot[i].Dropped
			about(n)
			p.finish(&snapshot[i], &r.frames)
		}
	}
	r.room.frames = r.frames
	r.room.large = r.room.large || len(r.frames) > 2*pieceFrames
	fit := min(len(r.frames), pieceFrames)
	if fit > 0 {
		d.Frames = r.frames[:fit:fit]
	}
	r.note(&d, d.Frames)
	r.frames = r.frames[fit:]

	d.Connections = slices.DeleteFunc(news, func(c Connection) bool { return c.Number == 0 })
	d.LastEventID, d.ReconnectionTime = r.lastEventID, r.reconnectionTime
	d.Notes = budgetNotes(r.budget)
	return d, more || len(r.frames) > 0
}

// captureBudget is the budget of a capture: its frames are not held in memory all at
// once.
func captureBudget() *dissect.Budget {
	return dissect.BudgetOf(3*dissect.MaxDescription, dissect.MaxInflation)
}

// pass is called when the budget is low. Of what lies ahead it leaves the newest to be
// described: as much as there will be room for, if that is like what lies behind.
func (r *reader) pass(snapshot []wire.Connection) {
	type piece struct {
		at    time.Time
		bytes int
		of    *directionReader
		end   int64
	}
	var ahead []piece
	bytes := 0
	for i, p := range r.connections {
		for _, h := range []*directionReader{&p.client, &p.server} {
			look := *h
			for {
				at, ok := look.next(&snapshot[i])
				if !ok {
					break
				}
				s, _, _ := look.take(&snapshot[i])
				if s == nil {
					break
				}
				ahead = append(ahead, piece{at, s.Length, h, look.read})
				bytes += s.Length
			}
		}
	}
	room := r.done
	if r.endless {
		r.budget.Renew()
		r.worn, r.done = true, 0
	} else {
		// A third of the budget is taken, and one connection may take half of it. What
		// is passed takes as much as it is long.
		r.passed = true
		taken, _ := r.budget.Spent()
		room = max(0, r.done*(taken/2-bytes)/taken*4/5)
	}
	slices.SortStableFunc(ahead, func(a, b piece) int { return a.at.Compare(b.at) })
	for _, p := range slices.Backward(ahead) {
		if room -= p.bytes; room < 0 {
			p.of.pass = max(p.of.pass, p.end)
		}
	}
}

// swap changes rooms with somebody, unless there is something in the reader's that is
// still to come.
func (r *reader) swap(other *room) {
	if len(r.frames) == 0 {
		r.frames = nil
		r.room, *other = *other, r.room
		if other.large {
			*other = room{}
		}
		for i := range other.connections { // their bytes are a capture's, which may expire
			other.connections[i] = Connection{Segments: other.connections[i].Segments[:0]}
		}
	}
}

// connect makes place for the connections that are new.
func (r *reader) connect(snapshot []wire.Connection) {
	for _, c := range snapshot[len(r.connections):] {
		p := &progress{
			behind: c.Hop != "",
			client: directionReader{side: wire.Client},
			server: directionReader{side: wire.Server},
		}
		var start protocols.Start
		if i := len(r.connections); i < len(r.starts) {
			start = r.starts[i]
		}
		if r.budget != nil {
			p.conversation = protocols.NewAt(start, c.Number, r.budget)
			p.conversation.Use(&r.room.Room)
		}
		r.connections = append(r.connections, p)
	}
}

// live are the connections in which something has happened since the last read. Of a
// run that opens many most have ended.
func (r *reader) live(snapshot []wire.Connection) (live []int) {
	for i, p := range r.connections {
		if h, _ := p.earliest(&snapshot[i]); h != nil || p.dropped < snapshot[i].Dropped {
			live = append(live, i)
		}
	}
	return live
}

// earliest returns the direction in which the next thing has happened, and the
// place of its connection among those that are live.
func (r *reader) earliest(snapshot []wire.Connection, live []int) (place int, next *directionReader) {
	var earliest time.Time
	for n, i := range live {
		if h, at := r.connections[i].earliest(&snapshot[i]); h != nil && (next == nil || at.Before(earliest)) {
			place, next, earliest = n, h, at
		}
	}
	return place, next
}

// bytesOf returns the bytes of a frame, or nil where the snapshot does not have all of
// them.
func (r *reader) bytesOf(f *dissect.Frame, snapshot []wire.Connection) []byte {
	i := f.Connection - 1
	h := &r.connections[i].client
	if f.From == dissect.Server {
		h = &r.connections[i].server
	}
	return h.sentBytes(&snapshot[i], f.Offset, int64(f.Length))
}

// note adds what frames make a browser do.
func (r *reader) note(d *Document, frames []dissect.Frame) {
	for i := range frames {
		f := &frames[i]
		if f.SSE == nil || r.connections[f.Connection-1].behind {
			continue
		}
		if f.SSE.Event != nil && !r.inFrames {
			d.Events = append(d.Events, *f.SSE.Event)
		}
		if f.SSE.ReconnectionTime != nil {
			r.reconnectionTime = f.SSE.ReconnectionTime
		}
		r.lastEventID = f.SSE.LastEventID
	}
}

// finish adds to a document what is unfinished, now that the snapshot has no
// more.
func (r *reader) finish(d *Document, snapshot []wire.Connection) {
	read := len(d.Frames)
	for i, p := range r.connections {
		p.finish(&snapshot[i], &d.Frames)
	}
	r.note(d, d.Frames[read:])
	d.LastEventID, d.ReconnectionTime = r.lastEventID, r.reconnectionTime
	d.Notes = budgetNotes(r.budget)
}
