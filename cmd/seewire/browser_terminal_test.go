package main

import (
	"context"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
	"github.com/coder/websocket"
)

// commandAddress is the address in a command for a terminal.
func (l *lessonPage) commandAddress(side string) string {
	l.t.Helper()
	command := l.text(`code[data-command="` + side + `"]`)
	m := regexp.MustCompile(`'([^']+)'`).FindStringSubmatch(command)
	if m == nil {
		l.t.Fatalf("no address in the command %q", command)
	}
	return m[1]
}

// rows are those of the list of frames that can be seen.
const rows = frames + ".frames-row"

// TestWhatATerminalDoesIsWatched runs the commands that the page offers, as
// somebody does in a terminal beside it.
func TestWhatATerminalDoesIsWatched(t *testing.T) {
	t.Parallel()
	l := openSite(t).lesson("en", "reconnect?cut=0&every=200&total=100")
	l.open(`seewire-playground [data-part="commands"]`)
	l.shows(watching, l.word("playground.feed.live"))
	l.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error { // where nobody is asked
		_, err := cdp.Call(ctx, t, browser.SetPermission, browser.SetPermissionParams{
			Permission:       &browser.PermissionDescriptor{Name: "clipboard-write"},
			Setting:          browser.PermissionSettingGranted,
			BrowserContextID: chromedp.FromContext(ctx).BrowserContextID,
		})
		return err
	}))
	l.click(`.command[data-side="sse"] [data-action="copy"]`)
	l.shows(`.command[data-side="sse"] [data-action="copy"]`, l.word("terminal.copied"))

	ctx, hangUp := context.WithCancel(t.Context())
	defer hangUp()
	req, err := http.NewRequestWithContext(ctx, "GET", l.commandAddress("sse"), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("User-Agent", "curl of a test")
	response, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	// While it goes on, the page shows it, and no recorded run any more.
	l.until(`!document.querySelector("` + frames + `").hasAttribute("recorded")`)
	l.shows(rows, `id: \d+, data: \d+ · chunk`)

	socket, _, err := websocket.Dial(ctx, l.commandAddress("ws"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer socket.CloseNow()
	for range 3 {
		if _, _, err := socket.Read(ctx); err != nil {
			t.Fatal(err)
		}
	}
	l.shows(rows, `WS\d+ · .*FIN`)

	// Who hung up, and how, is seen as well.
	hangUp()
	l.shows(rows, `×TCP`)
	all := l.frames()
	for _, want := range []string{"GET /play/reconnect/sse", "101 Switching Protocols", "id: 1, data: 1"} {
		if !strings.Contains(strings.Join(all, "\n"), want) {
			t.Errorf("the frames lack %q:\n%s", want, strings.Join(all, "\n"))
		}
	}
	checkTiling(t, l.capture())

	// The commands of the lesson's text are watched under the same ID.
	id := l.text(`seewire-playground [data-part="capture"]`)
	l.shows(`seewire-terminal [data-part="commands"]`, `capture=`+id)
}

// The server's lines about a terminal's run have times from its start.
func TestServersLinesOfATerminalsRun(t *testing.T) {
	t.Parallel()
	l := openSite(t).lesson("en", "silence")
	l.open(`seewire-playground [data-part="commands"]`)
	l.shows(watching, l.word("playground.feed.live"))
	response, err := http.Get(l.commandAddress("sse"))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close() // the server says that the client has left
	const line = `seewire-playground p[data-side="sse"][data-kind="server"]`
	l.shows(line, "client left")
	seconds, err := strconv.ParseFloat(l.text(line+" time"), 64)
	if err != nil || seconds < 0 || seconds > 120 {
		t.Errorf("the line is at %s", l.text(line+" time"))
	}
}
