package oneway

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

func TestStreamGetsWhatIsPosted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		alice, bob, carol := s.listen(t, "room=a"), s.listen(t, "room=a"), s.listen(t, "room=b")
		for _, text := range []string{"hello", "two\nlines", ""} {
			if status := s.send(t, "room=a", text); status != http.StatusNoContent {
				t.Fatalf("%q: status %d", text, status)
			}
			for _, member := range []*listener{alice, bob} {
				if got := member.next(); got != text {
					t.Errorf("a member got %q, want %q", got, text)
				}
			}
		}
		s.send(t, "room=b", "for carol")
		if got := carol.next(); got != "for carol" {
			t.Errorf("the other room got %q", got)
		}
	})
}

func TestSocketGetsWhatIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, ctx := serve(t), context.Background()
		alice, bob, carol := s.dial(t, "room=a"), s.dial(t, "room=a"), s.dial(t, "room=b")
		stranger := s.listen(t, "room=a") // a stream has a room of its own
		for _, want := range []message{
			{kind: websocket.MessageText, data: []byte("hello")},
			{kind: websocket.MessageText},
			{kind: websocket.MessageBinary, data: []byte{0, 0xff, 0x80}},
		} {
			if err := alice.Write(ctx, want.kind, want.data); err != nil {
				t.Fatal(err)
			}
			for _, member := range []*websocket.Conn{alice, bob} {
				kind, data, err := member.Read(ctx)
				if kind != want.kind || !bytes.Equal(data, want.data) || err != nil {
					t.Errorf("a member got %v %q, %v", kind, data, err)
				}
			}
		}
		carol.Write(ctx, websocket.MessageText, []byte("for carol"))
		if _, data, _ := carol.Read(ctx); string(data) != "for carol" {
			t.Errorf("the other room got %q", data)
		}
		s.send(t, "room=a", "for the stream")
		if got := stranger.next(); got != "for the stream" {
			t.Errorf("the stream got %q", got)
		}
	})
}

// Without a name, a room is the capture's.
func TestRoomOfACapture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		one, two := s.listen(t, "capture=capture-1"), s.listen(t, "capture=capture-2")
		s.send(t, "capture=capture-2", "two")
		s.send(t, "capture=capture-1", "one")
		if a, b := one.next(), two.next(); a != "one" || b != "two" {
			t.Errorf("got %q and %q", a, b)
		}
	})
}

// The largest picture goes both ways, as bytes and as base64.
func TestLargestPicture(t *testing.T) {
	picture := bytes.Repeat([]byte{0, 127, 128, 255}, 65536/4)
	synctest.Test(t, func(t *testing.T) {
		s, ctx := serve(t), context.Background()
		down := s.listen(t, "")
		text := base64.StdEncoding.EncodeToString(picture)
		s.send(t, "", text)
		if got := down.next(); got != text {
			t.Errorf("the stream got %d bytes, want %d", len(got), len(text))
		}

		socket := s.dial(t, "")
		socket.Write(ctx, websocket.MessageBinary, picture)
		if _, got, err := socket.Read(ctx); !bytes.Equal(got, picture) {
			t.Errorf("the socket got %d bytes, %v", len(got), err)
		}
	})
}

func TestMessageThatIsTooLarge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, ctx := serve(t), context.Background()
		text := strings.Repeat("x", maxMessage+1)
		if status := s.send(t, "", text); status != http.StatusRequestEntityTooLarge {
			t.Errorf("the request got %d", status)
		}
		socket := s.dial(t, "")
		go socket.Write(ctx, websocket.MessageText, []byte(text))
		if _, _, err := socket.Read(ctx); websocket.CloseStatus(err) != websocket.StatusMessageTooBig {
			t.Errorf("the socket got %v", err)
		}
	})
}

func TestTextThatIsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, ctx := serve(t), context.Background()
		if status := s.send(t, "", "\xff"); status != http.StatusBadRequest {
			t.Errorf("the request got %d", status)
		}
		socket := s.dial(t, "")
		socket.Write(ctx, websocket.MessageText, []byte("\xff"))
		if _, _, err := socket.Read(ctx); websocket.CloseStatus(err) != websocket.StatusInvalidFramePayloadData {
			t.Errorf("the socket got %v", err)
		}
	})
}

// Who doesn't read is dropped, and whoever does gets everything.
func TestSlowMemberIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, ctx := serve(t), context.Background()
		const many = 2*maxQueue + 20
		text := strings.Repeat("x", 8000)

		slow, quick := s.listen(t, ""), s.listen(t, "")
		for i := range many {
			want := fmt.Sprint(text, i)
			s.send(t, "", want)
			if got := quick.next(); got != want {
				t.Fatalf("message %d did not arrive", i)
			}
		}
		slow.Body.Close()
		synctest.Wait()
		if n := s.Runner.Open(); n != 1 {
			t.Errorf("%d streams are open", n)
		}

		slowSocket, quickSocket := s.dial(t, ""), s.dial(t, "")
		for i := range many {
			quickSocket.Write(ctx, websocket.MessageText, []byte(text))
			if _, _, err := quickSocket.Read(ctx); err != nil {
				t.Fatalf("message %d: %v", i, err)
			}
		}
		received := 0
		for {
			_, _, err := slowSocket.Read(ctx)
			if err == nil {
				received++
				continue
			}
			if websocket.CloseStatus(err) != websocket.StatusTryAgainLater && !errors.Is(err, context.Canceled) || received >= many {
				t.Errorf("the slow socket got %d messages and %v", received, err)
			}
			break
		}
	})
}

