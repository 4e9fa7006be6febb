package export

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// written reads bytes that stand as text in a file, as programs print them: numbers in
// hexadecimal, a dump, base64, a literal. The page reads what is typed into it in the
// same way (static/js/lib/byteformats.js), and testdata/written.json holds both to it.
// The result names the way; "" where it is none.
func written(text string) (p []byte, writing string) {
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return nil, ""
	}
	trimmed := strings.TrimSpace(text)
	try := func(name string, read func(string) ([]byte, error), text string) bool {
		found, err := read(text)
		if err != nil || len(found) == 0 {
			return false
		}
		p, writing = found, name
		return true
	}
	unwrapped := withoutWrapping(text)
	switch {
	case literal.MatchString(trimmed) && try("literal", readEscapes, literal.FindStringSubmatch(trimmed)[2]):
	case quoted.MatchString(trimmed) && try("literal", readEscapes, quoted.FindStringSubmatch(trimmed)[1]):
	case numbers.MatchString(trimmed) && try("numbers", readNumbers, trimmed):
	case isDump(text):
		try("hex", readDump, text)
	case unwrapped != text && try("hex", readHex, unwrapped):
	case !notHex.MatchString(trimmed) && try("hex", readHex, trimmed):
	case base64Text.MatchString(trimmed) && !twoWords.MatchString(trimmed) && try("base64", readBase64, trimmed):
	case !strings.Contains(trimmed, "\n") && escaped.MatchString(trimmed) && try("escapes", readEscapes, trimmed):
	}
	return p, writing
}

var (
	literal    = regexp.MustCompile(`(?s)\Ab(['"])(.*)['"]\z`)
	quoted     = regexp.MustCompile(`\A"([^"\n]*\\(?:[rn]|x[0-9a-fA-F]{2})[^"\n]*)"\z`)
	numbers    = regexp.MustCompile(`\A\[\s*\d+(\s*,\s*\d+)*\s*,?\s*\]\z`)
	notHex     = regexp.MustCompile(`[^0-9a-fA-FxX\s,;:{}\\-]`)
	base64Text = regexp.MustCompile(`\A[A-Za-z0-9+/_\s-]{8,}={0,2}\z`)
	twoWords   = regexp.MustCompile(`[a-z] [a-z]`)
	escaped    = regexp.MustCompile(`\\(r|n|x[0-9a-fA-F]{2})`)
	nodeBuffer = regexp.MustCompile(`(?i)\A\s*<(?:Buffer|Uint8Array\(\d+\)|SlowBuffer)\s+([0-9a-f\s]*)(?:\.\.\. \d+ more bytes?)?>\s*\z`)
	cComment   = regexp.MustCompile(`(?s)/\*.*?\*/`)
	cArray     = regexp.MustCompile(`(?m)^[\w\s*]*\b(?:char|uint8_t|u8|byte)\b[^{=]*=\s*\{`)
	escape     = regexp.MustCompile(`\A\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([rnt0abfv'"\\]))`)
)

// errWritten says that text does not write bytes so.
var errWritten = errors.New("not written so")

// withoutWrapping takes off what programs write around bytes: Node's <Buffer …>, C's
// declaration.
func withoutWrapping(text string) string {
	if m := nodeBuffer.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	text = cComment.ReplaceAllString(text, " ")
	return strings.ReplaceAll(cArray.ReplaceAllString(text, " {"), "};", "} ")
}

func readNumbers(text string) (p []byte, err error) {
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("[], \t\r\n", r) }) {
		n, err := strconv.ParseUint(word, 10, 8)
		if err != nil {
			return nil, errWritten
		}
		p = append(p, byte(n))
	}
	return p, nil
}

// betweenBytes is what stands between bytes in hexadecimal.
const betweenBytes = " \t\r\n,;:{}-"

