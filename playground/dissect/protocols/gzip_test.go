package protocols

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"

	"seewire/playground/dissect"
)

// gzipped compresses the parts, with a flush after each but the last.
func gzipped(t testing.TB, level int, parts ...string) (pieces []string) {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	for i, part := range parts {
		z.Write([]byte(part))
		if i < len(parts)-1 {
			z.Flush()
		} else {
			z.Close()
		}
		pieces = append(pieces, b.String())
		b.Reset()
	}
	return pieces
}

// inChunks is a response with the body in these chunks.
func inChunks(contentType string, pieces ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n", contentType)
	for _, p := range pieces {
		fmt.Fprintf(&b, "%x\r\n%s\r\n", len(p), p)
	}
	b.WriteString("0\r\n\r\n")
	return b.String()
}

// bodyValues are the values of the body's fields.
func bodyValues(frames []dissect.Frame) (values []string) {
	for _, f := range frames {
		for _, field := range f.Fields {
			if field.Name == "http.file_data" {
				values = append(values, field.Value)
			}
		}
	}
	return values
}

func dissectResponse(t *testing.T, response string) []dissect.Frame {
	t.Helper()
	return checkProperties(t, newConversation, turn{dissect.Client, someRequest}, turn{dissect.Server, response})
}

// Each chunk is shown as the text that it adds, flushed or not.
func TestGzipChunks(t *testing.T) {
	parts := []string{"first 你好 ", "second ", "", "third"}
	for _, level := range []int{gzip.HuffmanOnly, gzip.NoCompression, gzip.BestCompression} {
		frames := dissectResponse(t, inChunks("text/plain", gzipped(t, level, parts...)...))
		values := bodyValues(frames)
		if len(values) != 4 || values[0] != parts[0] || values[1] != parts[1] || values[2] != "000000ffff" || values[3] != parts[3] {
			t.Errorf("level %d: %q", level, values)
		}
	}

	whole := gzipped(t, gzip.BestCompression, strings.Repeat("abc 中文 def ", 40)+"end")[0]
	var cut []string
	for i := range len(whole) {
		cut = append(cut, whole[i:i+1])
	}
	var text string
	for _, f := range dissectResponse(t, inChunks("text/plain", cut...)) {
		for _, field := range f.Fields {
			if field.Name == "http.file_data" && !field.Hex && strings.Contains(said(f), "inflated") {
				text += field.Value
			}
		}
	}
	if got := strings.ReplaceAll(text, "�", ""); !strings.HasPrefix(got, "abc ") || !strings.HasSuffix(got, "end") || strings.Count(got, "def") != 40 {
		t.Errorf("byte by byte: %q", text)
	}
}

// A body that is not in chunks is shown as its text.
func TestGzipBody(t *testing.T) {
	body := gzipped(t, gzip.BestCompression, strings.Repeat("hello ", 100))[0]
	for name, head := range map[string]string{
		"sized":            fmt.Sprintf("Content-Length: %d\r\nContent-Encoding: gzip\r\n", len(body)),
		"until the end":    "Content-Encoding: GZIP\r\n",
		"by its old name":  "Content-Encoding: x-gzip\r\n",
		"nothing is said":  "",
		"another encoding": "Content-Encoding: br\r\n",
	} {
		frames := dissectResponse(t, "HTTP/1.1 200 OK\r\n"+head+"\r\n"+body)
		got := bodyValues(frames)[0] == strings.Repeat("hello ", 100)
		if want := strings.Contains(strings.ToLower(head), "gzip"); got != want {
			t.Errorf("%s: inflated %v, want %v: %s", name, got, want, show(frames[len(frames)-1]))
		}
	}
	request := fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	if values := bodyValues(checkProperties(t, newConversation, turn{dissect.Client, request})); values[0] != strings.Repeat("hello ", 100) {
		t.Errorf("a request: %.100q", values)
	}
}

