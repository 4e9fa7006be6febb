package main

import (
	"encoding/json"
	"flag"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"sync"
	"testing"

	"seewire/cmd/seewire/internal/chromium"
	"seewire/cmd/seewire/internal/references"
	"seewire/cmd/seewire/internal/site"
	"seewire/cmd/seewire/internal/sitetest"
	"seewire/playground"
	"seewire/playground/experiments"
	"seewire/playground/export"
	"seewire/playground/wire"
)

var update = flag.Bool("update", false, "make the lessons' recordings and other golden files again")

// TestRecordings finds the bytes of each recording explained whole. With
// -update, it makes them again, in a real browser: runs with the controls that
// the file has, each stopped after as many messages on each side as its
// stopAfter says, or not at all. One of them is made with
// -run TestRecordings/six.
//
// What a recording should be: what a run looks like, without giving the
// lesson's answer away.
func TestRecordings(t *testing.T) {
	s := sync.OnceValue(func() *sitetest.Program { return sitetest.Start(t, "-content", t.TempDir()) })
	for _, e := range experiments.All(t.Context(), nil, nil, nil) {
		t.Run(e.ID, func(t *testing.T) {
			if *update {
				e.Source = os.DirFS(sitetest.InModule(experiments.Folder(e.ID)))
				makeRecording(t, s(), e)
			}
			recorded, err := site.ReadRecording(e)
			if err != nil || recorded == nil {
				t.Fatalf("there is none (%v); make it with: go test ./cmd/seewire -run TestRecordings/%s -update", err, e.ID)
			}
			document, err := json.Marshal(recorded.Capture)
			if err != nil {
				t.Fatal(err)
			}
			var capture sitetest.Capture
			if err := json.Unmarshal(document, &capture); err != nil {
				t.Fatal(err)
			}
			if len(capture.Frames) == 0 {
				t.Error("no frame was found in it")
			}
			sitetest.CheckTiling(t, capture)
		})
	}
}

// A recordingFile is what is in recording.json beside the bytes.
type recordingFile struct {
	Controls  map[string]string `json:"controls"`
	StopAfter int               `json:"stopAfter,omitempty"` // messages on each side
	Browser   string            `json:"browser"`
	Started   float64           `json:"started"`
	Reports   json.RawMessage   `json:"reports"`

	ID          string              `json:"id"`
	Connections []export.Connection `json:"connections"`
	Log         []wire.Line         `json:"log,omitempty"`
}

// makeRecording makes a recording: the page of the experiment's first lesson,
// Run, and what the page then has.
func makeRecording(t *testing.T, s *sitetest.Program, e playground.Experiment) {
	t.Helper()
	data, err := fs.ReadFile(e.Source, "recording.json")
	if err != nil {
		t.Fatal(err)
	}
	var file recordingFile
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	controls := url.Values{}
	for name, value := range file.Controls {
		controls.Set(name, value)
	}
	p := chromium.OpenTab(t, s.Base)
	p.Visit("/en/lessons/" + lessonOf(t, e.ID) + "?" + controls.Encode())
	p.Until(`document.querySelector("[data-action=run]:not([disabled])")`)
	p.Click(`#playground [data-action="run"]`)
	if file.StopAfter > 0 {
		p.Until(`["sse", "ws"].every(side => document.querySelector("#playground").recording.reports.filter(r => r.side === side && r.kind === "log").length >= ` + strconv.Itoa(file.StopAfter) + `)`)
		p.Click(`#playground [data-action="stop"]`)
	}
	p.Until(`document.querySelector("#playground").dataset.state === "ended"`)
	id := chromium.Eval[string](p, `document.querySelector("#playground [data-part=capture]").textContent.trim()`)
	if err := json.Unmarshal([]byte(chromium.Eval[string](p, `JSON.stringify(document.querySelector("#playground").recording)`)), &file); err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(s.Base + "/captures/" + id + ".json")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	file.Connections, file.Log = nil, nil
	if err := json.Unmarshal(body, &file); err != nil {
		t.Fatal(err)
	}
	file.Browser = p.Version()
	made, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	name := sitetest.InModule(experiments.Folder(e.ID) + "/recording.json")
	if err := os.WriteFile(name, append(made, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// lessonOf is the slug of the first lesson with an experiment.
func lessonOf(t *testing.T, experiment string) string {
	t.Helper()
	course, err := references.Course("")
	if course == nil {
		t.Fatal(err)
	}
	for _, lesson := range course.Lessons {
		if block, ok := lesson.In(course.First()).Playground(); ok && block.Experiment == experiment {
			return lesson.Slug
		}
	}
	t.Fatalf("no lesson has the experiment %s", experiment)
	return ""
}
