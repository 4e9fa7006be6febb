package websocket

import "seewire/playground/dissect"

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
func sayOf(opcode byte) dissect.Phrase {
	switch opcode {
	case opContinuation:
		return dissect.Phrase{Key: say.Continuation}
	case opText:
		return dissect.Phrase{Key: say.Text}
	case opBinary:
		return dissect.Phrase{Key: say.Binary}
	case opClose:
		return dissect.Phrase{Key: say.Close}
	case opPing:
		return dissect.Phrase{Key: say.Ping}
	case opPong:
		return dissect.Phrase{Key: say.Pong}
	}
	return dissect.Number(say.Reserved, int(opcode))
}
