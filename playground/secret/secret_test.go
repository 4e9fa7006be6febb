package secret

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2/hpack"
)

// covered is what a value becomes.
func covered(name, value string, shown ...string) string {
	return cover(value, spans(KindOf(name), value, shown))
}

func TestValues(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"cookie", "sid=abc; theme=dark;x=; alone;visitor=ada", "sid=***; theme=****;x=; *****;visitor=***"},
		{"cookie", `a="b c"; d==`, `a=*****; d=*`},
		{"set-cookie", "sid=abc; Path=/; HttpOnly", "sid=***; Path=/; HttpOnly"},
		{"set-cookie", "=abc", "=***"},
		{"authorization", "Bearer abc.def", "Bearer *******"},
		{"authorization", "basic  dTpw", "basic  ****"},
		{"authorization", "Digest username=\"ada\", nonce=\"1\"", "Digest *************************"},
		{"authorization", "abc def", "*******"},
		{"authorization", "Bearer", "******"},
		{"proxy-authorization", "Basic dTpw", "Basic ****"},
		{"x-api-key", "abc", "***"},
		{"api-key", "abc", "***"},
		{"x-goog-api-key", "abc", "***"},
		{"x-auth-token", "abc", "***"},
		{"x-csrf-token", "abc", "***"},
		{"x-csrftoken", "abc", "***"},
		{"x-amz-security-token", "abc", "***"},
		{"cf-access-jwt-assertion", "abc", "***"},
		{"cf-access-client-id", "abc", "***"},
		{"x-forwarded-access-token", "abc", "***"},
		{"x-amzn-oidc-accesstoken", "abc", "***"},
		{"x-amzn-oidc-data", "abc", "***"},
		{"ocp-apim-subscription-key", "abc", "***"},
		{"private-token", "abc", "***"},
		{"apikey", "abc", "***"},
		{"sessionid", "abc", "***"},
		{"x-accesskey", "abc", "***"},
		{"x-csrf", "abc", "***"},

		{":path", "/play/echo/ws?size=31&capture=abcd-efgh&token=abc", "/play/echo/ws?size=31&capture=abcd-efgh&token=***"},
		{":path", "/?access_token=a%20b&apiKey=x&key=y&X-Amz-Signature=z&%74oken=abc&token", "/?access_token=*****&apiKey=*&key=*&X-Amz-Signature=*&%74oken=***&token"},
		{"referer", "http://ada:pw@host/a@b?sid=1#access_token=2", "http://******@host/a@b?sid=*#access_token=*"},
		{"location", "/cb#id_token=abc&state=1", "/cb#id_token=***&state=1"},
		{":path", "/?apikey=abc&PHPSESSID=abc&sessid=abc&max_tokens=8", "/?apikey=***&PHPSESSID=***&sessid=***&max_tokens=8"},
		{":path", "/a/token=abc", "/a/token=abc"},

		{"sec-websocket-protocol", "seewire, token.ada", "seewire, token.***"},
		{"sec-websocket-protocol", "access_token, abc, chat", "access_token, ***, chat"},
		{"sec-websocket-protocol", "bearer,eyJhbGciOi", "bearer,**********"},
		{"sec-websocket-protocol", "auth-token, abc", "auth-token, ***"},
		{"sec-websocket-protocol", "base64url.bearer.authorization.k8s.io.dG9rZW4, v4.channel.k8s.io",
			strings.Repeat("*", 45) + ", v4.channel.k8s.io"},
		{"sec-websocket-protocol", "d41d8cd98f00b204e9800998ecf8427e", strings.Repeat("*", 32)},
		{"sec-websocket-protocol", "graphql-transport-ws, v12.stomp, protobuf.reliable.webpubsub.azure.v1, actioncable-unsupported", ""},

		{"sec-websocket-key", "yYJ5ey45v4aoLdoUFsHsjw==", ""},
		{"idempotency-key", "abc", ""},
		{"access-control-allow-credentials", "true", ""},
		{"access-control-allow-headers", "Authorization", ""},
		{"www-authenticate", "Bearer realm=x", ""},
		{"keep-alive", "timeout=5", ""},
		{":authority", "localhost", ""},
		{"x-author", "ada", ""},
		{"last-event-id", "5", ""},
		{"user-agent", "token=abc", ""},
	} {
		want := c.want
		if want == "" {
			want = c.value
		}
		got := covered(c.name, c.value)
		if got != want {
			t.Errorf("%s: %s becomes %s, want %s", c.name, c.value, got, want)
		}
		if again := covered(c.name, got); again != got {
			t.Errorf("%s: %s becomes %s at the second time", c.name, got, again)
		}
		if n, stars := Covered(KindOf(c.name), got), strings.Count(got, "*"); n != stars {
			t.Errorf("%s: of %s it is said that %d bytes are covered, not %d", c.name, got, n, stars)
		}
	}
}

