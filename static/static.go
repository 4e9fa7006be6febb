// Package static serves the style sheets, scripts and pictures of the pages.
//
// All files share one hash in their address: it changes when any source of them
// does, so that they can be kept for ever, and relative imports between them go on
// working. The hash is known at once; the files are made when the first is asked for.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
)

// Names that begin with _ or . stay out: tests lie beside what they test.
//
//go:embed icon.svg css js vendor/*.js vendor/*.txt
var own embed.FS

// Files are what pages load, by their names, with their common hash.
type Files struct {
	hash string // the first 12 hexadecimal digits of SHA-256 over names and contents of the sources
	made func() (map[string]file, error)
}

// An Entry is a module or a style sheet that pages load by its address.
type Entry struct {
	File    string   // as in the repository: "playground/experiments/six/findings.js"
	Exports []string // what a module has to export
}

// New bundles the files of this package, and with them modules from other
// folders of the repository: sources holds their text by their path in the
// repository, so that the relative imports between all of them work as they do
// in node and in an editor.
func New(sources map[string][]byte, entries []Entry) (*Files, error) {
	all := maps.Clone(sources)
	if all == nil {
		all = map[string][]byte{}
	}
	err := fs.WalkDir(own, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all[folder+name], err = fs.ReadFile(own, name)
		}
		return err
	})
	all["bundle.go"] = slices.Concat(how, []byte(bundlerVersion()))
	return newFiles(all, func() (map[string][]byte, error) { return bundle(own, sources, entries) }), err
}

// how is how they are bundled: with another version of it they are other files.
//
//go:embed bundle.go
var how []byte

// bundlerVersion is the bundler's; "" where the program doesn't know it.
func bundlerVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == "github.com/evanw/esbuild" {
				return m.Version
			}
		}
	}
	return ""
}

// Check makes the files, and says what is wrong with their sources.
func (f *Files) Check() error {
	_, err := f.made()
	return err
}

// A file has its content as it is, and by the coding as it is compressed. That is
// made at the first request for it, at the best level.
type file struct {
	content []byte
	coded   map[string]func() []byte
}

// codings are those that a file comes under, the best one first: Brotli (RFC
// 7932), which browsers take over TLS and from localhost, and gzip.
var codings = []struct {
	name  string
	under func(io.Writer) io.WriteCloser
}{
	{"br", func(w io.Writer) io.WriteCloser { return brotli.NewWriterLevel(w, brotli.BestCompression) }},
	{"gzip", func(w io.Writer) io.WriteCloser {
		zip, _ := gzip.NewWriterLevel(w, gzip.BestCompression) // the level is a valid one
		return zip
	}},
}

// newFiles are the files that a function makes of sources.
func newFiles(sources map[string][]byte, bundle func() (map[string][]byte, error)) *Files {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		fmt.Fprintf(sum, "%s %d\n", name, len(sources[name]))
		sum.Write(sources[name])
	}
	return &Files{hash: hex.EncodeToString(sum.Sum(nil))[:12], made: sync.OnceValues(func() (map[string]file, error) {
		bundled, err := bundle()
		return compressible(bundled), err
	})}
}

func compressible(contents map[string][]byte) map[string]file {
	files := map[string]file{}
	for name, content := range contents {
		coded := map[string]func() []byte{}
		for _, coding := range codings {
			coded[coding.name] = sync.OnceValue(func() []byte {
				var out bytes.Buffer
				w := coding.under(&out)
				w.Write(content) // into memory: there is no error
				w.Close()
				return out.Bytes()
			})
		}
		files[name] = file{content, coded}
	}
	return files
}

// URL is the address of a file: "css/site.css" is at
// "/static/HASH/css/site.css". An entry is named by its path in the repository.
func (f *Files) URL(file string) string {
	if strings.HasPrefix(file, "playground/") {
		file = entryName(file)
	}
	return "/static/" + f.hash + "/" + file
}

// ServeHTTP answers GET /static/{hash}/{file...} with a file, which may be kept
// for a year and need not be asked for again (RFC 8246 §2). Under another hash
// there are no files.
func (f *Files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, ok := strings.CutPrefix(r.URL.Path, f.URL(""))
	if !ok {
		http.NotFound(w, r)
		return
	}
	files, err := f.made()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	file, found := files[name]
	if !found {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	h.Set("Content-Type", types[path.Ext(name)])
	content := file.content
	for _, coding := range codings {
		if Accepts(r, coding.name) {
			h.Set("Content-Encoding", coding.name)
			content = file.coded[coding.name]()
			break
		}
	}
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

// Accepts tells whether a client takes a coding, by Accept-Encoding (RFC 9110
// §12.5.3). Browsers offer Brotli over TLS and on localhost.
func Accepts(r *http.Request, coding string) bool {
	for offer := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(offer, ";")
		if strings.EqualFold(strings.TrimSpace(name), coding) {
			q, found := strings.CutPrefix(strings.TrimSpace(weight), "q=")
			value, err := strconv.ParseFloat(q, 64)
			return !found || err == nil && value > 0
		}
	}
	return false
}
