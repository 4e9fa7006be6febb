package playground_test

import (
	"net/http/httptest"
	"testing"

	"seewire/playground"
)

func TestRandom(t *testing.T) {
	first := func(query string) uint64 {
		return playground.Random(httptest.NewRequest("GET", "/play/silence/sse?"+query, nil)).Uint64()
	}
	if first("capture=one&last=3") != first("capture=one") || first("run=one&capture=other") != first("capture=one") {
		t.Error("two requests of a run get other numbers")
	}
	if first("capture=one") == first("capture=other") {
		t.Error("two runs get the same numbers")
	}
}
