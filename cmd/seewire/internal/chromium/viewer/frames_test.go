package viewer

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"seewire/cmd/seewire/internal/chromium"
	"seewire/cmd/seewire/internal/sitetest"
)

func TestFramesShowsWhatThe101SwitchesTo(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.In(t).Lesson(lang, "frames")
			l.Run()

			if got, want := l.Log(chromium.SseSide), []string{"open", "125"}; !slices.Equal(got, want) {
				t.Errorf("the SSE side logged %q, want %q", got, want)
			}
			bye := l.Words["control.echo.reason.initial"]
			if got, want := l.Log(chromium.WsSide), []string{"open echo.v1 ", "125", "close: 1000 " + bye + " clean"}; !slices.Equal(got, want) {
				t.Errorf("the WebSocket side logged %q, want %q", got, want)
			}
			l.OpenTimeline()
			for _, says := range []chromium.Pattern{
				l.Word("finding.echo.switched"),
				l.Word("finding.echo.ping"),
				l.Word("finding.echo.up_frame", "payload", 125, "header", 6, "bits", 7),
				l.Word("finding.echo.down_frame", "payload", 125, "header", 2),
				l.Word("finding.echo.client_closed", "code", 1000, "frames", 2),
				l.Word("finding.echo.comment"),
				l.Word("finding.echo.event", "payload", 125, "lines", 4),
				l.Word("finding.echo.gone"),
			} {
				l.Shows(chromium.Sentences, says)
			}

			// Six frames, as the prediction has it; the close has the code in two
			// bytes, and then the reason.
			c := l.Capture()
			closing := 2 + len(bye)
			want := []string{"client close " + fmt.Sprint(2+4+closing), "client pong 7", "client text 131", "server close " + fmt.Sprint(2+closing), "server ping 3", "server text 127"}
			got := c.WebSocket()
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("the frames are %q, want %q", got, want)
			}
			sitetest.CheckTiling(t, c)

			// The lesson points at them.
			for _, field := range []string{"http.sec_websocket_accept", "websocket.opcode", "websocket.masking_key", "websocket.payload.close.status_code", "sse.comment"} {
				l.Click(`a[data-field="` + field + `"]`)
				l.Until(`document.activeElement.closest(".field")?.textContent.startsWith("` + field + `")`)
			}
		})
	}
}

// TestFramesBreaks follows each link of the lesson's list, and finds what the
// lesson says of it.
func TestFramesBreaks(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	l := p.Lesson("en", "frames")
	l.OpenTimeline()
	reason := "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123"
	for _, c := range []struct {
		link string
		ws   []string // what the WebSocket side logs, in part
		says []chromium.Pattern
	}{
		{"size=126", []string{"126"}, []chromium.Pattern{l.Word("finding.echo.up_frame", "payload", 126, "header", 8, "bits", 16)}},
		{"kind=binary&size=65535", []string{"65535 B: 00 01"}, []chromium.Pattern{
			l.Word("finding.echo.up_frame", "payload", 65535, "header", 8, "bits", 16), l.Word("finding.echo.base64", "payload", 65535, "characters", 87380)}},
		{"kind=binary&size=65536", []string{"65536 B: 00 01"}, []chromium.Pattern{
			l.Word("finding.echo.up_frame", "payload", 65536, "header", 14, "bits", 64), l.Word("finding.echo.down_frame", "payload", 65536, "header", 10)}},
		{"size=70000", []string{"close: 1009"}, []chromium.Pattern{l.Word("finding.echo.server_closed", "code", 1009), l.Word("finding.echo.refused", "status", 413)}},
		{"code=1001", []string{"InvalidAccessError", "close: 1005"}, []chromium.Pattern{l.Word("finding.echo.no_code")}},
		{"code=4000", []string{"close: 4000 bye clean"}, []chromium.Pattern{l.Word("finding.echo.client_closed", "code", 4000, "frames", 2)}},
		{"code=0", []string{"close: 1005"}, []chromium.Pattern{l.Word("finding.echo.no_code")}},
		{"code=4000&reason=" + reason, []string{"SyntaxError", "123 UTF-8 bytes"}, []chromium.Pattern{l.Word("finding.echo.no_code")}},
		{"protocol=echo.v2", []string{"close: 1006  not clean"}, []chromium.Pattern{l.Word("finding.echo.unchosen", "offered", "echo.v2")}},
		{"fragments=4&size=300", []string{"300"}, []chromium.Pattern{l.Word("finding.echo.down_fragments", "payload", 300, "frames", 4)}},
		{"deflate=on&size=4096", []string{"open echo.v1 permessage-deflate"}, []chromium.Pattern{
			l.Word("finding.echo.up_deflated", "inflated", 4096), l.Word("finding.echo.down_deflated", "inflated", 4096), l.Word("finding.echo.event", "payload", 4096, "lines", 129)}},
		{"kind=binary&size=4096", []string{"4096 B: 00 01"}, []chromium.Pattern{l.Word("finding.echo.base64", "payload", 4096, "characters", 5464)}},
	} {
		t.Run(c.link[:min(len(c.link), 40)], func(t *testing.T) {
			l := l.In(t)
			want, err := url.ParseQuery(c.link)
			if err != nil {
				t.Fatal(err)
			}
			// The page may have another order in its links.
			var link string
			for _, data := range chromium.Eval[[]string](l.Tab, `[...document.querySelectorAll("a[data-run]")].map(a => a.dataset.run)`) {
				if got, _ := url.ParseQuery(data); got.Encode() == want.Encode() {
					link = data
				}
			}
			if link == "" {
				t.Fatal("the lesson has no such link")
			}
			l.Click(`a[data-run="` + link + `"]`)
			l.Ended("done")
			log := strings.Join(l.Log(chromium.WsSide), "\n")
			for _, want := range c.ws {
				if !strings.Contains(log, want) {
					t.Errorf("the WebSocket side logged %q, want %q in it", log, want)
				}
			}
			for _, says := range c.says {
				l.Shows(chromium.Sentences, says)
			}
			if c.link == "size=70000" {
				l.Shows(chromium.SseSide+chromium.Outcome, l.Word("problem.too-large"))
			}
			sitetest.CheckTiling(t, l.Capture())
		})
	}
}

