package wire

import (
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// segmentCost is what a segment counts towards the limits beside its bytes: a
// client that sends byte by byte fills memory with segments, not with bytes.
const segmentCost = 64

// A Capture is the recorded bytes of a run: every connection, both directions.
// Its methods may be called from any goroutine.
type Capture struct {
	id    string
	store *Store
	owner *owner
	began time.Time

	followers atomic.Int32
	watched   atomic.Bool
	expired   atomic.Bool // changes under mu

	// Each segment changes these. They stand together.
	written  atomic.Int64 // when the last byte came, as Store.now tells it
	mu       sync.Mutex
	used     int64         // bytes kept, with segmentCost for each segment and line
	changed  chan struct{} // made when somebody asks for it
	dropping bool          // a connection has Dropped
	arrived  arrivals      // segments that are not in their connections yet

	connections []*Connection
	unsettled   []*Connection // those of a joint capture that have no number yet
	recorded    int           // connections, by this server
	joint       bool          // other servers have, or may have, some of it
	lines       []Line
	marks       int // that were set
}

// mostMarks is how many marks a capture takes: each is a document of its feed.
const mostMarks = 1000

// Now is the time on the capture's own clock. It begins with the machine's and
// goes on evenly when that one is set, so that what came later is never earlier.
func (c *Capture) Now() time.Time { return c.clock(time.Now()) }

// clock puts a time of this process on the capture's clock.
func (c *Capture) clock(at time.Time) time.Time { return c.began.Add(at.Sub(c.began)) }

// ID returns the name under which the store has the capture.
func (c *Capture) ID() string { return c.id }

// Snapshot returns the connections as they are now. Nothing is copied but the gaps:
// the slices are shared with the capture, which only ever appends to them, or makes
// new ones; nobody may change what is in them. It is empty once the capture has
// expired.
func (c *Capture) Snapshot() []Connection {
	c.mu.Lock()
	defer c.mu.Unlock()

	c.settle(settleTime)
	c.deliver()
	c.tighten()
	snapshot := make([]Connection, len(c.connections))
	for i, connection := range c.connections {
		snapshot[i] = *connection
		snapshot[i].Client = slices.Clip(connection.Client)
		snapshot[i].Server = slices.Clip(connection.Server)
		snapshot[i].Segments = slices.Clip(connection.Segments)
		snapshot[i].Gaps = slices.Clone(connection.Gaps)
		snapshot[i].Ends = slices.Clip(connection.Ends)
		snapshot[i].Streams = slices.Clip(connection.Streams)
	}
	return snapshot
}

// deliver puts what has arrived where it belongs.
func (c *Capture) deliver() { c.arrived.deliver(c.began, c.followers.Load() > 0) }

// tighten lets go of the room for more that connections have which are over; and if
// nobody follows the capture, those that go on: they are not soon asked for again.
func (c *Capture) tighten() {
	followed := c.followers.Load() > 0
	for connection := range c.all() {
		if followed && !connection.over() {
			continue
		}
		connection.Client, connection.Server = tight(connection.Client), tight(connection.Server)
		connection.Segments = tight(connection.Segments)
	}
}

// Changed returns a channel that is closed at the next change; expiring is one.
// To miss nothing, ask for the channel first and for the snapshot after it.
func (c *Capture) Changed() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()

	if c.changed == nil {
		c.changed = make(chan struct{})
		if c.expired.Load() {
			close(c.changed)
		}
	}
	return c.changed
}

// Expired reports whether the store has let the capture go.
func (c *Capture) Expired() bool {
	return c.expired.Load()
}

// Mark sets a mark, and returns its number: what follows the capture passes it
// once it has all that was recorded before.
func (c *Capture) Mark() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.expired.Load() && c.marks < mostMarks {
		c.settle(0)
		c.marks++
		c.wake()
	}
	return c.marks
}

// Marks returns the number of the newest mark. What was recorded before it is
// in a snapshot taken after the call.
func (c *Capture) Marks() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.marks
}

// Follow keeps the capture from expiring, and from making room for others, until
// release is called: its age counts from then.
func (c *Capture) Follow() (release func()) {
	c.followers.Add(1)
	return sync.OnceFunc(func() {
		c.written.Store(c.store.now())
		if c.followers.Add(-1) == 0 {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.deliver()
			c.tighten()
		}
	})
}

// Watch notes that a page of the site watches the capture: its ID is one that
// the site has made.
func (c *Capture) Watch() { c.watched.Store(true) }

// Watched tells whether Watch was called.
func (c *Capture) Watched() bool { return c.watched.Load() }

// connect adds a connection.
func (c *Capture) connect(peer, local net.Addr, hop, protocol string) (*Connection, error) {
	c.mu.Lock()
	defer c.mu.Unlock()

	if c.expired.Load() {
		return nil, ErrExpired
	}
	c.recorded++
	connection := &Connection{
		Peer:     peer.String(),
		Local:    local.String(),
		Hop:      hop,
		Protocol: protocol,
		Origin:   Origin{Number: c.recorded},
		Began:    c.Now().UTC().Round(0),
	}
	if !c.add(connection) {
		return nil, ErrFull
	}
	return connection, nil
}

// addStream notes that a stream is the capture's. It returns false once the
// capture has expired.
func (c *Capture) addStream(connection *Connection, id uint32) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.expired.Load() {
		return false
	}
	connection.Streams = append(connection.Streams, id)
	c.touch()
	return true
}