func TestRoomsAreBounded(t *testing.T) {
	rooms, r := newRooms(newBus(t)), new(http.Request)
	var all []*member
	for i := range maxRooms {
		m, err := rooms.join(r, fmt.Sprint(i))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	if _, err := rooms.join(r, "one more"); err != errFull {
		t.Errorf("one room more: %v", err)
	}
	for range maxMembers - 1 {
		m, err := rooms.join(r, "0")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	if _, err := rooms.join(r, "0"); err != errFull {
		t.Errorf("one member more: %v", err)
	}
	for _, m := range all {
		rooms.leave(m)
	}
	if n := len(rooms.open); n != 0 {
		t.Errorf("%d rooms are left open", n)
	}
}

// What waits for a member is bounded, and a member that is dropped may leave.
func TestQueueIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rooms := newRooms(newBus(t))
		m, _ := rooms.join(new(http.Request), "a")
		for range 3 * maxQueue {
			rooms.say("a", message{kind: websocket.MessageText, data: []byte("x")})
		}
		synctest.Wait()
		rooms.leave(m)
		waiting := 0
		for range m.messages {
			waiting++
		}
		if waiting != maxQueue {
			t.Errorf("%d messages waited", waiting)
		}
	})
}

// Rooms of two servers on one bus are one room.
func TestRoomOverServers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBus(t)
		one, two := newRooms(b), newRooms(b)
		m, _ := one.join(new(http.Request), "a")
		defer one.leave(m)
		two.say("a", message{kind: websocket.MessageText, data: []byte("from there")})
		if got := <-m.messages; got.kind != websocket.MessageText || string(got.data) != "from there" {
			t.Errorf("got %v %q", got.kind, got.data)
		}
	})
}

func TestFullIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		for range maxMembers {
			s.listen(t, "")
			s.dial(t, "")
		}
		if got := s.listen(t, ""); got.StatusCode != http.StatusServiceUnavailable || got.Header.Get("Retry-After") == "" {
			t.Errorf("one stream more: %v", got.Status)
		}
		if got := s.Get(t, "/ws"); got.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("one socket more: %v", got.Status)
		}
	})
}

func TestServerCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		down, socket := s.listen(t, ""), s.dial(t, "")
		s.Close()
		if got := down.next(); got != "" {
			t.Errorf("the stream got %q", got)
		}
		if _, _, err := socket.Read(context.Background()); websocket.CloseStatus(err) != websocket.StatusGoingAway {
			t.Errorf("the socket got %v", err)
		}
	})
}

func TestClientLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		down, socket := s.listen(t, ""), s.dial(t, "")
		synctest.Wait()
		if n := s.Runner.Open(); n != 2 {
			t.Fatalf("%d are open", n)
		}
		down.Body.Close()
		socket.CloseNow()
		synctest.Wait()
		if n := s.Runner.Open(); n != 0 {
			t.Errorf("%d are still open", n)
		}
	})
}

func TestRefusesControls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		for _, query := range []string{"payload=film", "size=99", "size=65537", "messages=51", "every=2001", "text=%ff", "room=" + strings.Repeat("x", 65)} {
			if got := s.listen(t, query); got.StatusCode != http.StatusBadRequest {
				t.Errorf("%s: %s", query, got.Status)
			}
			if status := s.send(t, query, "x"); status != http.StatusBadRequest {
				t.Errorf("%s: %d", query, status)
			}
		}
	})
}

// A client that stops in the middle of a frame does not keep its place: its run
// ends, and soon after the connection does.
func TestUnfinishedFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		conn := s.Dial()
		defer conn.Close()
		const key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		io.WriteString(conn, "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+key+"\r\n")
		in := bufio.NewReader(conn)
		if response, err := http.ReadResponse(in, nil); err != nil || response.StatusCode != http.StatusSwitchingProtocols {
			t.Fatalf("%v, %v", response, err)
		}
		// A frame of a text that is not UTF-8, then the head of a longer one and a
		// piece of it: the server wants to close with 1007 and reads for an answer.
		conn.Write([]byte("\x81\x81\x00\x00\x00\x00\xff\x82\xfe\x10\x00\x00\x00\x00\x00and no more"))
		go io.Copy(io.Discard, in)
		time.Sleep(3 * time.Minute)
		if n := s.Runner.Open(); n != 0 {
			t.Errorf("%d runs are open", n)
		}
	})
}
