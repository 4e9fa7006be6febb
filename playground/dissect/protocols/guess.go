package protocols

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"regexp"
	"unicode/utf8"

	"seewire/playground/dissect"
	"seewire/playground/dissect/http1"
	"seewire/playground/dissect/http2"
	"seewire/playground/dissect/ndjson"
	"seewire/playground/http2frame"
)

// sseChunks is a Start in the middle of a body of events in chunks.
const sseChunks = "sse-chunks"

var (
	requestLine = regexp.MustCompile(`\A(\r?\n)*[A-Z]+[ \t]+[^ \t\r\n]+[ \t]+HTTP/1\.[01][ \t]*\r?\n`)
	statusLine  = regexp.MustCompile(`\A(\r?\n)*HTTP/(1\.[01]|2|3)[ \t]+[1-5][0-9][0-9][ \r\n]`)
	eventLine   = regexp.MustCompile(`(?m)^\x{feff}?((data|event|id|retry)(:|\r?$)|:)`)
	chunkLine   = regexp.MustCompile(`\A[0-9A-Fa-f]{1,8}[ \t]*(;[^\r\n]*)?\r?\n`)

	// Names with what programs put before them, and as no stream has them.
	almostEventLine = regexp.MustCompile(`(?mi)^([ \t]|\x1b\[[0-9;]*m)*(data|event|id|retry)[ \t]*:`)
)

// looked bounds what is looked at of the start of bytes that may be text.
const looked = 8 << 10

// Guess tells what the bytes of one side look like, and who sends such; "" for
// nothing that is known. Broken bytes are what people bring: what is left of a
// protocol is enough, where it looks like no other one.
func Guess(p []byte) (protocol string, from dissect.Side) {
	start := p[:min(len(p), looked)]
	settings, _ := http2.ServerBegins(p)
	if n := http1.ProxyHead(p); n > 0 {
		return "http1", dissect.Client
	}
	switch {
	case bytes.HasPrefix(p, []byte(http2frame.Preface)):
		return "http2", dissect.Client
	case settings:
		return "http2", dissect.Server
	case requestLine.Match(start):
		return "http1", dissect.Client
	case statusLine.Match(start):
		return "http1", dissect.Server
	case isText(start) && eventLine.Match(start):
		return "sse", dissect.Server
	case isText(start) && ndjson.Is(p):
		return "ndjson", dissect.Server
	case isText(start) && ndjson.IsJSON(p):
		return "json", dissect.Server
	case isWebSocket(p, strictly):
		return "websocket", MaskSide(p)
	case isHTTP2(p):
		return "http2", http2Side(p)
	case mostlyText(start) && (eventLine.Match(start) || almostEventLine.Match(start)):
		return "sse", dissect.Server
	case isWebSocket(p, broken):
		return "websocket", MaskSide(p)
	}
	return "", ""
}

// GuessStart tells what a connection begins with in a recording, and whether its
// sides are to be swapped: which of them asked for it is known only where its
// first packets are there.
func GuessStart(client, server []byte, sidesKnown bool) (start Start, swapped bool) {
	c, cFrom := guessPart(client)
	s, sFrom := guessPart(server)
	swapped = !sidesKnown && (cFrom == dissect.Server && sFrom != dissect.Server || sFrom == dissect.Client && cFrom != dissect.Client)
	if swapped {
		c, s, client, server = s, c, server, client
	}
	switch {
	case c == "http1" || s == "http1" || bytes.HasPrefix(client, []byte(http2frame.Preface)):
		return Start{Protocol: "http1"}, swapped
	case s == "http2" && len(client) == 0, c == "http2" && len(server) == 0, c == "http2" && s == "http2":
		return Start{Protocol: "http2", Events: eventsInData(server)}, swapped
	case c == "websocket" && (s == c || len(server) == 0), s == "websocket" && len(client) == 0:
		return Start{Protocol: "websocket", Extensions: Deflate(client, server)}, swapped
	case s == "sse" || s == sseChunks:
		return Start{Protocol: s}, swapped
	}
	return Start{Protocol: "http1"}, swapped
}

// guessPart is Guess for what may begin in the middle.
func guessPart(p []byte) (protocol string, from dissect.Side) {
	if line := chunkLine.Find(p); line != nil {
		content := p[len(line):min(len(p), len(line)+looked)]
		if mostlyText(content) && eventLine.Match(content) {
			return sseChunks, dissect.Server
		}
	}
	return Guess(p)
}

// isText tells whether bytes, which may be cut inside a character, are UTF-8
// without control characters that no text has.
func isText(p []byte) bool {
	for i, r := range string(p) {
		switch {
		case r == utf8.RuneError && len(p)-i >= utf8.UTFMax:
			return false
		case r < ' ' && r != '\t' && r != '\n' && r != '\r' && r != 0:
			return false
		}
	}
	return true
}

// mostlyText tells whether most of the bytes are those of a text.
func mostlyText(p []byte) bool {
	odd := 0
	for i, r := range string(p) {
		if r == utf8.RuneError && len(p)-i >= utf8.UTFMax || r < ' ' && r != '\t' && r != '\n' && r != '\r' {
			odd++
		}
	}
	return len(p) > 0 && odd*3 <= len(p)
}

