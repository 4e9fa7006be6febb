package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/coder/websocket"

	"seewire/cmd/seewire/internal/sitetest"
)

// modelKey is in nothing that leaves the program but in requests to the model's server.
const modelKey = "sk-host-0123456789abcdef"

// A realModel is a small server of OpenAI's chat completions. How it answers is chosen by
// the question.
type realModel struct {
	*httptest.Server
	asked atomic.Pointer[map[string]any]
}

func startModel(t *testing.T) *realModel {
	m := &realModel{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/models", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"object":"list","data":[{"id":"real-1","object":"model","created":1,"owned_by":"us"},{"id":"real-2","object":"model","created":2,"owned_by":"us"}]}`)
	})
	mux.HandleFunc("POST /v1/chat/completions", func(w http.ResponseWriter, r *http.Request) {
		var asked map[string]any
		json.NewDecoder(r.Body).Decode(&asked)
		m.asked.Store(&asked)
		if r.Header.Get("Authorization") != "Bearer "+modelKey {
			t.Errorf("the model's server got %q", r.Header.Get("Authorization"))
		}
		messages, _ := asked["messages"].([]any)
		last, _ := messages[len(messages)-1].(map[string]any)
		fail := func(status int, body string) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			io.WriteString(w, body)
		}
		switch last["content"] {
		case "401":
			fail(401, `{"error":{"message":"Incorrect API key provided: `+modelKey+`","type":"invalid_request_error","code":"invalid_api_key"}}`)
			return
		case "429":
			w.Header().Set("Retry-After", "17")
			fail(429, `{"error":{"message":"Rate limit reached, `+modelKey+`","type":"tokens","param":null,"code":"rate_limit_exceeded"}}`)
			return
		case "html":
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, "<html>a hotel's login</html>")
			return
		case "500":
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(500)
			fmt.Fprint(w, "<html>nginx</html>")
			return
		case "redirect":
			http.Redirect(w, r, "http://elsewhere.example/", http.StatusFound)
			return
		}
		if asked["stream"] != true {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"id":"c","object":"chat.completion","created":1,"model":"real-1","choices":[{"index":0,"message":{"role":"assistant","content":"whole"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}`)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		send := func(data string) {
			fmt.Fprintf(w, "data: %s\n\n", data)
			w.(http.Flusher).Flush()
		}
		chunk := func(delta, finish string) {
			send(`{"id":"c","object":"chat.completion.chunk","created":1,"model":"real-1","choices":[{"index":0,"delta":` + delta + `,"finish_reason":` + finish + `}]}`)
		}
		chunk(`{"role":"assistant","content":""}`, "null")
		chunk(`{"content":"Really "}`, "null")
		switch last["content"] {
		case "cut":
			return
		case "error":
			send(`{"error":{"message":"overloaded, ` + modelKey + `","type":"server_error"}}`)
			return
		}
		chunk(`{"content":"so."}`, "null")
		chunk(`{}`, `"stop"`)
		send(`{"id":"c","object":"chat.completion.chunk","created":1,"model":"real-1","choices":[],"usage":{"prompt_tokens":30,"completion_tokens":2,"total_tokens":32}}`)
		send("[DONE]")
	})
	m.Server = httptest.NewServer(mux)
	t.Cleanup(m.Close)
	return m
}

func ask(t *testing.T, address, content, more string) (*http.Response, string) {
	t.Helper()
	resp, err := http.Post(address, "application/json", strings.NewReader(`{"messages":[{"role":"user","content":"`+content+`"}]`+more+`}`))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(body), modelKey) {
		t.Errorf("the key is in %s", body)
	}
	return resp, string(body)
}

func get(t *testing.T, address string) (*http.Response, string) {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

// A real model answers behind the first lesson and under /v1; what goes wrong with it is
// told in the API's own form, and its key stays where it is.
func TestRealModel(t *testing.T) {
	t.Setenv("SEEWIRE_MODEL_KEY", modelKey)
	model := startModel(t)
	s := sitetest.Start(t, "-model", model.URL+"/v1", "-tls", "off", "-origins", "off")
	completions := s.Base + "/v1/chat/completions"

	t.Run("streams", func(t *testing.T) {
		resp, body := ask(t, completions, "hello", `,"stream":true,"model":"gpt-any","temperature":0.5,"service_tier":"priority","max_tokens":900000`)
		if resp.StatusCode != 200 || !strings.Contains(body, `"content":"Really "`) || !strings.HasSuffix(body, "data: [DONE]\n\n") {
			t.Errorf("%d %s", resp.StatusCode, body)
		}
		if strings.Contains(body, `"usage"`) {
			t.Error("there is a usage chunk that was not asked for")
		}
		asked := *model.asked.Load()
		if asked["model"] != "real-1" || asked["max_tokens"] != 2048.0 || asked["temperature"] != 0.5 || asked["service_tier"] != nil {
			t.Errorf("the model's server was asked %v", asked)
		}
		if _, body := ask(t, completions, "hello", `,"stream":true,"stream_options":{"include_usage":true},"model":"real-2"`); !strings.Contains(body, `"total_tokens":32`) || (*model.asked.Load())["model"] != "real-2" {
			t.Errorf("with usage: %s, asked %v", body, *model.asked.Load())
		}
		if _, body := ask(t, completions, "hello", ``); !strings.Contains(body, `"content":"whole"`) {
			t.Errorf("not streamed: %s", body)
		}
		if _, body := ask(t, completions, "hello", `,"model":"seewire-small-talk","stream":true`); strings.Contains(body, "Really") {
			t.Errorf("the model that is built in was asked for: %s", body)
		}
	})

	t.Run("fails", func(t *testing.T) {
		for _, c := range []struct {
			content string
			status  int
			want    string
		}{
			{"401", 502, "upstream_unauthorized"},
			{"429", 429, "Rate limit reached, …"},
			{"html", 502, "text/html"},
			{"500", 502, "text/html"},
			{"redirect", 502, "302"},
		} {
			for _, more := range []string{`,"stream":true`, ``} {
				resp, body := ask(t, completions, c.content, more)
				var got struct {
					Error struct{ Message, Type, Code string }
				}
				if err := json.Unmarshal([]byte(body), &got); err != nil || resp.StatusCode != c.status || !strings.Contains(body, c.want) || got.Error.Message == "" || got.Error.Type == "" {
					t.Errorf("%s%s: %d %s, want %d and %s", c.content, more, resp.StatusCode, body, c.status, c.want)
				}
				if c.content == "429" && resp.Header.Get("Retry-After") != "17" {
					t.Errorf("Retry-After is %q", resp.Header.Get("Retry-After"))
				}
			}
		}
		for content, want := range map[string]string{"cut": "upstream_cut", "error": "overloaded, …"} {
			resp, body := ask(t, completions, content, `,"stream":true`)
			if resp.StatusCode != 200 || !strings.Contains(body, `{"error":`) || !strings.Contains(body, want) || strings.Contains(body, "data: [DONE]") {
				t.Errorf("%s: %d %s", content, resp.StatusCode, body)
			}
		}
	})

	t.Run("over WebSocket, in a capture that tells it", func(t *testing.T) {
		const id = "model-test-capture"
		conn, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(s.Base, "http")+"/play/chat/ws?capture="+id, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.CloseNow()
		conn.Write(t.Context(), websocket.MessageText, []byte(`{"messages":[{"role":"user","content":"cut"}]}`))
		var all []string
		for {
			_, message, err := conn.Read(t.Context())
			if err != nil {
				if websocket.CloseStatus(err) != websocket.StatusInternalError {
					t.Errorf("it ended with %v", err)
				}
				break
			}
			all = append(all, string(message))
		}
		if len(all) != 3 || !strings.Contains(all[2], "upstream_cut") {
			t.Errorf("the messages are %q", all)
		}
		ask(t, s.Base+"/play/chat/sse?capture="+id, "401", `,"stream":true`)
		_, capture := get(t, s.Base+"/captures/"+id+".json")
		if !strings.Contains(capture, `"form":"openai-chat"`) || !strings.Contains(capture, "no_answer") || strings.Contains(capture, modelKey) {
			t.Errorf("the capture is %.2000s", capture)
		}
	})

	t.Run("not for pages of others", func(t *testing.T) {
		request, _ := http.NewRequest("POST", completions, strings.NewReader(`{"messages":[{"role":"user","content":"hello"}],"stream":true}`))
		request.Header.Set("Origin", "https://evil.example")
		request.Header.Set("Sec-Fetch-Site", "cross-site")
		request.URL.RawQuery = "rate=200"
		resp, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if body, _ := io.ReadAll(resp.Body); resp.StatusCode != 200 || strings.Contains(string(body), "Really") {
			t.Errorf("%d %s", resp.StatusCode, body)
		}
	})

	t.Run("lists models", func(t *testing.T) {
		for path, want := range map[string]string{
			"/v1/models":           `"id":"real-2"`,
			"/v1/models/real-1":    `"id":"real-1"`,
			"/v1/models/none":      `"code":"model_not_found"`,
			"/v1/embeddings":       `"code":"unknown_url"`,
			"/v1/chat/completions": `"code":"method"`,
		} {
			resp, body := get(t, s.Base+path)
			if !strings.Contains(body, want) || resp.Header.Get("Content-Type") != "application/json" || resp.Header.Get("Access-Control-Allow-Origin") != "*" {
				t.Errorf("%s: %d %s", path, resp.StatusCode, body)
			}
		}
	})

	t.Run("for an official SDK", func(t *testing.T) {
		folder := os.Getenv("SEEWIRE_NPM")
		if folder == "" {
			t.Skip("SEEWIRE_NPM is not set")
		}
		out, err := exec.CommandContext(t.Context(), "node", "testdata/model.mjs", folder, s.Base+"/v1").Output()
		if err != nil {
			failed, _ := errors.AsType[*exec.ExitError](err)
			t.Fatalf("%v: %s", err, failed.Stderr)
		}
		const want = `{"streamed":"Really so.","whole":"whole","models":["seewire-small-talk","real-1","real-2"],"limited":[429,"17","Rate limit reached, …"],"refused":[502,"upstream_unauthorized"],"broken":"The model's server broke off before [DONE].","unknown":404}`
		if got := strings.TrimSpace(string(out)); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}

// A model's server that is not there is said so in the API's form; and an hour has so many
// tokens, of which an address has half.
func TestRealModelIsAway(t *testing.T) {
	model := startModel(t)
	address := model.URL
	model.Close()
	s := sitetest.Start(t, "-model", address, "-model-name", "one", "-model-tokens", "10000", "-tls", "off", "-origins", "off")
	for range 3 {
		if resp, body := ask(t, s.Base+"/v1/chat/completions", "hello", `,"stream":true`); resp.StatusCode != 502 || !strings.Contains(body, "upstream_unreachable") {
			t.Errorf("%d %s", resp.StatusCode, body)
		}
	}
	if resp, body := ask(t, s.Base+"/v1/chat/completions", strings.Repeat("long ", 8000), `,"stream":true`); resp.StatusCode != 429 || !strings.Contains(body, "insufficient_quota") || resp.Header.Get("Retry-After") == "" {
		t.Errorf("more than an hour has: %d %s", resp.StatusCode, body)
	}
}
