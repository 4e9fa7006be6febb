package websocket

import "seewire/playground/dissect"

// checkHead holds a frame's header against RFC 6455 §5.
func (w *reader) checkHead() {
	h := w.head
	if h.masked != (w.h.From == dissect.Client) {
		if h.masked {
			w.violations.Add(rules[maskedServerFrame])
		} else {
			w.violations.Add(rules[unmaskedClientFrame])
		}
	}
	if unknown := h.rsv2 || h.rsv3 || h.rsv1 && w.inflate == nil; unknown && w.foreign == "" {
		w.violations.Add(rules[reservedBit])
	} else if !unknown && h.rsv1 && (h.control() || h.opcode == opContinuation) {
		w.violations.Add(rules[compressedBit])
	}
	if kindOf(h.opcode) == "reserved" {
		w.violations.Add(rules[reservedOpcode])
	}
	if extended := w.header[1] & 0x7F; extended == 126 && h.length < 126 || extended == 127 && h.length < 1<<16 {
		w.violations.Add(rules[lengthNotMinimal])
	}
	if h.length >= 1<<63 {
		w.violations.Add(rules[lengthHighBit])
	}
	if h.control() && h.length > 125 {
		w.violations.Add(rules[controlTooLong])
	}
	if h.control() && !h.fin {
		w.violations.Add(rules[controlFragmented])
	}
}
