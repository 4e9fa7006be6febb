package export_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"net/http"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"seewire/playground/export"
)

// A madePacket is what a test reads of one made-up packet.
type madePacket struct {
	at               time.Time
	from, to         netip.AddrPort
	sequence, answer uint32
	flags            string
	data             []byte
}

// readPCAPNG reads a file of ours, block by block, and fails where a length or
// a checksum is not right.
func readPCAPNG(t *testing.T, file []byte) (packets []madePacket) {
	t.Helper()
	little := binary.LittleEndian
	for first := true; len(file) > 0; first = false {
		kind, length := little.Uint32(file), little.Uint32(file[4:])
		if length%4 != 0 || int(length) > len(file) || little.Uint32(file[length-4:]) != length {
			t.Fatalf("a block of type %x has the length %d", kind, length)
		}
		body := file[8 : length-4]
		file = file[length:]
		switch {
		case first != (kind == 0x0A0D0D0A):
			t.Fatalf("a block of type %x comes first: %v", kind, first)
		case first && (little.Uint32(body) != 0x1A2B3C4D || !bytes.Contains(body, []byte("made up"))):
			t.Fatalf("section header: %q", body)
		case kind == 1 && (little.Uint16(body) != 101 || !bytes.HasSuffix(body, []byte{9, 0, 1, 0, 9, 0, 0, 0})):
			t.Fatalf("interface: %q", body)
		case kind == 6:
			at := time.Unix(0, int64(little.Uint32(body[4:]))<<32|int64(little.Uint32(body[8:])))
			packet := body[20:][:little.Uint32(body[12:])]
			if little.Uint32(body[12:]) != little.Uint32(body[16:]) {
				t.Fatal("a packet is cut")
			}
			packets = append(packets, readPacket(t, at, packet))
		}
	}
	return packets
}

func readPacket(t *testing.T, at time.Time, p []byte) madePacket {
	t.Helper()
	big := binary.BigEndian
	m := madePacket{at: at}
	var pseudo, segment []byte
	switch p[0] >> 4 {
	case 4:
		if onesSum(p[:20]) != 0xFFFF || int(big.Uint16(p[2:])) != len(p) || p[9] != 6 {
			t.Fatalf("IPv4 header: % x", p[:20])
		}
		pseudo, segment = p[12:20], p[20:]
		m.from = netip.AddrPortFrom(netip.AddrFrom4([4]byte(p[12:])), big.Uint16(p[20:]))
		m.to = netip.AddrPortFrom(netip.AddrFrom4([4]byte(p[16:])), big.Uint16(p[22:]))
	case 6:
		if int(big.Uint16(p[4:])) != len(p)-40 || p[6] != 6 {
			t.Fatalf("IPv6 header: % x", p[:40])
		}
		pseudo, segment = p[8:40], p[40:]
		m.from = netip.AddrPortFrom(netip.AddrFrom16([16]byte(p[8:])), big.Uint16(p[40:]))
		m.to = netip.AddrPortFrom(netip.AddrFrom16([16]byte(p[24:])), big.Uint16(p[42:]))
	default:
		t.Fatalf("IP version: % x", p[:1])
	}
	length := big.AppendUint32(nil, uint32(len(segment)))
	if onesSum(slices.Concat(pseudo, length, []byte{0, 0, 0, 6}, segment)) != 0xFFFF {
		t.Fatalf("the checksum of a segment of %d bytes is wrong", len(segment))
	}
	m.sequence, m.answer = big.Uint32(segment[4:]), big.Uint32(segment[8:])
	for i, name := range "FSRPA" {
		if segment[13]>>i&1 == 1 {
			m.flags += string(name)
		}
	}
	m.data = segment[20:]
	return m
}

// onesSum adds 16-bit words the slow way.
func onesSum(p []byte) (n uint32) {
	if len(p)%2 == 1 {
		p = append(slices.Clone(p), 0)
	}
	for i := 0; i < len(p); i += 2 {
		n += uint32(p[i])*256 + uint32(p[i+1])
		if n > 0xFFFF {
			n -= 0xFFFF
		}
	}
	return n
}

