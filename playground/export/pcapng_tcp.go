package export

import (
	"encoding/binary"
	"net/netip"
	"time"

	"seewire/playground/wire"
)

// maxSegment is how much one made-up packet holds, in bytes: what an IPv4
// packet can, without its headers.
const maxSegment = 65535 - 20 - 20

// The flags of a TCP header (RFC 9293 §3.1).
const (
	fin = 1 << iota
	syn
	rst
	psh
	ack
)

// A syntheticTCP makes up the packets of a connection. Each packet with data is
// acknowledged at once.
type syntheticTCP struct {
	out            *pcapngWriter
	client, server syntheticEnd
	packets        uint16 // so far: the identification of the next one
	open           bool
}

// A syntheticEnd is one end of a connection.
type syntheticEnd struct {
	address netip.AddrPort
	next    uint32 // the sequence number of the next byte that it sends
	reset   bool   // the connection was given up
}

// newSyntheticTCP makes up a connection. Its sequence numbers start apart from those of
// the others, so that two connections from the same port are told apart.
func newSyntheticTCP(c *wire.Connection, out *pcapngWriter) *syntheticTCP {
	start := uint32(c.Number) << 24
	t := &syntheticTCP{
		out:    out,
		client: syntheticEnd{address: addressOf(c.Peer, uint16(50000+c.Number)), next: start},
		server: syntheticEnd{address: addressOf(c.Local, 80), next: start},
	}
	if c.Protocol == "h2" {
		t.server.address = netip.AddrPortFrom(t.server.address.Addr(), http2Port)
	}
	if t.client.address.Addr().Is4() != t.server.address.Addr().Is4() {
		t.client.address = netip.AddrPortFrom(loopback, t.client.address.Port())
		t.server.address = netip.AddrPortFrom(loopback, t.server.address.Port())
	}
	return t
}

// http2Port stands for the server's port where HTTP/2 is spoken. Wireshark finds
// HTTP/1.1 at any port, and HTTP/2 without TLS only where it expects HTTP.
const http2Port = 8080

var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// addressOf reads an address. What is none (a connection within one process has
// a name) becomes this machine's, with the port.
func addressOf(s string, port uint16) netip.AddrPort {
	a, err := netip.ParseAddrPort(s)
	if err != nil {
		return netip.AddrPortFrom(loopback, port)
	}
	return netip.AddrPortFrom(a.Addr().Unmap().WithZone(""), a.Port())
}

// sides returns the end of a side, and the other one.
func (t *syntheticTCP) sides(from wire.Side) (sender, receiver *syntheticEnd) {
	if from == wire.Client {
		return &t.client, &t.server
	}
	return &t.server, &t.client
}

// send sends what a side has sent at that time.
func (t *syntheticTCP) send(from wire.Side, at time.Time, p []byte) {
	t.handshake(at)
	sender, receiver := t.sides(from)
	for len(p) > 0 {
		n := min(len(p), maxSegment)
		t.packet(sender, receiver, at, psh|ack, p[:n])
		t.packet(receiver, sender, at, ack, nil)
		p = p[n:]
	}
}

// skip goes on behind bytes that are missing: the sequence numbers tell how many.
func (t *syntheticTCP) skip(from wire.Side, at time.Time, n int64) {
	t.handshake(at)
	sender, _ := t.sides(from)
	sender.next += uint32(n)
}

// end sends how a side has stopped. A side that is just not there any more
// sends nothing.
func (t *syntheticTCP) end(end wire.End) {
	t.handshake(end.At)
	sender, receiver := t.sides(end.From)
	switch end.How {
	case "fin":
		t.packet(sender, receiver, end.At, fin|ack, nil)
		t.packet(receiver, sender, end.At, ack, nil)
	case "reset":
		t.packet(sender, receiver, end.At, rst|ack, nil)
		sender.reset, receiver.reset = true, true
	}
}

// handshake opens the connection, at the time of the first thing that happens
// on it.
func (t *syntheticTCP) handshake(at time.Time) {
	if t.open {
		return
	}
	t.open = true
	t.packet(&t.client, &t.server, at, syn, nil)
	t.packet(&t.server, &t.client, at, syn|ack, nil)
	t.packet(&t.client, &t.server, at, ack, nil)
}

// packet writes one packet. After a reset TCP has nothing to say; but bytes that
// crossed it on their way are not lost.
func (t *syntheticTCP) packet(from, to *syntheticEnd, at time.Time, flags byte, data []byte) {
	if from.reset && len(data) == 0 {
		return
	}
	segment := make([]byte, 20, 20+len(data)) // RFC 9293 §3.1
	binary.BigEndian.PutUint16(segment[0:], from.address.Port())
	binary.BigEndian.PutUint16(segment[2:], to.address.Port())
	binary.BigEndian.PutUint32(segment[4:], from.next)
	if flags&ack != 0 {
		binary.BigEndian.PutUint32(segment[8:], to.next)
	}
	segment[12] = 5 << 4 // the header has five words
	segment[13] = flags
	binary.BigEndian.PutUint16(segment[14:], 65535) // window
	segment = append(segment, data...)
	binary.BigEndian.PutUint16(segment[16:], t.checksum(from, to, segment))

	from.next += uint32(len(data))
	if flags&(syn|fin) != 0 {
		from.next++ // each counts as a byte
	}
	t.out.packet(at, append(t.ip(from, to, len(segment)), segment...))
	t.packets++
}

const protocolTCP = 6

// ip is the IP header before so many bytes of TCP.
func (t *syntheticTCP) ip(from, to *syntheticEnd, length int) []byte {
	if from.address.Addr().Is4() { // RFC 791 §3.1
		h := make([]byte, 12, 20+length)
		h[0] = 4<<4 | 5 // version 4, five words
		binary.BigEndian.PutUint16(h[2:], uint16(20+length))
		binary.BigEndian.PutUint16(h[4:], t.packets)
		h[6] = 1 << 6 // don't fragment
		h[8] = 64     // time to live
		h[9] = protocolTCP
		h = append(h, from.address.Addr().AsSlice()...)
		h = append(h, to.address.Addr().AsSlice()...)
		binary.BigEndian.PutUint16(h[10:], ^sum(0, h))
		return h
	}
	h := make([]byte, 8, 40+length) // RFC 8200 §3
	h[0] = 6 << 4                   // version 6
	binary.BigEndian.PutUint16(h[4:], uint16(length))
	h[6] = protocolTCP
	h[7] = 64 // hop limit
	h = append(h, from.address.Addr().AsSlice()...)
	return append(h, to.address.Addr().AsSlice()...)
}

// checksum is that of a TCP segment whose checksum is still zero. It covers the
// addresses too (RFC 9293 §3.1).
func (t *syntheticTCP) checksum(from, to *syntheticEnd, segment []byte) uint16 {
	n := sum(0, from.address.Addr().AsSlice())
	n = sum(n, to.address.Addr().AsSlice())
	n = sum(n, []byte{0, protocolTCP, byte(len(segment) >> 8), byte(len(segment))})
	return ^sum(n, segment)
}

// sum adds 16-bit numbers in ones' complement (RFC 1071).
func sum(n uint16, p []byte) uint16 {
	total := uint32(n)
	for i := 0; i+1 < len(p); i += 2 {
		total += uint32(p[i])<<8 | uint32(p[i+1])
		total = total&0xFFFF + total>>16
	}
	if len(p)%2 == 1 {
		total += uint32(p[len(p)-1]) << 8
		total = total&0xFFFF + total>>16
	}
	return uint16(total)
}
