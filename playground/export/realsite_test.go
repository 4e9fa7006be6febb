package export_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"seewire/playground/export"
	"seewire/playground/wire"
)

// serveTCP is serve with a real listener, at the address.
func serveTCP(t *testing.T, address string, handler http.HandlerFunc) (*wire.Capture, string) {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Skipf("no listener at %s: %v", address, err)
	}
	store := wire.NewStore(limits)
	capture, err := store.Claim("capture-a", netip.Prefix{})
	if err != nil {
		t.Fatal(err)
	}
	tap := wire.Listen(listener)
	server := &http.Server{
		ConnContext: wire.ConnContext,
		ConnState:   wire.ConnState,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			wire.FromContext(r.Context()).Record(capture)
			handler(w, r)
		}),
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		server.Serve(tap)
	}()
	t.Cleanup(func() {
		server.Close()
		tap.CloseConns()
		<-served
		store.Close()
	})
	return capture, listener.Addr().String()
}

// events answers with an event stream in five chunks, two of which cut a line.
func events(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Trailer", "X-Sum")
	for _, part := range []string{"retry: 100\n\n", "id: 1\ndata: 你好\n\n", "id: 2\nda", "ta: two\r\n\r\n: comment\n", "data: three\n\n"} {
		io.WriteString(w, part)
		w.(http.Flusher).Flush()
	}
	w.Header().Set("X-Sum", "3")
}

// zipped answers with a body under gzip that is flushed in the middle.
func zipped(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Encoding", "gzip")
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	z := gzip.NewWriter(w)
	fmt.Fprint(z, strings.Repeat("first ", 50))
	z.Flush()
	w.(http.Flusher).Flush()
	fmt.Fprint(z, "second 中文")
	z.Close()
}

// talk sends messages of every kind over a WebSocket and echoes what comes.
func talk(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		CompressionMode: compression(r.URL.Query().Get("compression")), CompressionThreshold: 1,
	})
	if err != nil {
		return
	}
	defer c.CloseNow()
	c.SetReadLimit(1 << 20)
	for {
		kind, p, err := c.Read(context.Background())
		if err != nil {
			return
		}
		c.Write(context.Background(), kind, p)
	}
}

func compression(name string) websocket.CompressionMode {
	switch name {
	case "takeover":
		return websocket.CompressionContextTakeover
	case "none":
		return websocket.CompressionNoContextTakeover
	}
	return websocket.CompressionDisabled
}

// site is all of these.
func site(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/events":
		events(w, r)
	case "/zipped":
		zipped(w, r)
	case "/send":
		p, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Length", fmt.Sprint(len(p)))
		w.Write(p)
	case "/ws":
		talk(w, r)
	case "/reset":
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\ndata: cut\n")
		conn.(*wire.Conn).SetLinger(0)
		conn.Close()
	default:
		http.NotFound(w, r)
	}
}

// visit makes a connection to each part of the site, one after the other.
func visit(t *testing.T, address string) {
	t.Helper()
	transport := &http.Transport{DisableCompression: true}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	get := func(path string) {
		response, err := client.Get("http://" + address + path)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
	get("/events")
	get("/zipped")
	get("/nothing?a=1&b=%20")
	response, err := client.Post("http://"+address+"/send", "text/plain", strings.NewReader("up"))
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, response.Body)
	response.Body.Close()
	get("/reset")
	for _, mode := range []string{"off", "takeover", "none"} {
		converse(t, "ws://"+address+"/ws?compression="+mode, compression(mode))
	}
	fragments(t, address)
}

// converse sends messages of many lengths and a ping, and closes.
func converse(t *testing.T, url string, mode websocket.CompressionMode) {
	t.Helper()
	c, _, err := websocket.Dial(t.Context(), url, &websocket.DialOptions{CompressionMode: mode, CompressionThreshold: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	c.SetReadLimit(1 << 20)
	for _, p := range []string{"hello", "", "帧 and frame", strings.Repeat("0123456789", 30), strings.Repeat("hello ", 11_000), "hello again"} {
		exchange(t, c, websocket.MessageText, p)
	}
	exchange(t, c, websocket.MessageBinary, "\x00\x01\xfe\xff")
	read := make(chan error)
	go func() { // the answer to a ping is seen by a Read
		_, _, err := c.Read(t.Context())
		read <- err
	}()
	if err := c.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.Write(t.Context(), websocket.MessageText, []byte("last"))
	if err := <-read; err != nil {
		t.Fatal(err)
	}
	c.Close(websocket.StatusGoingAway, "bye 再见")
}

func exchange(t *testing.T, c *websocket.Conn, kind websocket.MessageType, p string) {
	t.Helper()
	if err := c.Write(t.Context(), kind, []byte(p)); err != nil {
		t.Fatal(err)
	}
	if _, got, err := c.Read(t.Context()); err != nil || string(got) != p {
		t.Fatalf("%d bytes came back as %d, %v", len(p), len(got), err)
	}
}

// fragments sends a message in three fragments, the second of which starts
// inside a character, with a ping in between, and closes with 1000.
func fragments(t *testing.T, address string) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /ws HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", address)
	r := bufio.NewReader(conn)
	for line := "-"; line != "\r\n"; {
		if line, err = r.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	character := "\xe5\xb8\xa7"
	for _, f := range []struct {
		first   byte
		payload string
	}{
		{0x01, "one " + character[:1]}, {0x89, "ping"}, {0x00, character[1:] + " two"}, {0x80, " three"}, {0x88, "\x03\xe8"},
	} {
		key := []byte{0x37, 0xfa, 0x21, 0x3d}
		frame := append([]byte{f.first, 0x80 | byte(len(f.payload))}, key...)
		for i := range len(f.payload) {
			frame = append(frame, f.payload[i]^key[i%4])
		}
		conn.Write(frame)
		time.Sleep(10 * time.Millisecond) // so that it is a segment of its own
	}
	io.Copy(io.Discard, r)
}

// pcapng exports the capture, when its connections have ended.
func pcapng(t *testing.T, capture *wire.Capture) []byte {
	t.Helper()
	for range 200 {
		ended := true
		for _, c := range capture.Snapshot() {
			ended = ended && len(c.Ends) > 0
		}
		if ended {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	var b bytes.Buffer
	if err := export.WritePCAPNG(&b, capture); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
