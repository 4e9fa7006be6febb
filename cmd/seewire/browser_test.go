package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"go.uber.org/goleak"
)

// The browser tests drive Debian's Chromium; package browsers drives others. Without
// a browser its tests skip, unless SEEWIRE_BROWSER=required says that they must not;
// with SEEWIRE_BROWSER=none they skip in any case.

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

// runTests is the TestMain of a package whose tests use the browser. It fails them
// when a goroutine is left behind.
func runTests(m *testing.M) {
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
type tab struct {
	t    *testing.T
	ctx  context.Context
	base string
	seen *record
}

// needBrowser skips a test where there is no browser, before anything is started
// for it.
func needBrowser(t *testing.T) {
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

// openSite starts the program, and opens a blank tab for it.
func openSite(t *testing.T, args ...string) *tab {
	t.Helper()
	needBrowser(t)
	return openTab(t, startSite(t, args...).base)
}

// openTab opens a blank tab for the site at base. The test fails at its end if
// the page complained of anything or spoke to another host.
func openTab(t *testing.T, base string) *tab {
	t.Helper()
	needBrowser(t)
	seen := newRecord(base)
	ctx, closeTab := chromedp.NewContext(theBrowser.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(seen.add))
	p := &tab{t: t, ctx: ctx, base: base, seen: seen}
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

// in is the same page in a subtest.
func (p *tab) in(t *testing.T) *tab {
	in := *p
	in.t = t
	return &in
}

// A test that waits longer than this for anything in the page has failed.
const patience = 90 * time.Second

// do does steps in the browser.
func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

// visit loads a page of the site.
func (p *tab) visit(path string) {
	p.t.Helper()
	p.seen.forget()
	p.do(chromedp.Navigate(p.base + path))
}

// click waits until the element can be clicked, and clicks it as a mouse does.
func (p *tab) click(selector string) {
	p.t.Helper()
	p.do(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible, chromedp.NodeEnabled))
}

// scrollTo brings an element into view.
func (p *tab) scrollTo(selector string) {
	p.t.Helper()
	eval[bool](p, fmt.Sprintf(`document.querySelector(%q).scrollIntoView(), true`, selector))
}

// press sends keys, such as kb.Tab, to what has the focus. What a key types is
// sent with it and not by itself, so that a page that acts on the key and says
// so (preventDefault) is not typed into.
func (p *tab) press(keys string, with ...chromedp.Modifier) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
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

// write puts a text in the place of all that stands in the field with the
// focus, as pasting does.
func (p *tab) write(text string) {
	p.t.Helper()
	all := input.DispatchKeyEventParams{
		Type: input.DispatchKeyEventTypeRawKeyDown, Key: "a", Code: "KeyA", WindowsVirtualKeyCode: 'A',
		Modifiers: int64(chromedp.ModifierCtrl), Commands: []string{"selectAll"},
	}
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
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

// fill puts what is typed in the place of what a field holds.
func (p *tab) fill(selector, text string) {
	p.t.Helper()
	p.click(selector)
	p.write("")
	p.press(text)
}

// eval returns the value of an expression in the page.
func eval[T any](p *tab, expression string) T {
	p.t.Helper()
	return evaluate[T](p, expression)
}

// await returns what a promise in the page comes to.
func await[T any](p *tab, expression string) T {
	p.t.Helper()
	return evaluate[T](p, expression, chromedp.EvalAwaitPromise)
}

func evaluate[T any](p *tab, expression string, options ...chromedp.EvaluateOption) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
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
		p.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// until waits for an expression in the page to be true.
func (p *tab) until(expression string) {
	p.t.Helper()
	deadline := time.Now().Add(patience)
	for !eval[bool](p, "!!("+expression+")") {
		if time.Now().After(deadline) {
			p.t.Fatalf("the page never came to: %s\n%s", expression, p.state())
		}
		time.Sleep(50 * time.Millisecond) // the page's own time: there is nothing to wait on here
	}
}

// state is what the playgrounds show, for a failed test's output.
func (p *tab) state() string {
	return eval[string](p, `[...document.querySelectorAll("seewire-playground, seewire-exercise")].map(e => e.innerText).join("\n---\n").slice(0, 4000)`)
}

// A program is the real one, started through run.
type program struct {
	base   string
	secure string       // through TLS; "" for none
	stop   func() error // as Ctrl-C does; returns what run returned
}

var (
	at       = regexp.MustCompile(`Seewire is at (\S+)`)
	secureAt = regexp.MustCompile(`and at (https:\S+), with HTTP/2`)
)

// startSite runs the program on a free port until the test ends, without TLS
// unless the test wants it.
func startSite(t testing.TB, args ...string) *program {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out := &lockedBuffer{wrote: make(chan struct{}, 1)}
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, append([]string{"-addr", "localhost:0", "-tls", "off", "-open=false"}, args...), out)
	}()
	stop := sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	for {
		if said := out.String(); strings.Contains(said, "Press Ctrl-C") {
			s := &program{base: at.FindStringSubmatch(said)[1], stop: stop}
			if m := secureAt.FindStringSubmatch(said); m != nil {
				s.secure = m[1]
			}
			return s
		}
		select {
		case <-out.wrote:
		case err := <-done:
			done <- err
			t.Fatalf("the program ended: %v\n%s", err, out)
		}
	}
}

// socket is the site's address for WebSocket.
func (s *program) socket() string { return "ws" + strings.TrimPrefix(s.base, "http") }

// A lockedBuffer is a program's output, read while it runs.
type lockedBuffer struct {
	mu    sync.Mutex
	buf   bytes.Buffer
	wrote chan struct{}
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case b.wrote <- struct{}{}:
	default:
	}
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
