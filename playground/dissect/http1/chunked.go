package http1

import (
	"bytes"
	"strconv"
	"strings"

	"seewire/playground/dissect"
	"seewire/playground/dissect/coding"
)

// maxChunkLine bounds the line with a chunk's size, in bytes.
const maxChunkLine = 4 << 10

// chunked reads a body in chunks (RFC 9112 §7.1): each a line with its size in
// hexadecimal, so many bytes, and a line end; the chunk of size 0 is the last,
// and header lines may follow it as a trailer section.
type chunked struct {
	c       *connection
	h       *dissect.Direction
	content dissect.Content // reads the data, if they are events
	coded   *coding.Body    // decodes the data, if they are under a coding
	done    func()
	state   chunkState

	start      int64  // where the chunk starts
	line       []byte // the size line, a line end after the data, or the trailer section
	fields     dissect.FieldList
	violations dissect.Violations
	size, left uint64
	resumed    uint64 // of the size: what came before a gap, and what is missing
	data       dissect.Excerpt
	inflated   int  // what the data add to what is inflated, in bytes
	begun      bool // there was a chunk
	behindGap  bool // it is not known where a chunk begins
	unchecked  bool // the start of the body is still to be looked at
	plain      func() dissect.Content
	trailer    int // where the trailer section's current line starts
}

type chunkState int

const (
	chunkSize chunkState = iota
	chunkData
	chunkEnd  // the line end after the data
	lastChunk // after the size 0
	trailerSection
)

func (c *chunked) Parse(p []byte) int {
	switch c.state {
	case chunkSize:
		return c.parseSize(p)
	case chunkData:
		return c.parseData(p)
	case chunkEnd:
		return c.parseEnd(p)
	case lastChunk:
		return c.parseLast(p)
	default:
		return c.parseTrailer(p)
	}
}

func (c *chunked) End() {
	c.end()
	emitIncomplete(c.h, c.coded)
}

func (c *chunked) end() {
	if c.coded != nil {
		c.cut(c.h.Offset) // decodes what is there, perhaps to events
		c.endContent()
		return
	}
	c.endContent()
	c.cut(c.h.Offset)
}

// Resume goes on behind a gap of n bytes: in the chunk, or else with the size of
// the next one.
func (c *chunked) Resume(n int64) (next dissect.Parser, sure bool) {
	rest := c.rest()
	rest.coded.Lose()
	if c.state == chunkData && c.left > uint64(n) {
		rest.state, rest.start, rest.size, rest.left = chunkData, c.h.Offset, c.size, c.left-uint64(n)
		rest.resumed = c.size - rest.left
	}
	return rest, true
}

// rest reads what is left of the body, from some place in it.
func (c *chunked) rest() *chunked {
	return &chunked{c: c.c, h: c.h, content: c.content, coded: c.coded, done: c.done, behindGap: true}
}

// startsChunk tells whether a line can be the size of a chunk.
func startsChunk(line []byte) bool {
	_, ok := parseChunkSize(string(line))
	return ok && bytes.HasSuffix(line, []byte("\r\n")) && hexDigits(string(line)) <= 8
}

// endContent is the end of the data.
func (c *chunked) endContent() {
	if c.content != nil {
		c.content.End()
	}
	c.coded.End()
}

// cut shows what is there of a chunk that was not finished by the offset.
func (c *chunked) cut(end int64) {
	switch c.state {
	case chunkSize:
		c.sizeFields()
	case chunkData:
		c.dataField()
	case chunkEnd:
		c.dataField()
		c.endField()
	case lastChunk:
		c.endField()
	case trailerSection:
		c.emitTrailer(end, true)
		return
	}
	if n := int(end - c.start); n > 0 && (c.state != chunkSize || len(c.line) > 0) {
		c.emit(n, true)
	}
}

