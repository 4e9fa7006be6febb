// Package chromium drives Debian's Chromium for the tests beside it; package browsers
// drives others. Without a browser the tests skip, unless SEEWIRE_BROWSER=required
// says that they must not; with SEEWIRE_BROWSER=none they skip in any case.
package chromium

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"go.uber.org/goleak"

	"seewire/cmd/seewire/internal/references"
	"seewire/cmd/seewire/internal/sitetest"
)

var theBrowser struct {
	once sync.Once
	ctx  context.Context
	end  func()
	err  error
}

// startBrowser starts the one Chromium that all tests share; each test has a
// profile of its own in it.
func startBrowser() {
	b := &theBrowser
	if os.Getenv("SEEWIRE_BROWSER") == "none" {
		b.err = errors.New("no browser is wanted")
		return
	}
	path := ""
	// The one without a window does the same in a quarter of the processor time.
	for _, name := range []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		b.err = fmt.Errorf("no Chromium: the browser tests need one (on Debian: apt-get install chromium-headless-shell fonts-noto-cjk)")
		return
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox, // CI runs as root
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"),
	)
	allocator, end := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, closeTab := chromedp.NewContext(allocator)
	b.ctx, b.end = ctx, func() { closeTab(); end() }
	b.err = chromedp.Do(ctx)
}

// Main is the TestMain of a package whose tests use the browser. It fails them
// when a goroutine is left behind.
func Main(m *testing.M) {
	// Two thirds of a browser test are waiting: two for each processor fit, and one more.
	flag.Parse()
	flag.Set("test.parallel", strconv.Itoa(1+2*runtime.GOMAXPROCS(0)))
	code := m.Run()
	if theBrowser.end != nil {
		theBrowser.end()
	}
	if code == 0 {
		// The highlighter's clock goes on for a second after its last use.
		clock := goleak.IgnoreAnyFunction("github.com/dlclark/regexp2/v2.runClock")
		// Nobody waits for the check's end.
		check := goleak.IgnoreAnyFunction("seewire/cmd/seewire/internal/program.checkLater")
		if err := goleak.Find(clock, check); err != nil {
			os.Stderr.WriteString("goroutines left behind: " + err.Error() + "\n")
			code = 1
		}
	}
	os.Exit(code)
}

// A tab is a page in Chromium, in a profile of its own.
type Tab struct {
	T    *testing.T
	Ctx  context.Context
	Base string
	Seen *record
}

// NeedBrowser skips a test where there is no browser, before anything is started
// for it.
func NeedBrowser(t *testing.T) {
	t.Helper()
	b := &theBrowser
	b.once.Do(startBrowser)
	if b.err == nil {
		return
	}
	if os.Getenv("SEEWIRE_BROWSER") == "required" {
		t.Fatal(b.err)
	}
	t.Skip(b.err)
}

// OpenSite starts the program, and opens a blank tab for it.
func OpenSite(t *testing.T, args ...string) *Tab {
	t.Helper()
	NeedBrowser(t)
	return OpenTab(t, sitetest.Start(t, args...).Base)
}

// OpenTab opens a blank tab for the site at base. The test fails at its end if
// the page complained of anything or spoke to another host.
func OpenTab(t *testing.T, base string) *Tab {
	t.Helper()
	NeedBrowser(t)
	seen := newRecord(base)
	ctx, closeTab := chromedp.NewContext(theBrowser.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(seen.add))
	p := &Tab{T: t, Ctx: ctx, Base: base, Seen: seen}
	t.Cleanup(func() {
		closeTab()
		seen.check(t)
	})
	// A tab lives as long as the context of its first action.
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900)); err != nil {
		t.Fatal(err)
	}
	return p
}

// In is the same page in a subtest.
func (p *Tab) In(t *testing.T) *Tab {
	in := *p
	in.T = t
	return &in
}

// A test that waits longer than this for anything in the page has failed.
const Patience = 90 * time.Second

// Do does steps in the browser.
func (p *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	p.T.Helper()
	ctx, cancel := context.WithTimeout(p.Ctx, Patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.T.Fatal(err)
	}
}

