package export_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"seewire/playground/dissect"
	"seewire/playground/export"
)

const (
	request  = "GET /events HTTP/1.1\r\nHost: a\r\n\r\n"
	response = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: a\n\n\r\n"
)

var guess = export.Source{Protocol: export.Guess, From: export.Guess}

// A wirePacket is a TCP segment to be put into a file.
type wirePacket struct {
	server bool
	seq    uint32
	flags  byte
	data   string
	cut    int // bytes at the end that were not recorded
}

const (
	fin = 1
	syn = 2
	rst = 4
	ack = 16
)

// tcp is the segment with its header.
func (p wirePacket) tcp() []byte {
	h := make([]byte, 20, 20+len(p.data))
	source, destination := uint16(50000), uint16(8080)
	if p.server {
		source, destination = destination, source
	}
	binary.BigEndian.PutUint16(h, source)
	binary.BigEndian.PutUint16(h[2:], destination)
	binary.BigEndian.PutUint32(h[4:], p.seq)
	h[12] = 5 << 4
	h[13] = p.flags
	return append(h, p.data...)
}

func (p wirePacket) ipv4() []byte {
	segment := p.tcp()
	h := make([]byte, 20)
	h[0], h[9] = 0x45, 6
	binary.BigEndian.PutUint16(h[2:], uint16(20+len(segment)))
	copy(h[12:], []byte{10, 0, 0, 1, 10, 0, 0, 2})
	if p.server {
		copy(h[12:], []byte{10, 0, 0, 2, 10, 0, 0, 1})
	}
	all := append(h, segment...)
	return all[:len(all)-p.cut]
}

func (p wirePacket) ipv6() []byte {
	const options, fragment = "\x2c\x00\x01\x04\x00\x00\x00\x00", "\x06\x00\x00\x00\x00\x00\x00\x07"
	segment := append([]byte(options+fragment), p.tcp()...)
	h := make([]byte, 40)
	h[0], h[6] = 0x60, 0
	binary.BigEndian.PutUint16(h[4:], uint16(len(segment)))
	h[23], h[39] = 1, 2
	if p.server {
		h[23], h[39] = 2, 1
	}
	return append(h, segment...)
}

var began = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

// pcapFile is a pcap file with one packet a millisecond.
func pcapFile(order binary.AppendByteOrder, link uint32, header string, packets ...[]byte) []byte {
	file := order.AppendUint32(nil, 0xa1b2c3d4)
	file = order.AppendUint16(file, 2)
	file = order.AppendUint16(file, 4)
	file = append(file, make([]byte, 8)...)
	file = order.AppendUint32(file, 65535)
	file = order.AppendUint32(file, link)
	for i, p := range packets {
		at := began.Add(time.Duration(i) * time.Millisecond)
		file = order.AppendUint32(file, uint32(at.Unix()))
		file = order.AppendUint32(file, uint32(at.Nanosecond()/1000))
		file = order.AppendUint32(file, uint32(len(header)+len(p)))
		file = order.AppendUint32(file, uint32(len(header)+len(p)+cutOf(p)))
		file = append(append(file, header...), p...)
	}
	return file
}

// cutOf is how much shorter an IPv4 packet is than its header says.
func cutOf(p []byte) int {
	if len(p) < 20 || p[0]>>4 != 4 {
		return 0
	}
	return max(0, int(binary.BigEndian.Uint16(p[2:]))-len(p))
}

