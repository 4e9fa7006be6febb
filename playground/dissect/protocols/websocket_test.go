package protocols

import (
	"encoding/binary"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"seewire/playground/dissect"
)

// wsFrame builds a frame of a server, or with a key one of a client.
func wsFrame(first byte, key string, payload string) string {
	b := []byte{first}
	mask := byte(0)
	if key != "" {
		mask = 0x80
	}
	switch n := len(payload); {
	case n < 126:
		b = append(b, mask|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, mask|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, mask|127), uint64(n))
	}
	b = append(b, key...)
	for i := range len(payload) {
		if key != "" {
			b = append(b, payload[i]^key[i%4])
		} else {
			b = append(b, payload[i])
		}
	}
	return string(b)
}

// A wsCase is frames of one side and how they are shown.
type wsCase struct {
	name       string
	from       dissect.Side
	extensions string
	bytes      string
	want       []string
}

const (
	bits1  = " fin=1 rsv1=0 rsv2=0 rsv3=0"
	bits0  = " fin=0 rsv1=0 rsv2=0 rsv3=0"
	bits1c = " fin=1 rsv1=1 rsv2=0 rsv3=0"
	bits0c = " fin=0 rsv1=1 rsv2=0 rsv3=0"
	pmd    = "permessage-deflate"
)

