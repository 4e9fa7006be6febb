package servers_test

import (
	"fmt"
	"sync"
	"testing"

	"seewire/cmd/seewire/internal/chromium"
)

func TestMain(m *testing.M) { chromium.Main(m) }

// openTabs has browsers join a class, each with a page of a lesson.
func openTabs(t *testing.T, c *class, many int) []*chromium.Tab {
	t.Helper()
	tabs := make([]*chromium.Tab, many)
	for i := range tabs {
		tabs[i] = chromium.OpenTab(t, c.site.Base)
		tabs[i].Expect("WebSocket connection", "ERR_", "50") // nginx is killed, and so are servers
	}
	var all sync.WaitGroup
	places := make(chan bool, 4) // not all at once: the machine has few processors
	for _, p := range tabs {
		all.Go(func() {
			places <- true
			defer func() { <-places }()
			p.Visit("/en/class/course.json")
			chromium.Await[bool](p, fmt.Sprintf(`fetch("/class/%[1]s/members", { method: "POST", body: JSON.stringify({ name: "tab" }) }).then((r) => r.json())
				.then(({ key, name }) => (localStorage.setItem("seewire/class", JSON.stringify({ code: %[1]q, key, name })), true))`, c.code))
			p.Visit("/en/lessons/reconnect")
			p.Until(`document.querySelector("seewire-class .class-me")?.textContent.includes("tab")`)
		})
	}
	all.Wait()
	return tabs
}