// What a lesson has made up stays, where it is all of what would be covered.
func TestShown(t *testing.T) {
	shown := []string{"visitor=ada", "token=ada", "Bearer ada", "token.ada"}
	for _, c := range []struct{ name, value, want string }{
		{"cookie", "visitor=ada", "visitor=ada"},
		{"cookie", "visitor=adam; sid=ada", "visitor=****; sid=***"},
		{"set-cookie", "visitor=ada; Path=/play/strangers/", "visitor=ada; Path=/play/strangers/"},
		{"authorization", "Bearer ada", "Bearer ada"},
		{"authorization", "Bearer adam", "Bearer ****"},
		{":path", "/?token=ada&token=adam", "/?token=ada&token=****"},
		{"sec-websocket-protocol", "seewire, token.ada", "seewire, token.ada"},
		{"sec-websocket-protocol", "seewire, token.adam", "seewire, token.****"},
		{"x-api-key", "ada", "***"},
	} {
		if got := covered(c.name, c.value, shown...); got != c.want {
			t.Errorf("%s: %s becomes %s, want %s", c.name, c.value, got, c.want)
		}
	}
}

// pass sends bytes through a covering, in pieces that end at each of the cuts,
// and returns what comes out. The pieces come as they went in. Where there is
// a passage, that is asked first.
func pass(t testing.TB, c *Covering, p []byte, cuts ...int) []byte {
	t.Helper()
	return passSome(t, c, false, p, cuts...)
}

// passSome is pass; more may come if it stays open.
func passSome(t testing.TB, c *Covering, open bool, p []byte, cuts ...int) []byte {
	t.Helper()
	before := bytes.Clone(p)
	var out []byte
	var in []Segment
	n, cut := 0, false
	take := func(ready []Segment) {
		for _, s := range ready {
			if cut || !s.At.Equal(in[n].At) || len(s.Bytes) > len(in[n].Bytes) {
				t.Fatalf("segment %d has %d bytes at %v, and had %d at %v", n, len(s.Bytes), s.At, len(in[n].Bytes), in[n].At)
			}
			cut = len(s.Bytes) < len(in[n].Bytes) // the rest is not kept, and nothing after it
			n++
			out = append(out, s.Bytes...)
		}
	}
	var passage Passage
	start := 0
	for _, cut := range append(cuts, len(p)) {
		if cut <= start || cut > len(p) {
			continue
		}
		s := Segment{time.Unix(int64(cut), 0), p[start:cut]}
		in, start = append(in, s), cut
		if passage.Take(s.Bytes) {
			take([]Segment{s})
			continue
		}
		c.Return(&passage)
		take(c.Add(s.At, s.Bytes))
		if len(in)%2 == 0 {
			passage = c.Lend()
		}
	}
	c.Return(&passage)
	if !open {
		take(c.End())
	}
	if !bytes.Equal(p, before) {
		t.Fatal("the bytes themselves were changed: the handler would see that")
	}
	return out
}

// everywhere are all cuts.
func everywhere(p []byte) (cuts []int) {
	for i := range p {
		cuts = append(cuts, i)
	}
	return cuts
}

func made(path string) []string {
	if strings.HasPrefix(path, "/play/strangers/") {
		return []string{"visitor=ada", "token=ada"}
	}
	return nil
}

