package dissect

import (
	"encoding/hex"

	"seewire/playground/http2frame"
)

// http2Data is how the payload of a DATA frame is divided (RFC 9113 §6.1).
type http2Data struct {
	padLength int  // what the pad length says
	broken    bool // there is more padding than payload: nothing in it can be told apart
	content   excerpt
	length    int     // of the content that was taken, also where events read it
	inflated  excerpt // what the content adds, if it is under gzip
	padding   excerpt
}

// beginData is called when a DATA frame's header is complete. The whole
// payload counts for flow control, padding too.
func (d *http2) beginData() {
	d.data = http2Data{}
	if d.head.Stream == 0 {
		return
	}
	s := d.conn.stream(d.head.Stream).sending(d.h.from)
	s.flow.sent += int64(d.head.Length)
	d.conn.side(d.h.from).flow.sent += int64(d.head.Length)
	left, known := d.conn.window(d.head.Stream, d.h.from)
	all, _ := d.conn.connectionWindow(d.h.from)
	if known && d.head.Length > 0 && (left < 0 || all < 0) {
		d.violations.add(http2WindowExceeded)
	}
}

// takeData takes bytes of the payload: of its pad length, content or padding.
func (d *http2) takeData(p []byte) int {
	if d.head.Padded() && d.taken == 0 {
		d.data.padLength = int(p[0])
		if d.data.padLength >= d.head.Length {
			d.data.broken = true
			d.violations.add(http2Padding)
		}
		return 1
	}
	if d.data.broken {
		d.payload.write(p)
		return len(p)
	}
	content := d.head.Length - d.data.padLength - d.taken // what is left of it
	if content <= 0 {
		d.data.padding.write(p)
		return len(p)
	}
	p = p[:min(len(p), content)]
	n := len(p)
	switch s := d.sendingData(); {
	case s != nil && s.events != nil:
		n = s.events.write(p)
	case s != nil:
		s.gzip.write(p)
		fallthrough
	default:
		d.data.content.write(p)
	}
	d.data.length += n
	return n
}

// sendingData is what the DATA frame belongs to, if that is a stream.
func (d *http2) sendingData() *http2Sending {
	if s := d.conn.streams[d.head.Stream]; s != nil && d.head.Stream != 0 {
		return s.sending(d.h.from)
	}
	return nil
}

// dataFields describes the payload as far as it is there. The content of an
// event stream is the lines' own.
func (d *http2) dataFields(l *fieldList) {
	if d.head.Padded() && d.taken > 0 {
		l.add(http2Fields.Padding, 1, decimal(uint32(d.data.padLength)))
	}
	if d.data.broken {
		d.rest(l, http2Fields.Unknown, d.payload.start)
		return
	}
	if d.data.content.n > 0 {
		l.addBody(http2Fields.DataData, &d.data.content, &d.data.inflated)
	} else {
		l.length += d.data.length
	}
	l.addValue(http2Fields.DataPadding, d.data.padding.n, hex.EncodeToString(d.data.padding.start), true, false)
}

func (d *http2) finishData() {
	f := d.frame()
	f.say(number(say.Bytes, d.data.length))
	l := h2HeaderFields(d.header)
	s := d.sendingData()
	if s != nil && d.data.length > 0 {
		content := http2frame.HeadLength
		if d.head.Padded() {
			content++
		}
		d.data.inflated = s.gzip.piece(d.start+int64(content+d.data.length)-1, &d.violations)
		f.sayInflated(d.data.inflated.n)
	}
	d.dataFields(&l)
	if s != nil {
		s.got += uint64(d.data.length)
		if left, known := d.conn.window(d.head.Stream, d.h.from); known {
			f.Window = &left
		}
		if d.head.Has(http2frame.EndStream) {
			f.say(Phrase{Key: say.HTTP2EndStream})
			s.ended = true
			s.checkLength(&d.violations)
		}
	}
	f.Fields, f.Violations = l.fields, d.violations
	d.emit(f)
	if s != nil && s.ended {
		s.endEvents()
	}
}

// checkLength holds the content against the Content-Length (RFC 9113 §8.1.1).
func (s *http2Sending) checkLength(violations *violationList) {
	if s.length == "" {
		return
	}
	if n, ok := contentLength(s.length); !ok || n != s.got {
		violations.add(http2ContentLength)
	}
}
