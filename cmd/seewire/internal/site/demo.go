package site

import (
	"fmt"
	"io/fs"
	"net/url"
	"slices"
	"time"

	"seewire/cmd/seewire/internal/view"
	"seewire/lessons"
	"seewire/playground/dissect"
)

// shownFirst is the experiment that the first page runs.
const shownFirst = "reconnect"

// demo is the run that the first page makes; nil where no lesson of the course
// has the experiment, or it has no recording.
func (p *pages) demo(page view.Page, course *lessons.Course) (*view.Demo, error) {
	i := slices.IndexFunc(course.Lessons, func(lesson lessons.Lesson) bool {
		block, ok := lesson.In(page.Language).Playground()
		return ok && block.Experiment == shownFirst
	})
	if i < 0 {
		return nil, nil
	}
	recorded, err := p.recordings[shownFirst]()
	if err != nil || recorded == nil {
		return nil, err
	}
	lesson, shown := course.Lessons[i], p.experiments[shownFirst]
	demo := &view.Demo{Lesson: lesson.Slug, Number: lesson.Number, Experiment: shown.ID, Controls: recorded.Controls}
	for program, file := range map[*string]string{&demo.SSE: shown.SSEClients[0], &demo.WS: shown.WSClients[0]} {
		source, err := fs.ReadFile(shown.Source, file)
		if err != nil {
			return nil, fmt.Errorf("read what the first page runs: %w", err)
		}
		*program = lessons.WithoutMarks(string(source))
	}
	query := url.Values{}
	for _, c := range shown.Controls {
		if value, ok := recorded.Controls[c.Name]; ok && value != c.Default {
			query.Set(c.Name, value)
		}
	}
	demo.Query = query.Encode()
	demo.Recorded = view.Recorded{Address: string(page.In("lessons/" + lesson.Slug + "/recorded.json")), Frames: recorded.withoutLines(page)}
	return demo, nil
}

// withoutLines are the frames for a reader without JavaScript, but for the lines of
// event streams, which lie in others; a WebSocket's first message is open.
func (r *Recording) withoutLines(page view.Page) []view.RecordedFrame {
	d := r.Capture
	d.Frames = slices.DeleteFunc(slices.Clone(d.Frames), func(f dissect.Frame) bool { return f.Protocol == "sse" })
	all := shownFrames(page, d, time.UnixMicro(int64(r.Started*1000)), dumped)
	if first := slices.IndexFunc(d.Frames, func(f dissect.Frame) bool { return f.Protocol == "websocket" }); first >= 0 {
		all[first].Open = true
	}
	return all
}
