package wire_test

import (
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"seewire/playground/wire"
)

// Streams, keep-alive connections and WebSockets come and go, while captures
// are followed, evicted and claimed again. The race detector has the say; and
// what a capture holds is never torn.
func TestConcurrency(t *testing.T) {
	small := limits
	small.Captures = 4
	small.TotalBytes = 64 << 10
	small.CaptureBytes = 32 << 10
	small.Connections = 8
	s := newSite(t, small, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/ws" {
			echo(w, r)
			return
		}
		for range 5 {
			fmt.Fprint(w, "data: x\n\n")
			w.(http.Flusher).Flush()
		}
	})

	var clients sync.WaitGroup
	transport := new(http.Transport)
	for i := range 8 {
		clients.Go(func() {
			client := &http.Client{Transport: transport}
			for n := range 20 {
				query := fmt.Sprintf("?capture=capture-%d", (i+n)%6)
				if n%5 == 4 {
					query = "" // not recorded
				}
				response, err := client.Get("http://" + s.addr + "/" + query)
				if err != nil {
					t.Error(err)
					return
				}
				io.Copy(io.Discard, response.Body)
				response.Body.Close()

				c, _, err := websocket.Dial(t.Context(), "ws://"+s.addr+"/ws"+query, &websocket.DialOptions{HTTPClient: client})
				if err != nil {
					t.Error(err)
					return
				}
				c.Write(t.Context(), websocket.MessageText, make([]byte, 300))
				c.Read(t.Context())
				c.CloseNow()
			}
		})
	}
	stop := make(chan struct{})
	var followers sync.WaitGroup
	for i := range 2 {
		followers.Go(func() {
			for n := i; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				capture, err := s.store.Claim(fmt.Sprintf("capture-%d", n%6), netip.Prefix{})
				if err != nil {
					continue
				}
				release := capture.Follow()
				changed := capture.Changed()
				for _, c := range capture.Snapshot() {
					check(t, c, string(c.Client), string(c.Server))
				}
				select {
				case <-changed:
				case <-stop:
				}
				release()
			}
		})
	}
	clients.Wait()
	close(stop)
	followers.Wait()
	transport.CloseIdleConnections()

	for len(s.errs) > 0 {
		if err := <-s.errs; err != wire.ErrFull && err != wire.ErrExpired {
			t.Error(err)
		}
	}
}
