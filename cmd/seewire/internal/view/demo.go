package view

import "encoding/json"

// A Demo is a run that a page makes by itself, once: the one that is recorded,
// with the same controls. Where it can't be made the recorded one is shown.
type Demo struct {
	Lesson     string // the slug of the lesson that it leads to
	Number     int    // which lesson that is
	Experiment string
	SSE, WS    string            // the programs
	Query      string            // the controls that are not at their default: "cut=0&total=3"
	Controls   map[string]string // all of them
	Recorded   Recorded
}

// Ahead is what the script of the run fetches at once.
func (m Demo) Ahead(p Page) Ahead { return Ahead{Module: m.module(p)} }

func (m Demo) module(p Page) string { return p.Static(experimentFile(m.Experiment, "findings.js")) }

func (m Demo) controls() (string, error) {
	text, err := json.Marshal(m.Controls)
	return string(text), err
}