func readHex(text string) (p []byte, err error) {
	for i := 0; i < len(text); {
		if strings.IndexByte(betweenBytes, text[i]) >= 0 {
			i++
			continue
		}
		if (text[i] == '0' || text[i] == '\\') && i+1 < len(text) && text[i+1]|0x20 == 'x' {
			i += 2
		}
		if i+2 > len(text) {
			return nil, errWritten
		}
		b, err := strconv.ParseUint(text[i:i+2], 16, 8)
		if err != nil {
			return nil, errWritten
		}
		p = append(p, byte(b))
		i += 2
	}
	return p, nil
}

func readBase64(text string) ([]byte, error) {
	digits := strings.NewReplacer("-", "+", "_", "/", "=", "").Replace(strings.Join(strings.Fields(text), ""))
	return base64.RawStdEncoding.DecodeString(digits)
}

func readEscapes(text string) (p []byte, err error) {
	for text != "" {
		n := strings.IndexByte(text, '\\')
		if n < 0 {
			n = len(text)
		}
		p, text = append(p, text[:n]...), text[n:]
		if text == "" {
			break
		}
		m := escape.FindStringSubmatch(text)
		switch {
		case m == nil:
			return nil, errWritten
		case m[3] != "":
			p = append(p, "\r\n\t\x00\a\b\f\v'\"\\"[strings.Index(`rnt0abfv'"\`, m[3])])
		case m[1] != "":
			b, _ := strconv.ParseUint(m[1], 16, 8)
			p = append(p, byte(b))
		default:
			r, _ := strconv.ParseUint(m[2], 16, 16)
			p = utf8.AppendRune(p, rune(r))
		}
		text = text[len(m[0]):]
	}
	return p, nil
}

// isDump tells whether each line begins with an offset, from 0 on, as no other
// hexadecimal does.
func isDump(text string) bool {
	first := true
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimRight(line, " \t\r"); strings.TrimSpace(line) == "" || strings.TrimSpace(line) == "*" {
			continue
		}
		d, ok := parseDumped(line)
		if !ok || first && (d.rest == "" || d.offset != 0) {
			return false
		}
		first = false
	}
	return !first
}

// A dumped is a line of a dump.
type dumped struct {
	offset  int
	server  bool // Wireshark's "Follow Stream" moves its lines to the right
	colon   bool
	rest    string
	repeats bool // lines like the one before it are left out
}

// parseDumped reads the offset of a line, which stands before its bytes.
func parseDumped(line string) (d dumped, ok bool) {
	line = strings.TrimRight(line, " \t\r")
	digits := strings.TrimLeft(line, " \t")
	space := line[:len(line)-len(digits)]
	n := 0
	for n < len(digits) && (digits[n] >= '0' && digits[n] <= '9' || digits[n]|0x20 >= 'a' && digits[n]|0x20 <= 'f') {
		n++
	}
	offset, err := strconv.ParseInt(digits[:n], 16, 63)
	if n < 4 || n > 16 || err != nil {
		return d, false
	}
	rest, colon := strings.CutPrefix(digits[n:], ":")
	if rest != "" && rest[0] != ' ' && rest[0] != '\t' {
		return d, false
	}
	return dumped{int(offset), len(space) >= 4 || strings.Contains(space, "\t"), colon, strings.TrimLeft(rest, " \t"), false}, true
}

// maxDumped bounds the packets, or turns of the two sides, of a dump.
const maxDumped = 1 << 14

// A dumpedPart is what one side has sent at once, or a packet.
type dumpedPart struct {
	server bool
	bytes  []byte
}

// readDump reads a dump of one packet or of several, which begin at 0 again; or that of
// both sides, which becomes a capture.
func readDump(text string) ([]byte, error) {
	var lines []dumped
	repeats, begins := false, 0
	for line := range strings.SplitSeq(text, "\n") {
		if d, ok := parseDumped(line); ok {
			if d.repeats = repeats; d.offset == 0 {
				begins++
			}
			if lines = append(lines, d); d.offset > MaxImport || begins > maxDumped {
				return nil, errWritten
			}
		}
		repeats = strings.TrimSpace(line) == "*"
	}
	var parts []dumpedPart
	both, size := false, 0
	var sides [2]int // bytes of a side since its offset was 0
	for i, line := range lines {
		side := 0
		if line.server {
			side = 1
		}
		changed := i > 0 && line.server != lines[i-1].server
		both = both || changed
		if i == 0 || line.offset == 0 || changed {
			if len(parts) == maxDumped {
				return nil, errWritten
			}
			parts = append(parts, dumpedPart{server: line.server})
		}
		if line.offset == 0 {
			sides[side] = 0
		}
		part := &parts[len(parts)-1]
		before := len(part.bytes)
		if last := part.bytes[max(0, before-16):]; line.repeats && len(last) > 0 {
			for n := line.offset - sides[side]; n > 0; n -= len(last) {
				part.bytes = append(part.bytes, last...)
			}
		}
		if line.offset != sides[side]+len(part.bytes)-before {
			return nil, errWritten
		}
		count := -1 // the next offset tells how many bytes there are
		if next := i + 1; next < len(lines) && !lines[next].repeats && lines[next].offset > 0 && lines[next].server == line.server {
			count = lines[next].offset - line.offset
		}
		var err error
		if part.bytes, err = line.read(part.bytes, count); err != nil {
			return nil, err
		}
		sides[side] += len(part.bytes) - before
		if size += len(part.bytes) - before; size > MaxImport {
			return nil, errWritten
		}
	}
	switch {
	case both:
		return dumpedCapture(parts)
	case len(parts) > 1 && allEthernet(parts):
		return dumpedPackets(parts), nil
	}
	var all []byte
	for _, part := range parts {
		all = append(all, part.bytes...)
	}
	return all, nil
}

// read appends the bytes of a line: so many, or up to a wide space or a sign that is no
// digit where it is a packet's last.
func (d dumped) read(p []byte, count int) ([]byte, error) {
	for read, rest := 0, d.rest; rest != "" && (count < 0 || read < count); read++ {
		digits := strings.TrimLeft(rest, " \t")
		space := len(rest) - len(digits)
		middle := !d.colon && read == 8 && space == 2 // hexdump -C leaves a gap after eight
		if count < 0 && read > 0 && space >= 2 && !middle || digits == "" {
			break
		}
		if len(digits) < 2 {
			digits += "?" // a half
		}
		b, err := strconv.ParseUint(digits[:2], 16, 8)
		if err != nil && count < 0 {
			break
		} else if err != nil {
			return nil, errWritten
		}
		p, rest = append(p, byte(b)), digits[2:]
	}
	return p, nil
}

// dumpedCapture is both sides as a capture.
func dumpedCapture(parts []dumpedPart) ([]byte, error) {
	var c struct {
		Client   []byte    `json:"client"`
		Server   []byte    `json:"server"`
		Segments []Segment `json:"segments"`
	}
	for _, part := range parts {
		s := Segment{From: "client", At: time.Time{}, Length: len(part.bytes)}
		to := &c.Client
		if part.server {
			s.From, to = "server", &c.Server
		}
		s.Offset = int64(len(*to))
		*to = append(*to, part.bytes...)
		c.Segments = append(c.Segments, s)
	}
	return json.Marshal(map[string]any{"connections": []any{c}})
}

// allEthernet tells whether packets begin as an Ethernet frame with IP, as tshark -x
// prints.
func allEthernet(parts []dumpedPart) bool {
	for _, part := range parts {
		p := part.bytes
		if len(p) < 34 || !(binary.BigEndian.Uint16(p[12:]) == typeIPv4 && p[14]>>4 == 4 || binary.BigEndian.Uint16(p[12:]) == typeIPv6 && p[14]>>4 == 6) {
			return false
		}
	}
	return true
}

// dumpedPackets is a pcap file of packets.
func dumpedPackets(parts []dumpedPart) []byte {
	var file bytes.Buffer
	binary.Write(&file, binary.BigEndian, []uint32{0xa1b2c3d4, 2<<16 | 4, 0, 0, 1 << 18, linkEthernet})
	for _, part := range parts {
		binary.Write(&file, binary.BigEndian, []uint32{0, 0, uint32(len(part.bytes)), uint32(len(part.bytes))})
		file.Write(part.bytes)
	}
	return file.Bytes()
}
