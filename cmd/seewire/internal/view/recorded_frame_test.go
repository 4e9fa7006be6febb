package view

import (
	"strings"
	"testing"
)

func TestDump(t *testing.T) {
	named := func(names ...string) (all []RecordedField) {
		for i, name := range names {
			all = append(all, RecordedField{Name: name, Offset: i, Length: 1})
		}
		return all
	}
	line := func(at, hex, text string) string {
		return `<span class="line"><span class="at">` + at + `</span><span class="hex">` + hex + `</span><span class="text">` + text + `</span></span>`
	}
	in := func(name, text string) string { return `<span class="` + tint(name) + `">` + text + `</span>` }
	none := func(text string) string { return `<span class="tint-none">` + text + `</span>` }
	for _, c := range []struct {
		name  string
		frame RecordedFrame
		want  string
	}{
		{"bits of one byte share its colour",
			RecordedFrame{Bytes: []byte{0x81, 0x31}, Fields: []RecordedField{{"websocket.fin", 0, 1, "1", ""}, {"websocket.opcode", 0, 1, "1", ""}, {"websocket.payload", 1, 1, "1", ""}}},
			line("0000", in("websocket.fin", "81")+" "+in("websocket.payload", "31"), in("websocket.fin", "·")+in("websocket.payload", "1"))},
		{"bytes of an inner frame have none",
			RecordedFrame{Bytes: []byte("1<\r"), Fields: []RecordedField{{"http.chunk_size", 0, 1, "1", ""}, {"http.chunk_end", 2, 1, "", ""}}},
			line("0000", in("http.chunk_size", "31")+" "+none("3c")+" "+in("x.end", "0d"), in("http.chunk_size", "1")+none("&lt;")+in("x.end", "·"))},
		{"an empty field takes no byte",
			RecordedFrame{Bytes: []byte{1}, Fields: []RecordedField{{"empty", 0, 0, "", ""}, {"a", 0, 1, "", ""}}},
			line("0000", in("a", "01"), in("a", "·"))},
		{"a field goes on in the next line, and may go past the bytes",
			RecordedFrame{Bytes: []byte("0123456789abcdefgh"), Fields: []RecordedField{{"a", 0, 50, "", ""}}},
			line("0000", in("a", "30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66"), in("a", "0123456789abcdef")) + line("0010", in("a", "67 68"), in("a", "gh"))},
		{"nothing", RecordedFrame{Fields: named("a")}, ""},
	} {
		got := render(t, c.frame.dump())
		if got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// The viewer's own test says the same of these names.
func TestTint(t *testing.T) {
	for name, want := range map[string]string{"http.last_event_id": "tint-6", "http.line_end": "tint-8", "websocket.fin": "tint-7", "websocket.masking_key": "tint-5", "sse.blank": "tint-8"} {
		if got := tint(name); got != want {
			t.Errorf("%s has %s, want %s", name, got, want)
		}
	}
}

func TestContent(t *testing.T) {
	f := RecordedFrame{Fields: []RecordedField{{Name: "http.header.name"}, {Name: "http.header.colon"}, {Name: "http.host"}, {Name: "http.line_end"}}}
	if got := f.content(); len(got) != 2 || len(f.Fields) != 4 {
		t.Errorf("%v is left of %v", got, f.Fields)
	}
}

func TestPlace(t *testing.T) {
	for want, field := range map[string]RecordedField{"3": {Offset: 3, Length: 1}, "2–5": {Offset: 2, Length: 4}} {
		if got := field.place(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestRecordedFrames(t *testing.T) {
	got := render(t, recordedFrames(page(t, ""), []RecordedFrame{{Side: "ws", From: "client", Time: "0.503", Summary: "Text <1>", Bytes: []byte{0x81}, Fields: []RecordedField{{"websocket.fin", 0, 1, "1", ""}}}}))
	for _, want := range []string{`<li data-side="ws">`, "↑", "Text &lt;1&gt;", `<a class="tint-7" href="/zh/fields#websocket.fin">`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s lacks %s", got, want)
		}
	}
}
