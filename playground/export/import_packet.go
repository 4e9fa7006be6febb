package export

import (
	"encoding/binary"
	"fmt"
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
	linkPPP      = 9
	linkRawOld   = 12 // as OpenBSD's and others' DLT_RAW
	linkRawOlder = 14
	linkPPPHDLC  = 50
	linkPPPoE    = 51
	linkRaw      = 101
	linkWiFi     = 105
	linkLoop     = 108
	linkCooked   = 113 // Linux's "any"
	linkRadiotap = 127 // Wi-Fi, with what the radio says of it
	linkPPI      = 192
	linkPPPDir   = 204
	linkIPv4     = 228
	linkIPv6     = 229
	linkNFLOG    = 239 // Linux's netfilter
	linkCooked2  = 276
)

// EtherTypes and protocol numbers.
const (
	typeIPv4     = 0x0800
	typeEthernet = 0x6558 // in GRE
	typeVLAN     = 0x8100
	typeIPv6     = 0x86dd
	typeMPLS     = 0x8847
	typeMPLSMany = 0x8848
	typePPPoE    = 0x8864
	typePPP      = 0x880b // in GRE
	typeVLANOuts = 0x88a8
	typeERSPAN   = 0x88be // in GRE: what a switch mirrors
	typeVLANOld  = 0x9100
	typeVLANOld2 = 0x9200

	ipIPv4 = 4
	ipTCP  = 6
	ipUDP  = 17
	ipIPv6 = 41
	ipGRE  = 47
	ipMPLS = 137
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

// maxLayers bounds what a packet may lie in.
const maxLayers = 16

// An unwrapper takes off what a packet lies in, down to TCP.
type unwrapper struct {
	cut    bool // the packet's end was not recorded
	layers int
	other  string // what it is, where it is not TCP
	tcp    tcpPacket
	more   []tcpPacket // where several lie in one
}

// tcp appends what TCP has in a packet. Where there is none it says what there is.
func (p packet) tcp(all []tcpPacket) (_ []tcpPacket, other string) {
	u := &unwrapper{cut: p.cut, more: all}
	ok := u.link(p.link, p.data)
	switch {
	case ok && len(u.more) == 0:
		u.more = append(u.more, u.tcp)
	case !ok && u.other == "":
		u.other = "cut short"
	}
	for i := range u.more {
		u.more[i].at = p.at
	}
	return u.more, u.other
}

// is names what a packet is, where it is not read.
func (u *unwrapper) is(format string, a ...any) bool {
	u.other = fmt.Sprintf(format, a...)
	return false
}

// after is what follows n bytes; ok is false where there are not so many.
func (u *unwrapper) after(p []byte, n int) (rest []byte, ok bool) {
	u.layers++
	if n > len(p) || u.layers > maxLayers {
		return nil, false
	}
	return p[n:], true
}

func (u *unwrapper) link(link uint16, p []byte) bool {
	header := 0
	switch link {
	case linkRaw, linkRawOld, linkRawOlder, linkIPv4, linkIPv6:
		return u.ip(p)
	case linkNull, linkLoop:
		rest, ok := u.after(p, 4)
		return ok && u.ip(rest) // the version says which family it is
	case linkEthernet:
		return u.ethernet(p)
	case linkPPP, linkPPPHDLC:
		return u.ppp(p)
	case linkPPPDir:
		rest, ok := u.after(p, 1)
		return ok && u.ppp(rest)
	case linkPPPoE:
		return u.ethertype(typePPPoE, p)
	case linkCooked:
		header = 16
	case linkCooked2:
		header = 20
	case linkWiFi:
		return u.wifi(p)
	case linkRadiotap, linkPPI:
		if len(p) < 8 {
			return false
		}
		rest, ok := u.after(p, int(binary.LittleEndian.Uint16(p[2:])))
		if link == linkPPI {
			return ok && u.link(uint16(binary.LittleEndian.Uint32(p[4:])), rest)
		}
		return ok && u.wifi(rest)
	case linkNFLOG:
		return u.nflog(p)
	default:
		return u.is("link type %d", link)
	}
	rest, ok := u.after(p, header)
	if !ok {
		return false
	}
	if link == linkCooked2 {
		return u.ethertype(binary.BigEndian.Uint16(p), rest)
	}
	return u.ethertype(binary.BigEndian.Uint16(p[14:]), rest)
}

func (u *unwrapper) ethernet(p []byte) bool {
	rest, ok := u.after(p, 14)
	return ok && u.ethertype(binary.BigEndian.Uint16(p[12:]), rest)
}

func (u *unwrapper) ethertype(kind uint16, p []byte) bool {
	switch kind {
	case typeIPv4, typeIPv6:
		return u.ip(p)
	case typeVLAN, typeVLANOuts, typeVLANOld, typeVLANOld2:
		rest, ok := u.after(p, 4)
		return ok && u.ethertype(binary.BigEndian.Uint16(p[2:]), rest)
	case typePPPoE:
		rest, ok := u.after(p, 6)
		return ok && u.ppp(rest)
	case typePPP:
		return u.ppp(p)
	case typeMPLS, typeMPLSMany:
		return u.mpls(p)
	case typeEthernet:
		return u.ethernet(p)
	}
	if kind < 0x600 { // a length: IEEE 802.3
		return u.llc(p)
	}
	return u.is("EtherType 0x%04x", kind)
}

// llc takes off IEEE 802.2 with SNAP (RFC 1042).
func (u *unwrapper) llc(p []byte) bool {
	rest, ok := u.after(p, 8)
	if !ok || p[0] != 0xaa || p[1] != 0xaa {
		return u.is("IEEE 802.2")
	}
	return u.ethertype(binary.BigEndian.Uint16(p[6:]), rest)
}

// ppp takes off PPP (RFC 1661 §2), of which address and control may be left out.
func (u *unwrapper) ppp(p []byte) bool {
	if len(p) > 2 && p[0] == 0xff && p[1] == 3 {
		p = p[2:]
	}
	if len(p) < 2 {
		return false
	}
	protocol, n := int(binary.BigEndian.Uint16(p)), 2
	if p[0]&1 == 1 {
		protocol, n = int(p[0]), 1 // compressed to one byte
	}
	rest, ok := u.after(p, n)
	switch protocol {
	case 0x21, 0x57: // IPv4, IPv6
		return ok && u.ip(rest)
	}
	return u.is("PPP protocol 0x%04x", protocol)
}

// mpls takes off the labels (RFC 3032 §2.1). What is below them tells its version,
// or is Ethernet behind a control word that begins with 0 (RFC 4448 §4.6).
func (u *unwrapper) mpls(p []byte) bool {
	for last := false; !last; {
		rest, ok := u.after(p, 4)
		if !ok || len(rest) == 0 {
			return false
		}
		last = p[2]&1 == 1
		p = rest
	}
	if p[0]>>4 == 0 {
		rest, ok := u.after(p, 4)
		return ok && u.ethernet(rest)
	}
	return u.ip(p)
}

// wifi takes off a data frame of IEEE 802.11 (§9.2.3).
func (u *unwrapper) wifi(p []byte) bool {
	if len(p) < 24 {
		return false
	}
	const data, protected, order, aggregated = 2, 0x40, 0x80, 0x80
	kind, subtype, flags, header := p[0]>>2&3, p[0]>>4, p[1], 24
	switch {
	case kind != data || subtype&4 != 0:
		return u.is("Wi-Fi management")
	case flags&protected != 0:
		return u.is("Wi-Fi, encrypted")
	}
	if flags&3 == 3 {
		header += 6 // a fourth address
	}
	if subtype&8 != 0 {
		header += 2
		if flags&order != 0 {
			header += 4
		}
	}
	rest, ok := u.after(p, header)
	if ok && subtype&8 != 0 && p[header-2-4*int(flags&order>>7)]&aggregated != 0 {
		return u.aggregate(rest)
	}
	return ok && u.llc(rest)
}

// aggregate takes the packets out of an A-MSDU (IEEE 802.11 §9.3.2.2.2): each has a head
// of its own, and all but the last are filled up to four bytes.
func (u *unwrapper) aggregate(p []byte) bool {
	const head = 14
	for len(p) >= head {
		length := int(binary.BigEndian.Uint16(p[12:]))
		one := unwrapper{cut: u.cut && length > len(p)-head, layers: u.layers}
		if one.llc(p[head:min(len(p), head+length)]) {
			u.more = append(u.more, one.tcp)
		} else {
			u.other = one.other
		}
		p = p[min(len(p), (head+length+3)&^3):]
	}
	return len(u.more) > 0
}

// nflog takes off the attributes of Linux's netfilter: their lengths are in the
// host's byte order, which is mostly that of a PC.
func (u *unwrapper) nflog(p []byte) bool {
	const payload = 9
	rest, ok := u.after(p, 4)
	for ok && len(rest) >= 4 {
		length, kind := int(binary.LittleEndian.Uint16(rest)), binary.LittleEndian.Uint16(rest[2:])
		if length < 4 || length > len(rest) {
			break
		}
		if kind == payload {
			return u.ip(rest[4:length])
		}
		rest = rest[min(len(rest), (length+3)&^3):]
	}
	return false
}

func (u *unwrapper) ip(p []byte) bool {
	if len(p) == 0 {
		return false
	}
	switch p[0] >> 4 {
	case 4:
		return u.ipv4(p)
	case 6:
		return u.ipv6(p)
	}
	return u.is("no IP")
}

// ipv4 takes off RFC 791 §3.1.
func (u *unwrapper) ipv4(p []byte) bool {
	if len(p) < 20 {
		return false
	}
	header, total := int(p[0]&15)*4, int(binary.BigEndian.Uint16(p[2:]))
	const moreOrLater = 0x3fff // more fragments follow, or this is not the first
	rest, ok := u.after(p, header)
	switch {
	case header < 20 || !ok:
		return false
	case binary.BigEndian.Uint16(p[6:])&moreOrLater != 0:
		return u.is("IP fragments")
	}
	source, destination := netip.AddrFrom4([4]byte(p[12:])), netip.AddrFrom4([4]byte(p[16:]))
	segment, missing := bounded(rest, total-header, total == 0, u.cut)
	return u.inIP(p[9], source, destination, segment, missing)
}

// ipv6 takes off RFC 8200 §3, §4.
func (u *unwrapper) ipv6(p []byte) bool {
	const header = 40
	if len(p) < header {
		return false
	}
	next, length := p[6], int(binary.BigEndian.Uint16(p[4:]))
	source, destination := netip.AddrFrom16([16]byte(p[8:])), netip.AddrFrom16([16]byte(p[24:]))
	segment, missing := bounded(p[header:], length, length == 0, u.cut)
	for {
		size := 8
		switch next {
		case 0, 43, 60: // options for each hop, routing, options for the destination
			if len(segment) < 8 {
				return false
			}
			size += 8 * int(segment[1])
		case 44: // fragment
			const offsetOrMore = 0xfff9
			if len(segment) < 8 {
				return false
			}
			if binary.BigEndian.Uint16(segment[2:])&offsetOrMore != 0 {
				return u.is("IP fragments")
			}
		default:
			return u.inIP(next, source, destination, segment, missing)
		}
		rest, ok := u.after(segment, size)
		if !ok {
			return false
		}
		next, segment = segment[0], rest
	}
}

// inIP goes on with what IP carries. Missing is how many bytes of it were not
// recorded.
func (u *unwrapper) inIP(protocol byte, source, destination netip.Addr, p []byte, missing int) bool {
	switch protocol {
	case ipTCP:
		return u.segment(source, destination, p, missing)
	case ipIPv4, ipIPv6:
		return u.ip(p)
	case ipMPLS:
		return u.mpls(p)
	case ipGRE:
		return u.gre(p)
	case ipUDP:
		return u.udp(p)
	}
	return u.is("IP protocol %d", protocol)
}

// gre takes off RFC 2784 §2 with RFC 2890 §2, and version 1 of RFC 2637 §4.1.
func (u *unwrapper) gre(p []byte) bool {
	if len(p) < 4 {
		return false
	}
	flags, kind, header := binary.BigEndian.Uint16(p), binary.BigEndian.Uint16(p[2:]), 4
	for _, bit := range []uint16{0x8000, 0x2000, 0x1000} { // checksum, key, sequence number
		if flags&bit != 0 {
			header += 4
		}
	}
	if flags&7 == 1 && flags&0x0080 != 0 { // acknowledgement
		header += 4
	}
	if kind == typeERSPAN {
		if flags&0x1000 != 0 {
			header += 8 // type II
		}
		kind = typeEthernet
	}
	rest, ok := u.after(p, header)
	return ok && u.ethertype(kind, rest)
}

// udp takes off the tunnels that lie in UDP: VXLAN (RFC 7348 §5), Geneve (RFC 8926
// §3.4) and GTP-U (3GPP TS 29.281 §5.1).
func (u *unwrapper) udp(p []byte) bool {
	rest, ok := u.after(p, 8)
	if !ok || len(rest) < 8 {
		return u.is("UDP")
	}
	switch port := binary.BigEndian.Uint16(p[2:]); port {
	case 4789, 8472:
		inner, ok := u.after(rest, 8)
		return ok && u.ethernet(inner)
	case 6081:
		inner, ok := u.after(rest, 8+4*int(rest[0]&0x3f))
		return ok && u.ethertype(binary.BigEndian.Uint16(rest[2:]), inner)
	case 2152:
		const userData = 0xff
		if rest[1] != userData || rest[0]&4 != 0 {
			return u.is("GTP")
		}
		header := 8
		if rest[0]&3 != 0 {
			header = 12
		}
		inner, ok := u.after(rest, header)
		return ok && u.ip(inner)
	case 443:
		return u.is("UDP 443 (QUIC)")
	default:
		return u.is("UDP")
	}
}

// segment reads what TCP has (RFC 9293 §3.1).
func (u *unwrapper) segment(source, destination netip.Addr, p []byte, missing int) bool {
	if len(p) < 20 {
		return false
	}
	header, flags := int(p[12]>>4)*4, p[13]
	if header < 20 || header > len(p) {
		return false
	}
	u.tcp = tcpPacket{
		source:      netip.AddrPortFrom(source, binary.BigEndian.Uint16(p)),
		destination: netip.AddrPortFrom(destination, binary.BigEndian.Uint16(p[2:])),
		seq:         binary.BigEndian.Uint32(p[4:]),
		fin:         flags&1 != 0,
		syn:         flags&2 != 0,
		rst:         flags&4 != 0,
		ack:         flags&16 != 0,
		data:        p[header:],
		lost:        missing,
	}
	return true
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
