// Package dissect turns the bytes of a connection into frames and fields.
//
// The terms are Wireshark's: a dissector reads segments and finds frames, the
// units of a protocol, and in each frame fields, named ranges of its bytes or
// bits. Field names are Wireshark's display-filter names where it has them.
//
// Two promises hold for every input, garbage included. The fields tile the
// bytes: each byte (and each bit of a byte that is divided) belongs to exactly
// one field. And the result does not depend on how the bytes were split into
// segments.
package dissect

import (
	"time"

	"seewire/playground/secret"
)

// A Side is one end of a connection: the one that sent the bytes.
type Side string

const (
	Client Side = "client"
	Server Side = "server"
)

// An Ending is how one side's part of an exchange ends on the wire. An end of
// the connection is none: no frame says it.
type Ending string

const (
	Complete Ending = "complete" // by the rules of HTTP nothing follows (RFC 9112 §6.3, RFC 9113 §8.1)
	Close    Ending = "close"    // a close frame (RFC 6455 §5.5.1)
	Reset    Ending = "reset"    // RST_STREAM gives both directions up (RFC 9113 §6.4)
)

// A Frame is one unit of a protocol: an HTTP head, a chunk, a line of an event
// stream, a WebSocket frame.
//
// Some frames have no bytes: the end of an event stream ("sse", "end") that cuts
// a block off, which is discarded, and the lines of a stream that came
// compressed.
type Frame struct {
	Connection int       `json:"connection"`
	From       Side      `json:"from"`
	At         time.Time `json:"at"`     // when its last byte was there
	Offset     int64     `json:"offset"` // of its first byte, in this direction of the connection
	Length     int       `json:"length"` // to its last byte; bytes of an enclosing frame may lie in between

	Protocol string   `json:"protocol"`          // "http1", "http2", "sse", "websocket", or "data" for what is none of them
	Kind     string   `json:"kind"`              // what it is within the protocol: "request", "chunk", "line", "text" …
	Say      []Phrase `json:"say"`               // what it is in one line
	Summary  string   `json:"summary,omitempty"` // the same in English, for programs; no dissector sets it

	Exchange int    `json:"exchange,omitempty"` // the number of its request on the connection, from 1; absent where it belongs to none
	Ends     Ending `json:"ends,omitempty"`     // how what its side sends in the exchange ends with it; absent where more may follow

	Fields     []Field     `json:"fields"`
	SSE        *SSE        `json:"sse,omitempty"`        // what the line did to the parser
	Message    *Message    `json:"message,omitempty"`    // what a fragment, or a compressed WebSocket frame, adds up to
	Violations []Violation `json:"violations,omitempty"` // what the specification forbids
	Incomplete bool        `json:"incomplete,omitempty"` // the bytes ended before the frame did

	// Of HTTP/2 alone.
	Stream  uint32   `json:"stream,omitempty"`  // the one that a frame, or a line of an event stream, belongs to
	Headers []Header `json:"headers,omitempty"` // what a header block says, at its first frame
	Window  *int64   `json:"window,omitempty"`  // what may still be sent on the stream after a DATA frame, in bytes
}

// A Field is a named range of the bytes of a frame, or of bits in them.
//
// A field that the boundary of a chunk or of an HTTP/2 frame cuts is listed
// once for each of its pieces, with the same name and the same, whole, value.
//
// The value is what the bytes mean: a payload without its mask, the text of a
// compressed message. Of a field over 64 KiB it is the start, and an ellipsis.
type Field struct {
	Name   string `json:"name"`
	Offset int    `json:"offset"`         // from the frame's first byte
	Length int    `json:"length"`         // in bytes
	Mask   string `json:"mask,omitempty"` // hex, over the field's bytes: the bits that are the field's
	Value  string `json:"value"`
	Hex    bool   `json:"hex,omitempty"` // Value is hexadecimal, because the bytes are not text

	Covered *Covered `json:"covered,omitempty"` // what of the value is not the real one

	Piece  int `json:"piece,omitempty"`  // 1 to Pieces where the field is cut, else 0
	Pieces int `json:"pieces,omitempty"` // how many pieces there are
}

// A Covered says that a value, or a part of it, was overwritten before it was
// kept, because it lets people in (package secret).
type Covered struct {
	Kind  string `json:"kind"`  // what the header carries: "cookie", "authorization" …
	Bytes int    `json:"bytes"` // that were overwritten, of the value as it is read
}

// CoveredIn finds what was covered in the value of a header, by its name in lower
// case; nil for nothing.
func CoveredIn(name, value string) *Covered {
	kind := secret.KindOf(name)
	if kind == "" {
		return nil
	}
	n := secret.Covered(kind, value)
	if n == 0 {
		return nil
	}
	return &Covered{string(kind), n}
}

// A Violation is something that a specification forbids, found in a frame.
type Violation struct {
	Code    string `json:"code"`    // for translation: "websocket.unmasked-client-frame"
	Section string `json:"section"` // "RFC 6455 §5.1"
	Message string `json:"message"` // the same in English, for programs; no dissector sets it

	Follows string `json:"follows,omitempty"` // the code of the one that it only follows from
}

// An SSE is the state of an event stream's parser after one line, in the terms
// of WHATWG HTML §9.2.6. Of a buffer over 2 KiB it shows a part: the end of the
// data, the start of the others. An event is whole.
type SSE struct {
	Data             string `json:"data"`                       // the data buffer
	Type             string `json:"type"`                       // the event type buffer
	ID               string `json:"id"`                         // the last event ID buffer
	LastEventID      string `json:"lastEventId"`                // the one that a reconnection sends
	ReconnectionTime *int64 `json:"reconnectionTime,omitempty"` // milliseconds; absent until the stream sets it

	Event  *Event `json:"event,omitempty"`  // dispatched at this line
	Reason string `json:"reason,omitempty"` // for translation: why the line was ignored or nothing was dispatched
}

// An Event is what a browser dispatches.
type Event struct {
	Type        string `json:"type"`
	Data        string `json:"data"`
	LastEventID string `json:"lastEventId"`
}

// A Header is a field of a header block, decoded.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// A Message is what a WebSocket frame and the fragments before it add up to. A
// frame has one where it is a fragment, or where its message is compressed.
type Message struct {
	First    int64  `json:"first"`    // the offset of the first fragment, in this direction of the connection
	Fragment int    `json:"fragment"` // this frame's number, from 1
	Length   uint64 `json:"length"`   // of the payloads so far, in bytes

	// Of permessage-deflate.
	Compressed bool `json:"compressed,omitempty"`
	Takeover   bool `json:"takeover,omitempty"` // it may refer to what earlier messages said (RFC 7692 §7.1.1)
	Inflated   *int `json:"inflated,omitempty"` // how long the whole message is, in bytes; absent before its end, and where it can't be inflated
}

// Value is the value of the first field of that name, or "".
func (f *Frame) Value(name string) string {
	for i := range f.Fields {
		if f.Fields[i].Name == name {
			return f.Fields[i].Value
		}
	}
	return ""
}
