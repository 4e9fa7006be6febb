package echo

import (
	"compress/gzip"
	"net/http"
	"strings"
)

// A compressed response has its body under gzip, if the client takes that.
type compressed struct {
	http.ResponseWriter
	zip *gzip.Writer // nil if it does not
}

func compress(w http.ResponseWriter, r *http.Request) *compressed {
	if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		return &compressed{w, nil}
	}
	w.Header().Set("Content-Encoding", "gzip")
	return &compressed{w, gzip.NewWriter(w)}
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
	return c.zip.Close()
}

// Unwrap lets http.ResponseController see through.
func (c *compressed) Unwrap() http.ResponseWriter { return c.ResponseWriter }
