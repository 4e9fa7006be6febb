package view

import (
	"strings"
	"testing"
)

func TestDump(t *testing.T) {
	for _, c := range []struct {
		name  string
		frame RecordedFrame
		want  string
	}{
		{"bits of one byte share its colour",
			RecordedFrame{Bytes: []byte{0x81, 0x01, 0x31}, Fields: []RecordedField{{"fin", 0, 1, "1", ""}, {"opcode", 0, 1, "1", ""}, {"length", 1, 1, "1", ""}, {"payload", 2, 1, "1", ""}}},
			`<span class="tint-1">81</span> <span class="tint-3">01</span> <span class="tint-4">31</span> `},
		{"bytes of an inner frame have none",
			RecordedFrame{Bytes: []byte("1\r\nx\r\n"), Fields: []RecordedField{{"size", 0, 1, "1", ""}, {"end", 1, 2, "", ""}, {"end", 4, 2, "", ""}}},
			`<span class="tint-1">31</span> <span class="tint-2">0d 0a</span> <span class="tint-none">78</span> <span class="tint-3">0d 0a</span> `},
		{"an empty field takes no byte",
			RecordedFrame{Bytes: []byte{1}, Fields: []RecordedField{{"empty", 0, 0, "", ""}, {"a", 0, 1, "", ""}}},
			`<span class="tint-2">01</span> `},
		{"colours begin again",
			RecordedFrame{Bytes: []byte{8}, Fields: nine()},
			`<span class="tint-1">08</span> `},
		{"a field that goes past the bytes",
			RecordedFrame{Bytes: []byte{1}, Fields: []RecordedField{{"a", 0, 5, "", ""}}},
			`<span class="tint-1">01</span> `},
		{"nothing", RecordedFrame{}, ""},
	} {
		got := render(t, c.frame.dump())
		if got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// nine are as many fields as there are colours, all empty, and one more.
func nine() []RecordedField { return append(make([]RecordedField, tints), RecordedField{Length: 1}) }

func TestPlace(t *testing.T) {
	for want, field := range map[string]RecordedField{"3": {Offset: 3, Length: 1}, "2–5": {Offset: 2, Length: 4}} {
		if got := field.place(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestRecordedFrames(t *testing.T) {
	got := render(t, recordedFrames(page(t, ""), []RecordedFrame{{Side: "ws", From: "client", Time: "0.503", Summary: "Text <1>", Bytes: []byte{0x81}, Fields: []RecordedField{{"websocket.fin", 0, 1, "1", ""}}}}))
	for _, want := range []string{`<li data-side="ws">`, "↑", "Text &lt;1&gt;", `<a class="tint-1" href="/zh/fields#websocket.fin">`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s lacks %s", got, want)
		}
	}
}
