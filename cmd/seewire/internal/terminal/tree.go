package terminal

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"seewire/cmd/seewire/internal/phrases"
	"seewire/lessons"
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

// A tree prints a document: connections, frames, fields.
type tree struct {
	out      io.Writer
	document export.Document
	words    lessons.Words
	colour   bool

	meanings map[string]string // by field; nil where they are not asked for
	codes    phrases.Codes

	explained map[string]bool // fields whose meaning was printed: once is enough
}

func (t *tree) print() {
	t.explained = map[string]bool{}
	t.printSource()
	connection := 0
	for _, f := range t.document.Frames {
		if f.Connection != connection {
			connection = f.Connection
			t.printConnection(connection)
		}
		t.printFrame(f)
	}
	fmt.Fprintln(t.out)
	for _, c := range t.document.Connections {
		for _, end := range c.Ends {
			t.printEnd(c.Number, end)
		}
	}
}

// printSource says what the bytes were taken for, and what is to be known.
func (t *tree) printSource() {
	source := t.document.Source
	from := ""
	if source.From != "" {
		from = t.words.Text("bytes.as.from." + string(source.From))
	}
	key := "bytes.as.set"
	if len(source.Guessed) > 0 {
		key = "bytes.as.guessed"
	}
	fmt.Fprintln(t.out, t.styled(dimStyle, t.words.Text(key, "protocol", t.words.Text("bytes.as."+source.Protocol), "from", from)))
	for _, n := range t.document.Notes {
		n.Text = phrases.Visible(n.Text)
		fmt.Fprintln(t.out, t.styled(dimStyle, phrases.Note(t.words, n)))
	}
}

// printConnection heads the frames of a connection, where there is more to say
// than that it is the only one.
func (t *tree) printConnection(number int) {
	for _, c := range t.document.Connections {
		switch {
		case c.Number != number:
		case c.Peer != "":
			fmt.Fprintf(t.out, "\n%s\n", t.styled(boldStyle, t.words.Text("viewer.opened", "number", number, "peer", phrases.Visible(c.Peer))))
		case len(t.document.Connections) > 1:
			fmt.Fprintf(t.out, "\n%s\n", t.styled(boldStyle, t.words.Text("viewer.connection", "number", number)))
		}
	}
}

// printEnd says how one side has stopped. No byte says it.
func (t *tree) printEnd(number int, end export.End) {
	key, style := "viewer.end.other", vermilion
	switch end.How {
	case "fin":
		key, style = "viewer.end.fin", dimStyle
	case "reset":
		key = "viewer.end.reset"
	}
	how := t.words.Text(key, "who", t.words.Text("viewer.from."+string(end.From)), "how", phrases.Visible(end.How))
	fmt.Fprintf(t.out, "× %s\n", t.styled(style, t.words.Text("bytes.note.connection", "number", number, "note", how)))
}

func (t *tree) printFrame(f dissect.Frame) {
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
		place = t.words.Text("viewer.byte_at", "place", f.Offset)
	case f.Length > 1:
		place = t.words.Text("viewer.range", "from", f.Offset, "to", f.Offset+int64(f.Length)-1)
	}
	if start := t.document.Frames[0].At; !start.IsZero() {
		place += fmt.Sprintf(" · %.3f s", f.At.Sub(start).Seconds())
	}
	if f.Incomplete {
		place += " · " + t.words.Text("viewer.incomplete")
	}
	fmt.Fprintf(t.out, "\n%s %s  %s\n", t.styled(style, arrow+" "+protocolName(f.Protocol)),
		t.styled(boldStyle, phrases.Line(t.words, f.Say)), t.styled(dimStyle, place))
	for _, v := range f.Violations {
		t.printText(vermilion, "  ✗ ", t.codes.Violation(v.Code))
	}

	bytes := t.document.BytesOf(f)
	widest := 0
	for _, field := range f.Fields {
		widest = max(widest, len(field.Name))
	}
	for _, field := range f.Fields {
		t.printField(field, bytes[field.Offset:][:field.Length], widest)
	}
}

func (t *tree) printField(f dissect.Field, bytes []byte, widest int) {
	digits := make([]string, 0, shownBytes)
	for _, b := range bytes[:min(len(bytes), shownBytes)] {
		digits = append(digits, fmt.Sprintf("%02x", b))
	}
	hex := strings.Join(digits, " ")
	switch {
	case f.Mask != "":
		hex += " & " + f.Mask
	case len(bytes) > shownBytes:
		hex += " …"
	}
	value := phrases.Visible(phrases.Shortened(f.Value, shownValue))
	if f.Hex && len(bytes) <= shownBytes {
		value = "" // the same once more
	}
	if f.Pieces > 0 {
		value += "  " + t.styled(dimStyle, t.words.Text("viewer.piece", "piece", f.Piece, "pieces", f.Pieces))
	}
	// Columns are as wide as what stands in them without its colours.
	line := fmt.Sprintf("  %6d  %s  %s  %s", f.Offset,
		pad(f.Name, widest), t.styled(dimStyle, pad(hex, 3*shownBytes+1)), value)
	fmt.Fprintln(t.out, strings.TrimRight(line, " "))
	if f.Covered != nil && f.Piece <= 1 {
		t.printText(dimStyle, "          ", phrases.Covered(t.words, f.Covered))
	}
	if meaning := t.meanings[f.Name]; meaning != "" && !t.explained[f.Name] {
		t.explained[f.Name] = true
		t.printText(dimStyle, "          ", meaning)
	}
}

// printText breaks a text into lines, after the indent.
func (t *tree) printText(style, indent, text string) {
	line, width := "", 0
	flush := func() {
		if line != "" {
			fmt.Fprintf(t.out, "%s%s\n", indent, t.styled(style, strings.TrimRight(line, " ")))
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

func (t *tree) styled(style, text string) string {
	if !t.colour || text == "" {
		return text
	}
	return style + text + plainStyle
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
	}
	return protocol
}

func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}
