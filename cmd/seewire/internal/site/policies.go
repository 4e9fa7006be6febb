package site

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/andybalholm/brotli"
)

// send answers with text, compressed for whoever takes it. The runs never are:
// what a learner sees on the wire is what the experiment wrote.
func send(w http.ResponseWriter, r *http.Request, status int, contentType string, text []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Add("Vary", "Accept-Encoding")
	out := brotli.HTTPCompressor(w, r)
	w.WriteHeader(status)
	out.Write(text) // whoever doesn't read it has left
	out.Close()
}

// pageHeaders lets a page load its own scripts, styles and pictures from here,
// talk to here, and nothing else.
func pageHeaders(l *Listeners, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		// 'self' does not cover ws: in every browser that is in use.
		h.Set("Content-Security-Policy", fmt.Sprintf("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "+
			"connect-src 'self' ws://%[1]s wss://%[1]s%[2]s; frame-src 'self'%[3]s; form-action 'self'; base-uri 'none'; frame-ancestors 'none'", r.Host, l.sources(r), l.frames(r)))
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-cache")
		h.Add("Vary", "Cookie")
		safeHeaders(h)
		next.ServeHTTP(w, r)
	})
}

// sandboxHeaders hold a learner's code: its frame has an origin of its own
// (sandbox without allow-same-origin), may start workers from blobs, and may
// connect to this server alone.
func sandboxHeaders(l *Listeners, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		// In an opaque origin 'self' is nobody: the host is spelt out, with
		// each scheme under which a proxy may have this server.
		h.Set("Content-Security-Policy", fmt.Sprintf("sandbox allow-scripts; default-src 'none'; "+
			"script-src http://%[1]s https://%[1]s blob:; worker-src blob:; "+
			"connect-src http://%[1]s https://%[1]s ws://%[1]s wss://%[1]s%[2]s; base-uri 'none'; form-action 'none'; frame-ancestors 'self'", r.Host, l.sources(r)))
		h.Set("Cache-Control", "no-cache")
		safeHeaders(h)
		next.ServeHTTP(w, r)
	})
}

// typed keeps a browser from taking a file for another type than it has.
func typed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

func safeHeaders(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
}

// base is the address of this server as the visitor knows it.
func base(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https") {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}
