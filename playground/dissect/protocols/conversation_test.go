package protocols

import (
	"slices"
	"strings"
	"testing"

	"seewire/playground/dissect"
	"seewire/playground/dissect/sse"
)

const (
	openingHead = "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	acceptedHead = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
	deflateOffer = "Sec-WebSocket-Extensions: permessage-deflate"
	helloMasked  = "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"
)

// h2 is a frame of HTTP/2.
func h2(payload string, kind, flags byte, stream uint32) string {
	n := len(payload)
	return string([]byte{byte(n >> 16), byte(n >> 8), byte(n), kind, flags, 0, 0, 0, byte(stream)}) + payload
}

// literal is a header as a block has it that no table knows (RFC 7541 §6.2.2).
func literal(name, value string) string {
	return "\x00" + string(rune(len(name))) + name + string(rune(len(value))) + value
}

var extendedConnect = literal(":method", "CONNECT") + literal(":protocol", "websocket") + literal(":scheme", "https") +
	literal(":authority", "x") + literal(":path", "/ws") + literal("sec-websocket-version", "13")

// conversationCases are whole connections, and the kinds of their frames.
func conversationCases() map[string]struct {
	turns []turn
	want  string
} {
	type conversation = struct {
		turns []turn
		want  string
	}
	return map[string]conversation{
		"a WebSocket": {
			[]turn{{dissect.Client, openingHead + "\r\n"}, {dissect.Server, acceptedHead + "\r\n\x81\x05Hello"}, {dissect.Client, helloMasked}, {dissect.Server, "\x88\x00"}},
			"request response text text close"},
		"a client that does not wait for the answer": {
			[]turn{{dissect.Client, openingHead + "\r\n" + helloMasked}, {dissect.Client, helloMasked}, {dissect.Server, acceptedHead + "\r\n"}, {dissect.Client, helloMasked}},
			"request response text!websocket.frame-before-answer text!websocket.frame-before-answer text"},
		"an upgrade on a connection that is kept alive": {
			[]turn{{dissect.Client, someRequest + openingHead + "\r\n" + helloMasked}, {dissect.Server, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" + acceptedHead + "\r\n"}},
			"request request response body response text!websocket.frame-before-answer"},
		"an upgrade with a body": {
			[]turn{{dissect.Client, openingHead + "Content-Length: 2\r\n\r\nhi" + helloMasked}, {dissect.Server, acceptedHead + "\r\n"}},
			"request body response text!websocket.frame-before-answer"},
		"an upgrade that is answered before its body": {
			[]turn{{dissect.Client, openingHead + "Content-Length: 2\r\n\r\nh"}, {dissect.Server, acceptedHead + "\r\n"}, {dissect.Client, "i" + helloMasked}},
			"request response body text"},
		"an upgrade that is refused": {
			[]turn{{dissect.Client, openingHead + "\r\n" + someRequest}, {dissect.Server, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"}},
			"request response request response"},
		"an upgrade that is announced first": {
			[]turn{{dissect.Client, openingHead + "\r\n" + helloMasked}, {dissect.Server, "HTTP/1.1 103 Early Hints\r\n\r\n" + acceptedHead + "\r\n"}},
			"request response response text!websocket.frame-before-answer"},
		"an upgrade that is never answered": {
			[]turn{{dissect.Client, openingHead + "\r\n" + helloMasked}},
			"request unknown"},
		"an upgrade to something else": {
			[]turn{{dissect.Client, "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: chess\r\n\r\ne4"}, {dissect.Server, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: chess\r\n\r\ne5"}},
			"request response unknown unknown"},
		"compression": {
			[]turn{{dissect.Client, openingHead + "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"},
				{dissect.Server, acceptedHead + "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n\r\n\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"}},
			"request response text"},
		"more before the answer than is held": {
			[]turn{{dissect.Client, openingHead + "\r\n" + strings.Repeat("a", dissect.MaxWaiting+1)}, {dissect.Server, acceptedHead + "\r\n"}, {dissect.Client, helloMasked}},
			"request unknown unknown unknown unknown response unknown"},
		"a server of HTTP/2 that speaks first": {
			[]turn{{dissect.Server, h2("", 4, 0, 0)}, {dissect.Client, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + h2("", 4, 0, 0)}, {dissect.Server, h2("", 4, 1, 0)}},
			"settings preface settings settings"},
		"both of HTTP/2 at once": {
			[]turn{{dissect.Client, "PR"}, {dissect.Server, "\x00\x00"}, {dissect.Client, "I * HTTP/2.0\r\n\r\nSM\r\n\r\n" + h2("", 4, 0, 0)}, {dissect.Server, h2("", 4, 0, 0)[2:]}},
			"preface settings settings"},
		"a server that only begins as one of HTTP/2": {
			[]turn{{dissect.Server, "\x00\x00\x06\x04\x00\x01"}, {dissect.Client, someRequest}},
			"request unknown"},
		"HTTP/2 by Upgrade": {
			[]turn{{dissect.Client, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n"},
				{dissect.Server, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n" + h2("", 4, 0, 0)},
				{dissect.Client, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + h2("", 4, 0, 0)},
				{dissect.Server, h2(literal(":status", "200")+literal("content-type", "text/event-stream"), 1, 4, 1) + h2("data: 1\n\n", 0, 1, 1)}},
			"request response settings preface settings response field blank data"},
		"a WebSocket in HTTP/2": {
			[]turn{{dissect.Client, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + h2("", 4, 0, 0)}, {dissect.Server, h2("\x00\x08\x00\x00\x00\x01", 4, 0, 0)},
				{dissect.Client, h2(extendedConnect, 1, 4, 1)}, {dissect.Server, h2(literal(":status", "200"), 1, 4, 1)},
				{dissect.Client, h2(helloMasked[:3], 0, 0, 1) + h2(helloMasked[3:7], 0, 0, 1) + h2(helloMasked[7:]+helloMasked, 0, 0, 1)},
				{dissect.Server, h2("\x01\x01a", 0, 0, 1) + h2("\x80\x01b\x81", 0, 0, 1) + h2("\x01c", 0, 1, 1)}},
			"preface settings settings request response data data text text data text data continuation data text data"},
		"a WebSocket in HTTP/2 that the server has not offered": {
			[]turn{{dissect.Client, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + h2("", 4, 0, 0)}, {dissect.Server, h2("", 4, 0, 0)}, {dissect.Client, h2(extendedConnect, 1, 4, 1)}},
			"preface settings settings request!http2.connect-protocol"},
		"a setting that is taken back": {
			[]turn{{dissect.Server, h2("\x00\x08\x00\x00\x00\x01", 4, 0, 0) + h2("\x00\x08\x00\x00\x00\x00", 4, 0, 0)}},
			"settings settings!http2.settings-value"},
		"a WebSocket through a tunnel": {
			[]turn{{dissect.Client, "CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n"}, {dissect.Server, "HTTP/1.1 200 Connection established\r\n\r\n"},
				{dissect.Client, openingHead + "\r\n"}, {dissect.Server, acceptedHead + "\r\n\x81\x05Hello"}},
			"request response request response text"},
		"two spaces in a request line": {
			[]turn{{dissect.Client, "GET  / HTTP/1.1\r\nHost: x\r\n\r\n" + someRequest}},
			"request!http1.start-line request"},
		"a request behind what is none": {
			[]turn{{dissect.Client, "what is\r\nthis\r\n" + someRequest}},
			"unknown request"},
		"a long line that is none": {
			[]turn{{dissect.Client, strings.Repeat("a", 20000) + " HTTP/1.1\r\n" + someRequest}},
			"unknown unknown request"},
		"a chunk behind the last one": {
			[]turn{{dissect.Client, someRequest}, {dissect.Server, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n1\r\na\r\n"}},
			"request response last-chunk unknown!http1.after-response"},
		"lines of JSON": {
			[]turn{{dissect.Client, someRequest}, {dissect.Server, "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{\"a\"\r\nc\r\n:1}\n\n{\r\n{\"b\"\r\n0\r\n\r\n"}},
			"request response chunk line blank line!ndjson.json chunk last-chunk line"},
		"an HTTP response in a WebSocket": {
			[]turn{{dissect.Client, openingHead + "\r\n"}, {dissect.Server, acceptedHead + "\r\n\x81\x01aHTTP/1.1 400 Bad Request\r\n\r\n"}},
			"request response text unknown!websocket.answer-in-frames"},
		"a Close that only begins as an HTTP response": {
			[]turn{{dissect.Client, openingHead + "\r\n"}, {dissect.Server, acceptedHead + "\r\nHT" + strings.Repeat("T", 84) + "HT"}},
			"request response close!websocket.reserved-bit!websocket.control-fragmented!websocket.close-code close!websocket.reserved-bit!websocket.control-fragmented"},
		"an extension that is not known here": {
			[]turn{{dissect.Client, openingHead + "Sec-WebSocket-Extensions: x-webkit-deflate-frame\r\n\r\n"},
				{dissect.Server, acceptedHead + "Sec-WebSocket-Extensions: x-webkit-deflate-frame\r\n\r\n\xc1\x02\xff\xff"}},
			"request response text"},
		"text under a reserved bit": {
			[]turn{{dissect.Client, openingHead + "\r\n"}, {dissect.Server, acceptedHead + "\r\n\xc1\x02\xff\xff"}},
			"request response text!websocket.reserved-bit!websocket.invalid-utf8"},
		"a continuation of nothing, and a message": {
			[]turn{{dissect.Client, openingHead + "\r\n"}, {dissect.Server, acceptedHead + "\r\n\x00\x00\x81\x01a"}},
			"request response continuation!websocket.continuation-without-start text"},
		"an EventSource that gets something else": {
			[]turn{{dissect.Client, "GET / HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n"}, {dissect.Server, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\ndata: a\n\n"}},
			"request response!sse.content-type body!sse.mistyped"},
		"events under another type, in chunks": {
			[]turn{{dissect.Client, someRequest}, {dissect.Server, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: a\n\n\r\n9\r\ndata: a\n\n\r\n0\r\n\r\n"}},
			"request response chunk!sse.mistyped chunk last-chunk"},
		"another charset": {
			[]turn{{dissect.Client, someRequest}, {dissect.Server, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=\"iso-8859-1\"\r\n\r\ndata: \xe9\n1a\n\n"}},
			"request response!sse.charset field!sse.utf8 ignored blank"},
		"gzip without its end": {
			[]turn{{dissect.Client, someRequest}, {dissect.Server, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\na\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\r\n0\r\n\r\n"}},
			"request response chunk last-chunk!http1.coding-unfinished"},
		"Gemini without alt=sse": {
			[]turn{{dissect.Client, someRequest}, {dissect.Server, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n12\r\n[{\"candidates\":[]}\r\n1\r\n]\r\n0\r\n\r\n"}},
			"request response chunk!sse.json-array chunk last-chunk"},
		"line ends as they are written in a program": {
			[]turn{{dissect.Client, someRequest}, {dissect.Server, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: a\\n\\n\ndata: {\"a\":\"b\\n\\n\"}\n\n"}},
			"request response field!sse.written-line-end field blank"},
		"gzip that is not flushed": {
			[]turn{{dissect.Client, someRequest}, {dissect.Server, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\na\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\r\n"}},
			"request response chunk"},
		"an event stream, and another request": {
			[]turn{{dissect.Client, someRequest},
				{dissect.Server, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: a\n\n\r\n0\r\n\r\n"},
				{dissect.Client, someRequest}, {dissect.Server, "HTTP/1.1 204 No Content\r\n\r\n"}},
			"request response field blank chunk last-chunk request response"},
		"garbage": {
			[]turn{{dissect.Client, "\x16\x03\x01\x00\xff what is this\n and this"}, {dissect.Server, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"}, {dissect.Client, "\x00"}},
			"response unknown"},
	}
}

func TestConversation(t *testing.T) {
	for name, test := range conversationCases() {
		t.Run(name, func(t *testing.T) {
			var kinds []string
			for _, f := range checkProperties(t, newConversation, test.turns...) {
				kinds = append(kinds, strings.Join(append([]string{f.Kind}, violationCodes([]dissect.Frame{f})...), "!"))
			}
			if got := strings.Join(kinds, " "); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func handshakeViolations() []struct{ request, response, want string } {
	opening := func(old, new string) string { return strings.Replace(openingHead, old, new, 1) + "\r\n" }
	return []struct{ request, response, want string }{
		{opening("", ""), acceptedHead + "\r\n", ""},
		{opening("dGhlIHNhbXBsZSBub25jZQ==", "c2hvcnQ="), "", "websocket.key"},
		{opening("dGhlIHNhbXBsZSBub25jZQ==", "?"), "", "websocket.key"},
		{opening("Version: 13", "Version: 8"), "", "websocket.version"},
		{opening("Version: 13", "Version: 13, 8"), "", "websocket.version"},
		{openingHead + "Sec-WebSocket-Protocol: chat, talk\r\nSec-WebSocket-Protocol: chat\r\n\r\n", "", "websocket.protocol-offer"},
		{openingHead + "Sec-WebSocket-Protocol: small talk\r\n\r\n", "", "websocket.protocol-offer"},
		{opening("", ""), strings.Replace(acceptedHead, "s3pP", "S3pP", 1) + "\r\n", "websocket.accept"},
		{opening("", ""), acceptedHead + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n", "websocket.extension-not-offered"},
		{opening("", ""), acceptedHead + "Sec-WebSocket-Protocol: chat\r\n\r\n", "websocket.protocol-not-offered"},
		{opening("GET", "POST"), "", "websocket.method"},
		{opening("HTTP/1.1", "HTTP/1.0"), "", "websocket.http-version"},
		{opening("Upgrade: WebSocket\r\n", ""), "", "websocket.upgrade"},
		{opening("keep-alive, Upgrade", "keep-alive"), "", "websocket.connection"},
		{opening("", ""), strings.Replace(acceptedHead, "Upgrade: websocket\r\n", "", 1) + "\r\n", "websocket.upgrade"},
		{opening("", ""), strings.Replace(acceptedHead, "Connection: Upgrade", "Connection: keep-alive", 1) + "\r\n", "websocket.connection"},
		{opening("", ""), "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", "websocket.accept-missing"},
		{opening("", ""), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "websocket.not-switched"},
		{opening("", ""), "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", ""},
		{opening("", ""), acceptedHead + "Sec-WebSocket-Protocol: \r\n\r\n", "websocket.protocol-empty"},
		{openingHead + "Sec-WebSocket-Protocol: talk\r\n\r\n", acceptedHead + "\r\n", "websocket.protocol-unanswered"},
		{openingHead + deflateOffer + "\r\n\r\n", acceptedHead + deflateOffer + "; server_max_window_bits=7\r\n\r\n", "websocket.window-bits"},
		{openingHead + deflateOffer + "\r\n\r\n", acceptedHead + deflateOffer + "; server_max_window_bits=08\r\n\r\n", "websocket.window-bits"},
		{openingHead + deflateOffer + "; client_max_window_bits=16\r\n\r\n", "", "websocket.window-bits"},
		{openingHead + deflateOffer + "; client_max_window_bits\r\n\r\n", acceptedHead + deflateOffer + "; client_max_window_bits=\"10\"\r\n\r\n", ""},
		{openingHead + deflateOffer + "\r\n\r\n", acceptedHead + deflateOffer + "; client_max_window_bits=10\r\n\r\n", "websocket.deflate-parameter"},
		{openingHead + deflateOffer + "; x\r\n\r\n", "", "websocket.deflate-parameter"},
		{openingHead + deflateOffer + "; server_no_context_takeover=1\r\n\r\n", "", "websocket.deflate-parameter"},
		{openingHead + "Sec-WebSocket-Protocol: talk, chat\r\n\r\n", acceptedHead + "Sec-WebSocket-Protocol: chat\r\n\r\n", ""},
	}
}

func TestHandshake(t *testing.T) {
	for _, test := range handshakeViolations() {
		frames := checkProperties(t, newConversation, turn{dissect.Client, test.request}, turn{dissect.Server, test.response})
		if got := strings.Join(violationCodes(frames), " "); got != test.want {
			t.Errorf("%q %q: got %q, want %q", test.request, test.response, got, test.want)
		}
	}
}

// A response without its request, as in bytes of one side, is read all the same.
func TestOneSide(t *testing.T) {
	for bytes, want := range map[string]string{
		acceptedHead + "\r\n\x81\x05Hello":      "response text",
		"HTTP/1.1 200 OK\r\n\r\nbody":           "response body",
		"HTTP/1.1 204 No Content\r\n\r\nHTTP/1": "response unknown",
	} {
		frames := checkProperties(t, oneSided(t, "http1", dissect.Server, ""), turn{dissect.Server, bytes})
		var kinds []string
		for _, f := range frames {
			kinds = append(kinds, f.Kind)
		}
		if got := strings.Join(kinds, " "); got != want {
			t.Errorf("%q: got %s, want %s", bytes, got, want)
		}
	}
}

// Bytes of a client that nobody answers are all there, too.
func TestBytesOfAClient(t *testing.T) {
	p := openingHead + "\r\n" + helloMasked
	r, err := Bytes(t.Context(), dissect.NewBudget(), "http1", dissect.Client, "", []byte(p))
	if err != nil {
		t.Fatal(err)
	}
	checkTiling(t, dissect.Client, len(p), r.Frames)
}

func TestBytesErrors(t *testing.T) {
	if _, err := Bytes(t.Context(), dissect.NewBudget(), "ftp", dissect.Server, "", nil); err == nil {
		t.Error("no error for an unknown protocol")
	}
	if _, err := Bytes(t.Context(), dissect.NewBudget(), "sse", "proxy", "", nil); err == nil {
		t.Error("no error for an unknown side")
	}
}

// The times of bytes that waited for an answer are their own.
func TestTimesOfHeldBytes(t *testing.T) {
	c := New(3, dissect.NewBudget())
	c.Feed(dissect.Client, start, []byte(openingHead+"\r\n"))
	c.Feed(dissect.Client, start.Add(1e9), []byte(helloMasked))
	c.Feed(dissect.Client, start.Add(2e9), []byte(helloMasked))
	frames := c.Feed(dissect.Server, start.Add(3e9), []byte(acceptedHead+"\r\n"))
	var at []float64
	for _, f := range frames {
		at = append(at, f.At.Sub(start).Seconds())
		if f.Connection != 3 {
			t.Errorf("got the connection %d, want 3", f.Connection)
		}
	}
	if !slices.Equal(at, []float64{3, 1, 2}) {
		t.Errorf("got the times %v, want 3, 1, 2", at)
	}
}

// A client that ends while it waits has its bytes read when the answer comes.
func TestClientEndsWhileItWaits(t *testing.T) {
	c := New(1, dissect.NewBudget())
	c.Feed(dissect.Client, start, []byte(openingHead+"\r\n"+helloMasked+"\x81"))
	if f := c.End(dissect.Client, start.Add(1e9)); len(f) != 0 {
		t.Fatalf("got %s before the answer", show(f[0]))
	}
	frames := c.Feed(dissect.Server, start.Add(2e9), []byte(acceptedHead+"\r\n"))
	if len(frames) != 3 || frames[1].Kind != "text" || !frames[2].Incomplete || !frames[2].At.Equal(start.Add(1e9)) {
		t.Errorf("got %d frames, want the response, a text and a frame that is cut", len(frames))
	}
}

// A connection that would take too much to describe ends as unknown data, and
// still each byte is in a field, for any split.
func TestBudget(t *testing.T) {
	small := func(budget int) func() *dissect.Conversation {
		return func() *dissect.Conversation {
			return New(1, dissect.BudgetOf(2*budget, dissect.MaxInflation)) // half of it is for others
		}
	}
	for name, test := range conversationCases() {
		t.Run(name, func(t *testing.T) {
			for budget := 0; budget < 6000; budget += 517 {
				checkProperties(t, small(budget), test.turns...)
			}
		})
	}
	frames := checkProperties(t, small(20000),
		turn{dissect.Client, openingHead + "\r\n"}, turn{dissect.Server, acceptedHead + "\r\n" + strings.Repeat("\x81\x00", 1000)}, turn{dissect.Client, helloMasked})
	last := frames[len(frames)-1]
	if len(frames) > 40 || last.Protocol != "data" || last.Say[0].Key != "data.undescribed" {
		t.Errorf("got %d frames, and at the end %q", len(frames), said(last))
	}
}

// A line without an end is not kept without a bound.
func TestLongLine(t *testing.T) {
	c := oneSided(t, "sse", dissect.Server, "")()
	block := []byte(strings.Repeat("a", 1<<20))
	var frames []dissect.Frame
	for range 18 {
		frames = append(frames, c.Feed(dissect.Server, start, block)...)
	}
	if len(frames) == 0 || !frames[0].Incomplete || frames[0].Length != sse.MaxLine || frames[1].Protocol != "data" {
		t.Errorf("got %d frames, want a line of %d bytes and unknown data", len(frames), sse.MaxLine)
	}
}