// takeLine appends to the line up to its LF, and tells how much of p that was
// and whether the line is complete.
func (c *chunked) takeLine(p []byte, limit int) (n int, complete bool) {
	n = bytes.IndexByte(p, '\n') + 1
	complete = n > 0
	if !complete {
		n = len(p)
	}
	if n > limit-len(c.line) {
		n, complete = limit-len(c.line), false
	}
	c.line = append(c.line, p[:n]...)
	return n, complete
}

func (c *chunked) parseSize(p []byte) int {
	if len(c.line) == 0 {
		c.start = c.h.Offset
	}
	n, complete := c.takeLine(p, maxChunkLine)
	if !complete {
		if len(c.line) == maxChunkLine {
			c.giveUp(n)
		}
		return n
	}
	size, ok := parseChunkSize(string(c.line))
	if !ok {
		c.giveUp(n)
		return n
	}
	c.sizeFields()
	c.line, c.begun = c.line[:0], true
	c.size, c.left = size, size
	c.state = chunkData
	if size == 0 {
		c.state = lastChunk
	}
	return n
}

// giveUp shows the size line, which is none, and all after it as unknown data. Where
// a tool has saved the body it has taken the chunks off.
func (c *chunked) giveUp(n int) {
	const longest = 18 // bytes of a line that may be a size that went wrong
	body := len(c.line) > longest || len(c.h.Protocols.Mistyped(c.line)) > 0
	if c.h.Protocols.Saved && !c.begun && body {
		c.h.Emit(dissect.Frame{
			Offset: c.start, Protocol: "http1", Kind: "dechunked", Say: []dissect.Phrase{{Key: say.Dechunked}}, Fields: []dissect.Field{},
		})
		c.h.Replay(c.line, n, &plainBody{c: c.c, h: c.h, plain: c.plain, content: c.content, coded: c.coded, unchecked: c.unchecked})
		return
	}
	if c.behindGap && !c.begun {
		c.h.Lose(c.line, n, startsChunk, func() dissect.Parser { return c.rest() })
		return
	}
	c.endContent()
	c.c.lose(c.h, c.line, n, rules[chunkSizeInvalid])
}

// parseChunkSize reads the digits of a size line. What may follow is white
// space, an extension, and the line's end.
func parseChunkSize(line string) (size uint64, ok bool) {
	digits := line[:hexDigits(line)]
	rest := strings.TrimRight(trimLineEnd(line[len(digits):]), " \t")
	if rest != "" && strings.TrimLeft(rest, " \t")[0] != ';' {
		return 0, false
	}
	size, err := strconv.ParseUint(digits, 16, 62)
	return size, err == nil
}

func hexDigits(s string) int {
	n := 0
	for n < len(s) && strings.IndexByte("0123456789abcdefABCDEF", s[n]) >= 0 {
		n++
	}
	return n
}

func (c *chunked) sizeFields() {
	line := string(c.line)
	content := trimLineEnd(line)
	digits := hexDigits(content)
	c.fields.Add(field.ChunkSize, digits, line[:digits])
	c.fields.Add(field.ChunkExtension, len(content)-digits, dissect.ToText(content[digits:]))
	c.lineEnd(field.ChunkSizeEnd, line[len(content):])
}

func (c *chunked) lineEnd(name, s string) {
	if strings.HasSuffix(s, "\n") && s != "\r\n" {
		c.violations.Add(rules[bareLF])
	}
	c.fields.Add(name, len(s), dissect.Escape(s))
}

func (c *chunked) parseData(p []byte) int {
	n := int(min(uint64(len(p)), c.left))
	if c.content != nil {
		n = c.content.Write(p[:n])
	} else {
		c.data.Write(p[:n])
		c.coded.Write(p[:n])
	}
	if c.left -= uint64(n); c.left == 0 {
		c.state = chunkEnd
	}
	return n
}

// dataField adds the data. Those of an event stream are the lines' own.
func (c *chunked) dataField() {
	if c.content == nil {
		last := c.start + int64(c.fields.Length+c.data.N) - 1
		inflated := c.coded.Piece(last, &c.violations)
		c.inflated = inflated.N
		if shown := c.coded.Shown(c.data, inflated); c.unchecked && shown.N > 0 {
			c.violations = append(c.violations, c.h.Protocols.Mistyped(shown.Start)...)
			c.unchecked = false
		}
		c.fields.AddBody(field.FileData, &c.data, &inflated)
	} else {
		c.fields.Length += int(c.size - c.left - c.resumed)
	}
	c.data.Reset()
}

