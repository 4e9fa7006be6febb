package pressure

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"seewire/playground"
	"seewire/playground/experimenttest"
)

// A request is answered when the server has taken it.
func TestSendTakesItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := experimenttest.Start(t, New(), playground.Limits{})
		for size, want := range map[int]int{maxSize: http.StatusNoContent, maxSize + 1: http.StatusRequestEntityTooLarge} {
			begun := time.Now()
			request, _ := http.NewRequest("POST", "http://experiment.test/send", strings.NewReader(strings.Repeat("x", size)))
			if status := s.Do(t, request).StatusCode; status != want {
				t.Errorf("%d bytes: status %d, want %d", size, status, want)
			}
			if took := time.Since(begun); want == http.StatusNoContent && took != takes {
				t.Errorf("it took %v", took)
			}
		}
	})
}

// A socket is read at the server's pace, and cut when it is enough.
func TestSocketIsReadSlowly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := experimenttest.Start(t, New(), playground.Limits{})
		conn := s.WebSocket(t, "/ws?way=up")
		begun, sent := time.Now(), 0
		for conn.Write(context.Background(), websocket.MessageText, []byte(strings.Repeat("x", maxSize))) == nil {
			sent++
		}
		if took := time.Since(begun); sent != enough || took < (enough-1)*takes {
			t.Errorf("%d messages in %v", sent, took)
		}
		synctest.Wait()
		if n := s.Runner.Open(); n != 0 {
			t.Errorf("%d runs are open", n)
		}
	})
}

// A client that says that it sends, and doesn't, is let go.
func TestNothingComesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := experimenttest.Start(t, New(), playground.Limits{Duration: time.Hour})
		s.WebSocket(t, "/ws?way=up")
		time.Sleep(time.Minute)
		if n := s.Runner.Open(); n != 0 {
			t.Errorf("after a minute %d runs are open", n)
		}
	})
}