// pcapngFile has the packets in enhanced blocks, with times in nanoseconds.
func pcapngFile(order binary.AppendByteOrder, packets ...[]byte) []byte {
	block := func(kind uint32, body []byte) []byte {
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
		b := order.AppendUint32(nil, kind)
		b = order.AppendUint32(b, uint32(12+len(body)))
		b = append(b, body...)
		return order.AppendUint32(b, uint32(12+len(body)))
	}
	file := block(0x0a0d0d0a, append(order.AppendUint32(nil, 0x1a2b3c4d), 1, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255))
	link := order.AppendUint16(nil, 101)
	link = append(link, 0, 0, 0, 0, 0, 0)
	link = order.AppendUint16(link, 9) // if_tsresol
	link = order.AppendUint16(link, 1)
	link = append(link, 9, 0, 0, 0, 0, 0, 0, 0)
	file = append(file, block(1, link)...)
	file = append(file, block(5, make([]byte, 12))...) // statistics, to be skipped
	for i, p := range packets {
		at := uint64(began.Add(time.Duration(i) * time.Millisecond).UnixNano())
		b := order.AppendUint32(nil, 0)
		b = order.AppendUint32(b, uint32(at>>32))
		b = order.AppendUint32(b, uint32(at))
		b = order.AppendUint32(b, uint32(len(p)))
		b = order.AppendUint32(b, uint32(len(p)+cutOf(p)))
		file = append(file, block(6, append(b, p...))...)
	}
	return file
}

// conversation is a connection from its first to its last packet.
func conversation() []wirePacket {
	return []wirePacket{
		{false, 99, syn, "", 0},
		{true, 499, syn | ack, "", 0},
		{false, 100, ack, request, 0},
		{true, 500, ack, response[:40], 0},
		{true, 540, ack, response[40:], 0},
		{false, 100 + uint32(len(request)), fin | ack, "", 0},
		{true, 500 + uint32(len(response)), rst, "", 0},
	}
}

func inIPv4(packets []wirePacket) (all [][]byte) {
	for _, p := range packets {
		all = append(all, p.ipv4())
	}
	return all
}

func inIPv6(packets []wirePacket) (all [][]byte) {
	for _, p := range packets {
		all = append(all, p.ipv6())
	}
	return all
}

// inside puts packets into IPv4 packets of a tunnel, behind its heads.
func inside(protocol byte, heads string, packets [][]byte) (all [][]byte) {
	for _, p := range packets {
		outer := []byte{0x45, 0, 0, 0, 0, 0, 0, 0, 64, protocol, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2}
		outer = append(append(outer, heads...), p...)
		binary.BigEndian.PutUint16(outer[2:], uint16(len(outer)))
		all = append(all, outer)
	}
	return all
}

func importOne(t *testing.T, file []byte) (export.Document, export.Connection) {
	t.Helper()
	d, err := export.Import(t.Context(), file, guess)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Connections) != 1 {
		t.Fatalf("%d connections, want 1", len(d.Connections))
	}
	return d, d.Connections[0]
}

