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
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
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
	files map[string]file
	hash  string // the first 12 hexadecimal digits of SHA-256 over names and contents
}

// A file is what is sent, and what is sent to whoever takes Brotli (RFC 7932).
// That is made at the first request for it, at the best level.
type file struct {
	content []byte
	brotli  func() []byte
}

func newTree(files map[string][]byte) *tree {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(sum, "%s %d\n", name, len(files[name]))
		sum.Write(files[name])
	}
	t := &tree{files: map[string]file{}, hash: hex.EncodeToString(sum.Sum(nil))[:12]}
	for name, content := range files {
		t.files[name] = file{content, sync.OnceValue(func() []byte {
			var out bytes.Buffer
			w := brotli.NewWriterLevel(&out, brotli.BestCompression)
			w.Write(content)
			w.Close()
			return out.Bytes()
		})}
	}
	return t
}

func (t *tree) url(file string) string { return "/static/" + t.hash + "/" + file }

// ServeHTTP answers with a file, which may be kept for a year and need not be
// asked for again (RFC 8246 §2). A hash that is not this tree's has no files.
func (t *tree) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, ok := strings.CutPrefix(r.URL.Path, t.url(""))
	file, found := t.files[name]
	if !ok || !found {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	h.Set("Content-Type", types[path.Ext(name)])
	if !acceptsBrotli(r) {
		out := brotli.HTTPCompressor(w, r) // with gzip, or not at all
		out.Write(file.content)
		out.Close()
		return
	}
	content := file.brotli()
	h.Set("Content-Encoding", "br")
	h.Set("Content-Length", strconv.Itoa(len(content)))
	w.Write(content)
}

// types are what the files are; a machine's own list may lack some.
var types = map[string]string{
	".js":  "text/javascript; charset=utf-8",
	".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml",
	".txt": "text/plain; charset=utf-8",
	".map": "application/json",
}

// acceptsBrotli reads Accept-Encoding (RFC 9110 §12.5.3). Browsers offer Brotli
// over TLS and on localhost.
func acceptsBrotli(r *http.Request) bool {
	for offer := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		coding, weight, _ := strings.Cut(offer, ";")
		if strings.TrimSpace(coding) == "br" {
			q, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(weight), "q="), 64)
			return err != nil || q > 0
		}
	}
	return false
}
