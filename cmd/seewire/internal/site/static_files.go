package site

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"seewire/cmd/seewire/internal/references"
	"seewire/playground"
	"seewire/playground/experiments"
	"seewire/static"
)

// StaticFiles are the styles and scripts of all pages, those of the experiments
// among them. They are read and bundled once in a process.
var StaticFiles = sync.OnceValues(func() (*static.Files, error) {
	return Bundle(references.All())
})

// Bundle puts the modules of the experiments together with those of the site.
func Bundle(all []playground.Experiment) (*static.Files, error) {
	sources := map[string][]byte{}
	var entries []static.Entry
	for _, e := range all {
		folder := experiments.Folder(e.ID)
		err := fs.WalkDir(e.Source, ".", func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || path.Ext(file) != ".js" && path.Ext(file) != ".css" {
				return err
			}
			name := path.Join(folder, file)
			sources[name], err = fs.ReadFile(e.Source, file)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read the scripts of %s: %w", e.ID, err)
		}
		for file, exports := range modules(e) {
			name := path.Join(folder, file)
			if _, ok := sources[name]; ok {
				entries = append(entries, static.Entry{File: name, Exports: exports})
			}
		}
	}
	slices.SortFunc(entries, func(a, b static.Entry) int { return strings.Compare(a.File, b.File) })
	return static.New(sources, entries)
}

// modules are the files of an experiment that pages may load, with what each has
// to export. What draws a picture brings the findings with it.
func modules(e playground.Experiment) map[string][]string {
	files := map[string][]string{"exercise/check.js": {"check"}}
	if hasPicture(e) {
		files["picture.js"], files["picture.css"] = []string{"Picture", "findings"}, nil
	} else {
		files["findings.js"] = []string{"findings"}
	}
	return files
}

// hasPicture says whether an experiment draws something of a run.
func hasPicture(e playground.Experiment) bool {
	_, err := fs.Stat(e.Source, "picture.js")
	return err == nil
}
