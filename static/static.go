// Package static serves the style sheets, scripts and pictures of the pages.
//
// All files share one hash in their address: it changes when any of them does,
// so that they can be kept for ever, and relative imports between them go on
// working.
package static

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"sync"
)

// Names that begin with _ or . stay out: tests lie beside what they test.
//
//go:embed icon.svg css js vendor/*.js vendor/*.txt
var files embed.FS

// own is the tree that is in the program.
var own = sync.OnceValue(func() *Tree {
	tree, err := New(files)
	if err != nil {
		panic(err) // embedded files can always be read
	}
	return tree
})

// URL is the address of a file in the program: "css/base.css" is at
// "/static/HASH/css/base.css".
func URL(file string) string { return own().URL(file) }

// Handler answers for all files in the program; see [Tree.Handler].
func Handler() http.Handler { return own().Handler() }

// A Tree is the files with their common hash.
type Tree struct {
	files fs.FS
	hash  string // the first 12 hexadecimal digits of SHA-256 over names and contents
}

// New makes a tree of any files.
func New(files fs.FS) (*Tree, error) {
	sum := sha256.New()
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, path)
		fmt.Fprintf(sum, "%s %d\n", path, len(content))
		sum.Write(content)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("hash the static files: %w", err)
	}
	return &Tree{files: files, hash: hex.EncodeToString(sum.Sum(nil))[:12]}, nil
}

// URL is the address of a file.
func (t *Tree) URL(file string) string { return "/static/" + t.hash + "/" + file }

// Handler answers GET /static/{hash}/{file...}. An answer may be kept for a
// year and need not be asked for again (RFC 8246 §2); a hash that is not this
// tree's has no files.
func (t *Tree) Handler() http.Handler {
	mux := http.NewServeMux()
	prefix := t.URL("")
	server := http.StripPrefix(prefix, http.FileServerFS(t.files))
	mux.HandleFunc("GET "+prefix+"{file...}", func(w http.ResponseWriter, r *http.Request) {
		// FileServer would list a folder; here a folder is not there.
		if info, err := fs.Stat(t.files, r.PathValue("file")); err != nil || info.IsDir() {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		server.ServeHTTP(w, r)
	})
	return mux
}
