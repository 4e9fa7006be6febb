package wire

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"time"
)

// maxHeld bounds what is kept of a request before it is known whether it is
// to be recorded.
const maxHeld = 64 << 10

// A held is what was read before it was known whose it is: the head of a
// request, and whatever came along with it.
type held struct {
	bytes    []byte
	segments []Segment
	dropped  int64 // how many bytes came after maxHeld
}

func (h *held) add(at time.Time, p []byte) {
	kept := p[:min(maxHeld-len(h.bytes), len(p))]
	h.dropped += int64(len(p) - len(kept))
	if len(kept) > 0 {
		h.segments = append(h.segments, Segment{From: Client, At: at, Offset: int64(len(h.bytes)), Length: len(kept)})
		h.bytes = append(h.bytes, kept...)
	}
}

// cut takes off what belongs to the first request. What is left belongs to
// the next one, or to the protocol that this one asks for.
func (h *held) cut() (request, rest *held) {
	n := requestLength(h.bytes)
	if n == len(h.bytes) {
		return h, nil
	}
	request, rest = new(held), new(held)
	for _, s := range h.segments {
		p := h.bytes[s.Offset:][:s.Length]
		own := min(max(0, n-int(s.Offset)), s.Length)
		request.add(s.At, p[:own])
		rest.add(s.At, p[own:])
	}
	rest.dropped = h.dropped
	return request, rest
}

// requestLength says how many of the bytes are the first request's, head and
// body. Clients that send the next request without waiting for the response
// are rare (RFC 9112 §9.3.2), and most heads end where the bytes do.
func requestLength(p []byte) int {
	emptyLine, bare := []byte("\n\r\n"), []byte("\n\n")
	if bytes.Index(p, emptyLine) == len(p)-len(emptyLine) && !bytes.Contains(p, bare) {
		return len(p)
	}
	r := bufio.NewReaderSize(bytes.NewReader(p), len(p))
	request, err := http.ReadRequest(r)
	if err != nil {
		return len(p)
	}
	if _, err := io.Copy(io.Discard, request.Body); err != nil {
		return len(p) // the rest of the body is still to come
	}
	return len(p) - r.Buffered()
}
