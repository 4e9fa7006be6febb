package export_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"seewire/playground/dissect"
	"seewire/playground/export"
	"seewire/playground/wire"
)

// TestTshark asks Wireshark what it sees in the pcapng of a real run. Every
// HTTP head, chunk and body, and every WebSocket frame and message, must have
// the same fields with the same values as ours.
func TestTshark(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		t.Run(address, func(t *testing.T) {
			capture, at := serveTCP(t, address, site)
			visit(t, at)
			theirs := map[string]*opinion{}
			for _, packet := range tsharkPackets(t, pcapng(t, capture)) {
				packet.opine(t, theirs)
			}
			ours := opinionOf(t, capture)
			if len(ours) < 10 {
				t.Fatalf("%d directions: the test does not see what it is about", len(ours))
			}
			for direction, o := range ours {
				compare(t, direction, o.lines, theirs[direction].lines)
				compare(t, direction+" contents", o.contents, theirs[direction].contents)
			}
			for direction := range theirs {
				if _, ok := ours[direction]; !ok {
					t.Errorf("tshark sees %s, and we don't", direction)
				}
			}
		})
	}
}

// An opinion is what a dissector sees in one direction of a connection.
type opinion struct {
	lines    []string // heads, chunks and frames, with their fields
	contents []string // bodies and messages as a whole
}

func compare(t *testing.T, what string, ours, theirs []string) {
	t.Helper()
	for i := range max(len(ours), len(theirs)) {
		o, th := "nothing", "nothing"
		if i < len(ours) {
			o = ours[i]
		}
		if i < len(theirs) {
			th = theirs[i]
		}
		if o != th {
			t.Errorf("%s, number %d\n  ours: %.600s\ntshark: %.600s", what, i, o, th)
			return
		}
	}
}

// opinionOf is ours: lines as the dissectors see them, contents as the archive
// has them. The key is the client's address and the side.
func opinionOf(t *testing.T, capture *wire.Capture) map[string]*opinion {
	t.Helper()
	all := map[string]*opinion{}
	d := export.Capture(capture)
	of := func(connection int, from dissect.Side) *opinion {
		return about(all, d.Connections[connection-1].Peer, from == dissect.Client)
	}
	reset := map[int]bool{} // Wireshark does not show a response that a reset has cut off
	for _, c := range d.Connections {
		reset[c.Number] = slices.ContainsFunc(c.Ends, func(end export.End) bool { return end.How == "reset" && end.From == wire.Server })
	}
	zipped := map[int]string{} // what the dissector shows of a body under gzip, by connection
	for _, f := range d.Frames {
		if inflated := fieldValue(f, "http.file_data"); slices.ContainsFunc(f.Say, func(p dissect.Phrase) bool { return p.Key == "inflated" }) {
			zipped[f.Connection] += inflated
		}
		o := of(f.Connection, f.From)
		switch f.Protocol + "/" + f.Kind {
		case "http1/request":
			o.lines = append(o.lines, headLine(f, "http.request.method", "http.request.uri", "http.request.version"))
		case "http1/response":
			if reset[f.Connection] && fieldValue(f, "http.connection") == "close" {
				continue
			}
			o.lines = append(o.lines, headLine(f, "http.response.version", "http.response.code", "http.response.phrase"))
		case "http1/chunk", "http1/last-chunk":
			o.lines = append(o.lines, chunkLine(f, d.Connections[f.Connection-1].Server))
		case "http1/trailer":
			o.lines = append(o.lines, "trailer "+strings.Join(headerLines(f), " | "))
		}
		if f.Protocol == "websocket" {
			o.lines = append(o.lines, websocketLine(f))
		}
	}
	for _, e := range exportHAR(t, capture) {
		number, _ := strconv.Atoi(e.ConnectionID)
		client, server := of(number, dissect.Client), of(number, dissect.Server)
		if e.Request.BodySize > 0 {
			client.contents = append(client.contents, "body "+e.Request.PostData.Text)
		}
		if e.Response.Content.Compression > 0 {
			e.Response.Content.Text = zipped[number]
		}
		if e.Response.Content.Size > 0 && !strings.HasSuffix(e.Request.URL, "/reset") {
			server.contents = append(server.contents, "body "+e.Response.Content.Text)
		}
		for _, m := range e.Messages {
			o, text := server, m.Data
			if m.Type == "send" {
				o = client
			}
			if m.Opcode == 2 {
				p, _ := base64.StdEncoding.DecodeString(m.Data)
				text = string(p)
			}
			if text != "" {
				o.contents = append(o.contents, short(fmt.Sprint("message ", m.Opcode, " ", text)))
			}
		}
	}
	return all
}

func about(all map[string]*opinion, peer string, client bool) *opinion {
	key := peer + " server"
	if client {
		key = peer + " client"
	}
	if all[key] == nil {
		all[key] = new(opinion)
	}
	return all[key]
}

