package protocols

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	nethttp2 "golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"seewire/playground/dissect"
	"seewire/playground/dissect/internal/dissecttest"
	"seewire/playground/http2frame"
)

// A h2Writer writes frames as another implementation does.
type h2Writer struct {
	bytes.Buffer
	*nethttp2.Framer
	block bytes.Buffer
	hpack *hpack.Encoder
}

func newH2Writer() *h2Writer {
	w := new(h2Writer)
	w.Framer = nethttp2.NewFramer(w, nil)
	w.AllowIllegalWrites = true
	w.hpack = hpack.NewEncoder(&w.block)
	return w
}

// encode makes a header block of names and values in turn.
func (w *h2Writer) encode(namesAndValues ...string) []byte {
	w.block.Reset()
	for pair := range slices.Chunk(namesAndValues, 2) {
		w.hpack.WriteField(hpack.HeaderField{Name: pair[0], Value: pair[1]})
	}
	return bytes.Clone(w.block.Bytes())
}

func (w *h2Writer) headers(stream uint32, endStream bool, namesAndValues ...string) {
	w.WriteHeaders(nethttp2.HeadersFrameParam{
		StreamID: stream, EndStream: endStream, EndHeaders: true, BlockFragment: w.encode(namesAndValues...),
	})
}

// take gives what was written since the last time.
func (w *h2Writer) take() string {
	s := w.String()
	w.Reset()
	return s
}

func (w *h2Writer) raw(typ nethttp2.FrameType, flags nethttp2.Flags, stream uint32, payload string) {
	w.WriteRawFrame(typ, flags, stream, []byte(payload))
}

func getH2(path string) []string {
	return []string{":method", "GET", ":scheme", "https", ":authority", "seewire.example", ":path", path}
}

type h2Case struct {
	name  string
	turns []turn
}

