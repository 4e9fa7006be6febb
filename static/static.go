// Package static serves the style sheets, scripts and pictures of the pages.
//
// All files share one hash in their address: it changes when any of them does,
// so that they can be kept for ever, and relative imports between them go on
// working.
package static

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Names that begin with _ or . stay out: tests lie beside what they test.
//
//go:embed icon.svg css js vendor/*.js vendor/*.txt
var files embed.FS

// own is the tree that is in the program.
var own = sync.OnceValue(func() *tree {
	bundled, err := bundle(files)
	if err != nil {
		panic(err) // a mistake in a script: every test that serves a page finds it
	}
	return newTree(bundled)
})

// URL is the address of a file in the program: "css/base.css" is at
// "/static/HASH/css/base.css".
func URL(file string) string { return own().url(file) }

// Handler answers GET /static/{hash}/{file...} for all files in the program.
func Handler() http.Handler { return own() }

// A tree is the files by their names, with their common hash.
type tree struct {
	files map[string][]byte
	hash  string // the first 12 hexadecimal digits of SHA-256 over names and contents
}

func newTree(files map[string][]byte) *tree {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(sum, "%s %d\n", name, len(files[name]))
		sum.Write(files[name])
	}
	return &tree{files: files, hash: hex.EncodeToString(sum.Sum(nil))[:12]}
}

func (t *tree) url(file string) string { return "/static/" + t.hash + "/" + file }

// ServeHTTP answers with a file, which may be kept for a year and need not be
// asked for again (RFC 8246 §2). A hash that is not this tree's has no files.
func (t *tree) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, ok := strings.CutPrefix(r.URL.Path, t.url(""))
	content, found := t.files[name]
	if !ok || !found {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
}