func TestImportPackets(t *testing.T) {
	const (
		ethernet = "\x01\x02\x03\x04\x05\x06\x01\x02\x03\x04\x05\x06" // without the type
		snap     = "\xaa\xaa\x03\x00\x00\x00"                         // of IEEE 802.2, without the type
	)
	files := map[string][]byte{
		"pcapng, little":     pcapngFile(binary.LittleEndian, inIPv4(conversation())...),
		"pcapng, big":        pcapngFile(binary.BigEndian, inIPv6(conversation())...),
		"pcap, little":       pcapFile(binary.LittleEndian, 1, ethernet+"\x08\x00", inIPv4(conversation())...),
		"pcap, big, IPv6":    pcapFile(binary.BigEndian, 1, ethernet+"\x86\xdd", inIPv6(conversation())...),
		"VLAN":               pcapFile(binary.LittleEndian, 1, ethernet+"\x81\x00\x00\x07\x08\x00", inIPv4(conversation())...),
		"raw IP":             pcapFile(binary.LittleEndian, 101, "", inIPv6(conversation())...),
		"a BSD's loopback":   pcapFile(binary.LittleEndian, 0, "\x02\x00\x00\x00", inIPv4(conversation())...),
		"Linux, cooked":      pcapFile(binary.LittleEndian, 113, "\x00\x00\x03\x04\x00\x06\x00\x00\x00\x00\x00\x00\x00\x00\x08\x00", inIPv4(conversation())...),
		"Linux, cooked v2":   pcapFile(binary.LittleEndian, 276, "\x08\x00\x00\x00\x00\x00\x00\x01\x03\x04\x00\x06"+"12345678", inIPv4(conversation())...),
		"VLANs, old type":    pcapFile(binary.LittleEndian, 1, ethernet+"\x91\x00\x00\x07\x81\x00\x00\x08\x86\xdd", inIPv6(conversation())...),
		"PPPoE":              pcapFile(binary.LittleEndian, 1, ethernet+"\x88\x64\x11\x00\x00\x01\x00\x00\x00\x21", inIPv4(conversation())...),
		"PPP":                pcapFile(binary.LittleEndian, 9, "\xff\x03\x00\x57", inIPv6(conversation())...),
		"MPLS":               pcapFile(binary.LittleEndian, 1, ethernet+"\x88\x47\x00\x01\x00\x40\x00\x02\x01\x40", inIPv4(conversation())...),
		"Ethernet in MPLS":   pcapFile(binary.LittleEndian, 1, ethernet+"\x88\x47\x00\x02\x01\x40"+"\x00\x00\x00\x00"+ethernet+"\x08\x00", inIPv4(conversation())...),
		"IEEE 802.3":         pcapFile(binary.LittleEndian, 1, ethernet+"\x01\x00"+snap+"\x08\x00", inIPv4(conversation())...),
		"Wi-Fi":              pcapFile(binary.LittleEndian, 105, "\x08\x01"+strings.Repeat("\x00", 22)+snap+"\x86\xdd", inIPv6(conversation())...),
		"Wi-Fi, of a radio":  pcapFile(binary.LittleEndian, 127, "\x00\x00\x08\x00\x00\x00\x00\x00"+"\x88\x01"+strings.Repeat("\x00", 24)+snap+"\x08\x00", inIPv4(conversation())...),
		"IPv6 in IPv4":       pcapFile(binary.LittleEndian, 101, "", inside(41, "", inIPv6(conversation()))...),
		"IPv4 in IPv4":       pcapFile(binary.LittleEndian, 101, "", inside(4, "", inIPv4(conversation()))...),
		"GRE, with a key":    pcapFile(binary.LittleEndian, 101, "", inside(47, "\x20\x00\x08\x00"+"key!", inIPv4(conversation()))...),
		"Ethernet in GRE":    pcapFile(binary.LittleEndian, 101, "", inside(47, "\x00\x00\x65\x58"+ethernet+"\x86\xdd", inIPv6(conversation()))...),
		"VXLAN":              pcapFile(binary.LittleEndian, 101, "", inside(17, "\xc0\x00\x12\xb5\x00\x00\x00\x00"+"\x08\x00\x00\x00\x00\x00\x07\x00"+ethernet+"\x08\x00", inIPv4(conversation()))...),
		"Geneve":             pcapFile(binary.LittleEndian, 101, "", inside(17, "\xc0\x00\x17\xc1\x00\x00\x00\x00"+"\x01\x00\x65\x58\x00\x00\x07\x00"+"opt!"+ethernet+"\x08\x00", inIPv4(conversation()))...),
		"GTP":                pcapFile(binary.LittleEndian, 101, "", inside(17, "\x08\x68\x08\x68\x00\x00\x00\x00"+"\x30\xff\x00\x00\x00\x00\x00\x07", inIPv4(conversation()))...),
		"with other packets": pcapFile(binary.LittleEndian, 101, "", append(inIPv4(conversation()), []byte("E"), []byte("garbage that is no IP packet at all"))...),
	}
	for name, file := range files {
		t.Run(name, func(t *testing.T) {
			d, c := importOne(t, file)
			if string(c.Client) != request || string(c.Server) != response {
				t.Errorf("client %q\nserver %q", c.Client, c.Server)
			}
			if !strings.HasSuffix(c.Peer, ":50000") {
				t.Errorf("the client is %s", c.Peer)
			}
			if len(c.Ends) != 2 || c.Ends[0].How != "fin" || c.Ends[1].How != "reset" {
				t.Errorf("ends: %+v", c.Ends)
			}
			if len(c.Segments) != 3 || !c.Segments[1].At.Equal(began.Add(3*time.Millisecond)) {
				t.Errorf("segments: %+v", c.Segments)
			}
			if got := kinds(d); !strings.HasPrefix(got, "http1/request http1/response") || !strings.Contains(got, "http1/chunk") {
				t.Errorf("frames: %s", got)
			}
			if len(d.Events) != 1 || d.Events[0].Data != "a" {
				t.Errorf("events: %+v", d.Events)
			}
			if d.Source.Protocol != "pcapng" {
				t.Errorf("taken for %q", d.Source.Protocol)
			}
		})
	}
}

