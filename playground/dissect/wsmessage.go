package dissect

// A Message is what a WebSocket frame and the fragments before it add up to. A
// frame has one where it is a fragment, or where its message is compressed.
type Message struct {
	First    int64  `json:"first"`    // the offset of the first fragment, in this direction of the connection
	Fragment int    `json:"fragment"` // this frame's number, from 1
	Length   uint64 `json:"length"`   // of the payloads so far, in bytes

	// Of permessage-deflate.
	Compressed bool `json:"compressed,omitempty"`
	Takeover   bool `json:"takeover,omitempty"` // it may refer to what earlier messages said (RFC 7692 §7.1.1)
	Inflated   *int `json:"inflated,omitempty"` // how long the whole message is, in bytes; absent before its end, and where it can't be inflated
}

// sum says what the current frame, which begins at an offset, and the fragments
// before it add up to; nil for a control frame, and for a message in one frame.
func (w *webSocket) sum(offset int64) *Message {
	m := &w.message
	if w.head.control() {
		return nil
	}
	if m.fragments == 1 {
		m.first = offset
		if w.head.fin && !m.compressed {
			return nil
		}
	}
	return &Message{
		First: m.first, Fragment: m.fragments, Length: m.length,
		Compressed: m.compressed, Takeover: m.compressed && w.inflate.takeover, Inflated: m.inflated,
	}
}
