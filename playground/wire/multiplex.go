package wire

import (
	"io"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/http2/hpack"

	"seewire/playground/http2frame"
	"seewire/playground/secret"
)

// maxOutline is what is kept of a connection that speaks HTTP/2 before anybody
// wants it recorded, in bytes, each segment counting 64 more. A page with its
// scripts and styles takes about a tenth.
const maxOutline = 256 << 10

// A multiplex is the tap of a connection that speaks HTTP/2, where the streams
// of several requests share the connection.
//
// Here the tap decides by itself what becomes of a request, when it reads its
// header block: the handlers of two streams run side by side, and none of them
// knows its stream's number.
//
// Into a capture goes, from the start of the connection, all that is needed to
// read it: the preface and every frame but DATA, and the DATA of the capture's
// own streams. The headers of other requests are among that, because each header
// block depends on all before it (RFC 7541 §2.2): without what lets people in, as
// all is that is kept. What was sent in the other streams is left out.
//
// Its methods are called with Conn.mu held.
type multiplex struct {
	choose      func(Request) *Capture
	peer, local net.Addr
	cover       *secret.HTTP2

	client, server frames
	requests       requests

	outline     []kept // all but DATA, since the start of the connection
	outlineSize int
	lost        bool // it has grown too large, or can't be read: nothing new is recorded
	recordings  []*recording
	streams     map[uint32]*recording // those that are recorded
}

// A kept is what one Read or Write had of the frames that are kept.
type kept struct {
	from  Side
	at    time.Time
	bytes []byte
}

// A recording is the connection in one capture.
type recording struct {
	capture    *Capture
	connection *Connection
	news       []byte // of the Read or Write that is being looked at
	streams    int    // of Streams: that are open
}

func newMultiplex(conn net.Conn, l *Listener) *multiplex {
	m := &multiplex{
		choose: l.choose, cover: secret.NewHTTP2(l.Shown),
		peer: conn.RemoteAddr(), local: conn.LocalAddr(),
		streams: make(map[uint32]*recording),
	}
	m.client.preface = len(http2frame.Preface)
	m.requests.decoder = hpack.NewDecoder(4096, m.requests.field)
	return m
}

// A Request is what of a request tells whose it is.
type Request struct {
	Peer   net.Addr
	URI    string      // a path with its query
	Header http.Header // without what lets people in
}

// add takes what one Read or Write has moved.
func (m *multiplex) add(from Side, at time.Time, p []byte) {
	if m.lost && len(m.recordings) == 0 {
		return // nothing is kept any more
	}
	for _, s := range m.covering(from).Add(at, p) {
		m.addCovered(from, s.At, s.Bytes)
	}
}

// flush takes what was held back, but for a header block that has not ended.
func (m *multiplex) flush(from Side) {
	for _, s := range m.covering(from).End() {
		m.addCovered(from, s.At, s.Bytes)
	}
}

func (m *multiplex) covering(from Side) *secret.Covering {
	if from == Client {
		return m.cover.Client
	}
	return m.cover.Server
}

// addCovered takes bytes without secrets.
func (m *multiplex) addCovered(from Side, at time.Time, p []byte) {
	reader := &m.client
	if from == Server {
		reader = &m.server
	}
	var all []byte // what is kept for everybody
	for len(p) > 0 {
		part := reader.next(p)
		p = p[part.taken:]
		if part.head.Type == http2frame.Data {
			if r := m.streams[part.head.Stream]; r != nil {
				r.news = append(r.news, part.bytes...)
			}
			continue
		}
		all = append(all, part.bytes...)
		for _, r := range m.recordings {
			r.news = append(r.news, part.bytes...)
		}
		if from == Client && !m.lost {
			m.request(part, all)
		}
	}
	m.record(from, at)
	m.keep(from, at, all)
}

// request looks at a part of a client's frame: the end of a request's header
// block tells whether it is to be recorded.
func (m *multiplex) request(part framePart, news []byte) {
	request, complete, err := m.requests.add(part)
	if err != nil {
		m.lose()
		return
	}
	if !complete || request.URI == "" {
		return
	}
	request.Peer = m.peer
	capture := m.choose(request)
	if capture == nil {
		return
	}
	r := m.recording(capture)
	if r == nil {
		if r = m.begin(capture); r == nil {
			return
		}
		r.news = append(r.news, news...)
	}
	if capture.addStream(r.connection, part.head.Stream) {
		m.streams[part.head.Stream] = r
	}
}

// recording finds the connection in a capture, if it is there.
func (m *multiplex) recording(capture *Capture) *recording {
	for _, r := range m.recordings {
		if r.capture == capture {
			return r
		}
	}
	return nil
}

// recorded says why a capture does not record the connection, if so.
func (m *multiplex) recorded(capture *Capture) error {
	switch {
	case m.recording(capture) != nil:
		return nil
	case capture.Expired():
		return ErrExpired
	}
	return ErrFull
}

