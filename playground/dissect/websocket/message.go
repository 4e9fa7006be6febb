package websocket

import "seewire/playground/dissect"

// sum says what the current frame, which begins at an offset, and the fragments
// before it add up to; nil for a control frame, and for a message in one frame.
func (w *reader) sum(offset int64) *dissect.Message {
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
	return &dissect.Message{
		First: m.first, Fragment: m.fragments, Length: m.length,
		Compressed: m.compressed, Takeover: m.compressed && w.inflate.takeover, Inflated: m.inflated,
	}
}