func wsCases() []wsCase {
	k256, k64 := strings.Repeat("\x00", 256), strings.Repeat("a", 64<<10)
	return []wsCase{
		// The examples of RFC 6455 §5.7.
		{"an unmasked text message", dissect.Server, "", "\x81\x05\x48\x65\x6c\x6c\x6f",
			[]string{"websocket/text 0+7" + bits1 + " opcode=1 mask=0 payload_length=5 payload=Hello"}},
		{"a masked text message", dissect.Client, "", "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58",
			[]string{"websocket/text 0+11" + bits1 + " opcode=1 mask=1 payload_length=5 masking_key=37fa213d payload=Hello"}},
		{"a fragmented text message", dissect.Server, "", "\x01\x03\x48\x65\x6c\x80\x02\x6c\x6f",
			[]string{"websocket/text 0+5" + bits0 + " opcode=1 mask=0 payload_length=3 payload=Hel",
				"websocket/continuation 5+4" + bits1 + " opcode=0 mask=0 payload_length=2 payload=lo"}},
		{"a ping", dissect.Server, "", "\x89\x05\x48\x65\x6c\x6c\x6f",
			[]string{"websocket/ping 0+7" + bits1 + " opcode=9 mask=0 payload_length=5 payload=Hello"}},
		{"a masked pong", dissect.Client, "", "\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58",
			[]string{"websocket/pong 0+11" + bits1 + " opcode=10 mask=1 payload_length=5 masking_key=37fa213d payload=Hello"}},
		{"256 bytes", dissect.Server, "", "\x82\x7E\x01\x00" + k256,
			[]string{"websocket/binary 0+260" + bits1 + " opcode=2 mask=0 payload_length=126 payload_length_ext_16=256 payload=" + strings.Repeat("00", 256)}},
		{"64 KiB", dissect.Server, "", "\x81\x7F\x00\x00\x00\x00\x00\x01\x00\x00" + k64,
			[]string{"websocket/text 0+65546" + bits1 + " opcode=1 mask=0 payload_length=127 payload_length_ext_64=65536 payload=" + k64}},

		{"more than is shown", dissect.Server, "", wsFrame(0x81, "", k64+"b"),
			[]string{"websocket/text 0+65547" + bits1 + " opcode=1 mask=0 payload_length=127 payload_length_ext_64=65537 payload=" + k64 + "…"}},
		{"nothing in them", dissect.Server, "", "\x81\x00\x82\x00\x88\x00\x89\x00",
			[]string{"websocket/text 0+2" + bits1 + " opcode=1 mask=0 payload_length=0",
				"websocket/binary 2+2" + bits1 + " opcode=2 mask=0 payload_length=0",
				"websocket/close 4+2" + bits1 + " opcode=8 mask=0 payload_length=0",
				"websocket/ping 6+2" + bits1 + " opcode=9 mask=0 payload_length=0"}},
		{"a masked frame with nothing in it", dissect.Client, "", "\x81\x80\x01\x02\x03\x04",
			[]string{"websocket/text 0+6" + bits1 + " opcode=1 mask=1 payload_length=0 masking_key=01020304"}},
		{"a ping between fragments that cut a character", dissect.Server, "", "\x01\x04a\xF0\x9F\x99\x89\x01x\x00\x00\x80\x02\x82b",
			[]string{"websocket/text 0+6" + bits0 + " opcode=1 mask=0 payload_length=4 payload=a",
				"websocket/ping 6+3" + bits1 + " opcode=9 mask=0 payload_length=1 payload=x",
				"websocket/continuation 9+2" + bits0 + " opcode=0 mask=0 payload_length=0",
				"websocket/continuation 11+4" + bits1 + " opcode=0 mask=0 payload_length=2 payload=🙂b"}},
		{"fragments of bytes", dissect.Server, "", "\x02\x01a\x80\x01b",
			[]string{"websocket/binary 0+3" + bits0 + " opcode=2 mask=0 payload_length=1 payload=61",
				"websocket/continuation 3+3" + bits1 + " opcode=0 mask=0 payload_length=1 payload=62"}},
		{"a close with a reason", dissect.Server, "", "\x88\x05\x0f\xa0帧",
			[]string{"websocket/close 0+7" + bits1 + " opcode=8 mask=0 payload_length=5 payload.close.status_code=4000 payload.close.reason=帧"}},
		{"a ping of bytes", dissect.Server, "", "\x89\x02\x00\xff",
			[]string{"websocket/ping 0+4" + bits1 + " opcode=9 mask=0 payload_length=2 payload=00ff"}},

		// The examples of RFC 7692 §7.2.3.
		{"one compressed message", dissect.Server, pmd, "\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00",
			[]string{"websocket/text 0+9" + bits1c + " opcode=1 mask=0 payload_length=7 payload=Hello"}},
		{"a compressed message in fragments", dissect.Server, pmd, "\x41\x03\xf2\x48\xcd\x80\x04\xc9\xc9\x07\x00",
			[]string{"websocket/text 0+5" + bits0c + " opcode=1 mask=0 payload_length=3 payload=f248cd",
				"websocket/continuation 5+6" + bits1 + " opcode=0 mask=0 payload_length=4 payload=Hello"}},
		{"a shared window", dissect.Server, pmd, "\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00\xc1\x05\xf2\x00\x11\x00\x00",
			[]string{"websocket/text 0+9" + bits1c + " opcode=1 mask=0 payload_length=7 payload=Hello",
				"websocket/text 9+7" + bits1c + " opcode=1 mask=0 payload_length=5 payload=Hello"}},
		{"no shared window", dissect.Server, pmd + "; server_no_context_takeover", strings.Repeat("\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00", 2),
			[]string{"websocket/text 0+9" + bits1c + " opcode=1 mask=0 payload_length=7 payload=Hello",
				"websocket/text 9+9" + bits1c + " opcode=1 mask=0 payload_length=7 payload=Hello"}},
		{"a reference to a window that is not shared", dissect.Server, pmd + "; server_no_context_takeover",
			"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00\xc1\x05\xf2\x00\x11\x00\x00\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00",
			[]string{"websocket/text 0+9" + bits1c + " opcode=1 mask=0 payload_length=7 payload=Hello",
				"websocket/text 9+7" + bits1c + " opcode=1 mask=0 payload_length=5 payload=f200110000 !websocket.deflate-context",
				"websocket/text 16+9" + bits1c + " opcode=1 mask=0 payload_length=7 payload=Hello"}},
		{"a block without compression", dissect.Server, pmd, "\xc1\x0b\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00",
			[]string{"websocket/text 0+13" + bits1c + " opcode=1 mask=0 payload_length=11 payload=Hello"}},
		{"a block with BFINAL, and the window after it", dissect.Server, pmd, "\xc1\x08\xf3\x48\xcd\xc9\xc9\x07\x00\x00\xc1\x05\xf2\x00\x11\x00\x00",
			[]string{"websocket/text 0+10" + bits1c + " opcode=1 mask=0 payload_length=8 payload=Hello",
				"websocket/text 10+7" + bits1c + " opcode=1 mask=0 payload_length=5 payload=Hello"}},
		{"two blocks", dissect.Server, pmd, "\xc1\x0d\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00",
			[]string{"websocket/text 0+15" + bits1c + " opcode=1 mask=0 payload_length=13 payload=Hello"}},
		{"an empty compressed message", dissect.Server, pmd, "\xc1\x01\x00",
			[]string{"websocket/text 0+3" + bits1c + " opcode=1 mask=0 payload_length=1 payload="}},

		{"a message that is not compressed among those that are", dissect.Client, "x-other, Permessage-Deflate ;client_max_window_bits=15; client_no_context_takeover",
			wsFrame(0xc1, "abcd", "\xf2\x48\xcd\xc9\xc9\x07\x00") + wsFrame(0x81, "abcd", "Hello") + wsFrame(0xc2, "abcd", "\xf2\x48\xcd\xc9\xc9\x07\x00"),
			[]string{"websocket/text 0+13" + bits1c + " opcode=1 mask=1 payload_length=7 masking_key=61626364 payload=Hello",
				"websocket/text 13+11" + bits1 + " opcode=1 mask=1 payload_length=5 masking_key=61626364 payload=Hello",
				"websocket/binary 24+13" + bits1c + " opcode=2 mask=1 payload_length=7 masking_key=61626364 payload=48656c6c6f"}},

		// Cut.
		{"one byte of a header", dissect.Server, "", "\x81",
			[]string{"websocket/text 0+1" + bits1 + " opcode=1 cut"}},
		{"half a length", dissect.Server, "", "\x81\x7e\x01",
			[]string{"websocket/text 0+3" + bits1 + " opcode=1 mask=0 payload_length=126 payload_length_ext_16=01 cut"}},
		{"half a key", dissect.Client, "", "\x81\xfe\x01\x00\xab",
			[]string{"websocket/text 0+5" + bits1 + " opcode=1 mask=1 payload_length=126 payload_length_ext_16=256 masking_key=ab cut"}},
		{"half a payload", dissect.Server, "", "\x81\x05Hel",
			[]string{"websocket/text 0+5" + bits1 + " opcode=1 mask=0 payload_length=5 payload=Hel cut"}},
		{"half a close", dissect.Server, "", "\x88\x05\x03",
			[]string{"websocket/close 0+3" + bits1 + " opcode=8 mask=0 payload_length=5 payload.close.status_code=03 cut"}},
		{"half a compressed message", dissect.Server, pmd, "\xc1\x07\xf2\x48",
			[]string{"websocket/text 0+4" + bits1c + " opcode=1 mask=0 payload_length=7 payload=f248 cut"}},
	}
}