func kinds(d export.Document) string {
	var all []string
	for _, f := range d.Frames {
		all = append(all, f.Protocol+"/"+f.Kind)
	}
	return strings.Join(all, " ")
}

// TestImportAnyOrder holds that what was sent is found whatever happened to
// the packets on their way.
func TestImportAnyOrder(t *testing.T) {
	all := func(packets ...wirePacket) []byte { return pcapFile(binary.LittleEndian, 101, "", inIPv4(packets)...) }
	const wraps = 0xfffffffa // the numbers start over inside of the request
	for name, file := range map[string][]byte{
		"twice":                 all(slices.Concat(conversation(), conversation())...),
		"before its turn":       all(wirePacket{false, 99, syn, "", 0}, wirePacket{false, 110, ack, request[10:], 0}, wirePacket{false, 100, ack, request[:10], 0}),
		"the end first":         all(wirePacket{false, 99, syn, "", 0}, wirePacket{false, 120, ack | fin, request[20:], 0}, wirePacket{false, 110, ack, request[10:20], 0}, wirePacket{false, 100, ack, request[:10], 0}),
		"overlapping":           all(wirePacket{false, 99, syn, "", 0}, wirePacket{false, 100, ack, request[:20], 0}, wirePacket{false, 105, ack, request[5:], 0}),
		"keep-alive":            all(wirePacket{false, 99, syn, "", 0}, wirePacket{false, 100, ack, request, 0}, wirePacket{false, 99 + uint32(len(request)), ack, "\n", 0}),
		"numbers that overflow": all(wirePacket{false, wraps - 1, syn, "", 0}, wirePacket{false, 14, ack, request[20:], 0}, wirePacket{false, wraps, ack, request[:20], 0}),
		"begun late":            all(wirePacket{false, 4000, ack, request, 0}),
	} {
		t.Run(name, func(t *testing.T) {
			if _, c := importOne(t, file); string(c.Client) != request {
				t.Errorf("got %q", c.Client)
			}
		})
	}
}

func TestImportGaps(t *testing.T) {
	all := func(packets ...wirePacket) []byte { return pcapFile(binary.LittleEndian, 101, "", inIPv4(packets)...) }
	for name, c := range map[string]struct {
		file []byte
		want string
		gap  int64
	}{
		"lost":         {all(wirePacket{false, 99, syn, "", 0}, wirePacket{false, 100, ack, request[:10], 0}, wirePacket{false, 120, ack, request[20:], 0}), request[:10] + request[20:], 10},
		"cut":          {all(wirePacket{false, 99, syn, "", 0}, wirePacket{false, 100, ack, request, 8}, wirePacket{false, 133, ack, "more", 0}), request[:len(request)-8] + "more", 8},
		"sent in full": {all(wirePacket{false, 99, syn, "", 0}, wirePacket{false, 100, ack, request, 0}), request, 0},
	} {
		t.Run(name, func(t *testing.T) {
			d, connection := importOne(t, c.file)
			if string(connection.Client) != c.want {
				t.Errorf("got %q, want %q", connection.Client, c.want)
			}
			var gap int64
			for _, n := range d.Notes {
				if n.Code == "import-gap" {
					gap = n.Count
				}
			}
			if gap != c.gap {
				t.Errorf("%d bytes missing, want %d: %+v", gap, c.gap, d.Notes)
			}
		})
	}
}

func TestImportAnotherConnectionOfTheSamePorts(t *testing.T) {
	second := conversation()
	for i := range second {
		second[i].seq += 70000
	}
	d, err := export.Import(t.Context(), pcapFile(binary.LittleEndian, 101, "", inIPv4(slices.Concat(conversation(), second))...), guess)
	if err != nil || len(d.Connections) != 2 || string(d.Connections[1].Server) != response {
		t.Errorf("%v, %d connections", err, len(d.Connections))
	}
}

