package export

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"seewire/playground/dissect"
	"seewire/playground/wire"
)

// appendFrames appends frames as the elements of an array, without its brackets.
func appendFrames(p []byte, frames []dissect.Frame) (_ []byte, err error) {
	for i := range frames {
		if i > 0 {
			p = append(p, ',')
		}
		if p, err = appendFrame(p, &frames[i]); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// appendEvents does the same with events.
func appendEvents(p []byte, events []dissect.Event) []byte {
	for i := range events {
		if i > 0 {
			p = append(p, ',')
		}
		p = appendEvent(p, &events[i])
	}
	return p
}

// appendFrame appends a frame as [json.Marshal] would write it: of the time that a
// document takes, reflection would be the greater part.
func appendFrame(p []byte, f *dissect.Frame) ([]byte, error) {
	p = strconv.AppendInt(append(p, `{"connection":`...), int64(f.Connection), 10)
	p = appendText(append(p, `,"from":`...), string(f.From))
	p, err := f.At.AppendText(append(p, `,"at":"`...))
	if err != nil {
		return nil, err
	}
	p = strconv.AppendInt(append(p, `","offset":`...), f.Offset, 10)
	p = strconv.AppendInt(append(p, `,"length":`...), int64(f.Length), 10)
	p = appendText(append(p, `,"protocol":`...), f.Protocol)
	p = appendText(append(p, `,"kind":`...), f.Kind)
	p = appendArray(append(p, `,"say":`...), f.Say, appendPhrase)
	p = appendIfAny(p, `,"summary":`, f.Summary)
	if f.Exchange != 0 {
		p = strconv.AppendInt(append(p, `,"exchange":`...), int64(f.Exchange), 10)
	}
	p = appendIfAny(p, `,"ends":`, string(f.Ends))
	p = appendArray(append(p, `,"fields":`...), f.Fields, appendField)
	if f.SSE != nil {
		p = appendSSE(append(p, `,"sse":`...), f.SSE)
	}
	if f.Message != nil || f.Violations != nil || f.Headers != nil || f.Window != nil {
		return appendRest(p, f)
	}
	if f.Incomplete {
		p = append(p, `,"incomplete":true`...)
	}
	if f.Stream != 0 {
		p = strconv.AppendUint(append(p, `,"stream":`...), uint64(f.Stream), 10)
	}
	return append(p, '}'), nil
}

// appendRest appends the last members of a frame that has some that few have.
func appendRest(p []byte, f *dissect.Frame) ([]byte, error) {
	rest, err := json.Marshal(struct {
		Message    *dissect.Message    `json:"message,omitempty"`
		Violations []dissect.Violation `json:"violations,omitempty"`
		Incomplete bool                `json:"incomplete,omitempty"`
		Stream     uint32              `json:"stream,omitempty"`
		Headers    []dissect.Header    `json:"headers,omitempty"`
		Window     *int64              `json:"window,omitempty"`
	}{f.Message, f.Violations, f.Incomplete, f.Stream, f.Headers, f.Window})
	if err != nil || len(rest) == len(`{}`) {
		return append(p, '}'), err
	}
	return append(append(p, ','), rest[1:]...), nil
}

// appendConnection appends a connection as [json.Marshal] would write it.
func appendConnection(p []byte, c *Connection) (_ []byte, err error) {
	p = strconv.AppendInt(append(p, `{"number":`...), int64(c.Number), 10)
	p = appendText(append(p, `,"peer":`...), c.Peer)
	p = appendIfAny(p, `,"hop":`, c.Hop)
	p = appendText(append(p, `,"protocol":`...), c.Protocol)
	if len(c.Streams) > 0 {
		streams, err := json.Marshal(c.Streams)
		if err != nil {
			return nil, err
		}
		p = append(append(p, `,"streams":`...), streams...)
	}
	p = appendBytes(append(p, `,"client":`...), c.Client)
	p = appendBytes(append(p, `,"server":`...), c.Server)
	p = appendArray(append(p, `,"segments":`...), c.Segments, func(p []byte, s *Segment) []byte {
		p = appendText(append(p, `{"from":`...), string(s.From))
		var wrong error
		if p, wrong = s.At.AppendText(append(p, `,"at":"`...)); wrong != nil {
			err = wrong
		}
		p = strconv.AppendInt(append(p, `","offset":`...), s.Offset, 10)
		return append(strconv.AppendInt(append(p, `,"length":`...), int64(s.Length), 10), '}')
	})
	if err != nil {
		return nil, err
	}
	rest, err := json.Marshal(struct {
		Ends    []End      `json:"ends,omitempty"`
		Gaps    []wire.Gap `json:"gaps,omitempty"`
		Dropped int64      `json:"dropped,omitempty"`
	}{c.Ends, c.Gaps, c.Dropped})
	if err != nil || len(rest) == len(`{}`) {
		return append(p, '}'), err
	}
	return append(append(p, ','), rest[1:]...), nil
}

// appendBytes appends bytes as base64; null for none.
func appendBytes(p, bytes []byte) []byte {
	if bytes == nil {
		return append(p, "null"...)
	}
	return append(base64.StdEncoding.AppendEncode(append(p, '"'), bytes), '"')
}

func appendPhrase(p []byte, phrase *dissect.Phrase) []byte {
	p = appendText(append(p, `{"key":`...), phrase.Key)
	if phrase.Count != 0 {
		p = strconv.AppendInt(append(p, `,"count":`...), phrase.Count, 10)
	}
	return append(appendIfAny(p, `,"text":`, phrase.Text), '}')
}

func appendField(p []byte, f *dissect.Field) []byte {
	p = appendText(append(p, `{"name":`...), f.Name)
	p = strconv.AppendInt(append(p, `,"offset":`...), int64(f.Offset), 10)
	p = strconv.AppendInt(append(p, `,"length":`...), int64(f.Length), 10)
	p = appendIfAny(p, `,"mask":`, f.Mask)
	p = appendText(append(p, `,"value":`...), f.Value)
	if f.Hex {
		p = append(p, `,"hex":true`...)
	}
	if f.Covered != nil {
		p = appendText(append(p, `,"covered":{"kind":`...), f.Covered.Kind)
		p = append(strconv.AppendInt(append(p, `,"bytes":`...), int64(f.Covered.Bytes), 10), '}')
	}
	if f.Piece != 0 {
		p = strconv.AppendInt(append(p, `,"piece":`...), int64(f.Piece), 10)
	}
	if f.Pieces != 0 {
		p = strconv.AppendInt(append(p, `,"pieces":`...), int64(f.Pieces), 10)
	}
	return append(p, '}')
}

func appendSSE(p []byte, s *dissect.SSE) []byte {
	p = appendText(append(p, `{"data":`...), s.Data)
	p = appendText(append(p, `,"type":`...), s.Type)
	p = appendText(append(p, `,"id":`...), s.ID)
	p = appendText(append(p, `,"lastEventId":`...), s.LastEventID)
	if s.ReconnectionTime != nil {
		p = strconv.AppendInt(append(p, `,"reconnectionTime":`...), *s.ReconnectionTime, 10)
	}
	if s.Event != nil {
		p = appendEvent(append(p, `,"event":`...), s.Event)
	}
	return append(appendIfAny(p, `,"reason":`, s.Reason), '}')
}

func appendEvent(p []byte, e *dissect.Event) []byte {
	p = appendText(append(p, `{"type":`...), e.Type)
	p = appendText(append(p, `,"data":`...), e.Data)
	return append(appendText(append(p, `,"lastEventId":`...), e.LastEventID), '}')
}

// appendArray appends an array; null for none.
func appendArray[T any](p []byte, elements []T, one func([]byte, *T) []byte) []byte {
	if elements == nil {
		return append(p, "null"...)
	}
	p = append(p, '[')
	for i := range elements {
		if i > 0 {
			p = append(p, ',')
		}
		p = one(p, &elements[i])
	}
	return append(p, ']')
}

// appendIfAny appends a member, unless its text is empty.
func appendIfAny(p []byte, before, s string) []byte {
	if s == "" {
		return p
	}
	return appendText(append(p, before...), s)
}

// plain are the bytes that stand in JSON as they are.
var plain = func() (plain [256]bool) {
	for b := ' '; b < utf8.RuneSelf; b++ {
		plain[b] = !strings.ContainsRune(`"\<>&`, b)
	}
	return plain
}()

// appendText appends a string as json.Marshal would write it.
func appendText(p []byte, s string) []byte {
	p = append(p, '"')
	for {
		p = slices.Grow(p, len(s)+1)
		// In JSON that is text in JSON no run is long: byte by byte is faster than to copy each.
		n, rest := 0, p[len(p):][:len(s)]
		for n < len(s) && plain[s[n]] {
			rest[n] = s[n]
			n++
		}
		p, s = p[:len(p)+n], s[n:]
		if s == "" {
			return append(p, '"')
		}
		if n := beyondASCII(s); n > 0 {
			p, s = append(p, s[:n]...), s[n:]
			continue
		}
		r, size := utf8.DecodeRuneInString(s)
		switch r {
		case '"', '\\':
			p = append(p, '\\', s[0])
		case '\b':
			p = append(p, `\b`...)
		case '\f':
			p = append(p, `\f`...)
		case '\n':
			p = append(p, `\n`...)
		case '\r':
			p = append(p, `\r`...)
		case '\t':
			p = append(p, `\t`...)
		default:
			const digits = "0123456789abcdef"
			p = append(p, '\\', 'u', digits[r>>12&15], digits[r>>8&15], digits[r>>4&15], digits[r&15])
		}
		s = s[size:]
	}
}

// beyondASCII is how many bytes a text begins with of characters that are no ASCII and
// stand in JSON as they are.
func beyondASCII(s string) (n int) {
	for n < len(s) && s[n] >= utf8.RuneSelf {
		r, size := utf8.DecodeRuneInString(s[n:])
		if r == utf8.RuneError && size == 1 || r == '\u2028' || r == '\u2029' {
			break
		}
		n += size
	}
	return n
}
