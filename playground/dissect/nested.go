package dissect

// A Nested reads the content of a message as another protocol. What is content lies
// in pieces among the bytes of the connection: its frames are given their places
// there.
type Nested struct {
	outer, inner *Direction
	stream       uint32
	pieces       []nestedPiece // of the content, from the first byte that no frame has yet

	firstInner, firstOuter int64 // where the message began that is going on
}

// A nestedPiece is a run of the content.
type nestedPiece struct {
	inner, outer int64 // offsets: in the content, and in the direction's bytes
	length       int
}

// maxNestedValues bounds, in bytes, the values of the pieces of one field together.
const maxNestedValues = 1 << 20

// NewNested returns the content of a stream, which next reads.
func NewNested(h *Direction, stream uint32, exchange int, next func(*Direction) Parser) *Nested {
	n := &Nested{outer: h, stream: stream}
	n.inner = &Direction{
		c: h.c, From: h.From, Exchange: exchange, Protocols: h.Protocols,
		Description: h.Description, Inflation: h.Inflation, nested: n.emit,
	}
	n.inner.Parser = next(n.inner)
	return n
}

// Write implements Content.
func (n *Nested) Write(p []byte) int {
	last := len(n.pieces) - 1
	if last < 0 || n.pieces[last].outer+int64(n.pieces[last].length) != n.outer.Offset {
		n.pieces = append(n.pieces, nestedPiece{n.inner.Offset, n.outer.Offset, 0})
	}
	n.grow(len(p))
	n.inner.At = n.outer.At
	took := n.inner.Parser.Parse(p)
	n.inner.Offset += int64(took)
	n.grow(took - len(p))
	return took
}

// grow makes the last piece larger, or smaller.
func (n *Nested) grow(bytes int) { n.pieces[len(n.pieces)-1].length += bytes }

// Inside implements Content. What is nested does not come compressed.
func (n *Nested) Inside(int64) {}

// End implements Content.
func (n *Nested) End() {
	n.inner.At, n.inner.closed = n.outer.At, n.outer.closed
	n.inner.end()
}

// emit gives a frame its place in the connection.
func (n *Nested) emit(f Frame) {
	end := f.Offset + int64(f.Length)
	var fields []Field
	for _, field := range f.Fields {
		fields = append(fields, n.cut(field, f.Offset)...)
	}
	start, last := n.place(f.Offset), n.place(max(f.Offset, end-1))
	for i := range fields {
		fields[i].Offset -= int(start)
	}
	if f.Fields = fields; fields == nil {
		f.Fields = []Field{}
	}
	if m := f.Message; m != nil {
		if m.Fragment == 1 {
			n.firstInner, n.firstOuter = m.First, start
		}
		if m.First == n.firstInner {
			m.First = n.firstOuter
		}
	}
	if f.Length > 0 {
		f.Length = int(last-start) + 1
	}
	f.Offset, f.Stream = start, n.stream
	n.outer.Emit(f)
	for len(n.pieces) > 1 && n.pieces[0].inner+int64(n.pieces[0].length) <= end {
		n.pieces = n.pieces[1:]
	}
}

// place is where a byte of the content lies.
func (n *Nested) place(inner int64) int64 {
	for _, p := range n.pieces {
		if inner < p.inner+int64(p.length) {
			return p.outer + max(0, inner-p.inner)
		}
	}
	return n.outer.Offset
}

// cut divides a field of a frame as the content is divided. The offsets are those
// of the direction.
func (n *Nested) cut(field Field, frame int64) (cut []Field) {
	at, left := frame+int64(field.Offset), field.Length
	mask := field.Mask
	for _, p := range n.pieces {
		if left == 0 {
			break
		}
		if at >= p.inner+int64(p.length) {
			continue
		}
		one := field
		one.Offset = int(p.outer + at - p.inner)
		one.Length = min(left, int(p.inner+int64(p.length)-at))
		if mask != "" {
			one.Mask, mask = mask[:2*one.Length], mask[2*one.Length:]
		}
		at, left = at+int64(one.Length), left-one.Length
		cut = append(cut, one)
	}
	if len(cut) > 1 {
		value := Clip(field.Value, maxNestedValues/len(cut))
		for i := range cut {
			cut[i].Piece, cut[i].Pieces, cut[i].Value = i+1, len(cut), value
		}
	}
	return cut
}
