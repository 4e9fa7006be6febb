package export

import (
	"bytes"
	"compress/flate"
	"context"
	"io"
	"sync"
	"sync/atomic"

	deflate "github.com/klauspost/compress/flate"

	"seewire/playground/answer"
	"seewire/playground/wire"
)

// Dissections are those of captures. What a dissection has found is kept as
// JSON, compressed, for as long as there is room: who asks again does not cost
// again, and those who ask at once share one.
type Dissections struct {
	limit  int // bytes that are kept
	words  Words
	packer packer
	pace   pace      // of the feeds
	rooms  sync.Pool // of *room, which few of them are in at once

	used atomic.Int64 // bytes

	// mu is not taken for a document of a feed: on a busy machine hundreds of them
	// would stand in line for it.
	mu    sync.Mutex
	kept  map[cacheKey]*cached
	asked int64 // how often, which orders the entries by their last use
}

// A capture has a dissection of all that was there at one moment, and for each
// form of the live feed, and for the answers of models, one that goes on with the capture.
type cacheKey struct {
	capture *wire.Capture
	form    form
}

type form int

const (
	wholeForm form = iota
	jsonFeed
	compactFeed
	answersForm
)

type cached struct {
	turn chan struct{} // taken by who works on it
	whole
	feed
	together *answer.Reader // nil before the first question
	first    *news          // of the feed, before all that was sent; nil once the entry is let go
	used     int64

	sizing sync.Mutex // may be taken after mu, not before it
	size   int
	gone   bool // the entry is let go
}

// entryCost is what an entry takes beside its JSON, in bytes: the parsers of its
// connections, above all.
const entryCost = 64 << 10

// NewDissections returns dissections of which about so many bytes are kept.
// The words are those of the JSON.
func NewDissections(limit int, words Words) *Dissections {
	return &Dissections{limit: limit, words: words, rooms: sync.Pool{New: func() any { return new(room) }}, kept: map[cacheKey]*cached{}}
}

// get returns the entry of a capture, which it makes if there is none, and the
// start of its feed.
func (s *Dissections) get(key cacheKey) (*cached, *news) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, e := range s.kept {
		if k.capture.Expired() {
			s.drop(k, e)
		}
	}
	e := s.kept[key]
	if e == nil {
		e = &cached{turn: make(chan struct{}, 1), feed: newFeed(key.capture, key.form, &s.pace, &s.rooms), first: &news{}, size: entryCost}
		s.kept[key] = e
		s.used.Add(entryCost)
	}
	s.asked++
	e.used = s.asked
	return e, e.first
}

// enter waits for the turn to work on the entry. Who has it gives it back with
// leave.
func (e *cached) enter(ctx context.Context) error {
	select {
	case e.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (e *cached) leave() { <-e.turn }

// grow says that an entry has become larger, or smaller, and lets go of those
// that were not asked for for longest if there is no room.
func (s *Dissections) grow(e *cached, n int) {
	e.sizing.Lock()
	if !e.gone {
		e.size += n
		s.used.Add(int64(n))
	}
	e.sizing.Unlock()
	if s.used.Load() <= int64(s.limit) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.used.Load() > int64(s.limit) && len(s.kept) > 0 {
		var oldest cacheKey
		var found *cached
		for k, e := range s.kept {
			if found == nil || e.used < found.used {
				oldest, found = k, e
			}
		}
		s.drop(oldest, found)
	}
}

// retire lets go of an entry that is only for those who have it.
func (s *Dissections) retire(key cacheKey, e *cached) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept[key] == e {
		s.drop(key, e)
	}
}

// Forget lets go of what was made of a capture, whose connections have other numbers
// now.
func (s *Dissections) Forget(c *wire.Capture) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, e := range s.kept {
		if key.capture == c {
			s.drop(key, e)
		}
	}
}

func (s *Dissections) drop(key cacheKey, e *cached) {
	e.sizing.Lock()
	defer e.sizing.Unlock()
	delete(s.kept, key)
	s.used.Add(-int64(e.size))
	e.first, e.gone = nil, true
}

// Size is how many bytes are kept now.
func (s *Dissections) Size() int { return int(s.used.Load()) }

// A packer compresses JSON, which repeats itself: to a twentieth or so. The package
// that it does so with takes a fifth of the time of the standard library's.
type packer struct {
	idle sync.Pool // of *packing: each takes a megabyte, and few work at once
}

type packing struct {
	w   *deflate.Writer
	out bytes.Buffer
}

func (p *packer) pack(plain []byte) packed {
	one, _ := p.idle.Get().(*packing)
	if one == nil {
		one = new(packing)
		one.w, _ = deflate.NewWriter(nil, deflate.BestSpeed) // the level is a valid one
	}
	defer p.idle.Put(one)
	one.out.Reset()
	one.w.Reset(&one.out)
	one.w.Write(plain) // into memory: there is no error
	one.w.Close()
	packed := bytes.Clone(one.out.Bytes())
	if one.out.Cap() > pieceBytes {
		one.out = bytes.Buffer{}
	}
	return packed
}

// packed is JSON, compressed.
type packed []byte

func (p packed) reader() io.Reader { return flate.NewReader(bytes.NewReader(p)) }
