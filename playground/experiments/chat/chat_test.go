package chat

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"seewire/playground"
	"seewire/playground/experimenttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const prompt = "为什么不用 WebSocket？"

var body = `{"messages":[{"role":"system","content":"Be short."},{"role":"user","content":"` + prompt + `"},{"role":"assistant","content":"…"}],"stream":true,"seed":3}`

// ask posts a body to the SSE side.
func ask(t *testing.T, s *experimenttest.Server, controls, body string) *http.Response {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, "http://experiment.test/sse?"+controls, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return s.Do(t, r)
}

// askWS sends a body to the WS side.
func askWS(t *testing.T, s *experimenttest.Server, controls, body string) *websocket.Conn {
	t.Helper()
	conn := s.WebSocket(t, "/ws?"+controls)
	go conn.Write(context.Background(), websocket.MessageText, []byte(body)) // what is too long is never read
	return conn
}

// events returns what the data lines of a stream say.
func events(t *testing.T, stream io.Reader) []string {
	t.Helper()
	var all []string
	lines := bufio.NewScanner(stream)
	for lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			all = append(all, data)
		}
	}
	if err := lines.Err(); err != nil {
		t.Error(err)
	}
	return all
}

// messages returns what a WebSocket brings until it closes, and how it does.
func messages(conn *websocket.Conn) (all []string, end error) {
	for {
		_, message, err := conn.Read(context.Background())
		if err != nil {
			return all, err
		}
		all = append(all, string(message))
	}
}

// checkAnswer checks that chunks are an answer with these tokens, from its role to [DONE].
func checkAnswer(t *testing.T, chunks, tokens []string) {
	t.Helper()
	if len(chunks) != len(tokens)+3 || chunks[len(chunks)-1] != "[DONE]" {
		t.Fatalf("%d tokens came as %d chunks that end with %q", len(tokens), len(chunks), chunks[max(0, len(chunks)-1):])
	}
	for i, text := range chunks[:len(chunks)-1] {
		var chunk completion
		if err := json.Unmarshal([]byte(text), &chunk); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		if chunk.Object != "chat.completion.chunk" || !strings.HasPrefix(chunk.ID, "chatcmpl-") || len(chunk.Choices) != 1 {
			t.Errorf("a chunk is %s", text)
			continue
		}
		choice := chunk.Choices[0]
		switch {
		case i == 0:
			if choice.Delta["role"] != "assistant" || choice.FinishReason != nil {
				t.Errorf("the first chunk is %s", text)
			}
		case i <= len(tokens):
			if choice.Delta["content"] != tokens[i-1] || choice.FinishReason != nil {
				t.Errorf("chunk %d is %s, its token is %q", i, text, tokens[i-1])
			}
		default:
			if choice.FinishReason == nil || *choice.FinishReason != "stop" || !strings.Contains(text, `"delta":{}`) {
				t.Errorf("the last chunk is %s", text)
			}
		}
	}
}

func TestThreeTransportsOneAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := experimenttest.Start(t, New(), playground.Limits{})
		tokens := generate(prompt, 3)

		checkAnswer(t, events(t, ask(t, s, "", body).Body), tokens)

		get := s.Get(t, "/sse?seed=3&prompt="+url.QueryEscape(prompt))
		if got := get.Header.Get("Content-Type"); got != "text/event-stream" {
			t.Errorf("the content type is %q", got)
		}
		checkAnswer(t, events(t, get.Body), tokens)

		got, end := messages(askWS(t, s, "", body))
		checkAnswer(t, got, tokens)
		if websocket.CloseStatus(end) != websocket.StatusNormalClosure {
			t.Errorf("the WebSocket ended with %v", end)
		}
	})
}

func TestRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := experimenttest.Start(t, New(), playground.Limits{})
		chunks := len(generate(prompt, 3)) + 2
		for _, run := range []func(){
			func() { events(t, ask(t, s, "rate=10", body).Body) },
			func() { messages(askWS(t, s, "rate=10", body)) },
		} {
			begin := time.Now()
			run()
			if took, want := time.Since(begin), time.Duration(chunks)*100*time.Millisecond; took != want {
				t.Errorf("%d chunks at 10 a second took %v", chunks, took)
			}
		}
	})
}

// Only real TCP has resets.
func TestCut(t *testing.T) {
	e, runner := New(), playground.NewRunner(playground.Limits{})
	mux := http.NewServeMux()
	mux.Handle("/sse", runner.SSE(e))
	mux.Handle("/ws", runner.WS(e))
	server := httptest.NewServer(mux)
	defer server.Close()

	response, err := server.Client().Get(server.URL + "/sse?rate=20&cut=5")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	stream, err := io.ReadAll(response.Body)
	if got := strings.Count(string(stream), "\n\n"); got != 1+5 || !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the stream has %d chunks and ends with %v; should be the role, 5 tokens, and a reset", got, err)
	}

	conn, _, err := websocket.Dial(t.Context(), server.URL+"/ws?rate=20&cut=5", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	conn.Write(t.Context(), websocket.MessageText, []byte(body))
	got, err := messages(conn)
	if len(got) != 1+5 || !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the WebSocket has %d chunks and ends with %v; should be the role, 5 tokens, and a reset", len(got), err)
	}
}

