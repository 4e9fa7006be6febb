package http2

import (
	"encoding/hex"
	"maps"
	"slices"
	"strconv"

	"seewire/playground/dissect"
	"seewire/playground/http2frame"
)

// PrefaceLine is the first line of the preface, by which it is known.
const PrefaceLine = "PRI * HTTP/2.0\r\n"

// A reader reads the frames of one direction of a connection (RFC 9113 §4).
type reader struct {
	h     *dissect.Direction
	conn  *connection
	hpack *hpackDecoder

	preface []byte // so far, of a client
	whole   bool   // the preface is over, or there is none
	first   bool   // the next frame is the first after a preface

	header     []byte          // of the current frame, as far as it is there
	head       http2frame.Head // what it says, once it is complete
	start      int64           // where the frame starts
	taken      int             // of its payload
	payload    dissect.Excerpt
	violations dissect.Violations
	data       dataFrame    // how a DATA frame is divided
	block      *headerBlock // the header block that is being sent
}

// newReader reads one direction of an HTTP/2 connection. If the preface is
// still to come it may also be missing: then these are frames from the middle
// of a connection.
func newReader(h *dissect.Direction, conn *connection) *reader {
	conn.side(h.From).h = h
	return &reader{h: h, conn: conn, hpack: newHPACKDecoder(), whole: h.From == dissect.Server}
}

// New returns the parsers of both sides of a connection, from their first byte on.
func New(client, server *dissect.Direction) (c, s dissect.Parser) {
	conn := newConnection()
	first := newReader(server, conn)
	first.first = true
	return newReader(client, conn), first
}

// Middle has both sides read a connection of which the start was not recorded. The
// content of a stream whose response is not there is of that media type, if any.
func Middle(client, server *dissect.Direction, mediaType string) {
	conn := newConnection()
	conn.mediaType = mediaType
	c, s := newReader(client, conn), newReader(server, conn)
	c.hpack.tableUnknown, s.hpack.tableUnknown = true, true
	client.Parser, server.Parser = c, s
}

// Upgraded returns what makes the parsers after a 101 from HTTP/1.1 (RFC 7540
// §3.2): the request is stream 1, of which only the response is still to come.
func Upgraded(request *dissect.Head, exchange int) func(h *dissect.Direction) dissect.Parser {
	conn := newConnection()
	s := conn.stream(1)
	s.exchange, s.method, s.lastEventID = exchange, request.Method, dissect.ToText(request.Get("last-event-id"))
	s.client.begun, s.client.ended = true, true
	conn.highest[dissect.Client] = 1
	return func(h *dissect.Direction) dissect.Parser {
		r := newReader(h, conn)
		r.first = h.From == dissect.Server
		return r
	}
}

// ServerBegins tells whether bytes are what a server begins with: SETTINGS of a
// few members (RFC 9113 §3.4), or what can still become that.
func ServerBegins(start []byte) (is, may bool) {
	const most = 256 // bytes of settings
	for i, b := range start[:min(len(start), http2frame.HeadLength)] {
		if i != 2 && b != [http2frame.HeadLength]byte{3: http2frame.Settings}[i] {
			return false, false
		}
	}
	if len(start) > 2 && (start[2]%6 != 0 || int(start[2]) >= most) {
		return false, false
	}
	return len(start) >= http2frame.HeadLength, true
}

// OneSide reads one direction of a connection, of which the other one is not there.
func OneSide(h *dissect.Direction) dissect.Parser { return newReader(h, newConnection()) }

func (d *reader) Parse(p []byte) int {
	if !d.whole {
		return d.parsePreface(p)
	}
	var n int
	if len(d.header) < http2frame.HeadLength {
		if len(d.header) == 0 {
			d.start = d.h.Offset
		}
		n = min(http2frame.HeadLength-len(d.header), len(p))
		d.header = append(d.header, p[:n]...)
		if len(d.header) < http2frame.HeadLength {
			return n
		}
		d.begin()
	} else if p = p[:min(len(p), d.head.Length-d.taken)]; d.head.Type == http2frame.Data {
		n = d.takeData(p)
		d.taken += n
	} else {
		n = len(p)
		d.payload.Write(p)
		d.taken += n
	}
	if d.taken == d.head.Length {
		d.finish()
	}
	return n
}

// parsePreface reads a client's preface, if there is one.
func (d *reader) parsePreface(p []byte) int {
	if len(d.preface) == 0 {
		d.start = d.h.Offset
		if p[0] != http2frame.Preface[0] {
			d.whole = true
			return 0
		}
	}
	if p[0] != http2frame.Preface[len(d.preface)] {
		d.h.GiveUp(d.preface, 0, rules[prefaceInvalid])
		return 0
	}
	d.preface = append(d.preface, p[0])
	if len(d.preface) == len(http2frame.Preface) {
		d.whole, d.first, d.conn.begun = true, true, true
		d.emitPreface(false)
	}
	return 1
}

