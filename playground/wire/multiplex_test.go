package wire_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"seewire/playground/wire"
)

// An h2Site is a server that speaks HTTP/2 alone, without TLS, and the one
// connection of a client to it.
type h2Site struct {
	store  *wire.Store
	client *http.Client
	seen   *tee
	addr   string
}

func newH2Site(t *testing.T, handler func(w http.ResponseWriter, r *http.Request, conn *wire.Conn)) *h2Site {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &h2Site{store: wire.NewStore(limits), seen: new(tee), addr: l.Addr().String()}
	tap := wire.ListenHTTP2(l, func(r wire.Request) *wire.Capture {
		_, id, _ := strings.Cut(r.URI, "capture=")
		c, err := s.store.Claim(id, netip.Prefix{})
		if err != nil {
			return nil
		}
		return c
	})
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{
		Protocols: &protocols, ConnContext: wire.ConnContext, ConnState: wire.ConnState,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			handler(w, r, wire.FromContext(r.Context()))
		}),
	}
	served := make(chan struct{})
	go func() { defer close(served); server.Serve(tap) }()
	s.client = s.seen.client(s.addr)
	s.client.Transport.(*http.Transport).Protocols = &protocols
	t.Cleanup(func() {
		s.client.CloseIdleConnections()
		server.Close()
		tap.CloseConns()
		<-served
		s.store.Close()
	})
	return s
}

// get makes a request and returns the content of the response.
func (s *h2Site) get(t *testing.T, path string, up string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	method := "GET"
	if up != "" {
		method = "POST"
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+s.addr+path, strings.NewReader(up))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	p, err := io.ReadAll(resp.Body)
	if err != nil || resp.ProtoMajor != 2 {
		t.Fatalf("%s: %s %v", path, resp.Proto, err)
	}
	return string(p)
}

// recorded is the one connection of a capture.
func (s *h2Site) recorded(t *testing.T, id string) wire.Connection {
	t.Helper()
	c, ok := s.store.Get(id)
	if !ok || len(c.Snapshot()) != 1 {
		t.Fatalf("%s was not recorded", id)
	}
	return c.Snapshot()[0]
}

