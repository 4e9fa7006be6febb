package chat

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"seewire/playground"
	"seewire/playground/experimenttest"
)

// An official SDK is the judge of whether this is OpenAI's stream.
func TestOfficialSDK(t *testing.T) {
	e := New()
	runner := playground.NewRunner(playground.Limits{})
	completions := runner.Handler(e.Controls, e.SSE, http.MethodPost)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/chat/completions" {
			t.Errorf("the SDK asked for %s", r.URL.Path)
		}
		r.URL.RawQuery = "rate=200"
		completions.ServeHTTP(w, r)
	}))
	defer server.Close()

	var got struct {
		Whole, Streamed, Final, Finish string
		Chunks                         int
		Usage                          usage
		Refused                        struct {
			Status        int
			Message, Type string
		}
	}
	experimenttest.SDK(t, "openai", "testdata/sdk.mjs", &got, server.URL+"/v1")

	tokens := generate("What is a stream?", 7)
	text := strings.Join(tokens, "")
	if got.Whole != text || got.Streamed != text || got.Final != text {
		t.Errorf("the SDK read %+v, the model said %q", got, text)
	}
	if want := len(tokens) + 3; got.Chunks != want || got.Finish != "stop" {
		t.Errorf("%d chunks, finished by %q; should be %d by stop", got.Chunks, got.Finish, want)
	}
	if got.Usage.Completion != len(tokens) || got.Usage.Total != got.Usage.Prompt+len(tokens) {
		t.Errorf("the usage is %+v", got.Usage)
	}
	if got.Refused.Status != 400 || got.Refused.Type != "invalid_request_error" || !strings.Contains(got.Refused.Message, "messages") {
		t.Errorf("the SDK's error is %+v", got.Refused)
	}
}