// write adds a segment, or as much of it as there is room for. A capture that is
// full lets go of older ones for it. It returns false once the capture has expired.
func (c *Capture) write(connection *Connection, from Side, at time.Time, p []byte) bool {
	if c.store.full() {
		c.makeRoom(connection)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.expired.Load() {
		return false
	}
	if !c.drops(connection) && (c.room(connection) < len(p) || c.store.full()) {
		c.letGo(int64(len(p)) + segmentCost)
	}
	if kept := p[:min(c.room(connection), len(p))]; len(kept) > 0 && !c.store.full() {
		c.arrived.add(connection, from, at.Sub(c.began), kept)
		c.hold(int64(len(kept)) + segmentCost)
		p = p[len(kept):]
	}
	if len(p) > 0 {
		c.dropped(connection, int64(len(p)))
	}
	c.touch()
	return true
}

// letGo makes room for so much, and for more, so that it is not called for each
// segment: the oldest segments go, of whatever connection, but for the openings. Those
// that are in their connections are the oldest by their times, and then come the others
// in the order in which they were recorded.
func (c *Capture) letGo(need int64) {
	need = max(need, c.used/4)
	opening := c.opening()
	if need -= c.letGoDelivered(opening, need); need > 0 {
		c.hold(-c.arrived.letGo(c.began, opening, need))
	}
}

// letGoDelivered is letGo among the segments that are in their connections, which came
// before the others. It returns what those have counted that are gone.
func (c *Capture) letGoDelivered(opening, need int64) (cost int64) {
	type piece struct {
		at   time.Time
		cost int64
	}
	var oldest []piece
	for connection := range c.all() {
		for s := range connection.behind(opening) {
			oldest = append(oldest, piece{s.At, int64(s.Length) + segmentCost})
		}
	}
	if len(oldest) == 0 {
		return 0
	}
	slices.SortFunc(oldest, func(a, b piece) int { return a.at.Compare(b.at) })
	last := 0
	for ; last < len(oldest)-1 && oldest[last].cost < need; last++ {
		need -= oldest[last].cost
	}
	for connection := range c.all() {
		var old sides[int]
		for s := range connection.behind(opening) {
			if !s.At.After(oldest[last].at) {
				*old.of(s.From)++
			}
		}
		cost += connection.letGo(opening, old)
	}
	c.hold(-cost)
	return cost
}

// opening is how many bytes of each side of a connection stay, to the end of a segment:
// without the head of a response, or a handshake, nothing that comes later can be read.
// Where there are many connections it is less, so that there is room for what is new.
func (c *Capture) opening() int64 {
	n := int64(len(c.connections) + len(c.unsettled))
	return min(max(c.store.limits.CaptureBytes/(6*max(1, n)), leastOpening), mostOpening)
}

const leastOpening, mostOpening = 1 << 10, 16 << 10

// drop counts bytes that are lost already. From then on there is no room.
func (c *Capture) drop(connection *Connection, n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.expired.Load() {
		return
	}
	c.dropped(connection, n)
	c.touch()
}

func (c *Capture) dropped(connection *Connection, n int64) {
	connection.Dropped += n
	c.dropping = true
}

// drops tells whether nothing more of the connection is kept. As long as that is so of
// none, their memory is left alone.
func (c *Capture) drops(connection *Connection) bool { return c.dropping && connection.Dropped > 0 }

// end notes that a side has stopped sending.
func (c *Capture) end(connection *Connection, from Side, at time.Time, how string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.expired.Load() || connection.ended(from, how) {
		return
	}
	connection.Ends = append(connection.Ends, End{From: from, At: c.clock(at), How: how})
	c.touch()
}

// hold counts bytes that the capture holds from now on, or, below zero, no longer.
func (c *Capture) hold(n int64) {
	c.used += n
	c.owner.used.Add(n)
	c.store.used.Add(n)
}

// Empty reports whether nothing has been recorded yet.
func (c *Capture) Empty() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.connections)+len(c.unsettled) == 0
}

// room says how many bytes the next segment may have, as far as the capture is
// concerned.
func (c *Capture) room(connection *Connection) int {
	if c.drops(connection) {
		return 0
	}
	return int(max(0, c.store.limits.CaptureBytes-c.used-segmentCost))
}

// makeRoom has others go, if that lets the connection go on.
func (c *Capture) makeRoom(connection *Connection) {
	c.mu.Lock()
	room := c.room(connection)
	c.mu.Unlock()

	if room > 0 {
		c.store.trim(c)
	}
}

// touch makes the capture the last one to have changed, and says so.
func (c *Capture) touch() {
	c.written.Store(c.store.now())
	c.wake()
}

// wake says that there is something new.
func (c *Capture) wake() {
	if c.changed != nil {
		close(c.changed)
		c.changed = nil
	}
}

// expire lets go of everything, also of what a connection that is still open
// would hold on to.
func (c *Capture) expire() {
	c.mu.Lock()
	defer c.mu.Unlock()

	for connection := range c.all() {
		*connection = Connection{}
	}
	c.connections, c.unsettled, c.lines, c.arrived = nil, nil, nil, arrivals{}
	c.hold(-c.used)
	c.expired.Store(true)
	c.touch()
}
