package terminal

import (
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"seewire/cmd/seewire/internal/phrases"
	"seewire/lessons"
	"seewire/playground/answer"
	"seewire/playground/dissect"
	"seewire/playground/export"
)

// ANSI colours. They mean what the site's mean: a protocol, or trouble.
const (
	plainStyle = "\x1b[0m"
	boldStyle  = "\x1b[1m"
	dimStyle   = "\x1b[2m"
	teal       = "\x1b[36m" // SSE, and the HTTP that carries it
	violet     = "\x1b[35m" // WebSocket
	vermilion  = "\x1b[31m" // trouble
)

const (
	shownBytes = 8  // of a field, in hexadecimal
	shownValue = 72 // characters of its value
	textWidth  = 80 // of what is explained, in columns
)

// A printer writes a document: connections, frames, fields.
type printer struct {
	out      io.Writer
	document export.Document
	words    lessons.Words
	colour   bool

	meanings map[string]string // by field; nil where they are not asked for
	codes    phrases.Codes

	explained map[string]bool // fields whose meaning was printed: once is enough

	line []byte // used again for the next
}

func (p *printer) print() {
	p.explained = map[string]bool{}
	p.printSource()
	connection := 0
	for _, f := range p.document.Frames {
		if f.Connection != connection {
			connection = f.Connection
			p.printConnection(connection)
		}
		p.printFrame(f)
	}
	fmt.Fprintln(p.out)
	for _, c := range p.document.Connections {
		for _, end := range c.Ends {
			p.printEnd(c.Number, end)
		}
	}
	for _, a := range answer.Of(p.document.Frames) {
		p.printAnswer(a)
	}
}

// printSource says what the bytes were taken for, and what is to be known.
func (p *printer) printSource() {
	source := p.document.Source
	from := ""
	if source.From != "" {
		from = p.words.Text("bytes.as.from." + string(source.From))
	}
	key := "bytes.as.set"
	if len(source.Guessed) > 0 {
		key = "bytes.as.guessed"
	}
	fmt.Fprintln(p.out, p.styled(dimStyle, p.words.Text(key, "protocol", p.words.Text("bytes.as."+source.Protocol), "from", from)))
	for _, n := range p.document.Notes {
		n.Text = phrases.Visible(n.Text)
		fmt.Fprintln(p.out, p.styled(dimStyle, phrases.Note(p.words, n)))
	}
}

// printConnection heads the frames of a connection, where there is more to say
// than that it is the only one.
func (p *printer) printConnection(number int) {
	for _, c := range p.document.Connections {
		switch {
		case c.Number != number:
		case c.Peer != "":
			fmt.Fprintf(p.out, "\n%s\n", p.styled(boldStyle, p.words.Text("viewer.opened", "number", number, "peer", phrases.Visible(c.Peer))))
		case len(p.document.Connections) > 1:
			fmt.Fprintf(p.out, "\n%s\n", p.styled(boldStyle, p.words.Text("viewer.connection", "number", number)))
		}
	}
}

// printEnd says how one side has stopped. No byte says it.
func (p *printer) printEnd(number int, end export.End) {
	key, style := "viewer.end.other", vermilion
	switch end.How {
	case "fin":
		key, style = "viewer.end.fin", dimStyle
	case "reset":
		key = "viewer.end.reset"
	}
	how := p.words.Text(key, "who", p.words.Text("viewer.from."+string(end.From)), "how", phrases.Visible(end.How))
	fmt.Fprintf(p.out, "× %s\n", p.styled(style, p.words.Text("bytes.note.connection", "number", number, "note", how)))
}

func (p *printer) printFrame(f dissect.Frame) {
	arrow, style := "↓", teal
	if f.From == dissect.Client {
		arrow = "↑"
	}
	if f.Protocol == "websocket" {
		style = violet
	}
	place := ""
	switch {
	case f.Length == 1:
		place = p.words.Text("viewer.byte_at", "place", f.Offset)
	case f.Length > 1:
		place = p.words.Text("viewer.range", "from", f.Offset, "to", f.Offset+int64(f.Length)-1)
	}
	if start := p.document.Frames[0].At; !start.IsZero() {
		place += " · " + number(f.At.Sub(start).Seconds(), 3) + " s"
	}
	if f.Incomplete {
		place += " · " + p.words.Text("viewer.incomplete")
	}
	line := p.append(append(p.line[:0], '\n'), style, arrow+" "+protocolName(f.Protocol))
	line = p.append(append(line, ' '), boldStyle, p.codes.Line(f.Say))
	line = p.append(append(line, "  "...), dimStyle, place)
	p.line = append(line, '\n')
	p.out.Write(p.line)
	for _, v := range f.Violations {
		meaning := p.codes.Violation(v.Code)
		if v.Follows != "" {
			meaning = p.words.Text("viewer.follows") + " " + meaning
		}
		p.printText(vermilion, "  ✗ ", meaning)
	}

	bytes := p.document.BytesOf(f)
	widest := 0
	for _, field := range f.Fields {
		widest = max(widest, len(field.Name))
	}
	for _, field := range f.Fields {
		p.printField(field, bytes[field.Offset:][:field.Length], widest)
	}
}