// TestFramesThatTheBrowserDecides sees what Chromium makes of messages where the
// standard leaves it to the browser.
func TestFramesThatTheBrowserDecides(t *testing.T) {
	t.Parallel()
	chromium.NeedBrowser(t)
	s := sitetest.Start(t)
	p := chromium.OpenTab(t, s.Base)
	p.Visit("/en/fields")
	for i, c := range []struct {
		query, message string
		want           string // the first frame; the server may close before there is another
	}{
		{"", "new Uint8Array(131000)", "binary 131000 FIN"},
		{"", "new Uint8Array(140000)", "binary 131000"},
		{"&deflate=on", "new Uint8Array(1)", "binary 3 FIN"},
		{"&deflate=on", "crypto.getRandomValues(new Uint8Array(60000))", "binary 60021 FIN"},
	} {
		id := fmt.Sprintf("browser-decides-%d", i)
		chromium.Await[bool](p, fmt.Sprintf(`new Promise((done) => {
			const socket = new WebSocket("%s/play/echo/ws?ping=off&capture=%s%s");
			socket.onopen = () => socket.send(%s);
			socket.onmessage = () => socket.close();
			socket.onclose = () => done(true);
		})`, s.Socket(), id, c.query, c.message))
		var got []string
		for _, f := range sitetest.GetCapture(t, s, id).Frames {
			if f.From != "client" || f.Protocol != "websocket" || f.Kind == "close" {
				continue
			}
			length := cmp.Or(f.Value("websocket.payload_length_ext_64"), f.Value("websocket.payload_length_ext_16"), f.Value("websocket.payload_length"))
			got = append(got, strings.TrimSpace(f.Kind+" "+length+" "+map[string]string{"1": "FIN"}[f.Value("websocket.fin")]))
		}
		if len(got) == 0 || got[0] != c.want {
			t.Errorf("%s went out as %q, the lesson says %q", c.message, got, c.want)
		}
	}
}

// TestFramesThatTheBrowserRefuses sends Chromium text that is not UTF-8. It
// answers 1002, where RFC 6455 §7.4.1 has 1007 for that.
func TestFramesThatTheBrowserRefuses(t *testing.T) {
	t.Parallel()
	closed := make(chan websocket.StatusCode, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/ws" {
			w.Header().Set("Content-Type", "text/html")
			return
		}
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.CloseNow()
		conn.Write(r.Context(), websocket.MessageText, []byte("\xc3\x28"))
		_, _, err = conn.Read(context.Background())
		closed <- websocket.CloseStatus(err)
	}))
	defer server.Close()
	p := chromium.OpenTab(t, server.URL)
	p.Expect("Could not decode a text frame as UTF-8")
	p.Visit("/")
	got := chromium.Await[string](p, `new Promise((done) => {
		const socket = new WebSocket("/ws");
		socket.onmessage = () => done("a message");
		socket.onclose = ({ code }) => done("closed with " + code);
	})`)
	if code := <-closed; got != "closed with 1006" || code != websocket.StatusProtocolError {
		t.Errorf("the page got %q, and the server %d", got, code)
	}
}

