package dissect

// Opcodes (RFC 6455 §5.2).
const (
	opContinuation = 0x0
	opText         = 0x1
	opBinary       = 0x2
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xA
)

// kindOf is the kind of a frame, by its opcode.
func kindOf(opcode byte) string {
	switch opcode {
	case opContinuation:
		return "continuation"
	case opText:
		return "text"
	case opBinary:
		return "binary"
	case opClose:
		return "close"
	case opPing:
		return "ping"
	case opPong:
		return "pong"
	}
	return "reserved"
}

// sayOf is what a frame says, by its opcode.
func sayOf(opcode byte) Phrase {
	switch opcode {
	case opContinuation:
		return Phrase{Key: say.WSContinuation}
	case opText:
		return Phrase{Key: say.WSText}
	case opBinary:
		return Phrase{Key: say.WSBinary}
	case opClose:
		return Phrase{Key: say.WSClose}
	case opPing:
		return Phrase{Key: say.WSPing}
	case opPong:
		return Phrase{Key: say.WSPong}
	}
	return number(say.WSReserved, int(opcode))
}
