package viewer

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"seewire/cmd/seewire/internal/chromium"
	"seewire/cmd/seewire/internal/sitetest"
	"seewire/cmd/seewire/internal/terminal"
	"seewire/playground/export"
)

func TestOwnBytesHaveAnAddress(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	p.Visit("/en/bytes")
	p.Ready()
	p.Paste("81 85 37 fa 21 3d 7f 9f 4d 51 58")
	p.Click("seewire-bytes [type=submit]")
	p.Status("Guessed: WebSocket frames, sent by the client.")
	if got := p.ShownRows(); got != "Hello · Text, FIN, 5 bytes" {
		t.Errorf("rows: %s", got)
	}

	// A field is chosen, and the address that results is opened elsewhere.
	p.Until(`[...document.querySelectorAll(".field-name")].find(e => e.textContent === "websocket.masking_key")?.click() ?? location.hash.includes("masking_key")`)
	const want = "#bytes=gYU3-iE9f59NUVg&frame=1.client.0&field=2.websocket.masking_key"
	if got := chromium.Eval[string](p, "location.hash"); got != want {
		t.Fatalf("the address ends with %s, want %s", got, want)
	}
	other := chromium.OpenTab(t, p.Base)
	other.Visit("/zh/bytes" + want)
	other.Ready()
	other.Status("猜测：WebSocket 帧，客户端发送。")
	other.Until(`document.querySelector(".field.on .field-name")?.textContent === "websocket.masking_key"`)
	if got := chromium.Eval[string](other, `document.activeElement.textContent`); got != "websocket.masking_key" {
		t.Errorf("the focus is on %q", got)
	}

	// A language model's stream is put together, and a piece of it leads to its bytes.
	p.Click("[data-action=clear]")
	p.Paste(`data: {"choices":[{"index":0,"delta":{"content":"one"}}]}` + "\n\n" + `data: {"choices":[{"index":0,"delta":{"content":" two"}}]}` + "\n\n")
	p.Click("seewire-bytes [type=submit]")
	p.Until(`document.querySelector(".answer-pieces")?.textContent === "one two"`)
	if got := p.Text(".answer-problems"); !strings.Contains(got, "The mark of the end is missing") {
		t.Errorf("what is wrong: %s", got)
	}
	p.Click(".answer-piece:nth-child(2)")
	p.Until(`location.hash.includes("frame=1.server.") && !location.hash.includes("frame=1.server.0")`)

	// The switch between languages takes the bytes along.
	other.Click("seewire-language a")
	other.Do(chromedp.WaitReady(chromedp.CSS(`html[lang="en"]`)))
	other.Ready()
	other.Status("sent by the client")
	if got := chromium.Eval[string](other, "location.pathname + location.hash"); got != "/en/bytes"+want {
		t.Errorf("the other language is at %s", got)
	}
}

func TestOwnBytesSurviveMistakes(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	p.Expect("status of 400")
	p.Visit("/en/bytes")
	p.Ready()
	p.Click("seewire-bytes [type=submit]")
	p.Failed("There are no bytes yet")
	p.Paste("81 0z")
	p.Do(chromedp.SetValue(chromedp.CSS("#own-bytes-writing"), "hex"))
	p.Click("seewire-bytes [type=submit]")
	p.Failed("Not hex at character 5: “z”")
	if got := chromium.Eval[string](p, `getSelection().toString() || document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)`); got != "z" {
		t.Errorf("selected is %q, want what is wrong", got)
	}
	p.Do(chromedp.Reload())
	p.Ready()
	p.Until(`document.querySelector("#own-bytes-text").value === "81 0z" && document.querySelector("#own-bytes-writing").value === "hex"`)

	p.Do(chromedp.SetValue(chromedp.CSS("#own-bytes-writing"), "text"))
	p.Click("seewire-bytes [type=submit]")
	p.Failed("Not recognised")
	p.Visit("/zh/bytes#bytes=*")
	p.Ready()
	p.Failed("链接里的字节已损坏")
}

