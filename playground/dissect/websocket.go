package dissect

// A webSocket reads the frames of one direction (RFC 6455 §5).
type webSocket struct {
	h       *direction
	inflate *messageInflater // nil where permessage-deflate was not agreed on

	header     []byte  // of the current frame, as far as it is there
	head       wsHead  // what it says, once it is complete
	taken      uint64  // of the payload
	payload    excerpt // unmasked
	violations violationList
	scratch    []byte // for unmasking

	message wsMessage // the one whose fragments are arriving
	open    bool      // there is one
	closed  bool      // a Close was sent
}

// A wsMessage is what the fragments of a message add up to.
type wsMessage struct {
	opcode     byte
	compressed bool
	inflated   *int // its length, once that is known
	first      int64
	fragments  int
	length     uint64
	text       utf8Check
	broken     bool // it was said that its text is not UTF-8
}

func newWebSocket(h *direction, agreed *deflate) *webSocket {
	w := &webSocket{h: h, scratch: make([]byte, 4<<10)}
	if agreed != nil {
		w.inflate = &messageInflater{takeover: agreed.takeover(h.from)}
	}
	return w
}

func (w *webSocket) parse(p []byte) int {
	var n int
	if need := headerLength(w.header); len(w.header) < need {
		n = min(need-len(w.header), len(p))
		w.header = append(w.header, p[:n]...)
		if len(w.header) < headerLength(w.header) {
			return n
		}
		w.begin()
	} else {
		n = int(min(uint64(len(p)), w.head.length-w.taken, uint64(len(w.scratch))))
		w.take(p[:n])
	}
	if w.taken == w.head.length {
		w.finish(w.h.offset + int64(n))
	}
	return n
}

// begin looks at a header that is complete.
func (w *webSocket) begin() {
	w.head = parseHead(w.header)
	w.checkHead()
	if w.head.control() {
		return
	}
	if w.closed {
		w.violations.add(dataAfterClose)
	}
	switch w.head.opcode {
	case opContinuation:
		if !w.open {
			w.violations.add(continuationWithoutStart)
			w.message = wsMessage{}
		}
	default:
		if w.open {
			w.violations.add(messageInterrupted)
		}
		w.message = wsMessage{opcode: w.head.opcode, compressed: w.head.rsv1 && w.inflate != nil}
		if w.message.compressed {
			w.inflate.begin()
		}
	}
	w.open = !w.head.fin
	w.message.fragments++
	w.message.length += w.head.length
}

// take unmasks bytes of the payload: each is XORed with a byte of the key, in
// turn (RFC 6455 §5.3).
func (w *webSocket) take(p []byte) {
	plain := w.scratch[:len(p)]
	for i, b := range p {
		plain[i] = b ^ w.head.key[(w.taken+uint64(i))%4]
	}
	w.taken += uint64(len(p))
	w.payload.write(plain)
	switch {
	case w.head.control():
	case w.message.compressed:
		w.inflate.write(plain)
	case w.message.opcode == opText:
		w.message.text.write(plain)
	}
}

func (w *webSocket) end() {
	if len(w.header) == 0 {
		return
	}
	f := Frame{
		Offset: w.h.offset - int64(len(w.header)) - int64(w.payload.n), Length: len(w.header) + w.payload.n,
		Protocol: "websocket", Kind: kindOf(w.header[0] & 0x0F), Say: []Phrase{{Key: say.WSHeader}}, Incomplete: true,
	}
	l := w.headerFields()
	if len(w.header) == headerLength(w.header) {
		f.Say = w.says(w.payload.n, w.payloadFields(&l))
		f.Message = w.sum(f.Offset)
	}
	f.Fields, f.Violations = l.fields, w.violations
	w.h.emit(f)
}

// finish shows the frame, which ends at the offset, and is ready for the next.
func (w *webSocket) finish(end int64) {
	l := w.headerFields()
	content := w.payloadFields(&l)
	f := Frame{
		Offset: end - int64(l.length), Length: l.length,
		Protocol: "websocket", Kind: kindOf(w.head.opcode),
		Say:    w.says(w.payload.n, content),
		Fields: l.fields, Violations: w.violations,
	}
	f.Message = w.sum(f.Offset)
	if w.head.opcode == opClose {
		w.closed = true
	}
	w.h.emit(f)
	w.header, w.taken, w.violations = w.header[:0], 0, nil
	w.payload.reset()
}