// http2Cases have nothing wrong in them.
func http2Cases() []h2Case {
	var cases []h2Case
	c, s := newH2Writer(), newH2Writer()
	add := func(name string, turns ...turn) {
		cases = append(cases, h2Case{name, turns})
		c, s = newH2Writer(), newH2Writer()
	}
	begin := func() []turn {
		c.WriteString(http2frame.Preface)
		c.WriteSettings()
		s.WriteSettings()
		s.WriteSettingsAck()
		return []turn{{dissect.Client, c.take()}, {dissect.Server, s.take()}}
	}

	start := begin()
	c.WriteSettingsAck()
	c.headers(1, true, append(getH2("/a"), "last-event-id", "7")...)
	c.headers(3, true, getH2("/b")...)
	s.headers(1, false, ":status", "200", "content-type", "text/event-stream")
	s.headers(3, false, ":status", "200", "content-type", "text/event-stream; charset=utf-8", "x-new", "thing")
	s.WriteData(1, false, []byte("id: 8\nda"))
	s.WriteData(3, false, []byte("data: other\n"))
	s.WriteData(1, false, []byte("ta: one\r"))
	s.WriteData(3, true, []byte("\ndata: lost"))
	s.WriteDataPadded(1, false, []byte("\n\n"), make([]byte, 5))
	up := c.take()
	down := s.take()
	c.WriteRSTStream(1, nethttp2.ErrCodeCancel)
	add("two event streams", append(start, turn{dissect.Client, up}, turn{dissect.Server, down}, turn{dissect.Client, c.take()})...)

	start = begin()
	c.WriteSettings(nethttp2.Setting{ID: nethttp2.SettingHeaderTableSize, Val: 4096}, nethttp2.Setting{ID: nethttp2.SettingEnablePush, Val: 1},
		nethttp2.Setting{ID: nethttp2.SettingMaxConcurrentStreams, Val: 100}, nethttp2.Setting{ID: nethttp2.SettingInitialWindowSize, Val: 1 << 20},
		nethttp2.Setting{ID: nethttp2.SettingMaxFrameSize, Val: 1 << 15}, nethttp2.Setting{ID: nethttp2.SettingMaxHeaderListSize, Val: 9999},
		nethttp2.Setting{ID: 8, Val: 1}, nethttp2.Setting{ID: 0x4242, Val: 5})
	c.WritePing(false, [8]byte{1, 2, 3, 4, 5, 6, 7, 8})
	c.WriteWindowUpdate(0, 1000)
	c.WritePriority(7, nethttp2.PriorityParam{StreamDep: 5, Exclusive: true, Weight: 15})
	block := c.encode(getH2("/upload")...)
	c.WriteHeaders(nethttp2.HeadersFrameParam{StreamID: 1, BlockFragment: block, EndHeaders: true, PadLength: 3,
		Priority: nethttp2.PriorityParam{StreamDep: 0, Weight: 255}})
	c.WriteData(1, true, []byte("uploaded"))
	c.raw(0x10, 0, 0, "\x00\x00\x00\x01u=1")
	s.WriteSettingsAck()
	s.WritePing(true, [8]byte{1, 2, 3, 4, 5, 6, 7, 8})
	s.WriteWindowUpdate(1, 8)
	s.WritePushPromise(nethttp2.PushPromiseParam{StreamID: 1, PromiseID: 2, BlockFragment: s.encode(getH2("/pushed")...), EndHeaders: true, PadLength: 2})
	s.headers(1, false, ":status", "103", "link", "</a>")
	s.headers(1, false, ":status", "200", "content-length", "5")
	s.WriteData(1, true, []byte("hello"))
	s.headers(2, false, ":status", "200")
	s.WriteData(2, false, []byte{0xFF, 0xFE, 0x00})
	s.headers(2, true, "trailer", "yes")
	s.WriteGoAway(1, nethttp2.ErrCodeNo, []byte("bye"))
	add("every type of frame", append(start, turn{dissect.Client, c.take()}, turn{dissect.Server, s.take()})...)

	start = begin()
	block = c.encode(append(getH2("/a"), "cookie", strings.Repeat("cut;", 20))...)
	c.WriteHeaders(nethttp2.HeadersFrameParam{StreamID: 1, EndStream: true, BlockFragment: block[:1]})
	for _, b := range block[1:] {
		c.WriteContinuation(1, false, []byte{b})
	}
	c.WriteContinuation(1, true, nil)
	c.hpack.SetMaxDynamicTableSize(100)
	c.headers(3, true, getH2("/b")...)
	add("header blocks in pieces", append(start, turn{dissect.Client, c.take()})...)

	start = begin()
	c.headers(1, true, getH2("/a")...)
	up = c.take()
	add("cut in a header block", append(start, turn{dissect.Client, up[:len(up)-3]})...)
	add("cut in a preface", turn{dissect.Client, http2frame.Preface[:20]})
	start = begin()
	c.raw(nethttp2.FrameSettings, 0, 0, strings.Repeat("a", 12))
	up = c.take()
	add("cut in the frame's header", append(start, turn{dissect.Client, up[:7]})...)
	turns := begin()
	c.headers(1, true, getH2("/")...)
	s.headers(1, false, ":status", "200")
	for _, n := range []int{16384, 16384, 16384, 16383} { // RFC 9113 §6.9.2: 65535 in all
		s.WriteData(1, false, make([]byte, n))
	}
	turns = append(turns, turn{dissect.Client, c.take()}, turn{dissect.Server, s.take()})
	c.WriteWindowUpdate(1, 10)
	add("windows that are used up", append(turns, turn{dissect.Client, c.take()})...)
	return cases
}

