package bus

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"golang.org/x/net/nettest"
)

// ends opens a stream from a server to itself.
func ends(t testing.TB) (b *Bus, dialed, accepted *Conn) {
	t.Helper()
	b, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	l, err := b.Listen()
	if err != nil {
		t.Fatal(err)
	}
	there, err := b.Dial(t.Context(), b.ID())
	if err != nil {
		t.Fatal(err)
	}
	here, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return b, there.(*Conn), here.(*Conn)
}

func TestStreamIsAConn(t *testing.T) {
	nettest.TestConn(t, func() (net.Conn, net.Conn, func(), error) {
		b, dialed, accepted := ends(t)
		return dialed, accepted, b.Close, nil
	})
}

// Who does not read stops who writes, and loses nothing.
func TestStreamHasAWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, dialed, accepted := ends(t)
		sent, written := bytes.Repeat([]byte("0123456789"), 3*window/10), 0
		go func() {
			written, _ = dialed.Write(sent)
			dialed.CloseWrite()
		}()
		synctest.Wait()
		if dialed.room != 0 || accepted.waiting != window || written != 0 {
			t.Errorf("there is room for %d, %d wait and %d are written", dialed.room, accepted.waiting, written)
		}
		time.Sleep(time.Minute) // neither end takes the other for gone
		got, err := io.ReadAll(accepted)
		if err != nil || !bytes.Equal(got, sent) || written != len(sent) {
			t.Errorf("%d bytes arrived of %d, %v", len(got), written, err)
		}
		if _, err := dialed.Write(sent); !errors.Is(err, syscall.EPIPE) {
			t.Errorf("after CloseWrite a Write gives %v", err)
		}
		if _, err := accepted.Write([]byte("back")); err != nil {
			t.Errorf("the other direction gives %v", err)
		}
		accepted.Close()
		if got, err := io.ReadAll(dialed); err != nil || string(got) != "back" {
			t.Errorf("back came %q, %v", got, err)
		}
	})
}

func TestStreamEnds(t *testing.T) {
	for name, end := range map[string]struct {
		end          func(b *Bus, dialed, accepted *Conn)
		read, write  error
		after        time.Duration
		keepsWritten bool
	}{
		"close":          {func(_ *Bus, dialed, _ *Conn) { dialed.Close() }, io.EOF, syscall.EPIPE, 0, true},
		"reset":          {func(_ *Bus, dialed, _ *Conn) { dialed.SetLinger(0); dialed.Close() }, syscall.ECONNRESET, syscall.ECONNRESET, 0, true},
		"the bus closes": {func(b *Bus, _, _ *Conn) { b.Close() }, ErrClosed, ErrClosed, 0, true},
		"the other server goes": {func(b *Bus, dialed, _ *Conn) {
			b.streams.remove(dialed) // it went with its server, and tells nothing
			b.servers.Store(&[]string{"another"})
		}, errGone, errGone, time.Second, true},
		"the other end is forgotten": {func(_ *Bus, dialed, _ *Conn) { dialed.streams.remove(dialed) }, syscall.ECONNRESET, syscall.ECONNRESET, quietTime, true},
		"the other end says nothing": {func(b *Bus, dialed, accepted *Conn) {
			accepted.server = "nowhere"
			b.servers.Store(&[]string{"nowhere"})
			b.streams.remove(dialed)
		}, errGone, errGone, goneTime, true},
		"a message is lost":             {func(_ *Bus, dialed, _ *Conn) { dialed.sent++; dialed.Write([]byte("after it")) }, nil, nil, 0, true},
		"more comes than there is room": {func(_ *Bus, dialed, _ *Conn) { dialed.room = 2 * window; dialed.Write(make([]byte, 2*window)) }, nil, nil, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, dialed, accepted := ends(t)
				dialed.Write([]byte("before"))
				synctest.Wait()
				begun := time.Now()
				end.end(b, dialed, accepted)
				got, err := io.ReadAll(accepted)
				if err == nil {
					err = io.EOF
				}
				if end.read != nil && !errors.Is(err, end.read) || end.read == nil && err == io.EOF {
					t.Errorf("reading ends with %v", err)
				}
				if took := time.Since(begun); took > end.after+time.Second {
					t.Errorf("it took %v", took)
				}
				if end.keepsWritten && string(got) != "before" {
					t.Errorf("what was written before is %q", got)
				}
				if _, err := accepted.Write([]byte("x")); err == nil || end.write != nil && !errors.Is(err, end.write) {
					t.Errorf("writing gives %v", err)
				}
				accepted.Close()
				dialed.Close()
				synctest.Wait()
				if n := len(b.streams.open); n != 0 {
					t.Errorf("%d ends are still open", n)
				}
			})
		})
	}
}