func (c *chunked) parseEnd(p []byte) int {
	if !isLineEnd(c.line, p[0]) {
		c.violations.Add(rules[chunkEndMissing])
		c.end()
		c.c.lose(c.h, nil, 0)
		return 0
	}
	n, complete := c.takeLine(p[:1], 2)
	if complete {
		c.dataField()
		c.endField()
		c.emit(int(c.h.Offset+int64(n)-c.start), false)
		c.state = chunkSize
	}
	return n
}

// isLineEnd tells whether b goes on with CRLF, or is the LF that alone is
// taken for one.
func isLineEnd(line []byte, b byte) bool { return b == '\n' || b == '\r' && len(line) == 0 }

func (c *chunked) endField() {
	c.lineEnd(field.ChunkBoundary, string(c.line))
	c.line = c.line[:0]
}

// emit shows the chunk of n bytes.
func (c *chunked) emit(n int, incomplete bool) {
	f := dissect.Frame{
		Offset: c.start, Length: n,
		Protocol: "http1", Kind: "chunk", Say: c.h.Say(dissect.Number(say.Chunk, c.size)),
		Fields: append(c.h.Fields(len(c.fields.Fields)), c.fields.Fields...), Violations: c.violations, Incomplete: incomplete,
	}
	if c.state == lastChunk || c.state == trailerSection {
		f.Kind, f.Say = "last-chunk", []dissect.Phrase{{Key: say.LastChunk}}
		c.coded.CheckEnd(&c.violations)
		f.Violations = c.violations
	}
	f.SayInflated(c.inflated)
	if f.Kind == "chunk" {
		f.AddSay(c.coded.Says()...)
	}
	c.h.Emit(f)
	clear(c.fields.Fields) // their values are in an array that lives on
	c.fields = dissect.FieldList{Fields: c.fields.Fields[:0]}
	c.violations, c.inflated, c.resumed = nil, 0, 0
}

// parseLast reads what follows the size 0: an empty line ends the body,
// anything else starts the trailer section.
func (c *chunked) parseLast(p []byte) int {
	if !isLineEnd(c.line, p[0]) {
		// What was taken of a line end belongs to the trailer section.
		c.state = trailerSection
		start := c.h.Offset - int64(len(c.line))
		c.emit(int(start-c.start), false)
		c.start = start
		return 0
	}
	n, complete := c.takeLine(p[:1], 2)
	if complete {
		c.endField()
		c.emit(int(c.h.Offset+int64(n)-c.start), false)
		c.finish()
	}
	return n
}

func (c *chunked) parseTrailer(p []byte) int {
	n, complete := c.takeLine(p, dissect.MaxHead)
	if !complete {
		if len(c.line) == dissect.MaxHead {
			c.endContent()
			c.h.GiveUp(c.line, n)
		}
		return n
	}
	line := c.line[c.trailer:]
	c.trailer = len(c.line)
	if trimLineEnd(string(line)) == "" {
		c.emitTrailer(c.h.Offset+int64(n), false)
		c.finish()
	}
	return n
}

func (c *chunked) emitTrailer(end int64, incomplete bool) {
	if len(c.line) == 0 {
		return
	}
	r := &headReader{message: &dissect.Head{From: c.h.From}}
	r.headers(string(c.line))
	c.h.Emit(dissect.Frame{
		Offset: end - int64(len(c.line)), Length: len(c.line),
		Protocol: "http1", Kind: "trailer", Say: []dissect.Phrase{{Key: say.Trailer}},
		Fields: r.Fields, Violations: r.violations, Incomplete: incomplete,
	})
}

func (c *chunked) finish() {
	c.h.Complete()
	c.endContent()
	c.done()
}
