package answer

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"seewire/playground/dissect"
	"seewire/playground/dissect/protocols"
)

// framesOf dissects a body.
func framesOf(t *testing.T, protocol, body string) []dissect.Frame {
	t.Helper()
	result, err := protocols.Bytes(t.Context(), dissect.NewBudget(), protocol, dissect.Server, "", []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return result.Frames
}

// of puts a body together: an event stream, or lines of JSON.
func of(t *testing.T, body string) Answer {
	t.Helper()
	protocol := "sse"
	if strings.HasPrefix(body, "{") {
		protocol = "ndjson"
	}
	frames := framesOf(t, protocol, body)
	answers := Of(frames)
	if len(answers) != 1 {
		t.Fatalf("%d answers of %d frames", len(answers), len(frames))
	}
	return answers[0]
}

// brief is an answer in one line.
func brief(a Answer) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %d", a.Form, a.Events)
	for _, p := range a.Parts {
		fmt.Fprintf(&b, " | %s %d", p.Kind, p.Index)
		if p.Name+p.ID != "" {
			fmt.Fprintf(&b, " %s(%s)", p.Name, p.ID)
		}
		fmt.Fprintf(&b, " %q/%d", p.Text, len(p.Pieces))
	}
	if a.Usage != nil {
		fmt.Fprintf(&b, " | %d in, %d out", a.Usage.In, a.Usage.Out)
	}
	fmt.Fprintf(&b, " | %s %v", a.Finish, a.Ended)
	for _, p := range a.Problems {
		fmt.Fprintf(&b, " | %s %v", p.Code, p.Args)
	}
	return b.String()
}

func events(data ...string) string {
	return "data: " + strings.Join(data, "\n\ndata: ") + "\n\n"
}

