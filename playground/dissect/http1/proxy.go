package http1

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"

	"seewire/playground/dissect"
)

// What a proxy puts before a connection that it hands on: the PROXY protocol
// (https://www.haproxy.org/download/1.8/doc/proxy-protocol.txt), a line or, from
// version 2 on, a binary head.
const (
	proxyLine  = "PROXY "
	proxyMagic = "\r\n\r\n\x00\r\nQUIT\n"
)

// emitProxy shows the line, which ends at the offset.
func (d *head) emitProxy(end int64) {
	line := string(d.bytes)
	content := trimLineEnd(line)
	words := strings.Split(content[len(proxyLine):], " ")
	r := &headReader{message: &dissect.Head{From: d.h.From}}
	r.text(field.ProxyMagic, proxyLine[:len(proxyLine)-1])
	r.Add(field.Space, 1, " ")
	r.text(field.ProxyProto, words[0])
	source, target := field.ProxySource4, field.ProxyTarget4
	if words[0] == "TCP6" {
		source, target = field.ProxySource6, field.ProxyTarget6
	}
	if strings.HasPrefix(words[0], "TCP") && len(words) == 5 {
		for i, name := range []string{source, target, field.ProxyFrom, field.ProxyTo} {
			r.Add(field.Space, 1, " ")
			r.text(name, words[i+1])
		}
	} else {
		r.text(field.ProxyUnknown, content[r.Length:])
	}
	r.lineEnd(field.LineEnd, line[len(content):])
	d.h.Emit(dissect.Frame{
		Offset: end - int64(len(line)), Length: len(line), Protocol: "http1", Kind: "proxy",
		Say: []dissect.Phrase{dissect.Text(say.Proxy, dissect.ToText(content))}, Fields: r.Fields, Violations: r.violations,
	})
}

// A proxy2 reads the binary head.
type proxy2 struct {
	c     *connection
	h     *dissect.Direction
	bytes []byte
}

// proxy2Fixed is how long the head is without its addresses, in bytes.
const proxy2Fixed = len(proxyMagic) + 4

// length is how long the head is, as far as that is known.
func (x *proxy2) length() int {
	if len(x.bytes) < proxy2Fixed {
		return proxy2Fixed
	}
	return proxy2Fixed + int(binary.BigEndian.Uint16(x.bytes[proxy2Fixed-2:]))
}

func (x *proxy2) Parse(p []byte) int {
	n := min(len(p), x.length()-len(x.bytes))
	if len(x.bytes) < len(proxyMagic) {
		n = 1
	}
	x.bytes = append(x.bytes, p[:n]...)
	if k := min(len(x.bytes), len(proxyMagic)); string(x.bytes[:k]) != proxyMagic[:k] {
		x.c.lose(x.h, x.bytes, n)
		return n
	}
	if len(x.bytes) == x.length() {
		x.emit(x.h.Offset+int64(n), false)
		next := x.c.newHead(x.h)
		next.handed = x.h.Offset + int64(n)
		x.h.Parser = next
	}
	return n
}

func (x *proxy2) End() { x.emit(x.h.Offset, true) }

// emit shows the head, which ends at the offset.
func (x *proxy2) emit(end int64, cut bool) {
	var l dissect.FieldList
	says := "v2"
	l.AddBytes(field.Proxy2Magic, min(len(x.bytes), len(proxyMagic)), []byte(dissect.Escape(string(x.bytes[:min(len(x.bytes), len(proxyMagic))]))))
	if rest := x.bytes[l.Length:]; len(rest) >= 4 {
		l.Bits(rest[0], field.Proxy2Version, field.Proxy2Command)
		l.Bits(rest[1], field.Proxy2Family, field.Proxy2Proto)
		rest = l.Number(field.Proxy2Length, rest[2:], 2)
		says = addresses(x.bytes[len(proxyMagic)+1]>>4, rest)
		l.AddValue(field.Proxy2Rest, len(rest), hex.EncodeToString(rest[:min(len(rest), dissect.MaxValue)]), true, len(rest) > dissect.MaxValue)
	} else {
		l.AddValue(field.Proxy2Rest, len(rest), hex.EncodeToString(rest), true, false)
	}
	x.h.Emit(dissect.Frame{
		Offset: end - int64(len(x.bytes)), Length: len(x.bytes), Protocol: "http1", Kind: "proxy", Incomplete: cut,
		Say: []dissect.Phrase{dissect.Text(say.Proxy, "PROXY "+says)}, Fields: l.Fields,
	})
}

// addresses are those of the binary head, as its line would have them.
func addresses(family byte, p []byte) string {
	name, size := "TCP4", 4
	if family == 2 {
		name, size = "TCP6", 16
	}
	if family != 1 && family != 2 || len(p) < 2*size+4 {
		return "UNKNOWN"
	}
	source, _ := netip.AddrFromSlice(p[:size])
	target, _ := netip.AddrFromSlice(p[size : 2*size])
	port := func(at int) string { return strconv.Itoa(int(binary.BigEndian.Uint16(p[at:]))) }
	return strings.Join([]string{name, source.String(), target.String(), port(2 * size), port(2*size + 2)}, " ")
}

// ProxyHead is how long the head is that a proxy has put before a client's bytes, if
// there is one.
func ProxyHead(p []byte) int {
	switch {
	case bytes.HasPrefix(p, []byte(proxyLine+"TCP")), bytes.HasPrefix(p, []byte(proxyLine+"UNKNOWN")):
		const longest = 107 // bytes
		return bytes.IndexByte(p[:min(len(p), longest)], '\n') + 1
	case bytes.HasPrefix(p, []byte(proxyMagic)) && len(p) >= proxy2Fixed:
		return min(len(p), (&proxy2{bytes: p[:proxy2Fixed]}).length())
	}
	return 0
}
