package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"seewire/cmd/seewire/internal/view"
	"seewire/lessons"
	"seewire/playground"
	"seewire/playground/dissect"
	"seewire/playground/export"
)

// A recording is a run that was made earlier, in a real browser, and that pages
// show before the visitor's first one. The file of it, recording.json in the
// experiment's folder, has the bytes, their times and what the browser reported;
// the frames are found again. TestRecordings makes it.
type recording struct {
	Browser  string            `json:"browser"` // and its version
	Started  float64           `json:"started"` // ms since 1970, on the browser's clock
	Controls map[string]string `json:"controls"`
	Reports  json.RawMessage   `json:"reports"` // what the browser handed to the code
	Capture  export.Document   `json:"capture"`
}

// readRecording reads an experiment's recording; nil where no run was recorded
// yet, which is a problem of the course.
func readRecording(e playground.Experiment) (*recording, error) {
	data, err := fs.ReadFile(e.Source, "recording.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the recording of %s: %w", e.ID, err)
	}
	r := new(recording)
	if err := json.Unmarshal(data, r); err != nil {
		return nil, fmt.Errorf("read the recording of %s: %w", e.ID, err)
	}
	if r.Browser == "" {
		return nil, nil
	}
	if r.Capture, err = export.Import(context.Background(), data, export.Source{Protocol: "capture"}); err != nil {
		return nil, fmt.Errorf("read the recording of %s: %w", e.ID, err)
	}
	r.Capture.Source = nil
	return r, nil
}

// dumped is how many bytes of a frame a lesson's page shows without JavaScript:
// every frame header, and the beginning of an HTTP head.
const dumped = 64

// frames are for a reader without JavaScript.
func (r *recording) frames(page view.Page) []view.RecordedFrame {
	return shownFrames(page, r.Capture, time.UnixMicro(int64(r.Started*1000)), dumped)
}

// shownFrames are a document's frames as a page lists them, of each at most so
// many bytes. Times count from the start.
func shownFrames(page view.Page, d export.Document, started time.Time, bytes int) []view.RecordedFrame {
	sides := map[int]string{} // of the connections
	hops := map[int]string{}
	for _, c := range d.Connections {
		hops[c.Number] = c.Hop
	}
	var all []view.RecordedFrame
	for _, f := range d.Frames {
		if sides[f.Connection] == "" {
			sides[f.Connection] = "sse"
		}
		if value(f, "http.upgrade") == "websocket" {
			sides[f.Connection] = "ws"
		}
		shown := view.RecordedFrame{
			Side:    sides[f.Connection],
			From:    string(f.From),
			Time:    fmt.Sprintf("%.3f", f.At.Sub(started).Seconds()),
			Summary: summary(page, f),
			Bytes:   bytesOf(d, f)[:min(f.Length, bytes)],
			More:    max(0, f.Length-bytes),
		}
		if hop := hops[f.Connection]; hop != "" {
			shown.Summary = page.Text("viewer.hop."+hop) + " · " + shown.Summary
		}
		for _, field := range f.Fields {
			one := view.RecordedField{
				Name: field.Name, Offset: field.Offset, Length: field.Length, Value: field.Value,
			}
			if field.Covered != nil && field.Piece <= 1 {
				one.Covered = coveredText(page.Words, field.Covered)
			}
			shown.Fields = append(shown.Fields, one)
		}
		all = append(all, shown)
	}
	return all
}

// summary is a frame in one line. What the dissector says in English is for
// most frames their own text; the rest the viewer has words for.
func summary(page view.Page, f dissect.Frame) string {
	key := "viewer.kind." + f.Protocol + "/" + f.Kind
	if _, ok := page.Words[key]; !ok {
		switch {
		case f.SSE == nil:
		case f.SSE.Event != nil:
			return page.Text("viewer.dispatched", "type", f.SSE.Event.Type, "data", f.SSE.Event.Data)
		case f.SSE.Reason != "":
			return page.Text("viewer.reason." + f.SSE.Reason)
		}
		return f.Summary
	}
	text := page.Text(key, "bytes", page.Text("viewer.bytes", "count", f.Length), "size", value(f, "http.chunk_size"))
	if payload := value(f, "websocket.payload"); payload != "" {
		text += page.Text("viewer.comma") + payload
	}
	for _, h := range f.Headers {
		switch h.Name {
		case ":method", ":path", ":status": // what HTTP/1 has in its first line
			text += " " + h.Value
		}
	}
	if f.Stream != 0 && f.Protocol == "http2" {
		text += page.Text("viewer.comma") + page.Text("viewer.stream", "number", f.Stream)
	}
	return text
}

// coveredText says what was covered of a value, and why.
func coveredText(words lessons.Words, c *dissect.Covered) string {
	return words.Text("viewer.covered."+c.Kind, "bytes", words.Text("viewer.bytes", "count", c.Bytes))
}

// bytesOf are those of a frame.
func bytesOf(d export.Document, f dissect.Frame) []byte {
	for _, c := range d.Connections {
		if c.Number == f.Connection {
			all := c.Server
			if f.From == dissect.Client {
				all = c.Client
			}
			return all[f.Offset:][:f.Length]
		}
	}
	return nil
}

// value is the value of the first field of that name, or "".
func value(f dissect.Frame, name string) string {
	for _, field := range f.Fields {
		if field.Name == name {
			return field.Value
		}
	}
	return ""
}
