package wire

import (
	"cmp"
	"errors"
	"iter"
	"slices"
	"time"
)

// A joint capture has connections of several servers. Each records its own; what they
// send each other are parts.
//
// The connections of a joint capture are numbered in the order in which they began, on
// each server alike. For that a new one waits until word of those that began before it
// on other servers has come.

// settleTime is how long a connection of a joint capture waits for its number.
const settleTime = 100 * time.Millisecond

// A Part is what is new of a connection that another server records.
type Part struct {
	Origin   Origin
	Began    time.Time
	Peer     string
	Local    string
	Hop      string `json:",omitempty"`
	Protocol string
	Streams  []uint32      `json:",omitempty"` // all that there are, where there are new ones
	Segments []PartSegment `json:",omitempty"` // that are new
	Ends     []End         `json:",omitempty"` // all that there are, where there are new ones
	Dropped  int64         `json:",omitempty"` // as it stands
}

// A PartSegment is a segment, or some of one that is too large for one message.
type PartSegment struct {
	From   Side
	At     time.Time
	Offset int64 // of all that the side has sent, whether it is kept or not
	Bytes  []byte
	Rest   int `json:",omitempty"` // bytes of the segment that follow
}

// A Cursor says how much of a capture another server has.
type Cursor struct {
	of    map[Origin]*position
	lines int
}

type position struct {
	client, server int64
	streams, ends  int
	dropped        int64
}

func (p *position) sent(from Side) *int64 {
	if from == Client {
		return &p.client
	}
	return &p.server
}

// Join says that other servers may have connections of the capture.
func (c *Capture) Join() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.joint = true
}

// all are the connections, also those without a number.
func (c *Capture) all() iter.Seq[*Connection] {
	return func(yield func(*Connection) bool) {
		for _, some := range [][]*Connection{c.connections, c.unsettled} {
			for _, connection := range some {
				if !yield(connection) {
					return
				}
			}
		}
	}
}

// add adds a connection; false where there is no room. It is called with mu held, like
// settle.
func (c *Capture) add(connection *Connection) bool {
	if len(c.connections)+len(c.unsettled) >= c.store.limits.Connections {
		return false
	}
	connection.met = time.Now()
	c.unsettled = append(c.unsettled, connection)
	if c.joint {
		time.AfterFunc(settleTime, func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.wake()
		})
	} else {
		c.settle(0)
	}
	c.touch()
	return true
}

// settle numbers the connections of which this server has known for so long, and those
// that began before them.
func (c *Capture) settle(age time.Duration) {
	if len(c.unsettled) == 0 {
		return
	}
	slices.SortStableFunc(c.unsettled, byBeginning)
	n := len(c.unsettled)
	for n > 0 && time.Since(c.unsettled[n-1].met) < age {
		n--
	}
	for _, connection := range c.unsettled[:n] {
		c.connections = append(c.connections, connection)
		connection.Number = len(c.connections)
	}
	c.unsettled = slices.Delete(c.unsettled, 0, n)
}

func byBeginning(a, b *Connection) int {
	return cmp.Or(a.Began.Compare(b.Began), cmp.Compare(a.Origin.Server, b.Origin.Server), cmp.Compare(a.Origin.Number, b.Origin.Number))
}

// Arrange numbers all connections in the order in which they began. Where somebody
// follows the capture, those that have a number keep it. It reports whether a number
// has changed: what was made of the capture before is then of no use.
func (c *Capture) Arrange() (changed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	slices.SortStableFunc(c.unsettled, byBeginning)
	c.connections = append(c.connections, c.unsettled...)
	c.unsettled = nil
	if c.followers.Load() == 0 {
		slices.SortStableFunc(c.connections, byBeginning)
	}
	for i, connection := range c.connections {
		if connection.Number != i+1 {
			changed = changed || connection.Number != 0
			connection.Number = i + 1
		}
	}
	return changed
}

