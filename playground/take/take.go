// Package take makes an experiment a project that runs by itself, outside of this
// module: the very files that a lesson shows, what they stand on, a main.go with
// a page that runs both clients, and a README with the command.
package take

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"text/template"
	"time"

	"seewire/playground"
)

// A Project is a zip file.
type Project struct {
	Name       string // "reconnect-go.zip"
	Language   string // "go", "node" or "python"
	experiment playground.Experiment
}

// Projects are those that there are of an experiment.
func Projects(e playground.Experiment) []Project {
	projects := []Project{{e.ID + "-go.zip", "go", e}}
	for _, language := range []string{"node", "python"} {
		if has(e, language) {
			projects = append(projects, Project{e.ID + "-" + language + ".zip", language, e})
		}
	}
	return projects
}

// has says whether an experiment's folder has a folder or a file.
func has(e playground.Experiment, name string) bool {
	_, err := fs.Stat(e.Source, name)
	return err == nil
}

// Zip returns the file, made of this module's source. Of the same source it is
// the same, byte for byte.
func (p Project) Zip(source fs.FS) ([]byte, error) {
	project := files{}
	var err error
	switch {
	case p.Language != "go":
		err = project.addOther(p)
	case has(p.experiment, "main"):
		err = project.addMain(source, p)
	default:
		err = project.addGo(source, p.experiment)
	}
	if err == nil {
		project["LICENSE"], err = fs.ReadFile(source, "LICENSE")
	}
	if err != nil {
		return nil, fmt.Errorf("make %s: %w", p.Name, err)
	}
	return project.zip(strings.TrimSuffix(p.Name, ".zip") + "/")
}

// own are the files that belong to no experiment.
//
//go:embed go start
var own embed.FS

// files are a project's, by their path in it.
type files map[string][]byte

// add adds the wanted files of a folder, and of those below it.
func (f files) add(to string, from fs.FS, wanted func(name string) bool) error {
	return fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !wanted(name) {
			return err
		}
		f[to+name], err = fs.ReadFile(from, name)
		return err
	})
}

// fill adds a file made of one of the package's templates.
func (f files) fill(to, from string, values any) error {
	made, err := template.New(path.Base(from)).Funcs(template.FuncMap{"hasSuffix": hasSuffix}).ParseFS(own, from)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := made.Execute(&out, values); err != nil {
		return err
	}
	f[to] = out.Bytes()
	return nil
}

// hasSuffix says whether a name ends with one of some.
func hasSuffix(name string, ends ...string) bool {
	return slices.ContainsFunc(ends, func(end string) bool { return strings.HasSuffix(name, end) })
}

// zip packs the files into a folder: in order, and with no time of their own.
func (f files) zip(folder string) ([]byte, error) {
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	archive.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestCompression)
	})
	for _, name := range slices.Sorted(maps.Keys(f)) {
		// 1980 is the first year of a zip file's clock.
		header := &zip.FileHeader{Name: folder + name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
		header.SetMode(0o644)
		w, err := archive.CreateHeader(header)
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(f[name]); err != nil {
			return nil, err
		}
	}
	err := archive.Close()
	return out.Bytes(), err
}
