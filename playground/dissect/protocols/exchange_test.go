package protocols

import (
	"fmt"
	"strings"
	"testing"

	"seewire/playground/dissect"
)

// Every frame says which request it belongs to, from either side and in any
// order.
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
	for name, test := range map[string]struct {
		turns []turn
		want  string
	}{
		"pipelined": {[]turn{{dissect.Client, two}, {dissect.Server, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na" +
			"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: b\n\n"}},
			"request 1 request 2 body 2 response 1 body 1 response 2 response 2 field 2 blank 2"},
		"upgrade": {[]turn{{dissect.Client, openingHead + "\r\n" + helloMasked}, {dissect.Server, acceptedHead + "\r\n\x81\x00"}},
			"request 1 response 1 text 1 text 1"},
		"a response alone":   {[]turn{{dissect.Server, "HTTP/1.1 204 No Content\r\n\r\n"}}, "response 1"},
		"a head that is cut": {[]turn{{dissect.Client, "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHo"}}, "request 1 request 0"},
		"http2": {[]turn{{dissect.Client, c.take()}, {dissect.Server, s.take()}},
			"preface 0 settings 0 request 1 request 2 settings 0 response 2 field 2 blank 2 data 2 response 1 data 1"},
	} {
		var got []string
		for _, f := range checkProperties(t, newConversation, test.turns...) {
			got = append(got, fmt.Sprint(f.Kind, " ", f.Exchange))
		}
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, test.want)
		}
	}
}
