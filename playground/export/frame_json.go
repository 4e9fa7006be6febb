package export

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"seewire/playground/answer"
	"seewire/playground/dissect"
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

// appendAnswer appends an answer as [json.Marshal] would write it: its pieces are many.
func appendAnswer(p []byte, a *answer.Answer) (_ []byte, err error) {
	p = appendText(append(p, `{"form":`...), a.Form)
	p = strconv.AppendInt(append(p, `,"connection":`...), int64(a.Connection), 10)
	if a.Exchange != 0 {
		p = strconv.AppendInt(append(p, `,"exchange":`...), int64(a.Exchange), 10)
	}
	p = strconv.AppendInt(append(p, `,"events":`...), int64(a.Events), 10)
	p = appendRange(p, a.Range)
	p = appendArray(append(p, `,"parts":`...), a.Parts, func(p []byte, part *answer.Part) []byte {
		var wrong error
		if p, wrong = appendPart(p, part); wrong != nil {
			err = wrong
		}
		return p
	})
	if err != nil {
		return nil, err
	}
	rest, err := json.Marshal(struct {
		Usage    *answer.Usage    `json:"usage,omitempty"`
		Finish   string           `json:"finish,omitempty"`
		Ended    bool             `json:"ended"`
		Open     bool             `json:"open,omitempty"`
		Content  int              `json:"content"`
		Problems []answer.Problem `json:"problems,omitempty"`
		Timing   *answer.Timing   `json:"timing,omitempty"`
	}{a.Usage, a.Finish, a.Ended, a.Open, a.Content, a.Problems, a.Timing})
	if err != nil {
		return nil, err
	}
	return append(append(p, ','), rest[1:]...), nil
}

func appendPart(p []byte, part *answer.Part) (_ []byte, err error) {
	p = appendText(append(p, `{"kind":`...), part.Kind)
	p = strconv.AppendInt(append(p, `,"index":`...), int64(part.Index), 10)
	p = appendIfAny(p, `,"name":`, part.Name)
	p = appendIfAny(p, `,"id":`, part.ID)
	p = appendText(append(p, `,"text":`...), part.Text)
	p = appendArray(append(p, `,"pieces":`...), part.Pieces, func(p []byte, piece *answer.Piece) []byte {
		var wrong error
		if p, wrong = piece.At.AppendText(append(p, `{"at":"`...)); wrong != nil {
			err = wrong
		}
		p = strconv.AppendInt(append(p, `","start":`...), int64(piece.Start), 10)
		return append(appendRange(p, piece.Range), '}')
	})
	p = appendRange(p, part.Range)
	if part.JSON {
		p = append(p, `,"json":true`...)
	}
	return append(p, '}'), err
}

func appendRange(p []byte, r answer.Range) []byte {
	p = strconv.AppendInt(append(p, `,"range":{"from":`...), r.From, 10)
	return append(strconv.AppendInt(append(p, `,"to":`...), r.To, 10), '}')
}

// appendSegment appends a segment.
func appendSegment(p []byte, s *Segment) ([]byte, error) {
	p = appendText(append(p, `{"from":`...), string(s.From))
	p, err := s.At.AppendText(append(p, `,"at":"`...))
	if err != nil {
		return nil, err
	}
	p = strconv.AppendInt(append(p, `","offset":`...), s.Offset, 10)
	return append(strconv.AppendInt(append(p, `,"length":`...), int64(s.Length), 10), '}'), nil
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

// asJSON is how each byte of ASCII stands in JSON: at most six bytes, from the lowest
// on, and in the highest one how many. It is 0 for all other bytes.
var asJSON = func() (asJSON [256]uint64) {
	put := func(b byte, text string) {
		one := [8]byte{7: byte(len(text))}
		copy(one[:], text)
		asJSON[b] = binary.LittleEndian.Uint64(one[:])
	}
	for b := range byte(utf8.RuneSelf) {
		if b < ' ' || strings.IndexByte("<>&", b) >= 0 {
			put(b, `\u00`+hex.EncodeToString([]byte{b}))
		} else {
			put(b, string(b))
		}
	}
	for i, b := range []byte("\"\\\b\f\n\r\t") {
		put(b, `\`+`"\bfnrt`[i:i+1])
	}
	return asJSON
}()

// appendText appends a string as json.Marshal would write it.
func appendText(p []byte, s string) []byte {
	p = append(p, '"')
	// Most texts have nothing to escape: eight bytes at once.
	i := 0
	for ; len(s)-i >= 8; i += 8 {
		word := uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
			uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
		if !plain(word) {
			break
		}
		p = binary.LittleEndian.AppendUint64(p, word)
	}
	// Most others are JSON, in which a quote may be anywhere: all bytes are written in the
	// same way, so that the processor has nothing to guess, and the next one overwrites what
	// is too much.
	for s = s[i:]; s != ""; {
		p = slices.Grow(p, 2*len(s)+8)
		room, read, n := p[len(p):cap(p)], 0, 0
		for read < len(s) && n <= len(room)-8 {
			one := asJSON[s[read]]
			if one == 0 {
				break
			}
			binary.LittleEndian.PutUint64(room[n:], one)
			n += int(one >> 56)
			read++
		}
		p, s = p[:len(p)+n], s[read:]
		if s != "" && s[0] >= utf8.RuneSelf {
			p, read = appendBeyondASCII(p, s)
			s = s[read:]
		}
	}
	return append(p, '"')
}

// plain tells whether all bytes of a word are ASCII and stand in JSON as they are. Of a
// byte that is not, and perhaps of those above it, the highest bit gets set: where it was,
// and where to subtract what is forbidden makes it less than nothing.
func plain(word uint64) bool {
	const each = 0x0101010101010101
	marked := word | (word - ' '*each) | ((word ^ '\\'*each) - each) |
		(((word | ('"'^'&')*each) ^ ('"'|'&')*each) - each) | // these two differ in one bit
		(((word | ('<'^'>')*each) ^ ('<'|'>')*each) - each) // and these
	return marked&(0x80*each) == 0
}

// appendBeyondASCII appends the first characters of a text, which are no ASCII, and
// returns how many bytes of it they are.
func appendBeyondASCII(p []byte, s string) ([]byte, int) {
	if n := beyondASCII(s); n > 0 {
		return append(p, s[:n]...), n
	}
	r, size := utf8.DecodeRuneInString(s) // what JavaScript took for the end of a line, or no UTF-8
	return strconv.AppendInt(append(p, `\u`...), int64(r), 16), size
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