// short cuts what both sides show only the start of.
func short(s string) string { return s[:min(len(s), 60_000)] }

func fieldValue(f dissect.Frame, name string) string {
	for _, field := range f.Fields {
		if field.Name == name {
			return field.Value
		}
	}
	return ""
}

func headLine(f dissect.Frame, first, second, third string) string {
	parts := append([]string{fieldValue(f, first), fieldValue(f, second), fieldValue(f, third)}, headerLines(f)...)
	return "head " + strings.Join(parts, " | ")
}

func headerLines(f dissect.Frame) (lines []string) {
	for _, field := range f.Fields {
		switch {
		case field.Name == "http.header.name":
			lines = append(lines, field.Value)
		case field.Name == "http.header.end" || len(lines) == 0 || field.Name == "http.head.end":
		default:
			lines[len(lines)-1] += field.Value
		}
	}
	return lines
}

// chunkLine is a chunk's size, and the bytes that no field of its framing has.
func chunkLine(f dissect.Frame, sent []byte) string {
	size, _ := strconv.ParseInt(fieldValue(f, "http.chunk_size"), 16, 64)
	data := bytes.Clone(sent[f.Offset:][:f.Length])
	for _, field := range slices.Backward(f.Fields) {
		if field.Name != "http.file_data" {
			data = slices.Delete(data, field.Offset, field.Offset+field.Length)
		}
	}
	return fmt.Sprintf("chunk %d %x", size, data)
}

func websocketLine(f dissect.Frame) string {
	bit := func(name string, value int) int {
		if fieldValue(f, name) == "1" {
			return value
		}
		return 0
	}
	return fmt.Sprintf("websocket fin=%s rsv=%d opcode=%s mask=%s length=%s 16=%s 64=%s key=%s",
		fieldValue(f, "websocket.fin"), bit("websocket.rsv1", 4)+bit("websocket.rsv2", 2)+bit("websocket.rsv3", 1),
		fieldValue(f, "websocket.opcode"), fieldValue(f, "websocket.mask"), fieldValue(f, "websocket.payload_length"),
		fieldValue(f, "websocket.payload_length_ext_16"), fieldValue(f, "websocket.payload_length_ext_64"),
		fieldValue(f, "websocket.masking_key")) + payloadLine(f)
}

// payloadLine is the payload of a frame that is a message by itself, as the
// dissector shows it. Wireshark shows fragments only as the message that they
// add up to.
func payloadLine(f dissect.Frame) string {
	if fieldValue(f, "websocket.fin") == "0" || fieldValue(f, "websocket.opcode") == "0" {
		return ""
	}
	text := fieldValue(f, "websocket.payload")
	if code := fieldValue(f, "websocket.payload.close.status_code"); code != "" {
		text = code + " " + fieldValue(f, "websocket.payload.close.reason")
	}
	for _, field := range f.Fields {
		if field.Name == "websocket.payload" && field.Hex {
			p, _ := hex.DecodeString(field.Value)
			text = string(p)
		}
	}
	return short(" payload=" + strings.TrimSpace(text))
}

// tsharkPackets are the packets of a file as Wireshark sees them.
func tsharkPackets(t *testing.T, file []byte) []pdmlNode {
	t.Helper()
	program, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("tshark is not installed: apt-get install -y tshark")
	}
	name := filepath.Join(t.TempDir(), "run.pcapng")
	if err := os.WriteFile(name, file, 0o600); err != nil {
		t.Fatal(err)
	}
	var problems bytes.Buffer
	command := exec.Command(program, "-r", name, "-T", "pdml", "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE")
	command.Stderr = &problems
	out, err := command.Output()
	if err != nil {
		t.Fatalf("tshark: %v\n%s", err, problems.Bytes())
	}
	var read struct {
		Packets []pdmlNode `xml:"packet"`
	}
	if err := xml.Unmarshal(out, &read); err != nil {
		t.Fatalf("read what tshark says: %v", err)
	}
	return read.Packets
}

// A pdmlNode is a packet, a protocol in it, or a field.
type pdmlNode struct {
	Name  string     `xml:"name,attr"`
	Show  string     `xml:"show,attr"`
	Value string     `xml:"value,attr"` // the bytes, in hexadecimal
	Nodes []pdmlNode `xml:",any"`
}

// fields are those of that name, at any depth.
func (n *pdmlNode) fields(names ...string) (found []*pdmlNode) {
	for i := range n.Nodes {
		child := &n.Nodes[i]
		if slices.Contains(names, child.Name) {
			found = append(found, child)
		}
		found = append(found, child.fields(names...)...)
	}
	return found
}

// show is what the first field of that name shows, or "".
func (n *pdmlNode) show(name string) string {
	for _, f := range n.fields(name) {
		return f.Show
	}
	return ""
}

// text is the bytes of a field.
func (n *pdmlNode) text() string {
	p, _ := hex.DecodeString(n.Value)
	return string(p)
}

