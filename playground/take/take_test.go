package take

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"seewire"
	"seewire/playground"
	"seewire/playground/experiments"
)

// unzip unpacks a project, and returns its folder.
func unzip(t *testing.T, p Project) string {
	t.Helper()
	data, err := p.Zip(seewire.Files)
	if err != nil {
		t.Fatal(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, archive); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, p.Name[:len(p.Name)-len(".zip")])
}

// all are the experiments, of which none is served.
func all() []playground.Experiment { return experiments.All(context.Background(), nil, nil, nil) }

// What is taken home is what is shown: the same bytes.
func TestProjectsHoldWhatIsShown(t *testing.T) {
	for _, e := range all() {
		for _, p := range Projects(e) {
			folder := os.DirFS(unzip(t, p))
			shown := slices.Concat(e.SSEClients, e.PollClients, e.WSClients)
			if p.Language == "go" {
				shown = append(shown, "sse.go", "ws.go")
			}
			if p.Language == "go" && e.Poll != nil {
				shown = append(shown, "poll.go")
			}
			for _, name := range shown {
				want, err := fs.ReadFile(e.Source, name)
				if err != nil {
					t.Fatal(err)
				}
				found := false
				fs.WalkDir(folder, ".", func(file string, d fs.DirEntry, err error) error {
					if err == nil && filepath.Base(file) == name && !d.IsDir() {
						got, _ := fs.ReadFile(folder, file)
						found = found || bytes.Equal(got, want)
					}
					return err
				})
				if !found {
					t.Errorf("%s does not have %s as it is shown", p.Name, name)
				}
			}
			for _, name := range []string{"README.md", "LICENSE"} {
				if text, err := fs.ReadFile(folder, name); err != nil || len(text) == 0 {
					t.Errorf("%s: %s: %v", p.Name, name, err)
				}
			}
		}
	}
}

// The same source makes the same file.
func TestZipIsTheSame(t *testing.T) {
	for _, p := range Projects(all()[0]) {
		once, _ := p.Zip(seewire.Files)
		again, _ := p.Zip(seewire.Files)
		if !bytes.Equal(once, again) {
			t.Errorf("%s differs from itself", p.Name)
		}
		archive, err := zip.NewReader(bytes.NewReader(once), int64(len(once)))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range archive.File {
			r, err := file.Open()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, r); err != nil {
				t.Errorf("%s: %s: %v", p.Name, file.Name, err)
			}
		}
	}
}
