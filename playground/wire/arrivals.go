package wire

import (
	"bytes"
	"slices"
	"time"
)

// Arrivals are segments of all connections of a capture, in the order in which they
// were recorded, one behind the other: where a message goes to hundreds of connections,
// the end of each connection's own bytes would have to come from memory first. Such a
// message is there once. They go to their connections when somebody asks for those. If
// nobody does until there is no more room, the oldest are let go, and of them only the
// openings of the connections stay.
type arrivals struct {
	segments []arrival
	blocks   [][]byte // their bytes
	gone     int32    // blocks that were before these
}

// An arrival has what has to be written for each segment, in half a line of the
// processor's cache.
type arrival struct {
	connection *Connection
	at         time.Duration // since the capture began
	block      int32         // in which its bytes are
	offset     int32
	length     int32
	fromServer bool
}

// Sizes of a block.
const (
	firstBlock = 1 << 10
	block      = 64 << 10
)

// add adds a segment. No Read or Write, nor a capture, is as large as 2 GiB.
func (a *arrivals) add(to *Connection, from Side, at time.Duration, p []byte) {
	arrived := arrival{connection: to, at: at, length: int32(len(p)), fromServer: from == Server}
	if n := len(a.segments); n > 0 && bytes.Equal(a.bytes(a.segments[n-1]), p) {
		arrived.block, arrived.offset = a.segments[n-1].block, a.segments[n-1].offset
	} else {
		arrived.block, arrived.offset = a.put(p)
	}
	a.segments = append(roomy(a.segments, 1), arrived)
}

// put puts bytes behind those that are there.
func (a *arrivals) put(p []byte) (where, offset int32) {
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
	return a.gone + int32(last), int32(len(a.blocks[last]) - len(p))
}

func (a *arrivals) bytes(s arrival) []byte { return a.blocks[s.block-a.gone][s.offset:][:s.length] }

func (s arrival) from() Side {
	if s.fromServer {
		return Server
	}
	return Client
}

// Spare is what is kept for what arrives next, where somebody follows it: as much as
// some streams bring in a quarter of a second.
const (
	spareBytes    = 8 << 10
	spareSegments = 64
)

// deliver puts the segments where they belong. Their times count from began.
func (a *arrivals) deliver(began time.Time, followed bool) {
	for _, s := range a.segments {
		a.place(began, s)
	}
	last := len(a.blocks) - 1
	if !followed || last < 0 || cap(a.blocks[last]) > spareBytes || cap(a.segments) > spareSegments {
		*a = arrivals{}
		return
	}
	a.blocks[0] = a.blocks[last][:0]
	clear(a.segments)
	clear(a.blocks[1:])
	a.segments, a.blocks, a.gone = a.segments[:0], a.blocks[:1], 0
}

func (a *arrivals) place(began time.Time, s arrival) {
	p, all := a.bytes(s), s.connection.bytes(s.from())
	segment := Segment{From: s.from(), At: began.Add(s.at), Offset: int64(len(*all)), Length: len(p)}
	s.connection.Segments = append(roomy(s.connection.Segments, 1), segment)
	*all = append(roomy(*all, len(p)), p...)
}

// letGo lets the oldest segments go, until those that are gone have counted as much as is
// needed, and returns that. What belongs to an opening is delivered: no segment behind an
// opening may have been delivered before.
func (a *arrivals) letGo(began time.Time, opening, need int64) (cost int64) {
	n := 0
	for ; n < len(a.segments) && cost < need; n++ {
		s := a.segments[n]
		if gap := s.connection.open(s.from(), opening); gap != nil {
			gap.Length += int64(s.length)
			cost += int64(s.length) + segmentCost
		} else {
			a.place(began, s)
		}
	}
	if n == len(a.segments) {
		*a = arrivals{}
		return cost
	}
	a.segments = slices.Delete(a.segments, 0, n)
	blocks := a.segments[0].block - a.gone
	a.blocks, a.gone = slices.Delete(a.blocks, 0, int(blocks)), a.gone+blocks
	return cost
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
