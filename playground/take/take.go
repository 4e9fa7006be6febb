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
	return []Project{{e.ID + "-go.zip", "go", e}}
}

// Zip returns the file, made of this module's source. Of the same source it is
// the same, byte for byte.
func (p Project) Zip(source fs.FS) ([]byte, error) {
	project := files{}
	if err := project.addGo(source, p.experiment); err != nil {
		return nil, fmt.Errorf("make %s: %w", p.Name, err)
	}
	return project.zip(strings.TrimSuffix(p.Name, ".zip") + "/")
}

// own are the files that belong to no experiment.
//
//go:embed go
var own embed.FS

// files are a project's, by their path in it.
type files map[string][]byte

// add adds files from a folder. A name in which a directory is left out is
// passed over.
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
	made, err := template.ParseFS(own, from)
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
