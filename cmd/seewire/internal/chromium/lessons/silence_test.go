package lessons

import (
	"slices"
	"testing"

	"seewire/cmd/seewire/internal/chromium"
	"seewire/cmd/seewire/internal/sitetest"
)

// What the lesson on silence says that a browser does. Everything that waits is
// made as short as a slow machine allows.

// short is a line that is looked at for a second and not for three.
const short = "silence?every=100&after=2&interval=200&patience=1200"

func TestSilenceOfADeadLine(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.In(t).Lesson(lang, short)
			l.Run()

			// No event tells of it: two numbers, and then the programs' own alarm.
			if got, want := l.Own(chromium.SseSide), []string{"1", "2", "readyState 1", "alarm"}; len(got) < 4 || !slices.Equal(got[:4], want) {
				t.Errorf("the SSE side logged %q, want %q", got, want)
			}
			if got, want := l.Own(chromium.WsSide), []string{"1", "2", "readyState 1 bufferedAmount 0", "alarm"}; len(got) < 4 || !slices.Equal(got[:4], want) {
				t.Errorf("the WebSocket side logged %q, want %q", got, want)
			}
			l.OpenTimeline()
			for _, side := range []string{"SSE", "WebSocket"} {
				l.Shows(chromium.Sentences, side+".+"+l.Word("finding.silence.dead"))
				l.Shows(chromium.Sentences, side+".+"+l.Word("finding.silence.lucky"))
			}
			l.Shows(chromium.Sentences, l.Word("finding.silence.unheard"))
			l.Shows(chromium.Timeline+`[data-side="sse"] [data-tone="trouble"]`, "ms")
			// The server noticed nothing until it was left.
			for _, side := range []string{chromium.SseSide, chromium.WsSide} {
				l.Shows(side+chromium.LogLines, l.Word("server.silence.client_left_after_number_no_write_has_failed"))
			}

			c := l.Capture()
			for _, f := range c.Frames {
				if f.From == "server" && f.Protocol == "websocket" && f.Value("websocket.opcode") == "8" {
					t.Error("a dead line said goodbye")
				}
			}
			sitetest.CheckTiling(t, c)
		})
	}
}

// TestSilenceAndHeartbeats holds what each heartbeat is worth on a line that is
// only quiet, and on one that is dead.
func TestSilenceAndHeartbeats(t *testing.T) {
	t.Parallel()
	chromium.NeedBrowser(t)
	base := sitetest.Start(t).Base
	type heartbeat struct {
		query    string
		sse, ws  string // what the timeline says of each side
		sent     string // frames that are on the wire
		untold   bool   // whether the code saw nothing of them
		readable bool   // fetch.js in place of sse.js
	}
	for then, list := range map[string][]heartbeat{"quiet": {
		{query: "pause=2000&then=quiet", sse: "false_alarm", ws: "false_alarm"},
		{query: "pause=2000&then=quiet&heartbeat=protocol", sse: "comments", ws: "pongs", untold: true},
		{query: "pause=2000&then=quiet&heartbeat=protocol", sse: "quiet", ws: "false_alarm", readable: true},
		{query: "pause=2000&then=quiet&heartbeat=message", sse: "quiet", ws: "quiet", sent: "heartbeat"},
	}, "not quiet": {
		{query: "then=dead&heartbeat=message", sse: "right", ws: "unanswered"},
		{query: "then=dead&heartbeat=protocol", sse: "lucky", ws: "server"},
		{query: "pause=500&then=slow&heartbeat=message", sse: "slow", ws: "slow"},
		{query: "pause=2000&then=slow&heartbeat=message", sse: "too_slow", ws: "too_slow"},
	}} {
		t.Run(then, func(t *testing.T) {
			t.Parallel() // nearly all of it is waiting
			p := chromium.OpenTab(t, base)
			for _, c := range list {
				t.Run(c.query, func(t *testing.T) {
					l := p.In(t).Lesson("en", short+"&"+c.query)
					if c.readable {
						l.Click(`[id="tab-sse-fetch.js"]`)
					}
					l.Run()
					l.OpenTimeline()
					l.Shows(chromium.Sentences, "SSE.+"+l.Word("finding.silence."+c.sse))
					l.Shows(chromium.Sentences, "WebSocket.+"+l.Word("finding.silence."+c.ws))
					if c.sent != "" {
						l.HasFrames(c.sent)
					}
					if c.untold {
						l.SeesNoHeartbeat()
					}
					for _, f := range l.Capture().Frames {
						if f.From == "client" && f.Protocol == "websocket" && f.Value("websocket.opcode") == "9" {
							t.Error("Chromium sent a ping of its own")
						}
					}
				})
			}
		})
	}
}

// TestSilenceOfAnEnd holds what the code is told of an end, and what it is not.
func TestSilenceOfAnEnd(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	for _, c := range []struct{ then, sse, ws string }{
		{"end", "error: readyState 0", "close: 1005 clean"},
		{"reset", "error: readyState 0", "close: 1006 not clean"},
		{"refused", "error: readyState 2", "close: 1006 not clean"},
	} {
		t.Run(c.then, func(t *testing.T) {
			l := p.In(t).Lesson("zh", short+"&then="+c.then)
			l.Run()
			if got := l.Log(chromium.SseSide); !slices.Contains(got, c.sse) {
				t.Errorf("the SSE side logged %q, want %q", got, c.sse)
			}
			if got := l.Log(chromium.WsSide); !slices.Contains(got, c.ws) {
				t.Errorf("the WebSocket side logged %q, want %q", got, c.ws)
			}
			l.OpenTimeline()
			l.Shows(chromium.Sentences, l.Word("finding.silence.sse_"+c.then))
			l.Shows(chromium.Sentences, l.Word("finding.silence.ws_"+c.then))
		})
	}
}
