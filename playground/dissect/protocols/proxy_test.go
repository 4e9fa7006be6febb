package protocols

import (
	"strings"
	"testing"

	"seewire/playground/dissect"
)

// v2Head is a head of version 2 of the PROXY protocol, with an extension of one byte.
const v2Head = "\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x10\xc0\x00\x02\x01\xc0\x00\x02\x02\xd4\x31\x00\x50\x04\x00\x01a"

// What a proxy has put before a connection is shown, and read on behind it.
func TestProxyHead(t *testing.T) {
	for head, says := range map[string]string{
		"PROXY TCP4 192.0.2.1 192.0.2.2 54321 80\r\n": "PROXY TCP4 192.0.2.1 192.0.2.2 54321 80",
		"PROXY TCP6 2001:db8::1 2001:db8::2 1 80\r\n": "PROXY TCP6 2001:db8::1 2001:db8::2 1 80",
		"PROXY UNKNOWN\r\n":                           "PROXY UNKNOWN",
		"PROXY UNKNOWN what ever\r\n":                 "PROXY UNKNOWN what ever",
		v2Head:                                        "PROXY TCP4 192.0.2.1 192.0.2.2 54321 80",
	} {
		for rest, want := range map[string]string{
			someRequest: "proxy request",
			"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + h2("", 4, 0, 0): "proxy preface settings",
		} {
			frames := checkProperties(t, newConversation, turn{dissect.Client, head + rest})
			if got := kinds(frames); got != want || frames[0].Say[0].Text != says || len(violationCodes(frames)) > 0 {
				t.Errorf("%q: got %s, %s, %q", head, got, show(frames[0]), violationCodes(frames))
			}
			if protocol, from := Guess([]byte(head + rest)); protocol != "http1" || from != dissect.Client {
				t.Errorf("%q: taken for %s of the %s", head, protocol, from)
			}
		}
	}
	for _, cut := range []string{v2Head[:14], v2Head[:20]} {
		if got := kinds(checkProperties(t, newConversation, turn{dissect.Client, cut})); got != "proxy" {
			t.Errorf("of %q: %s", cut, got)
		}
	}
	if got := kinds(checkProperties(t, newConversation, turn{dissect.Client, "\r\n\r\n\x00\r\nQUOT\n" + someRequest})); got != "unknown request" {
		t.Errorf("of what only begins so: %s", got)
	}
}

// undone is what curl --compressed -i prints.
const undone = "HTTP/2 200 \r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\ndata: a\n\n"

// A tool that saves a body has undone its coding: that is no fault of the server.
func TestCodingUndone(t *testing.T) {
	for _, head := range []string{undone, strings.Replace(undone, "Content-Length: 5", "Transfer-Encoding: chunked", 1), strings.Replace(undone, "gzip", "br", 1)} {
		frames := checkProperties(t, oneSided(t, "http1", dissect.Server, ""), turn{dissect.Server, head})
		got := strings.Replace(kinds(frames), " dechunked", "", 1)
		if got != "response decoded field blank" || len(violationCodes(frames)) > 0 {
			t.Errorf("got %s, %q", got, violationCodes(frames))
		}
	}
	if got := violationCodes(dissectResponse(t, strings.Replace(undone, "HTTP/2", "HTTP/1.1", 1))); len(got) == 0 {
		t.Error("on a connection it is a fault")
	}
}