func TestRagged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := experimenttest.Start(t, New(), playground.Limits{})
		response := ask(t, s, "ragged=on", body)
		var all strings.Builder
		insideEvents, insideCharacters, several := 0, 0, 0
		for piece := make([]byte, 1<<16); ; {
			n, err := response.Body.Read(piece)
			all.Write(piece[:n])
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(all.String(), "\n\n") {
				insideEvents++
			}
			if !utf8.ValidString(all.String()) {
				insideCharacters++
			}
			if strings.Count(string(piece[:n]), "\n\n") > 1 {
				several++
			}
		}
		tokens := generate(prompt, 3)
		checkAnswer(t, events(t, strings.NewReader(all.String())), tokens)
		if third := len(tokens) / 3; insideEvents < third || insideCharacters < third || several < third-1 {
			t.Errorf("of %d tokens, %d pieces end inside an event, %d inside a character, %d have several events",
				len(tokens), insideEvents, insideCharacters, several)
		}
	})
}

func TestWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := experimenttest.Start(t, New(), playground.Limits{})
		tokens := generate(prompt, 3)
		begin := time.Now()
		response := ask(t, s, "rate=10", strings.Replace(body, `"stream":true`, `"stream":false`, 1))
		var got completion
		if err := json.NewDecoder(response.Body).Decode(&got); err != nil {
			t.Fatal(err)
		}
		if took, want := time.Since(begin), time.Duration(len(tokens))*100*time.Millisecond; took != want {
			t.Errorf("%d tokens at 10 a second took %v", len(tokens), took)
		}
		message := got.Choices[0].Message
		if got.Object != "chat.completion" || message["role"] != "assistant" || message["content"] != strings.Join(tokens, "") {
			t.Errorf("the answer is %+v", got)
		}
		if got.Usage.Completion != len(tokens) || got.Usage.Prompt != len(tokenize(prompt)) {
			t.Errorf("the usage is %+v", got.Usage)
		}
	})
}

// A client may want only so many tokens, and need not wait for what it does not
// see coming.
func TestMaxTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := experimenttest.Start(t, New(), playground.Limits{})
		tokens := generate(prompt, 3)
		for _, c := range []struct {
			limit  string
			tokens int
			finish string
		}{
			{`"max_tokens":5`, 5, "length"},
			{`"max_completion_tokens":5`, 5, "length"},
			{`"max_tokens":999999999`, len(tokens), "stop"},
			{`"max_tokens":null`, len(tokens), "stop"},
		} {
			limited := strings.Replace(body, "{", "{"+c.limit+",", 1)
			began := time.Now()
			var got completion
			if err := json.NewDecoder(ask(t, s, "", strings.Replace(limited, `"stream":true`, `"stream":false`, 1)).Body).Decode(&got); err != nil {
				t.Fatal(err)
			}
			choice := got.Choices[0]
			if want := strings.Join(tokens[:c.tokens], ""); choice.Message["content"] != want || *choice.FinishReason != c.finish ||
				got.Usage.Completion != c.tokens || time.Since(began) != 0 {
				t.Errorf("%s: after %v %+v, %s, %+v", c.limit, time.Since(began), choice.Message, *choice.FinishReason, got.Usage)
			}
			streamed := events(t, ask(t, s, "", limited).Body)
			overWS, _ := messages(askWS(t, s, "", limited))
			for _, chunks := range [][]string{streamed, overWS} {
				if len(chunks) != c.tokens+3 || !strings.Contains(chunks[len(chunks)-2], `"finish_reason":"`+c.finish+`"`) {
					t.Errorf("%s: %d chunks, the last ones are %q", c.limit, len(chunks), chunks[len(chunks)-2:])
				}
			}
		}
	})
}

func TestUsage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := experimenttest.Start(t, New(), playground.Limits{})
		chunks := events(t, ask(t, s, "", strings.Replace(body, "{", `{"stream_options":{"include_usage":true},`, 1)).Body)
		last := chunks[len(chunks)-2]
		if !strings.Contains(last, `"choices":[]`) || !strings.Contains(last, `"total_tokens"`) {
			t.Errorf("the chunk before [DONE] is %s", last)
		}
	})
}

