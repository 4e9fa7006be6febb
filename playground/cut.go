package playground

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// Cut breaks the connection under a response, as a pulled cable or a crashed
// server does: no last chunk, no close frame, and a reset (RST) where TCP would
// end with a FIN. It works before and after a WebSocket handshake. The handler
// is to return.
//
// A reset also throws away what the other side has not read yet, so let the
// last message arrive first.
func Cut(w http.ResponseWriter) {
	conn := taken(w)
	if conn == nil {
		panic(http.ErrAbortHandler) // an HTTP/2 stream has no connection of its own: this resets the stream
	}
	if tcp, ok := conn.(interface{ SetLinger(seconds int) error }); ok {
		tcp.SetLinger(0) // so that Close sends a reset (socket(7), SO_LINGER)
	}
	conn.Close()
}

// taken returns the connection that was taken over from w, or takes it over now.
func taken(w http.ResponseWriter) net.Conn {
	switch w := w.(type) {
	case *response:
		if w.conn != nil {
			return w.conn
		}
	case *Line:
		return taken(w.ResponseWriter)
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil
	}
	return conn
}

// A response remembers the connection that was taken over from it, which a
// *websocket.Conn keeps to itself, so that an experiment can cut it.
type response struct {
	http.ResponseWriter
	run    context.Context
	status int          // 0 before there is one
	conn   net.Conn     // nil as long as it is net/http's
	part   func(any)    // lets net/http's goroutine return, or panic; nil where it has, or runs the handler
	may    *eventStream // take the connection over; nil for none
	stream *eventStream // that has taken it over

	deadline deadline
}

// A deadline is the one of a response's writes. A stream sets it before each write
// and lifts it after, which costs as much as a fifth of the write. So one that was
// lifted stays until something is written that has none, and where one is set anew
// and again soon it comes somewhat later, and stays as long as it is late enough.
type deadline struct {
	lazy bool // not over HTTP/2, where a deadline ends a stream that is quiet too

	mu     sync.Mutex
	set    time.Time // the connection's
	lifted bool      // the handler has lifted it
}

// deadlineStep is how much later a deadline may come than the handler has said.
const deadlineStep = time.Second

// SetWriteDeadline is what http.ResponseController calls.
func (w *response) SetWriteDeadline(t time.Time) error {
	d := &w.deadline
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lazy && t.IsZero() && !d.set.IsZero() {
		d.lifted = true
		return nil
	}
	if late := d.set.Sub(t); d.lazy && -deadlineStep < late && late <= deadlineStep && time.Until(t) > 2*deadlineStep {
		if late >= 0 {
			d.lifted = false
			return nil
		}
		t = t.Add(deadlineStep)
	}
	d.set, d.lifted = t, false
	return w.setDeadline(t)
}

// setDeadline is called with the deadline's lock.
func (w *response) setDeadline(t time.Time) error {
	if w.stream != nil {
		return w.stream.conn.SetWriteDeadline(t)
	}
	return http.NewResponseController(w.ResponseWriter).SetWriteDeadline(t)
}

// lift lifts the deadline that the handler has lifted.
func (w *response) lift() {
	d := &w.deadline
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lifted {
		d.set, d.lifted = time.Time{}, false
		w.setDeadline(time.Time{})
	}
}

func (w *response) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) Write(p []byte) (int, error) {
	w.lift()
	if w.stream != nil {
		return w.stream.write(p)
	}
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// FlushError is what http.ResponseController calls.
func (w *response) FlushError() error {
	w.lift()
	if w.stream != nil {
		return w.stream.flush()
	}
	if w.status == 0 {
		w.status = http.StatusOK
	}
	if err := http.NewResponseController(w.ResponseWriter).Flush(); err != nil {
		return err
	}
	if w.takes() {
		return w.takeOver()
	}
	return nil
}

// Unwrap lets http.ResponseController see through.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Hijack takes the connection over, with an end to it: whatever a handler still
// waits for when its run is over, it does not wait for long.
func (w *response) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if w.stream != nil {
		return nil, nil, http.ErrHijacked
	}
	conn, buffered, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	w.conn = conn
	w.deadline.mu.Lock()
	w.deadline.set, w.deadline.lifted = time.Time{}, false // net/http has lifted it
	w.deadline.mu.Unlock()
	if w.part != nil {
		buffered = smaller(conn, buffered)
		w.ResponseWriter = over{w.Header()}
		w.part(nil)
	}
	context.AfterFunc(w.run, func() {
		switch context.Cause(w.run) {
		case ErrTimeLimit, ErrServerClosing: // the handler has not returned
			time.AfterFunc(closeTimeout, func() { conn.Close() })
		}
	})
	return conn, buffered, nil
}

// Sizes of the buffers of a WebSocket, which it has as long as it is open. Those of
// net/http, 4 KiB each, would be half of what an idle one takes. A message that fits
// leaves in one write.
const (
	readBuffer  = 512
	writeBuffer = 1024
)

// smaller moves what has been read to a smaller buffer.
func smaller(conn net.Conn, buffered *bufio.ReadWriter) *bufio.ReadWriter {
	n := buffered.Reader.Buffered()
	ahead, _ := buffered.Reader.Peek(n) // it is there
	r := bufio.NewReaderSize(io.MultiReader(bytes.NewReader(ahead), conn), max(readBuffer, n))
	if n > 0 {
		r.Peek(n)
	}
	return bufio.NewReadWriter(r, bufio.NewWriterSize(conn, writeBuffer))
}

// over is in the place of a ResponseWriter whose connection was taken over, so that
// net/http's own and all that it has buffers for can go. The header stays: a proxy
// writes it by itself.
type over struct{ header http.Header }

func (w over) Header() http.Header       { return w.header }
func (w over) WriteHeader(int)           {}
func (w over) Write([]byte) (int, error) { return 0, http.ErrHijacked }
