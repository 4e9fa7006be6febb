package site

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"strconv"

	"seewire/playground"
	"seewire/static"
)

// errBusy says that others had all the places for too long.
var errBusy = errors.New("as much is being computed or sent as there is room for")

// An answer is one that was computed, on its way to a client: compressed, so that
// a client that reads slowly keeps little in memory, and no place among those that
// compute.
type answer struct {
	kept spool
	size int // uncompressed
}

// compute waits for a place among those that dissect, and has an answer written.
// The error is write's, or errBusy. The answer is to be released.
func (a *Site) compute(r *http.Request, write func(io.Writer) error) (*answer, error) {
	peer := playground.Peer(r)
	// With room for the start of the answer it is seldom computed in vain.
	if !a.places.answers.Wait(r.Context(), peer, 1, placeTime) {
		return nil, errBusy
	}
	out := &answer{kept: spool{a.places.answers, peer, [][]byte{nil}}}
	kept := false
	defer func() {
		if !kept {
			out.release()
		}
	}()
	if !a.places.dissections.Wait(r.Context(), peer, 1, placeTime) {
		return nil, errBusy
	}
	defer a.places.dissections.Release(peer, 1)
	a.dissected.Add(1)

	zip, _ := gzip.NewWriterLevel(&out.kept, gzip.BestSpeed)
	if err := write(&awaited{r.Context(), zip, &out.size}); err != nil {
		return nil, err
	}
	if err := zip.Close(); err != nil {
		return nil, err
	}
	kept = true
	return out, nil
}

// send sends the answer, compressed for whoever takes it.
func (a *answer) send(w http.ResponseWriter, r *http.Request, contentType string) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Add("Vary", "Accept-Encoding")
	text, length := a.kept.read()
	if static.Accepts(r, "gzip") {
		h.Set("Content-Encoding", "gzip")
	} else {
		text, _ = gzip.NewReader(text) // its head is there
		length = a.size
	}
	h.Set("Content-Length", strconv.Itoa(length))
	io.CopyBuffer(patient(w), text, make([]byte, answerPart)) // an error is the client's: it has left
}

// release gives back what the answer holds.
func (a *answer) release() { a.kept.release() }

// awaited passes on what is written as long as somebody waits for it, and counts.
type awaited struct {
	ctx  context.Context
	w    io.Writer
	size *int
}

func (a *awaited) Write(p []byte) (int, error) {
	if err := a.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := a.w.Write(p)
	*a.size += n
	return n, err
}

// A spool keeps bytes in memory, in parts that each have a place.
type spool struct {
	places *playground.Places
	peer   netip.Prefix
	parts  [][]byte // of unit bytes, but for the last
}

// Write fails with errBusy where there is no place for more.
func (s *spool) Write(p []byte) (n int, err error) {
	for n < len(p) {
		last := &s.parts[len(s.parts)-1]
		piece := p[n:min(n+unit-len(*last), len(p))]
		if len(piece) > 0 {
			*last = append(*last, piece...)
			n += len(piece)
			continue
		}
		if !s.places.Take(s.peer, 1) {
			return n, errBusy
		}
		s.parts = append(s.parts, make([]byte, 0, unit))
	}
	return n, nil
}

// read returns all that was written, and how much that is.
func (s *spool) read() (all io.Reader, length int) {
	var readers []io.Reader
	for _, part := range s.parts {
		readers = append(readers, bytes.NewReader(part))
		length += len(part)
	}
	return io.MultiReader(readers...), length
}

func (s *spool) release() {
	s.places.Release(s.peer, len(s.parts))
	s.parts = nil
}

// notComputed tells a program why there is no answer.
func (a *Site) notComputed(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, errBusy), a.life.Err() != nil:
		busy(w)
	case r.Context().Err() != nil: // the client has left
	default:
		playground.Because(w, err)
		broken(w)
	}
}

// broken tells a program of a mistake in this one.
func broken(w http.ResponseWriter) {
	problem(w, http.StatusInternalServerError, "broken", "The answer could not be made", "This is a mistake in Seewire. The host finds more in the log.")
}

// busy tells a program to try again.
func busy(w http.ResponseWriter) {
	w.Header().Set("Retry-After", retryAfter)
	problem(w, http.StatusServiceUnavailable, "busy", "The server is busy",
		"As much is being dissected or sent as there is room for, in all or from your address. Try again in a moment.")
}
