package http2

import (
	"encoding/hex"

	"seewire/playground/dissect"
	"seewire/playground/dissect/coding"
	"seewire/playground/http2frame"
)

// A dataFrame is how the payload of a DATA frame is divided (RFC 9113 §6.1).
type dataFrame struct {
	padLength int  // what the pad length says
	broken    bool // there is more padding than payload: nothing in it can be told apart
	content   dissect.Excerpt
	length    int             // of the content that was taken, also where events read it
	inflated  dissect.Excerpt // what the content adds, if it is under a coding
	padding   dissect.Excerpt
}

// beginData is called when a DATA frame's header is complete. The whole
// payload counts for flow control, padding too.
func (d *reader) beginData() {
	d.data = dataFrame{}
	if d.head.Stream == 0 {
		return
	}
	s := d.conn.stream(d.head.Stream).sending(d.h.From)
	s.flow.sent += int64(d.head.Length)
	d.conn.side(d.h.From).flow.sent += int64(d.head.Length)
	left, known := d.conn.window(d.head.Stream, d.h.From)
	all, _ := d.conn.connectionWindow(d.h.From)
	if known && d.head.Length > 0 && (left < 0 || all < 0) {
		d.violations.Add(rules[windowExceeded])
	}
}

// takeData takes bytes of the payload: of its pad length, content or padding.
func (d *reader) takeData(p []byte) int {
	if d.head.Padded() && d.taken == 0 {
		d.data.padLength = int(p[0])
		if d.data.padLength >= d.head.Length {
			d.data.broken = true
			d.violations.Add(rules[paddingTooLong])
		}
		return 1
	}
	if d.data.broken {
		d.payload.Write(p)
		return len(p)
	}
	content := d.head.Length - d.data.padLength - d.taken // what is left of it
	if content <= 0 {
		d.data.padding.Write(p)
		return len(p)
	}
	p = p[:min(len(p), content)]
	n := len(p)
	d.assumeContent()
	switch s := d.sendingData(); {
	case s != nil && s.content != nil:
		n = s.content.Write(p)
	case s != nil:
		s.coded.Write(p)
		fallthrough
	default:
		d.data.content.Write(p)
	}
	d.data.length += n
	return n
}

// assumeContent gives a stream whose response was not recorded the content that it
// is taken for.
func (d *reader) assumeContent() {
	s := d.sendingData()
	if d.conn.mediaType == "" || d.h.From == dissect.Client || s == nil || s.begun || s.assumed {
		return
	}
	s.assumed = true
	m := &dissect.Head{From: d.h.From, Code: "200", Headers: []dissect.HeaderLine{{Name: "content-type", Value: d.conn.mediaType}}}
	stream := d.conn.stream(d.head.Stream)
	d.number(stream)
	s.content = coding.Content(d.h, m, nil, dissect.Carrier{Stream: d.head.Stream, Exchange: stream.exchange})
}

// sendingData is what the DATA frame belongs to, if that is a stream.
func (d *reader) sendingData() *sending {
	if s := d.conn.streams[d.head.Stream]; s != nil && d.head.Stream != 0 {
		return s.sending(d.h.From)
	}
	return nil
}

// dataFields describes the payload as far as it is there. The content of an
// event stream is the lines' own.
func (d *reader) dataFields(l *dissect.FieldList) {
	if d.head.Padded() && d.taken > 0 {
		l.Add(field.Padding, 1, decimal(uint32(d.data.padLength)))
	}
	if d.data.broken {
		d.rest(l, field.Unknown, d.payload.Start)
		return
	}
	if d.data.content.N > 0 {
		l.AddBody(field.DataData, &d.data.content, &d.data.inflated)
	} else {
		l.Length += d.data.length
	}
	l.AddValue(field.DataPadding, d.data.padding.N, hex.EncodeToString(d.data.padding.Start), true, false)
}

func (d *reader) finishData() {
	f := d.frame()
	f.AddSay(dissect.SayBytes(d.data.length))
	l := frameHeader(d.header)
	s := d.sendingData()
	if s != nil && d.data.length > 0 {
		content := http2frame.HeadLength
		if d.head.Padded() {
			content++
		}
		d.data.inflated = s.coded.Piece(d.start+int64(content+d.data.length)-1, &d.violations)
		f.SayInflated(d.data.inflated.N)
		f.AddSay(s.coded.Says()...)
		if shown := s.coded.Shown(d.data.content, d.data.inflated); s.unchecked && shown.N > 0 {
			d.violations = append(d.violations, d.h.Protocols.Mistyped(shown.Start)...)
			s.unchecked = false
		}
	}
	d.dataFields(&l)
	if s != nil {
		s.got += uint64(d.data.length)
		d.sayWindow(&f)
		if d.head.Has(http2frame.EndStream) {
			f.AddSay(dissect.Phrase{Key: say.EndStream})
			f.Ends = dissect.Complete
			s.ended = true
			s.checkLength(&d.violations)
			s.coded.CheckEnd(&d.violations)
		}
	}
	f.Fields, f.Violations = l.Fields, d.violations
	d.emit(f)
	if s != nil && s.ended {
		s.endContent()
	}
}

// sayWindow tells what may still be sent on the stream: by its own window and that of
// the connection, which all streams share (RFC 9113 §5.2).
func (d *reader) sayWindow(f *dissect.Frame) {
	left, known := d.conn.window(d.head.Stream, d.h.From)
	if !known {
		return
	}
	all, _ := d.conn.connectionWindow(d.h.From)
	may := min(left, all)
	f.Window = &may
	if d.head.Length > 0 && left <= 0 && !d.head.Has(http2frame.EndStream) {
		f.AddSay(dissect.Phrase{Key: say.WindowUsed})
	}
	if d.head.Length > 0 && all <= 0 {
		f.AddSay(dissect.Phrase{Key: say.ConnectionUsed})
	}
}

// checkLength holds the content against the Content-Length (RFC 9113 §8.1.1).
func (s *sending) checkLength(violations *dissect.Violations) {
	if s.length == "" {
		return
	}
	if n, ok := dissect.ContentLength(s.length); !ok || n != s.got {
		violations.Add(rules[contentLength])
	}
}