// http2Violations have one thing wrong, which is their name.
func http2Violations() []h2Case {
	var cases []h2Case
	c, s := newH2Writer(), newH2Writer()
	c.WriteString(http2frame.Preface)
	c.WriteSettings()
	s.WriteSettings()
	begun := []turn{{dissect.Client, c.take()}, {dissect.Server, s.take()}}
	client := func(code string, write func(w *h2Writer)) {
		w := newH2Writer()
		write(w)
		cases = append(cases, h2Case{code, append(slices.Clone(begun), turn{dissect.Client, w.take()})})
	}
	server := func(code string, write func(w *h2Writer)) {
		c, s := newH2Writer(), newH2Writer()
		c.headers(1, true, getH2("/")...)
		write(s)
		cases = append(cases, h2Case{code, append(slices.Clone(begun), turn{dissect.Client, c.take()}, turn{dissect.Server, s.take()})})
	}
	header := func(code string, namesAndValues ...string) {
		client(code, func(w *h2Writer) { w.headers(1, true, namesAndValues...) })
	}

	cases = append(cases, h2Case{"http2.preface", []turn{{dissect.Client, "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"}}})
	ping := newH2Writer()
	ping.WriteString(http2frame.Preface)
	ping.WritePing(false, [8]byte{})
	cases = append(cases, h2Case{"http2.settings-first", []turn{{dissect.Client, ping.take()}}})
	server("http2.frame-too-large", func(w *h2Writer) {
		w.headers(1, false, ":status", "200")
		w.WriteData(1, false, make([]byte, 16385))
	})
	client("http2.frame-length", func(w *h2Writer) { w.raw(nethttp2.FrameSettings, 0, 0, "seven b") })
	client("http2.frame-length", func(w *h2Writer) { w.raw(nethttp2.FrameWindowUpdate, 0, 0, "ab") })
	client("http2.frame-length", func(w *h2Writer) { w.raw(nethttp2.FrameGoAway, 0, 0, "short") })
	client("http2.frame-length", func(w *h2Writer) { w.raw(nethttp2.FramePing, 0, 0, "short") })
	client("http2.frame-length", func(w *h2Writer) { w.raw(nethttp2.FrameHeaders, nethttp2.FlagHeadersPriority, 1, "ab") })
	client("http2.wrong-stream", func(w *h2Writer) { w.WriteData(0, false, []byte("nobody's")) })
	client("http2.wrong-stream", func(w *h2Writer) { w.raw(nethttp2.FramePing, 0, 1, "12345678") })
	server("http2.padding", func(w *h2Writer) {
		w.headers(1, false, ":status", "200")
		w.raw(nethttp2.FrameData, nethttp2.FlagDataPadded, 1, "\x09four")
	})
	client("http2.padding", func(w *h2Writer) { w.raw(nethttp2.FrameHeaders, nethttp2.FlagHeadersPadded, 1, "\x09four") })
	client("http2.continuation-alone", func(w *h2Writer) { w.WriteContinuation(1, true, []byte{0x82}) })
	client("http2.block-interrupted", func(w *h2Writer) {
		w.WriteHeaders(nethttp2.HeadersFrameParam{StreamID: 1, BlockFragment: w.encode(getH2("/")...)})
		w.WritePing(false, [8]byte{})
	})
	client("http2.settings-value", func(w *h2Writer) { w.WriteSettings(nethttp2.Setting{ID: nethttp2.SettingMaxFrameSize, Val: 1}) })
	client("http2.window-zero", func(w *h2Writer) { w.WriteWindowUpdate(0, 0) })
	client("http2.window-overflow", func(w *h2Writer) { w.WriteWindowUpdate(0, 1<<31-1) })
	server("http2.window-exceeded", func(w *h2Writer) {
		w.headers(1, false, ":status", "200")
		for range 4 {
			w.WriteData(1, false, make([]byte, 16384))
		}
	})
	client("http2.idle-stream", func(w *h2Writer) { w.WriteData(5, false, []byte("too soon")) })
	client("http2.stream-id", func(w *h2Writer) { w.headers(2, true, getH2("/")...) })
	server("http2.stream-closed", func(w *h2Writer) {
		w.headers(1, true, ":status", "200")
		w.WriteData(1, false, []byte("more"))
	})
	client("http2.push", func(w *h2Writer) {
		w.headers(1, true, getH2("/")...)
		w.WritePushPromise(nethttp2.PushPromiseParam{StreamID: 1, PromiseID: 2, EndHeaders: true, BlockFragment: w.encode(getH2("/")...)})
	})
	header("http2.header-name", append(getH2("/"), "Upper", "case")...)
	header("http2.header-value", append(getH2("/"), "x", "a\nb")...)
	header("http2.connection-header", append(getH2("/"), "connection", "close")...)
	header("http2.pseudo-header", ":method", "GET", ":path", "/")
	server("http2.content-length", func(w *h2Writer) {
		w.headers(1, false, ":status", "200", "content-length", "3")
		w.WriteData(1, true, []byte("four"))
	})
	block := func(code, block string) {
		client(code, func(w *h2Writer) {
			w.WriteHeaders(nethttp2.HeadersFrameParam{StreamID: 1, EndStream: true, EndHeaders: true, BlockFragment: []byte(block)})
		})
	}
	block("hpack.integer", "\xff\xff\xff\xff\xff\xff\x01")
	block("hpack.index", "\xbe")
	block("hpack.huffman", "\x00\x81\x00\x00")
	block("hpack.table-size", "\x3f\xe2\x1f")
	block("hpack.truncated", "\x82\x40\x03ab")
	return cases
}

