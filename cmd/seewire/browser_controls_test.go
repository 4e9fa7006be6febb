package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

func (l *lessonPage) address() string { return eval[string](l.tab, `location.search`) }

func (l *lessonPage) control(name string) string {
	return eval[string](l.tab, fmt.Sprintf(`(e => e.type === "checkbox" ? String(e.checked) : e.value)(document.getElementById("control-%s"))`, name))
}

func TestControlsLiveInTheAddress(t *testing.T) {
	t.Parallel()
	l := openSite(t).lesson("en", "reconnect")
	l.fill("#control-cut", "3")
	l.fill("#control-every", "50")
	l.fill("#control-total", "4")
	l.click("#control-ids")
	eval[any](l.tab, `document.getElementById("control-how").focus()`)
	l.press(kb.ArrowDown) // from reset to a clean end

	l.until(`new URLSearchParams(location.search).size === 5`)
	for range 2 {
		for name, value := range map[string]string{"cut": "3", "every": "50", "total": "4", "ids": "false", "how": "end", "retry": "1000"} {
			if got := l.control(name); got != value {
				t.Errorf("%s is %q, want %q", name, got, value)
			}
		}
		l.shows(`code[data-command="sse"]`, `curl -N 'http://localhost:\d+/play/reconnect/sse\?.*cut=3`)
		l.do(reload)
		l.ready()
	}
	l.click(runBoth)
	l.running()
	l.shows(sseSide+logLines, `error: connecting again`)
	l.click(stopRun)
	for _, side := range []string{"sse", "ws"} {
		for _, r := range l.capture().requests(side) {
			if uri := r.value("http.request.uri"); !strings.Contains(uri, "cut=3") || !strings.Contains(uri, "ids=off") || strings.Contains(uri, "retry") {
				t.Errorf("the %s side asked for %s, want what the controls say and nothing else", side, uri)
			}
		}
	}

	l.click(resetAll)
	if got := l.address(); got != "" {
		t.Errorf("after Reset the address still has %q", got)
	}
	if got := l.control("cut"); got != "5" {
		t.Errorf("after Reset cut is %s, want the lesson's 5", got)
	}
}

func TestAValueOutOfRangeIsExplained(t *testing.T) {
	t.Parallel()
	p := openSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.in(t).lesson(lang, "reconnect?cut=99&how=magic")
			const note = `[data-control="cut"] [data-part="note"]`
			l.shows(note, l.word("control.error.range", "min", 0, "max", 50))
			l.shows(`[data-control="how"] [data-part="note"]`, l.word("control.error.choice"))

			// It is not run; the keyboard is taken to what has to be mended.
			l.click(runBoth)
			l.until(`document.activeElement.id === "control-cut" && document.activeElement.ariaInvalid === "true"`)
			l.shows(status, l.word("playground.status.recorded"))
			l.shows(note, l.word("control.error.range", "min", 0, "max", 50))
			l.fill("#control-cut", "-")
			l.shows(note, l.word("control.error.number", "min", 0, "max", 50))
			l.fill("#control-cut", "2")
			l.until(`!document.querySelector("[aria-invalid]")`)
			l.shows(note, `^$`)
			l.shows(`[data-control="how"] [data-part="note"]`, `^$`)

			l = p.in(t).lesson(lang, "event-stream")
			l.click("#control-stream")
			l.write(strings.Repeat("字", 1366)) // 4098 bytes
			l.shows(`[data-control="stream"] [data-part="note"]`, l.word("control.error.too-long", "bytes", 4096))
			l.click(runBoth)
			l.until(`document.activeElement.id === "control-stream"`)
			l.shows(status, l.word("playground.status.recorded"))
		})
	}
}
