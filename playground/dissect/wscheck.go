package dissect

// checkHead holds a frame's header against RFC 6455 §5.
func (w *webSocket) checkHead() {
	h := w.head
	if h.masked != (w.h.from == Client) {
		if h.masked {
			w.violations.add(maskedServerFrame)
		} else {
			w.violations.add(unmaskedClientFrame)
		}
	}
	if h.rsv2 || h.rsv3 || h.rsv1 && w.inflate == nil {
		w.violations.add(reservedBit)
	} else if h.rsv1 && (h.control() || h.opcode == opContinuation) {
		w.violations.add(compressedBit)
	}
	if kindOf(h.opcode) == "reserved" {
		w.violations.add(reservedOpcode)
	}
	if extended := w.header[1] & 0x7F; extended == 126 && h.length < 126 || extended == 127 && h.length < 1<<16 {
		w.violations.add(lengthNotMinimal)
	}
	if h.length >= 1<<63 {
		w.violations.add(lengthHighBit)
	}
	if h.control() && h.length > 125 {
		w.violations.add(controlTooLong)
	}
	if h.control() && !h.fin {
		w.violations.add(controlFragmented)
	}
}
