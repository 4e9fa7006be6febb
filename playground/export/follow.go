package export

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"seewire/playground/dissect"
	"seewire/playground/wire"
)

// interval is the least time between two documents about what is new, as long as few
// captures are followed. Much of what a document costs it costs whatever is in it: where
// many are followed, each waits for so much longer, up to longestInterval.
const (
	interval        = 100 * time.Millisecond
	intervalOfEach  = 4 * time.Millisecond
	longestInterval = 250 * time.Millisecond
)

// A pace says how long a feed waits after a document. It knows how many feeds had
// something to say in the second before: together they wait for that many seconds.
type pace struct {
	second         atomic.Int64 // since 1970
	waited, before atomic.Int64 // in that second and in the one before, in nanoseconds
}

func (p *pace) wait(now time.Time) time.Duration {
	second := now.Unix()
	if last := p.second.Load(); last != second && p.second.CompareAndSwap(last, second) {
		waited := p.waited.Swap(0)
		if second-last > 1 {
			waited = 0
		}
		p.before.Store(waited)
	}
	feeds := time.Duration(p.before.Load()) / time.Second
	wait := min(max(interval, feeds*intervalOfEach), longestInterval)
	p.waited.Add(int64(wait))
	return wait
}

// wornInterval is the least time between two documents of a feed that has described
// so much that others begin anew: what a client sends for as long as it likes, in
// frames that are as small as can be, is not to take all of a processor.
const wornInterval = 25 * time.Millisecond

// Follow sends what is in a capture, and then what comes, dissected as it
// comes: documents in JSON. Each has only what is new: bytes, segments, ends,
// frames, events, lines of the log. Its offsets count from the start of the
// capture, and what is one value (dropped, lastEventId, reconnectionTime, notes)
// is as it stands. The first document is sent at once, even if there is nothing
// yet; where there is much already, it comes in pieces, one right after the other.
//
// A mark that is set in the capture comes in the document with which all has
// been sent that was recorded before it.
//
// All who follow a capture share one dissection, until it has described as much as one
// may: it goes on for those who have come, and who comes later gets one of what the
// capture has kept.
//
// Follow returns the error of send, or the cause of the end of ctx, or
// wire.ErrExpired when the capture expires. It keeps the capture from making
// room for others.
func (s *Dissections) Follow(ctx context.Context, c *wire.Capture, send func([]byte) error) error {
	return s.follow(ctx, c, jsonFeed, func(d document) error {
		if !d.deflated {
			return send(d.bytes)
		}
		plain, err := io.ReadAll(packed(d.bytes).reader())
		if err != nil {
			return err
		}
		return send(plain)
	})
}

// FollowCompact does what Follow does, in a form for pages: each document is
// compact (see [compactor]) and, if it is large, under DEFLATE (RFC 1951). It is sent
// as it is kept, so a viewer more costs the sending alone.
func (s *Dissections) FollowCompact(ctx context.Context, c *wire.Capture, send func(document []byte, deflated bool) error) error {
	return s.follow(ctx, c, compactFeed, func(d document) error { return send(d.bytes, d.deflated) })
}

func (s *Dissections) follow(ctx context.Context, c *wire.Capture, f form, send func(document) error) error {
	defer c.Follow()()

	key := cacheKey{c, f}
	e, last := s.get(key)
	for {
		next, err := e.after(ctx, last, func(d *Document, snapshot []wire.Connection) (document, error) {
			explain(s.words, d.Frames)
			var plain []byte
			var err error
			if f == compactFeed {
				plain, err = e.compactor.write(d, func(f *dissect.Frame) []byte { return e.reader.bytesOf(f, snapshot) })
			} else {
				plain, err = json.Marshal(d)
			}
			if err != nil {
				return document{}, err
			}
			document := s.document(plain)
			s.grow(e, len(document.bytes))
			if e.reader.worn {
				s.retire(key, e)
			}
			return document, nil
		})
		if err != nil {
			return err
		}
		if err := send(next.document); err != nil {
			return err
		}
		last = next
	}
}

// A document of a feed is JSON, as it is sent and kept.
type document struct {
	bytes    []byte
	deflated bool
}

// mostPlain bounds, in bytes, a document that is not compressed: what is new of some
// streams in a quarter of a second is less, and compressing it would take as long as
// dissecting it.
const mostPlain = 8 << 10

func (s *Dissections) document(plain []byte) document {
	if len(plain) <= mostPlain {
		return document{bytes: bytes.Clone(plain)}
	}
	return document{bytes: s.packer.pack(plain), deflated: true}
}

// A feed is what is sent about a capture that may still go on. Whoever follows
// it goes along a list, and dissects what is new when it comes to the end.
type feed struct {
	capture   *wire.Capture
	pace      *pace
	rooms     *sync.Pool // of *room: few work at once
	reader    *reader
	compactor *compactor
	begun     bool
	said      int       // lines of the log
	mark      int       // the newest that was passed
	ready     time.Time // for the next document
}

// News is one document of a feed.
type news struct {
	document document
	next     *news // nil at the end
}

func newFeed(c *wire.Capture, f form, p *pace, rooms *sync.Pool) feed {
	r := &reader{id: c.ID(), budget: captureBudget(), passing: true, inFrames: f == compactFeed, endless: true}
	return feed{capture: c, pace: p, rooms: rooms, reader: r, compactor: newCompactor()}
}

// after waits for what comes after something that was sent.
func (e *cached) after(ctx context.Context, last *news, pack func(*Document, []wire.Connection) (document, error)) (*news, error) {
	for {
		if err := e.enter(ctx); err != nil {
			return nil, err
		}
		changed, pause, err := e.goOn(last, pack)
		next := last.next
		e.leave()
		if next != nil || err != nil {
			return next, err
		}
		if pause > 0 {
			err = wait(ctx, time.After(pause))
		} else {
			err = wait(ctx, changed)
		}
		if err != nil {
			return nil, err
		}
	}
}

// goOn adds what is new to the end of the list, where last is that. If there is
// nothing, it says when to try again: after a change, or a pause.
func (f *feed) goOn(last *news, pack func(*Document, []wire.Connection) (document, error)) (changed <-chan struct{}, pause time.Duration, err error) {
	if f.capture.Expired() {
		return nil, 0, wire.ErrExpired
	}
	if last.next != nil {
		return nil, 0, nil
	}
	if pause := time.Until(f.ready); pause > 0 {
		return nil, pause, nil
	}
	changed = f.capture.Changed()
	mark := f.capture.Marks()
	snapshot, lines := f.capture.Snapshot(), f.capture.Lines()
	if f.capture.Expired() {
		return nil, 0, wire.ErrExpired
	}
	room := f.rooms.Get().(*room)
	defer f.rooms.Put(room)
	f.reader.swap(room)
	defer f.reader.swap(room)
	d, more := f.reader.read(snapshot, pieceBytes)
	d.Log, f.said = lines[f.said:], len(lines)
	if f.begun && !more && mark == f.mark && len(d.Connections) == 0 && len(d.Frames) == 0 && len(d.Log) == 0 {
		return changed, 0, nil
	}
	if !more {
		f.mark, d.Mark = mark, mark
	}
	f.begun = true
	document, err := pack(&d, snapshot)
	if err != nil {
		return nil, 0, err
	}
	last.next = &news{document: document}
	switch {
	case !more:
		now := time.Now()
		f.ready = now.Add(f.pace.wait(now))
	case f.reader.worn:
		f.ready = time.Now().Add(wornInterval)
	}
	return nil, 0, nil
}

func wait[T any](ctx context.Context, c <-chan T) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-c:
		return nil
	}
}
