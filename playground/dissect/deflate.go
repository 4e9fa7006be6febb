package dissect

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"strings"
)

// A deflate is what the two sides have agreed on for permessage-deflate
// (RFC 7692 §7.1).
type deflate struct {
	serverNoContextTakeover bool
	clientNoContextTakeover bool
}

// parseDeflate reads a Sec-WebSocket-Extensions that a server has answered. It
// is nil where it has not agreed to permessage-deflate.
func parseDeflate(extensions string) *deflate {
	for extension := range strings.SplitSeq(extensions, ",") {
		name, parameters, _ := strings.Cut(extension, ";")
		if !strings.EqualFold(strings.TrimSpace(name), "permessage-deflate") {
			continue
		}
		var d deflate
		for parameter := range strings.SplitSeq(parameters, ";") {
			switch strings.ToLower(strings.TrimSpace(parameter)) {
			case "server_no_context_takeover":
				d.serverNoContextTakeover = true
			case "client_no_context_takeover":
				d.clientNoContextTakeover = true
			}
		}
		return &d
	}
	return nil
}

// takeover tells whether a message of that side may refer to earlier ones.
func (d *deflate) takeover(from Side) bool {
	if from == Client {
		return !d.clientNoContextTakeover
	}
	return !d.serverNoContextTakeover
}

// Bounds, in bytes, for one message.
const (
	maxDeflated = 8 << 20
	maxInflated = 16 << 20
)

var (
	errDeflate  = errors.New("not DEFLATE data")
	errTooLarge = errors.New("too large to inflate here")
	errContext  = errors.New("an earlier message could not be inflated")
)

// deflateWindow is how far back DEFLATE can refer, in bytes (RFC 1951 §2).
const deflateWindow = 32 << 10

// An inflater inflates the messages of one direction.
type inflater struct {
	takeover bool // messages refer to what earlier ones inflated to
	lost     bool // an earlier message is missing

	deflated []byte // the message so far
	tooLarge bool
	window   []byte // the end of what was inflated: the context
	reader   io.ReadCloser
}

// begin starts a message.
func (f *inflater) begin() {
	f.deflated, f.tooLarge = f.deflated[:0], false
	if !f.takeover {
		f.window = f.window[:0]
	}
}

func (f *inflater) write(p []byte) {
	if len(f.deflated)+len(p) > maxDeflated {
		f.tooLarge = true
		return
	}
	f.deflated = append(f.deflated, p...)
}

// messageTail is what the sender has taken off the message (RFC 7692 §7.2.1),
// and after it an empty last block, so that the reader comes to an end.
const messageTail = "\x00\x00\xff\xff" + "\x01\x00\x00\xff\xff"

// finish inflates the message. It returns the start of the result, and its size
// in bytes; the result is written to text too.
func (f *inflater) finish(text *utf8Check) (start []byte, size int, err error) {
	switch {
	case f.lost:
		return nil, 0, errContext
	case f.tooLarge:
		err = errTooLarge
	default:
		start, size, err = f.inflate(text)
	}
	f.lost = err != nil && f.takeover
	return start, size, err
}

func (f *inflater) inflate(text *utf8Check) (start []byte, size int, err error) {
	f.deflated = append(f.deflated, messageTail...)
	source := bytes.NewReader(f.deflated)
	var kept excerpt
	var block [4 << 10]byte
	for {
		f.reset(source)
		for err == nil {
			var n int
			n, err = f.reader.Read(block[:])
			kept.write(block[:n])
			text.write(block[:n])
			f.keep(block[:n])
			if kept.n > maxInflated {
				return nil, kept.n, errTooLarge
			}
		}
		if err != io.EOF {
			return nil, kept.n, errDeflate
		}
		// A sender may set BFINAL within a message (RFC 7692 §7.2.3.4): the
		// blocks after it are the message's too.
		if source.Len() == 0 || source.Len() == len(messageTail) {
			return kept.start, kept.n, nil
		}
		err = nil
	}
}

// reset makes the reader read the source, with the window as its context.
func (f *inflater) reset(source io.Reader) {
	if f.reader == nil {
		f.reader = flate.NewReaderDict(source, f.window)
		return
	}
	// The reader of compress/flate is a Resetter, and its Reset never fails.
	_ = f.reader.(flate.Resetter).Reset(source, f.window)
}

// keep moves the window on.
func (f *inflater) keep(p []byte) {
	f.window = append(f.window, p...)
	if n := len(f.window); n > 2*deflateWindow {
		f.window = append(f.window[:0], f.window[n-deflateWindow:]...)
	}
}
