package viewer

import (
	"bufio"
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
	"github.com/coder/websocket"

	"seewire/cmd/seewire/internal/chromium"
	"seewire/cmd/seewire/internal/sitetest"
)

// rows are those of the list of frames that can be seen.
const rows = chromium.Frames + ".frames-row"

// TestWhatATerminalDoesIsWatched runs the commands that the page offers, as
// somebody does in a terminal beside it.
func TestWhatATerminalDoesIsWatched(t *testing.T) {
	t.Parallel()
	l := chromium.OpenSite(t).Lesson("en", "reconnect?cut=0&every=200&total=100")
	l.Open(`seewire-playground [data-part="commands"]`)
	l.Shows(chromium.Watching, l.Word("playground.feed.live"))
	l.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error { // where nobody is asked
		_, err := cdp.Call(ctx, t, browser.SetPermission, browser.SetPermissionParams{
			Permission:       &browser.PermissionDescriptor{Name: "clipboard-write"},
			Setting:          browser.PermissionSettingGranted,
			BrowserContextID: chromedp.FromContext(ctx).BrowserContextID,
		})
		return err
	}))
	l.Click(`.command[data-side="sse"] [data-action="copy"]`)
	l.Shows(`.command[data-side="sse"] [data-action="copy"]`, l.Word("terminal.copied"))

	ctx, hangUp := context.WithCancel(t.Context())
	defer hangUp()
	req, err := http.NewRequestWithContext(ctx, "GET", l.CommandAddress("sse"), nil)
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
	l.Click("#tab-frames")
	l.Until(`!document.querySelector("` + chromium.Frames + `").hasAttribute("recorded")`)
	l.Shows(rows, `id: \d+, data: \d+ · chunk`)

	socket, _, err := websocket.Dial(ctx, l.CommandAddress("ws"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer socket.CloseNow()
	for range 3 {
		if _, _, err := socket.Read(ctx); err != nil {
			t.Fatal(err)
		}
	}
	l.Shows(rows, `WS\d+ · .*FIN`)

	// Who hung up, and how, is seen as well.
	hangUp()
	l.Shows(rows, `×TCP`)
	all := l.Frames()
	for _, want := range []string{"GET /play/reconnect/sse", "101 Switching Protocols", "id: 1, data: 1"} {
		if !strings.Contains(strings.Join(all, "\n"), want) {
			t.Errorf("the frames lack %q:\n%s", want, strings.Join(all, "\n"))
		}
	}
	sitetest.CheckTiling(t, l.Capture())

	// The commands of the lesson's text are watched under the same ID.
	id := l.Text(`seewire-playground [data-part="capture"]`)
	l.Shows(`seewire-terminal [data-part="commands"]`, `capture=`+id)
}

// The server's lines about a terminal's run have times from its start.
func TestServersLinesOfATerminalsRun(t *testing.T) {
	t.Parallel()
	l := chromium.OpenSite(t).Lesson("en", "silence")
	l.Open(`seewire-playground [data-part="commands"]`)
	l.Shows(chromium.Watching, l.Word("playground.feed.live"))
	response, err := http.Get(l.CommandAddress("sse"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(response.Body).ReadString('1'); err != nil { // the first number: a write that fails says nothing
		t.Fatal(err)
	}
	response.Body.Close() // the server says that the client has left
	const line = `seewire-playground p[data-side="sse"][data-kind="server"]`
	l.Shows(line, "client left")
	seconds, err := strconv.ParseFloat(l.Text(line+" time"), 64)
	if err != nil || seconds < 0 || seconds > 120 {
		t.Errorf("the line is at %s", l.Text(line+" time"))
	}
}