func TestWebSocket(t *testing.T) {
	for _, test := range wsCases() {
		t.Run(test.name, func(t *testing.T) {
			frames := checkProperties(t, oneSided(t, "websocket", test.from, test.extensions), turn{test.from, test.bytes})
			wantFrames(t, frames, test.want...)
		})
	}
}

// wsViolations are frames by what is wrong with them, in order.
func wsViolations() []wsCase {
	key := "\x01\x02\x03\x04"
	extended := func(length string) string { return "\x82" + length }
	return []wsCase{
		{"", dissect.Server, "", "\x91\x00", []string{"websocket.reserved-bit"}},
		{"", dissect.Server, "", "\xa1\x00", []string{"websocket.reserved-bit"}},
		{"", dissect.Server, "", "\xc1\x00", []string{"websocket.reserved-bit"}},
		{"", dissect.Server, pmd, "\xf1\x01\x00", []string{"websocket.reserved-bit"}},
		{"", dissect.Server, pmd, "\xc9\x00", []string{"websocket.compressed-bit"}},
		{"", dissect.Server, pmd, "\x01\x00\xc0\x00", []string{"websocket.compressed-bit"}},
		{"", dissect.Server, "", "\x83\x00\x84\x00\x85\x00\x86\x00\x87\x00", slices.Repeat([]string{"websocket.reserved-opcode"}, 5)},
		{"", dissect.Server, "", "\x8b\x00\x8c\x00\x8d\x00\x8e\x00\x8f\x00", slices.Repeat([]string{"websocket.reserved-opcode"}, 5)},
		{"", dissect.Server, "", "\x81\x80" + key, []string{"websocket.masked-server-frame"}},
		{"", dissect.Client, "", "\x81\x00", []string{"websocket.unmasked-client-frame"}},
		{"", dissect.Server, "", extended("\x7e\x00\x7d" + strings.Repeat("a", 125)), []string{"websocket.length-not-minimal"}},
		{"", dissect.Server, "", extended("\x7e\x00\x7e" + strings.Repeat("a", 126)), nil},
		{"", dissect.Server, "", extended("\x7f\x00\x00\x00\x00\x00\x00\xff\xff" + strings.Repeat("a", 65535)), []string{"websocket.length-not-minimal"}},
		{"", dissect.Server, "", extended("\x7f\x00\x00\x00\x00\x00\x01\x00\x00" + strings.Repeat("a", 65536)), nil},
		{"", dissect.Server, "", extended("\x7f\x80\x00\x00\x00\x00\x00\x00\x00") + "abc", []string{"websocket.length-high-bit"}},
		{"", dissect.Server, "", extended("\x7f\xff\xff\xff\xff\xff\xff\xff\xff") + "abc", []string{"websocket.length-high-bit"}},
		{"", dissect.Server, "", wsFrame(0x89, "", strings.Repeat("a", 125)), nil},
		{"", dissect.Server, "", wsFrame(0x89, "", strings.Repeat("a", 126)), []string{"websocket.control-too-long"}},
		{"", dissect.Server, "", "\x09\x00", []string{"websocket.control-fragmented"}},
		{"", dissect.Server, "", "\x80\x00", []string{"websocket.continuation-without-start"}},
		{"", dissect.Server, "", "\x00\x00\x80\x00\x80\x00", []string{"websocket.continuation-without-start", "websocket.continuation-without-start"}},
		{"", dissect.Server, "", "\x01\x00\x81\x00", []string{"websocket.message-interrupted"}},
		{"", dissect.Server, "", "\x88\x00\x81\x00\x89\x00", []string{"websocket.data-after-close"}},

		{"", dissect.Server, "", "\x81\x01\xff", []string{"websocket.invalid-utf8"}},
		{"", dissect.Server, "", "\x81\x02\xe5\xb8", []string{"websocket.invalid-utf8"}},
		{"", dissect.Server, "", "\x81\x02\xc0\xaf", []string{"websocket.invalid-utf8"}},
		{"", dissect.Server, "", "\x81\x03\xed\xa0\x80", []string{"websocket.invalid-utf8"}},
		{"", dissect.Server, "", "\x81\x04\xf4\x90\x80\x80", []string{"websocket.invalid-utf8"}},
		{"", dissect.Server, "", "\x01\x02\xe5\xb8\x80\x01\xa7", nil},
		{"", dissect.Server, "", "\x01\x02\xe5\xb8\x80\x01a", []string{"websocket.invalid-utf8"}},
		{"", dissect.Server, "", "\x01\x01\xff\x00\x01\xff\x80\x00", []string{"websocket.invalid-utf8"}},
		{"", dissect.Server, "", "\x02\x01\xff\x80\x01\xff", nil},
		{"", dissect.Server, pmd, "\xc1\x07\x00\x01\x00\xfe\xff\xff\x00", []string{"websocket.invalid-utf8"}},

		{"", dissect.Server, "", "\x88\x01\x03", []string{"websocket.close-one-byte"}},
		{"", dissect.Server, "", "\x88\x03\x03\xe8\xff", []string{"websocket.close-reason"}},
		{"", dissect.Server, pmd, "\xc1\x01\x07", []string{"websocket.deflate"}},
		{"", dissect.Server, pmd, "\xc1\x01\x07\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00", []string{"websocket.deflate"}},
	}
}

