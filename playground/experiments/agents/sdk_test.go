package agents

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"seewire/playground"
	"seewire/playground/experimenttest"
)

// MCP's own client is the judge of whether this is MCP. Over Streamable HTTP it
// loses the connection before the result, and comes back by itself.
func TestOfficialSDK(t *testing.T) {
	e := New(t.Context())
	runner := playground.NewRunner(playground.Limits{})
	mux := http.NewServeMux()
	mux.Handle("/sse", runner.SSE(e))
	mux.Handle("/ws", runner.WS(e))
	var mu sync.Mutex
	var requests []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		requests = append(requests, strings.TrimSpace(r.Method+" "+r.Header.Get("Last-Event-ID")))
		mu.Unlock()
		mux.ServeHTTP(w, r)
	}))
	defer server.Close()

	type talk struct {
		Tools, Asked, Progress, Told []string
		Result                       string
	}
	want := talk{
		[]string{"book_seat"}, []string{"Window or aisle?"},
		[]string{"looking for the train", "looking for seats", "holding the seat", "paying"},
		[]string{"Train 7 is five minutes late."}, booked,
	}
	var got struct{ HTTP, WS talk }
	experimenttest.SDK(t, "@modelcontextprotocol/sdk ws", "testdata/sdk.mjs", &got,
		server.URL+"/sse?every=50&cut=result", "ws"+strings.TrimPrefix(server.URL, "http")+"/ws?every=50")
	if !reflect.DeepEqual(got.HTTP, want) || !reflect.DeepEqual(got.WS, want) {
		t.Errorf("it got\n%+v\n%+v\nnot\n%+v", got.HTTP, got.WS, want)
	}
	// It waits a second before it comes back.
	if !slices.Contains(requests, "GET 1-4") || !slices.Contains(requests, "DELETE") {
		t.Errorf("it sent %q", requests)
	}
}