// TestOwnFiles drops and chooses files of each kind.
func TestOwnFiles(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	p.Expect("status of 400")
	folder := t.TempDir()
	for _, c := range []struct {
		name, status, row, note string
		content                 []byte
		err                     string
	}{
		{name: "a.pcapng", content: recordedByDumpcap(t), status: "a recording of packets", row: "101 Switching Protocols"},
		{name: "a.har", status: "a HAR", row: "Hello · Message, 5 bytes", note: "Connection 1: GET wss://a.example/: 1 message without frames",
			content: []byte(`{"log":{"entries":[{"request":{"method":"GET","url":"wss://a.example/"},"_webSocketMessages":[{"type":"send","time":1795334401.25,"opcode":1,"data":"Hello"}]}]}}`)},
		{name: "a.txt", content: []byte(strings.Repeat("data: large\n\n", 1000)), status: "an event stream, sent by the server", row: "data: large"},
		{name: "empty", err: "The file is empty"},
		{name: "large", content: make([]byte, export.MaxImport+1), err: "At most 8 MiB can be read"},
		{name: "b.har", content: []byte(`{"log":{"entries":[]}}`), err: "neither event streams nor WebSockets"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := p.In(t)
			file := filepath.Join(folder, c.name)
			if err := os.WriteFile(file, c.content, 0o600); err != nil {
				t.Fatal(err)
			}
			p.Visit("/en/bytes")
			p.Ready()
			p.Do(chromedp.SetUploadFiles(chromedp.CSS("#own-bytes-choose"), []string{file}))
			if c.err != "" {
				p.Failed(c.err)
				return
			}
			p.Status(c.status)
			p.Until(fmt.Sprintf(`[...document.querySelectorAll("seewire-frames .frames-row .frames-text")].some(e => e.textContent.includes(%q))`, c.row))
			if got := chromium.Eval[string](p, `document.querySelector("[data-part=notes]").textContent`); !strings.Contains(got, c.note) {
				t.Errorf("notes: %s", got)
			}
			linked := chromium.Eval[bool](p, `document.querySelector("seewire-bytes [data-part=link]").checkVisibility()`)
			if linked != (len(c.content) <= 4096) {
				t.Errorf("%d bytes: offered as a link: %v", len(c.content), linked)
			}
		})
	}

	p.Visit("/en/bytes")
	p.Ready()
	p.Until(`(() => {
		const files = new DataTransfer();
		files.items.add(new File(["data: dropped\n\n"], "stream.txt"));
		document.body.dispatchEvent(new DragEvent("drop", {dataTransfer: files, bubbles: true, cancelable: true}));
		return true;
	})()`)
	p.Status("stream.txt: 15 bytes")
	if got := p.ShownRows(); got != "data: dropped" {
		t.Errorf("rows: %s", got)
	}
}

// recordedByDumpcap is a recording of this program's own answers.
func recordedByDumpcap(t *testing.T) []byte {
	t.Helper()
	file, err := os.ReadFile(sitetest.InModule("cmd/seewire/internal/terminal/testdata/dissect/loopback.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// TestDissectGuesses posts what the page posts.
func TestDissectGuesses(t *testing.T) {
	chromium.NeedBrowser(t)
	s := sitetest.Start(t)
	for _, c := range []struct {
		query, body string
		status      int
		want        string
	}{
		{"protocol=guess", sitetest.MaskedHello, 200, `"source":{"protocol":"websocket","from":"client","guessed":["protocol","from"]}`},
		{"protocol=guess&from=server", sitetest.MaskedHello, 200, `"guessed":["protocol"]`},
		{"protocol=websocket&from=guess", sitetest.MaskedHello, 200, `"guessed":["from"]`},
		{"protocol=guess", string(recordedByDumpcap(t)), 200, `"protocol":"pcapng"`},
		{"protocol=sse", "", 200, `"frames":[]`},
		{"protocol=guess", "", 400, `"code":"import-empty"`},
		{"protocol=guess", "dear reader", 400, `"code":"import-unknown"`},
		{"protocol=har", "{}", 400, `"code":"import-har-nothing"`},
	} {
		resp, err := http.Post(s.Base+"/dissect?"+c.query, "application/octet-stream", strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		var body bytes.Buffer
		_, err = body.ReadFrom(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != c.status || !strings.Contains(body.String(), c.want) {
			t.Errorf("%s, %.10q: %d %v, want %d and %s in\n%.600s", c.query, c.body, resp.StatusCode, err, c.status, c.want, &body)
		}
	}
}

// A capture in one file opens from a disk: nothing is fetched, and what is hostile in
// its bytes is shown and does nothing.
func TestCaptureInOneFile(t *testing.T) {
	t.Parallel()
	chromium.NeedBrowser(t)
	const hostile = `data: </script><script>document.title="taken"</script><img src=x onerror="document.title='taken'">` + "\n\n"
	var out, problems bytes.Buffer
	console := terminal.Console{In: strings.NewReader(strings.Repeat(hostile, 50)), Out: &out, Err: &problems}
	if err := terminal.Dissect([]string{"-html", "-"}, console); err != nil {
		t.Fatal(err, &problems)
	}
	if out.Len() > 400_000 {
		t.Errorf("the page has %d bytes", out.Len())
	}
	file := filepath.Join(t.TempDir(), "capture.html")
	if err := os.WriteFile(file, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	p := chromium.OpenTab(t, "file://"+file)
	p.Visit("")
	p.Until(`document.querySelectorAll("seewire-frames .frames-row .frames-text").length > 0`)
	for _, c := range []struct{ language, want string }{{"zh", "一次抓包"}, {"en", "A capture"}} {
		p.Click(fmt.Sprintf("button[lang=%s]", c.language))
		p.Until(fmt.Sprintf(`document.querySelector("h1")?.textContent.includes(%q) && document.querySelectorAll("seewire-frames .field-meaning").length > 0`, c.want))
	}
	if got := chromium.Eval[string](p, `document.title`); got == "taken" {
		t.Error("what stands in the bytes was run")
	}
	if got := p.ShownRows(); !strings.Contains(got, "</script>") {
		t.Errorf("rows: %.200s", got)
	}
}
