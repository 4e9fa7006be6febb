package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// A result is what a measure has found.
type result struct {
	options
	tokens   int64
	answers  int64 // that came whole
	short    int64 // that had fewer tokens than others
	cut      int64 // streams and feeds that broke
	feed     int64 // bytes of the feeds, as they were sent
	shown    int64 // bytes of the streams
	messages int64 // of the feeds
	cpu      time.Duration
	memory   int64 // KiB
	jitter   histogram
}

func (r *result) perToken() float64 { return float64(r.cpu.Microseconds()) / float64(r.tokens) }

func (r *result) String() string {
	want := float64(r.learners*r.streams*r.rate) * r.length.Seconds()
	if r.broadcast > 0 {
		want = float64(r.broadcast*5) * r.length.Seconds()
	}
	s := fmt.Sprintf("%d tokens, %.0f %% of those due; %d answers short, %d connections cut; off the beat p50 %v p99 %v",
		r.tokens, 100*float64(r.tokens)/want, r.short, r.cut, r.jitter.percentile(50), r.jitter.percentile(99))
	if r.pid != 0 {
		s += fmt.Sprintf("; %.1f µs a token, %.0f %% of a core, %d MiB", r.perToken(), 100*r.cpu.Seconds()/r.length.Seconds(), r.memory/1024)
	}
	if r.watched > 0 {
		s += fmt.Sprintf("; feeds %.2f bytes a byte, %.1f messages a second each", float64(r.feed)/float64(r.shown)*float64(r.learners)/float64(r.watched),
			float64(r.messages)/float64(r.watched)/r.length.Seconds())
	}
	return s
}

// A class is what runs in front of the server.
type class struct {
	options
	name      string // begins the captures' IDs
	measuring atomic.Bool
	whole     atomic.Int64 // tokens of an answer
	result    result
	streams   []*stream
	done      sync.WaitGroup
	ctx       context.Context
}

// run has a class come, measures it and sends it home.
func run(o options) (*result, error) {
	if err := calm(o.pid); err != nil {
		return nil, err
	}
	if o.broadcast > 0 {
		return broadcast(o)
	}
	ctx, stop := context.WithCancel(context.Background())
	c := &class{options: o, ctx: ctx, name: fmt.Sprintf("load%d", time.Now().UnixNano()%1e12)}
	defer c.done.Wait()
	defer stop()
	for i := range o.learners {
		if err := c.learner(i); err != nil {
			return nil, err
		}
	}
	time.Sleep(o.settle)
	return c.measure(stop)
}

// calm waits until the server has nothing to do any more with those who were there
// before: the end of a thousand connections would count as what the next ones cost.
func calm(pid int) error {
	const step, little = 250 * time.Millisecond, 5 * time.Millisecond
	if pid == 0 {
		return nil
	}
	for range 40 { // or it is never calm
		before, err := cpu(pid)
		if err != nil {
			return err
		}
		time.Sleep(step)
		after, err := cpu(pid)
		if err != nil {
			return err
		}
		if after-before < little {
			break
		}
	}
	return nil
}

// measure measures what is open, and ends it with stop.
func (c *class) measure(stop func()) (*result, error) {
	o := c.options
	before, err := cpu(o.pid)
	if err != nil {
		return nil, err
	}
	c.measuring.Store(true)
	time.Sleep(o.length)
	c.measuring.Store(false)
	after, err := cpu(o.pid)
	if err != nil {
		return nil, err
	}
	memory := rss(o.pid)
	stop()
	c.done.Wait()
	r := c.result
	r.options, r.cpu, r.memory = o, after-before, memory
	for _, s := range c.streams {
		r.jitter.add(&s.jitter)
	}
	return &r, nil
}

