package check

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"seewire/playground/dissect"
	"seewire/playground/export"
)

// Opcodes (RFC 6455 §5.2).
const (
	opContinuation = 0x0
	opText         = 0x1
	opReserved     = 0x3
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xA

	fin  = 0x80
	rsv1 = 0x40
)

// subprotocol is one that no server knows.
const subprotocol = "seewire.check"

// A socket is one handshake, and what has come of it.
type socket struct {
	rec      *recorder
	in       *bufio.Reader
	response *http.Response
	head     string
	key      string
}

// upgrade makes an opening handshake by hand, so that a part of it can be left
// out or wrong: in header, "" is none.
func (c *checker) upgrade(ctx context.Context, header map[string]string) (*socket, error) {
	s := &socket{}
	var err error
	if s.rec, err = c.dial(ctx, c.hostPort(c.Address), c.secure()); err != nil {
		return s, err
	}
	s.key = base64.StdEncoding.EncodeToString([]byte(rand.Text()[:16]))
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.Address.String(), nil)
	if err != nil {
		return s, err
	}
	for name, values := range c.Header {
		request.Header[name] = values
	}
	for name, value := range map[string]string{
		"Upgrade": "websocket", "Connection": "Upgrade", "Sec-Websocket-Version": "13", "Sec-Websocket-Key": s.key,
		"Sec-Websocket-Extensions": "permessage-deflate; client_max_window_bits",
	} {
		request.Header.Set(name, value)
	}
	for name, value := range header {
		if value == "" {
			request.Header.Del(name)
		} else {
			request.Header.Set(name, value)
		}
	}
	stop := context.AfterFunc(ctx, func() { s.rec.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	s.rec.SetDeadline(time.Now().Add(short))
	if err := request.Write(s.rec); err != nil {
		return s, err
	}
	s.in = bufio.NewReader(s.rec)
	if s.response, err = http.ReadResponse(s.in, request); err != nil {
		return s, err
	}
	s.head = headOf(s.rec.recorded().Server)
	return s, nil
}

func (s *socket) close() {
	if s.rec != nil {
		s.rec.Close()
	}
}

func (s *socket) switched() bool { return s.response.StatusCode == http.StatusSwitchingProtocols }

// send writes a frame, masked.
func (s *socket) send(head byte, payload []byte) error {
	return s.write(head, payload, 0x80)
}

func (s *socket) write(head byte, payload []byte, masked byte) error {
	frame := []byte{head}
	if n := len(payload); n < 126 {
		frame = append(frame, masked|byte(n))
	} else if n <= 0xffff {
		frame = binary.BigEndian.AppendUint16(append(frame, masked|126), uint16(n))
	} else {
		frame = binary.BigEndian.AppendUint64(append(frame, masked|127), uint64(n))
	}
	if masked != 0 {
		mask := [4]byte{}
		rand.Read(mask[:])
		frame = append(frame, mask[:]...)
		for i, b := range payload {
			frame = append(frame, b^mask[i%4])
		}
	} else {
		frame = append(frame, payload...)
	}
	s.rec.SetWriteDeadline(time.Now().Add(short))
	_, err := s.rec.Write(frame)
	return err
}

// A frame is what was read.
type frame struct {
	opcode  byte
	payload []byte
	head    []byte
}

// errLong says that a frame is longer than a check reads.
var errLong = errors.New("check: the frame is longer than is read")

// next reads a frame, and answers pings.
func (s *socket) next(until time.Time) (f frame, err error) {
	s.rec.SetReadDeadline(until)
	head := make([]byte, 2, 14)
	if _, err = io.ReadFull(s.in, head); err != nil {
		return f, err
	}
	n := int64(head[1] & 0x7f)
	longer := map[int64]int{126: 2, 127: 8}[n]
	if head[1]&0x80 != 0 {
		longer += 4 // which a server must not send: the dissector says so
	}
	head = head[:2+longer]
	if _, err = io.ReadFull(s.in, head[2:]); err != nil {
		return f, err
	}
	switch n {
	case 126:
		n = int64(binary.BigEndian.Uint16(head[2:]))
	case 127:
		n = int64(binary.BigEndian.Uint64(head[2:]))
	}
	f = frame{opcode: head[0] & 0xf, head: head}
	if n < 0 || n > maxRecorded {
		return f, errLong
	}
	f.payload = make([]byte, n)
	if _, err = io.ReadFull(s.in, f.payload); err != nil {
		return f, err
	}
	if f.opcode == opPing && len(f.payload) < 126 {
		err = s.send(fin|opPong, f.payload)
	}
	return f, err
}

// bytes of a frame, for a finding.
func (f frame) bytes() string {
	return string(f.head) + string(f.payload[:min(len(f.payload), maxSeen)])
}

func (c *checker) socket(ctx context.Context) {
	s, err := c.upgrade(ctx, map[string]string{"Sec-Websocket-Protocol": subprotocol})
	defer s.close()
	if err == nil && !s.switched() && s.response.StatusCode/100 == 4 {
		// It may be the subprotocol that it refuses.
		s.close()
		s, err = c.upgrade(ctx, nil)
		defer s.close()
	}
	if err != nil {
		if ctx.Err() == nil {
			c.unreached(err, s.rec)
		}
		return
	}
	if !c.opening(s) {
		return
	}
	stop := context.AfterFunc(ctx, s.close)
	defer stop()
	if c.pinged(s) && c.quiet(s) {
		c.closing(ctx, s)
	}
	c.frames(export.Recorded(context.WithoutCancel(ctx), s.rec.recorded()))
	c.refusals(ctx)
	c.messages(ctx)
	c.left(ctx, func(ctx context.Context) (net.Conn, error) {
		s, err := c.upgrade(ctx, nil)
		return s.rec, err
	})
	if c.Strict {
		c.strict(ctx)
	}
}

// opening judges the response to the handshake (RFC 6455 §4.2.2), and says whether
// there is a connection.
func (c *checker) opening(s *socket) bool {
	first, _, _ := strings.Cut(s.head, "\r\n")
	if !s.switched() {
		c.say("ws.status.other", first, "status", s.response.StatusCode)
		return false
	}
	c.say("ws.status.ok", first)
	h := s.response.Header
	if !strings.EqualFold(h.Get("Upgrade"), "websocket") {
		c.say("ws.head.wrong", line(s.head, "Upgrade"), "name", "Upgrade", "want", "websocket")
	}
	if !strings.EqualFold(h.Get("Connection"), "upgrade") {
		c.say("ws.head.wrong", line(s.head, "Connection"), "name", "Connection", "want", "Upgrade")
	}
	sum := sha1.Sum([]byte(s.key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	c.one(h.Get("Sec-WebSocket-Accept") == base64.StdEncoding.EncodeToString(sum[:]), "ws.accept.ok", "ws.accept.wrong", line(s.head, "Sec-WebSocket-Accept"))
	if chosen := h.Get("Sec-WebSocket-Protocol"); chosen != "" && chosen != s.response.Request.Header.Get("Sec-WebSocket-Protocol") {
		c.say("ws.protocol.unasked", line(s.head, "Sec-WebSocket-Protocol"), "name", dissect.Clip(chosen, 40))
	}
	extension := h.Get("Sec-WebSocket-Extensions")
	name, _, _ := strings.Cut(extension, ";")
	switch strings.TrimSpace(name) {
	case "":
		c.say("ws.deflate.none", "")
	case "permessage-deflate":
		c.say("ws.deflate.agreed", line(s.head, "Sec-WebSocket-Extensions"))
	default:
		c.say("ws.extension.unasked", line(s.head, "Sec-WebSocket-Extensions"), "name", dissect.Clip(extension, 40))
	}
	return true
}

// pinged sends a ping, and says whether the connection goes on.
func (c *checker) pinged(s *socket) bool {
	const payload = "seewire"
	sent := time.Now()
	if s.send(fin|opPing, []byte(payload)) != nil {
		return false
	}
	for until := sent.Add(short); ; {
		f, err := s.next(until)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			c.say("ws.ping.unanswered", "", "seconds", int(short.Seconds()))
			return true
		case err != nil:
			c.say("ws.close.early", "", "error", plainError(err))
			return false
		case f.opcode == opPong && string(f.payload) == payload:
			c.say("ws.ping.answered", f.bytes(), "ms", time.Since(sent).Milliseconds())
			return true
		case f.opcode == opPong:
			c.say("ws.ping.other", f.bytes())
			return true
		case f.opcode == opClose:
			c.say("ws.close.early", f.bytes(), "error", closeCode(f.payload))
			return false
		}
	}
}

// quiet listens for what the server sends by itself, and says whether the connection
// goes on.
func (c *checker) quiet(s *socket) bool {
	var pings, others int
	var longest time.Duration
	last, end := time.Now(), time.Now().Add(c.Listen)
	seen := ""
	for {
		f, err := s.next(end)
		longest = max(longest, time.Since(last))
		last = time.Now()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			break
		}
		if err != nil {
			c.say("ws.close.early", "", "error", plainError(err))
			return false
		}
		switch f.opcode {
		case opClose:
			c.say("ws.close.early", f.bytes(), "error", closeCode(f.payload))
			s.send(fin|opClose, f.payload[:min(2, len(f.payload))])
			return false
		case opPing:
			if pings++; pings == 1 {
				seen = f.bytes()
			}
		default:
			others++
		}
	}
	switch {
	case pings > 0:
		c.say("ws.beat.seen", seen, "count", pings, "seconds", int(c.Listen.Seconds()))
	case longest >= c.Listen/2:
		c.say("ws.beat.silent", "", "seconds", seconds(longest))
	default:
		c.say("ws.beat.unknown", "", "seconds", seconds(longest))
	}
	return true
}

func closeCode(payload []byte) string {
	if len(payload) < 2 {
		return "1005"
	}
	return fmt.Sprint(binary.BigEndian.Uint16(payload))
}

// closing sends a close frame, and waits for the server's and for the end of the
// connection (RFC 6455 §5.5.1, §7.1.1).
func (c *checker) closing(ctx context.Context, s *socket) {
	if s.send(fin|opClose, []byte{0x03, 0xe8}) != nil {
		return // the server has ended it: that was said
	}
	until := time.Now().Add(short)
	for {
		f, err := s.next(until)
		if errors.Is(err, net.ErrClosed) || ctx.Err() != nil {
			return
		}
		if err != nil {
			c.say("ws.close.unanswered", "", "error", plainError(err), "seconds", int(short.Seconds()))
			return
		}
		if f.opcode != opClose {
			continue
		}
		c.say("ws.close.answered", f.bytes(), "code", closeCode(f.payload))
		break
	}
	if _, err := s.next(until); errors.Is(err, os.ErrDeadlineExceeded) {
		c.say("ws.close.left", "", "seconds", int(short.Seconds()))
	}
}

// frames judges what the server has sent in all.
func (c *checker) frames(d export.Document) {
	for _, f := range d.Frames {
		if f.From == dissect.Server && f.Protocol == "websocket" && len(f.Violations) > 0 {
			c.say("ws.frames.violation", string(d.BytesOf(f)), "code", f.Violations[0].Code)
			return
		}
	}
	c.say("ws.frames.ok", "")
}

// refusals makes handshakes that a server refuses, or should.
func (c *checker) refusals(ctx context.Context) {
	for _, ask := range []struct {
		header             map[string]string
		refused, otherwise string
	}{
		{map[string]string{"Sec-Websocket-Key": ""}, "ws.key.refused", "ws.key.accepted"},
		{map[string]string{"Sec-Websocket-Version": "99"}, "ws.version.refused", "ws.version.accepted"},
		{map[string]string{"Origin": stranger}, "ws.origin.refused", "ws.origin.accepted"},
	} {
		s, err := c.upgrade(ctx, ask.header)
		if err == nil {
			first, _, _ := strings.Cut(s.head, "\r\n")
			key := ask.otherwise
			if !s.switched() {
				key = ask.refused
			}
			// Of what it speaks it must say so (RFC 6455 §4.2.2).
			if key == "ws.version.refused" && s.response.Header.Get("Sec-WebSocket-Version") == "" {
				key = "ws.version.silent"
			}
			c.say(key, first, "status", s.response.StatusCode)
		}
		s.close()
	}
}

// borders are the sizes of payloads, in bytes, on both sides of those at which a
// frame's head grows (RFC 6455 §5.2).
var borders = []int{125, 126, 65535, 65536}

// messages sends a message in fragments with a ping in between, which a server must
// answer (RFC 6455 §5.4), and messages of the sizes at the borders. What the program
// behind makes of them is its own: it may end the connection with a code that says so.
func (c *checker) messages(ctx context.Context) {
	text := []byte("seewire")
	if !c.takes(ctx, "fragments", 0, []fragment{{opText, text[:3]}, {fin | opPing, text}, {opContinuation, text[3:5]}, {fin | opContinuation, text[5:]}}) {
		return
	}
	for _, size := range borders {
		if !c.takes(ctx, "size", size, []fragment{{fin | opText, bytes.Repeat([]byte("a"), size)}}) {
			return
		}
	}
}

// A fragment is a frame to send: its first byte, and its payload.
type fragment struct {
	head byte
	load []byte
}

// takes sends a message over a connection of its own, and says whether the server
// has read on behind it.
func (c *checker) takes(ctx context.Context, what string, size int, message []fragment) bool {
	s, err := c.upgrade(ctx, nil)
	defer s.close()
	if err != nil || !s.switched() {
		return false
	}
	for _, f := range message {
		if s.send(f.head, f.load) != nil {
			break // what came back says more
		}
	}
	s.send(fin|opPing, []byte("after"))
	for until := time.Now().Add(short); ; {
		f, err := s.next(until)
		switch {
		case err == nil && f.opcode == opPong && string(f.payload) == "after":
			c.say("ws."+what+".ok", "", "bytes", size)
			return true
		case err == nil && f.opcode == opClose && closeCode(f.payload) == "1009": // too big (RFC 6455 §7.4.1)
			c.say("ws.size.limit", f.bytes(), "bytes", size)
			return false
		case err == nil && f.opcode == opClose && (closeCode(f.payload) == "1000" || closeCode(f.payload) == "1001"): // not because of the message
			c.say("ws.message.unseen", f.bytes(), "code", closeCode(f.payload))
			return false
		case err == nil && f.opcode == opClose:
			c.say("ws.message.refused", f.bytes(), "code", closeCode(f.payload), "bytes", size)
			return false
		case errors.Is(err, os.ErrDeadlineExceeded):
			c.say("ws.message.silent", "", "seconds", int(short.Seconds()), "bytes", size)
			return false
		case errors.Is(err, errLong): // an echo of a length that nobody sent
			c.say("ws.message.silent", "", "seconds", int(short.Seconds()), "bytes", size)
			return false
		case err != nil:
			c.say("ws."+what+".cut", "", "bytes", size, "error", plainError(err))
			return false
		}
	}
}

// strict sends what no client may send, each over a connection of its own.
func (c *checker) strict(ctx context.Context) {
	for _, bad := range []struct {
		name   string
		code   string
		head   byte
		load   []byte
		masked byte
	}{
		{"unmasked", "1002", fin | opPing, nil, 0},
		{"reserved_bit", "1002", fin | rsv1 | opPing, nil, 0x80},
		{"reserved_opcode", "1002", fin | opReserved, nil, 0x80},
		{"long_ping", "1002", fin | opPing, make([]byte, 126), 0x80},
		{"fragmented_ping", "1002", opPing, nil, 0x80},
		{"continuation", "1002", fin | opContinuation, []byte("x"), 0x80},
		{"not_utf8", "1007", fin | opText, []byte{0xff}, 0x80},
		{"close_code", "1002", fin | opClose, []byte{0x03, 0xed}, 0x80}, // 1005, which must not be sent
	} {
		s, err := c.upgrade(ctx, nil)
		if err != nil || !s.switched() {
			c.say("ws.strict.unconnected", "", "what", bad.name)
			s.close()
			return
		}
		c.sendsBad(s, bad.name, bad.code, func() error { return s.write(bad.head, bad.load, bad.masked) })
		s.close()
	}
}

func (c *checker) sendsBad(s *socket, name, want string, send func() error) {
	if send() != nil {
		return
	}
	// A ping behind it tells a server that goes on from one that is slow.
	s.send(fin|opPing, []byte("after"))
	until := time.Now().Add(short)
	for {
		f, err := s.next(until)
		switch {
		case err == nil && f.opcode == opClose && closeCode(f.payload) == want:
			c.say("ws.strict.refused", f.bytes(), "what", name, "code", want)
			return
		case err == nil && f.opcode == opClose:
			c.say("ws.strict.other", f.bytes(), "what", name, "code", closeCode(f.payload), "want", want)
			return
		case err == nil && f.opcode == opPong && string(f.payload) == "after", errors.Is(err, os.ErrDeadlineExceeded):
			c.say("ws.strict.survived", "", "what", name, "want", want)
			return
		case err != nil: // it has closed the connection without a word, which it may (RFC 6455 §7.1.7)
			c.say("ws.strict.other", "", "what", name, "code", "1006", "want", want)
			return
		}
	}
}