func TestFramesExercise(t *testing.T) {
	t.Parallel()
	solution, err := os.ReadFile(sitetest.InModule("playground/experiments/echo/exercise/solution.js"))
	if err != nil {
		t.Fatal(err)
	}
	p := chromium.OpenSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.In(t).Lesson(lang, "frames")
			const code = chromium.Exercise + "seewire-code"
			if chromium.Eval[bool](l.Tab, `document.querySelector("`+code+`").edited`) {
				l.Click(code + ` [data-action="restore"]`)
			}
			l.Check(false, []string{"echo.not_sixteen", "echo.not_sixty_four", "echo.closed_otherwise"})
			l.Shows(chromium.Result, "378 B")
			// Right but for the end: the second echo is not waited for.
			l.Edit(code, strings.Replace(string(solution), "echoes === 2", "echoes === 1", 1))
			l.Check(false, []string{"echo.sixteen", "echo.sixty_four", "echo.closed", "echo.echoed"})
			l.Edit(code, string(solution))
			l.Check(true, []string{"echo.sixteen", "echo.sixty_four", "echo.closed", "echo.echoed"})
		})
	}
}

// TestFramesFromATerminal runs what the lesson has for a terminal that a page
// could not do, as it is written there, and finds it on the page.
func TestFramesFromATerminal(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"node", "curl", "xxd", "sh"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(err)
		}
	}
	p := chromium.OpenSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.In(t).Lesson(lang, "frames")
			l.OpenTimeline()
			l.Open(`seewire-playground [data-part="commands"]`)
			l.Shows(chromium.Watching, l.Word("playground.feed.live"))
			commands := chromium.Eval[[]string](l.Tab, `[...document.querySelectorAll("seewire-terminal [data-part=commands]")].map(e => e.textContent.trim())`)
			find := func(program string) string {
				return commands[slices.IndexFunc(commands, func(c string) bool { return strings.HasPrefix(c, program) })]
			}

			out, err := exec.CommandContext(t.Context(), "sh", "-c", find("curl -i")).CombinedOutput()
			var dump []byte
			for line := range strings.Lines(string(out)) {
				if _, columns, ok := strings.Cut(line, ": "); ok {
					columns, _, _ = strings.Cut(columns, "  ")
					b, _ := hex.DecodeString(strings.ReplaceAll(columns, " ", ""))
					dump = append(dump, b...)
				}
			}
			// RFC 6455 §1.3 has the same key, and the same answer to it.
			if !bytes.Contains(dump, []byte("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")) || !bytes.HasSuffix(dump, []byte("\r\n\r\n\x89\x011")) {
				t.Errorf("curl: %v\n%s", err, out)
			}

			command := find("node -e")
			cases := []struct{ frames, says, finding string }{
				{`"8182" + "00000000" + "c328"`, "ef", l.Word("finding.echo.server_closed", "code", 1007)},
				{`"81fe000100000000" + "61"`, "81 01 61", l.Word("finding.echo.against_client", "section", "RFC 6455 §5.2")},
				{`"8884" + "00000000" + "03e8c328"`, "88 04 03 e8 c3 28", l.Word("finding.echo.against_server", "section", "RFC 6455 §5.5.1")},
			}
			if lang == "zh" {
				cases = cases[:1] // the same bytes
			}
			for _, c := range cases {
				typed := strings.Replace(command, `"8182" + "00000000" + "c328"`, c.frames, 1)
				// It stays until the server hangs up; here it leaves with the first answer.
				typed = strings.Replace(typed, `console.log(bytes)`, `{ console.log(bytes); if (bytes.includes(0x81) || bytes.includes(0x88)) socket.destroy(); }`, 1)
				out, err := exec.CommandContext(t.Context(), "sh", "-c", typed).CombinedOutput()
				if err != nil || !strings.Contains(string(out), c.says) {
					t.Errorf("%s: %v\n%s\nwant %q", typed, err, out, c.says)
				}
				l.Shows(chromium.Sentences, c.finding)
			}
			l.Shows(chromium.Sentences, l.Word("finding.echo.against_client", "section", "RFC 6455 §8.1"))
			l.Shows(chromium.Sentences, `^WebSocket · 0\.000 s`) // times count from the first byte
			if n := chromium.Eval[int](l.Tab, `document.querySelectorAll('`+chromium.Timeline+`[data-side="ws"] [data-tone="trouble"]').length`); n == 0 {
				t.Error("what breaks the rules does not stand out")
			}
		})
	}
}
