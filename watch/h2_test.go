package watch

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"slices"
	"strings"
	"testing"
	"time"

	h2 "golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"seewire/playground/http2frame"
)

// plainHTTP2 is a client that speaks HTTP/2 with prior knowledge.
func plainHTTP2(t testing.TB) *http.Client {
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	transport := &http.Transport{Protocols: &protocols}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 30 * time.Second}
}

// serveHTTP2 serves HTTP/2 without TLS.
func serveHTTP2(t testing.TB, handle http.HandlerFunc) *httptest.Server {
	server := httptest.NewUnstartedServer(handle)
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(server.Close)
	return server
}

// everything is a server of all that HTTP/2 has.
func everything(w http.ResponseWriter, r *http.Request) {
	c := http.NewResponseController(w)
	switch r.URL.Path {
	case "/stream":
		w.Header().Set("Link", "</a>")
		w.WriteHeader(http.StatusEarlyHints)
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("Trailer", "Digest")
		for i := range 5 {
			fmt.Fprintf(w, "id: %d\ndata: %s\n\n", i, strings.Repeat("x", 10<<i))
			c.Flush()
		}
		w.Header().Set("Digest", "abc")
	case "/echo": // both sides at the same time, and each ends by itself
		c.EnableFullDuplex()
		w.WriteHeader(200)
		c.Flush()
		buffer := make([]byte, 100)
		for {
			n, err := r.Body.Read(buffer)
			w.Write(bytes.ToUpper(buffer[:n]))
			c.Flush()
			if err != nil {
				fmt.Fprintf(w, "%v %v", err, r.Trailer)
				return
			}
		}
	case "/large":
		io.Copy(w, io.LimitReader(zeros{}, 5<<20))
	case "/reset":
		w.WriteHeader(200)
		io.WriteString(w, "some")
		c.Flush()
		panic(http.ErrAbortHandler)
	case "/head":
		w.Header().Set("X-Long", strings.Repeat("y", 100<<10))
		fmt.Fprint(w, r.Host, r.Header["Cookie"], r.Header.Get("Origin"), r.URL.RawQuery)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// What a client of HTTP/2 sees through it is what it sees around it.
func TestHTTP2(t *testing.T) {
	target := serveHTTP2(t, everything)
	w, through := start(t, target.URL)
	client := plainHTTP2(t)
	see := func(base string, ask func(base string) *http.Request) string {
		var said strings.Builder
		r := ask(base)
		r = r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
			Got1xxResponse: func(code int, header textproto.MIMEHeader) error {
				fmt.Fprintln(&said, code, header)
				return nil
			},
		}))
		resp, err := client.Do(r)
		if err != nil {
			return err.Error()
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		resp.Header.Del("Date")
		fmt.Fprintln(&said, resp.Proto, resp.StatusCode, resp.Header, resp.Trailer, len(body), err, string(body[:min(len(body), 1000)]))
		return strings.ReplaceAll(said.String(), base, "BASE")
	}
	request := func(path string, body func() io.Reader) func(string) *http.Request {
		return func(base string) *http.Request {
			method, b := "GET", io.Reader(nil)
			if body != nil {
				method, b = "POST", body()
			}
			r, err := http.NewRequestWithContext(t.Context(), method, base+path, b)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Origin", base)
			r.Header["Cookie"] = []string{"a=secret-secret-secret", "b=2"}
			r.Header.Set("Authorization", "Bearer secret-secret-secret")
			if body != nil {
				r.Trailer = http.Header{"Sum": {"1"}}
			}
			return r
		}
	}
	for name, ask := range map[string]func(string) *http.Request{
		"a stream with trailers":   request("/stream", nil),
		"both at the same time":    request("/echo", func() io.Reader { return io.MultiReader(strings.NewReader("one"), strings.NewReader("two")) }),
		"more than a window":       request("/large", nil),
		"an upload over a window":  request("/echo", func() io.Reader { return io.LimitReader(zeros{}, 300<<10) }),
		"a reset":                  request("/reset", nil),
		"a head of several frames": request("/head?key=secret-secret-secret", nil),
	} {
		t.Run(name, func(t *testing.T) {
			around, got := see(target.URL, ask), see("http://"+through, ask)
			around = strings.ReplaceAll(around, strings.TrimPrefix(target.URL, "http://"), "HOST")
			got = strings.ReplaceAll(got, strings.TrimPrefix(target.URL, "http://"), "HOST")
			got = strings.ReplaceAll(got, "http://HOST", "BASE")
			if got != around {
				t.Errorf("through it %s\naround it %s", got, around)
			}
		})
	}
	rows := w.until(t, "ended", func(rows []Row) bool {
		return len(rows) == 6 && !slices.ContainsFunc(rows, func(r Row) bool { return r.Open })
	})
	for _, r := range rows {
		if !r.HTTP2 || r.Covered == 0 {
			t.Errorf("%+v", r)
		}
		if strings.HasPrefix(r.Target, "/stream") && (r.Kind != EventStream || r.Events != 5 || r.End != "complete") {
			t.Errorf("%+v", r)
		}
	}
	for _, r := range w.rows {
		for _, c := range r.capture.Snapshot() {
			if bytes.Contains(c.Client, []byte("secret-secret")) || len(c.Streams) != 1 || c.Protocol != "h2" {
				t.Errorf("kept of %s: %q, streams %v", r.Target, c.Client, c.Streams)
			}
		}
	}
}