func (c *class) learner(i int) error {
	id := fmt.Sprintf("%s-%d", c.name, i)
	if i < c.watched {
		conn, err := c.dial(i)
		if err != nil {
			return err
		}
		fmt.Fprintf(conn, "GET /captures/%s/live HTTP/1.1\r\nHost: %s\r\nOrigin: http://%[2]s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
			"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: compact-2\r\n\r\n", id, c.address)
		f := frames{message: func() {
			if c.measuring.Load() {
				atomic.AddInt64(&c.result.messages, 1)
			}
		}, ping: func(payload []byte) { // without an answer the server ends a feed after a minute
			conn.Write(append([]byte{0x8A, 0x80 | byte(len(payload)), 0, 0, 0, 0}, payload...))
		}}
		c.read(conn, func(p []byte) error {
			if c.measuring.Load() {
				atomic.AddInt64(&c.result.feed, int64(len(p)))
			}
			return f.add(p)
		})
	}
	capture := ""
	if c.recorded {
		capture = id
	}
	for range c.options.streams {
		s, err := c.stream(i, capture)
		if err != nil {
			return err
		}
		c.streams = append(c.streams, s)
		time.Sleep(time.Second / 500) // not all in one moment, as no class does
		c.done.Add(1)
		go s.run()
	}
	return nil
}

// stream opens the connection of a learner's stream.
func (c *class) stream(learner int, capture string) (*stream, error) {
	s := &stream{class: c, period: time.Second / time.Duration(c.rate)}
	conn, err := c.dial(learner)
	if err != nil {
		return nil, err
	}
	query := fmt.Sprintf("rate=%d&prompt=Tell+me+all+about+it&seed=7", c.rate)
	if capture != "" {
		query += "&capture=" + capture
	}
	s.begin = func() error {
		var err error
		if c.over == "ws" {
			if s.conn == nil {
				s.conn = conn
			} else if s.conn, err = c.dial(learner); err != nil {
				return err
			}
			s.frames = frames{message: s.token, closed: s.end}
			_, err = fmt.Fprintf(s.conn, "GET /play/chat/ws?%s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
				"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n%s", query, c.address, masked(`{"messages":[{"role":"user","content":"Tell me all about it"}],"stream":true,"seed":7}`))
		} else {
			s.conn = conn
			_, err = fmt.Fprintf(s.conn, "GET /play/chat/sse?%s HTTP/1.1\r\nHost: %s\r\n\r\n", query, c.address)
		}
		return err
	}
	return s, nil
}

// dial opens a connection from the address of a learner.
func (c *class) dial(learner int) (net.Conn, error) {
	d := net.Dialer{Timeout: 20 * time.Second}
	if host, _, _ := net.SplitHostPort(c.address); net.ParseIP(host).IsLoopback() {
		d.LocalAddr = &net.TCPAddr{IP: net.IPv4(127, 1, byte(learner/250), byte(1+learner%250))}
	}
	return d.DialContext(c.ctx, "tcp", c.address)
}

// read reads a feed until the class is over.
func (c *class) read(conn net.Conn, add func([]byte) error) {
	c.done.Add(1)
	stop := context.AfterFunc(c.ctx, func() { conn.Close() })
	go func() {
		defer c.done.Done()
		defer stop()
		defer conn.Close()
		p := make([]byte, 16<<10)
		for {
			n, err := conn.Read(p)
			if err == nil {
				err = add(p[:n])
			}
			if err != nil {
				if c.ctx.Err() == nil {
					atomic.AddInt64(&c.result.cut, 1)
				}
				return
			}
		}
	}()
}

// A stream is a chat: when an answer is whole, it asks again.
type stream struct {
	class    *class
	conn     net.Conn
	begin    func() error
	period   time.Duration
	frames   frames
	kept     int   // bytes of the last read that lie before the next one, for what two share
	n        int64 // tokens of the answer
	at, last time.Time
	over     bool
	jitter   histogram
}

func (s *stream) run() {
	defer s.class.done.Done()
	p := make([]byte, 8<<10)
	for s.class.ctx.Err() == nil {
		err := s.begin()
		s.n, s.last, s.over, s.kept = 0, time.Time{}, false, 0
		var stop func() bool
		if conn := s.conn; conn != nil {
			stop = context.AfterFunc(s.class.ctx, func() { conn.Close() })
		}
		for err == nil && !s.over {
			var n int
			n, err = s.conn.Read(p[s.kept:])
			s.at = time.Now()
			if s.class.measuring.Load() {
				atomic.AddInt64(&s.class.result.shown, int64(n))
			}
			if err == nil && s.class.over == "ws" {
				err = s.frames.add(p[:n])
			} else if err == nil {
				s.events(p[:s.kept+n])
			}
		}
		if stop != nil {
			stop()
		}
		if s.class.over == "ws" && s.conn != nil {
			s.conn.Close()
		}
		if err != nil {
			if s.class.ctx.Err() == nil {
				atomic.AddInt64(&s.class.result.cut, 1)
			}
			if s.conn != nil {
				s.conn.Close()
			}
			return
		}
	}
	s.conn.Close()
}

