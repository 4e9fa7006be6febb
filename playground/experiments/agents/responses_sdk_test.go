package agents

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"seewire/playground"
	"seewire/playground/experimenttest"
)

// OpenAI's own client is the judge of whether these are its responses: typed events with
// numbers, started again after one; what is kept, cancelled, refused; and the mode over a
// WebSocket.
func TestOfficialSDKOfResponses(t *testing.T) {
	e := New(t.Context())
	runner := playground.NewRunner(playground.Limits{})
	mux := http.NewServeMux()
	for _, path := range e.API.Paths {
		mux.Handle(path, runner.API(e))
	}
	server := httptest.NewServer(mux)
	defer server.Close()

	type read struct {
		Types   []string
		Numbers []int
		Text    string
		Lost    string
	}
	type refusal struct {
		Status                     int
		Message, Type, Code, Param string
	}
	var got struct {
		InBackground, Rest, Left, Gone, Failing, Broken read
		Helped                                          struct{ Text, Status string }
		Lost, NotStreamed, Deleted, Refused             refusal
		Cancelled, Again                                string
		Short                                           struct {
			Status, Text, Reason string
			Tokens               int
		}
		Streamed struct {
			Status, Text string
			Usage        struct {
				Output int `json:"output_tokens"`
			}
		}
		Said []string
	}
	experimenttest.SDK(t, "openai ws", "testdata/responses.mjs", &got, server.URL+"/v1")
	english, chinese := strings.Join(inEnglish, ""), strings.Join(inChinese, "")

	// Both parts of the stream that was cut add up to a whole one.
	types := []string{"response.created", "response.in_progress", "response.output_item.added", "response.content_part.added"}
	types = append(types, slices.Repeat([]string{"response.output_text.delta"}, len(inEnglish))...)
	types = append(types, "response.output_text.done", "response.content_part.done", "response.output_item.done", "response.completed")
	numbers := append(slices.Clone(got.InBackground.Numbers), got.Rest.Numbers...)
	if !slices.Equal(append(slices.Clone(got.InBackground.Types), got.Rest.Types...), types) || got.InBackground.Text+got.Rest.Text != english {
		t.Errorf("it got %+v and then %+v", got.InBackground, got.Rest)
	}
	for i, number := range numbers {
		if i != number {
			t.Errorf("the numbers are %v", numbers)
			break
		}
	}
	if len(got.InBackground.Numbers) != 9 || got.InBackground.Lost != "" || got.Rest.Lost != "" {
		t.Errorf("the first stream ended after %v (%q), the second %q", got.InBackground.Numbers, got.InBackground.Lost, got.Rest.Lost)
	}
	if got.Helped.Text != english || got.Helped.Status != "completed" {
		t.Errorf("the SDK's helper started again and got %+v", got.Helped)
	}
	if len(got.Gone.Numbers) != 9 || got.Lost.Status != 404 || got.Lost.Type != "invalid_request_error" {
		t.Errorf("without background: %+v, then %+v", got.Gone, got.Lost)
	}
	if got.Cancelled != "cancelled" || got.Again != "cancelled" || got.NotStreamed.Status != 400 || got.NotStreamed.Param != "stream" || got.Deleted.Status != 404 {
		t.Errorf("cancelled: %q, %q; streamed: %+v; deleted: %+v", got.Cancelled, got.Again, got.NotStreamed, got.Deleted)
	}
	if want := strings.Join(inEnglish[:3], ""); got.Short.Status != "incomplete" || got.Short.Text != want || got.Short.Reason != "max_output_tokens" || got.Short.Tokens != 3 {
		t.Errorf("with three tokens it got %+v", got.Short)
	}
	if got.Streamed.Status != "completed" || got.Streamed.Text != chinese || got.Streamed.Usage.Output != len(inChinese) {
		t.Errorf("the SDK's stream helper got %+v", got.Streamed)
	}
	if got.Failing.Types[len(got.Failing.Types)-1] != "response.failed" || got.Failing.Lost != "" || got.Broken.Lost != "APIError" {
		t.Errorf("a model that fails: %+v; an error in the stream: %+v", got.Failing, got.Broken)
	}
	if got.Refused.Status != 400 || got.Refused.Param != "input" {
		t.Errorf("no input: %+v", got.Refused)
	}
	if want := append(types, "previous_response_not_found"); !reflect.DeepEqual(got.Said, want) {
		t.Errorf("over a WebSocket it got %q", got.Said)
	}
}