func TestRefused(t *testing.T) {
	tests := []struct {
		name, body string
		status     int
		code       websocket.StatusCode
	}{
		{"no JSON", `What is a stream?`, http.StatusBadRequest, websocket.StatusPolicyViolation},
		{"no messages", `{}`, http.StatusBadRequest, websocket.StatusPolicyViolation},
		{"nothing from a user", `{"messages":[{"role":"system","content":"x"}]}`, http.StatusBadRequest, websocket.StatusPolicyViolation},
		{"content of another kind", `{"messages":[{"role":"user","content":1}]}`, http.StatusBadRequest, websocket.StatusPolicyViolation},
		{"too large", `{"messages":"` + strings.Repeat("x", 128<<10) + `"}`, http.StatusRequestEntityTooLarge, websocket.StatusMessageTooBig},
	}
	synctest.Test(t, func(t *testing.T) {
		s := experimenttest.Start(t, New(), playground.Limits{})
		for _, test := range tests {
			response := ask(t, s, "", test.body)
			var got struct {
				Error struct{ Message, Type string }
			}
			if err := json.NewDecoder(response.Body).Decode(&got); err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
			if response.StatusCode != test.status || got.Error.Message == "" || got.Error.Type != "invalid_request_error" {
				t.Errorf("%s: %s with %+v", test.name, response.Status, got)
			}
			if _, end := messages(askWS(t, s, "", test.body)); websocket.CloseStatus(end) != test.code {
				t.Errorf("%s: the WebSocket ends with %v", test.name, end)
			}
		}
	})
}

func TestContentInParts(t *testing.T) {
	question, err := parseRequest([]byte(`{"messages":[{"role":"user","content":[{"type":"text","text":"one "},{"type":"text","text":"two"}]}]}`), 9)
	if err != nil || question.prompt != "one two" || question.Seed != 9 {
		t.Errorf("the question is %+v, %v", question, err)
	}
}

// Whoever presses Stop has no more tokens made for them.
func TestClientLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := experimenttest.Start(t, New(), playground.Limits{})
		stream, socket := ask(t, s, "", body), askWS(t, s, "", body)
		whole := make(chan error)
		ctx, stop := context.WithCancel(context.Background())
		go func() {
			r, _ := http.NewRequestWithContext(ctx, "POST", "http://experiment.test/sse?rate=10", strings.NewReader(strings.Replace(body, "true", "false", 1)))
			_, err := s.Client.Do(r)
			whole <- err
		}()
		time.Sleep(time.Second)
		if s.Runner.Open() != 3 {
			t.Fatalf("%d runs are open", s.Runner.Open())
		}
		stream.Body.Close()
		socket.CloseNow()
		stop()
		if err := <-whole; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		synctest.Wait()
		if s.Runner.Open() != 0 {
			t.Errorf("%d runs are still open", s.Runner.Open())
		}
	})
}

func TestServerCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := experimenttest.Start(t, New(), playground.Limits{})
		stream := ask(t, s, "", body)
		answering, waiting := askWS(t, s, "", body), s.WebSocket(t, "/ws")
		time.Sleep(time.Second)
		s.Close()

		if _, err := io.ReadAll(stream.Body); err != nil {
			t.Errorf("the stream ends with %v", err)
		}
		for _, conn := range []*websocket.Conn{answering, waiting} {
			if _, end := messages(conn); websocket.CloseStatus(end) != websocket.StatusGoingAway {
				t.Errorf("a WebSocket ends with %v", end)
			}
		}
	})
}

// A client that asks and never reads is let go when a write has waited 10 s.
func TestClientNeverReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := experimenttest.Start(t, New(), playground.Limits{})

		sse := s.Dial()
		defer sse.Close()
		io.WriteString(sse, "GET /sse HTTP/1.1\r\nHost: experiment.test\r\n\r\n")

		ws := s.Dial()
		defer ws.Close()
		io.WriteString(ws, "GET /ws HTTP/1.1\r\nHost: experiment.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n")
		ws.Read(make([]byte, 1000)) // the handshake
		question := `{"messages":[{"role":"user","content":"?"}]}`
		masked := append([]byte{0x81, 0x80 | byte(len(question)), 0, 0, 0, 0}, question...) // a mask of zeros leaves it readable
		ws.Write(masked)

		time.Sleep(5 * time.Second)
		if s.Runner.Open() != 2 {
			t.Errorf("after 5 s %d runs are open", s.Runner.Open())
		}
		time.Sleep(25 * time.Second)
		if s.Runner.Open() != 0 {
			t.Errorf("after 30 s %d runs are open", s.Runner.Open())
		}
	})
}

// A client that connects and asks nothing is let go after a minute.
func TestClientNeverAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := experimenttest.Start(t, New(), playground.Limits{Duration: time.Hour})
		begin := time.Now()
		_, end := messages(s.WebSocket(t, "/ws"))
		if end == nil || time.Since(begin) != time.Minute {
			t.Errorf("the WebSocket ended with %v after %v", end, time.Since(begin))
		}
		synctest.Wait()
		if s.Runner.Open() != 0 {
			t.Errorf("%d runs are still open", s.Runner.Open())
		}
	})
}