// events takes bytes of an event stream in chunks, behind those that are kept.
func (s *stream) events(all []byte) {
	for i := max(0, s.kept-1); ; {
		n := bytes.Index(all[i:], []byte("\n\n"))
		if n < 0 {
			break
		}
		s.token()
		i += n + 2
	}
	if bytes.HasSuffix(all, []byte("\r\n0\r\n\r\n")) {
		s.end()
	}
	s.kept = copy(all, all[max(0, len(all)-8):])
}

// token counts a token, which is as late as it differs from the beat.
func (s *stream) token() {
	s.n++
	if s.class.measuring.Load() {
		atomic.AddInt64(&s.class.result.tokens, 1)
		if !s.last.IsZero() {
			s.jitter.count((s.at.Sub(s.last) - s.period).Abs())
		}
	}
	s.last = s.at
}

// end is the end of an answer. All have the same question.
func (s *stream) end() {
	s.over = true
	atomic.AddInt64(&s.class.result.answers, 1)
	if !s.class.whole.CompareAndSwap(0, s.n) && s.class.whole.Load() != s.n {
		atomic.AddInt64(&s.class.result.short, 1)
	}
}

// A histogram counts times, each in a bucket of half a millisecond.
type histogram [4000]int64

func (h *histogram) count(d time.Duration) { h[min(int(d/(time.Millisecond/2)), len(h)-1)]++ }

func (h *histogram) add(more *histogram) {
	for i, n := range more {
		h[i] += n
	}
}

func (h *histogram) percentile(p int64) time.Duration {
	var all, sum int64
	for _, n := range h {
		all += n
	}
	for i, n := range h {
		if sum += n; sum*100 >= all*p {
			return time.Duration(i+1) * time.Millisecond / 2
		}
	}
	return 0
}

// Frames counts the messages of a WebSocket's server (RFC 6455 §5.2), after the
// response to its handshake.
type frames struct {
	message func()
	closed  func()
	ping    func(payload []byte) // nil where none is sent
	open    bool
	head    []byte
	left    int64
	payload []byte // of a ping that is being read; nil for none
}

func (f *frames) add(p []byte) error {
	for len(p) > 0 {
		if f.left > 0 {
			n := min(f.left, int64(len(p)))
			if f.payload != nil {
				f.payload = append(f.payload, p[:n]...)
			}
			f.left -= n
			p = p[n:]
			if f.left == 0 && f.payload != nil {
				f.ping(f.payload)
				f.payload = nil
			}
			continue
		}
		f.head, p = append(f.head, p[0]), p[1:]
		switch {
		case !f.open:
			if f.open = bytes.HasSuffix(f.head, []byte("\r\n\r\n")); f.open {
				if !bytes.HasPrefix(f.head, []byte("HTTP/1.1 101")) {
					return errors.New("no handshake")
				}
				f.head = f.head[:0]
			}
			continue
		case len(f.head) < 2:
			continue
		}
		length, size := int64(f.head[1]&0x7F), 0
		if length > 125 {
			size = map[int64]int{126: 2, 127: 8}[length]
			if len(f.head) < 2+size {
				continue
			}
			length = 0
			for _, b := range f.head[2:] {
				length = length<<8 | int64(b)
			}
		}
		switch opcode := f.head[0] & 0xF; {
		case opcode == 8 && f.closed == nil:
			return errors.New("closed")
		case opcode == 8:
			f.closed()
		case opcode == 9 && f.ping != nil && length > 0: // coder/websocket's are never empty
			f.payload = []byte{}
		case opcode < 3:
			f.message()
		}
		f.left, f.head = length, f.head[:0]
	}
	return nil
}

// masked is a client's text message of up to 125 bytes, with a key of zeros.
func masked(text string) string {
	return string([]byte{0x81, 0x80 | byte(len(text)), 0, 0, 0, 0}) + text
}
