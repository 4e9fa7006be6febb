package site

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"seewire/cmd/seewire/internal/view"
	"seewire/lessons"
	"seewire/playground"
	"seewire/playground/take"
)

// chosenID stands in commands where a capture's ID is to be: a page with scripts
// makes up its own, and who reads it without them chooses one.
const chosenID = "choose-an-id"

// lessonModel puts a lesson and its experiment together, with the controls as
// the page's address has them.
func (p *pages) lessonModel(page view.Page, lesson lessons.Lesson, r *http.Request) (view.LessonModel, error) {
	m := view.NewLesson(p.now(r).course, lesson, page.Language)
	page = page.Main()
	m.Capture = chosenID
	block, ok := m.Page.Playground()
	if !ok {
		return m, nil
	}
	shown := p.experiments[block.Experiment]
	play := view.PlaygroundModel{
		Experiment: shown.ID,
		Controls:   controls(page.Words, shown.Experiment, block.Controls, r.URL.Query()),
		SSE:        shown.sse(),
		WS:         shown.ws(),
		Projects:   shown.projects,
		Visits:     shown.Visit != nil,
		Capture:    m.Capture,
		Picture:    shown.picture,
		Chart:      shown.Chart,
		Models:     shown.Models,
	}
	if shown.Origins {
		play.Origins = p.listeners.origins(r)
	}
	if slices.ContainsFunc(play.Controls, func(c view.Control) bool { return c.Name == "over" }) {
		play.Over = &view.Over{HTTP1: p.listeners.http1(r), HTTP2: p.listeners.http2(r)}
	}
	recorded, err := p.recordings[shown.ID]()
	if err != nil {
		return m, err
	}
	if recorded != nil {
		frames, rest := recorded.frames(page)
		play.Recorded = &view.Recorded{Address: string(page.In(page.Path + "/recorded.json")), Frames: frames, Rest: rest}
	}
	m.Playground, m.Ahead = view.Playground(page, play), play.Ahead(page)
	if r.URL.Query().Get("run") == "now" {
		m.Ahead.Data = "" // a run of the visitor's own is shown at once
	}
	return m, nil
}

// A shownExperiment is an experiment with its code as pages show it: highlighted
// for the first one that does.
type shownExperiment struct {
	playground.Experiment
	sse, ws  func() view.SideModel
	picture  bool // whether it draws one of a run
	projects []view.Project
}

// show reads an experiment's code.
func show(e playground.Experiment) (shownExperiment, error) {
	servers := []string{"sse.go"}
	if e.Poll != nil {
		servers = append(servers, "poll.go")
	}
	sse, err := side(e, "sse", e.SSEClients, e.PollClients, servers)
	if err != nil {
		return shownExperiment{}, err
	}
	ws, err := side(e, "ws", e.WSClients, nil, []string{"ws.go"})
	var projects []view.Project
	for _, project := range take.Projects(e) {
		projects = append(projects, view.Project{Name: project.Name, Language: project.Language})
	}
	return shownExperiment{e, sse, ws, hasPicture(e), projects}, err
}

// controls are an experiment's controls as a lesson sets them and the address
// asks for them. What the address should not ask for is shown beside its
// control, and does not count. A text may begin with words of the page's
// language: "control.chat.prompt.initial".
func controls(words lessons.Words, e playground.Experiment, set, asked url.Values) []view.Control {
	list := make([]view.Control, len(e.Controls))
	for i, c := range e.Controls {
		v := view.Control{
			Name: c.Name, Kind: string(c.Kind), Default: c.Default,
			Min: c.Min, Max: c.Max, Unit: c.Unit, Choices: c.Choices, MaxBytes: c.MaxBytes,
			Initial: c.Default,
		}
		if initial, ok := words["control."+e.ID+"."+c.Name+".initial"]; ok {
			v.Initial = initial
		}
		if set.Has(c.Name) {
			v.Initial = set.Get(c.Name)
		}
		v.Value = v.Initial
		if asked.Has(c.Name) {
			v.Value = asked.Get(c.Name)
			if wrong, ok := c.Check(v.Value).(*playground.ControlError); ok {
				v.Error = wrong.Code
			}
		}
		list[i] = v
	}
	return list
}

// side is one side's files as they run.
func side(e playground.Experiment, name string, clients, beside, servers []string) (func() view.SideModel, error) {
	files := slices.Concat(clients, beside, servers)
	sources := make([]string, len(files))
	for i, file := range files {
		source, err := fs.ReadFile(e.Source, file)
		if err != nil {
			return nil, fmt.Errorf("show the code of %s: %w", e.ID, err)
		}
		sources[i] = lessons.WithoutMarks(string(source))
	}
	return sync.OnceValue(func() view.SideModel {
		all := make([]view.File, len(files))
		for i, file := range files {
			_, ending, _ := strings.Cut(file, ".")
			all[i] = view.File{Name: file, Code: lessons.Highlight(ending, sources[i])}
		}
		rest := all[len(clients):]
		return view.SideModel{Side: name, Clients: all[:len(clients):len(clients)], Beside: rest[:len(beside):len(beside)], Servers: rest[len(beside):]}
	}), nil
}