func (p *printer) printField(f dissect.Field, bytes []byte, widest int) {
	var room [6 * shownBytes]byte
	digits := room[:0]
	for i := range min(len(bytes), shownBytes) {
		if i > 0 {
			digits = append(digits, ' ')
		}
		digits = hex.AppendEncode(digits, bytes[i:i+1])
	}
	switch {
	case f.Mask != "":
		digits = append(append(digits, " & "...), f.Mask...)
	case len(bytes) > shownBytes:
		digits = append(digits, " …"...)
	}
	// Columns are as wide as what stands in them without its colours.
	var number [20]byte
	offset := strconv.AppendInt(number[:0], int64(f.Offset), 10)
	line := append(spaces(p.line[:0], 8-len(offset)), offset...)
	line = append(append(line, "  "...), f.Name...)
	line = spaces(line, widest-utf8.RuneCountInString(f.Name)+2)
	digits = spaces(digits, 3*shownBytes+1-utf8.RuneCount(digits))
	line = append(p.append(line, dimStyle, string(digits)), "  "...)
	if !f.Hex || len(bytes) > shownBytes { // else it is the same once more
		line = append(line, phrases.Visible(phrases.Shortened(f.Value, shownValue))...)
	}
	if f.Pieces > 0 {
		line = p.append(append(line, "  "...), dimStyle, p.words.Text("viewer.piece", "piece", f.Piece, "pieces", f.Pieces))
	}
	for len(line) > 0 && line[len(line)-1] == ' ' {
		line = line[:len(line)-1]
	}
	p.line = append(line, '\n')
	p.out.Write(p.line)
	if f.Covered != nil && f.Piece <= 1 {
		p.printText(dimStyle, "          ", phrases.Covered(p.words, f.Covered))
	}
	if meaning := p.meanings[f.Name]; meaning != "" && !p.explained[f.Name] {
		p.explained[f.Name] = true
		p.printText(dimStyle, "          ", meaning)
	}
}

// printText breaks a text into lines, after the indent.
func (p *printer) printText(style, indent, text string) {
	line, width := "", 0
	flush := func() {
		if line != "" {
			fmt.Fprintf(p.out, "%s%s\n", indent, p.styled(style, strings.TrimRight(line, " ")))
		}
		line, width = "", 0
		indent = strings.Repeat(" ", utf8.RuneCountInString(indent))
	}
	for _, word := range breakable(text) {
		if width > 0 && width+columns(word) > textWidth {
			flush()
		}
		line += word
		width += columns(word)
	}
	flush()
}

// breakable cuts a text where a line may end: after a space, and after a
// Chinese character that no punctuation follows.
func breakable(text string) []string {
	var words []string
	begin := 0
	runes := []rune(text)
	for i, r := range runes {
		next := ' '
		if i+1 < len(runes) {
			next = runes[i+1]
		}
		if r == ' ' || isWide(r) && next != ' ' && !strings.ContainsRune("，。、；：？！）》”", next) && !strings.ContainsRune("（《“", r) {
			words = append(words, string(runes[begin:i+1]))
			begin = i + 1
		}
	}
	return append(words, string(runes[begin:]))
}

// columns is how wide a terminal shows a text.
func columns(text string) int {
	n := 0
	for _, r := range text {
		n++
		if isWide(r) {
			n++
		}
	}
	return n
}

// isWide tells whether a character takes two columns: Chinese does, with its
// punctuation.
func isWide(r rune) bool {
	return r >= 0x2e80 && r <= 0xa4cf || r >= 0xf900 && r <= 0xfaff || r >= 0xff00 && r <= 0xff60
}

func (p *printer) styled(style, text string) string {
	return string(p.append(nil, style, text))
}

// append appends a text in a style.
func (p *printer) append(line []byte, style, text string) []byte {
	if !p.colour || text == "" {
		return append(line, text...)
	}
	return append(append(append(line, style...), text...), plainStyle...)
}

func protocolName(protocol string) string {
	switch protocol {
	case "http1":
		return "HTTP"
	case "http2":
		return "HTTP/2"
	case "sse":
		return "SSE"
	case "websocket":
		return "WebSocket"
	case "ndjson":
		return "NDJSON"
	case "json":
		return "JSON"
	}
	return protocol
}

func spaces(line []byte, n int) []byte {
	for range n {
		line = append(line, ' ')
	}
	return line
}
