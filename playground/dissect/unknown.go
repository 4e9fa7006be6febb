package dissect

import "cmp"

// unknown shows bytes that follow no grammar that is known here, in blocks,
// so that the result does not depend on how they were split into segments.
type unknown struct {
	h          *Direction
	block      []byte
	violations []Violation // of the first block
	incomplete bool        // the first block is the start of something that was cut
	says       string      // if it is not that nothing is known of it
}

// unknownBlock is the size of a block, in bytes.
const unknownBlock = 16 << 10

// NewUnknown returns a parser for bytes that follow no grammar that is known here.
func NewUnknown(h *Direction) Parser { return &unknown{h: h} }

func (u *unknown) Parse(p []byte) int {
	p = p[:min(len(p), unknownBlock-len(u.block))]
	u.block = append(u.block, p...)
	if len(u.block) == unknownBlock {
		u.emit(u.h.Offset + int64(len(p)))
	}
	return len(p)
}

func (u *unknown) End() {
	if len(u.block) > 0 {
		u.emit(u.h.Offset)
	}
}

// emit shows the block, which ends at the offset.
func (u *unknown) emit(end int64) {
	n := len(u.block)
	var l FieldList
	l.AddBytes(dataFields.Data, n, u.block)
	says := cmp.Or(u.says, say.DataUnknown)
	u.h.Emit(Frame{
		Offset: end - int64(n), Length: n,
		Protocol: "data", Kind: "unknown", Say: []Phrase{Number(says, n)},
		Fields: l.Fields, Violations: u.violations, Incomplete: u.incomplete,
	})
	u.block, u.violations, u.incomplete = u.block[:0], nil, false
}

// GiveUp goes on as unknown data, the last taken bytes included: they are
// those before the direction's offset plus n, the part of p that is being parsed.
func (h *Direction) GiveUp(taken []byte, n int, violations ...Violation) {
	u := &unknown{h: h, violations: violations}
	h.Replay(taken, n, u)
}

// EmitCut shows the bytes, which were taken last, as the start of something that
// was cut before it could be told what it is.
func (h *Direction) EmitCut(taken []byte) {
	u := &unknown{h: h, block: taken, incomplete: true}
	u.End()
}
