package protocols

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/http2"

	"seewire/playground/dissect"
)

// Every frame says which request it belongs to, from either side and in any
// order, and the last one of a side how it ends what the side sends.
func TestExchanges(t *testing.T) {
	two := "GET /a HTTP/1.1\r\nHost: x\r\n\r\nPOST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"
	c, s := newH2Writer(), newH2Writer()
	c.WriteString("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
	c.WriteSettings()
	c.headers(1, true, getH2("/a")...)
	c.headers(3, true, getH2("/b")...)
	s.WriteSettings()
	s.headers(3, false, ":status", "200", "content-type", "text/event-stream")
	s.WriteData(3, true, []byte("data: b\n\n"))
	s.headers(1, false, ":status", "200")
	s.WriteData(1, true, []byte("a"))
	given := newH2Writer()
	given.WriteString("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
	given.WriteSettings()
	given.headers(1, true, getH2("/a")...)
	given.WriteRSTStream(1, http2.ErrCodeCancel)
	chunks := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
	for name, test := range map[string]struct {
		turns []turn
		want  string
	}{
		"pipelined": {[]turn{{dissect.Client, two}, {dissect.Server, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na" +
			"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: b\n\n"}},
			"request 1 complete, request 2, body 2 complete, response 1, body 1 complete, response 2, response 2, field 2, blank 2"},
		"upgrade": {[]turn{{dissect.Client, openingHead + "\r\n" + helloMasked}, {dissect.Server, acceptedHead + "\r\n\x81\x00"}},
			"request 1 complete, response 1, text 1, text 1"},
		"a close frame": {[]turn{{dissect.Client, openingHead + "\r\n"}, {dissect.Server, acceptedHead + "\r\n\x88\x00"}},
			"request 1 complete, response 1, close 1 close"},
		"chunks": {[]turn{{dissect.Server, chunks + "\r\n1\r\na\r\n0\r\n\r\n"}}, "response 1, chunk 1, last-chunk 1 complete"},
		"chunks of events, with a trailer": {[]turn{{dissect.Server, chunks + "Content-Type: text/event-stream\r\n\r\n3\r\na:\n\r\n0\r\nA: b\r\n\r\n"}},
			"response 1, ignored 1, chunk 1, last-chunk 1, trailer 1 complete, end 1"},
		"events of a known length": {[]turn{{dissect.Server, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 3\r\n\r\na:\n"}},
			"response 1, ignored 1, end 1 complete"},
		"no content":                {[]turn{{dissect.Server, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}}, "response 1 complete"},
		"a body that is cut":        {[]turn{{dissect.Server, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na"}}, "response 1, body 1"},
		"a stream that is given up": {[]turn{{dissect.Client, given.take()}}, "preface 0, settings 0, request 1 complete, rst-stream 1 reset"},
		"a response alone":          {[]turn{{dissect.Server, "HTTP/1.1 204 No Content\r\n\r\n"}}, "response 1 complete"},
		"a head that is cut":        {[]turn{{dissect.Client, "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHo"}}, "request 1 complete, request 0"},
		"http2": {[]turn{{dissect.Client, c.take()}, {dissect.Server, s.take()}},
			"preface 0, settings 0, request 1 complete, request 2 complete, settings 0, response 2, field 2, blank 2, data 2 complete, response 1, data 1 complete"},
	} {
		var got []string
		for _, f := range checkProperties(t, newConversation, test.turns...) {
			got = append(got, strings.TrimSpace(fmt.Sprint(f.Kind, " ", f.Exchange, " ", f.Ends)))
		}
		if got := strings.Join(got, ", "); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, test.want)
		}
	}
}
