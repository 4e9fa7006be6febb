package secret

import "seewire/playground/http2frame"

// maxBlock bounds a header block, in bytes. A larger one no server takes.
const maxBlock = 256 << 10

// An HTTP2 covers what goes over a connection of HTTP/2, from its start on.
//
// Header blocks are covered when they are complete, and stay as they are but for
// the secrets in their literals, which keep their lengths, so that the dynamic
// table has the same sizes on every side (RFC 7541 §4.1). A secret that stands in
// the table was covered when it came in.
type HTTP2 struct {
	Client, Server *Covering

	shown   func(path string) []string
	streams map[uint32][]string // what stays of a response, by its stream
}

// NewHTTP2 returns one for a connection on which nothing was sent yet. Shown is
// that of NewHTTP1.
func NewHTTP2(shown func(path string) []string) *HTTP2 {
	h := &HTTP2{shown: shown, streams: make(map[uint32][]string)}
	h.Client = &Covering{scan: &http2{of: h, fromClient: true, left: len(http2frame.Preface), table: newTable()}}
	h.Server = &Covering{scan: &http2{of: h, table: newTable()}}
	return h
}

// An http2 reads one direction (RFC 9113).
type http2 struct {
	of         *HTTP2
	fromClient bool
	table      table

	header  []byte // of the frame that is being read, as far as it is there
	left    int    // bytes of its payload, or of the preface, that are still to come
	isBlock bool   // it has a part of a header block
	wiped   bool   // as isBlock, but nothing of it is kept
	payload []byte // of such a frame

	stream    uint32     // of the block that is being read
	block     []byte     // what is there of it
	fragments []fragment // where that stands
	held      int        // bytes since the header of the block's first frame
	lost      bool       // a block could not be read: this one and all that come are wiped
}

// A fragment is a part of a header block.
type fragment struct {
	at     int64 // offset of its first byte
	length int
}

func (d *http2) add(c *Covering, p []byte) (undecided int) {
	for at := c.total - int64(len(p)); len(p) > 0; {
		within := d.left > 0 && d.isBlock || len(d.fragments) > 0
		n := d.step(c, at, p)
		switch {
		case !d.isBlock && len(d.fragments) == 0:
			d.held = 0
		case within:
			d.held += n
		}
		at, p = at+int64(n), p[n:]
	}
	return d.held
}

func (d *http2) where() *framing { return nil }

// end leaves a block that is not complete undecided: it is not kept.
func (d *http2) end(*Covering) (undecided int) { return d.held }

func (d *http2) step(c *Covering, at int64, p []byte) (n int) {
	if d.left > 0 {
		n = min(d.left, len(p))
		d.left -= n
		if d.wiped {
			c.overwrite(at, make([]byte, n))
		}
		if d.isBlock {
			d.payload = append(d.payload, p[:n]...)
			if d.left == 0 {
				d.frameEnds(c, at+int64(n)-int64(len(d.payload)))
			}
		}
		return n
	}
	n = min(http2frame.HeadLength-len(d.header), len(p))
	d.header = append(d.header, p[:n]...)
	if len(d.header) < http2frame.HeadLength {
		return n
	}
	h := http2frame.Parse(d.header)
	d.left = h.Length
	if h.Type == http2frame.RSTStream || !d.fromClient && h.Type == http2frame.Data && h.Has(http2frame.EndStream) {
		delete(d.of.streams, h.Stream)
	}
	d.isBlock = h.HasBlock()
	if d.isBlock && (d.left > maxBlock || (h.Type == http2frame.Continuation) != (len(d.fragments) > 0)) {
		d.lost = true // what is left of another block is wiped with it
		d.wipe(c)
	}
	d.wiped = d.isBlock && d.lost
	if d.isBlock = d.isBlock && !d.lost; !d.isBlock {
		d.header = d.header[:0]
		return n
	}
	if h.Type != http2frame.Continuation {
		d.stream, d.block = h.Stream, d.block[:0]
	}
	if d.left == 0 {
		d.frameEnds(c, at+int64(n))
	}
	return n
}

// frameEnds takes a frame with a part of a block. Its payload stands at an
// offset.
func (d *http2) frameEnds(c *Covering, at int64) {
	h, payload := http2frame.Parse(d.header), d.payload
	d.isBlock, d.header, d.payload = false, d.header[:0], d.payload[:0]
	start, end, ok := h.Fragment(payload)
	if !ok || len(d.block)+end-start > maxBlock {
		d.lost = true
		start, end = 0, len(payload)
	}
	d.fragments = append(d.fragments, fragment{at + int64(start), end - start})
	d.block = append(d.block, payload[start:end]...)
	switch {
	case d.lost:
		d.wipe(c)
	case h.Has(http2frame.EndHeaders):
		d.blockEnds(c, h.Has(http2frame.EndStream) && h.Type == http2frame.Headers)
		d.fragments = d.fragments[:0]
	}
}

// blockEnds covers a block that is complete.
func (d *http2) blockEnds(c *Covering, endStream bool) {
	r := blockReader{table: &d.table, block: d.block}
	if d.fromClient {
		r.shownAt = d.of.shown
	} else {
		r.shown = d.of.streams[d.stream]
		if endStream {
			delete(d.of.streams, d.stream)
		}
	}
	if err := r.read(); err != nil {
		d.lost = true
		d.wipe(c)
		return
	}
	if d.fromClient && len(r.shown) > 0 {
		d.of.streams[d.stream] = r.shown
	}
	for _, p := range r.patches {
		d.overwrite(c, p)
	}
}

// overwrite puts a part of the block in its place, which may lie in two frames.
func (d *http2) overwrite(c *Covering, p patch) {
	start := 0 // of the fragment, in the block
	for _, f := range d.fragments {
		if from := max(p.at, start); from < min(p.at+len(p.with), start+f.length) {
			to := min(p.at+len(p.with), start+f.length)
			c.overwrite(f.at+int64(from-start), p.with[from-p.at:to-p.at])
		}
		start += f.length
	}
}

// wipe overwrites what is there of a block that can't be read.
func (d *http2) wipe(c *Covering) {
	for _, f := range d.fragments {
		c.overwrite(f.at, make([]byte, f.length))
	}
	d.fragments = d.fragments[:0]
}
