package dissect

// A Room is memory for frames and for what is in them: small things that there are many
// of come out of one block.
type Room struct {
	found   []Frame // since the last Feed or End
	fields  block[Field]
	phrases block[Phrase]
	states  block[SSE]
	events  block[Event]
}

// Reset has the room used again: nobody wants the frames any more that it has.
func (r *Room) Reset() {
	r.fields.reset()
	r.phrases.reset()
	r.states.reset()
	r.events.reset()
}

// A block is where the next things lie. Where it is full, there is another one.
type block[T any] struct {
	now        []T
	full, free [][]T // others of maxBlock things each: full since the last reset, and free from before it
}

const minBlock, maxBlock, keptBlocks = 8, 256, 16

// take returns a list of n things, which is not nil where n is 0 either: in JSON that
// would be another value.
func (b *block[T]) take(n int) []T {
	if b.now == nil || cap(b.now)-len(b.now) < n {
		b.next(n)
	}
	used := len(b.now)
	b.now = b.now[:used+n]
	return b.now[used : used+n : used+n]
}

// next has the next things lie in another block.
func (b *block[T]) next(n int) {
	if cap(b.now) == maxBlock && len(b.full) < keptBlocks {
		b.full = append(b.full, b.now)
	}
	if last := len(b.free) - 1; last >= 0 && n <= maxBlock {
		b.now, b.free = b.free[last], b.free[:last]
		return
	}
	b.now = make([]T, 0, max(n, minBlock, min(2*cap(b.now), maxBlock)))
}

func (b *block[T]) reset() {
	for _, full := range b.full[:min(len(b.full), keptBlocks-len(b.free))] {
		b.free = append(b.free, full[:0])
	}
	b.full, b.now = b.full[:0], b.now[:0]
}

func (b *block[T]) put(one T) *T {
	p := b.take(1)
	p[0] = one
	return &p[0]
}

// Fields returns an empty list with room for so many.
func (h *Direction) Fields(n int) []Field { return h.c.room.fields.take(n)[:0] }

// Phrases does what Fields does.
func (h *Direction) Phrases(n int) []Phrase { return h.c.room.phrases.take(n)[:0] }

// Say returns what a frame says.
func (h *Direction) Say(phrases ...Phrase) []Phrase {
	return append(h.Phrases(len(phrases)), phrases...)
}

// State returns the state of an event stream, for a frame.
func (h *Direction) State(s SSE) *SSE { return h.c.room.states.put(s) }

// Event returns an event that a frame has dispatched.
func (h *Direction) Event(e Event) *Event { return h.c.room.events.put(e) }
