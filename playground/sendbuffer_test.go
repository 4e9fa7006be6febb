package playground

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// A socket whose client does not read is full after about the send buffer and
// the client's receive buffer, not after the megabytes that Linux would take.
func TestSetSendBuffer(t *testing.T) {
	taken := make(chan int)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		SetSendBuffer(r, 16<<10)
		part, n := make([]byte, 16<<10), 0
		for n < 64<<20 {
			http.NewResponseController(w).SetWriteDeadline(time.Now().Add(200 * time.Millisecond))
			if _, err := w.Write(part); err != nil {
				break
			}
			n += len(part)
		}
		taken <- n
	}))
	server.Config.ConnContext = ConnContext
	server.Start()
	defer server.Close()

	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.(*net.TCPConn).SetReadBuffer(16 << 10)
	conn.Write([]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"))
	if n := <-taken; n < 16<<10 || n > 512<<10 {
		t.Errorf("the socket took %d bytes", n)
	}
}

// Where there is no connection to set it for, nothing happens.
func TestSetSendBufferWithoutConnection(t *testing.T) {
	SetSendBuffer(httptest.NewRequest("GET", "/", nil), 1)
}
