package chat

import (
	"encoding/json"
	"slices"
	"testing"
)

// Whatever JSON escapes, a chunk has its token, and costs no more than its own text.
func TestChunksHaveTheTokens(t *testing.T) {
	tokens := []string{"one", ` "`, `\`, "<", " ’", "三", "\n", ","}
	var got []string
	for _, chunk := range (answer{tokens: tokens, finish: "stop"}).chunks() {
		var c completion
		if err := json.Unmarshal([]byte(chunk), &c); err != nil {
			t.Fatalf("%s: %v", chunk, err)
		}
		got = append(got, c.Choices[0].Delta["content"])
	}
	if want := append(append([]string{""}, tokens...), ""); !slices.Equal(got, want) {
		t.Errorf("the chunks have %q, not %q", got, want)
	}

	allocations := func(n int) float64 {
		a := answer{tokens: slices.Repeat([]string{" token"}, n), finish: "stop"}
		return testing.AllocsPerRun(10, func() {
			for range a.chunks() {
			}
		})
	}
	// One for each, and some for the buffer that all of them are written to.
	if few, many := allocations(10), allocations(110); many-few > 150 {
		t.Errorf("100 more tokens take %v more allocations", many-few)
	}
}
