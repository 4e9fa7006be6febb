package site

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"seewire/cmd/seewire/internal/phrases"
	"seewire/cmd/seewire/internal/view"
	"seewire/playground"
	"seewire/playground/export"
)

// A Recording is a run that was made earlier, in a real browser, and that pages
// show before the visitor's first one. The file of it, recording.json in the
// experiment's folder, has the bytes, their times and what the browser reported;
// the frames are found again. TestRecordings makes it.
type Recording struct {
	Browser  string            `json:"browser"` // and its version
	Started  float64           `json:"started"` // ms since 1970, on the browser's clock
	Controls map[string]string `json:"controls"`
	Reports  json.RawMessage   `json:"reports"` // what the browser handed to the code
	Capture  export.Document   `json:"capture"`
}

// ReadRecording reads an experiment's recording; nil where no run was recorded
// yet, which is a problem of the course.
func ReadRecording(e playground.Experiment) (*Recording, error) {
	data, err := fs.ReadFile(e.Source, "recording.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the recording of %s: %w", e.ID, err)
	}
	r := new(Recording)
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

// listed is how many frames it shows of a run; others have them in their page too.
const listed = 24

// frames are for a reader without JavaScript, with the number of those that are left out.
func (r *Recording) frames(page view.Page) ([]view.RecordedFrame, int) {
	d := r.Capture
	rest := max(0, len(d.Frames)-listed)
	d.Frames = d.Frames[:len(d.Frames)-rest]
	return shownFrames(page, d, time.UnixMicro(int64(r.Started*1000)), dumped), rest
}

// shownFrames are a document's frames as a page lists them, of each at most so
// many bytes. Times count from the start.
func shownFrames(page view.Page, d export.Document, started time.Time, bytes int) []view.RecordedFrame {
	sides := map[int]string{} // of the connections
	hops := map[int]string{}
	for _, c := range d.Connections {
		hops[c.Number] = c.Hop
	}
	lines := phrases.NewLines(page.Words)
	var all []view.RecordedFrame
	for _, f := range d.Frames {
		if sides[f.Connection] == "" {
			sides[f.Connection] = "sse"
		}
		if f.Value("http.upgrade") == "websocket" {
			sides[f.Connection] = "ws"
		}
		shown := view.RecordedFrame{
			Side:    sides[f.Connection],
			From:    string(f.From),
			Time:    fmt.Sprintf("%.3f", f.At.Sub(started).Seconds()),
			Summary: lines.Line(f.Say),
			Bytes:   d.BytesOf(f)[:min(f.Length, bytes)],
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
				one.Covered = phrases.Covered(page.Words, field.Covered)
			}
			shown.Fields = append(shown.Fields, one)
		}
		all = append(all, shown)
	}
	return all
}
