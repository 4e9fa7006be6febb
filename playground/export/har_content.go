package export

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"seewire/playground/dissect"
)

// content shows a body as a browser's panel does: without its coding, as text
// if it is text.
func (b *archiveBuilder) content(r *archiveResponse, body []byte) {
	plain := body
	if coding := get(r.Headers, "Content-Encoding"); strings.EqualFold(coding, "gzip") {
		plain = b.inflate(body)
	}
	r.Content.Size = len(plain)
	r.Content.Compression = len(plain) - len(body)
	r.Content.Text = string(plain)
	if !utf8.Valid(plain) {
		r.Content.Text, r.Content.Encoding = base64.StdEncoding.EncodeToString(plain), "base64"
	}
}

// inflate gives as much of a body as can be inflated, or the body itself if
// nothing can, or if there is no room for it.
func (b *archiveBuilder) inflate(body []byte) []byte {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return body
	}
	plain, _ := io.ReadAll(io.LimitReader(z, int64(b.room+1))) // a body may be cut
	if len(plain) == 0 || len(plain) > b.room {
		return body
	}
	b.room -= len(plain)
	return plain
}

// An archivePayload is what the fragments of a message add up to.
type archivePayload struct {
	opcode     int
	compressed bool
	bytes      []byte // without their masks
}

// addMessage adds a control frame or, with the last of its frames, a message.
func (s *archiveSide) addMessage(e *archiveEntry, f *dissect.Frame, p []byte) {
	opcode, err := strconv.Atoi(fieldOf(f, "websocket.opcode"))
	if err != nil || f.Incomplete {
		return
	}
	m := archiveMessage{Type: "receive", Time: seconds(f.At), Opcode: opcode}
	if f.From == dissect.Client {
		m.Type = "send"
	}
	if opcode >= 8 {
		m.Data = controlData(f)
		e.Messages = append(e.Messages, m)
		return
	}
	if opcode != 0 {
		s.message = archivePayload{opcode: opcode, compressed: fieldOf(f, "websocket.rsv1") == "1"}
	}
	s.message.bytes = append(s.message.bytes, payloadOf(f, p)...)
	if fieldOf(f, "websocket.fin") == "0" {
		return
	}
	m.Opcode = s.message.opcode
	if s.message.compressed {
		s.message.bytes = inflatedOf(f)
	}
	m.Data = string(s.message.bytes)
	if m.Opcode == 2 {
		m.Data = base64.StdEncoding.EncodeToString(s.message.bytes)
	}
	e.Messages = append(e.Messages, m)
	s.message = archivePayload{}
}

// controlData says what a Ping, Pong or Close carries.
func controlData(f *dissect.Frame) string {
	code, reason := fieldOf(f, "websocket.payload.close.status_code"), fieldOf(f, "websocket.payload.close.reason")
	return strings.TrimSpace(code + " " + reason + fieldOf(f, "websocket.payload"))
}

// payloadOf takes the mask off a payload (RFC 6455 §5.3).
func payloadOf(f *dissect.Frame, p []byte) []byte {
	var key [4]byte
	for _, field := range f.Fields {
		switch field.Name {
		case "websocket.masking_key":
			copy(key[:], p[field.Offset:])
		case "websocket.payload":
			payload := bytes.Clone(p[field.Offset:][:field.Length])
			for i := range payload {
				payload[i] ^= key[i%4]
			}
			return payload
		}
	}
	return nil
}

// inflatedOf is what a compressed message is, as its last frame tells: of more
// than 64 KiB the start, and an ellipsis.
func inflatedOf(f *dissect.Frame) []byte {
	for _, field := range f.Fields {
		switch {
		case field.Name != "websocket.payload":
		case field.Hex:
			p, _ := hex.DecodeString(strings.TrimSuffix(field.Value, "…"))
			return p
		default:
			return []byte(field.Value)
		}
	}
	return nil
}
