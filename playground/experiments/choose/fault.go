package choose

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"seewire/playground"
)

// A fault is what is going to happen to one connection. It stands under the
// handler, as its ResponseWriter.
type fault struct {
	*playground.Line
	w http.ResponseWriter // under the Line
	r *http.Request

	after int         // this line; 0 is never
	reset bool        // else silence
	now   atomic.Bool // the next write is to reset the connection
}

// errReset is what a handler hears of a connection that has been reset.
var errReset = errors.New("connection reset")

// lies finds the fault of a connection that goes on after a line, which is the
// first break that lies ahead, and says whether there is one.
func (f *fault) lies(last int) bool {
	reset, silence := breaks(f.r)
	switch {
	case last < reset && (silence <= last || reset < silence):
		f.after, f.reset = reset, true
	case last < silence:
		f.after = silence
	}
	return f.after > 0
}

// breaks are the lines after which the connection is broken; random ones follow
// from the name of the run.
func breaks(r *http.Request) (reset, silence int) {
	controls := playground.Controls(r)
	if controls.Text("moments") == "fixed" {
		return controls.Int("reset"), controls.Int("silence")
	}
	places := playground.Random(r).Perm(max(2, controls.Int("lines")-1))[:2]
	// The reset comes first: a client that survives it has the silence to learn about.
	// After the last line there is nothing to break.
	slices.Sort(places)
	return places[0] + 1, places[1] + 1
}

// relay publishes the build's lines after n to log, which the handler follows. When the
// next line after the break is due, it breaks the connection: by then the line
// before has arrived, for a reset throws away what is on its way. Silence lasts
// until the client gives up, or the run ends.
func (f *fault) relay(b *build, log *Log, n int, ended <-chan struct{}) {
	var due time.Time // of the next line, if the lines come one by one
	for {
		lines, more := b.log.After(n)
		for _, line := range lines {
			if n == f.after {
				select {
				case <-time.After(time.Until(due)): // what is replayed comes all at once
				case <-ended:
					return
				}
				if !f.reset {
					playground.Logf(f.r, "silent from here on, with the connection open")
					f.Hold()
					return
				}
				f.now.Store(true)
			}
			log.Publish(line.Text)
			n, due = line.Number, time.Now().Add(b.every)
		}
		select {
		case <-more:
		case <-ended:
			return
		}
	}
}

// Write is the handler's, and so is the moment in which a connection is reset.
func (f *fault) Write(p []byte) (int, error) {
	if f.now.Load() {
		playground.Cut(f.w)
		return 0, errReset
	}
	return f.Line.Write(p)
}

// Unwrap lets http.ResponseController see through.
func (f *fault) Unwrap() http.ResponseWriter { return f.Line }

func (f *fault) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := f.Line.Hijack()
	if err != nil {
		return nil, nil, err
	}
	faulty := &faultyConn{conn, f}
	buffered.Writer.Reset(faulty)
	return faulty, buffered, nil
}

// A faultyConn is a connection that was taken over from a fault.
type faultyConn struct {
	net.Conn
	fault *fault
}

func (c *faultyConn) Write(p []byte) (int, error) {
	if c.fault.now.Load() {
		playground.Cut(c.fault.w)
		return 0, errReset
	}
	return c.Conn.Write(p)
}