func TestWebSocketViolations(t *testing.T) {
	for _, test := range wsViolations() {
		bytes := test.bytes[:min(len(test.bytes), 20)]
		frames := checkProperties(t, oneSided(t, "websocket", test.from, test.extensions), turn{test.from, test.bytes})
		if got := violationCodes(frames); !slices.Equal(got, test.want) {
			t.Errorf("%x: got %q, want %q", bytes, got, test.want)
		}
	}
}

func TestCloseCodes(t *testing.T) {
	// RFC 6455 §7.4, and 1012 to 1014 of IANA's registry.
	allowed := func(code int) bool {
		return 1000 <= code && code <= 1003 || 1007 <= code && code <= 1014 || 3000 <= code && code <= 4999
	}
	for code := range 1 << 16 {
		frame := binary.BigEndian.AppendUint16([]byte{0x88, 2}, uint16(code))
		r, err := Bytes(t.Context(), dissect.NewBudget(), "websocket", dissect.Server, "", frame)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(r.Frames[0].Violations) == 0; got != allowed(code) {
			t.Errorf("%d: allowed %v, want %v", code, got, allowed(code))
		}
	}
}

func TestWebSocketSays(t *testing.T) {
	for bytes, want := range map[string]string{
		"\x81\x05Hello":                        `websocket.text|websocket.fin|bytes 5|payload "Hello"`,
		"\x82\x01a":                            `websocket.binary|websocket.fin|bytes 1`,
		"\x88\x05\x0f\xa0帧":                    `websocket.close "4000"|payload "帧"`,
		"\x88\x02\x03\xe9":                     `websocket.close "1001"`,
		"\x83\x00":                             `websocket.reserved 3|websocket.fin|bytes`,
		"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00": `websocket.text|websocket.fin|websocket.compressed|bytes 7|inflated 5|payload "Hello"`,
		"\x01\x03Hel":                          `websocket.text|websocket.more|bytes 3|payload "Hel"`,
		"\x81\x05Hel":                          `websocket.text|websocket.fin|bytes 3|payload "Hel"`,
	} {
		r, err := Bytes(t.Context(), dissect.NewBudget(), "websocket", dissect.Server, pmd, []byte(bytes))
		if err != nil {
			t.Fatal(err)
		}
		if got := said(r.Frames[0]); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// What a frame adds to its message: a control frame in between does not count.
func TestMessages(t *testing.T) {
	five := 5
	for _, test := range []struct {
		extensions, bytes string
		want              []*dissect.Message
	}{
		{"", "\x81\x05Hello", []*dissect.Message{nil}},
		{"", "\x89\x00" + "\x01\x03Hel" + "\x89\x00" + "\x00\x01l" + "\x80\x01o", []*dissect.Message{
			nil, {First: 2, Fragment: 1, Length: 3}, nil, {First: 2, Fragment: 2, Length: 4}, {First: 2, Fragment: 3, Length: 5},
		}},
		{pmd, "\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00" + "\x41\x03\xf2\x00\x11" + "\x80\x02\x00\x00", []*dissect.Message{
			{First: 0, Fragment: 1, Length: 7, Compressed: true, Takeover: true, Inflated: &five},
			{First: 9, Fragment: 1, Length: 3, Compressed: true, Takeover: true},
			{First: 9, Fragment: 2, Length: 5, Compressed: true, Takeover: true, Inflated: &five}, // RFC 7692 §7.2.3.2
		}},
		{pmd + "; server_no_context_takeover", "\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00", []*dissect.Message{
			{First: 0, Fragment: 1, Length: 7, Compressed: true, Inflated: &five},
		}},
	} {
		r, err := Bytes(t.Context(), dissect.NewBudget(), "websocket", dissect.Server, test.extensions, []byte(test.bytes))
		if err != nil {
			t.Fatal(err)
		}
		var got []*dissect.Message
		for _, f := range r.Frames {
			got = append(got, f.Message)
		}
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%q: got %s, want %s", test.bytes, asJSON(t, got), asJSON(t, test.want))
		}
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