// Visit loads a page of the site.
func (p *Tab) Visit(path string) {
	p.T.Helper()
	p.Seen.forget()
	p.Do(chromedp.Navigate(p.Base + path))
}

// Click waits until the element can be clicked and stands still, and clicks it as a mouse
// does. What is still being drawn may move it between the look and the click: the page
// says whether the element got the click, and one that missed it is made again.
func (p *Tab) Click(selector string) {
	p.T.Helper()
	deadline := time.Now().Add(Patience)
	clicked := false
	for last := (clickPoint{}); ; {
		at := Eval[clickPoint](p, fmt.Sprintf(aim, selector, clicked))
		if at.Hit {
			return
		}
		if at.Why == "" && at == last {
			p.Do(chromedp.MouseClickXY(at.X, at.Y))
			clicked = true
			if Eval[bool](p, `window.clickHit !== false || matchMedia("(scripting: none)").matches`) {
				return
			}
			at.Why = "the clicks miss it"
		}
		if time.Now().After(deadline) {
			p.T.Fatalf("%s can't be clicked: %s\n%s", selector, cmp.Or(at.Why, "it moves"), p.state())
		}
		last = at
		time.Sleep(20 * time.Millisecond) // the page's own time: there is nothing to wait on here
	}
}

// A clickPoint is where an element can be clicked, in CSS px of the viewport, or why it
// can't be.
type clickPoint struct {
	X, Y float64
	Why  string
	Hit  bool // the click that was made has reached it, but later than the page was asked
}

// aim looks for the first element of a selector, and has the page note in clickHit whether
// the next click reaches one. A page that the click has left knows nothing of it.
const aim = `((selector, clicked) => {
	if (clicked && window.clickHit) return { Hit: true };
	const target = document.querySelector(selector);
	if (!target) return { Why: "it is not there" };
	if (target.matches(":disabled")) return { Why: "it is disabled" };
	target.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
	const { x, y, width, height } = target.getClientRects()[0] ?? new DOMRect();
	if (!width || !height || getComputedStyle(target).visibility !== "visible") return { Why: "it is not visible" };
	const at = { X: x + width / 2, Y: y + height / 2 };
	const meant = (e) => e.matches(selector) || Boolean(e.closest("label")?.control?.matches(selector));
	const top = document.elementFromPoint(at.X, at.Y);
	if (!top || (!target.contains(top) && !meant(top))) {
		target.scrollIntoView({ block: "center", behavior: "instant" });
		return { Why: "it is under " + top?.outerHTML.slice(0, 200) };
	}
	window.clickHit = false;
	addEventListener("click", (event) => {
		window.clickHit = event.composedPath().some((e) => e instanceof Element && meant(e));
	}, { capture: true, once: true });
	return at;
})(%q, %t)`

// scrollTo brings an element into view.
func (p *Tab) scrollTo(selector string) {
	p.T.Helper()
	Eval[bool](p, fmt.Sprintf(`document.querySelector(%q).scrollIntoView(), true`, selector))
}

// Press sends keys, such as kb.Tab, to what has the focus. What a key types is
// sent with it and not by itself, so that a page that acts on the key and says
// so (preventDefault) is not typed into.
func (p *Tab) Press(keys string, with ...chromedp.Modifier) {
	p.T.Helper()
	p.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for _, key := range keys {
			events := kb.Encode(key)
			down, up := *events[0], *events[len(events)-1]
			for _, e := range events {
				if e.Type == input.DispatchKeyEventTypeChar {
					down.Text, down.UnmodifiedText = e.Text, e.UnmodifiedText
				}
			}
			for _, modifier := range with {
				down.Modifiers |= int64(modifier)
				up.Modifiers |= int64(modifier)
			}
			for _, e := range []input.DispatchKeyEventParams{down, up} {
				if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, e); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

// Write puts a text in the place of all that stands in the field with the
// focus, as pasting does.
func (p *Tab) Write(text string) {
	p.T.Helper()
	all := input.DispatchKeyEventParams{
		Type: input.DispatchKeyEventTypeRawKeyDown, Key: "a", Code: "KeyA", WindowsVirtualKeyCode: 'A',
		Modifiers: int64(chromedp.ModifierCtrl), Commands: []string{"selectAll"},
	}
	p.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, all); err != nil {
			return err
		}
		all.Type = input.DispatchKeyEventTypeKeyUp
		if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, all); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, input.InsertText, input.InsertTextParams{Text: text})
		return err
	}))
}

