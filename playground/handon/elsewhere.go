package handon

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"seewire/playground"
)

const (
	// patience is how long a client may take to make room for a write, as experiments
	// have it.
	patience = 10 * time.Second

	// lastTime is how long the owner may go on once it is told of a run's end.
	lastTime = 15 * time.Second
)

// elsewhere is the Runner's: it hands a request on that belongs to another server. It
// answers nothing where that can't be reached.
func (s *Server) elsewhere(e playground.Experiment, w http.ResponseWriter, r *http.Request) bool {
	if !s.Bus.Several() {
		return false
	}
	run := e.Shared(r)
	if run == "" {
		return false
	}
	owner := s.Bus.Owner(e.ID + " " + run)
	if owner == s.Bus.ID() {
		return false
	}
	if err := readBody(r); err != nil {
		return false // the handler meets the error too, and says what it says of it
	}
	conn, err := s.Bus.Dial(r.Context(), owner)
	if err != nil {
		return false
	}
	s.away.Add(1)
	defer s.away.Add(-1)
	s.handOn(owner, conn, w, r)
	return true
}

// readBody reads the body of a request, which the Runner has limited, so that the
// request can be answered here or there.
func readBody(r *http.Request) error {
	if r.ContentLength == 0 || r.Body == nil {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	r.Body = replayed{io.MultiReader(bytes.NewReader(body), failing{err}), r.Body}
	if err == nil {
		r.ContentLength = int64(len(body))
	}
	return err
}

// replayed is a body that was read already.
type replayed struct {
	io.Reader
	io.Closer
}

// failing is how the reading has ended.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err == nil {
		return 0, io.EOF
	}
	return 0, f.err
}

// handOn has a request answered over a connection to its owner.
func (s *Server) handOn(owner string, conn net.Conn, w http.ResponseWriter, r *http.Request) {
	back := &backConn{Conn: conn}
	defer back.Close()
	n := note{ID: rand.Text(), From: s.Bus.ID(), Peer: r.RemoteAddr, Logs: playground.Logs(r)}
	text, _ := json.Marshal(n) // texts alone

	// That the client has left ends the request. The other ends of a run are the
	// owner's to say: with the last chunk, with a close frame.
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	defer cancel()
	defer context.AfterFunc(r.Context(), func() {
		cause := context.Cause(r.Context())
		if errors.Is(cause, context.Canceled) {
			cancel()
			return
		}
		s.tell(owner, message{End: n.ID, Cause: cause.Error()})
		last := time.AfterFunc(lastTime, cancel)
		context.AfterFunc(ctx, func() { last.Stop() })
	})()

	given := w.Header().Clone() // such as who may read the answer
	clear(w.Header())
	reverse := &httputil.ReverseProxy{
		Transport: &http.Transport{
			DialContext:        func(context.Context, string, string) (net.Conn, error) { return back, nil },
			DisableKeepAlives:  true,
			DisableCompression: true, // what the client did not ask for, the owner does not do
		},
		BufferPool: &buffers,
		ErrorLog:   log.New(io.Discard, "", 0),
		Rewrite: func(request *httputil.ProxyRequest) {
			out := request.Out
			out.URL.Scheme, out.URL.Host = "http", owner
			out.Host = request.In.Host
			out.Header.Del("Expect") // the body is here
			out.Header.Set(noteHeader, string(text))
		},
		ModifyResponse: func(response *http.Response) error {
			for name, values := range given {
				if response.Header[name] == nil {
					response.Header[name] = values
				}
			}
			return nil
		},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	defer func() {
		fault := recover()
		switch {
		case fault == nil:
		case fault == http.ErrAbortHandler && back.reset.Load():
			playground.Cut(w)
		default:
			panic(fault)
		}
	}()
	reverse.ServeHTTP(&outlet{w, back}, r.WithContext(ctx))
}

// backConn is the connection to the owner.
type backConn struct {
	net.Conn
	reset atomic.Bool // by the owner: the client's is to be, too
}

func (c *backConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if errors.Is(err, syscall.ECONNRESET) {
		c.reset.Store(true)
	}
	return n, err
}

func (c *backConn) CloseWrite() error {
	return c.Conn.(interface{ CloseWrite() error }).CloseWrite()
}

// buffers are what an answer goes through.
var buffers = pool{sync.Pool{New: func() any { return new([8 << 10]byte) }}}

type pool struct{ sync.Pool }

func (p *pool) Get() []byte  { return p.Pool.Get().(*[8 << 10]byte)[:] }
func (p *pool) Put(b []byte) { p.Pool.Put((*[8 << 10]byte)(b)) }

// An outlet is the way to the client, who has its time for each write.
type outlet struct {
	http.ResponseWriter
	back *backConn
}

func (o *outlet) Write(p []byte) (int, error) {
	http.NewResponseController(o.ResponseWriter).SetWriteDeadline(time.Now().Add(patience))
	return o.ResponseWriter.Write(p)
}

// FlushError is what http.ResponseController calls.
func (o *outlet) FlushError() error {
	rc := http.NewResponseController(o.ResponseWriter)
	rc.SetWriteDeadline(time.Now().Add(patience))
	defer rc.SetWriteDeadline(time.Time{}) // it was for these bytes
	return rc.Flush()
}

// Unwrap lets http.ResponseController see through.
func (o *outlet) Unwrap() http.ResponseWriter { return o.ResponseWriter }

func (o *outlet) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(o.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	ahead, _ := buffered.Reader.Peek(buffered.Reader.Buffered()) // it is there
	return &tunnel{conn, io.MultiReader(bytes.NewReader(bytes.Clone(ahead)), conn), o}, buffered, nil
}

// A tunnel is the client's connection after an upgrade. It has no CloseWrite: with the
// owner's end it ends in both directions, as it does where the owner has the client's
// connection itself.
type tunnel struct {
	net.Conn
	in  io.Reader
	out *outlet
}

func (t *tunnel) Read(p []byte) (int, error) { return t.in.Read(p) }

func (t *tunnel) Write(p []byte) (int, error) {
	t.Conn.SetWriteDeadline(time.Now().Add(patience))
	return t.Conn.Write(p)
}

func (t *tunnel) Close() error {
	if t.out.back.reset.Load() {
		playground.Cut(t.out.ResponseWriter)
		return nil
	}
	return t.Conn.Close()
}
