package export

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"seewire/playground/dissect"
	"seewire/playground/wire"
)

// recorded is a capture of a server that sends some bytes for each request, and
// what sends one more.
func recorded(t *testing.T, id, response string) (c *wire.Capture, request func()) {
	t.Helper()
	store := wire.NewStore(wire.Limits{CaptureBytes: 8 << 20, Captures: 9, TotalBytes: 64 << 20, Connections: 64, Age: time.Hour})
	t.Cleanup(store.Close)
	c, err := store.Claim(id, netip.Prefix{})
	if err != nil {
		t.Fatal(err)
	}
	request = func() {
		client, server := net.Pipe()
		accepted := make(chan net.Conn, 1)
		accepted <- server
		tap := wire.Listen(oneConnection{accepted})
		conn, err := tap.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		go func() {
			io.WriteString(client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
			io.Copy(io.Discard, client)
		}()
		wire.ConnState(conn, http.StateNew)
		if err := wire.FromContext(wire.ConnContext(t.Context(), conn)).Record(c); err != nil {
			t.Fatal(err)
		}
		conn.Read(make([]byte, 1000))
		io.WriteString(conn, response)
	}
	return c, request
}

type oneConnection struct{ conns chan net.Conn }

func (o oneConnection) Accept() (net.Conn, error) { return <-o.conns, nil }
func (o oneConnection) Close() error              { return nil }
func (o oneConnection) Addr() net.Addr            { return &net.TCPAddr{} }

const plainResponse = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: a\n\n"

// A capture is dissected once, until there is more in it.
func TestWholeIsKept(t *testing.T) {
	c, request := recorded(t, "capture-a", plainResponse)
	request()
	s := NewDissections(1<<20, nil)
	whole := func() *Dissection {
		d, err := s.Whole(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	first, second := whole(), whole()
	if &first.parts[0].frames[0] != &second.parts[0].frames[0] {
		t.Error("the same capture was dissected twice")
	}
	request()
	if third := whole(); third.frames <= first.frames {
		t.Errorf("%d frames of one connection, %d of two", first.frames, third.frames)
	}
	if len(s.kept) != 1 || s.Size() < entryCost || s.Size() > entryCost+4<<10 {
		t.Errorf("%d entries of %d bytes are kept", len(s.kept), s.Size())
	}
}

// Whoever has left does not have the capture dissected.
func TestWholeEndsWithItsContext(t *testing.T) {
	c, request := recorded(t, "capture-a", plainResponse)
	request()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := NewDissections(1<<20, nil).Whole(ctx, c); err != context.Canceled {
		t.Errorf("got %v", err)
	}
}

// What is kept stays within the limit: what was not asked for for longest goes.
func TestDissectionsLimit(t *testing.T) {
	s := NewDissections(3*entryCost, nil)
	var captures []*wire.Capture
	for i := range 5 {
		c, request := recorded(t, fmt.Sprint("capture-", i), plainResponse)
		request()
		captures = append(captures, c)
		if _, err := s.Whole(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if s.Size() > s.limit {
			t.Errorf("%d bytes are kept, the limit is %d", s.Size(), s.limit)
		}
	}
	if len(s.kept) != 2 || s.kept[cacheKey{capture: captures[4]}] == nil {
		t.Errorf("%d entries are kept", len(s.kept))
	}
}

// Viewers of one capture share its dissection, and one that comes later gets
// what is there.
func TestViewersShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, request := recorded(t, "capture-a", plainResponse)
		s := NewDissections(1<<20, nil)
		ctx, cancel := context.WithCancel(t.Context())
		var sent [3]strings.Builder
		done := make(chan error)
		view := func(i int) {
			go func() {
				done <- s.Follow(ctx, c, func(p []byte) error { sent[i].Write(p); return nil })
			}()
			synctest.Wait()
		}
		view(0)
		request()
		time.Sleep(time.Second)
		view(1)
		request()
		time.Sleep(time.Second)
		view(2)
		cancel()
		for range sent {
			if err := <-done; err != context.Canceled {
				t.Error(err)
			}
		}
		for i := range sent {
			if sent[i].String() != sent[0].String() {
				t.Errorf("viewer %d was sent\n%s\nthe first one\n%s", i, &sent[i], &sent[0])
			}
		}
		if strings.Count(sent[0].String(), `"kind":"response"`) != 2 {
			t.Errorf("sent: %s", &sent[0])
		}
		e, _ := s.get(cacheKey{c, jsonFeed})
		if len(s.kept) != 1 || len(e.reader.connections) != 2 {
			t.Errorf("%d dissections", len(s.kept))
		}
	})
}

// A dissection that was let go is none that a viewer waits for.
func TestFollowAfterEviction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, request := recorded(t, "capture-a", plainResponse)
		s := NewDissections(entryCost, nil) // no room for a byte of JSON
		ctx, cancel := context.WithCancel(t.Context())
		var frames atomic.Int64
		done := make(chan error)
		for range 2 {
			go func() {
				done <- s.Follow(ctx, c, func(p []byte) error {
					var d Document
					err := json.Unmarshal(p, &d)
					frames.Add(int64(len(d.Frames)))
					return err
				})
			}()
			synctest.Wait()
			request()
			time.Sleep(time.Second)
		}
		cancel()
		<-done
		<-done
		whole := Capture(c)
		if frames.Load() != int64(2*len(whole.Frames)) || len(s.kept) != 0 || s.Size() != 0 {
			t.Errorf("%d frames were sent, the capture has %d; %d entries of %d bytes are kept", frames.Load(), len(whole.Frames), len(s.kept), s.Size())
		}
	})
}