// A peer speaks HTTP/2 frame by frame.
type peer struct {
	*h2.Framer
	conn *net.TCPConn
	out  bytes.Buffer
	enc  *hpack.Encoder
}

func newPeer(conn *net.TCPConn) *peer {
	p := &peer{Framer: h2.NewFramer(conn, conn), conn: conn}
	p.enc = hpack.NewEncoder(&p.out)
	p.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	return p
}

func (p *peer) headers(id uint32, ends bool, fields ...string) {
	p.out.Reset()
	for i := 0; i < len(fields); i += 2 {
		p.enc.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]})
	}
	p.WriteHeaders(h2.HeadersFrameParam{StreamID: id, BlockFragment: p.out.Bytes(), EndHeaders: true, EndStream: ends, PadLength: 3})
}

// says are the frames that come, until one of a type or the end.
func (p *peer) says(until h2.FrameType) (said []string) {
	for {
		f, err := p.ReadFrame()
		if err != nil {
			return append(said, err.Error())
		}
		line := fmt.Sprintf("%v %v %v %v", f.Header().Type, f.Header().Flags, f.Header().StreamID, f.Header().Length)
		switch f := f.(type) {
		case *h2.MetaHeadersFrame:
			line = fmt.Sprintf("HEADERS %v %v %v", f.StreamEnded(), f.StreamID, f.Fields)
		case *h2.DataFrame:
			line += fmt.Sprintf(" %q", f.Data())
		case *h2.RSTStreamFrame:
			line += " " + f.ErrCode.String()
		case *h2.GoAwayFrame:
			line += fmt.Sprintf(" %d %v %q", f.LastStreamID, f.ErrCode, f.DebugData())
		case *h2.PingFrame:
			line += fmt.Sprintf(" %q", f.Data)
		case *h2.WindowUpdateFrame:
			line += fmt.Sprint(" ", f.Increment)
		case *h2.SettingsFrame:
			line = fmt.Sprint("SETTINGS ", f.IsAck())
			f.ForeachSetting(func(s h2.Setting) error {
				if s.ID != h2.SettingHeaderTableSize { // that is what has to differ
					line += " " + s.String()
				}
				return nil
			})
		case *h2.UnknownFrame:
			line += fmt.Sprintf(" %q", f.Payload())
		}
		said = append(said, line)
		if f.Header().Type == until {
			return said
		}
	}
}

func (p *peer) asks(id uint32, ends bool, authority string, more ...string) {
	p.headers(id, ends, append([]string{":method", "POST", ":scheme", "http", ":path", "/events", ":authority", authority}, more...)...)
}

func dialHTTP2(t testing.TB, address string) *peer {
	conn := dial(t, address)
	io.WriteString(conn, http2frame.Preface)
	p := newPeer(conn)
	p.WriteSettings(h2.Setting{ID: h2.SettingInitialWindowSize, Val: 1 << 20}, h2.Setting{ID: h2.SettingEnablePush, Val: 1})
	return p
}