// Between servers a stream goes over NATS, and breaks at both ends when that is away.
func TestStreamBetweenServers(t *testing.T) {
	f := newFront(t, listen(t, server.Options{}))
	o := Options{URL: f.Addr().String()}
	a, b := newBus(t, o), newBus(t, o)
	await(t, servers(2), a, b)
	l, err := b.Listen()
	if err != nil {
		t.Fatal(err)
	}
	dialed := dial(t, a, b.ID())
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if from, to := accepted.RemoteAddr().String(), dialed.RemoteAddr().String(); from != a.ID() || to != b.ID() {
		t.Errorf("it goes from %s to %s", from, to)
	}
	go func() {
		io.Copy(accepted, accepted)
		accepted.Close()
	}()
	sent := bytes.Repeat([]byte("0123456789"), 3*window/10)
	go func() {
		dialed.Write(sent)
		dialed.(*Conn).CloseWrite()
	}()
	if got, err := io.ReadAll(dialed); err != nil || !bytes.Equal(got, sent) {
		t.Errorf("%d bytes came back, %v", len(got), err)
	}

	dialed = dial(t, a, b.ID())
	accepted, err = l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	f.lead("")
	for _, c := range []net.Conn{dialed, accepted} {
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, errGone) {
			t.Errorf("without NATS a Read gives %v", err)
		}
	}
}

// dial opens a stream. The subscription of the other server may still be on its way to
// NATS.
func dial(t *testing.T, b *Bus, to string) net.Conn {
	t.Helper()
	for {
		c, err := b.Dial(t.Context(), to)
		if err == nil {
			return c
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal(err)
		}
	}
}

func TestDialFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, err := New(Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		b.servers.Store(&[]string{b.id, "silent"})
		canceled, cancel := context.WithCancel(t.Context())
		cancel()
		for _, c := range []struct {
			ctx    context.Context
			server string
			want   error
			after  time.Duration
		}{
			{t.Context(), b.id, syscall.ECONNRESET, 0}, // it does not listen
			{t.Context(), "unknown", errGone, 0},
			{t.Context(), "silent", os.ErrDeadlineExceeded, dialTime},
			{canceled, "silent", context.Canceled, 0},
		} {
			begun := time.Now()
			if _, err := b.Dial(c.ctx, c.server); !errors.Is(err, c.want) || time.Since(begun) != c.after {
				t.Errorf("%s: %v after %v", c.server, err, time.Since(begun))
			}
		}
		l, _ := b.Listen()
		if _, err := b.Listen(); !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("a second listener: %v", err)
		}
		var open []net.Conn
		for range backlog {
			c, err := b.Dial(t.Context(), b.id)
			if err != nil {
				t.Fatal(err)
			}
			open = append(open, c)
		}
		late, err := b.Dial(t.Context(), b.id)
		if err == nil {
			_, err = late.Read(make([]byte, 1))
		}
		if !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("one more than wait to be accepted: %v", err)
		}
		l.Close()
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Accept gives %v", err)
		}
		for _, c := range open {
			if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("one that was not accepted: %v", err)
			}
		}
		if n := len(b.streams.open); n != 0 {
			t.Errorf("%d ends are still open", n)
		}
	})
}

// What comes over NATS may be anything.
func FuzzStreamMessages(f *testing.F) {
	f.Add([]byte{kindDial, 0, 0})
	f.Add(encode(message{kind: kindDial, server: "A"}))
	for _, kind := range "abrecxt?" {
		f.Add(encode(message{kind: byte(kind), number: 1, server: "SELF", rest: []byte("rest")}))
	}
	b, err := New(Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(b.Close)
	l, err := b.Listen()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		there, err := b.Dial(t.Context(), b.ID())
		if err != nil {
			t.Fatal(err)
		}
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer there.Close()
		defer c.Close()
		if m, ok := parse(data); ok {
			if m.server == "SELF" { // as the other end would say it
				m.server, m.to, m.from = b.ID(), c.(*Conn).here, there.(*Conn).here
			}
			data = encode(m)
			if again, ok := parse(data); !ok || again.kind != m.kind || again.number != m.number || again.server != m.server || !bytes.Equal(again.rest, m.rest) {
				t.Errorf("%+v is read as %+v", m, again)
			}
		}
		if len(data) > 0 && data[0] == kindDial {
			return // another stream, for the listener
		}
		b.streams.receive(data)
		c.SetDeadline(time.Now())
		c.Read(make([]byte, window))
		c.Write([]byte(strings.Repeat("x", 10)))
	})
}

func BenchmarkStream(b *testing.B) {
	_, dialed, accepted := ends(b)
	go io.Copy(io.Discard, accepted)
	b.SetBytes(piece)
	part := make([]byte, piece)
	for b.Loop() {
		if _, err := dialed.Write(part); err != nil {
			b.Fatal(err)
		}
	}
}

// Who has got the last byte may close the stream before Write has returned: that is no
// failure of it.
func TestTheLastByteIsWritten(t *testing.T) {
	_, dialed, _ := ends(t)
	dialed.sending.Lock() // while the byte leaves
	written := make(chan error)
	go func() {
		_, err := dialed.Write([]byte{1})
		written <- err
	}()
	for room := window; room == window; runtime.Gosched() {
		dialed.mu.Lock()
		room = dialed.room
		dialed.mu.Unlock()
	}
	dialed.receive(message{kind: kindClose, number: dialed.received, from: dialed.there, server: dialed.server})
	dialed.sending.Unlock()
	if err := <-written; err != nil {
		t.Error(err)
	}
	if _, err := dialed.Write([]byte{2}); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("one more Write has %v", err)
	}
}
