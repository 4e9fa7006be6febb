package lessons

import (
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"seewire/cmd/seewire/internal/chromium"
)

// What the lesson on reconnecting says that Chromium does when there is nobody:
// told apart by readyState, 0 for going on and 2 for giving up.

// follow makes an EventSource that remembers what happens to it.
const follow = `(address) => {
	const source = (window.source = new EventSource(address));
	const seen = (window.seen = []);
	source.onopen = () => seen.push("open");
	source.onerror = () => seen.push("error " + source.readyState);
}`

// A flickering server can be gone, and come back at the same address.
type flickering struct {
	t    *testing.T
	addr string
	*http.Server
}

func (f *flickering) start() {
	f.t.Helper()
	l, err := net.Listen("tcp", f.addr)
	if err != nil {
		f.t.Fatal(err)
	}
	f.addr = l.Addr().String()
	f.Server = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			io.WriteString(w, "a page")
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, r.URL.Query().Get("first")+"\n\n")
		if r.URL.Query().Has("end") {
			return
		}
		http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})}
	go f.Serve(l)
	f.t.Cleanup(func() { f.Close() })
}

func TestReconnectionInThisBrowser(t *testing.T) {
	t.Parallel()
	s := &flickering{t: t, addr: "127.0.0.1:0"}
	s.start()
	p := chromium.OpenTab(t, "http://"+s.addr)
	p.Expect("ERR_", "Failed to load resource") // that is what it is about
	p.Visit("/")

	t.Run("goes on trying while the server is gone", func(t *testing.T) {
		p := p.In(t)
		chromium.Eval[any](p, "("+follow+`)("/e?first=retry:%20100")`)
		p.Until(`seen.join() === "open"`)
		s.Close()
		p.Until(`seen.filter((one) => one === "error 0").length >= 3`)
		s.start()
		p.Until(`seen.at(-1) === "open" && !seen.includes("error 2")`)
		chromium.Eval[any](p, `source.close()`)
	})

	t.Run("waits three seconds where the stream says nothing", func(t *testing.T) {
		p := p.In(t)
		begun := time.Now()
		chromium.Eval[any](p, "("+follow+`)("/e?end&first=:")`)
		p.Until(`seen.join() === "open,error 0,open" || seen.join() === "open,error 0,open,error 0"`)
		if took := time.Since(begun); took < 2900*time.Millisecond {
			t.Errorf("it was back after %v", took)
		}
		chromium.Eval[any](p, `source.close()`)
	})

	t.Run("does not give up where nobody ever answered", func(t *testing.T) {
		p := p.In(t)
		s.Close()
		chromium.Eval[any](p, "("+follow+`)("/e")`)
		p.Until(`seen.join() === "error 0"`)
		chromium.Eval[any](p, `source.close()`)
	})
}
