package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"seewire/cmd/seewire/internal/program"
	"seewire/cmd/seewire/internal/sitetest"
	"seewire/cmd/seewire/internal/terminal"
)

func TestCtrlCEndsStreamsInGoodOrder(t *testing.T) {
	s := sitetest.Start(t)
	ctx := t.Context()

	req, _ := http.NewRequestWithContext(ctx, "GET", s.Base+"/play/reconnect/sse?cut=0", nil)
	events, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer events.Body.Close()
	lines := bufio.NewReader(events.Body)
	if _, err := lines.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	socket, _, err := websocket.Dial(ctx, s.Socket()+"/play/reconnect/ws?cut=0", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer socket.CloseNow()
	if _, _, err := socket.Read(ctx); err != nil {
		t.Fatal(err)
	}
	feed, _, err := websocket.Dial(ctx, s.Socket()+"/captures/ctrl-c-test/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer feed.CloseNow()
	// A client that answers nothing: it holds its connection open and reads
	// not a byte, so that no close handshake with it can succeed.
	deaf, err := net.Dial("tcp", strings.TrimPrefix(s.Base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.Close()
	io.WriteString(deaf, "GET /play/reconnect/ws?cut=0 HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
	if _, err := deaf.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}

	closed := make(chan error, 2)
	for _, conn := range []*websocket.Conn{socket, feed} {
		go func() {
			for {
				if _, _, err := conn.Read(context.Background()); err != nil {
					closed <- err
					return
				}
			}
		}()
	}
	began := time.Now()
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the program took %v to end; it promises five seconds", took)
	}
	if _, err := io.Copy(io.Discard, lines); err != nil {
		t.Errorf("the event stream was cut: %v; its handler should return, so that the last chunk is sent", err)
	}
	for range 2 {
		if err := <-closed; websocket.CloseStatus(err) != websocket.StatusGoingAway {
			t.Errorf("a WebSocket ended with %v, want a close frame with 1001", err)
		}
	}
}

func TestPortTaken(t *testing.T) {
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := l.Addr().String()
	for flag, args := range map[string][]string{
		"-addr":    {"-addr", taken},
		"-tls":     {"-addr", "localhost:0", "-tls", taken},
		"-origins": {"-addr", "localhost:0", "-tls", "off", "-origins", "localhost:0," + taken},
	} {
		err = program.Run(t.Context(), append(args, "-open=false"), io.Discard)
		if err == nil || !strings.Contains(err.Error(), "is taken") {
			t.Errorf("%s: got %v, want an error that says that the port is taken", flag, err)
			continue
		}
		triesItsAdvice(t, flag, err)
	}
}

// triesItsAdvice holds that an error names a flag with values, and that the
// program takes them.
func triesItsAdvice(t *testing.T, flag string, err error) {
	t.Helper()
	advice := regexp.MustCompile(regexp.QuoteMeta(flag)+` ([^ \n]*[^ \n,.])`).FindAllStringSubmatch(err.Error(), -1)
	if len(advice) == 0 {
		t.Errorf("%v: no word of %s", err, flag)
	}
	for _, value := range advice {
		var out bytes.Buffer
		if _, err := program.ParseFlags([]string{flag, value[1]}, &out); err != nil {
			t.Errorf("%s is refused: %s", value[0], &out)
		}
	}
}

func TestBadFlags(t *testing.T) {
	for _, args := range [][]string{{"-no-such-flag"}, {"argument"}, {"-streams", "0"}, {"-limit", "1ms"}, {"-memory", "1"}, {"-origins", ":8081"}} {
		var out bytes.Buffer
		if err := program.Run(t.Context(), args, &out); !errors.Is(err, terminal.ErrUsage) {
			t.Errorf("%v: error %v, want terminal.ErrUsage", args, err)
		}
		if !strings.Contains(out.String(), "-addr") {
			t.Errorf("%v: the usage was not shown:\n%s", args, &out)
		}
	}
}

func TestHealth(t *testing.T) {
	s := sitetest.Start(t)
	addr := strings.TrimPrefix(s.Base, "http://")
	if err := program.Run(t.Context(), []string{"-health", "-addr", addr}, io.Discard); err != nil {
		t.Errorf("a server that is well: %v", err)
	}
	s.Stop()
	if err := program.Run(t.Context(), []string{"-health", "-addr", addr}, io.Discard); err == nil {
		t.Error("no server answers, yet -health finds it well")
	}
}
