package playground_test

import (
	"net/http/httptest"
	"reflect"
	"testing"

	"seewire/playground"
)

// A line of the log can be said in another language: it has a key for its words,
// and what stands in them.
func TestLog(t *testing.T) {
	r := httptest.NewRequest("GET", "/play/silence/sse", nil)
	playground.Logf(r, "nobody listens")

	var got []playground.LogLine
	r = r.WithContext(playground.WithLog(r.Context(), func(l playground.LogLine) { got = append(got, l) }))
	playground.Logf(r, "client left, after number %d; no write has failed", 4)
	playground.LogEvent(r, "ping-unanswered", "Ping %q: %v", "x", nil)
	playground.Logf(r, "%v", 5)
	want := []playground.LogLine{
		{"", "client left, after number 4; no write has failed", "client_left_after_number_no_write_has_failed", []string{"4"}},
		{"ping-unanswered", `Ping "x": <nil>`, "ping", []string{"x", "<nil>"}},
		{"", "5", "", []string{"5"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the log has %+v, not %+v", got, want)
	}
}
