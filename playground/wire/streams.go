package wire

import (
	"bytes"
	"net"
	"slices"
	"sync"
	"time"

	"seewire/playground/http2frame"
	"seewire/playground/secret"
)

const (
	// maxPrologue bounds what is kept of a connection's start for captures that begin
	// later, in bytes. What is larger can't be read by them.
	maxPrologue = 64 << 10

	// maxCredits bounds how much of that are window updates.
	maxCredits = 4 << 10
)

// Streams record a connection of HTTP/2 whose bytes somebody else moves, each of its
// streams in a capture of its own. A capture has the preface, the settings, and every
// other frame of the connection as a whole from then on, beside those of its streams.
//
// Whoever moves the bytes has both sides send header blocks that need none before
// them (SETTINGS_HEADER_TABLE_SIZE of 0), and says from which one on that is so: the
// blocks before it are in every capture, as nothing could be read without them
// (RFC 7541 §2.2).
//
// The methods may be called from any goroutine.
type Streams struct {
	mu          sync.Mutex
	peer, local net.Addr
	hop         string
	cover       *secret.HTTP2 // nil where secrets stay

	client, server streamSide
	prologue       []kept
	prologueSize   int
	credits        int  // bytes of window updates in it
	lost           bool // it has grown too large: nothing new is recorded
	recordings     []*recording
	byStream       map[uint32]*recording
}

// A streamSide is one direction.
type streamSide struct {
	frames frames
	plain  bool // header blocks need none before them
}

// NewStreams returns the recorder of a connection on which nothing was sent yet. Hop
// is that of a Listener. What lets people in is covered, unless open is set.
func NewStreams(peer, local net.Addr, hop string, open bool) *Streams {
	s := &Streams{peer: peer, local: local, hop: hop, byStream: map[uint32]*recording{}}
	s.client.frames.preface = len(http2frame.Preface)
	if !open {
		s.cover = secret.NewHTTP2(nil)
	}
	return s
}

// Begin has a capture record a stream: what is added from now on.
func (s *Streams) Begin(id uint32, c *Capture) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lost {
		return
	}
	at := slices.IndexFunc(s.recordings, func(r *recording) bool { return r.capture == c })
	if at < 0 {
		connection, err := c.connect(s.peer, s.local, s.hop, "h2")
		if err != nil {
			return
		}
		for _, k := range s.prologue {
			c.write(connection, k.from, k.at, k.bytes)
		}
		at = len(s.recordings)
		s.recordings = append(s.recordings, &recording{capture: c, connection: connection})
	}
	r := s.recordings[at]
	if c.addStream(r.connection, id) {
		s.byStream[id] = r
		r.streams++
	}
}

// Close says that nothing more comes on a stream.
func (s *Streams) Close(id uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.byStream[id]
	if r == nil {
		return
	}
	delete(s.byStream, id)
	if r.streams--; r.streams == 0 {
		s.recordings = slices.DeleteFunc(s.recordings, func(other *recording) bool { return other == r })
	}
}

// Plain says that the next header block of a side needs none before it, and neither
// do those that follow.
func (s *Streams) Plain(from Side) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.side(from).plain = true
}

// Add takes what a side has sent.
func (s *Streams) Add(from Side, at time.Time, p []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cover == nil {
		s.add(from, at, p)
		return
	}
	covering := s.cover.Client
	if from == Server {
		covering = s.cover.Server
	}
	for _, segment := range covering.Add(at, p) {
		s.add(from, segment.At, segment.Bytes)
	}
}

// End notes how a side has stopped sending (see [End]).
func (s *Streams) End(from Side, at time.Time, how string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.recordings {
		r.capture.end(r.connection, from, at, how)
	}
}

func (s *Streams) side(from Side) *streamSide {
	if from == Client {
		return &s.client
	}
	return &s.server
}

// add takes bytes without secrets.
func (s *Streams) add(from Side, at time.Time, p []byte) {
	side := s.side(from)
	for len(p) > 0 {
		part := side.frames.next(p)
		p = p[part.taken:]
		h := part.head
		isPreface := h.Type == noFrame
		switch {
		case len(part.bytes) == 0:
		case isPreface || h.Stream == 0 || h.HasBlock() && !side.plain:
			for _, r := range s.recordings {
				r.news = append(r.news, part.bytes...)
			}
			if isPreface || h.Type == http2frame.Settings || h.HasBlock() || h.Type == http2frame.WindowUpdate && s.credits < maxCredits {
				s.keep(from, at, part)
			}
		default:
			if r := s.byStream[h.Stream]; r != nil {
				r.news = append(r.news, part.bytes...)
			}
		}
	}
	for _, r := range s.recordings {
		if len(r.news) > 0 {
			r.capture.write(r.connection, from, at, r.news)
			r.news = r.news[:0]
		}
	}
}

// keep remembers what a capture needs that begins later.
func (s *Streams) keep(from Side, at time.Time, part framePart) {
	if s.lost {
		return
	}
	if part.head.Type == http2frame.WindowUpdate {
		s.credits += len(part.bytes)
	}
	if s.prologueSize += len(part.bytes) + segmentCost; s.prologueSize > maxPrologue {
		s.lost, s.prologue = true, nil
		return
	}
	s.prologue = append(s.prologue, kept{from, at, bytes.Clone(part.bytes)})
}
