package export

import (
	"encoding/binary"
	"net/netip"
	"time"
)

// A packet is what an interface saw.
type packet struct {
	at   time.Time
	link uint16 // what it begins with: a link type of tcpdump.org's list
	data []byte
	cut  bool // the end was not recorded
}

// Link types (LINKTYPE_…).
const (
	linkNull     = 0 // a loopback: the family in the host's byte order
	linkEthernet = 1
	linkRawOld   = 12 // as OpenBSD's and others' DLT_RAW
	linkRawOlder = 14
	linkRaw      = 101
	linkLoop     = 108
	linkCooked   = 113 // Linux's "any"
	linkIPv4     = 228
	linkIPv6     = 229
	linkCooked2  = 276
)

// EtherTypes and protocol numbers.
const (
	typeIPv4     = 0x0800
	typeIPv6     = 0x86dd
	typeVLAN     = 0x8100
	typeVLANOuts = 0x88a8

	ipTCP = 6
)

// A tcpPacket is one packet of a TCP connection.
type tcpPacket struct {
	at                  time.Time
	source, destination netip.AddrPort
	seq                 uint32
	syn, ack, fin, rst  bool
	data                []byte
	lost                int // bytes of the data that were not recorded
}

// tcp finds what TCP has in a packet; ok is false where there is none, and
// where an IP fragment holds only a part of it.
func (p packet) tcp() (t tcpPacket, ok bool) {
	ip, ok := p.ip()
	if !ok || len(ip) == 0 {
		return t, false
	}
	var source, destination netip.Addr
	var segment []byte
	var missing int
	switch ip[0] >> 4 {
	case 4:
		source, destination, segment, missing, ok = ipv4(ip, p.cut)
	case 6:
		source, destination, segment, missing, ok = ipv6(ip, p.cut)
	default:
		ok = false
	}
	if !ok || len(segment) < 20 {
		return t, false
	}
	header, flags := int(segment[12]>>4)*4, segment[13]
	if header < 20 || header > len(segment) {
		return t, false
	}
	return tcpPacket{
		at:          p.at,
		source:      netip.AddrPortFrom(source, binary.BigEndian.Uint16(segment)),
		destination: netip.AddrPortFrom(destination, binary.BigEndian.Uint16(segment[2:])),
		seq:         binary.BigEndian.Uint32(segment[4:]),
		fin:         flags&1 != 0,
		syn:         flags&2 != 0,
		rst:         flags&4 != 0,
		ack:         flags&16 != 0,
		data:        segment[header:],
		lost:        missing,
	}, true
}

// ip takes off what the link has before the IP header.
func (p packet) ip() ([]byte, bool) {
	data, kind := p.data, uint16(0)
	switch p.link {
	case linkRaw, linkRawOld, linkRawOlder, linkIPv4, linkIPv6:
		return data, true
	case linkNull, linkLoop:
		if len(data) < 4 {
			return nil, false
		}
		return data[4:], true // the version says which family it is
	case linkEthernet:
		if len(data) < 14 {
			return nil, false
		}
		kind, data = binary.BigEndian.Uint16(data[12:]), data[14:]
	case linkCooked:
		if len(data) < 16 {
			return nil, false
		}
		kind, data = binary.BigEndian.Uint16(data[14:]), data[16:]
	case linkCooked2:
		if len(data) < 20 {
			return nil, false
		}
		kind, data = binary.BigEndian.Uint16(data), data[20:]
	}
	for (kind == typeVLAN || kind == typeVLANOuts) && len(data) >= 4 {
		kind, data = binary.BigEndian.Uint16(data[2:]), data[4:]
	}
	return data, kind == typeIPv4 || kind == typeIPv6
}

// ipv4 takes the TCP segment out of a packet (RFC 791 §3.1). Missing is how
// many bytes of it were not recorded.
func ipv4(p []byte, cut bool) (source, destination netip.Addr, segment []byte, missing int, ok bool) {
	if len(p) < 20 {
		return
	}
	header, total := int(p[0]&15)*4, int(binary.BigEndian.Uint16(p[2:]))
	const moreOrLater = 0x3fff // more fragments follow, or this is not the first
	if header < 20 || header > len(p) || p[9] != ipTCP || binary.BigEndian.Uint16(p[6:])&moreOrLater != 0 {
		return
	}
	source, destination = netip.AddrFrom4([4]byte(p[12:])), netip.AddrFrom4([4]byte(p[16:]))
	segment, missing = bounded(p[header:], total-header, total == 0, cut)
	return source, destination, segment, missing, true
}

// ipv6 takes the TCP segment out of a packet (RFC 8200 §3, §4).
func ipv6(p []byte, cut bool) (source, destination netip.Addr, segment []byte, missing int, ok bool) {
	const header = 40
	if len(p) < header {
		return
	}
	next, length := p[6], int(binary.BigEndian.Uint16(p[4:]))
	source, destination = netip.AddrFrom16([16]byte(p[8:])), netip.AddrFrom16([16]byte(p[24:]))
	segment, missing = bounded(p[header:], length, length == 0, cut)
	for next != ipTCP {
		if len(segment) < 8 {
			return
		}
		size := 8 + 8*int(segment[1])
		switch next {
		case 0, 43, 60: // options for each hop, routing, options for the destination
		case 44: // fragment
			const offsetOrMore = 0xfff9
			if binary.BigEndian.Uint16(segment[2:])&offsetOrMore != 0 {
				return
			}
			size = 8
		default:
			return
		}
		if size > len(segment) {
			return
		}
		next, segment = segment[0], segment[size:]
	}
	return source, destination, segment, missing, true
}

// bounded leaves away what the link has added at the end of a packet. A length
// of 0 is left to the network card by a system that sends much at once.
func bounded(p []byte, length int, unknown, cut bool) (segment []byte, missing int) {
	switch {
	case unknown || length < 0:
		return p, 0
	case length <= len(p):
		return p[:length], 0
	case cut:
		return p, length - len(p)
	}
	return p, 0
}
