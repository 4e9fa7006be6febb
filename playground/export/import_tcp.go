package export

import (
	"bytes"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"seewire/playground/dissect"
	"seewire/playground/dissect/protocols"
	"seewire/playground/tlsrecord"
	"seewire/playground/wire"
)

const (
	// maxHeld bounds, in packets, what came before its turn in one direction.
	// When there is more, the packet that all wait for was not recorded.
	maxHeld = 256
)

// A flow is one TCP connection that is put together again from its packets.
type flow struct {
	connection     wire.Connection
	client, server direction
	clientAddr     netip.AddrPort
	serverAddr     netip.AddrPort
	sidesKnown     bool // the first packet was there: it asks for the connection
	reset          bool
}

// A direction is what one end of a flow sends.
type direction struct {
	from    wire.Side
	parts   [][]byte // of what was sent
	length  int64    // of all of them
	started bool
	first   uint32 // of the bytes: the sequence number
	next    uint32 // the sequence number that comes next
	held    []tcpPacket
	ended   bool
}

// ends are the addresses of a connection, the lower one first.
type ends [2]netip.AddrPort

func endsOf(t tcpPacket) ends {
	if t.source.Compare(t.destination) < 0 {
		return ends{t.source, t.destination}
	}
	return ends{t.destination, t.source}
}

// Flows are the connections of a file, in the order of their first packets.
type flows struct {
	open    map[ends]*flow
	all     []*flow
	budget  *dissect.Budget
	packets []tcpPacket      // of the newest packet
	others  map[string]int64 // packets that have no TCP, by what they are
	more    int64            // packets of connections over the limit
	cut     int64            // packets whose end was not recorded
}

// maxOthers bounds the kinds of packets that are named.
const maxOthers = 16

func (f *flows) add(p packet) {
	var other string
	f.packets, other = p.tcp(f.packets[:0])
	for _, t := range f.packets {
		f.addTCP(t)
	}
	if other != "" {
		if _, named := f.others[other]; !named && len(f.others) >= maxOthers {
			other = "others"
		}
		f.others[other]++
	}
}

func (f *flows) addTCP(t tcpPacket) {
	if t.lost > 0 {
		f.cut++
	}
	key := endsOf(t)
	one := f.open[key]
	if one == nil || one.over(t) {
		if !f.budget.Connect() {
			f.more++
			return
		}
		one = newFlow(t)
		f.open[key] = one
		f.all = append(f.all, one)
	}
	one.add(t)
}

// newFlow starts with a connection's first packet. Who asks for the connection
// is the client; where the recording began later, the one with the higher port.
func newFlow(t tcpPacket) *flow {
	client, server := t.source, t.destination
	if t.syn && t.ack || !t.syn && t.source.Port() < t.destination.Port() {
		client, server = server, client
	}
	return &flow{
		serverAddr: server, sidesKnown: t.syn,
		connection: wire.Connection{Peer: client.String(), Protocol: "http/1.1"},
		client:     direction{from: wire.Client},
		server:     direction{from: wire.Server},
		clientAddr: client,
	}
}

// over tells whether a packet opens another connection between the same ends.
func (f *flow) over(t tcpPacket) bool {
	d := f.direction(t)
	return t.syn && !t.ack && d.started && t.seq+1 != d.first
}

func (f *flow) direction(t tcpPacket) *direction {
	if t.source == f.clientAddr {
		return &f.client
	}
	return &f.server
}

// add takes a packet: in its turn, again, or before its turn.
func (f *flow) add(t tcpPacket) {
	d := f.direction(t)
	if t.syn {
		t.seq++ // SYN takes a number of its own (RFC 9293 §3.4)
	}
	if !d.started {
		d.started, d.first, d.next = true, t.seq, t.seq
	}
	if len(t.data) > 0 || t.fin {
		if i, found := slices.BinarySearchFunc(d.held, t, d.compare); !found || len(d.held[i].data) < len(t.data) || t.fin {
			d.held = slices.Insert(d.held, i, t)
		}
		f.deliver(d, t.at)
		if len(d.held) > maxHeld {
			f.skip(d)
		}
	}
	if t.rst && !f.reset {
		f.reset = true
		f.end(d, t.at, "reset")
	}
}

// compare orders packets by how far they are from what comes next: sequence
// numbers start over after 2³².
func (d *direction) compare(a, b tcpPacket) int {
	return int(int32(a.seq-d.next)) - int(int32(b.seq-d.next))
}

// deliver takes what has its turn now. Bytes that came before their turn have
// the time of those that they waited for.
func (f *flow) deliver(d *direction, at time.Time) {
	whole := d.held
	for len(d.held) > 0 {
		t := d.held[0]
		ahead := int(int32(t.seq - d.next))
		if ahead > 0 {
			return
		}
		if d.held = d.held[1:]; len(d.held) == 0 {
			d.held = whole[:0] // nearly always it is the only one
		}
		if t.at.After(at) {
			at = t.at
		}
		if again := -ahead; again < len(t.data) {
			f.write(d, at, t.data[again:])
		}
		if behind := int(int32(t.seq + uint32(len(t.data)) - d.next)); behind < 0 {
			continue // an old packet, sent again
		}
		if t.lost > 0 {
			f.miss(d, t.lost)
		}
		if t.fin {
			f.end(d, at, "fin")
		}
	}
}

func (f *flow) write(d *direction, at time.Time, p []byte) {
	f.connection.Segments = append(f.connection.Segments,
		wire.Segment{From: d.from, At: at, Offset: d.length, Length: len(p)})
	d.parts = append(d.parts, p)
	d.length += int64(len(p))
	d.next += uint32(len(p))
}