func TestImportCutFile(t *testing.T) {
	for _, file := range [][]byte{
		pcapFile(binary.LittleEndian, 101, "", inIPv4(conversation())...),
		pcapngFile(binary.LittleEndian, inIPv4(conversation())...),
	} {
		d, _ := importOne(t, file[:len(file)-3])
		if !slices.ContainsFunc(d.Notes, func(n export.Note) bool { return n.Code == "import-cut-file" }) {
			t.Errorf("nothing says that the file is cut: %+v", d.Notes)
		}
	}
}

// TestImportHTTP2 reads a connection that was not encrypted, such as one behind
// a proxy.
func TestImportHTTP2(t *testing.T) {
	preface := wirePacket{false, 100, ack, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00", 0}
	settings := wirePacket{true, 500, ack, "\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64", 0}
	d, _ := importOne(t, pcapFile(binary.LittleEndian, 101, "", preface.ipv4(), settings.ipv4()))
	if want := "http2/preface http2/settings http2/settings"; kinds(d) != want {
		t.Errorf("frames: %s, want %s", kinds(d), want)
	}
}

func TestImportTLSIsSaid(t *testing.T) {
	hello := wirePacket{false, 100, ack, "\x16\x03\x01\x00\x05hello", 0}
	d, _ := importOne(t, pcapFile(binary.LittleEndian, 101, "", hello.ipv4()))
	if len(d.Notes) != 1 || d.Notes[0].Code != "import-tls" || d.Notes[0].Connection != 1 {
		t.Errorf("notes: %+v", d.Notes)
	}
}

const har = `{"log":{"version":"1.2","entries":[
	{"startedDateTime":"2026-11-22T08:00:00.500Z","time":1500,"request":{"method":"GET","url":"https://a.example/app.js"},
	 "response":{"content":{"mimeType":"text/javascript","text":"1"}}},
	{"startedDateTime":"2026-11-22T08:00:00.500Z","time":1500,"request":{"method":"POST","url":"https://a.example/chat"},
	 "response":{"content":{"mimeType":"text/event-stream; charset=utf-8","text":"id: 7\ndata: 你好\n\n"}}},
	{"startedDateTime":"2026-11-22T08:00:01Z","time":0,"request":{"method":"GET","url":"wss://a.example/ws"},"response":{"content":{}},
	 "_webSocketMessages":[{"type":"send","time":1795334401.25,"opcode":1,"data":"hé"},{"type":"receive","time":1795334401.5,"opcode":2,"data":"AP8="}]},
	{"request":{"method":"GET","url":"https://a.example/es"},"response":{"content":{"mimeType":"text/event-stream"}},"_eventSourceMessages":[{"data":"x"}]}
]}}`

func TestImportHAR(t *testing.T) {
	d, err := export.Import(t.Context(), []byte(har), guess)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Connections) != 3 || string(d.Connections[0].Server) != "id: 7\ndata: 你好\n\n" {
		t.Fatalf("connections: %+v", d.Connections)
	}
	if len(d.Events) != 2 || d.Events[0].Data != "你好" || d.Events[1].Data != "x" || d.LastEventID != "7" {
		t.Errorf("events: %+v", d.Events)
	}
	if want := "sse/field sse/field sse/blank websocket/message websocket/message sse/event"; kinds(d) != want {
		t.Errorf("frames: %s, want %s", kinds(d), want)
	}
	ws := d.Connections[1]
	if string(ws.Client) != "hé" || !bytes.Equal(ws.Server, []byte{0, 255}) {
		t.Errorf("messages: %q, %q", ws.Client, ws.Server)
	}
	if f := d.Frames[3]; f.Connection != 2 || f.From != dissect.Client || f.Fields[0].Value != "hé" || f.At.Nanosecond() != 250e6 {
		t.Errorf("the first message: %+v", f)
	}
	if f := d.Frames[4]; !f.Fields[0].Hex || f.Fields[0].Value != "00ff" {
		t.Errorf("the second message: %+v", f)
	}
	var codes []string
	for _, n := range d.Notes {
		codes = append(codes, fmt.Sprintf("%s %d %d", n.Code, n.Connection, n.Count))
	}
	if want := "har-body 1 0, har-messages 2 2, har-events-only 3 1, har-others 0 1"; strings.Join(codes, ", ") != want {
		t.Errorf("notes: %s, want %s", strings.Join(codes, ", "), want)
	}
}