// Take adds what another server has recorded. What is there already is left as it is,
// and so is a connection that has ended because its server was gone. The error is
// ErrFull or ErrExpired.
func (c *Capture) Take(p Part) error {
	connection, err := c.of(p)
	if errors.Is(err, errGone) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, s := range p.Segments {
		there, err := c.reach(connection, s)
		if err != nil {
			return err
		}
		if s.Offset >= there && !c.write(connection, s.From, s.At, s.Bytes) {
			return ErrExpired
		}
	}
	for _, end := range p.Ends {
		c.end(connection, end.From, end.At, end.How)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.expired.Load() {
		return ErrExpired
	}
	if len(p.Streams) > len(connection.Streams) {
		connection.Streams = p.Streams
	}
	if p.Dropped > connection.Dropped {
		c.dropped(connection, p.Dropped-connection.Dropped)
	}
	c.touch()
	return nil
}

// reach has a connection ready for a segment. It returns how much of its side is there
// then.
func (c *Capture) reach(connection *Connection, s PartSegment) (there int64, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.expired.Load() {
		return 0, ErrExpired
	}
	c.deliver()
	there = connection.sent(s.From)
	if s.Offset > there && !c.drops(connection) {
		c.skip(connection, s.From, s.Offset-there)
		there = s.Offset
	}
	return there, nil
}

// errGone is of no use to others: a part for a connection that has ended is left out.
var errGone = errors.New("wire: the server that recorded the connection was gone")

// of returns the connection that a part is of.
func (c *Capture) of(p Part) (*Connection, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.expired.Load() {
		return nil, ErrExpired
	}
	for connection := range c.all() {
		if connection.Origin != p.Origin {
			continue
		}
		if connection.gone() {
			return nil, errGone
		}
		return connection, nil
	}
	connection := &Connection{Peer: p.Peer, Local: p.Local, Hop: p.Hop, Protocol: p.Protocol, Origin: p.Origin, Began: p.Began}
	if !c.add(connection) {
		return nil, ErrFull
	}
	return connection, nil
}

// skip notes that bytes are missing before what comes next. A side has one gap: what
// lies between it and these bytes goes, too.
func (c *Capture) skip(connection *Connection, from Side, n int64) {
	opening := c.opening()
	opened := connection.gap(from, opening).Offset
	var count sides[int]
	for s := range connection.behind(opening) {
		if s.From == from {
			*count.of(from)++
		}
	}
	c.hold(-connection.letGo(opening, count))
	g := connection.gap(from, opening)
	g.Offset, g.Length = opened, g.Length+n
	gaps := slices.DeleteFunc(slices.Clone(connection.Gaps), func(g Gap) bool { return g.From == from })
	connection.Gaps = append(gaps, g)
}

// TakeLine adds a line that another server has said.
func (c *Capture) TakeLine(line Line) {
	line.elsewhere = true
	c.log(line)
}

// Gone notes that servers that have recorded some of the capture are gone: their
// connections have ended, as far as this server will ever know. It returns how many
// have by that.
func (c *Capture) Gone(is func(server string) bool) (connections int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for connection := range c.all() {
		if connection.Origin.Server == "" || len(connection.Ends) > 0 || !is(connection.Origin.Server) {
			continue
		}
		connection.Ends = append(connection.Ends, End{From: Server, At: c.Now(), How: gone})
		connections++
	}
	if connections > 0 {
		c.touch()
	}
	return connections
}

// News returns what of the capture another server does not have yet, of connections
// from which origin returns true; about so many bytes at most. It reports whether there
// is more.
func (c *Capture) News(has *Cursor, limit int, from func(Origin) bool) (parts []Part, lines []Line, more bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deliver()
	if has.of == nil {
		has.of = map[Origin]*position{}
	}
	for connection := range c.all() {
		if limit <= 0 {
			return parts, lines, true
		}
		if !from(connection.Origin) {
			continue
		}
		at := has.of[connection.Origin]
		isNew := at == nil
		if isNew {
			at = &position{}
			has.of[connection.Origin] = at
		}
		p := Part{Origin: connection.Origin, Began: connection.Began, Peer: connection.Peer, Local: connection.Local, Hop: connection.Hop, Protocol: connection.Protocol}
		p.Segments = connection.after(at, &limit)
		if limit > 0 { // an end comes after all bytes
			if at.ends < len(connection.Ends) {
				p.Ends, at.ends = slices.Clone(connection.Ends), len(connection.Ends)
			}
			if at.dropped < connection.Dropped {
				p.Dropped, at.dropped = connection.Dropped, connection.Dropped
			}
		}
		if at.streams < len(connection.Streams) {
			p.Streams, at.streams = slices.Clone(connection.Streams), len(connection.Streams)
		}
		if isNew || p.Segments != nil || p.Ends != nil || p.Streams != nil || p.Dropped > 0 {
			parts = append(parts, p)
			limit -= partCost
		}
	}
	for has.lines < len(c.lines) && limit > 0 {
		if line := c.lines[has.lines]; !line.elsewhere {
			lines = append(lines, line)
			limit -= partCost
		}
		has.lines++
	}
	return parts, lines, limit <= 0
}

// gone is how a connection has ended whose server is gone.
const gone = "gone"

func (c *Connection) gone() bool {
	return slices.ContainsFunc(c.Ends, func(end End) bool { return end.How == gone })
}

// partCost is what a part counts towards the limit of News, beside its bytes.
const partCost = 500

// after returns the segments behind a position, as many as there is room for.
func (c *Connection) after(at *position, limit *int) (segments []PartSegment) {
	missing := map[Side]int64{}
	skipped := map[Side]Gap{}
	for _, side := range []Side{Client, Server} {
		missing[side] = c.sent(side) - *at.sent(side)
		skipped[side] = c.gap(side, 0)
	}
	// From the end: what is new is there.
	first := len(c.Segments)
	for i, s := range slices.Backward(c.Segments) {
		if missing[Client] <= 0 && missing[Server] <= 0 {
			break
		}
		if missing[s.From] > 0 {
			first = i
		}
		missing[s.From] -= int64(s.Length)
	}
	for _, s := range c.Segments[first:] {
		if *limit <= 0 {
			break
		}
		offset := s.Offset
		if g := skipped[s.From]; g.Length > 0 && s.Offset >= g.Offset {
			offset += g.Length
		}
		sent := at.sent(s.From)
		done := max(0, *sent-offset) // of the segment, in the message before
		if done >= int64(s.Length) {
			continue
		}
		p := (*c.bytes(s.From))[s.Offset+done : s.Offset+int64(s.Length)]
		n := min(len(p), max(*limit, 1<<10))
		segments = append(segments, PartSegment{From: s.From, At: s.At, Offset: offset + done, Bytes: p[:n:n], Rest: len(p) - n})
		*sent = offset + done + int64(n)
		*limit -= n + segmentCost
	}
	return segments
}

// Borrowed tells whether other servers still have all that there is of the capture, and
// nobody follows it here.
func (c *Capture) Borrowed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for connection := range c.all() {
		if connection.Origin.Server == "" || connection.gone() {
			return false
		}
	}
	return len(c.connections)+len(c.unsettled) > 0 && c.followers.Load() == 0
}
