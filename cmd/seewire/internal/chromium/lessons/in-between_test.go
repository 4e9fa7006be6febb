package lessons

import (
	"slices"
	"strings"
	"testing"

	"seewire/cmd/seewire/internal/chromium"
	"seewire/cmd/seewire/internal/sitetest"
)

// What the lesson in-between says of this browser, and what its runs show.

func TestInBetweenShowsBothPartsOfTheWay(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.In(t).Lesson(lang, "in-between?every=60&total=6")
			l.Run()

			numbers := []string{"open", "1", "2", "3", "4", "5", "6"}
			if got, want := l.Log(chromium.SseSide), append(slices.Clone(numbers), "error: connecting again", "error: closed"); !slices.Equal(got, want) {
				t.Errorf("the SSE side logged %q, want %q", got, want)
			}
			if got, want := l.Log(chromium.WsSide), append(slices.Clone(numbers), "close: 1000 clean"); !slices.Equal(got, want) {
				t.Errorf("the WebSocket side logged %q, want %q", got, want)
			}
			l.OpenTimeline()
			l.Shows(chromium.Sentences, "SSE.+"+l.Word("finding.proxy.held", "first", 1, "last", 6))
			l.Shows(chromium.Sentences, "WebSocket.+"+l.Word("finding.proxy.through"))
			l.Shows(chromium.Sentences, l.Word("viewer.hop.backend")+".+"+l.Word("timeline.passed"))
			l.Shows(chromium.Timeline+".timeline-names", l.Word("timeline.proxy"))
			l.HasFrames(l.Words["viewer.hop.backend"]+" GET /play/proxy/sse", l.Words["viewer.hop.backend"]+" 101 Switching Protocols")

			// The browser was told that it is connected only with the first number.
			opened := chromium.Eval[float64](l.Tab, `(() => {
				const of = kind => document.querySelector("seewire-playground").recording.reports.find(r => r.side === "sse" && r.kind === kind).at;
				return of("message") - of("open");
			})()`)
			if opened > 100 {
				t.Errorf("open came %v ms before the first number: the head was not held", opened)
			}
			c := l.Capture()
			if len(c.Requests("sse")) != 4 || len(c.Requests("ws")) != 2 {
				t.Errorf("%d GETs and %d handshakes, want each of the two and one twice", len(c.Requests("sse")), len(c.Requests("ws")))
			}
			sitetest.CheckTiling(t, c)

			// The text leads to what only the proxy adds.
			l.Click(`a[data-field="http.x_forwarded_for"]`)
			l.Until(`document.activeElement.closest(".field")?.textContent.startsWith("http.x_forwarded_for")`)
		})
	}
}

// Each fault, and how this browser takes it.
func TestInBetweenFaults(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	for _, c := range []struct {
		query    string
		sse, ws  string // the findings
		log      string // what the SSE side has logged of the numbers and errors
		outcome  string // of the WebSocket
		requests int    // by EventSource
		says     string // what the server or the proxy logs
	}{
		{"fault=gzip", "compressed", "through", "open 1 2 3 4", "closed", 2, ""},
		{"fault=gzip&remedy=flush", "flushed", "through", "open 1 2 3 4", "closed", 2, ""},
		{"fault=idle&pause=1200&timeout=500", "again", "idle", "open 1 2 error: connecting again open 3 4", "cut", 3, "proxy: no byte for 500ms, cut"},
		{"fault=idle&pause=1200&timeout=500&remedy=heartbeat", "beats_sse", "beats_ws", "open 1 2 3 4", "closed", 2, ""},
		{"fault=upgrade", "through", "stripped", "open 1 2 3 4", "cut", 2, ""},
		{"fault=deadline&pause=1200", "broke_off", "through", "open 1 2 error: connecting again open 3 4", "closed", 3, "broken off: Write said nothing, Flush: .*i/o timeout"},
	} {
		t.Run(c.query, func(t *testing.T) {
			l := p.In(t).Lesson("en", "in-between?every=100&total=4&"+c.query)
			l.Run()
			l.OpenTimeline()
			l.Shows(chromium.Sentences, "SSE.+"+l.Word("finding.proxy."+c.sse))
			l.Shows(chromium.Sentences, "WebSocket.+"+l.Word("finding.proxy."+c.ws))
			lines := slices.DeleteFunc(l.Log(chromium.SseSide), func(line string) bool {
				return strings.Contains(line, "broken off: ") || strings.Contains(line, "proxy: ")
			}) // what the two of them log
			log := strings.Join(lines, " ")
			if !strings.HasPrefix(log, c.log+" error: connecting again error: closed") {
				t.Errorf("the SSE side logged %q, want %q and the end", log, c.log)
			}
			l.Shows(chromium.WsSide+chromium.Outcome, l.Word("outcome."+c.outcome, "code", map[string]int{"cut": 1006, "closed": 1000}[c.outcome]))
			if n := len(l.Capture().Requests("sse")); n != 2*c.requests {
				t.Errorf("%d requests by EventSource in both parts of the way, want %d", n, 2*c.requests)
			}
			if c.says != "" {
				l.Shows(chromium.SseSide+chromium.LogLines, c.says)
			}
		})
	}
}