// MaskSide tells by the mask bit of the first frame who sends it: clients mask
// (RFC 6455 §5.1).
func MaskSide(p []byte) dissect.Side {
	if len(p) > 1 && p[1]&0x80 != 0 {
		return dissect.Client
	}
	return dissect.Server
}

// A strictness is what is taken for WebSocket frames.
type strictness int

const (
	strictly strictness = iota // nothing in the headers that RFC 6455 §5.2 rules out
	broken                     // opcodes and reserved bits as they are in all frames
)

// isWebSocket tells whether bytes are frames one after the other, the last of them
// perhaps cut.
func isWebSocket(p []byte, how strictness) bool {
	from := MaskSide(p)
	for whole := 0; len(p) > 0; whole++ {
		if len(p) < 2 {
			return whole > 0
		}
		final, reserved, opcode, length := p[0]&0x80 != 0, p[0]&0x30, p[0]&0x0f, uint64(p[1]&0x7f)
		control := opcode >= 8
		if reserved != 0 || opcode > 2 && opcode < 8 || opcode > 10 ||
			how == strictly && (control && (!final || length > 125) || MaskSide(p) != from) {
			return false
		}
		header := 2
		if p[1]&0x80 != 0 {
			header += 4
		}
		var extended int
		switch length {
		case 126:
			extended = 2
		case 127:
			extended = 8
		}
		if len(p) < header+extended {
			return whole > 0
		}
		if extended > 0 {
			var number [8]byte
			copy(number[8-extended:], p[2:2+extended])
			length = binary.BigEndian.Uint64(number[:])
		}
		header += extended
		if length > uint64(len(p)-header) {
			return whole > 0 || (how == broken || length < 1<<24) && len(p) > header
		}
		p = p[header+int(length):]
	}
	return true
}

// Deflate is what compressed frames must have agreed on, in a connection whose
// start was not recorded.
func Deflate(client, server []byte) (extensions string) {
	return cmp.Or(deflateIn(client), deflateIn(server))
}

// deflateIn is the extension that frames must have agreed on, if they have: a set
// RSV1 is that of permessage-deflate, which all have that compress.
func deflateIn(p []byte) string {
	for len(p) > 1 {
		if p[0]&0x40 != 0 {
			return "permessage-deflate"
		}
		header, length := 2, uint64(p[1]&0x7f)
		if p[1]&0x80 != 0 {
			header += 4
		}
		switch {
		case length == 126 && len(p) >= 4:
			header, length = header+2, uint64(binary.BigEndian.Uint16(p[2:]))
		case length == 127 && len(p) >= 10:
			header, length = header+8, binary.BigEndian.Uint64(p[2:])
		}
		if length > uint64(len(p)) || header+int(length) >= len(p) {
			break
		}
		p = p[header+int(length):]
	}
	return ""
}

// http2Frames calls yield for the frames that bytes begin with, until it returns
// false, and tells whether that is all that they are, the last frame perhaps cut.
func http2Frames(p []byte, yield func(h http2frame.Head, payload []byte) bool) bool {
	for n := 0; len(p) >= http2frame.HeadLength; n++ {
		h := http2frame.Parse(p)
		connection := h.Type == http2frame.Settings || h.Type == http2frame.Ping || h.Type == http2frame.GoAway
		if h.Type > http2frame.Continuation || p[5]&0x80 != 0 || connection != (h.Stream == 0) && h.Type != http2frame.WindowUpdate ||
			h.Type == http2frame.WindowUpdate && h.Length != 4 || h.Type == http2frame.Ping && h.Length != 8 || h.Length > 1<<20 {
			return false
		}
		payload := p[http2frame.HeadLength:]
		payload = payload[:min(len(payload), h.Length)]
		if !yield(h, payload) {
			return true
		}
		p = p[http2frame.HeadLength+len(payload):]
		if len(payload) < h.Length {
			return n > 0
		}
	}
	return true
}

// isHTTP2 tells whether bytes are frames of HTTP/2 from the middle of a connection.
func isHTTP2(p []byte) bool {
	whole := 0
	return http2Frames(p, func(http2frame.Head, []byte) bool { whole++; return true }) && whole > 0
}

// http2Side tells who sends such frames, if they tell: a client opens streams with
// odd numbers, and only it sends a header block that has no status.
func http2Side(p []byte) dissect.Side {
	from := dissect.Server
	http2Frames(p, func(h http2frame.Head, payload []byte) bool {
		if h.Type == http2frame.Headers && len(payload) > 0 && !h.Padded() && !h.Has(http2frame.HasPriority) {
			// 2 to 7 are :method, :path and :scheme in the static table (RFC 7541
			// appendix A), 8 to 14 :status.
			if first := payload[0]; first >= 0x82 && first <= 0x87 {
				from = dissect.Client
			}
			return false
		}
		return true
	})
	return from
}

// eventsInData tells whether the first DATA frame of a server has lines of events.
func eventsInData(server []byte) (found bool) {
	http2Frames(server, func(h http2frame.Head, payload []byte) bool {
		if h.Type != http2frame.Data || len(payload) == 0 {
			return true
		}
		start := payload[:min(len(payload), looked)]
		found = mostlyText(start) && eventLine.Match(start)
		return false
	})
	return found
}
