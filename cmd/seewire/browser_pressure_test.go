package main

import (
	"slices"
	"strings"
	"testing"
)

// What the lesson says of a browser that can't keep up. The numbers of bytes
// are the machine's own; what fills up, and who notices, is not.

// held is a run with longer work, so that a machine that is busy with other
// things does not let the client keep up after all.
const held = "work=45"

func TestPressureShowsWhoNotices(t *testing.T) {
	p := openSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.in(t).lesson(lang, "pressure?"+held)
			l.run()
			l.openTimeline()
			l.shows(sentences, "WebSocket.+"+l.word("finding.pressure.full"))
			l.shows(sentences, "WebSocket.+"+l.word("finding.pressure.queue", "waiting", 8))
			// On a machine with too much to do the other one may be held up for a moment.
			l.shows(sentences, "SSE.+("+l.word("finding.pressure.unnoticed", "bytes", "640 kB")+"|"+l.word("finding.pressure.full")+")")
			l.shows(sentences, "SSE.+"+l.word("finding.pressure.age", "n", 80))
			l.shows(sentences, "WebSocket.+"+l.word("finding.pressure.age", "n", 80))
			l.shows(sentences, "SSE.+"+l.word("finding.pressure.goodbye", "id", 80))
			l.shows(timeline+`[data-side="ws"] [data-tone="trouble"]`, ".")
			l.shows(wsSide+outcome, l.word("outcome.closed", "code", 1000))
			checkTiling(t, l.capture())
		})
	}
}

// Work that waits leaves the thread free, and everything ends up in the page.
func TestPressureInThePage(t *testing.T) {
	l := openSite(t).lesson("en", "pressure?busy=off&"+held)
	l.run()
	l.openTimeline()
	for _, side := range []string{"SSE", "WebSocket"} {
		l.shows(sentences, side+".+"+l.word("finding.pressure.unnoticed"))
		l.shows(sentences, side+".+"+l.word("finding.pressure.page"))
	}
}

// What the server does when its queue is full, as the lesson's links ask for it.
func TestPressureDecidesWhoPays(t *testing.T) {
	p := openSite(t)
	for _, c := range []struct{ full, finding, outcome string }{
		{"oldest", "dropped", "1000"},
		{"disconnect", "closed", "1013"},
	} {
		t.Run(c.full, func(t *testing.T) {
			l := p.in(t).lesson("en", "pressure?full="+c.full+"&"+held)
			l.run()
			l.openTimeline()
			l.shows(sentences, "WebSocket.+"+l.word("finding.pressure."+c.finding))
			l.shows(wsSide+outcome, l.word("outcome.closed", "code", c.outcome))
		})
	}
}

// With larger prices the event stream's socket is full too: its server ends the
// stream, and the browser comes back by itself.
func TestPressureDisconnectsAStreamToo(t *testing.T) {
	l := openSite(t).lesson("zh", "pressure?full=disconnect&size=65536&total=110&work=40&queue=8")
	l.click(sseSide + `[data-action="run-side"]`)
	l.ended("done")
	l.openTimeline()
	l.shows(sentences, l.word("finding.pressure.ended"))
	l.shows(sentences, l.word("finding.pressure.again"))
	requests := l.capture().requests("sse")
	if len(requests) < 2 || requests[1].value("http.last_event_id") == "" {
		t.Errorf("%d requests, want one that says where it was", len(requests))
	}
}

// Upwards a socket takes everything, and a request waits for its answer.
func TestPressureUpwards(t *testing.T) {
	l := openSite(t).lesson("en", "pressure")
	l.click(`[id="tab-sse-post.js"]`)
	l.click(`[id="tab-ws-send.js"]`)
	l.run()
	l.openTimeline()
	l.shows(sentences, l.word("finding.pressure.posts", "posts", 20))
	l.shows(sentences, l.word("finding.pressure.buffered"))
	l.shows(sentences, l.word("finding.pressure.unread", "read", "1.3 MB"))
}

// Who reads when it is free gets everything as well.
func TestPressureReadsWhenFree(t *testing.T) {
	l := openSite(t).lesson("en", "pressure?work=5&total=40")
	l.click(`[id="tab-sse-fetch.js"]`)
	l.click(`[id="tab-ws-stream.js"]`)
	l.run()
	got := slices.DeleteFunc(l.log(sseSide), func(line string) bool { return strings.HasPrefix(line, "server ") })
	if len(got) != 40 {
		t.Errorf("fetch.js logged %q", got)
	}
	if got := l.log(wsSide); len(got) < 10 {
		t.Errorf("stream.js logged %q", got)
	}
}