// begin has a capture record the connection, from its start.
func (m *multiplex) begin(capture *Capture) *recording {
	connection, err := capture.connect(m.peer, m.local, "", "h2")
	if err != nil {
		return nil
	}
	r := &recording{capture: capture, connection: connection}
	for _, k := range m.outline {
		capture.write(connection, k.from, k.at, k.bytes)
	}
	m.recordings = append(m.recordings, r)
	return r
}

// record writes what is new to each capture, and lets go of those that have
// expired.
func (m *multiplex) record(from Side, at time.Time) {
	live := m.recordings[:0]
	for _, r := range m.recordings {
		if len(r.news) > 0 && !r.capture.write(r.connection, from, at, r.news) {
			for id, recorded := range m.streams {
				if recorded == r {
					delete(m.streams, id)
				}
			}
			continue
		}
		r.news = r.news[:0]
		live = append(live, r)
	}
	clear(m.recordings[len(live):])
	m.recordings = live
}

// keep remembers what a capture needs that comes later.
func (m *multiplex) keep(from Side, at time.Time, p []byte) {
	if len(p) == 0 || m.lost {
		return
	}
	m.outlineSize += len(p) + segmentCost
	if m.outlineSize > maxOutline {
		m.lose()
		return
	}
	m.outline = append(m.outline, kept{from, at, p})
}

// lose gives up recording anything new.
func (m *multiplex) lose() {
	m.lost, m.outline = true, nil
	m.requests = requests{}
}

// end notes that a side has stopped.
func (m *multiplex) end(from Side, at time.Time, how string) {
	for _, r := range m.recordings {
		r.capture.end(r.connection, from, at, how)
	}
}

// frames divides the bytes of one direction into frames (RFC 9113 §4.1).
type frames struct {
	preface int    // bytes of a client's preface that are still to come
	header  []byte // of the frame, as far as it is there
	head    http2frame.Head
	left    int // of the frame's payload
}

// noFrame is the type of what is no frame, or none yet.
const noFrame = 0xFF

// A framePart is bytes of one frame: its header, or some of its payload.
type framePart struct {
	taken  int    // how many bytes of those that were given
	bytes  []byte // what to keep; of a header that comes in pieces all, at its end
	head   http2frame.Head
	header bool
	last   bool // the frame ends with it
}

// next takes bytes from the start of p, of one frame at most. What it can't
// tell yet has no bytes, and is of type noFrame.
func (f *frames) next(p []byte) framePart {
	switch {
	case f.preface > 0:
		n := min(f.preface, len(p))
		f.preface -= n
		return framePart{taken: n, bytes: p[:n], head: http2frame.Head{Type: noFrame}}
	case f.left > 0:
		n := min(f.left, len(p))
		f.left -= n
		return framePart{taken: n, bytes: p[:n], head: f.head, last: f.left == 0}
	}
	n := min(http2frame.HeadLength-len(f.header), len(p))
	f.header = append(f.header, p[:n]...)
	if len(f.header) < http2frame.HeadLength {
		return framePart{taken: n, head: http2frame.Head{Type: noFrame}}
	}
	h := f.header
	f.head = http2frame.Parse(h)
	f.left = f.head.Length
	f.header = nil
	return framePart{taken: n, bytes: h, head: f.head, header: true, last: f.left == 0}
}

// requests reads the header blocks of a client.
type requests struct {
	decoder *hpack.Decoder
	payload []byte // of the frame
	request Request
}

// field is called for each header.
func (r *requests) field(h hpack.HeaderField) {
	if h.Name == ":path" {
		r.request.URI = h.Value
		return
	}
	if r.request.Header == nil {
		r.request.Header = make(http.Header)
	}
	r.request.Header.Add(h.Name, h.Value)
}

// add takes a part of a frame. At the end of a header block it returns what is in
// it; a trailer has no address.
func (r *requests) add(part framePart) (request Request, complete bool, err error) {
	if part.head.Type != http2frame.Headers && part.head.Type != http2frame.Continuation {
		return Request{}, false, nil
	}
	if !part.header {
		r.payload = append(r.payload, part.bytes...)
	}
	if !part.last {
		return Request{}, false, nil
	}
	payload := r.payload
	r.payload = r.payload[:0]
	start, end, ok := part.head.Fragment(payload)
	if !ok {
		return Request{}, false, io.ErrUnexpectedEOF
	}
	if _, err := r.decoder.Write(payload[start:end]); err != nil {
		return Request{}, false, err
	}
	if !part.head.Has(http2frame.EndHeaders) {
		return Request{}, false, nil
	}
	if err := r.decoder.Close(); err != nil {
		return Request{}, false, err
	}
	request, r.request = r.request, Request{}
	return request, true, nil
}