// emit shows a frame, as one of its stream's exchange.
func (d *reader) emit(f dissect.Frame) {
	if s := d.conn.streams[f.Stream]; s != nil {
		f.Exchange = s.exchange
	}
	d.h.Emit(f)
}

func (d *reader) emitPreface(incomplete bool) {
	var l dissect.FieldList
	l.AddBytes(field.Magic, len(d.preface), d.preface)
	d.emit(dissect.Frame{
		Offset: d.start, Length: len(d.preface),
		Protocol: "http2", Kind: "preface", Say: []dissect.Phrase{{Key: say.Preface}},
		Fields: l.Fields, Incomplete: incomplete,
	})
}

// begin looks at a header that is complete.
func (d *reader) begin() {
	d.head = http2frame.Parse(d.header)
	d.check()
	d.conn.side(d.h.From).seen = true
	if d.head.Type == http2frame.Data {
		d.beginData()
	}
	if d.block != nil && (d.head.Type != http2frame.Continuation || d.head.Stream != d.block.stream) {
		d.violations.Add(rules[blockInterrupted])
		d.endBlock(false)
	}
}

// finish shows a frame that is complete, and is ready for the next.
func (d *reader) finish() {
	switch d.head.Type {
	case http2frame.Data:
		d.finishData()
	case http2frame.Headers, http2frame.PushPromise, http2frame.Continuation:
		d.addToBlock()
	default:
		f := d.frame()
		f.Fields = d.control(&f)
		f.Violations = d.violations
		if d.head.Type == http2frame.RSTStream {
			f.Ends = dissect.Reset
		}
		d.emit(f)
		if f.Ends == dissect.Reset {
			d.endSending()
		}
	}
	d.header, d.taken, d.violations = d.header[:0], 0, nil
	d.payload.Reset()
}

// frame is the current frame, as far as it is there, without its fields.
func (d *reader) frame() dissect.Frame {
	t := typeOf(d.head.Type)
	return dissect.Frame{
		At: d.h.At, Offset: d.start, Length: len(d.header) + d.taken,
		Protocol: "http2", Kind: t.kind, Say: d.says(t), Stream: d.head.Stream,
	}
}

// says is what each frame says: its type, and its stream.
func (d *reader) says(t frameType) []dissect.Phrase {
	phrases := append(make([]dissect.Phrase, 0, 4), dissect.Phrase{Key: t.says})
	if t.says == say.Unknown {
		phrases[0].Count = int64(d.head.Type)
	}
	if d.head.Stream != 0 {
		phrases = append(phrases, dissect.Number(say.Stream, d.head.Stream))
	}
	return phrases
}

func (d *reader) End() {
	if !d.whole {
		if len(d.preface) > 0 {
			d.emitPreface(true)
		}
		return
	}
	if d.block != nil {
		d.endBlock(false)
	}
	if len(d.header) > 0 {
		d.endFrame()
	}
	for _, id := range slices.Sorted(maps.Keys(d.conn.streams)) {
		d.conn.streams[id].sending(d.h.From).endContent()
	}
}

// Resume goes on behind a gap in the recording: with a frame, it is to be hoped.
// Header blocks can't be decoded from there on.
func (d *reader) Resume(int64) (next dissect.Parser, sure bool) {
	r := newReader(d.h, d.conn)
	d.conn.begun = false
	r.whole, r.hpack.tableUnknown = true, true
	return r, true
}

// endFrame shows a frame that was cut.
func (d *reader) endFrame() {
	if len(d.header) < http2frame.HeadLength {
		d.emit(dissect.Frame{
			Offset: d.start, Length: len(d.header),
			Protocol: "http2", Kind: "unknown", Say: []dissect.Phrase{{Key: say.Header}},
			Fields: frameHeader(d.header).Fields, Incomplete: true,
		})
		return
	}
	f := d.frame()
	f.Incomplete = true
	f.AddSay(dissect.SayBytes(d.taken))
	l := frameHeader(d.header)
	if d.head.Type == http2frame.Data {
		d.dataFields(&l)
	} else {
		d.rest(&l, field.Unknown, d.payload.Start)
	}
	f.Fields, f.Violations = l.Fields, d.violations
	d.emit(f)
}

// rest adds what is left of the payload, of which p is the start of.
func (d *reader) rest(l *dissect.FieldList, name string, p []byte) {
	n := len(d.header) + d.taken - l.Length
	l.AddValue(name, n, hex.EncodeToString(p), true, n > len(p))
}

// endSending is what RST_STREAM does: this side sends nothing more.
func (d *reader) endSending() {
	if s := d.conn.streams[d.head.Stream]; s != nil {
		s.sending(d.h.From).ended = true
		s.sending(d.h.From).endContent()
	}
}

func (s *sending) endContent() {
	if s.content != nil {
		s.content.End()
		s.content = nil
	}
	s.coded.End()
	s.coded = nil
}

func decimal(n uint32) string { return strconv.FormatUint(uint64(n), 10) }

func hexByte(b byte) string { return hex.EncodeToString([]byte{b}) }
