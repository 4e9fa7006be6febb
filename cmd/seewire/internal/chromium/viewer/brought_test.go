package viewer

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"seewire/cmd/seewire/internal/chromium"
	"seewire/cmd/seewire/internal/sitetest"
	"seewire/cmd/seewire/internal/terminal"
)

// broughtFolder has what people bring: files, and in those with p what they paste.
var broughtFolder = sitetest.InModule("playground/export/testdata/brought") + "/"

// TestBroughtOnThePage gives the page all that people bring, and holds what it shows
// first against what the terminal prints first.
func TestBroughtOnThePage(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(broughtFolder + "[a-z][0-9]*")
	if err != nil || len(files) < 60 {
		t.Fatal(len(files), err)
	}
	p := chromium.OpenSite(t)
	p.Visit("/en/bytes")
	p.Ready()
	for _, file := range files {
		name := filepath.Base(file)
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		status, first := printedFirst(t, file)
		var shown struct {
			Status string
			Rows   []struct{ Protocol, Text string }
		}
		arguments, _ := json.Marshal(map[string]any{
			"name": name, "content": base64.StdEncoding.EncodeToString(content),
			"pasted": name[0] == 'p', "rows": first.text != "",
		})
		if err := json.Unmarshal([]byte(chromium.Await[string](p, fmt.Sprintf("(%s)(%s)", bring, arguments))), &shown); err != nil {
			t.Fatal(name, err)
		}
		if !strings.Contains(shown.Status, status) {
			t.Errorf("%s: the page says %q, the terminal %q", name, shown.Status, status)
		}
		if first.text == "" {
			continue
		}
		if i := slices.IndexFunc(shown.Rows, func(row struct{ Protocol, Text string }) bool {
			return strings.Contains(row.Text, first.text)
		}); i < 0 || i > 2 || shown.Rows[i].Protocol != first.protocol {
			t.Errorf("%s: the page shows %.300q, the terminal %q of %s", name, shown.Rows, first.text, first.protocol)
		}
	}
}

// bring gives something to the page, and returns what it shows then.
const bring = `async ({ name, content, pasted, rows }) => {
	const part = (name) => document.querySelector("seewire-bytes [data-part=" + name + "]");
	const viewer = document.querySelector("seewire-frames");
	if (viewer.capture) viewer.capture = new viewer.capture.constructor();
	part("status").textContent = "";
	const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
	if (pasted) {
		const field = document.querySelector("#own-bytes-text");
		field.value = new TextDecoder().decode(bytes);
		field.dispatchEvent(new Event("input", { bubbles: true }));
		document.querySelector("seewire-bytes form").requestSubmit();
	} else {
		const files = new DataTransfer();
		files.items.add(new File([bytes], name));
		document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));
	}
	const list = () => [...viewer.querySelectorAll(".frames-row")].filter((row) => row.querySelector(".frames-side")?.textContent !== "TCP");
	for (let i = 0; i < 1200 && !(part("status").textContent && (!rows || list().length > 0)) && !part("error").textContent; i++) {
		await new Promise((resolve) => setTimeout(resolve, 25));
	}
	return JSON.stringify({
		status: part("status").textContent + part("error").textContent,
		rows: list().slice(0, 6).map((row) => ({
			protocol: row.querySelector(".frames-side").textContent,
			text: row.querySelector(".frames-text").textContent,
		})),
	});
}`

// A printed is a frame as the terminal prints it.
type printed struct{ protocol, text string }

var printedFrame = regexp.MustCompile(`(?m)^[↑↓] (WebSocket|HTTP/2|HTTP|SSE|NDJSON|JSON|data) (.*?)  `)

// printedFirst is what the terminal says of a file, and its first frame, as far as a row
// has room for it.
func printedFirst(t *testing.T, file string) (status string, first printed) {
	t.Helper()
	var out bytes.Buffer
	if err := terminal.Dissect([]string{file}, terminal.Console{Out: &out, Err: &out, Locale: "C.UTF-8"}); err != nil {
		t.Fatal(file, err)
	}
	status, _, _ = strings.Cut(out.String(), "\n")
	if m := printedFrame.FindStringSubmatch(out.String()); m != nil {
		first = printed{m[1], m[2]}
		if first.protocol == "WebSocket" {
			first.protocol = "WS"
		} else if first.protocol == "data" {
			first.protocol = ""
		}
		first.text, _, _ = strings.Cut(first.text, " · ") // a row of several lines has no room for more
		const room = 40                                   // characters
		if runes := []rune(first.text); len(runes) > room {
			first.text = string(runes[:room])
		}
	}
	return status, first
}
