package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"seewire/playground/export"

	"github.com/chromedp/chromedp"

	"seewire/cmd/seewire/internal/terminal"
)

// shownRows waits until the viewer has rows, and returns what they say.
func (p *tab) shownRows() string {
	p.t.Helper()
	p.until(`document.querySelectorAll("seewire-frames .frames-row .frames-text").length > 0`)
	return eval[string](p, `[...document.querySelectorAll("seewire-frames .frames-row .frames-text")].map(e => e.textContent).join(" | ")`)
}

// status waits for what the page says of the bytes.
func (p *tab) status(want string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`document.querySelector("seewire-bytes [data-part=status]").textContent.includes(%q)`, want))
}

// failed waits for what the page says is wrong.
func (p *tab) failed(want string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`document.querySelector("seewire-bytes [data-part=error]").textContent.includes(%q)`, want))
	if eval[bool](p, `document.querySelector("seewire-bytes [data-part=result]").checkVisibility()`) {
		p.t.Error("an older result is still there beside the error")
	}
}

// ready waits for the page's script.
func (p *tab) ready() {
	p.t.Helper()
	p.until(`customElements.get("seewire-bytes") && document.readyState === "complete"`)
}

func (p *tab) paste(text string) {
	p.t.Helper()
	p.do(chromedp.SendKeys(chromedp.CSS("#own-bytes-text"), text))
}

func TestOwnBytesHaveAnAddress(t *testing.T) {
	t.Parallel()
	p := openSite(t)
	p.visit("/en/bytes")
	p.ready()
	p.paste("81 85 37 fa 21 3d 7f 9f 4d 51 58")
	p.click("seewire-bytes [type=submit]")
	p.status("Guessed: WebSocket frames, sent by the client.")
	if got := p.shownRows(); got != "Hello · Text, FIN, 5 bytes" {
		t.Errorf("rows: %s", got)
	}

	// A field is chosen, and the address that results is opened elsewhere.
	p.until(`[...document.querySelectorAll(".field-name")].find(e => e.textContent === "websocket.masking_key")?.click() ?? location.hash.includes("masking_key")`)
	const want = "#bytes=gYU3-iE9f59NUVg&frame=1.client.0&field=2.websocket.masking_key"
	if got := eval[string](p, "location.hash"); got != want {
		t.Fatalf("the address ends with %s, want %s", got, want)
	}
	other := openTab(t, p.base)
	other.visit("/zh/bytes" + want)
	other.ready()
	other.status("猜测：WebSocket 帧，客户端发送。")
	other.until(`document.querySelector(".field.on .field-name")?.textContent === "websocket.masking_key"`)
	if got := eval[string](other, `document.activeElement.textContent`); got != "websocket.masking_key" {
		t.Errorf("the focus is on %q", got)
	}

	// The switch between languages takes the bytes along.
	other.click("seewire-language a")
	other.do(chromedp.WaitReady(chromedp.CSS(`html[lang="en"]`)))
	other.ready()
	other.status("sent by the client")
	if got := eval[string](other, "location.pathname + location.hash"); got != "/en/bytes"+want {
		t.Errorf("the other language is at %s", got)
	}
}

func TestOwnBytesSurviveMistakes(t *testing.T) {
	t.Parallel()
	p := openSite(t)
	p.expect("status of 400")
	p.visit("/en/bytes")
	p.ready()
	p.click("seewire-bytes [type=submit]")
	p.failed("There are no bytes yet")
	p.paste("81 0z")
	p.do(chromedp.SetValue(chromedp.CSS("#own-bytes-writing"), "hex"))
	p.click("seewire-bytes [type=submit]")
	p.failed("Not hex at character 5: “z”")
	if got := eval[string](p, `getSelection().toString() || document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)`); got != "z" {
		t.Errorf("selected is %q, want what is wrong", got)
	}
	p.do(chromedp.Reload())
	p.ready()
	p.until(`document.querySelector("#own-bytes-text").value === "81 0z" && document.querySelector("#own-bytes-writing").value === "hex"`)

	p.do(chromedp.SetValue(chromedp.CSS("#own-bytes-writing"), "text"))
	p.click("seewire-bytes [type=submit]")
	p.failed("Not recognised")
	p.visit("/zh/bytes#bytes=*")
	p.ready()
	p.failed("链接里的字节已损坏")
}

