package playground

import (
	"context"
	"errors"
	"net/http"
)

// A Crowd has runs that are cut together, as those of a class are. Their handlers
// know nothing of it: to them it is what a cable, a proxy or a restart does.
type Crowd interface {
	// Enter is called with each request of a run, by its capture and for "sse" or
	// "ws". leave is nil where the crowd does not have the capture, and is otherwise
	// called when the request has been answered. Until then cut may be called, and
	// must not be kept waiting:
	//
	//	reset    the connection is reset
	//	end      the response ends as the server's life would end it
	//	restart  the same
	//	silence  nothing passes any more, in either direction, and neither end is told
	//
	// refused resets the request's connection in place of an answer.
	Enter(capture, side string, cut func(how string)) (leave func(), refused bool)
}

// Why a line of a crowd ends: as the reason of a close frame a client reads it.
var (
	errCrowdEnd     = errors.New("the server ends the connection")
	errCrowdRestart = errors.New("the server restarts")
	errCrowdReset   = errors.New("playground: the line was reset")
)

// crowded puts a [Line] under a handler whose capture belongs to the crowd.
func (rn *Runner) crowded(side string, h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		capture := r.URL.Query().Get("capture")
		if rn.Crowd == nil || capture == "" || r.Method == http.MethodOptions {
			h(w, r)
			return
		}
		cuts := make(chan string, 4)
		leave, refused := rn.Crowd.Enter(capture, side, func(how string) {
			select {
			case cuts <- how:
			default: // so many at once: the first ones do
			}
		})
		switch {
		case refused:
			Cut(w)
			return
		case leave == nil:
			h(w, r)
			return
		}
		defer leave()

		inner := runOf(r)
		ctx, end := context.WithCancelCause(r.Context())
		defer end(nil)
		r = r.WithContext(&run{ctx, inner.values})
		line := NewLine(w, r)
		done, cutter := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(cutter)
			for {
				select {
				case how := <-cuts:
					line.cut(how, r, end)
				case <-done:
					return
				}
			}
		}()
		defer func() {
			line.Close()
			close(done)
			<-cutter
			if context.Cause(ctx) == errCrowdReset && r.ProtoMajor > 1 {
				panic(http.ErrAbortHandler) // resets the stream, of whose connection the others go on
			}
		}()
		h(line, r)
	}
}

// cut cuts the line from outside of its handler.
func (l *Line) cut(how string, r *http.Request, end context.CancelCauseFunc) {
	switch how {
	case "silence":
		l.Hold()
		return
	case "reset":
		if conn := connectionOf(r.Context()); conn != nil && r.ProtoMajor == 1 {
			if tcp, ok := conn.Conn.(interface{ SetLinger(seconds int) error }); ok {
				tcp.SetLinger(0)
			}
			conn.Close()
		}
		end(errCrowdReset)
		return
	}
	l.mu.Lock()
	holds := l.holds
	l.mu.Unlock()
	for range holds { // the end is heard
		l.Release()
	}
	if how == "restart" {
		end(errCrowdRestart)
		return
	}
	end(errCrowdEnd)
}
