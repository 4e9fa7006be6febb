package pages

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"seewire/cmd/seewire/internal/chromium"
)

func TestControlsLiveInTheAddress(t *testing.T) {
	t.Parallel()
	l := chromium.OpenSite(t).Lesson("en", "reconnect")
	l.Fill("#control-cut", "3")
	l.Fill("#control-every", "50")
	l.Fill("#control-total", "4")
	l.Click("#control-ids")
	chromium.Eval[any](l.Tab, `document.getElementById("control-how").focus()`)
	l.Press(kb.ArrowDown) // from reset to a clean end

	l.Until(`new URLSearchParams(location.search).size === 5`)
	for range 2 {
		for name, value := range map[string]string{"cut": "3", "every": "50", "total": "4", "ids": "false", "how": "end", "retry": "1000"} {
			if got := l.Control(name); got != value {
				t.Errorf("%s is %q, want %q", name, got, value)
			}
		}
		l.Shows(`code[data-command="sse"]`, `curl -N 'http://localhost:\d+/play/reconnect/sse\?.*cut=3`)
		l.Do(reload)
		l.Ready()
	}
	l.Click(chromium.RunBoth)
	l.Running()
	l.Shows(chromium.SseSide+chromium.LogLines, `error: connecting again`)
	l.Stop()
	for _, side := range []string{"sse", "ws"} {
		for _, r := range l.Capture().Requests(side) {
			if uri := r.Value("http.request.uri"); !strings.Contains(uri, "cut=3") || !strings.Contains(uri, "ids=off") || strings.Contains(uri, "retry") {
				t.Errorf("the %s side asked for %s, want what the controls say and nothing else", side, uri)
			}
		}
	}

	l.Click(chromium.ResetAll)
	if got := l.Address(); got != "" {
		t.Errorf("after Reset the address still has %q", got)
	}
	if got := l.Control("cut"); got != "5" {
		t.Errorf("after Reset cut is %s, want the lesson's 5", got)
	}
}

func TestAValueOutOfRangeIsExplained(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.In(t).Lesson(lang, "reconnect?cut=99&how=magic")
			const note = `[data-control="cut"] [data-part="note"]`
			l.Shows(note, l.Word("control.error.range", "min", 0, "max", 50))
			l.Shows(`[data-control="how"] [data-part="note"]`, l.Word("control.error.choice"))

			// It is not run; the keyboard is taken to what has to be mended.
			l.Click(chromium.RunBoth)
			l.Until(`document.activeElement.id === "control-cut" && document.activeElement.ariaInvalid === "true"`)
			l.Shows(chromium.Status, l.Word("playground.status.recorded"))
			l.Shows(note, l.Word("control.error.range", "min", 0, "max", 50))
			l.Fill("#control-cut", "-")
			l.Shows(note, l.Word("control.error.number", "min", 0, "max", 50))
			l.Fill("#control-cut", "2")
			l.Until(`!document.querySelector("[aria-invalid]")`)
			l.Shows(note, `^$`)
			l.Shows(`[data-control="how"] [data-part="note"]`, `^$`)

			l = p.In(t).Lesson(lang, "event-stream")
			l.Click("#control-stream")
			l.Write(strings.Repeat("字", 1366)) // 4098 bytes
			l.Shows(`[data-control="stream"] [data-part="note"]`, l.Word("control.error.too-long", "bytes", 4096))
			l.Click(chromium.RunBoth)
			l.Until(`document.activeElement.id === "control-stream"`)
			l.Shows(chromium.Status, l.Word("playground.status.recorded"))
		})
	}
}