// Fill puts what is typed in the place of what a field holds.
func (p *Tab) Fill(selector, text string) {
	p.T.Helper()
	p.Click(selector)
	p.Write("")
	p.Press(text)
}

// Eval returns the value of an expression in the page.
func Eval[T any](p *Tab, expression string) T {
	p.T.Helper()
	return evaluate[T](p, expression)
}

// Await returns what a promise in the page comes to.
func Await[T any](p *Tab, expression string) T {
	p.T.Helper()
	return evaluate[T](p, expression, chromedp.EvalAwaitPromise)
}

func evaluate[T any](p *Tab, expression string, options ...chromedp.EvaluateOption) T {
	p.T.Helper()
	ctx, cancel := context.WithTimeout(p.Ctx, Patience)
	defer cancel()
	var v T
	var err error
	for {
		v, err = chromedp.Run(ctx, chromedp.Evaluate[T](expression, options...))
		if err == nil || !strings.Contains(err.Error(), "navigated or closed") {
			break
		}
		time.Sleep(50 * time.Millisecond) // the page is loading anew
	}
	if err != nil {
		p.T.Fatalf("%s: %v", expression, err)
	}
	return v
}

// Until waits for an expression in the page to be true.
func (p *Tab) Until(expression string) {
	p.T.Helper()
	deadline := time.Now().Add(Patience)
	for !Eval[bool](p, "!!("+expression+")") {
		if time.Now().After(deadline) {
			p.T.Fatalf("the page never came to: %s\n%s", expression, p.state())
		}
		time.Sleep(50 * time.Millisecond) // the page's own time: there is nothing to wait on here
	}
}

// state is what the playgrounds show, for a failed test's output.
func (p *Tab) state() string {
	return Eval[string](p, `[...document.querySelectorAll("seewire-playground, seewire-exercise")].map(e => e.innerText).join("\n---\n").slice(0, 4000)`)
}

// Block lets no request for these addresses through, and all others.
func (p *Tab) Block(patterns ...string) {
	p.T.Helper()
	p.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, network.Enable, network.EnableParams{}); err != nil {
			return err
		}
		var list []*network.BlockPattern
		for _, pattern := range patterns {
			list = append(list, &network.BlockPattern{URLPattern: pattern, Block: true})
		}
		_, err := cdp.Call(ctx, t, network.SetBlockedURLs, network.SetBlockedURLsParams{URLPatterns: list})
		return err
	}))
}

// Slugs are the lessons that there are, in their order.
func Slugs(t testing.TB) (all []string) {
	t.Helper()
	course, err := references.Course("")
	if err != nil {
		t.Fatal(err)
	}
	for _, lesson := range course.Lessons {
		if lesson.In("en") != nil {
			all = append(all, lesson.Slug)
		}
	}
	return all
}

// Settled waits until nothing has been loaded for a while.
func (l *LessonPage) Settled() {
	l.T.Helper()
	const quiet = 300 * time.Millisecond
	deadline := time.Now().Add(Patience)
	for since := time.Now(); time.Since(since) < quiet; time.Sleep(20 * time.Millisecond) {
		if !l.Seen.idle() {
			since = time.Now()
		}
		if since.After(deadline) {
			l.T.Fatalf("still loading: %v", l.Seen.open)
		}
	}
}

func (l *LessonPage) Address() string { return Eval[string](l.Tab, `location.search`) }

func (l *LessonPage) Control(name string) string {
	return Eval[string](l.Tab, fmt.Sprintf(`(e => e.type === "checkbox" ? String(e.checked) : e.value)(document.getElementById("control-%s"))`, name))
}