// opine notes what a packet has of HTTP and WebSocket.
func (n *pdmlNode) opine(t *testing.T, all map[string]*opinion) {
	t.Helper()
	host, client := n.show("ip.src"), n.show("tcp.srcport")
	if host == "" {
		host = "[" + n.show("ipv6.src") + "]"
	}
	fromClient := n.fromClient(all, host)
	if !fromClient {
		client = n.show("tcp.dstport")
	}
	peer := host + ":" + client
	for _, f := range n.fields("tcp.checksum.status", "ip.checksum.status") {
		if f.Show != "1" {
			t.Errorf("tshark finds a wrong checksum in a packet of %s", peer)
		}
	}
	if n.show("tcp.len") == "0" {
		about(all, peer, fromClient)
		return
	}
	o := about(all, peer, fromClient)
	if shown := n.fields("_ws.malformed", "tcp.analysis.retransmission", "tcp.analysis.lost_segment", "tcp.analysis.out_of_order"); len(shown) > 0 {
		t.Errorf("tshark finds %s in a packet of %s", shown[0].Name, peer)
	}
	pending := "" // a message whose bytes are shown after its frame
	for i := range n.Nodes {
		proto := &n.Nodes[i]
		switch proto.Name {
		case "http":
			proto.opineHTTP(o)
		case "websocket":
			pending = proto.opineWebSocket(o)
		default:
			if data := proto.fields("data.data"); len(data) > 0 && pending != "" {
				o.lines[len(o.lines)-1] += " payload=" + data[0].text()
				o.contents = append(o.contents, "message "+pending+" "+data[0].text())
				pending = ""
			}
		}
	}
}

// fromClient tells by the SYN that opened the connection who sends a packet.
func (n *pdmlNode) fromClient(all map[string]*opinion, host string) bool {
	if n.show("tcp.flags.syn") == "1" {
		return n.show("tcp.flags.ack") == "0"
	}
	_, ok := all[host+":"+n.show("tcp.srcport")+" client"]
	return ok
}

func (n *pdmlNode) opineHTTP(o *opinion) {
	head := []string{}
	for _, f := range n.fields("http.request.method", "http.request.uri", "http.request.version",
		"http.response.version", "http.response.code", "http.response.phrase",
		"http.request.line", "http.response.line", "http.chunk_size", "http.chunk_data", "http.chunked_trailer_part", "http.file_data") {
		switch f.Name {
		case "http.chunk_size", "http.chunked_trailer_part", "http.file_data":
			if head != nil {
				o.lines = append(o.lines, "head "+strings.Join(head, " | "))
				head = nil
			}
		}
		switch f.Name {
		case "http.chunk_size":
			o.lines = append(o.lines, "chunk "+f.Show+" ")
		case "http.chunk_data":
			o.lines[len(o.lines)-1] += f.Value
		case "http.chunked_trailer_part":
			o.lines = append(o.lines, "trailer "+strings.TrimSpace(f.text()))
		case "http.file_data":
			o.contents = append(o.contents, "body "+f.text())
		default:
			head = append(head, strings.TrimRight(f.Show, "\r\n"))
		}
	}
	if head != nil {
		o.lines = append(o.lines, "head "+strings.Join(head, " | "))
	}
}

// opineWebSocket returns the opcode if the payload is still to come.
func (n *pdmlNode) opineWebSocket(o *opinion) (pending string) {
	rsv, _ := strconv.ParseInt(strings.TrimPrefix(n.show("websocket.rsv"), "0x"), 16, 8)
	opcode := n.show("websocket.opcode")
	line := fmt.Sprintf("websocket fin=%s rsv=%d opcode=%s mask=%s length=%s 16=%s 64=%s key=%s",
		n.show("websocket.fin"), rsv, opcode, n.show("websocket.mask"), n.show("websocket.payload_length"),
		n.show("websocket.payload_length_ext_16"), n.show("websocket.payload_length_ext_64"),
		strings.ReplaceAll(n.show("websocket.masking_key"), ":", ""))
	text, kind, shown := "", opcode, false
	for _, f := range n.fields("websocket.payload.text", "websocket.payload.ping", "websocket.payload.pong") {
		text, shown = f.text(), true
		if f.Name == "websocket.payload.text" {
			kind = "1" // of a continuation: that of the message
		}
	}
	if code := n.show("websocket.payload.close.status_code"); code != "" {
		text, shown = strings.TrimSpace(code+" "+n.show("websocket.payload.close.reason")), true
	}
	if shown && text != "" {
		o.contents = append(o.contents, short("message "+kind+" "+text))
	}
	if n.show("websocket.fin") == "1" && opcode != "0" && (shown || opcode != "2") {
		line += short(" payload=" + text)
	}
	o.lines = append(o.lines, line)
	if !shown && opcode == "2" {
		return opcode
	}
	return ""
}