// One connection can't use up what all have, and the document says what it
// lacks.
func TestFairShares(t *testing.T) {
	bomb := deflated(make([]byte, 200<<20), true)
	honest := deflated([]byte("hello"), true)
	response := func(body []byte) []byte {
		return fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	}
	greedy := []byte("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + strings.Repeat("\n", 1<<20))
	var connections []wire.Connection
	for i, server := range [][]byte{response(bomb), response(bomb), greedy, greedy, response(honest)} {
		connections = append(connections, wire.Connection{
			Number: i + 1, Server: server, Segments: []wire.Segment{{From: wire.Server, Length: len(server)}},
		})
	}
	budget := dissect.NewBudget()
	d := importConnections("", connections, nil)
	d.budget = budget
	if err := d.complete(t.Context()); err != nil {
		t.Fatal(err)
	}
	found := false
	for _, f := range d.Frames {
		found = found || f.Connection == 5 && f.Fields[0].Value == "hello"
	}
	if !found {
		t.Error("the honest connection's body is not inflated")
	}
	codes := ""
	for _, n := range budgetNotes(budget) {
		codes += fmt.Sprintf("%s %v ", n.Code, n.Count > 0)
	}
	if codes != "budget-frames true budget-inflation true " {
		t.Errorf("the notes are %s", codes)
	}
}

type someWords struct{}

func (someWords) Line(phrases []dissect.Phrase) string { return fmt.Sprint(len(phrases), " phrases") }
func (someWords) Violation(code string) string         { return "no " + code }

// The JSON has what frames say, and what they violate, in words for programs.
func TestJSONHasWords(t *testing.T) {
	c, request := recorded(t, "capture-a", "HTTP/1.1 200 OK\n\n")
	request()
	d, err := NewDissections(1<<20, someWords{}).Whole(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := d.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"summary":"1 phrases"`, `"message":"no http1.bare-lf"`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%s is not in %s", want, &b)
		}
	}
}

// The documents of a feed wait for no lock that all feeds share: on a busy machine
// hundreds of them would stand in line for it, and few would ever be sent.
func TestFollowWaitsForNoOther(t *testing.T) {
	capture, request := recorded(t, "capture-a", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
	s := NewDissections(10<<20, nil)
	ctx, stop := context.WithCancel(t.Context())
	documents, followed := make(chan string), make(chan error, 1)
	go func() {
		followed <- s.Follow(ctx, capture, func(p []byte) error {
			select {
			case documents <- string(p):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	<-documents
	s.mu.Lock()
	request()
	select {
	case d := <-documents:
		if !strings.Contains(d, `"connections":[{`) {
			t.Errorf("the document is %s", d)
		}
	case <-time.After(10 * time.Second):
		t.Error("a document waits for what all feeds share")
	}
	s.mu.Unlock()
	stop()
	<-followed
}
