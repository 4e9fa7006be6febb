package dissect

func (w *webSocket) violate(broken rule) { w.violations = append(w.violations, rules[broken]) }

// checkHead holds a frame's header against RFC 6455 §5.
func (w *webSocket) checkHead() {
	h := w.head
	if h.masked != (w.h.from == Client) {
		if h.masked {
			w.violate(maskedServerFrame)
		} else {
			w.violate(unmaskedClientFrame)
		}
	}
	if h.rsv2 || h.rsv3 || h.rsv1 && w.inflate == nil {
		w.violate(reservedBit)
	} else if h.rsv1 && (h.control() || h.opcode == opContinuation) {
		w.violate(compressedBit)
	}
	if kindOf(h.opcode) == "reserved" {
		w.violate(reservedOpcode)
	}
	if extended := w.header[1] & 0x7F; extended == 126 && h.length < 126 || extended == 127 && h.length < 1<<16 {
		w.violate(lengthNotMinimal)
	}
	if h.length >= 1<<63 {
		w.violate(lengthHighBit)
	}
	if h.control() && h.length > 125 {
		w.violate(controlTooLong)
	}
	if h.control() && !h.fin {
		w.violate(controlFragmented)
	}
}
