package export

import (
	"bytes"
	"context"
	"net/netip"
	"slices"
	"time"

	"seewire/playground/dissect"
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
	reset          bool
}

// A direction is what one end of a flow sends.
type direction struct {
	from    wire.Side
	started bool
	first   uint32 // of the bytes: the sequence number
	next    uint32 // the sequence number that comes next
	held    []tcpPacket
	gap     int64 // bytes that can't be placed, because some before them are missing
	broken  bool  // there are such
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
	open   map[ends]*flow
	all    []*flow
	budget *dissect.Budget
	others int64 // packets that have no TCP
	more   int64 // packets of connections over the limit
}

func (f *flows) add(p packet) {
	t, ok := p.tcp()
	if !ok {
		f.others++
		return
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
	client := t.source
	if t.syn && t.ack || !t.syn && t.source.Port() < t.destination.Port() {
		client = t.destination
	}
	return &flow{
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
	if d.broken {
		d.gap += int64(len(t.data))
	} else if len(t.data) > 0 || t.fin {
		if i, found := slices.BinarySearchFunc(d.held, t, d.compare); !found || len(d.held[i].data) < len(t.data) || t.fin {
			d.held = slices.Insert(d.held, i, t)
		}
		f.deliver(d, t.at)
		if len(d.held) > maxHeld {
			d.giveUp()
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
	for len(d.held) > 0 {
		t := d.held[0]
		ahead := int(int32(t.seq - d.next))
		if ahead > 0 {
			return
		}
		d.held = d.held[1:]
		if again := -ahead; again < len(t.data) {
			f.write(d, at, t.data[again:])
		}
		if behind := int(int32(t.seq + uint32(len(t.data)) - d.next)); behind < 0 {
			continue // an old packet, sent again
		}
		if t.lost > 0 {
			d.gap += int64(t.lost)
			d.giveUp()
			return
		}
		if t.fin {
			f.end(d, at, "fin")
		}
	}
}

func (f *flow) write(d *direction, at time.Time, p []byte) {
	to := &f.connection.Server
	if d.from == wire.Client {
		to = &f.connection.Client
	}
	f.connection.Segments = append(f.connection.Segments,
		wire.Segment{From: d.from, At: at, Offset: int64(len(*to)), Length: len(p)})
	*to = append(*to, p...)
	d.next += uint32(len(p))
}

func (f *flow) end(d *direction, at time.Time, how string) {
	if how == "fin" && d.ended {
		return
	}
	d.ended = true
	f.connection.Ends = append(f.connection.Ends, wire.End{From: d.from, At: at, How: how})
}

// giveUp leaves away all that comes after a gap: what stands behind it can't be
// read as if it followed on what is before it.
func (d *direction) giveUp() {
	d.broken = true
	for _, t := range d.held {
		d.gap += int64(len(t.data))
	}
	d.held = nil
}

// isTLS tells whether a client's bytes begin with a TLS handshake record (RFC
// 8446 §5.1).
func isTLS(p []byte) bool { return bytes.HasPrefix(p, []byte{22, 3}) }

// importPackets reads a pcapng or pcap file.
func importPackets(ctx context.Context, budget *dissect.Budget, p []byte) (Document, error) {
	f := flows{open: map[ends]*flow{}, budget: budget}
	add := func(p packet) bool { f.add(p); return true }
	var complete bool
	switch {
	case isPcapng(p):
		complete = (&pcapng{rest: p}).read(add)
	case isPcap(p):
		complete = readPcap(p, add)
	default:
		return Document{}, importError("import-pcapng", "This is not a pcapng or pcap file.")
	}

	var connections []wire.Connection
	var notes []Note
	for _, one := range f.all {
		if one.client.giveUp(); len(one.connection.Segments) == 0 {
			continue
		}
		one.server.giveUp()
		number := len(connections) + 1
		one.connection.Number = number
		connections = append(connections, one.connection)
		if gap := one.client.gap + one.server.gap; gap > 0 {
			notes = append(notes, Note{Code: "import-gap", Connection: number, Count: gap,
				Message: "Packets are missing in the recording. What came after them in the same direction is left out."})
		}
		if isTLS(one.connection.Client) {
			notes = append(notes, Note{Code: "import-tls", Connection: number,
				Message: "This connection is encrypted (TLS): the file has no more than what anybody on the way could see."})
		}
	}
	if len(connections) == 0 {
		return Document{}, importError("import-no-tcp", "The file has no TCP connection with bytes in it (%d packets were something else).", f.others)
	}
	d := importConnections(ctx, budget, "", connections)
	if !complete {
		notes = append(notes, Note{Code: "import-cut-file", Message: "The file ends in the middle, or goes on with what cannot be read."})
	}
	if f.others > 0 {
		notes = append(notes, Note{Code: "import-not-tcp", Count: f.others, Message: "Packets without TCP, or in fragments, are left out."})
	}
	if f.more > 0 {
		notes = append(notes, Note{Code: "import-many", Count: f.more, Message: "Packets of further connections are left out: 256 connections are read."})
	}
	d.Notes = append(notes, d.Notes...)
	return d, nil
}
