package export

import (
	"bufio"
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"seewire/playground/answer"
	"seewire/playground/dissect"
	"seewire/playground/wire"
)

// texts are those that JSON writes in another way than they are, or might.
var texts = []string{
	"", "plain", "\x00\x01\b\t\n\v\f\r\x1b\x1f\x7f", `"quoted" \ back`, "<script>&amp;</script>",
	"字 é 🦊", "\u2028\u2029", "\ufffd", "\xff\xc3(\xe4\xb8", "end\xe4", "\xed\xa0\x80",
}

// What is written without reflection is what encoding/json writes, whichever members a
// frame has.
func TestFramesAreWrittenAsJSONDoes(t *testing.T) {
	compare := func(f dissect.Frame) {
		t.Helper()
		want, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		got, err := appendFrame(nil, &f)
		if err != nil || string(got) != string(want) {
			t.Errorf("%v\n got %s\nwant %s", err, got, want)
		}
	}
	compare(dissect.Frame{})
	for _, text := range texts {
		var whole dissect.Frame
		fillMembers(reflect.ValueOf(&whole).Elem(), text)
		compare(whole)
		// Each member by itself, and all but one.
		for i := range reflect.TypeFor[dissect.Frame]().NumField() {
			var one dissect.Frame
			reflect.ValueOf(&one).Elem().Field(i).Set(reflect.ValueOf(whole).Field(i))
			compare(one)
			others := whole
			reflect.ValueOf(&others).Elem().Field(i).SetZero()
			compare(others)
		}
	}
	for _, f := range []dissect.Frame{{Fields: []dissect.Field{}}, {Violations: []dissect.Violation{}}, {SSE: &dissect.SSE{}}, {Fields: make([]dissect.Field, 2)}} {
		compare(f)
	}
	f := dissect.Frame{At: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}
	if _, err := appendFrame(nil, &f); err == nil {
		t.Error("a time that RFC 3339 has no form for was written")
	}
}

// Whatever byte a text has, and wherever it stands among those that are looked at
// together.
func TestTextsAreWrittenAsJSONDoes(t *testing.T) {
	for b := range 256 {
		for before := range 17 {
			text := strings.Repeat("a", before) + string([]byte{byte(b)}) + strings.Repeat("b", 16-before)
			want, err := json.Marshal(text)
			if err != nil {
				t.Fatal(err)
			}
			if got := appendText(nil, text); string(got) != string(want) {
				t.Errorf("got %s, want %s", got, want)
			}
		}
	}
}

// And so is a connection, whose bytes are written in parts.
func TestConnectionsAreWrittenAsJSONDoes(t *testing.T) {
	write := func(connections ...Connection) (string, error) {
		var text bytes.Buffer
		out := &jsonWriter{w: bufio.NewWriter(&text)}
		for i := range connections {
			out.connection(&connections[i])
		}
		err := out.flush()
		return text.String(), err
	}
	compare := func(connections ...Connection) {
		t.Helper()
		want, err := json.Marshal(connections)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := write(connections...); err != nil || "["+got+"]" != string(want) {
			t.Errorf("%v\n got %s\nwant %s", err, got, want)
		}
	}
	compare(Connection{})
	compare(*newConnection(&wire.Connection{}), Connection{}, Connection{})
	for n := 9 << 10; n < 9<<10+3; n++ {
		compare(Connection{Client: make([]byte, n), Server: make([]byte, n-1)})
	}
	for _, text := range texts {
		var whole Connection
		fillMembers(reflect.ValueOf(&whole).Elem(), text)
		compare(whole)
		for i := range reflect.TypeFor[Connection]().NumField() {
			others := whole
			reflect.ValueOf(&others).Elem().Field(i).SetZero()
			compare(others, whole)
		}
	}
	if _, err := write(Connection{Segments: []Segment{{At: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, {}}}); err == nil {
		t.Error("a time that RFC 3339 has no form for was written")
	}
}

// And so is an answer.
func TestAnswersAreWrittenAsJSONDoes(t *testing.T) {
	compare := func(a answer.Answer) {
		t.Helper()
		want, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		got, err := appendAnswer(nil, &a)
		if err != nil || string(got) != string(want) {
			t.Errorf("%v\n got %s\nwant %s", err, got, want)
		}
	}
	compare(answer.Answer{})
	for _, text := range texts {
		var whole answer.Answer
		fillMembers(reflect.ValueOf(&whole).Elem(), text)
		compare(whole)
		for i := range reflect.TypeFor[answer.Answer]().NumField() {
			others := whole
			reflect.ValueOf(&others).Elem().Field(i).SetZero()
			compare(others)
		}
	}
	a := answer.Answer{Parts: []answer.Part{{Pieces: []answer.Piece{{At: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, {}}}, {}}}
	if _, err := appendAnswer(nil, &a); err == nil {
		t.Error("a time that RFC 3339 has no form for was written")
	}
}

// fillMembers gives every member of a value something that is not zero.
func fillMembers(v reflect.Value, text string) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Unix(1764300000, 120).UTC()))
	case v.Kind() == reflect.String:
		v.SetString(text)
	case v.CanInt():
		v.SetInt(-7)
	case v.CanUint():
		v.SetUint(7)
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillMembers(v.Elem(), text)
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fillMembers(v.Index(0), text)
	case v.CanFloat():
		v.SetFloat(-0.7)
	case v.Kind() == reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{text: text}))
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fillMembers(v.Field(i), text)
			}
		}
	}
}
