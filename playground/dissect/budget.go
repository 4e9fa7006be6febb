package dissect

// What one document may cost. 8 MiB of anything are to take no more than 400 MiB
// of memory and five seconds of a processor.
const (
	// maxDescription bounds, in bytes, what the frames take in memory. A frame of
	// two bytes is described by a thousand.
	maxDescription = 96 << 20

	// maxInflation bounds, in bytes that go in and come out, the work of
	// inflating what came compressed.
	maxInflation = 128 << 20

	// MaxConnections bounds the connections that are read.
	MaxConnections = 256
)

// A Budget is what dissecting one document may cost, all its connections
// together. A connection may take as much as it leaves to all others: the first
// that is greedy gets half, the next one half of the rest, and one that is not
// finds something still.
//
// A Budget is not safe for concurrent use.
type Budget struct {
	description, inflation pool
	connections            int
}

// A pool is what is left of one thing, and what has been left out for want of it.
type pool struct {
	left int
	out  int64
}

// NewBudget returns the budget of a document.
func NewBudget() *Budget {
	return &Budget{description: pool{left: maxDescription}, inflation: pool{left: maxInflation}}
}

// Connect counts a connection. It returns false where there is no place for it.
func (b *Budget) Connect() bool {
	b.connections++
	return b.connections <= MaxConnections
}

// Describe returns a function that takes the cost of a connection's frame, and
// tells whether there was room for it.
func (b *Budget) Describe() func(*Frame) bool {
	s := share{pool: &b.description}
	return func(f *Frame) bool { return s.take(cost(f)) }
}

// Undescribed is how many bytes are shown as unknown data because there was no
// room for more frames.
func (b *Budget) Undescribed() int64 { return b.description.out }

// NotInflated is how many bodies and messages, or pieces of them, are shown as
// they came because inflating them would have taken too much work.
func (b *Budget) NotInflated() int64 { return b.inflation.out }

// Spent is what was taken, in bytes: of memory for frames, and of work for
// inflating.
func (b *Budget) Spent() (description, inflation int) {
	return maxDescription - b.description.left, maxInflation - b.inflation.left
}

// A share is what one connection takes of a pool.
type share struct {
	pool  *pool
	taken int
	over  bool // it gets no more
}

// take tells whether there was as much as that. Where not, there is nothing
// from then on.
func (s *share) take(n int) bool {
	if s.over {
		return false
	}
	s.taken += n
	s.pool.left -= n
	s.over = s.taken > s.pool.left
	return !s.over
}
