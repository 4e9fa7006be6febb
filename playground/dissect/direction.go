package dissect

import (
	"cmp"
	"time"
)

// A Direction is what one side sends.
type Direction struct {
	From      Side
	At        time.Time // when the bytes that are being parsed were there
	Offset    int64     // of the first byte that no parser has taken yet
	Parser    Parser
	Exchange  int        // the one that its frames belong to; 0 for none
	Protocols *Protocols // what a parser can hand over to

	// What the connection may take, both directions together.
	Description, Inflation *Share

	c      *Conversation
	nested func(Frame) // takes the frames of what another protocol carries
	gap    bool        // bytes are missing before the next ones
	ended  bool
	closed bool // by the side itself, and not by the end of the recording
	spent  bool // the budget ended: the rest is unknown data

	stopped Parser // before a gap, or before bytes that are passed
	passed  int64  // bytes, which goes on
}

// Closed tells whether the side has said that it will send nothing more: else what
// is unfinished may only not be recorded.
func (h *Direction) Closed() bool { return h.closed }

// A Parser reads the bytes of one direction for as long as they follow one
// grammar. It sees each byte once and keeps for itself what it needs again.
type Parser interface {
	// Parse takes bytes from the start of p, at most to the end of one frame,
	// and returns how many. p starts at the direction's offset and is not empty.
	// A parser that is done puts the next one in its place.
	Parse(p []byte) int

	// End emits what is unfinished.
	End()
}

// A Resumer is a parser that can go on behind a gap in the recording. Resume is
// called after End, and returns the parser of what follows; n bytes are missing.
// Where it is not sure, the bytes may show that they are something else.
type Resumer interface {
	Resume(n int64) (next Parser, sure bool)
}

// NextExchange counts another request, or a response that answers none, and
// returns its number on the connection.
func (h *Direction) NextExchange() int {
	h.c.exchanges++
	return h.c.exchanges
}

func (h *Direction) feed(at time.Time, p []byte) {
	h.At = at
	if h.passed > 0 && len(p) > 0 {
		h.stop()
		h.resume(0)
	}
	if h.gap && len(p) > 0 {
		h.gap = false
		if next := h.Protocols.Resume(h, p); next != nil {
			h.Parser = next
		}
	}
	for len(p) > 0 {
		if h.Description.Over() && !h.spent {
			h.spent = true
			h.end()
			h.At = at // end may have gone back to bytes that were held
			h.Parser = &unknown{h: h, says: say.DataUndescribed}
		}
		n := h.Parser.Parse(p)
		if h.spent {
			h.Description.LeaveOut(n)
		}
		h.Offset += int64(n)
		p = p[n:]
	}
}

// end lets the parser emit what is unfinished. Bytes that come later all the
// same belong to nothing that is known.
func (h *Direction) end() {
	last := h.Parser
	h.Parser = NewUnknown(h)
	last.End()
}

// pass shows bytes as unknown data.
func (h *Direction) pass(at time.Time, p []byte) {
	h.At = at
	if h.passed == 0 {
		h.stop()
		h.Parser = &unknown{h: h, says: say.DataUndescribed}
	}
	h.passed += int64(len(p))
	for len(p) > 0 {
		n := h.Parser.Parse(p)
		h.Description.LeaveOut(n)
		h.Offset += int64(n)
		p = p[n:]
	}
}

// stop ends the parser before bytes that it does not see.
func (h *Direction) stop() {
	if h.passed > 0 { // it has ended before
		h.end()
		return
	}
	at := h.At
	if w, ok := h.Parser.(*Waiting); ok {
		w.Release(NewUnknown(h))
	}
	h.stopped = h.Parser
	h.end()
	h.At = at // end may have gone back to bytes that were held
}

// resume goes on behind n bytes, and those that were passed, with what was stopped
// before them.
func (h *Direction) resume(n int64) {
	n, h.passed = n+h.passed, 0
	h.gap = true
	if r, ok := h.stopped.(Resumer); ok {
		next, sure := r.Resume(n)
		h.Parser, h.gap = next, !sure
	}
}

// Emit shows a frame, at the cost of the connection.
func (h *Direction) Emit(f Frame) {
	if h.nested != nil {
		h.nested(f)
		return
	}
	f.Connection = h.c.connection
	f.From = h.From
	if f.At.IsZero() {
		f.At = h.At
	}
	f.Exchange = cmp.Or(f.Exchange, h.Exchange)
	h.Description.Take(cost(&f))
	h.c.room.found = append(h.c.room.found, f)
}

// Complete says that the frame which was shown last ends the message that the
// direction carries.
func (h *Direction) Complete() {
	found := h.c.room.found
	for i := len(found) - 1; i >= 0; i-- {
		if f := &found[i]; f.From == h.From {
			f.Ends = Complete
			return
		}
	}
}

// cost is about what a frame takes in memory or as JSON, in bytes. A line of an
// event stream stays in the parser's buffers too.
func cost(f *Frame) int {
	n := 220 + 100*len(f.Fields) + 50*len(f.Say)
	for _, h := range f.Headers {
		n += 40 + len(h.Name) + len(h.Value)
	}
	for i := range f.Fields {
		n += len(f.Fields[i].Value)
	}
	if s := f.SSE; s != nil {
		n += 100 + f.Length + len(s.Data) + len(s.Type) + len(s.ID) + len(s.LastEventID)
		if e := s.Event; e != nil {
			n += 50 + len(e.Type) + len(e.Data) + len(e.LastEventID)
		}
	}
	return n
}