func TestHTTP1(t *testing.T) {
	for name, c := range map[string]struct{ client, clientWant, server, serverWant string }{
		"a request and its response": {
			"GET /play/echo/sse?token=abc HTTP/1.1\r\nHost: x\r\ncOOkie :\t a=b; visitor=ada \r\nX-Api-Key:k\r\nReferer: http://x/?token=1\r\n\r\n",
			"GET /play/echo/sse?token=*** HTTP/1.1\r\nHost: x\r\ncOOkie :\t a=*; visitor=*** \r\nX-Api-Key:*\r\nReferer: http://x/?token=*\r\n\r\n",
			"HTTP/1.1 200 OK\r\nSet-Cookie: a=b; Path=/\r\nSet-Cookie: c=d\r\nContent-Length: 13\r\n\r\nCookie: a=b\r\n",
			"HTTP/1.1 200 OK\r\nSet-Cookie: a=*; Path=/\r\nSet-Cookie: c=*\r\nContent-Length: 13\r\n\r\nCookie: a=b\r\n",
		},
		"what is made up": {
			"GET /play/strangers/sse?token=ada HTTP/1.1\r\nCookie: sid=1; visitor=ada\r\n\r\n",
			"GET /play/strangers/sse?token=ada HTTP/1.1\r\nCookie: sid=*; visitor=ada\r\n\r\n",
			"HTTP/1.1 204 No Content\r\nSet-Cookie: visitor=ada; Path=/\r\nSet-Cookie: sid=1\r\n\r\n",
			"HTTP/1.1 204 No Content\r\nSet-Cookie: visitor=ada; Path=/\r\nSet-Cookie: sid=*\r\n\r\n",
		},
		"bodies, trailers and the next request": {
			"POST /a HTTP/1.1\nContent-Length: 13\n\nCookie: a=b\r\n\r\nPOST /play/strangers/x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0d;x=0\r\nCookie: a=b\r\n\r\nA\r\n0123456789\r\n0\r\nX-Token: abc\r\nDate: x\r\n\r\nGET / HTTP/1.1\r\nCookie: visitor=ada\r\n\r\n",
			"POST /a HTTP/1.1\nContent-Length: 13\n\nCookie: a=b\r\n\r\nPOST /play/strangers/x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0d;x=0\r\nCookie: a=b\r\n\r\nA\r\n0123456789\r\n0\r\nX-Token: ***\r\nDate: x\r\n\r\nGET / HTTP/1.1\r\nCookie: visitor=***\r\n\r\n",
			"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\r\nSet-Cookie: visitor=ada\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nSet-Cookie: visitor=ada\r\n\r\n0\r\nX-Token: abc\r\n\r\nHTTP/1.1 200 OK\r\nSet-Cookie: visitor=ada\r\n\r\nCookie: a=b\r\n",
			"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\r\nSet-Cookie: visitor=***\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nSet-Cookie: visitor=ada\r\n\r\n0\r\nX-Token: ***\r\n\r\nHTTP/1.1 200 OK\r\nSet-Cookie: visitor=***\r\n\r\nCookie: a=b\r\n",
		},
		"the answer to HEAD has no body": {
			"HEAD / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n", "HEAD / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n",
			"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nHTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\n\r\n",
			"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nHTTP/1.1 200 OK\r\nSet-Cookie: a=*\r\n\r\n",
		},
		"folded lines": {
			"GET / HTTP/1.1\r\nCookie: a=b;\r\n c=d\r\nAccept: x\r\n y=z\r\nAuthorization: Bearer\r\n\tabc\r\n\r\n",
			"GET / HTTP/1.1\r\nCookie: a=*;\r\n ***\r\nAccept: x\r\n y=z\r\nAuthorization: ******\r\n\t***\r\n\r\n",
			"", "",
		},
		"what ends within a line": {
			"GET / HTTP/1.1\r\nCookie: a=b; visitor=ad", "GET / HTTP/1.1\r\nCookie: a=*; visitor=**",
			"HTTP/1.1 200 OK\r\nSet-Cookie: a=b", "HTTP/1.1 200 OK\r\nSet-Cookie: a=*",
		},
		"a request line without its end": {"GET /?token=abc", "GET /?token=***", "", ""},
		"the rest of a head": {
			"ssion=abc\r\nX-Api-Key: k\r\n\r\nGET / HTTP/1.1\r\nCookie: a=b\r\n\r\n", "*********\r\nX-Api-Key: *\r\n\r\nGET / HTTP/1.1\r\nCookie: a=*\r\n\r\n", "", "",
		},
		"the absolute form": {
			"GET http://u:p@x/play/strangers/sse?token=ada HTTP/1.1\r\n\r\n", "GET http://***@x/play/strangers/sse?token=ada HTTP/1.1\r\n\r\n", "", "",
		},
	} {
		for _, cut := range []bool{false, true} {
			h := NewHTTP1(made)
			var atClient, atServer []int
			if cut {
				atClient, atServer = everywhere([]byte(c.client)), everywhere([]byte(c.server))
			}
			if got := string(pass(t, h.Client, []byte(c.client), atClient...)); got != c.clientWant {
				t.Errorf("%s (cut %v): the client's are\n%q, want\n%q", name, cut, got, c.clientWant)
			}
			if got := string(pass(t, h.Server, []byte(c.server), atServer...)); got != c.serverWant {
				t.Errorf("%s (cut %v): the server's are\n%q, want\n%q", name, cut, got, c.serverWant)
			}
		}
	}
}