// ended waits until the connection of a capture is closed. What was written on
// it is recorded by then: a client may have read it before.
func (s *h2Site) ended(t *testing.T, id string) {
	t.Helper()
	for range 500 {
		if len(s.recorded(t, id).Ends) > 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s: the connection is still open", id)
}

// echoPath answers with the path, many times over.
func echoPath(w http.ResponseWriter, r *http.Request, _ *wire.Conn) {
	w.Header().Set("X-Path", r.URL.Path)
	io.Copy(io.Discard, r.Body)
	io.WriteString(w, strings.Repeat(r.URL.Path, 1000))
}

// What a client alone on its connection writes and reads is recorded byte for
// byte.
func TestHTTP2Bytes(t *testing.T) {
	s := newH2Site(t, echoPath)
	s.get(t, "/one?capture=capture-a", "up")
	s.get(t, "/two?capture=capture-a", "")
	s.client.CloseIdleConnections()
	written, read := s.seen.bytes()
	c := s.recorded(t, "capture-a")
	for range 100 { // what was written last may be on its way
		if c = s.recorded(t, "capture-a"); len(c.Client) == len(written) {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	check(t, c, written, read)
	if c.Protocol != "h2" || !slices.Equal(c.Streams, []uint32{1, 3}) {
		t.Errorf("protocol %s, streams %v", c.Protocol, c.Streams)
	}
}

// Each capture has the content of its own streams, and can be read from the
// start of the connection although it began later.
func TestHTTP2Captures(t *testing.T) {
	s := newH2Site(t, echoPath)
	s.get(t, "/page", "secret upload")
	s.get(t, "/first?capture=capture-a", "")
	s.get(t, "/second?capture=capture-b", "uploaded")
	s.get(t, "/page-again", "")
	s.get(t, "/third?capture=capture-a", "")
	s.client.CloseIdleConnections()
	s.ended(t, "capture-a")

	for id, want := range map[string]struct {
		streams []uint32
		content string
	}{
		"capture-a": {[]uint32{3, 9}, strings.Repeat("/first", 1000) + strings.Repeat("/third", 1000)},
		"capture-b": {[]uint32{5}, strings.Repeat("/second", 1000)},
	} {
		c := s.recorded(t, id)
		if !slices.Equal(c.Streams, want.streams) {
			t.Errorf("%s: streams %v, want %v", id, c.Streams, want.streams)
		}
		check(t, c, string(c.Client), string(c.Server))
		if strings.Contains(string(c.Client), "secret") {
			t.Errorf("%s has what was sent in another stream", id)
		}
		paths, _ := readFrames(t, strings.TrimPrefix(string(c.Client), http2.ClientPreface), ":path")
		if len(paths) < 3 || paths[0] != "/page" || paths[1] != "/first?capture=capture-a" {
			t.Errorf("%s: the requests are read as %q", id, paths)
		}
		answers, content := readFrames(t, string(c.Server), "x-path")
		if content != want.content || answers[0] != "/page" {
			t.Errorf("%s: answers %q with %d bytes, want %d", id, answers, len(content), len(want.content))
		}
	}
	b := s.recorded(t, "capture-b")
	if _, content := readFrames(t, strings.TrimPrefix(string(b.Client), http2.ClientPreface), ""); content != "uploaded" {
		t.Errorf("the upload of b: %q", content)
	}
}

// readFrames reads one direction as another implementation does: the values of
// a header, and the content of all streams.
func readFrames(t *testing.T, p, name string) (values []string, content string) {
	t.Helper()
	framer := http2.NewFramer(nil, strings.NewReader(p))
	framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	for {
		frame, err := framer.ReadFrame()
		switch {
		case errors.Is(err, io.EOF):
			return values, content
		case err != nil:
			t.Fatal(err)
		}
		switch frame := frame.(type) {
		case *http2.DataFrame:
			content += string(frame.Data())
		case *http2.MetaHeadersFrame:
			for _, h := range frame.Fields {
				if h.Name == name {
					values = append(values, h.Value)
				}
			}
		}
	}
}

// A connection that has carried very much is worn, and in the end records
// nothing new; what it records already goes on.
func TestHTTP2Worn(t *testing.T) {
	worn := 0
	s := newH2Site(t, func(w http.ResponseWriter, r *http.Request, conn *wire.Conn) {
		if conn.Worn() {
			worn++
		}
	})
	s.get(t, "/?capture=capture-a", "")
	for i := range 100 {
		s.get(t, fmt.Sprintf("/%d?%s", i, strings.Repeat("~", 4000)), "")
	}
	if worn < 30 || worn > 90 {
		t.Errorf("worn for %d of 100 requests of 6.5 KB", worn)
	}
	s.get(t, "/late?capture=capture-b", "")
	if c, ok := s.store.Get("capture-b"); ok && len(c.Snapshot()) > 0 {
		t.Error("b is recorded without the start of the connection")
	}
	before := len(s.recorded(t, "capture-a").Client)
	s.get(t, "/more", "")
	if len(s.recorded(t, "capture-a").Client) == before {
		t.Error("a has stopped")
	}
}

// However the bytes come, the same is recorded.
func TestHTTP2AnySplit(t *testing.T) {
	var up bytes.Buffer
	up.WriteString(http2.ClientPreface)
	framer := http2.NewFramer(&up, nil)
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	headers := func(stream uint32, path string, cut bool) {
		block.Reset()
		encoder.WriteField(hpack.HeaderField{Name: ":method", Value: "POST"})
		encoder.WriteField(hpack.HeaderField{Name: ":path", Value: path})
		p := http2.HeadersFrameParam{StreamID: stream, EndHeaders: !cut, PadLength: 3, BlockFragment: block.Bytes(),
			Priority: http2.PriorityParam{Weight: 9}}
		if cut {
			p.BlockFragment = block.Bytes()[:4]
		}
		framer.WriteHeaders(p)
		if cut {
			framer.WriteContinuation(stream, true, block.Bytes()[4:])
		}
	}
	framer.WriteSettings()
	headers(1, "/other", true)
	framer.WriteData(1, false, []byte("not recorded"))
	headers(3, "/own?capture=capture-a", true)
	framer.WriteData(3, false, nil)
	framer.WriteData(3, true, []byte("recorded"))
	framer.WriteData(1, true, []byte("not recorded"))
	headers(5, "/last", false)

	want := strings.Replace(up.String(), "\x00\x00\x0c\x00\x00\x00\x00\x00\x01not recorded", "", 1)
	want = strings.Replace(want, "\x00\x00\x0c\x00\x01\x00\x00\x00\x01not recorded", "", 1)
	for _, size := range []int{1, 2, 3, 7, 10, 50, 10_000} {
		store := wire.NewStore(limits)
		l := newPipes()
		tap := wire.ListenHTTP2(l, func(r wire.Request) *wire.Capture {
			if !strings.Contains(r.URI, "capture") {
				return nil
			}
			c, _ := store.Claim("capture-a", netip.Prefix{})
			return c
		})
		go func() {
			c := l.dial()
			c.Write(up.Bytes())
			c.Close()
		}()
		c, err := tap.Accept()
		if err != nil {
			t.Fatal(err)
		}
		for p := make([]byte, size); err == nil; {
			_, err = c.Read(p)
		}
		c.Close()
		capture, _ := store.Claim("capture-a", netip.Prefix{})
		got := capture.Snapshot()[0]
		check(t, got, want, "")
		if len(got.Ends) != 2 {
			t.Errorf("ends: %v", got.Ends)
		}
		store.Close()
	}
}

// Record says whether the tap has recorded the request.
func TestHTTP2Record(t *testing.T) {
	errs := make(chan error, 3)
	var s *h2Site
	s = newH2Site(t, func(w http.ResponseWriter, r *http.Request, conn *wire.Conn) {
		conn.Ignore()
		c, err := s.store.Claim("capture-a", netip.Prefix{})
		if err != nil {
			t.Error(err)
		}
		errs <- conn.Record(c)
	})
	s.get(t, "/", "")
	s.get(t, "/?capture=capture-a", "")
	if err := <-errs; !errors.Is(err, wire.ErrFull) {
		t.Errorf("not recorded: %v", err)
	}
	if err := <-errs; err != nil {
		t.Errorf("recorded: %v", err)
	}
}
