package dissect

// What one document may cost. 8 MiB of anything are to take no more than 400 MiB
// of memory and five seconds of a processor.
const (
	// MaxDescription bounds, in bytes, what the frames take in memory. A frame of
	// two bytes is described by a thousand.
	MaxDescription = 96 << 20

	// MaxInflation bounds, in bytes that go in and come out, the work of
	// inflating what came compressed.
	MaxInflation = 128 << 20

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
	all, left int
	out       int64
	renewed   int // times
}

// NewBudget returns the budget of a document.
func NewBudget() *Budget { return BudgetOf(MaxDescription, MaxInflation) }

// BudgetOf returns a budget of so many bytes.
func BudgetOf(description, inflation int) *Budget {
	return &Budget{description: pool{all: description, left: description}, inflation: pool{all: inflation, left: inflation}}
}

// Connect counts a connection. It returns false where there is no place for it.
func (b *Budget) Connect() bool {
	b.connections++
	return b.connections <= MaxConnections
}

// Describe returns a function that takes the cost of a connection's frame, and
// tells whether there was room for it.
func (b *Budget) Describe() func(*Frame) bool {
	s := Share{pool: &b.description}
	return func(f *Frame) bool { return s.Take(cost(f)) }
}

// Inflate takes the work of inflating the document itself, and tells whether there
// was so much.
func (b *Budget) Inflate(n int) bool {
	s := Share{pool: &b.inflation}
	return s.Take(n)
}

// Low tells whether a third of the room for describing is taken, or more.
func (b *Budget) Low() bool { return b.description.left <= b.description.all/3*2 }

// Renew gives all room for describing back, to every connection: what was described
// is not held any more.
func (b *Budget) Renew() {
	b.description.left = b.description.all
	b.description.renewed++
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
	return b.description.all - b.description.left, b.inflation.all - b.inflation.left
}

// A Share is what one connection takes of a pool.
type Share struct {
	pool    *pool
	taken   int
	over    bool // it gets no more
	renewed int  // times, as far as it is known here
}

// NewShare returns a share of so many bytes that nobody else has, of which half may be
// taken.
func NewShare(n int) *Share { return &Share{pool: &pool{all: n, left: n}} }

// Take tells whether there was as much as that. Where not, there is nothing
// from then on.
func (s *Share) Take(n int) bool {
	if s.renewed != s.pool.renewed {
		s.renewed, s.taken = s.pool.renewed, 0
	}
	if s.over {
		return false
	}
	s.taken += n
	s.pool.left -= n
	s.over = s.taken > s.pool.left
	return !s.over
}

// Give gives back what is not needed any more.
func (s *Share) Give(n int) {
	s.taken -= n
	s.pool.left += n
}

// Over tells whether the connection gets no more.
func (s *Share) Over() bool { return s.over }

// Stop gives the connection no more.
func (s *Share) Stop() { s.over = true }

// LeaveOut counts what has been left out for want of more.
func (s *Share) LeaveOut(n int) { s.pool.out += int64(n) }