// checkTCP holds each connection to TCP, and returns what the two ends of each
// have sent, in the order in which the connections open.
func checkTCP(t *testing.T, packets []madePacket) (sent [][2][]byte) {
	t.Helper()
	type end struct {
		next       uint32
		fin, reset bool
		data       *[]byte
	}
	type path struct{ from, to netip.AddrPort }
	open := map[path]*end{}
	for i, p := range packets {
		if i > 0 && p.at.Before(packets[i-1].at) {
			t.Errorf("packet %d is earlier than the one before", i)
		}
		if p.flags == "S" {
			sent = append(sent, [2][]byte{})
			both := &sent[len(sent)-1]
			open[path{p.from, p.to}] = &end{next: p.sequence, data: &both[0]}
			open[path{p.to, p.from}] = &end{next: packets[i+1].sequence, data: &both[1]}
		}
		from, to := open[path{p.from, p.to}], open[path{p.to, p.from}]
		switch {
		case from == nil || to == nil:
			t.Fatalf("packet %d from %v to %v belongs to no connection", i, p.from, p.to)
		case (from.reset || to.reset) && len(p.data) == 0:
			t.Errorf("packet %d comes after a reset", i)
		case p.sequence != from.next:
			t.Fatalf("packet %d (%s) has the sequence number %d, want %d", i, p.flags, p.sequence, from.next)
		case strings.Contains(p.flags, "A") && p.answer != to.next:
			t.Fatalf("packet %d (%s) acknowledges %d, want %d", i, p.flags, p.answer, to.next)
		case from.fin && len(p.data) > 0:
			t.Errorf("packet %d has data after FIN", i)
		}
		*from.data = append(*from.data, p.data...)
		from.next += uint32(len(p.data))
		if strings.ContainsAny(p.flags, "SF") {
			from.next++
		}
		from.fin = from.fin || strings.Contains(p.flags, "F")
		from.reset = strings.Contains(p.flags, "R")
	}
	return sent
}

// What a real run has put on the wire is what the packets carry: in IPv4 and
// IPv6, at the times of the segments, with the real addresses.
func TestPCAPNG(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		t.Run(address, func(t *testing.T) {
			capture, at := serveTCP(t, address, site)
			visit(t, at)
			packets := readPCAPNG(t, pcapng(t, capture))
			sent := checkTCP(t, packets)
			connections := capture.Snapshot()
			if len(sent) != len(connections) {
				t.Fatalf("%d connections, want %d", len(sent), len(connections))
			}
			for i, c := range connections {
				if !bytes.Equal(sent[i][0], c.Client) || !bytes.Equal(sent[i][1], c.Server) {
					t.Errorf("connection %d does not carry what was recorded", c.Number)
				}
			}
			if packets[0].flags != "S" || packets[0].from.String() != connections[0].Peer || packets[0].to.String() != at {
				t.Errorf("it starts with %s from %v to %v", packets[0].flags, packets[0].from, packets[0].to)
			}
			for _, c := range connections {
				for _, s := range c.Segments {
					if !slices.ContainsFunc(packets, func(p madePacket) bool { return len(p.data) > 0 && p.at.Equal(s.At) }) {
						t.Errorf("no packet has the time of the segment %+v", s)
					}
				}
			}
			resets := slices.ContainsFunc(packets, func(p madePacket) bool { return strings.Contains(p.flags, "R") })
			if !resets {
				t.Error("the reset is not there")
			}
		})
	}
}

// A connection that has no address is given one, and more bytes at once than
// a packet can carry make several.
func TestPCAPNGOfPipes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		capture := run(t)
		var names []string
		for _, p := range readPCAPNG(t, pcapng(t, capture)) {
			if name := p.from.String(); p.flags == "S" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		if got, want := strings.Join(names, " "), "127.0.0.1:50001 127.0.0.1:50002"; got != want {
			t.Errorf("clients: %s, want %s", got, want)
		}
	})
}

func TestPCAPNGLargeWrite(t *testing.T) {
	large := strings.Repeat("0123456789", 20_000)
	capture, address := serveTCP(t, "127.0.0.1:0", func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		io.WriteString(conn, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"+large)
	})
	response, err := http.Get("http://" + address)
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, response.Body)
	response.Body.Close()
	packets := readPCAPNG(t, pcapng(t, capture))
	sent := checkTCP(t, packets)
	if !strings.HasSuffix(string(sent[0][1]), large) {
		t.Error("the bytes are not all there")
	}
	if n := len(capture.Snapshot()[0].Segments); len(packets) < 3+2*(n+3) {
		t.Errorf("%d packets for %d segments, one of which takes four", len(packets), n)
	}
}

// What was exported is, imported again, the same.
func TestPCAPNGComesBack(t *testing.T) {
	capture, address := serveTCP(t, "127.0.0.1:0", site)
	visit(t, address)
	file := pcapng(t, capture)
	back, err := export.Import(t.Context(), file, export.Source{Protocol: export.Guess, From: export.Guess})
	if err != nil {
		t.Fatal(err)
	}
	want := export.Capture(capture)
	if len(back.Notes) > 0 {
		t.Errorf("notes: %+v", back.Notes)
	}
	for i := range max(len(back.Frames), len(want.Frames)) {
		if i >= len(back.Frames) || i >= len(want.Frames) {
			t.Fatalf("%d frames came back, want %d", len(back.Frames), len(want.Frames))
		}
		got, want := back.Frames[i], want.Frames[i]
		if !reflect.DeepEqual(got.Say, want.Say) || got.From != want.From || got.Offset != want.Offset || !got.At.Equal(want.At) {
			t.Fatalf("frame %d came back as\n%+v, want\n%+v", i, got, want)
		}
	}
}