func TestForms(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"chat: text, two calls by turns, usage", events(
			`{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}`,
			`{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Let me"}}]}`,
			`{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":" look."}}]}`,
			`{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"weather","arguments":""}}]}}]}`,
			`{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]}}]}`,
			`{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"b","function":{"name":"time","arguments":"{}"}}]}}]}`,
			`{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"重庆\"}"}}]}}]}`,
			`{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}`,
			`{"object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":7}}`,
			`[DONE]`,
		), `openai-chat 10 | text 0 "Let me look."/2 | call 0 weather(a) "{\"city\":\"重庆\"}"/2 | call 1 time(b) "{}"/1 | 9 in, 7 out | tool_calls true`},
		{"chat: cut off in the arguments", events(
			`{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"weather","arguments":"{\"ci"}}]}}]}`,
		), `openai-chat 1 | call 0 weather(a) "{\"ci"/1 |  false | arguments map[name:weather] | no-end map[]`},
		{"chat: an error after the 200, and a proxy's page", events(
			`{"choices":[{"index":0,"delta":{"content":"x"}}]}`,
			`<html>502</html>`,
			`{"error":{"message":"too busy","type":"server_error"}}`,
		), `openai-chat 3 | text 0 "x"/1 |  false | not-json map[] | error map[kind:server_error message:too busy]`},
		{"responses", events(
			`{"type":"response.created","sequence_number":0,"response":{"status":"in_progress"}}`,
			`{"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"type":"message"}}`,
			`{"type":"response.output_text.delta","sequence_number":2,"output_index":0,"content_index":0,"delta":"Hi"}`,
			`{"type":"response.output_item.done","sequence_number":3,"output_index":0}`,
			`{"type":"response.output_item.added","sequence_number":4,"output_index":1,"item":{"type":"function_call","name":"f","call_id":"c"}}`,
			`{"type":"response.function_call_arguments.delta","sequence_number":6,"output_index":1,"delta":"{}"}`,
			`{"type":"response.completed","sequence_number":7,"response":{"status":"completed","usage":{"input_tokens":3,"output_tokens":2}}}`,
		), `openai-responses 7 | text 0 "Hi"/1 | call 1 f(c) "{}"/1 | 3 in, 2 out | completed true | number-missing map[after:4 number:6] | never-closed map[index:1 kind:call]`},
		{"anthropic, broken off", "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":5,\"output_tokens\":1}}}\n\n: x\n\n" + events(
			`{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}`,
			`{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Two."}}`,
			`{"type":"content_block_stop","index":0}`,
			`{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"weather","input":{}}}`,
			`{"type":"ping"}`,
			`{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"city\": \"Chong"}}`,
			`{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`,
		), `anthropic 8 | reasoning 0 "Two."/1 | call 1 weather(t) "{\"city\": \"Chong"/1 | 5 in, 0 out |  false | error map[kind:overloaded_error message:Overloaded] | arguments map[name:weather] | never-closed map[index:1 kind:call] | no-usage map[]`},
		{"gemini", events(
			`{"candidates":[{"content":{"parts":[{"text":"Hm","thought":true}]}}]}`,
			`{"candidates":[{"content":{"parts":[{"text":"Hi"},{"functionCall":{"name":"f","args":{"a":1}}}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":2,"thoughtsTokenCount":1}}`,
		), `gemini 2 | reasoning 0 "Hm"/1 | text 0 "Hi"/1 | call 0 f() "{\"a\":1}"/1 | 4 in, 3 out | STOP true`},
		{"ollama", `{"model":"m","message":{"role":"assistant","content":"Hel"},"done":false}` + "\n" +
			`{"model":"m","message":{"content":"lo"},"done":false}` + "\n" +
			`{"model":"m","message":{"content":""},"done":true,"done_reason":"stop","prompt_eval_count":3,"eval_count":2}` + "\n",
			`ollama 3 | text 0 "Hello"/2 | 3 in, 2 out | stop true`},
		{"mcp", events(
			`{"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":1}}`,
			`{"jsonrpc":"2.0","id":7,"result":{"content":[]}}`,
		), `mcp 2 | message 0 notifications/progress() "{\"progress\":1}"/1 | message 1 (7) "{\"content\":[]}"/1 | result true`},
		{"mcp without a response", events(`{"jsonrpc":"2.0","method":"notifications/message","params":{}}`),
			`mcp 1 | message 0 notifications/message() "{}"/1 |  false | no-reply map[]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := brief(of(t, c.body)); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

// A range is the event's bytes, and the pieces' texts are the part's.
func TestRanges(t *testing.T) {
	body := ": hello\n\n" + events(
		`{"choices":[{"index":0,"delta":{"content":"一"}}]}`,
		`{"choices":[{"index":0,"delta":{"content":"二三"}}]}`, `[DONE]`)
	a := of(t, body)
	p := a.Parts[0]
	if got := body[p.Pieces[1].Range.From:p.Pieces[1].Range.To]; !strings.HasPrefix(got, "data: {") || !strings.HasSuffix(got, "}\n\n") || !strings.Contains(got, "二三") {
		t.Errorf("the second piece is in %q", got)
	}
	if got := p.Text[p.Pieces[1].Start:]; got != "二三" {
		t.Errorf("the second piece is %q", got)
	}
	if a.Range != (Range{9, int64(len(body))}) {
		t.Errorf("the answer is in %v of %d bytes", a.Range, len(body))
	}
	if a.Timing != nil {
		t.Error("there is a time where no byte has one")
	}
}

func TestTiming(t *testing.T) {
	body := events(
		`{"choices":[{"index":0,"delta":{"content":"a"}}]}`,
		`{"choices":[{"index":0,"delta":{"content":"b"}}]}`,
		`{"choices":[{"index":0,"delta":{"content":"c"}}]}`,
		`{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":21}}`, `[DONE]`)
	frames := framesOf(t, "sse", body)
	begun := time.Unix(1, 0)
	after := []time.Duration{400, 900, 2400, 2410, 2420}
	n := 0
	for i := range frames {
		frames[i].At = begun.Add(after[n] * time.Millisecond)
		if frames[i].SSE.Event != nil {
			n++
		}
	}
	frames = append([]dissect.Frame{{Connection: frames[0].Connection, Exchange: frames[0].Exchange, From: dissect.Client, At: begun}}, frames...)
	got := Of(frames)[0].Timing
	if got == nil || got.First != 400 || got.Gap != 1500 || got.GapFrom != 900 || got.Rate != 10 || got.Pieces != 1 || got.Steady != 40 || got.Last != 2420 {
		t.Errorf("%+v", got)
	}
}

// Over a WebSocket each message is an event, in one frame or in several, and the next
// question begins another answer. What keeps the connection going is no question.
func TestWebSocket(t *testing.T) {
	begun := time.Unix(1, 0)
	offset := int64(0)
	frame := func(from dissect.Side, kind, text string, fin bool, m *dissect.Message) dissect.Frame {
		f := dissect.Frame{Connection: 1, Exchange: 1, From: from, At: begun, Offset: offset, Length: len(text) + 2, Protocol: "websocket", Kind: kind, Message: m,
			Fields: []dissect.Field{{Name: "websocket.fin", Value: map[bool]string{true: "1", false: "0"}[fin]}, {Name: "websocket.payload", Value: text}}}
		begun = begun.Add(100 * time.Millisecond)
		if from == dissect.Server {
			offset += int64(f.Length)
		}
		return f
	}
	one := func(content string) string { return `{"choices":[{"index":0,"delta":{"content":"` + content + `"}}]}` }
	r := NewReader()
	r.Read([]dissect.Frame{
		frame(dissect.Client, "text", `{"messages":[]}`, true, nil),
		frame(dissect.Server, "text", one("a"), true, nil),
		frame(dissect.Client, "pong", "", true, nil),
		frame(dissect.Server, "text", `{"choices":[{"index":0,`, false, &dissect.Message{Fragment: 1}),
		frame(dissect.Server, "continuation", `"delta":{"content":"b"}}]}`, true, &dissect.Message{Fragment: 2}),
	})
	ended := false
	got := r.Answers(func(int) bool { return ended })
	if len(got) != 1 || !got[0].Open || brief(got[0]) != `openai-chat 2 | text 0 "ab"/2 |  false` {
		t.Errorf("while it is open: %+v", got)
	}
	if first := got[0].Timing.First; first != 100 {
		t.Errorf("the first piece came after %v ms", first)
	}
	if p := got[0].Parts[0].Pieces[1]; p.Range.To-p.Range.From != int64(len(`{"choices":[{"index":0,"delta":{"content":"b"}}]}`)+4) {
		t.Errorf("a piece in two fragments is in %v", p.Range)
	}
	r.Read([]dissect.Frame{
		frame(dissect.Client, "text", `{"messages":[]}`, true, nil),
		frame(dissect.Server, "text", one("c"), true, nil),
		frame(dissect.Server, "text", `[DONE]`, true, nil),
	})
	ended = true
	got = r.Answers(func(int) bool { return ended })
	if len(got) != 2 || brief(got[0]) != `openai-chat 2 | text 0 "ab"/2 |  false | no-end map[]` || brief(got[1]) != `openai-chat 2 | text 0 "c"/1 |  true` {
		t.Errorf("two questions: %+v", got)
	}
}

// A WINDOW_UPDATE of the client's, in the middle of the response, asks for nothing.
func TestAskedOverHTTP2(t *testing.T) {
	frames := framesOf(t, "sse", events(`{"choices":[{"index":0,"delta":{"content":"a"}}]}`, `[DONE]`))
	begun := time.Unix(1, 0)
	for i := range frames {
		frames[i].At = begun.Add(500 * time.Millisecond)
	}
	at := frames[0]
	asked := dissect.Frame{Connection: at.Connection, Exchange: at.Exchange, Stream: at.Stream, From: dissect.Client, Protocol: "http2", Kind: "headers", Headers: []dissect.Header{{Name: ":method", Value: "POST"}}, At: begun}
	update := asked
	update.Kind, update.Headers, update.At = "window_update", nil, begun.Add(450*time.Millisecond)
	a := Of(append([]dissect.Frame{asked, update}, frames...))[0]
	if a.Timing == nil || a.Timing.First != 500 {
		t.Errorf("%+v", a.Timing)
	}
}

// What is no stream of a model is none, and nothing that a stranger sends panics.
func FuzzOf(f *testing.F) {
	f.Add(events(`{"choices":[{"index":0,"delta":{"content":1}}]}`, `{"choices":{"a":1}}`, `[1]`, `"x"`))
	f.Add(events(`{"type":"content_block_start","content_block":7,"index":-3}`, `{"type":"message_stop"}`))
	f.Add(events(`{"jsonrpc":"2.0","error":7}`))
	f.Fuzz(func(t *testing.T, body string) {
		for _, a := range Of(framesOf(t, "sse", body)) {
			for _, p := range a.Parts {
				for _, piece := range p.Pieces {
					if piece.Start > len(p.Text) || piece.Range.From < 0 || piece.Range.To > int64(len(body)) || piece.Range.From > piece.Range.To {
						t.Errorf("a piece at %d of %d, in %v of %d bytes", piece.Start, len(p.Text), piece.Range, len(body))
					}
				}
			}
		}
	})
}
