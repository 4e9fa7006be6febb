package lessons

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"seewire/cmd/seewire/internal/chromium"
)

// TestAsleepReallyFrozen freezes the page in the middle of a run, as no page can
// do it by itself, and brings it back: nothing is lost, and nothing comes twice.
func TestAsleepReallyFrozen(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	p.Expect("WebSocket connection to") // those that the browser closes
	becomes := func(state page.SetWebLifecycleStateState) {
		p.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			// A page that is to have the focus is not hidden, and in a browser without a
			// window nothing else shows it again.
			_, err := cdp.Call(ctx, t, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: false})
			if err == nil {
				_, err = cdp.Call(ctx, t, page.SetWebLifecycleState, page.SetWebLifecycleStateParams{State: state})
			}
			if err == nil && state == page.SetWebLifecycleStateStateActive {
				_, err = cdp.Call(ctx, t, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
			}
			return err
		}))
	}
	l := p.Lesson("en", "asleep?away=you&every=200&total=200&hidden=close")
	l.Click(chromium.RunBoth)
	l.Running()
	l.Shows(chromium.SseSide+chromium.LogLines, "(?m)^2$")
	l.Shows(chromium.WsSide+chromium.LogLines, "(?m)^2$")
	becomes(page.SetWebLifecycleStateStateFrozen)
	logged := l.Log(chromium.SseSide)
	time.Sleep(time.Second) // in which five numbers are due
	if got := l.Log(chromium.SseSide); len(got) != len(logged) {
		t.Errorf("the page goes on while it is frozen: %q, then %q", logged, got)
	}
	becomes(page.SetWebLifecycleStateStateActive)
	for _, side := range []string{chromium.SseSide, chromium.WsSide} {
		l.Shows(side+chromium.LogLines, "(?m)^12$")
	}
	l.Stop()
	for _, side := range []string{chromium.SseSide, chromium.WsSide} {
		last := 0
		for _, line := range l.Log(side) {
			number, err := strconv.Atoi(line)
			if err != nil {
				continue
			}
			if number != last+1 {
				t.Errorf("%s: something is lost, or twice: %q", side, l.Log(side))
				break
			}
			last = number
		}
	}
}