// What is all of a body passes, and what has some of a head does not, also where the
// body ends within it.
func TestPass(t *testing.T) {
	const chunk = "4\r\nbody\r\n"
	c := NewHTTP1(nil).Server
	for _, step := range []struct {
		p      string
		passes bool
	}{
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", false},
		{chunk, true}, {chunk + "4\r\nbo", true}, {"dy", true}, {"\r", true}, {"\n" + chunk, true},
		{chunk + "0\r\n\r\n", false}, {"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n", false},
		{"body", true}, {"body", true}, {"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", false},
		{"bodyHTTP/1.1 200 OK\r\nSet-Coo", false}, {"kie: sid=abc\r\n\r\n", false}, {"up to the end", true},
	} {
		passage := c.Lend()
		if got := passage.Take([]byte(step.p)); got != step.passes {
			t.Fatalf("%q passes: %v", step.p, got)
		}
		c.Return(&passage)
		if !step.passes {
			c.Add(time.Time{}, []byte(step.p))
		}
	}
	c.End()
	if passage := c.Lend(); passage.Take([]byte("late")) {
		t.Error("something passes after the end")
	}
}

// After a handshake there are no headers any more; without one there are.
func TestHijacked(t *testing.T) {
	const frame = "GET / HTTP/1.1\r\nCookie: a=b\r\n"
	h := NewHTTP1(nil)
	passSome(t, h.Client, true, []byte("GET / HTTP/1.1\r\nUpgrade: websocket\r\nCookie: a=b\r\n\r\n"))
	h.Hijacked()
	if got := string(pass(t, h.Client, []byte(frame))); got != frame {
		t.Errorf("the client's frame became %q", got)
	}
	passSome(t, h.Server, true, []byte("HTTP/1.1 101 Switching Protocols\r\n\r\n"))
	if got := string(pass(t, h.Server, []byte(frame))); got != frame {
		t.Errorf("the server's frame became %q", got)
	}
	h = NewHTTP1(nil)
	passSome(t, h.Client, true, []byte("GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\nfra"))
	h.Hijacked()
	if passage := h.Client.Lend(); passage.Take([]byte("me")) {
		t.Error("something passes before what is held")
	}
	h = NewHTTP1(nil)
	passSome(t, h.Client, true, []byte("GET / HTTP/1.1\r\n\r\n"))
	h.Hijacked()
	if got := string(pass(t, h.Client, []byte(frame))); strings.Contains(got, "a=b") {
		t.Errorf("the next request is %q", got)
	}
}

// A line that is too long to be kept is covered whole.
func TestLongLine(t *testing.T) {
	long := strings.Repeat("abc", maxLine)
	got := string(pass(t, NewHTTP1(nil).Client, []byte("GET / HTTP/1.1\r\nCookie: a="+long+"\r\nX-Api-Key: abc\r\n\r\n")))
	if strings.Contains(got, "abc") || !strings.HasSuffix(got, "\nX-Api-Key: ***\r\n\r\n") {
		t.Errorf("%.100q … %q", got, got[len(got)-30:])
	}
}

// The fillers are those of the Huffman code, and any text can become them.
func TestFillers(t *testing.T) {
	for i, f := range fillers {
		if got := huffmanBits(string([]byte{f.char})); got != f.bits {
			t.Errorf("%q has %d bits, not %d", f.char, got, f.bits)
		}
		if i > 0 && f.bits-fillers[i-1].bits > 7 {
			t.Errorf("between %q and the one before are more than 7 bits", f.char)
		}
	}
	for _, text := range []string{"0", "00", "000", "aaaaaaaa", "eyJhbGciOiJIUzI1NiJ9.e30.ZRrHA1JJJW8opsbCGfG_HACGpVUMN_a9IV7pAx_Zmeo",
		"~~~~", `\\\\\\`, "{}<>{}<>", "\xff\xff\xff", "\n\n\n\n", "\x16", "ZZZZZZZZ", "日本語", "a\n", "!!!!!!!"} {
		packed := hpack.AppendHuffmanString(nil, text)
		for start := range len(text) {
			got := coverPacked(text, len(packed), []span{{start, len(text)}})
			again := hpack.AppendHuffmanString(nil, got)
			if len(got) != len(text) || len(again) != len(packed) || got[:start] != text[:start] || !isFilled(got[start:]) {
				t.Errorf("%q from %d: %q in %d bytes, not %d", text, start, got, len(again), len(packed))
			}
		}
	}
}