// TestHARComesBack reads what the exporter writes: what a HAR can hold of it is
// the same.
func TestHARComesBack(t *testing.T) {
	capture, address := serveTCP(t, "127.0.0.1:0", site)
	visit(t, address)
	pcapng(t, capture) // waits for the ends
	var file bytes.Buffer
	if err := export.WriteHAR(&file, capture); err != nil {
		t.Fatal(err)
	}
	back, err := export.Import(t.Context(), file.Bytes(), guess)
	if err != nil {
		t.Fatal(err)
	}
	if want := export.Capture(capture); !slices.Equal(back.Events, want.Events) || len(want.Events) == 0 {
		t.Errorf("events %+v\nwant %+v", back.Events, want.Events)
	}
	messages := map[string]bool{}
	for _, f := range back.Frames {
		if f.Kind == "message" && len(f.Fields) == 1 {
			messages[string(f.From)+" "+f.Fields[0].Value] = true
		}
	}
	for _, want := range []string{"client hello", "server hello", "server 帧 and frame", "client 0001feff", "server one 帧 two three"} {
		if !messages[want] {
			t.Errorf("no message %q", want)
		}
	}
}

// TestImportCapture reads what the program itself has written.
func TestImportCapture(t *testing.T) {
	first, _ := importOne(t, pcapFile(binary.LittleEndian, 101, "", inIPv4(conversation())...))
	file, err := json.Marshal(first)
	if err != nil {
		t.Fatal(err)
	}
	var written bytes.Buffer
	if err := export.WriteDocument(&written, first, nil); err != nil || written.String() != string(file) {
		t.Errorf("%v, written one by one:\n%s\nat once:\n%s", err, &written, file)
	}
	second, c := importOne(t, file)
	if second.Source.Protocol != "capture" || string(c.Client) != request || string(c.Server) != response || kinds(second) != kinds(first) {
		t.Errorf("%+v", second)
	}
}

