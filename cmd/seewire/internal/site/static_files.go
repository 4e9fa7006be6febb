package site

import (
	"fmt"
	"io/fs"
	"path"
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
			if export, ok := modules[file]; ok {
				entries = append(entries, static.Entry{File: name, Export: export})
			}
			sources[name], err = fs.ReadFile(e.Source, file)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read the scripts of %s: %w", e.ID, err)
		}
	}
	return static.New(sources, entries)
}

// modules are the files of an experiment that pages load, with what each has to
// export.
var modules = map[string]string{
	"findings.js":       "findings",
	"exercise/check.js": "check",
	"picture.js":        "Picture",
	"picture.css":       "",
}
