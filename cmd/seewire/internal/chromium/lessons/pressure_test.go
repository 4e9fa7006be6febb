package lessons

import (
	"slices"
	"strings"
	"testing"

	"seewire/cmd/seewire/internal/chromium"
	"seewire/cmd/seewire/internal/sitetest"
)

// What the lesson says of a browser that can't keep up. The numbers of bytes
// are the machine's own; what fills up, and who notices, is not.

// held is a run with longer work, so that a machine that is busy with other
// things does not let the client keep up after all.
const held = "work=45"

// unfilled is what is said of a server whose queue never filled. On a machine with too
// much to do it is held up all the same, for a moment or often.
func unfilled(l *chromium.LessonPage) string {
	return l.Word("finding.pressure.unnoticed", "bytes", "640 kB") + "|" + l.Word("finding.pressure.late", "bytes", "640 kB")
}

func TestPressureShowsWhoNotices(t *testing.T) {
	sitetest.NeedsDirect(t, "a proxy takes what waits into buffers of its own: the server's never fill")
	p := chromium.OpenSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.In(t).Lesson(lang, "pressure?"+held)
			l.Run()
			l.OpenTimeline()
			l.Shows(chromium.Sentences, "WebSocket.+"+l.Word("finding.pressure.full"))
			l.Shows(chromium.Sentences, "WebSocket.+"+l.Word("finding.pressure.queue", "waiting", 8))
			l.Shows(chromium.Sentences, "SSE.+("+unfilled(l)+"|"+l.Word("finding.pressure.full")+")")
			l.Shows(chromium.Sentences, "SSE.+"+l.Word("finding.pressure.age", "n", 80))
			l.Shows(chromium.Sentences, "WebSocket.+"+l.Word("finding.pressure.age", "n", 80))
			l.Shows(chromium.Sentences, "SSE.+"+l.Word("finding.pressure.goodbye", "id", 80))
			l.Shows(chromium.Timeline+`[data-side="ws"] [data-tone="trouble"]`, ".")
			l.Shows(chromium.WsSide+chromium.Outcome, l.Word("outcome.closed", "code", 1000))
			sitetest.CheckTiling(t, l.Capture())
		})
	}
}

// Work that waits leaves the thread free, and everything ends up in the page.
func TestPressureInThePage(t *testing.T) {
	l := chromium.OpenSite(t).Lesson("en", "pressure?busy=off&"+held)
	l.Run()
	l.OpenTimeline()
	for _, side := range []string{"SSE", "WebSocket"} {
		l.Shows(chromium.Sentences, side+".+("+unfilled(l)+")")
		l.Shows(chromium.Sentences, side+".+"+l.Word("finding.pressure.page"))
	}
}

// What the server does when its queue is full, as the lesson's links ask for it.
func TestPressureDecidesWhoPays(t *testing.T) {
	sitetest.NeedsDirect(t, "a proxy takes what waits into buffers of its own: the server's never fill")
	p := chromium.OpenSite(t)
	for _, c := range []struct{ full, finding, outcome string }{
		{"oldest", "dropped", "1000"},
		{"disconnect", "closed", "1013"},
	} {
		t.Run(c.full, func(t *testing.T) {
			l := p.In(t).Lesson("en", "pressure?full="+c.full+"&"+held)
			l.Run()
			l.OpenTimeline()
			l.Shows(chromium.Sentences, "WebSocket.+"+l.Word("finding.pressure."+c.finding))
			l.Shows(chromium.WsSide+chromium.Outcome, l.Word("outcome.closed", "code", c.outcome))
		})
	}
}

// With larger prices the event stream's socket is full too: its server ends the
// stream, and the browser comes back by itself.
func TestPressureDisconnectsAStreamToo(t *testing.T) {
	l := chromium.OpenSite(t).Lesson("zh", "pressure?full=disconnect&size=65536&total=110&work=40&queue=8")
	l.Click(chromium.SseSide + `[data-action="run-side"]`)
	l.Ended("done")
	l.OpenTimeline()
	l.Shows(chromium.Sentences, l.Word("finding.pressure.ended"))
	l.Shows(chromium.Sentences, l.Word("finding.pressure.again"))
	requests := l.Capture().Requests("sse")
	if len(requests) < 2 || requests[1].Value("http.last_event_id") == "" {
		t.Errorf("%d requests, want one that says where it was", len(requests))
	}
}

// Upwards a socket takes everything, and a request waits for its answer.
func TestPressureUpwards(t *testing.T) {
	l := chromium.OpenSite(t).Lesson("en", "pressure")
	l.Click(`[id="tab-sse-post.js"]`)
	l.Click(`[id="tab-ws-send.js"]`)
	l.Run()
	l.OpenTimeline()
	l.Shows(chromium.Sentences, l.Word("finding.pressure.posts", "posts", 20))
	l.Shows(chromium.Sentences, l.Word("finding.pressure.buffered"))
	l.Shows(chromium.Sentences, l.Word("finding.pressure.unread", "read", "1.3 MB"))
}

// Who reads when it is free gets everything as well.
func TestPressureReadsWhenFree(t *testing.T) {
	l := chromium.OpenSite(t).Lesson("en", "pressure?work=5&total=40")
	l.Click(`[id="tab-sse-fetch.js"]`)
	l.Click(`[id="tab-ws-stream.js"]`)
	l.Run()
	got := slices.DeleteFunc(l.Log(chromium.SseSide), func(line string) bool { return strings.HasPrefix(line, "server ") })
	if len(got) != 40 {
		t.Errorf("fetch.js logged %q", got)
	}
	if got := l.Log(chromium.WsSide); len(got) < 10 {
		t.Errorf("stream.js logged %q", got)
	}
}
