package wire

import "time"

// Arrivals are segments of all connections of a capture, in the order in which they
// were recorded, one behind the other: where a message goes to hundreds of connections,
// the end of each connection's own bytes would have to come from memory first. They go
// to their connections when somebody asks for those.
type arrivals struct {
	segments []arrival
	blocks   [][]byte // their bytes
}

type arrival struct {
	connection *Connection
	Segment    // without Offset
}

// Sizes of a block.
const (
	firstBlock = 1 << 10
	block      = 64 << 10
)

// add adds a segment.
func (a *arrivals) add(to *Connection, from Side, at time.Time, p []byte) {
	a.segments = append(roomy(a.segments, 1), arrival{to, Segment{From: from, At: at, Length: len(p)}})
	last := len(a.blocks) - 1
	if last < 0 || cap(a.blocks[last])-len(a.blocks[last]) < len(p) {
		size := firstBlock
		if last >= 0 {
			size = min(2*cap(a.blocks[last]), block)
		}
		a.blocks = append(a.blocks, make([]byte, 0, max(size, len(p))))
		last++
	}
	a.blocks[last] = append(a.blocks[last], p...)
}

// Spare is what is kept for what arrives next, where somebody follows it: as much as
// some streams bring in a quarter of a second.
const (
	spareBytes    = 8 << 10
	spareSegments = 64
)

// deliver puts the segments where they belong.
func (a *arrivals) deliver(followed bool) {
	var rest []byte
	next := 0
	for _, s := range a.segments {
		for len(rest) < s.Length { // a block that was kept has stayed empty where the first segment was larger
			rest, next = a.blocks[next], next+1
		}
		p := rest[:s.Length]
		rest = rest[s.Length:]
		bytes := s.connection.bytes(s.From)
		s.Offset = int64(len(*bytes))
		s.connection.Segments = append(roomy(s.connection.Segments, 1), s.Segment)
		*bytes = append(roomy(*bytes, len(p)), p...)
	}
	last := len(a.blocks) - 1
	if !followed || last < 0 || cap(a.blocks[last]) > spareBytes || cap(a.segments) > spareSegments {
		*a = arrivals{}
		return
	}
	a.blocks[0] = a.blocks[last][:0]
	clear(a.segments)
	clear(a.blocks[1:])
	a.segments, a.blocks = a.segments[:0], a.blocks[:1]
}

// roomy has room for n more. What has none doubles, and from largeRoom on grows by a
// half: append itself grows what is large by a quarter, and copies each byte four
// times before it lies where it stays.
func roomy[T any](s []T, n int) []T {
	need := len(s) + n
	if need <= cap(s) {
		return s
	}
	more := cap(s)
	if more > largeRoom {
		more /= 2
	}
	larger := make([]T, len(s), max(need, cap(s)+more, 8))
	copy(larger, s)
	return larger
}

const largeRoom = 1 << 18 // elements

// tight has no room for more, or little.
func tight[T any](s []T) []T {
	if cap(s)-len(s) <= len(s)/8 {
		return s
	}
	tight := make([]T, len(s))
	copy(tight, s)
	return tight
}
