package pages

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"seewire/cmd/seewire/internal/chromium"
	"seewire/cmd/seewire/internal/sitetest"
)

// A stream is watched live, one of its events is looked at, it is found, and cut.
func TestWatch(t *testing.T) {
	t.Parallel()
	chromium.NeedBrowser(t)
	send := make(chan string)
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/events" {
			io.WriteString(w, "a needle")
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("Set-Cookie", "id=hunter2hunter2")
		for {
			http.NewResponseController(w).Flush()
			select {
			case data := <-send:
				fmt.Fprintf(w, "data: %s\n\n", data)
			case <-r.Context().Done():
				return
			}
		}
	}))
	t.Cleanup(target.Close)
	s, page, through := sitetest.StartWatch(t, target.URL)
	l := chromium.OpenTab(t, s.Base).At("en")
	l.Visit("/en" + page)
	l.Shows(".watch-rows", "curl -N "+through)

	r, err := http.NewRequestWithContext(t.Context(), "GET", through+"/events?api_key=hunter2hunter2", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer hunter2hunter2")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	send <- "one"
	send <- "two"
	l.Shows(".watch-row", "(?s)GET /events.*2 events")
	row := `[...document.querySelectorAll(".watch-one [role=option]")].find((row) => row.textContent.includes("data: two"))`
	l.Until(row)
	l.Shows(".watch-one [role=option]", l.Word("viewer.hop.server")+" data: two")
	l.Until(`(() => { ` + row + `?.click(); return document.querySelector(".watch-one").textContent.includes("sse.data") })()`)
	l.Lacks("body", "hunter2")

	other, err := http.Get(through + "/other")
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, other.Body)
	other.Body.Close()
	l.Shows(".watch-rows", "GET /other")
	l.Click(`.watch-filter[data-kind="sse"]`)
	l.Until(`document.querySelectorAll(".watch-row").length == 1`)
	l.Click(`.watch-filter[data-kind="all"]`)
	l.Fill(".watch-search", "a needle")
	l.Until(`document.querySelectorAll(".watch-row").length == 1`)
	l.Shows(".watch-row", "GET /other")
	l.Fill(".watch-search", "")
	l.Until(`document.querySelectorAll(".watch-row").length == 2`)

	l.Click(`[data-fault="reset"]`)
	if _, err := io.ReadAll(resp.Body); err == nil || !strings.Contains(err.Error(), "reset") {
		t.Errorf("the client saw %v", err)
	}
	l.Shows(".watch-notices", l.Word("watch.fault.done", "what", l.Words["watch.fault.reset"]))
}