// serveFrames serves HTTP/2 with a script, once the settings were exchanged.
func serveFrames(t *testing.T, do func(p *peer)) string {
	return serveBytes(t, func(t *testing.T, conn *net.TCPConn) {
		io.ReadFull(conn, make([]byte, len(http2frame.Preface)))
		p := newPeer(conn)
		p.WriteSettings(h2.Setting{ID: h2.SettingMaxConcurrentStreams, Val: 77})
		p.WriteSettingsAck()
		do(p)
	})
}

const streamType = "text/event-stream"

// Frame by frame what comes through it is what comes around it, in both directions.
func TestHTTP2Frames(t *testing.T) {
	heard := make(chan string, 2)
	target := serveFrames(t, func(p *peer) {
		all := p.says(h2.FramePing)
		p.headers(1, false, ":status", "103", "link", "</a>")
		p.headers(1, false, ":status", "200", "content-type", streamType)
		p.WriteDataPadded(1, false, []byte("data: 1\n\n"), make([]byte, 7))
		p.WriteData(1, false, nil)
		p.WriteRawFrame(0xfe, 0x5, 1, []byte("any"))
		p.WritePing(false, [8]byte{1})
		p.WriteWindowUpdate(0, 1000)
		p.WritePushPromise(h2.PushPromiseParam{StreamID: 1, PromiseID: 2, BlockFragment: []byte{0x82, 0x87, 0x84, 0x41, 1, 'x'}, EndHeaders: true})
		p.headers(2, true, ":status", "204")
		p.WriteData(1, false, []byte("data: 2\n\n"))
		p.headers(1, true, "digest", "abc")
		p.WriteRSTStream(1, h2.ErrCodeNo)
		p.headers(3, false, ":status", "200")
		p.WriteRSTStream(3, h2.ErrCodeEnhanceYourCalm)
		p.WriteGoAway(3, h2.ErrCodeNo, []byte("bye"))
		all = append(all, p.says(h2.FrameGoAway)...)
		heard <- strings.Join(all, "\n")
		p.conn.CloseWrite()
		io.Copy(io.Discard, p.conn)
	})
	_, through := start(t, "http://"+target)
	see := func(address string) (said, asked string) {
		p := dialHTTP2(t, address)
		p.asks(1, false, target, "x", "1")
		p.WriteDataPadded(1, false, []byte("abc"), make([]byte, 2))
		p.WriteWindowUpdate(1, 5)
		p.WritePriority(3, h2.PriorityParam{StreamDep: 1, Weight: 9})
		p.asks(3, false, target, "x", "1")
		p.WriteRawFrame(0xee, 0, 0, []byte("other"))
		p.headers(1, true, "sum", "9")
		p.WriteSettingsAck()
		p.WritePing(false, [8]byte{2})
		all := p.says(h2.FrameGoAway)
		p.WriteGoAway(0, h2.ErrCodeNo, nil)
		all = append(all, p.says(0xff)...)
		return strings.Join(all, "\n"), <-heard
	}
	around, aroundAsked := see(target)
	got, asked := see(through)
	// The name of the target in a push that the client did not ask under another one stays.
	if got != around {
		t.Errorf("through it\n%s\naround it\n%s", got, around)
	}
	if asked != aroundAsked {
		t.Errorf("through it\n%s\naround it\n%s", asked, aroundAsked)
	}
}

// A part of a frame passes at once.
func TestHTTP2AtOnce(t *testing.T) {
	target := serveFrames(t, func(p *peer) {
		p.says(h2.FrameHeaders)
		p.headers(1, false, ":status", "200", "content-type", streamType)
		p.conn.Write([]byte{0, 0, 9, 0, 0, 0, 0, 0, 1, 'd', 'a'})
		p.says(h2.FramePing)
		io.WriteString(p.conn, "ta: 1\n\n")
		io.Copy(io.Discard, p.conn)
	})
	_, through := start(t, "http://"+target)
	p := dialHTTP2(t, through)
	p.asks(1, true, through)
	p.says(h2.FrameHeaders)
	half := make([]byte, 11)
	if _, err := io.ReadFull(p.conn, half); err != nil || string(half[9:]) != "da" {
		t.Fatalf("%q, %v", half, err)
	}
	p.WritePing(false, [8]byte{})
	rest := make([]byte, 7)
	if _, err := io.ReadFull(p.conn, rest); err != nil || string(rest) != "ta: 1\n\n" {
		t.Errorf("%q, %v", rest, err)
	}
}
