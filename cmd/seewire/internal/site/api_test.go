package site

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
)

// SDKs print what they get: an error of their API, and no page.
func TestNoSuchCall(t *testing.T) {
	w := httptest.NewRecorder()
	noSuchCall([]string{"GET /v1/models"})(w, httptest.NewRequest("POST", "/v1/embeddings", nil))
	var answer struct {
		Type  string
		Error struct{ Type, Message string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	if w.Code != 404 || answer.Type != "error" || answer.Error.Type == "" || !strings.Contains(answer.Error.Message, "POST /v1/embeddings") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
