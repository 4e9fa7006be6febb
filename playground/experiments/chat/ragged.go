package chat

import (
	"net/http"
	"unicode/utf8"

	"seewire/playground"
)

// ragged lets the answers of h leave in pieces that end where no event ends,
// and inside a character where there is one of several bytes. Any network may
// do that at any time; here it happens every time, so that it can be watched.
func ragged(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !playground.Controls(r).On("ragged") {
			h(w, r)
			return
		}
		pieces := &pieces{ResponseWriter: w}
		h(pieces, r)
		w.Write(pieces.rest)
	}
}

// pieces is a response that keeps back the end of what is written to it until
// more comes.
type pieces struct {
	http.ResponseWriter
	writes int
	rest   []byte
}

// Unwrap lets http.ResponseController see through.
func (p *pieces) Unwrap() http.ResponseWriter { return p.ResponseWriter }

func (p *pieces) Write(b []byte) (int, error) {
	p.rest = append(p.rest, b...)
	if p.writes++; p.writes%3 == 0 {
		return len(b), nil // leaves with the next, so that one piece has the ends of two events
	}
	end := awkward(p.rest)
	if _, err := p.ResponseWriter.Write(p.rest[:end]); err != nil {
		return 0, err
	}
	p.rest = p.rest[end:]
	return len(b), nil
}

// awkward returns where to end a piece: inside the last character of several
// bytes, else in the middle of the last ten bytes.
func awkward(b []byte) int {
	for i := len(b) - 1; i > 0; i-- {
		if !utf8.RuneStart(b[i]) {
			return i
		}
	}
	return max(0, len(b)-5)
}