func TestHTTP2Cases(t *testing.T) {
	for _, test := range http2Cases() {
		t.Run(test.name, func(t *testing.T) {
			for _, f := range checkProperties(t, newConversation, test.turns...) {
				if len(f.Violations) > 0 {
					t.Errorf("%s", show(f))
				}
				if f.Protocol == "data" {
					t.Errorf("%s is not HTTP/2", show(f))
				}
			}
		})
	}
}

func TestHTTP2Violations(t *testing.T) {
	for _, test := range http2Violations() {
		t.Run(test.name, func(t *testing.T) {
			var codes []string
			for _, f := range checkProperties(t, newConversation, test.turns...) {
				for _, v := range f.Violations {
					codes = append(codes, v.Code)
				}
			}
			if len(codes) != 1 || codes[0] != test.name {
				t.Errorf("violations %q", codes)
			}
		})
	}
}

// Frames whose bytes are known by heart.
func TestHTTP2Frames(t *testing.T) {
	for bytes, want := range map[string]string{
		"000006 04 00 00000000 0004 00100000": "http2/settings 0+15 length=6 type=4 flags.unused=0 flags.ack.settings=0 r=0 streamid=0 settings.id=4 settings.initial_window_size=1048576",
		"000004 03 00 80000003 00000008":      "http2/rst-stream 0+13 length=4 type=3 flags.unused=0 r=1 streamid=3 rst_stream.error=8",
		"000006 00 09 00000001 02 610a 62 00 00": "http2/data 0+15 length=6 type=0 flags.unused=0 flags.padded=1 flags.unused=0 flags.end_stream=1 " +
			"r=0 streamid=1 padding=2 data.data=a\nb data.padding=0000",
		"000003 01 05 00000001 82 84 be": "http2/headers 0+12 length=3 type=1 flags.unused=0 flags.priority=0 flags.unused=0 flags.padded=0 flags.eh=1 " +
			"flags.unused=0 flags.end_stream=1 r=0 streamid=1 header.repr=1 header.index=2 → :method: GET header.repr=1 header.index=4 → :path: / headers=be !hpack.index",
	} {
		p, err := hex.DecodeString(strings.ReplaceAll(bytes, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		r, err := Bytes(t.Context(), dissect.NewBudget(), "http2", dissect.Server, "", p)
		if err != nil {
			t.Fatal(err)
		}
		wantFrames(t, r.Frames, want)
	}
}

// Two streams share a connection; each has its own lines and events.
func TestHTTP2EventStreams(t *testing.T) {
	frames := checkProperties(t, newConversation, http2Cases()[0].turns...)
	var got []string
	for _, f := range frames {
		if f.SSE != nil {
			got = append(got, f.Kind+" "+strconv.Itoa(int(f.Stream))+" "+f.SSE.ID+" "+f.SSE.Reason)
			if f.SSE.Event != nil {
				got = append(got, "event "+f.SSE.Event.Data)
			}
		}
	}
	want := []string{
		"field 1 8 ", "field 3  ", "blank 3  ", "event other", "ignored 3  unfinished-line",
		"field 1 8 ", "blank 1 8 ", "event one",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// A client's WINDOW_UPDATE lets the server go on, and a frame tells how much is left.
func TestHTTP2Window(t *testing.T) {
	c, s := newH2Writer(), newH2Writer()
	c.WriteString(http2frame.Preface)
	c.WriteSettings(nethttp2.Setting{ID: nethttp2.SettingInitialWindowSize, Val: 10})
	c.headers(1, true, getH2("/")...)
	s.WriteSettings()
	s.WriteSettingsAck()
	s.headers(1, false, ":status", "200")
	s.WriteData(1, false, make([]byte, 8))
	up, down := c.take(), s.take()
	c.WriteWindowUpdate(1, 5)
	s.WriteData(1, false, make([]byte, 7))
	s.WriteData(1, false, make([]byte, 1))
	frames := checkProperties(t, newConversation, turn{dissect.Client, up}, turn{dissect.Server, down}, turn{dissect.Client, c.take()}, turn{dissect.Server, s.take()})
	var left []int64
	var wrong []string
	for _, f := range frames {
		if f.Kind == "data" {
			left = append(left, *f.Window)
		}
		for _, v := range f.Violations {
			wrong = append(wrong, v.Code)
		}
	}
	if !slices.Equal(left, []int64{2, 0, -1}) || !slices.Equal(wrong, []string{"http2.window-exceeded"}) {
		t.Errorf("left %v, wrong %v", left, wrong)
	}
}

// One byte on the wire can stand for a table entry of kilobytes.
func TestHPACKBomb(t *testing.T) {
	w := newH2Writer()
	w.WriteString(http2frame.Preface)
	w.WriteSettings()
	block := w.encode(append(getH2("/"), "x", strings.Repeat("v", 4000))...)
	block = append(block, bytes.Repeat([]byte{0xbe}, 12000)...)
	w.WriteHeaders(nethttp2.HeadersFrameParam{StreamID: 1, EndStream: true, EndHeaders: true, BlockFragment: block})
	for _, f := range New(1, dissect.NewBudget()).Feed(dissect.Client, start, w.Bytes()) {
		if n := len(described(t, f)); n > 8<<20 {
			t.Errorf("a %s frame of %d bytes is described by %d", f.Kind, f.Length, n)
		}
	}
}

// A header block that is too large to keep is shown and not decoded.
func TestHTTP2LargeBlock(t *testing.T) {
	w := newH2Writer()
	w.WriteString(http2frame.Preface)
	w.WriteSettings()
	block := w.encode(append(getH2("/"), "x", strings.Repeat("\x01", 100_000))...)
	w.WriteHeaders(nethttp2.HeadersFrameParam{StreamID: 1, BlockFragment: block[:16000]})
	for piece := range slices.Chunk(block[16000:], 16000) {
		w.WriteContinuation(1, false, piece)
	}
	w.WriteContinuation(1, true, nil)
	w.headers(3, true, getH2("/after")...)
	checkProperties(t, newConversation, turn{dissect.Client, w.String()})
}

// Every type of frame has its kind, and header blocks say what they are for.
func TestHTTP2Kinds(t *testing.T) {
	got := map[dissect.Side][]string{}
	for _, f := range dissectTurns(New(1, dissect.NewBudget()), http2Cases()[1].turns, dissecttest.Whole) {
		kind := f.Kind
		for _, h := range f.Headers {
			if h.Name == ":path" || h.Name == ":status" {
				kind += " " + h.Value
			}
		}
		got[f.From] = append(got[f.From], kind)
	}
	for side, want := range map[dissect.Side]string{
		dissect.Client: "preface,settings,settings,ping,window-update,priority,request /upload,data,unknown",
		dissect.Server: "settings,settings,settings,ping,window-update,push-promise /pushed,response 103,response 200,data," +
			"response 200,data,trailer,goaway",
	} {
		if list := strings.Join(got[side], ","); list != want {
			t.Errorf("%s: %s", side, list)
		}
	}
}

// Events under gzip are read as they come, on each stream by itself.
func TestHTTP2Gzip(t *testing.T) {
	c, s := newH2Writer(), newH2Writer()
	c.WriteString(http2frame.Preface)
	c.WriteSettings()
	c.headers(1, true, getH2("/a")...)
	c.headers(3, true, getH2("/b")...)
	s.WriteSettings()
	var deflated bytes.Buffer
	w := gzip.NewWriter(&deflated)
	pieces := map[uint32][][]byte{}
	for _, stream := range []uint32{1, 3} {
		w.Reset(&deflated)
		for i, text := range []string{"id: 1\nda", "ta: " + strconv.Itoa(int(stream)) + "\n\n"} {
			w.Write([]byte(text))
			if w.Flush(); i == 1 {
				w.Close()
			}
			pieces[stream] = append(pieces[stream], bytes.Clone(deflated.Bytes()))
			deflated.Reset()
		}
		s.headers(stream, false, ":status", "200", "content-type", "text/event-stream", "content-encoding", "gzip")
	}
	s.WriteData(1, false, pieces[1][0])
	s.WriteData(3, false, pieces[3][0])
	s.WriteDataPadded(3, false, pieces[3][1], make([]byte, 7))
	s.WriteData(1, true, pieces[1][1])
	var got []string
	for _, f := range checkProperties(t, newConversation, turn{dissect.Client, c.take()}, turn{dissect.Server, s.take()}) {
		switch {
		case f.SSE != nil && f.SSE.Event != nil:
			got = append(got, fmt.Sprintf("event %s on %d", f.SSE.Event.Data, f.Stream))
		case f.Kind == "data":
			for _, field := range f.Fields {
				if field.Name == "http2.data.data" {
					got = append(got, fmt.Sprintf("%q on %d", field.Value, f.Stream))
				}
			}
		}
		if len(f.Violations) > 0 {
			t.Error(show(f))
		}
	}
	want := []string{
		`"id: 1\nda" on 1`, `"id: 1\nda" on 3`, `event 3 on 3`, `"ta: 3\n\n" on 3`, `event 1 on 1`, `"ta: 1\n\n" on 1`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// What is used up of a window is said: its sender waits, and no byte says so.
func TestHTTP2WindowUsedUp(t *testing.T) {
	cases := http2Cases()
	all := cases[len(cases)-1]
	var says [][]string
	for _, f := range dissectTurns(New(1, dissect.NewBudget()), all.turns, dissecttest.Whole) {
		if f.Kind == "data" {
			var keys []string
			for _, p := range f.Say {
				if strings.HasSuffix(p.Key, "_used") {
					keys = append(keys, p.Key)
				}
			}
			says = append(says, keys)
			if f.Window == nil || *f.Window != int64(65535-16384*len(says)) && len(says) < 4 {
				t.Errorf("frame %d: a window of %v", len(says), f.Window)
			}
		}
	}
	if len(says) != 4 || len(says[2]) > 0 || !slices.Equal(says[3], []string{"http2.window_used", "http2.connection_used"}) {
		t.Errorf("got %q", says)
	}
}

// From the middle of a connection nobody knows what a window had.
func TestHTTP2WindowFromTheMiddle(t *testing.T) {
	s := newH2Writer()
	for range 8 {
		s.WriteData(1, false, make([]byte, 16384))
	}
	c := newH2Writer()
	c.WriteWindowUpdate(0, 1<<31-1)
	frames := dissectTurns(NewAt(Start{Protocol: "http2"}, 1, dissect.NewBudget()), []turn{{dissect.Client, c.take()}, {dissect.Server, s.take()}}, dissecttest.Whole)
	if codes := violationCodes(frames); len(codes) > 0 {
		t.Errorf("accused of %q", codes)
	}
}