// An event stream under gzip is read as one. Its lines have no bytes, and stand
// inside the chunk that brought them.
func TestGzipEventStream(t *testing.T) {
	pieces := gzipped(t, gzip.BestSpeed, "retry: 10\nid: 1\nda", "ta: 你好\n\n: x\n", "data: two\r\n\r\ndata: lost\n")
	response := inChunks("text/event-stream", pieces...)
	r, err := Bytes(t.Context(), dissect.NewBudget(), "http1", dissect.Server, "", []byte(response))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Events) != 2 || r.Events[0].Data != "你好" || r.Events[1].Data != "two" || r.LastEventID != "1" || *r.ReconnectionTime != 10 {
		t.Errorf("events %+v, last ID %q", r.Events, r.LastEventID)
	}
	var kinds []string
	var inside []dissect.Frame // not yet in a chunk
	for _, f := range dissectResponse(t, response) {
		switch f.Protocol + "/" + f.Kind {
		case "http1/chunk":
			for _, line := range inside {
				if line.Offset <= f.Offset || line.Offset >= f.Offset+int64(f.Length) || line.Length != 0 {
					t.Errorf("a line stands at %d+%d, its chunk at %d+%d", line.Offset, line.Length, f.Offset, f.Length)
				}
			}
			inside = nil
		case "sse/end":
		default:
			if f.Protocol == "sse" {
				inside = append(inside, f)
			}
		}
		kinds = append(kinds, f.Kind)
	}
	if got, want := strings.Join(kinds, " "), "request response field field chunk field blank comment chunk field blank field chunk last-chunk end"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestGzipBroken(t *testing.T) {
	good := gzipped(t, gzip.BestCompression, strings.Repeat("hello ", 100))[0]
	violated := func(body string) (violations int, values []string) {
		frames := dissectResponse(t, inChunks("text/plain", body[:20], body[20:]))
		for _, f := range frames {
			for _, v := range f.Violations {
				if v.Code != "http1.gzip" && v.Code != "http1.coding-unfinished" {
					t.Errorf("violation %s", v.Code)
				}
				violations++
			}
		}
		return violations, bodyValues(frames)
	}
	for name, test := range map[string]struct {
		body string
		want int
	}{
		"as it should be":    {good, 0},
		"no gzip at all":     {"this is not compressed, whatever the head says", 1},
		"a wrong checksum":   {good[:len(good)-8] + "\x00" + good[len(good)-7:], 1},
		"a wrong size":       {good[:len(good)-4] + "\xff" + good[len(good)-3:], 1},
		"no DEFLATE":         {good[:10] + "\xff\xff\xff" + good[13:], 1},
		"cut in the trailer": {good[:len(good)-3], 1},
		"cut in the data":    {good[:len(good)-12], 1},
		"something after it": {good + "trailing", 0},
	} {
		if n, values := violated(test.body); n != test.want {
			t.Errorf("%s: %d violations, want %d; %.60q", name, n, test.want, values)
		}
	}
}

// Stored data may look like the end of a flush.
func TestGzipAccidentalFlush(t *testing.T) {
	content := "\x00\x00\xff\xff" + strings.Repeat("\x00\x00\xff\xff text ", 20)
	body := gzipped(t, gzip.NoCompression, content)[0]
	cut := strings.LastIndex(body, "\x00\x00\xff\xff text") + 4
	frames := dissectResponse(t, inChunks("text/plain", body[:cut], body[cut:]))
	if values := bodyValues(frames); len(values) != 2 || values[1] != " text " {
		t.Errorf("values %q", values)
	}
}

// A body that inflates to more than is shown, and one that is a bomb, end.
func TestGzipBomb(t *testing.T) {
	bomb := gzipped(t, gzip.BestCompression, strings.Repeat("\x00", 20<<20))[0]
	b := dissect.NewBudget()
	c := New(1, b)
	c.Feed(dissect.Client, start, []byte(strings.Repeat(someRequest, 8)))
	for range 8 {
		c.Feed(dissect.Server, start, []byte(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", len(bomb), bomb)))
	}
	const window = 32 << 10 // how far back DEFLATE refers
	if _, inflation := b.Spent(); inflation > dissect.MaxInflation/2+4*window || b.NotInflated() != 5 {
		t.Errorf("%d bytes were inflated, %d bodies left as they came", inflation, b.NotInflated())
	}

	// One that comes byte by byte is read once.
	b = dissect.NewBudget()
	c = New(1, b)
	c.Feed(dissect.Client, start, []byte(someRequest))
	empty := "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" + strings.Repeat("\x00\x00\x00\xff\xff", 4000)
	c.Feed(dissect.Server, start, []byte(inChunks("text/plain", strings.Split(empty, "")...)))
	if _, inflation := b.Spent(); inflation != len(empty) {
		t.Errorf("the work was %d bytes, the body has %d", inflation, len(empty))
	}
}
