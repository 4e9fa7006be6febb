package answer

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"seewire/playground/dissect"
)

// valueOf is an object as package json has it.
func valueOf(o object) map[string]any {
	if o == nil {
		return nil
	}
	all := map[string]any{}
	for i := 0; i < len(o); i += 1 + o[i].inside {
		if all[o[i].name] = nodeValue(o, i); o[i].kind() == 'n' {
			all[o[i].name] = nil
		}
	}
	return all
}

func nodeValue(o object, i int) any {
	switch o[i].kind() {
	case '{':
		return valueOf(o.inside(i))
	case '[':
		return object{node{name: "n", text: o[i].text}}.any("n")
	case '"':
		return unquoted(o[i].text)
	case 't', 'f':
		return o[i].kind() == 't'
	case 'n':
		return nil
	}
	return object{node{name: "n", text: o[i].text}}.any("n")
}

// An object is what package json makes of the text.
func FuzzObject(f *testing.F) {
	for _, text := range []string{
		`{}`, ` { "a" : { "b" : [ 1 , -2.5e3 , 1.5, 2e3,7E-1 ,0,10, "x" , [ ] , { } , null , true , false ] } , "c":""} `,
		`{"a":"\"\\\/\b\n\u00e9\ud83d\ude00\ud83d","\u0061\n":1}`, "{\"a\":\"\xff\",\"\xff\":1}", `{"a":1,"a":{"b":2},"a":[3]}`,
		`null`, `[1]`, `"x"`, `1`, ``, ` `, `{`, `}`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `{"a":1 "b":2}`, `{"a":1`, `{"a":[1`, `{"a":1}}`, `{"a":1} x`, "{\"a\":1}\x00",
		`{"a":01}`, `{"a":1.}`, `{"a":-}`, `{"a":+1}`, `{"a":1e999}`, `{"a":0x10}`, `{"a":1_0}`, `{"a":Inf}`, `{"a":nan}`, `{"a":truex}`, `{"a":nul}`, `{"a":-0}`,
		`{"a":"\x"}`, `{"a":"\u12g4"}`, `{"a":"x`, `{"a":"x\`, "{\"a\":\"\n\"}", `{"a":[1,2}`, `{"a":[1}]`, `{"a":[,]}`, `{'a':1}`, `{a:1}`, `{1:2}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var want map[string]any
		if json.Unmarshal([]byte(text), &want) != nil {
			want = nil
		}
		if got := valueOf(new(jsonReader).object(text)); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	})
}

// An object is as deep as package json lets one be.
func TestObjectIsDeep(t *testing.T) {
	for depth, ok := range map[int]bool{maxDepth: true, maxDepth + 1: false} {
		text := `{"a":` + strings.Repeat("[", depth-1) + strings.Repeat("]", depth-1) + "}"
		if o := new(jsonReader).object(text); (o != nil) != ok || json.Valid([]byte(text)) != ok {
			t.Errorf("%d deep: %v", depth, o != nil)
		}
	}
}

// An event of a stream that goes on takes no memory to look at.
func TestObjectAllocates(t *testing.T) {
	var r jsonReader
	text := `{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1764406342,"choices":[{"index":0,"delta":{"content":"a token"},"finish_reason":null}]}`
	n := testing.AllocsPerRun(100, func() {
		if o := r.object(text); o.objects("choices")[0].object("delta").text("content") != "a token" {
			t.Error(o)
		}
	})
	if n > 1 { // the list of choices
		t.Errorf("%v allocations", n)
	}
}

// An array is not taken apart but for the objects in it, which is all that is asked of one;
// and what a large event took is not kept.
func TestObjectTakesLittle(t *testing.T) {
	var r jsonReader
	if o := r.object(`{"a":[` + strings.Repeat(`1,[2,3],"x",`, 1000) + `{"b":1}]}`); len(o.objects("a")) != 1 || len(o) != 3 {
		t.Errorf("%d values", len(o))
	}

	a := NewReader()
	event := dissect.Event{Type: "message", Data: "{" + strings.Repeat(`"a":1,`, 10*maxNodes) + `"b":1}`}
	a.Read([]dissect.Frame{{Connection: 1, Exchange: 1, From: dissect.Server, Protocol: "sse", SSE: &dissect.SSE{Event: &event}}})
	if n := cap(a.json.nodes); n > maxNodes {
		t.Errorf("there is room for %d values", n)
	}
}

// What an event may cost is bounded, however many objects are in it; all of it has to be JSON.
func TestManyObjects(t *testing.T) {
	var r jsonReader
	many := strings.Repeat("{},", 2_000_000)
	if o := r.object(`{"a":[` + many + `{}],"b":7}`); o == nil || o.number("b") != 7 || len(o.objects("a")) < maxNodes-2 {
		t.Error("what stands around them is not read")
	}
	if n := cap(r.nodes); n > 2*maxNodes {
		t.Errorf("there is room for %d values", n)
	}
	if r.object(`{"a":[`+many+`{]}`) != nil {
		t.Error("what is no JSON is read")
	}
}