func (f *flow) end(d *direction, at time.Time, how string) {
	if how == "fin" && d.ended {
		return
	}
	d.ended = true
	f.connection.Ends = append(f.connection.Ends, wire.End{From: d.from, At: at, How: how})
}

// skip goes on behind bytes that were not recorded.
func (f *flow) skip(d *direction) {
	if len(d.held) > 0 {
		f.miss(d, int(int32(d.held[0].seq-d.next)))
		f.deliver(d, d.held[0].at)
	}
}

// miss notes that n bytes are missing before those that come next.
func (f *flow) miss(d *direction, n int) {
	d.next += uint32(n)
	f.connection.Gaps = append(f.connection.Gaps, wire.Gap{From: d.from, Offset: d.length, Length: int64(n)})
}

// finish delivers what has waited for bytes that never came, and puts together what was
// sent.
func (f *flow) finish() {
	for len(f.client.held) > 0 {
		f.skip(&f.client)
	}
	for len(f.server.held) > 0 {
		f.skip(&f.server)
	}
	f.connection.Client = slices.Concat(f.client.parts...)
	f.connection.Server = slices.Concat(f.server.parts...)
}

// isTLS tells whether bytes begin with a TLS handshake record (RFC 8446 §5.1).
func isTLS(p []byte) bool { return bytes.HasPrefix(p, []byte{22, 3}) }

// tlsNote opens a connection under TLS, if there are keys for it, and says what came
// of it.
func tlsNote(f *flow, keys tlsrecord.Keys) (n Note, opened bool) {
	c := &f.connection
	clientAt, serverAt := beforeTLS(c.Client, c.Server)
	if tlsrecord.Is(c.Server[serverAt:]) && !tlsrecord.Is(c.Client[clientAt:]) {
		return Note{Code: "import-tls", Connection: c.Number, Message: tlsClosed}, false
	}
	version, opened := openTLS(c, keys)
	switch {
	case opened:
		return Note{Code: "import-tls-opened", Connection: c.Number, Text: version,
			Message: "The connection was encrypted (" + version + "). The keys open it: these are the bytes inside."}, true
	case len(keys) > 0:
		return Note{Code: "import-tls-keys", Connection: c.Number,
			Message: "This connection is encrypted (TLS), and none of the keys is for it, or its start or its cipher is not known."}, false
	}
	return Note{Code: "import-tls", Connection: c.Number, Message: tlsClosed}, false
}

const tlsClosed = "This connection is encrypted (TLS): without its keys the file has no more than what anybody on the way could see."

// importPackets reads a pcapng or pcap file.
func importPackets(budget *dissect.Budget, p []byte, source Source) (d imported, err error) {
	f := flows{open: map[ends]*flow{}, budget: budget, others: map[string]int64{}}
	add := func(p packet) bool { f.add(p); return true }
	keys := tlsrecord.Keys{}
	keys.Add(source.Keys)
	var complete bool
	switch {
	case isPcapng(p):
		complete = (&pcapng{rest: p, keys: keys}).read(add)
	case isPcap(p):
		complete = readPcap(p, add)
	default:
		return d, importError("import-pcapng", "This is not a pcapng or pcap file.")
	}

	var connections []wire.Connection
	var starts []protocols.Start
	var notes []Note
	for _, one := range f.all {
		if one.finish(); len(one.connection.Segments) == 0 {
			continue
		}
		c := &one.connection
		c.Number = len(connections) + 1
		missing := int64(0)
		for _, g := range c.Gaps {
			missing += g.Length
		}
		if clientAt, serverAt := beforeTLS(c.Client, c.Server); isTLS(c.Client[clientAt:]) || isTLS(c.Server[serverAt:]) {
			n, opened := tlsNote(one, keys)
			if notes = append(notes, n); opened {
				c.Gaps = nil
			}
		}
		start, swapped := source.start(c, one.sidesKnown)
		if swapped {
			c.Peer = one.serverAddr.String()
		}
		if n, ok := middleNote(start, c.Number); ok {
			notes = append(notes, n)
		}
		if missing > 0 {
			notes = append(notes, Note{Code: "import-gap", Connection: c.Number, Count: missing,
				Message: "Packets are missing in the recording, or their ends: so many bytes. What comes after them is read on."})
		}
		connections, starts = append(connections, *c), append(starts, start)
	}
	if len(connections) == 0 {
		return d, importError("import-no-tcp", "The file has no TCP connection with bytes in it%s.", f.otherPackets())
	}
	d = importConnections("", connections, starts)
	if !complete {
		notes = append(notes, Note{Code: "import-cut-file", Message: "The file ends in the middle, or goes on with what cannot be read."})
	}
	if f.cut > 0 {
		notes = append(notes, Note{Code: "import-snap", Count: f.cut, Message: "Packets were recorded without their ends (snap length)."})
	}
	for _, other := range slices.Sorted(maps.Keys(f.others)) {
		notes = append(notes, Note{Code: "import-not-tcp", Count: f.others[other], Text: other, Message: "Packets without TCP are left out."})
	}
	if f.more > 0 {
		notes = append(notes, Note{Code: "import-many", Count: f.more, Message: "Packets of further connections are left out: 256 connections are read."})
	}
	d.Notes = append(notes, d.Notes...)
	return d, nil
}

// otherPackets names what there is in place of TCP.
func (f *flows) otherPackets() string {
	var kinds []string
	for _, other := range slices.Sorted(maps.Keys(f.others)) {
		kinds = append(kinds, fmt.Sprintf("%s: %d", other, f.others[other]))
	}
	if kinds == nil {
		return ""
	}
	return " (packets of something else: " + strings.Join(kinds, ", ") + ")"
}
