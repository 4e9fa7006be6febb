package export

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"seewire/playground/dissect"
)

// addHTTP2 adds a frame of HTTP/2. A capture has the header blocks of all
// requests on its connections, because none can be read without those before
// it; only what was run under its ID becomes an entry.
func (b *archiveBuilder) addHTTP2(c *archiveConnection, f *dissect.Frame) {
	x := c.exchanges[f.Exchange]
	switch f.Kind {
	case "request":
		pseudo, headers := dividedHeaders(f)
		if len(c.Streams) > 0 && !slices.Contains(c.Streams, f.Stream) {
			return
		}
		whole := pseudo[":scheme"] + "://" + pseudo[":authority"] + pseudo[":path"]
		b.exchange(c, f, pseudo[":method"], whole, "HTTP/2", headers)
	case "response":
		pseudo, headers := dividedHeaders(f)
		code, err := strconv.Atoi(pseudo[":status"])
		if x == nil || err != nil || code < 200 {
			return
		}
		x.respond(c, f, code, http.StatusText(code), "HTTP/2", headers)
	case "data":
		if x == nil {
			return
		}
		body := &x.response
		if f.From == dissect.Client {
			body = &x.request
		} else {
			x.entry.Response.TransferSize += f.Length
		}
		body.last = f.At
		body.bytes = append(body.bytes, dataContent(f, c.bytesOf(f))...)
	}
}

// dividedHeaders divides a header list into what takes the place of HTTP/1's
// first line and the header fields.
func dividedHeaders(f *dissect.Frame) (pseudo map[string]string, headers []archivePair) {
	pseudo, headers = map[string]string{}, []archivePair{}
	for _, h := range f.Headers {
		if strings.HasPrefix(h.Name, ":") {
			pseudo[h.Name] = h.Value
		} else {
			headers = append(headers, archivePair{h.Name, h.Value})
		}
	}
	return pseudo, headers
}

// dataContent is the payload of a DATA frame without its padding (RFC 9113
// §6.1).
func dataContent(f *dissect.Frame, p []byte) []byte {
	start, end := min(9, len(p)), len(p) // after the frame header
	for _, field := range f.Fields {
		switch field.Name {
		case "http2.padding":
			start = field.Offset + field.Length
		case "http2.data.padding":
			end = field.Offset
		}
	}
	return p[start:end]
}
