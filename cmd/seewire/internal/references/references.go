// Package references joins the words of lessons with what they speak of: the
// experiments and the fields of the wire.
package references

import (
	"context"
	"fmt"
	"io/fs"
	"net/url"
	"slices"
	"strings"
	"sync"

	"seewire"
	"seewire/cmd/seewire/internal/author"
	"seewire/lessons"
	"seewire/playground"
	"seewire/playground/dissect/protocols"
	"seewire/playground/experiments"
)

// Experiments are those that lessons may speak of, with the wire's fields. They
// are a lessons.References.
type Experiments []playground.Experiment

// Course reads the course, with an author's folder over it. Without one it is the
// same as long as the process lives: it is read once, and not checked.
func Course(folder author.Folder) (*lessons.Course, error) {
	if folder == "" {
		return embedded()
	}
	return folder.Load(All())
}

// Interface is Course for who shows no page: lessons need not be in it.
func Interface(folder author.Folder) (*lessons.Course, error) {
	if folder == "" {
		return author.OpenInterface(All())
	}
	return folder.Load(All())
}

var embedded = sync.OnceValues(func() (*lessons.Course, error) { return author.Open(All()) })

// Check says what is wrong with the course that is in the program. It is the same as
// long as the process lives, and found once.
var Check = sync.OnceValue(func() error {
	course, err := author.Folder("").Load(All())
	if err == nil && len(course.Problems) > 0 {
		err = fmt.Errorf("the course has mistakes:\n%w", course.Problems)
	}
	return err
})

// All are the experiments that there are, for those who serve none.
func All() Experiments { return experiments.All(context.Background(), nil, nil, nil) }

// Find returns the experiment with an ID.
func (refs Experiments) Find(id string) (playground.Experiment, error) {
	for _, e := range refs {
		if e.ID == id {
			return e, nil
		}
	}
	return playground.Experiment{}, &lessons.Problem{
		What: fmt.Sprintf("there is no experiment %q", id), Remedy: "write one of: " + strings.Join(refs.ids(), ", "),
	}
}

// ids are those of all experiments, sorted.
func (refs Experiments) ids() []string {
	var ids []string
	for _, e := range refs {
		ids = append(ids, e.ID)
	}
	slices.Sort(ids)
	return ids
}

// Source is a file of an experiment, "reconnect/sse.go", or the writer of event
// streams that they share, "stream/stream.go".
func (refs Experiments) Source(path string) ([]byte, error) {
	if path == "stream/stream.go" {
		return fs.ReadFile(seewire.Files, "playground/"+path)
	}
	id, name, _ := strings.Cut(path, "/")
	e, err := refs.Find(id)
	if err != nil {
		return nil, fs.ErrNotExist
	}
	return fs.ReadFile(e.Source, name)
}

// CheckControls says what is wrong with the controls that a lesson sets.
func (refs Experiments) CheckControls(experiment string, controls url.Values) error {
	e, err := refs.Find(experiment)
	if err != nil {
		return err
	}
	var known []string
	for _, c := range e.Controls {
		known = append(known, c.Name)
	}
	for name := range controls {
		if !slices.Contains(known, name) {
			return &lessons.Problem{
				What: fmt.Sprintf("%s has no control %q", experiment, name), Remedy: "write one of: " + strings.Join(known, ", "),
			}
		}
	}
	if _, err = playground.Parse(e.Controls, controls); err != nil {
		return &lessons.Problem{What: err.Error(), Remedy: "write a value that the control takes"}
	}
	return nil
}

// Experiments are the IDs of all.
func (refs Experiments) Experiments() []string { return refs.ids() }

// ExperimentWords are the words of an experiment's controls and modules.
func (refs Experiments) ExperimentWords(experiment string) []lessons.ExperimentWord {
	e, err := refs.Find(experiment)
	if err != nil {
		return nil
	}
	words, _ := experiments.Words(e)
	all := make([]lessons.ExperimentWord, len(words))
	for i, w := range words {
		all[i] = lessons.ExperimentWord(w)
	}
	return all
}

// CheckExperiment says what an experiment's folder lacks.
func (refs Experiments) CheckExperiment(experiment string) lessons.Problems {
	e, err := refs.Find(experiment)
	if err != nil {
		return nil
	}
	var problems lessons.Problems
	for _, f := range experiments.Check(e) {
		problems = append(problems, &lessons.Problem{File: f.File, Line: f.Line, What: f.What, Remedy: f.Remedy})
	}
	return problems
}

// FieldNames are all that the viewer has to explain: the fields, what is wrong
// with some, and why a line of an event stream did nothing.
func (Experiments) FieldNames() []string { return fieldNames() }

var fieldNames = sync.OnceValue(func() []string {
	names := protocols.Names()
	for _, code := range protocols.Violations() {
		names = append(names, "violation."+code)
	}
	for _, code := range protocols.Reasons() {
		names = append(names, "reason."+code)
	}
	return names
})
