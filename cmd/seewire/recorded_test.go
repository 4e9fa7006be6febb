package main

import (
	"cmp"
	"encoding/json"
	"flag"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"

	"seewire/content"
	"seewire/playground/dissect"
	"seewire/playground/export"
	"seewire/playground/wire"
)

var update = flag.Bool("update", false, "make the lessons' recordings and other golden files again")

type recordedRun struct {
	slug      string
	controls  url.Values
	stopAfter int
}

// recordings are the runs that the lessons show before the visitor's first one:
// what a run looks like, without giving the lesson's answer away. A run that
// would be long is stopped after so many messages on each side.
var recordings = []recordedRun{
	{"one-post", url.Values{"rate": {"10"}}, 3},
	{"event-stream", url.Values{"stream": {`id: 1\ndata: hello\n\n`}}, 0},
	{"reconnect", url.Values{"cut": {"0"}, "total": {"3"}}, 0},
	{"one-way", url.Values{"messages": {"2"}}, 0},
	{"choose", url.Values{"lines": {"3"}, "reset": {"0"}, "silence": {"0"}}, 0},
	{"frames", url.Values{"ping": {"off"}, "size": {"31"}}, 0},
	{"in-between", url.Values{"fault": {"none"}}, 3},
	{"strangers", url.Values{"origin": {"own"}, "cors": {"list"}, "check": {"on"}}, 0},
	{"pressure", url.Values{"total": {"3"}, "size": {"200"}, "work": {"0"}}, 0},
	{"six", url.Values{"streams": {"3"}, "events": {"2"}}, 0},
	{"many", url.Values{"clients": {"50"}}, 3},
	{"measure", url.Values{"rounds": {"1"}, "each": {"2"}, "every": {"0"}}, 0},
	{"silence", url.Values{"after": {"0"}}, 0},
}

// TestRecordings finds each recording to be what the dissectors make of its
// bytes today. With -update, it makes them again, in a real browser; one of
// them with -run TestRecordings/six.
func TestRecordings(t *testing.T) {
	s := sync.OnceValue(func() *site { return startSite(t) })
	for _, r := range recordings {
		t.Run(r.slug, func(t *testing.T) {
			files := fs.FS(content.FS)
			if *update {
				makeRecording(t, s(), r)
				files = os.DirFS("../../content")
			}
			recorded, err := readRecording(files, r.slug)
			if err != nil || recorded == nil {
				t.Fatalf("there is none (%v); make it with: go test ./cmd/seewire -run TestRecordings/%s -update", err, r.slug)
			}
			if got := dissectAgain(recorded.Capture); !reflect.DeepEqual(got, summaries(recorded.Capture.Frames)) {
				t.Error("the recording's frames are not what the dissectors find today; make it again with -update")
			}
		})
	}
}

// dissectAgain dissects a document's bytes anew.
func dissectAgain(d export.Document) []string {
	var frames []dissect.Frame
	for _, c := range d.Connections {
		conversation := dissect.New(c.Number)
		for _, s := range c.Segments {
			data := c.Server
			if s.From == wire.Client {
				data = c.Client
			}
			frames = append(frames, conversation.Feed(dissect.Side(s.From), s.At, data[s.Offset:][:s.Length])...)
		}
		for _, side := range []dissect.Side{dissect.Client, dissect.Server} {
			frames = append(frames, conversation.End(side, c.Segments[len(c.Segments)-1].At)...)
		}
	}
	return summaries(frames)
}

// summaries says of each frame what can be compared, in an order of their own.
func summaries(frames []dissect.Frame) []string {
	var all []string
	for _, f := range frames {
		fields, _ := json.Marshal(f.Fields)
		all = append(all, f.Protocol+"/"+f.Kind+" "+f.Summary+string(fields))
	}
	slices.SortFunc(all, cmp.Compare)
	return all
}

// makeRecording makes a recording: the lesson's page, Run, and what the page
// then has.
func makeRecording(t *testing.T, s *site, r recordedRun) {
	t.Helper()
	p := openTab(t, s.base)
	p.visit("/en/lessons/" + r.slug + "?" + r.controls.Encode())
	p.until(`document.querySelector("[data-action=run]:not([disabled])")`)
	p.click(`#playground [data-action="run"]`)
	if r.stopAfter > 0 {
		p.until(`["sse", "ws"].every(side => document.querySelector("#playground").recording.reports.filter(r => r.side === side && r.kind === "log").length >= ` + strconv.Itoa(r.stopAfter) + `)`)
		p.click(`#playground [data-action="stop"]`)
	}
	p.until(`document.querySelector("#playground").dataset.state === "ended"`)
	id := eval[string](p, `document.querySelector("#playground [data-part=capture]").textContent.trim()`)
	var made recording
	if err := json.Unmarshal([]byte(eval[string](p, `JSON.stringify(document.querySelector("#playground").recording)`)), &made); err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(s.base + "/captures/" + id + ".json")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, &made.Capture); err != nil {
		t.Fatal(err)
	}
	made.Browser = p.version()
	data, err := json.Marshal(made)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("../../content/lessons", r.slug, "recorded.json")
	if err := os.WriteFile(file, append(data, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// version is the browser's name and version: "Chromium 156".
func (p *tab) version() string {
	p.t.Helper()
	v, err := chromedp.CallBrowser(p.ctx, browser.GetVersion, cdp.Empty{})
	if err != nil {
		p.t.Fatal(err)
	}
	return v.Product
}
