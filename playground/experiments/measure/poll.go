package measure

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"seewire/playground"
)

// held is how long a request waits for a message: less than proxies in between do.
const held = 25 * time.Second

// servePoll answers a client that asks again and again, each time for what came
// after a place. With hold=on the answer waits until there is something.
func servePoll(w http.ResponseWriter, r *http.Request) {
	ctx, controls := r.Context(), playground.Controls(r)
	if err := wait(ctx, controls.Duration("delay")); err != nil {
		return
	}

	// Message n is there so long after the first.
	begun, got := placeOf(r.FormValue("after"))
	due := func(n int) time.Time { return begun.Add(time.Duration(n) * controls.Duration("every")) }
	if r.FormValue("hold") == "on" {
		until := held
		if got < controls.Int("each") {
			until = min(held, time.Until(due(got)))
		}
		if err := wait(ctx, max(0, until)); err != nil {
			return
		}
	}
	messages := []string{}
	for got < controls.Int("each") && !due(got).After(time.Now()) {
		messages = append(messages, stampedAt(due(got), filler(controls.Int("size"))))
		got++
	}

	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	json.NewEncoder(w).Encode(struct {
		After    string   `json:"after"`
		Messages []string `json:"messages"`
	}{strconv.FormatInt(begun.UnixMicro(), 10) + "." + strconv.Itoa(got), messages})
}

// placeOf reads where a client is: when its messages began, and how many it has.
// One that comes without a place begins now.
func placeOf(after string) (begun time.Time, got int) {
	micro, count, _ := strings.Cut(after, ".")
	from, err := strconv.ParseInt(micro, 10, 64)
	got, wrong := strconv.Atoi(count)
	if err != nil || wrong != nil || got < 0 {
		return time.Now(), 0
	}
	return time.UnixMicro(from), got
}
