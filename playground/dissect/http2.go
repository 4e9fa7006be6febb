package dissect

import (
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"

	"seewire/playground/http2frame"
)

// http2PrefaceLine is as much of the preface as the dissector of HTTP/1 reads.
const http2PrefaceLine = "PRI * HTTP/2.0\r\n"

// A http2 reads the frames of one direction of a connection (RFC 9113 §4).
type http2 struct {
	h     *direction
	conn  *http2Conn
	hpack *hpackDecoder

	preface []byte // so far, of a client
	whole   bool   // the preface is over, or there is none
	first   bool   // the next frame is the first after a preface

	header     []byte          // of the current frame, as far as it is there
	head       http2frame.Head // what it says, once it is complete
	start      int64           // where the frame starts
	taken      int             // of its payload
	payload    excerpt
	violations violationList
	data       http2Data   // how a DATA frame is divided
	block      *http2Block // the header block that is being sent
}

// newHTTP2 reads one direction of an HTTP/2 connection. If the preface is
// still to come it may also be missing: then these are frames from the middle
// of a connection.
func newHTTP2(h *direction, conn *http2Conn) *http2 {
	return &http2{h: h, conn: conn, hpack: newHPACKDecoder(), whole: h.from == Server}
}

// becomeHTTP2 has both directions read HTTP/2, after the first line of the client's
// preface, of which n bytes are not yet counted in the direction's offset.
func (c *Conversation) becomeHTTP2(n int) {
	conn := newHTTP2Conn()
	client := newHTTP2(c.client, conn)
	client.preface = []byte(http2PrefaceLine)
	client.start = c.client.offset + int64(n) - int64(len(http2PrefaceLine))
	c.client.parser = client
	if d, ok := c.server.parser.(*head); ok && c.server.offset == 0 && len(d.bytes) == 0 {
		server := newHTTP2(c.server, conn)
		server.first = true
		c.server.parser = server
	}
}

func (d *http2) parse(p []byte) int {
	if !d.whole {
		return d.parsePreface(p)
	}
	var n int
	if len(d.header) < http2frame.HeadLength {
		if len(d.header) == 0 {
			d.start = d.h.offset
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
		d.payload.write(p)
		d.taken += n
	}
	if d.taken == d.head.Length {
		d.finish()
	}
	return n
}

// parsePreface reads a client's preface, if there is one.
func (d *http2) parsePreface(p []byte) int {
	if len(d.preface) == 0 {
		d.start = d.h.offset
		if p[0] != http2frame.Preface[0] {
			d.whole = true
			return 0
		}
	}
	if p[0] != http2frame.Preface[len(d.preface)] {
		d.h.giveUp(d.preface, 0, rules[http2PrefaceInvalid])
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
func (d *http2) emit(f Frame) {
	if s := d.conn.streams[f.Stream]; s != nil {
		f.Exchange = s.exchange
	}
	d.h.emit(f)
}

func (d *http2) emitPreface(incomplete bool) {
	var l fieldList
	l.addBytes(http2Fields.Magic, len(d.preface), d.preface)
	d.emit(Frame{
		Offset: d.start, Length: len(d.preface),
		Protocol: "http2", Kind: "preface", Say: []Phrase{{Key: say.HTTP2Preface}},
		Fields: l.fields, Incomplete: incomplete,
	})
}

// begin looks at a header that is complete.
func (d *http2) begin() {
	d.head = http2frame.Parse(d.header)
	d.check()
	d.conn.side(d.h.from).seen = true
	if d.head.Type == http2frame.Data {
		d.beginData()
	}
	if d.block != nil && (d.head.Type != http2frame.Continuation || d.head.Stream != d.block.stream) {
		d.violations.add(http2BlockInterrupted)
		d.endBlock(false)
	}
}

// finish shows a frame that is complete, and is ready for the next.
func (d *http2) finish() {
	switch d.head.Type {
	case http2frame.Data:
		d.finishData()
	case http2frame.Headers, http2frame.PushPromise, http2frame.Continuation:
		d.addToBlock()
	default:
		f := d.frame()
		f.Fields = d.control(&f)
		f.Violations = d.violations
		d.emit(f)
		if d.head.Type == http2frame.RSTStream {
			d.endSending()
		}
	}
	d.header, d.taken, d.violations = d.header[:0], 0, nil
	d.payload.reset()
}

// frame is the current frame, as far as it is there, without its fields.
func (d *http2) frame() Frame {
	t := h2TypeOf(d.head.Type)
	return Frame{
		At: d.h.at, Offset: d.start, Length: len(d.header) + d.taken,
		Protocol: "http2", Kind: t.kind, Say: d.says(t), Stream: d.head.Stream,
	}
}

// says is what each frame says: its type, and its stream.
func (d *http2) says(t h2Type) []Phrase {
	phrases := append(make([]Phrase, 0, 4), Phrase{Key: t.says})
	if t.says == say.HTTP2Unknown {
		phrases[0].Count = int64(d.head.Type)
	}
	if d.head.Stream != 0 {
		phrases = append(phrases, number(say.HTTP2Stream, d.head.Stream))
	}
	return phrases
}

func (d *http2) end() {
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
		d.conn.streams[id].sending(d.h.from).endEvents()
	}
}

// endFrame shows a frame that was cut.
func (d *http2) endFrame() {
	if len(d.header) < http2frame.HeadLength {
		d.emit(Frame{
			Offset: d.start, Length: len(d.header),
			Protocol: "http2", Kind: "unknown", Say: []Phrase{{Key: say.HTTP2Header}},
			Fields: h2HeaderFields(d.header).fields, Incomplete: true,
		})
		return
	}
	f := d.frame()
	f.Incomplete = true
	f.say(number(say.Bytes, d.taken))
	l := h2HeaderFields(d.header)
	if d.head.Type == http2frame.Data {
		d.dataFields(&l)
	} else {
		d.rest(&l, http2Fields.Unknown, d.payload.start)
	}
	f.Fields, f.Violations = l.fields, d.violations
	d.emit(f)
}

// rest adds what is left of the payload, of which p is the start of.
func (d *http2) rest(l *fieldList, name string, p []byte) {
	n := len(d.header) + d.taken - l.length
	l.addValue(name, n, hex.EncodeToString(p), true, n > len(p))
}

// endSending is what RST_STREAM does: this side sends nothing more.
func (d *http2) endSending() {
	if s := d.conn.streams[d.head.Stream]; s != nil {
		s.sending(d.h.from).ended = true
		s.sending(d.h.from).endEvents()
	}
}

func (s *http2Sending) endEvents() {
	if s.events != nil {
		s.events.end()
		s.events = nil
	}
	s.gzip.end()
	s.gzip = nil
}

func decimal(n uint32) string { return strconv.FormatUint(uint64(n), 10) }

func hexByte(b byte) string { return hex.EncodeToString([]byte{b}) }

// isHTTP2Preface tells whether the first line of a client is that of HTTP/2.
func isHTTP2Preface(line []byte) bool { return strings.HasPrefix(string(line), http2PrefaceLine) }
