package chromium

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
)

// Trace notes what the page's main thread does. The function that it returns
// ends that and says how long the longest task took, in time of the processor:
// what else the machine does is not the page's.
func (p *Tab) Trace() (longest func() time.Duration) {
	p.T.Helper()
	end := p.trace("toplevel")
	return func() time.Duration {
		p.T.Helper()
		return longestTask(p.T, end())
	}
}

// Restyled says of how many elements the page works out the style because of a script.
func (p *Tab) Restyled(script string) (count int) {
	p.T.Helper()
	end := p.trace("devtools.timeline")
	Eval[bool](p, fmt.Sprintf(`(() => {
		%s
		return document.body.offsetHeight > 0; // it is worked out now
	})()`, script))
	found := false
	for _, event := range end() {
		var e struct {
			Name string
			Args struct{ ElementCount int }
		}
		if err := json.Unmarshal(event, &e); err != nil {
			p.T.Fatal(err)
		}
		found = found || e.Name == "UpdateLayoutTree"
		count += e.Args.ElementCount
	}
	if !found {
		p.T.Fatal("the trace tells of no style")
	}
	return count
}

// trace notes what Chromium tells of a category. The function that it returns ends that.
func (p *Tab) trace(category string) (end func() []jsonv2.Value) {
	p.T.Helper()
	var mu sync.Mutex
	var events []jsonv2.Value
	done := make(chan struct{})
	ctx, stop := context.WithCancel(p.Ctx)
	if err := chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *tracing.EventDataCollected:
			mu.Lock()
			defer mu.Unlock()
			events = append(events, e.Value...)
		case *tracing.EventTracingComplete:
			close(done)
		}
	}); err != nil {
		p.T.Fatal(err)
	}
	config := &tracing.TraceConfig{IncludedCategories: []string{category}, ExcludedCategories: []string{"*"}}
	if _, err := chromedp.Call(p.Ctx, tracing.Start, tracing.StartParams{TraceConfig: config}); err != nil {
		p.T.Fatal(err)
	}
	return func() []jsonv2.Value {
		p.T.Helper()
		if _, err := chromedp.Call(p.Ctx, tracing.End, cdp.Empty{}); err != nil {
			p.T.Fatal(err)
		}
		<-done
		stop()
		return events
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

// ChooseFrame clicks the first row that can be seen with this text, after
// looking for one from the list's start where none can be.
func (l *LessonPage) ChooseFrame(text string) {
	l.T.Helper()
	quoted := strings.ReplaceAll(text, `"`, `\"`)
	found := Await[bool](l.Tab, fmt.Sprintf(`(async () => {
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
	})()`, Frames+".frames-list", quoted))
	if !found {
		l.T.Fatalf("no frame with %q", text)
	}
}

// ShownRows waits until the viewer has rows, and returns what they say.
func (p *Tab) ShownRows() string {
	p.T.Helper()
	p.Until(`document.querySelectorAll("seewire-frames .frames-row .frames-text").length > 0`)
	return Eval[string](p, `[...document.querySelectorAll("seewire-frames .frames-row .frames-text")].map(e => e.textContent).join(" | ")`)
}

// Status waits for what the page says of the bytes.
func (p *Tab) Status(want string) {
	p.T.Helper()
	p.Until(fmt.Sprintf(`document.querySelector("seewire-bytes [data-part=status]").textContent.includes(%q)`, want))
}

// Failed waits for what the page says is wrong.
func (p *Tab) Failed(want string) {
	p.T.Helper()
	p.Until(fmt.Sprintf(`document.querySelector("seewire-bytes [data-part=error]").textContent.includes(%q)`, want))
	if Eval[bool](p, `document.querySelector("seewire-bytes [data-part=result]").checkVisibility()`) {
		p.T.Error("an older result is still there beside the error")
	}
}

// Ready waits for the page's script.
func (p *Tab) Ready() {
	p.T.Helper()
	p.Until(`customElements.get("seewire-bytes") && document.readyState === "complete"`)
}

func (p *Tab) Paste(text string) {
	p.T.Helper()
	p.Do(chromedp.SendKeys(chromedp.CSS("#own-bytes-text"), text))
}
