package site

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"

	"seewire/static"
)

// maxKept bounds the answers of an edition that are kept: a page takes about
// 45 kB.
const maxKept = 128

// keptAnswers are those that are the same for all who ask in the same way. They
// are computed and compressed once.
type keptAnswers struct {
	mu  sync.Mutex
	all map[keptKey]*keptAnswer
}

// A keptKey is what of a request an answer depends on, in one edition.
type keptKey struct {
	path, query, base string
	tls               bool
}

// A keptAnswer is a text under each coding that somebody has asked for.
type keptAnswer struct {
	contentType string
	tag         string // weak (RFC 9110 §8.8.1): it is the same under every coding
	gzip        []byte
	brotli      func() []byte
}

// kept keeps what a handler answers with 200. The handler is called without
// Accept-Encoding.
func (p *pages) kept(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		kept := &p.now(r).kept
		key := keptKey{r.URL.Path, r.URL.RawQuery, base(r), r.TLS != nil}
		a := kept.get(key)
		if a == nil {
			plain := r.Clone(r.Context())
			plain.Header.Del("Accept-Encoding")
			out := &recorder{ResponseWriter: w, header: http.Header{}}
			next(out, plain)
			contentType := out.header.Get("Content-Type")
			if out.status != http.StatusOK {
				send(w, r, out.status, contentType, out.body.Bytes())
				return
			}
			a = newKeptAnswer(contentType, out.body.Bytes())
			kept.put(key, a)
		}
		a.ServeHTTP(w, r)
	}
}

func (k *keptAnswers) get(key keptKey) *keptAnswer {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.all[key]
}

func (k *keptAnswers) put(key keptKey, a *keptAnswer) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.all == nil {
		k.all = map[keptKey]*keptAnswer{}
	}
	for other := range k.all { // any
		if len(k.all) < maxKept {
			break
		}
		delete(k.all, other)
	}
	k.all[key] = a
}

// A recorder takes an answer in place of the client.
type recorder struct {
	http.ResponseWriter
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func newKeptAnswer(contentType string, text []byte) *keptAnswer {
	sum := sha256.Sum256(text)
	a := &keptAnswer{contentType: contentType, tag: `W/"` + hex.EncodeToString(sum[:8]) + `"`}
	var zipped bytes.Buffer
	zip := gzip.NewWriter(&zipped)
	zip.Write(text)
	zip.Close()
	a.gzip = zipped.Bytes()
	a.brotli = sync.OnceValue(func() []byte {
		var out bytes.Buffer
		w := brotli.NewWriterLevel(&out, 7) // the levels above take many times as long for a few bytes
		io.Copy(w, a.plain())
		w.Close()
		return bytes.Clone(out.Bytes())
	})
	return a
}

// plain is the text without a coding, which few ask for.
func (a *keptAnswer) plain() io.Reader {
	r, _ := gzip.NewReader(bytes.NewReader(a.gzip)) // its head is there
	return r
}

func (a *keptAnswer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("ETag", a.tag)
	h.Add("Vary", "Accept-Encoding")
	if known := r.Header.Get("If-None-Match"); known == "*" || strings.Contains(known, strings.TrimPrefix(a.tag, "W/")) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", a.contentType)
	var text []byte
	switch {
	case static.Accepts(r, "br"):
		h.Set("Content-Encoding", "br")
		text = a.brotli()
	case static.Accepts(r, "gzip"):
		h.Set("Content-Encoding", "gzip")
		text = a.gzip
	default:
		w.WriteHeader(http.StatusOK)
		io.Copy(w, a.plain()) // whoever doesn't read it has left
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(text)))
	w.Write(text)
}
