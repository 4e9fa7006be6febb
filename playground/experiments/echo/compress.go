package echo

import (
	"compress/gzip"
	"net/http"
	"strings"

	"seewire/playground"
)

// A compressed response has its body under gzip.
type compressed struct {
	http.ResponseWriter
	zip   *gzip.Writer // nil where it has not
	leave func()
}

// compress puts a response under gzip, if the client takes that and there is
// room for one more: a gzip.Writer is most of a megabyte.
func (s *streams) compress(w http.ResponseWriter, r *http.Request) *compressed {
	if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		return &compressed{ResponseWriter: w}
	}
	peer := playground.Peer(r)
	if !s.compressing.Take(peer, 1) {
		return &compressed{ResponseWriter: w}
	}
	w.Header().Set("Content-Encoding", "gzip")
	return &compressed{w, gzip.NewWriter(w), func() { s.compressing.Release(peer, 1) }}
}

func (c *compressed) Write(p []byte) (int, error) {
	if c.zip == nil {
		return c.ResponseWriter.Write(p)
	}
	return c.zip.Write(p)
}

// FlushError writes what gzip would keep back, so that an event arrives when it
// is sent.
func (c *compressed) FlushError() error {
	if c.zip != nil {
		if err := c.zip.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(c.ResponseWriter).Flush()
}

// Close writes the end of the body.
func (c *compressed) Close() error {
	if c.zip == nil {
		return nil
	}
	defer c.leave()
	return c.zip.Close()
}

// Unwrap lets http.ResponseController see through.
func (c *compressed) Unwrap() http.ResponseWriter { return c.ResponseWriter }
