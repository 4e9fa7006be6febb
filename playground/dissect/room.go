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
	r.fields, r.phrases, r.states, r.events = r.fields[:0], r.phrases[:0], r.states[:0], r.events[:0]
}

// A block is where the next things lie. Where it is full, there is another one.
type block[T any] []T

const minBlock, maxBlock = 8, 256

func (b *block[T]) take(n int) []T {
	used := len(*b)
	if *b == nil || cap(*b)-used < n {
		*b, used = make([]T, 0, max(n, minBlock, min(2*cap(*b), maxBlock))), 0
	}
	*b = (*b)[:used+n]
	return (*b)[used : used+n : used+n]
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
