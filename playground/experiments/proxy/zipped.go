package proxy

import (
	"compress/gzip"
	"net/http"
)

// zipped is a response that is compressed on its way. The compressor keeps what
// it has until it knows how to say it best, or is told to flush.
type zipped struct {
	http.ResponseWriter
	compressor *gzip.Writer // nil for a response without a body
	flushes    bool
}

func (z *zipped) WriteHeader(status int) {
	if status == http.StatusOK {
		z.Header().Set("Content-Encoding", "gzip")
		z.Header().Add("Vary", "Accept-Encoding")
		z.Header().Del("Content-Length")
		z.compressor = gzip.NewWriter(z.ResponseWriter)
	}
	z.ResponseWriter.WriteHeader(status)
}

func (z *zipped) Write(p []byte) (int, error) {
	if z.compressor == nil {
		return z.ResponseWriter.Write(p)
	}
	return z.compressor.Write(p)
}

// FlushError is what ReverseProxy calls, through http.ResponseController, after
// each write of a stream. Without it the compressor would keep what it has.
func (z *zipped) FlushError() error {
	if !z.flushes || z.compressor == nil {
		return nil
	}
	if err := z.compressor.Flush(); err != nil {
		return err
	}
	return http.NewResponseController(z.ResponseWriter).Flush()
}

// close writes what is left, and the end.
func (z *zipped) close() error {
	if z.compressor == nil {
		return nil
	}
	return z.compressor.Close()
}
