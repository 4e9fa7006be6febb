package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/tracing"
	"github.com/chromedp/chromedp"
	"github.com/coder/websocket"
)

// more is what the viewer says of a frame beyond its bytes and fields.
const more = frames + ".frames-background"

// TestViewerFollowsAnEvent looks at how each step of a run came about: the
// answer to the WebSocket's key, and the way of an event to the handler.
func TestViewerFollowsAnEvent(t *testing.T) {
	t.Parallel()
	p := openSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.in(t).lesson(lang, "reconnect?cut=2&total=4&every=100&retry=200")
			l.run()

			l.chooseFrame("101 Switching Protocols")
			l.shows(more, l.word("background.accept.equal"))
			l.chooseFrame("data: ")
			for _, step := range []string{"wrote", "parsed", "dispatched", "logged"} {
				l.shows(more+" li", l.word("background.story."+step))
			}
			l.shows(more+" .story-gap", `\+\d|≈ 0 ms`)
			l.shows(frames+".parser", l.word("viewer.dispatched", "type", "message"))
		})
	}
}

// TestViewerKeepsUp has somebody send 10,000 messages to the capture that a
// page watches, and has each come back: all 20,000 frames are shown, and the
// page can be used while they come. With -v it says how long the page stood
// still at the most.
func TestViewerKeepsUp(t *testing.T) {
	needBrowser(t)
	s := startSite(t)
	l := openTab(t, s.base).lesson("en", "one-way")
	l.do(chromedp.ScrollIntoView(chromedp.CSS("seewire-playground")))
	l.shows(watching, l.word("playground.feed.live"))
	longest := l.trace()

	const messages = 10_000
	conn, _, err := websocket.Dial(t.Context(), s.socket()+"/play/oneway/ws?capture="+l.text(`seewire-playground [data-part="capture"]`), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	for i := range messages {
		if err := conn.Write(context.Background(), websocket.MessageText, fmt.Appendf(nil, "message %d", i)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := conn.Read(context.Background()); err != nil {
			t.Fatal(err)
		}
		if i == messages/2 { // with the flood still coming
			l.chooseFrame("message ")
		}
	}
	conn.Close(websocket.StatusNormalClosure, "")

	// An opening, two heads, the messages both ways, two closes and the end.
	l.until(fmt.Sprintf(`parseInt(document.querySelector(%q).textContent) >= %d`, frames+".frames-count", 2*messages+6))
	l.click(frames + ".frames-follow")
	l.shows(frames+".frames-row", `Close 1000`)
	l.chooseFrame(fmt.Sprintf("message %d", messages-1))
	l.shows(frames+".frames-title", fmt.Sprintf("message %d", messages-1))
	t.Logf("the page's longest task took %v; up to 50 ms nobody notices", longest())
}

// trace notes what the page's main thread does. The function that it returns
// ends that and says how long the longest task took, in time of the processor:
// what else the machine does is not the page's.
func (p *tab) trace() (longest func() time.Duration) {
	p.t.Helper()
	var mu sync.Mutex
	var events []jsonv2.Value
	done := make(chan struct{})
	if err := chromedp.Listen(p.ctx, func(event any) {
		switch e := event.(type) {
		case *tracing.EventDataCollected:
			mu.Lock()
			defer mu.Unlock()
			events = append(events, e.Value...)
		case *tracing.EventTracingComplete:
			close(done)
		}
	}); err != nil {
		p.t.Fatal(err)
	}
	config := &tracing.TraceConfig{IncludedCategories: []string{"toplevel"}, ExcludedCategories: []string{"*"}}
	if _, err := chromedp.Call(p.ctx, tracing.Start, tracing.StartParams{TraceConfig: config}); err != nil {
		p.t.Fatal(err)
	}
	return func() time.Duration {
		p.t.Helper()
		if _, err := chromedp.Call(p.ctx, tracing.End, cdp.Empty{}); err != nil {
			p.t.Fatal(err)
		}
		<-done
		return longestTask(p.t, events)
	}
}

// longestTask looks for the longest task of a page's main thread in a trace.
func longestTask(t *testing.T, events []jsonv2.Value) (longest time.Duration) {
	t.Helper()
	type thread struct{ Process, Thread int }
	tasks := map[thread]time.Duration{}
	var pages []thread
	for _, event := range events {
		var e struct {
			Name     string
			PID, TID int
			TDur     int64 // µs of the thread's own time
			Args     struct{ Name string }
		}
		if err := json.Unmarshal(event, &e); err != nil {
			t.Fatal(err)
		}
		at := thread{e.PID, e.TID}
		tasks[at] = max(tasks[at], time.Duration(e.TDur)*time.Microsecond)
		if e.Name == "thread_name" && e.Args.Name == "CrRendererMain" {
			pages = append(pages, at)
		}
	}
	for _, page := range pages {
		longest = max(longest, tasks[page])
	}
	if longest == 0 {
		t.Fatalf("no task among %d events", len(events))
	}
	return longest
}

// chooseFrame clicks the first row that can be seen with this text, after
// looking for one from the list's start where none can be.
func (l *lessonPage) chooseFrame(text string) {
	l.t.Helper()
	quoted := strings.ReplaceAll(text, `"`, `\"`)
	found := await[bool](l.tab, fmt.Sprintf(`(async () => {
		const list = document.querySelector(%q);
		const row = () => [...list.querySelectorAll("[role=option]")].find((row) => row.textContent.includes("%s"));
		if (!row()) list.scrollTop = 0;
		for (let i = 0; i < 100 && !row(); i++) {
			await new Promise(requestAnimationFrame);
			list.scrollTop += list.clientHeight / 2;
			await new Promise(requestAnimationFrame);
		}
		row()?.click();
		return Boolean(row());
	})()`, frames+".frames-list", quoted))
	if !found {
		l.t.Fatalf("no frame with %q", text)
	}
}
