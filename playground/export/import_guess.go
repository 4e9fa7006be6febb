package export

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"regexp"
	"slices"
	"unicode/utf8"

	"seewire/playground/dissect"
	"seewire/playground/http2frame"
)

var (
	requestLine = regexp.MustCompile(`\A(\r?\n)*[A-Z]+ [^ \r\n]+ HTTP/1\.[01]\r?\n`)
	statusLine  = regexp.MustCompile(`\A(\r?\n)*HTTP/1\.[01] [1-5][0-9][0-9][ \r\n]`)
	eventLine   = regexp.MustCompile(`(?m)^\x{feff}?((data|event|id|retry)(:|\r?$)|:)`)
)

// guess fills in what is to be guessed, and returns whether it could.
func (s *Source) guess(p []byte) bool {
	protocol, from := guessed(p)
	if s.Protocol == Guess {
		s.Protocol = protocol
		s.Guessed = append(s.Guessed, "protocol")
		if protocol == "" {
			return false
		}
	}
	if slices.Contains([]string{"pcapng", "har", "capture"}, s.Protocol) {
		s.From = ""
		return true
	}
	if s.From != Guess {
		return true
	}
	s.Guessed = append(s.Guessed, "from")
	switch {
	case s.Protocol == protocol:
		s.From = from
	case s.Protocol == "websocket":
		s.From = maskSide(p)
	default:
		s.From = dissect.Server
	}
	return true
}

// guessed tells what bytes look like, and who sends such.
func guessed(p []byte) (protocol string, from dissect.Side) {
	start := p[:min(len(p), 8<<10)]
	switch {
	case isPcapng(p), isPcap(p):
		return "pcapng", ""
	case bytes.HasPrefix(p, []byte(http2frame.Preface)):
		return "http2", dissect.Client
	case isSettings(p):
		return "http2", dissect.Server
	case requestLine.Match(start):
		return "http1", dissect.Client
	case statusLine.Match(start):
		return "http1", dissect.Server
	}
	if file := guessJSON(p); file != "" {
		return file, ""
	}
	switch {
	case isText(start) && eventLine.Match(start):
		return "sse", dissect.Server
	case isWebSocket(p):
		return "websocket", maskSide(p)
	}
	return "", ""
}

// isSettings tells whether bytes begin as those of a server of HTTP/2: with
// SETTINGS of a few members (RFC 9113 §6.5).
func isSettings(p []byte) bool {
	if len(p) < http2frame.HeadLength {
		return false
	}
	h := http2frame.Parse(p)
	return h == http2frame.Head{Length: h.Length, Type: http2frame.Settings} && h.Length < 256 && h.Length%6 == 0
}

func guessJSON(p []byte) string {
	if trimmed := bytes.TrimLeft(withoutBOM(p), " \t\r\n"); len(trimmed) == 0 || trimmed[0] != '{' {
		return ""
	}
	var file struct {
		Log         *struct{ Entries json.RawMessage }
		Connections json.RawMessage
	}
	switch err := json.Unmarshal(withoutBOM(p), &file); {
	case err != nil:
		return ""
	case file.Log != nil && file.Log.Entries != nil:
		return "har"
	case file.Connections != nil:
		return "capture"
	}
	return ""
}

func withoutBOM(p []byte) []byte { return bytes.TrimPrefix(p, []byte("\ufeff")) }

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

// maskSide tells by the mask bit of the first frame who sends it: clients mask
// (RFC 6455 §5.1).
func maskSide(p []byte) dissect.Side {
	if len(p) > 1 && p[1]&0x80 != 0 {
		return dissect.Client
	}
	return dissect.Server
}

// isWebSocket tells whether bytes are frames one after the other, with nothing
// in their headers that RFC 6455 §5.2 rules out, the last of them perhaps cut.
func isWebSocket(p []byte) bool {
	from := maskSide(p)
	for whole := 0; len(p) > 0; whole++ {
		if len(p) < 2 {
			return whole > 0
		}
		final, reserved, opcode, length := p[0]&0x80 != 0, p[0]&0x30, p[0]&0x0f, uint64(p[1]&0x7f)
		control := opcode >= 8
		if reserved != 0 || opcode > 2 && opcode < 8 || opcode > 10 || control && (!final || length > 125) ||
			maskSide(p) != from {
			return false
		}
		header := 2
		if from == dissect.Client {
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
			return whole > 0 || length < 1<<24 && len(p) > header
		}
		p = p[header+int(length):]
	}
	return true
}