// TestOwnFiles drops and chooses files of each kind.
func TestOwnFiles(t *testing.T) {
	t.Parallel()
	p := openSite(t)
	p.expect("status of 400")
	folder := t.TempDir()
	for _, c := range []struct {
		name, status, row, note string
		content                 []byte
		err                     string
	}{
		{name: "a.pcapng", content: recordedByDumpcap(t), status: "a recording of packets", row: "101 Switching Protocols"},
		{name: "a.har", status: "a HAR", row: "Hello · Message, 5 bytes", note: "Connection 1: GET wss://a.example/: 1 messages without their frames",
			content: []byte(`{"log":{"entries":[{"request":{"method":"GET","url":"wss://a.example/"},"_webSocketMessages":[{"type":"send","time":1795334401.25,"opcode":1,"data":"Hello"}]}]}}`)},
		{name: "a.txt", content: []byte(strings.Repeat("data: large\n\n", 1000)), status: "an event stream, sent by the server", row: "data: large"},
		{name: "empty", err: "The file is empty"},
		{name: "large", content: make([]byte, export.MaxImport+1), err: "At most 8 MiB can be read"},
		{name: "b.har", content: []byte(`{"log":{"entries":[]}}`), err: "neither event streams nor WebSockets"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := p.in(t)
			file := filepath.Join(folder, c.name)
			if err := os.WriteFile(file, c.content, 0o600); err != nil {
				t.Fatal(err)
			}
			p.visit("/en/bytes")
			p.ready()
			p.do(chromedp.SetUploadFiles(chromedp.CSS("#own-bytes-choose"), []string{file}))
			if c.err != "" {
				p.failed(c.err)
				return
			}
			p.status(c.status)
			p.until(fmt.Sprintf(`[...document.querySelectorAll("seewire-frames .frames-row .frames-text")].some(e => e.textContent.includes(%q))`, c.row))
			if got := eval[string](p, `document.querySelector("[data-part=notes]").textContent`); !strings.Contains(got, c.note) {
				t.Errorf("notes: %s", got)
			}
			linked := eval[bool](p, `document.querySelector("seewire-bytes [data-part=link]").checkVisibility()`)
			if linked != (len(c.content) <= 4096) {
				t.Errorf("%d bytes: offered as a link: %v", len(c.content), linked)
			}
		})
	}

	p.visit("/en/bytes")
	p.ready()
	p.until(`(() => {
		const files = new DataTransfer();
		files.items.add(new File(["data: dropped\n\n"], "stream.txt"));
		document.body.dispatchEvent(new DragEvent("drop", {dataTransfer: files, bubbles: true, cancelable: true}));
		return true;
	})()`)
	p.status("stream.txt: 15 bytes")
	if got := p.shownRows(); got != "data: dropped" {
		t.Errorf("rows: %s", got)
	}
}

// recordedByDumpcap is a recording of this program's own answers.
func recordedByDumpcap(t *testing.T) []byte {
	t.Helper()
	file, err := os.ReadFile(inModule("cmd/seewire/internal/terminal/testdata/dissect/loopback.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// TestDissectGuesses posts what the page posts.
func TestDissectGuesses(t *testing.T) {
	needBrowser(t)
	s := startSite(t)
	for _, c := range []struct {
		query, body string
		status      int
		want        string
	}{
		{"protocol=guess", maskedHello, 200, `"source":{"protocol":"websocket","from":"client","guessed":["protocol","from"]}`},
		{"protocol=guess&from=server", maskedHello, 200, `"guessed":["protocol"]`},
		{"protocol=websocket&from=guess", maskedHello, 200, `"guessed":["from"]`},
		{"protocol=guess", string(recordedByDumpcap(t)), 200, `"protocol":"pcapng"`},
		{"protocol=sse", "", 200, `"frames":[]`},
		{"protocol=guess", "", 400, `"code":"import-empty"`},
		{"protocol=guess", "dear reader", 400, `"code":"import-unknown"`},
		{"protocol=har", "{}", 400, `"code":"import-har-nothing"`},
	} {
		resp, err := http.Post(s.base+"/dissect?"+c.query, "application/octet-stream", strings.NewReader(c.body))
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
	needBrowser(t)
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
	p := openTab(t, "file://"+file)
	p.visit("")
	p.until(`document.querySelectorAll("seewire-frames .frames-row .frames-text").length > 0`)
	for _, c := range []struct{ language, want string }{{"zh", "一次抓包"}, {"en", "A capture"}} {
		p.click(fmt.Sprintf("button[lang=%s]", c.language))
		p.until(fmt.Sprintf(`document.querySelector("h1")?.textContent.includes(%q) && document.querySelectorAll("seewire-frames .field-meaning").length > 0`, c.want))
	}
	if got := eval[string](p, `document.title`); got == "taken" {
		t.Error("what stands in the bytes was run")
	}
	if got := p.shownRows(); !strings.Contains(got, "</script>") {
		t.Errorf("rows: %.200s", got)
	}
}
