package wire_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"

	"golang.org/x/net/http2"

	"seewire/playground/wire"
)

// The handler gets what lets people in, and the capture doesn't.
func TestSecrets(t *testing.T) {
	s := newSite(t, limits, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Set-Cookie", "session=fresh; HttpOnly")
		fmt.Fprintf(w, "%s %s %s", r.Header.Get("Cookie"), r.Header.Get("Authorization"), r.URL.Query().Get("token"))
	})
	c := s.dial(t)
	head := get("capture=capture-a&token=abc", "Cookie: session=old; other=1", "AUTHORIZATION:Bearer xyz")
	io.WriteString(c, head)
	response := readResponse(t, bufio.NewReader(c))
	c.Close()
	if !strings.Contains(response, "session=old; other=1 Bearer xyz abc") {
		t.Errorf("the handler did not get what was sent: %q", response)
	}

	got := s.await(t, "capture-a", ended(wire.Server, "fin"))[0]
	check(t, got, strings.NewReplacer("=abc", "=***", "=old", "=***", "other=1", "other=*", "xyz", "***").Replace(head),
		strings.NewReplacer("=fresh", "=*****").Replace(response))
}

// What lets people in is covered in the section that follows a body, wherever that ends, and
// also where nobody has recorded the end.
func TestSecretsBehindABody(t *testing.T) {
	store := wire.NewStore(limits)
	defer store.Close()
	tap, err := wire.Listen(nowhere{}).Accept()
	if err != nil {
		t.Fatal(err)
	}
	c := tap.(*wire.Conn)
	record := func(id string) *wire.Capture {
		capture, err := store.Claim(id, netip.Prefix{})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Record(capture); err != nil {
			t.Fatal(err)
		}
		return capture
	}
	capture := record("capture-a")
	io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
	io.WriteString(c, "some")
	store.Drop(capture)
	io.WriteString(c, "of it")
	wire.ConnState(c, http.StateIdle)

	capture = record("capture-b")
	const head = "HTTP/1.1 200 OK\r\nSet-Cookie: a=fresh\r\nTransfer-Encoding: chunked\r\n\r\n"
	for _, p := range []string{head, "4\r\nbo", "dy\r\n0\r\nSet-Cookie: b=fresh\r\n\r\n"} {
		io.WriteString(c, p)
	}
	want := strings.ReplaceAll(head+"4\r\nbody\r\n0\r\nSet-Cookie: b=fresh\r\n\r\n", "fresh", "*****")
	if got := string(capture.Snapshot()[0].Server); got != want {
		t.Errorf("recorded %q", got)
	}
}

// Nothing that is cut at the end of a head, of the client's or of the server's,
// is kept uncovered, however it is sent.
func TestSecretsInPieces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		s := serve(t, l, limits, func(w http.ResponseWriter, r *http.Request) {
			c, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				panic(err)
			}
			defer c.Close()
			for _, b := range []byte("HTTP/1.1 101 Switching Protocols\r\nSet-Cookie: session=fresh\r\n\r\nSet-Cookie: a=b\r\n") {
				c.Write([]byte{b})
			}
		})
		c := l.dial()
		go io.Copy(io.Discard, c)
		request := get("capture=capture-a", "Upgrade: bytes", "Cookie: session=old")
		for _, b := range []byte(request) {
			c.Write([]byte{b})
		}
		got := s.await(t, "capture-a", ended(wire.Server, "fin"))[0]
		check(t, got, strings.Replace(request, "old", "***", 1), "HTTP/1.1 101 Switching Protocols\r\nSet-Cookie: session=*****\r\n\r\nSet-Cookie: a=b\r\n")
		c.Close()
	})
}

// On HTTP/2 the headers of all requests are kept, also of those before the first
// that is recorded.
func TestHTTP2Secrets(t *testing.T) {
	s := newH2Site(t, func(w http.ResponseWriter, r *http.Request, _ *wire.Conn) {
		w.Header().Set("Set-Cookie", "session=fresh-and-secret; HttpOnly")
		fmt.Fprint(w, r.Header.Get("Cookie"), r.Header.Get("Authorization"), r.URL.RawQuery)
	})
	ask := func(path string) string {
		req, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+s.addr+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Cookie", "session=old-and-secret; theme=dark")
		req.Header.Set("Authorization", "Bearer xyz-and-secret")
		resp, err := s.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		p, _ := io.ReadAll(resp.Body)
		return string(p)
	}
	for _, path := range []string{"/page?token=page-and-secret", "/run?capture=capture-a", "/run?capture=capture-a&token=run-and-secret", "/page"} {
		if got := ask(path); !strings.Contains(got, "session=old-and-secret; theme=darkBearer xyz-and-secret") {
			t.Errorf("the handler got %q", got)
		}
	}
	s.client.CloseIdleConnections()
	s.ended(t, "capture-a")
	c := s.recorded(t, "capture-a")
	written, _ := s.seen.bytes()
	if len(c.Client) != len(written) {
		t.Errorf("%d bytes of the client, which has sent %d", len(c.Client), len(written))
	}
	for name, want := range map[string]int{"cookie": 8, "authorization": 4, ":path": 4} {
		sent, _ := readFrames(t, strings.TrimPrefix(written, http2.ClientPreface), name)
		kept, _ := readFrames(t, strings.TrimPrefix(string(c.Client), http2.ClientPreface), name)
		if len(sent) != want || len(kept) != want {
			t.Fatalf("%s: %q was sent, and %q is kept", name, sent, kept)
		}
		for i := range sent {
			if strings.Contains(kept[i], "secret") || strings.Contains(kept[i], "dark") || len(kept[i]) != len(sent[i]) || kept[i][:5] != sent[i][:5] {
				t.Errorf("%s: %q is kept as %q", name, sent[i], kept[i])
			}
		}
	}
	answers, _ := readFrames(t, string(c.Server), "set-cookie")
	for _, answer := range answers {
		if strings.Contains(answer, "secret") || !strings.HasPrefix(answer, "session=") || !strings.HasSuffix(answer, "; HttpOnly") {
			t.Errorf("the server's cookie is kept as %q", answer)
		}
	}
	if len(answers) != 4 {
		t.Errorf("%d cookies of the server", len(answers))
	}
}
