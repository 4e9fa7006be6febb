package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// A bare server writes an answer of the real one, each piece with a write to the
// connection, and does nothing else: what it takes of the processor is the least that
// such a stream can take.
type bare struct {
	Pieces    [][]byte // the first with the request, the others at the rate
	Rate      int
	Over      string
	Broadcast bool   // the second piece goes to all, one after the other
	Page      []byte // in place of all that: what a file server has
}

// startBare has another process write what the server answers, and returns the options
// of a class in front of it.
func startBare(o options) (_ options, stop func(), err error) {
	ask := answer
	if o.broadcast > 0 {
		ask = message
	}
	pieces, err := ask(o)
	if err != nil {
		return o, nil, err
	}
	return startChild(o, bare{Pieces: pieces, Rate: o.rate, Over: o.over, Broadcast: o.broadcast > 0})
}

// startChild starts the other process, and returns the options of a class in front of it.
func startChild(o options, b bare) (_ options, stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return o, nil, err
	}
	child := exec.Command(self, "-serve-bare")
	child.Stderr = os.Stderr
	in, err := child.StdinPipe()
	if err != nil {
		return o, nil, err
	}
	out, err := child.StdoutPipe()
	if err != nil {
		return o, nil, err
	}
	if err := child.Start(); err != nil {
		return o, nil, err
	}
	stop = func() {
		in.Close() // ends it
		child.Wait()
	}
	json.NewEncoder(in).Encode(b)
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stop()
		return o, nil, err
	}
	o.address, o.pid, o.recorded, o.watched = strings.TrimSpace(address), child.Process.Pid, false, 0
	return o, stop, nil
}

// answer asks the server a question, and returns what it answers, as it came.
func answer(o options) (pieces [][]byte, err error) {
	o.recorded = false
	c := &class{options: o, ctx: context.Background()}
	s, err := c.stream(0, "")
	if err != nil {
		return nil, err
	}
	if err := s.begin(); err != nil {
		return nil, err
	}
	defer s.conn.Close()
	for p := make([]byte, 64<<10); !s.over; {
		n, err := s.conn.Read(p[s.kept:])
		if err != nil {
			return nil, err
		}
		pieces = append(pieces, bytes.Clone(p[s.kept:][:n]))
		if o.over == "ws" {
			if err := s.frames.add(p[:n]); err != nil {
				return nil, err
			}
		} else {
			s.events(p[:s.kept+n])
		}
	}
	return pieces, nil
}

// serveBare is the other process.
func serveBare() error {
	var b bare
	in := json.NewDecoder(os.Stdin)
	if err := in.Decode(&b); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	go func() {
		io.Copy(io.Discard, io.MultiReader(in.Buffered(), os.Stdin)) // until it is to end
		l.Close()
	}()
	if b.Page != nil {
		return serveFile(l, b.Page)
	}
	var all members
	if b.Broadcast {
		go all.tell(b.Pieces[1])
	}
	for {
		conn, err := l.Accept()
		if err != nil {
			return nil
		}
		if b.Broadcast {
			go all.take(conn, b.Pieces[0])
			continue
		}
		go b.serve(conn)
	}
}

// Members are those to whom a bare server sends the same.
type members struct {
	mu   sync.Mutex
	open map[net.Conn]bool
}

// take takes a connection in, until the client ends it.
func (m *members) take(conn net.Conn, head []byte) {
	request := make([]byte, 4<<10)
	conn.Read(request) // it is small, and comes in one piece
	conn.Write(head)
	m.mu.Lock()
	if m.open == nil {
		m.open = map[net.Conn]bool{}
	}
	m.open[conn] = true
	m.mu.Unlock()
	io.Copy(io.Discard, conn)
	m.mu.Lock()
	delete(m.open, conn)
	m.mu.Unlock()
	conn.Close()
}

// tell writes the message five times a second.
func (m *members) tell(message []byte) {
	for range time.Tick(time.Second / 5) {
		m.mu.Lock()
		for conn := range m.open {
			conn.Write(message)
		}
		m.mu.Unlock()
	}
}

func (b *bare) serve(conn net.Conn) {
	defer conn.Close()
	request := make([]byte, 4<<10)
	for {
		if _, err := conn.Read(request); err != nil { // it is small, and comes in one piece
			return
		}
		tick := time.NewTicker(time.Second / time.Duration(b.Rate))
		for i, piece := range b.Pieces {
			if i > 0 {
				<-tick.C
			}
			if _, err := conn.Write(piece); err != nil {
				break
			}
		}
		tick.Stop()
		if b.Over == "ws" {
			return
		}
	}
}