func TestGuess(t *testing.T) {
	for _, c := range []struct{ name, p, protocol, from string }{
		{"RFC 6455 §5.7, masked", "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", "websocket", "client"},
		{"RFC 6455 §5.7, unmasked", "\x81\x05Hello", "websocket", "server"},
		{"RFC 6455 §5.7, fragments", "\x01\x03Hel\x80\x02lo", "websocket", "server"},
		{"RFC 6455 §5.7, 256 bytes", "\x82\x7e\x01\x00" + strings.Repeat("\x00", 256), "websocket", "server"},
		{"RFC 7692 §7.2.3.1", "\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00", "websocket", "server"},
		{"a frame that is cut", "\x82\x7e\x01\x00" + strings.Repeat("\x00", 99), "websocket", "server"},
		{"a stream", "data: a\n\n", "sse", "server"},
		{"a stream with a mark", "\ufeff: hello\r\n\r\n", "sse", "server"},
		{"a stream of foreign fields", "event\n\nx: y\n", "sse", "server"},
		{"a request", request, "http1", "client"},
		{"a response", response, "http1", "server"},
		{"HTTP/2 from its start", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00", "http2", "client"},
		{"HTTP/2 of a server", "\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64", "http2", "server"},
		{"text", "Dear reader,\n", "", ""},
		{"JSON", `{"data": 1}`, "json", "server"},
		{"noise", "\xff\xfe\x00\x01\x02", "", ""},
	} {
		d, err := export.Import(t.Context(), []byte(c.p), guess)
		if c.protocol == "" {
			if unknown, ok := errors.AsType[*export.ImportError](err); !ok || unknown.Code != "import-unknown" {
				t.Errorf("%s: %v, want import-unknown", c.name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if d.Source.Protocol != c.protocol || string(d.Source.From) != c.from || len(d.Source.Guessed) != 2 {
			t.Errorf("%s: taken for %+v", c.name, d.Source)
		}
	}
}

func TestGuessOfTheSideAlone(t *testing.T) {
	d, err := export.Import(t.Context(), []byte("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), export.Source{Protocol: "websocket", From: export.Guess})
	if err != nil || d.Source.From != dissect.Client || !slices.Equal(d.Source.Guessed, []string{"from"}) {
		t.Errorf("%v, %+v", err, d.Source)
	}
}

func TestImportErrors(t *testing.T) {
	for _, c := range []struct{ p, protocol, code string }{
		{"", export.Guess, "import-empty"},
		{"what?", export.Guess, "import-unknown"},
		{"what?", "smoke", "import-protocol"},
		{"what?", "pcapng", "import-pcapng"},
		{string(pcapFile(binary.LittleEndian, 101, "")), export.Guess, "import-no-tcp"},
		{"{", "har", "import-har"},
		{`{"log":{"entries":[]}}`, export.Guess, "import-har-nothing"},
		{`{"log":{"entries":[{"response":{"content":{"mimeType":"text/event-stream","encoding":"base64","text":"?"}}}]}}`, export.Guess, "import-har"},
		{`{"connections":[]}`, export.Guess, "import-capture"},
		{`{"connections":7}`, export.Guess, "import-capture"},
		{`{"connections":[{"server":"AAAA","segments":[{"from":"server","offset":1,"length":2}]}]}`, export.Guess, "import-capture"},
		{`{"connections":[{"server":"AAAA","segments":[{"from":"server","offset":0,"length":2}]}]}`, export.Guess, "import-capture"},
		{`{"connections":[{"server":"AAAA","segments":[{"from":"server","offset":0,"length":9223372036854775807},{"from":"server","offset":9223372036854775807,"length":9223372036854775807}]}]}`, export.Guess, "import-capture"},
	} {
		_, err := export.Import(t.Context(), []byte(c.p), export.Source{Protocol: c.protocol, From: export.Guess})
		if found, ok := errors.AsType[*export.ImportError](err); !ok || found.Code != c.code {
			t.Errorf("%.60q as %s: %v, want %s", c.p, c.protocol, err, c.code)
		}
	}
}

// FuzzImport holds that no file makes the program fall over, and that what is
// found lies within the bytes that are there.
func FuzzImport(f *testing.F) {
	f.Add(pcapFile(binary.LittleEndian, 101, "", inIPv4(conversation())...))
	f.Add(pcapngFile(binary.BigEndian, inIPv6(conversation())...))
	f.Add([]byte(har))
	f.Add([]byte("\x81\x05Hello"))
	f.Add([]byte(`{"connections":[{"number":1,"peer":"a:1","protocol":"http/1.1","server":"AAAA","segments":[{"from":"server","offset":0,"length":3}]}]}`))
	f.Fuzz(func(t *testing.T, p []byte) {
		d, err := export.Import(t.Context(), p, guess)
		if err != nil {
			if _, ok := errors.AsType[*export.ImportError](err); !ok {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		sizes := map[string]int{}
		for _, c := range d.Connections {
			sizes[fmt.Sprint(c.Number, dissect.Client)] = len(c.Client)
			sizes[fmt.Sprint(c.Number, dissect.Server)] = len(c.Server)
		}
		for _, frame := range d.Frames {
			if frame.Offset < 0 || int(frame.Offset)+frame.Length > sizes[fmt.Sprint(frame.Connection, frame.From)] {
				t.Fatalf("a frame outside of the bytes: %+v", frame)
			}
			for _, field := range frame.Fields {
				if field.Offset < 0 || field.Offset+field.Length > frame.Length {
					t.Fatalf("a field outside of its frame: %+v in %+v", field, frame)
				}
			}
		}
	})
}
