// Package proxy is the experiment in which a reverse proxy stands between the
// browser and the server. The proxy is that of net/http/httputil, the server is
// another http.Server on a port of its own, and one of the two has a fault:
//
//	buffer    the proxy holds the answer until it has 4 KiB of it, or its end
//	gzip      the proxy compresses, and does not flush the compressor
//	idle      the proxy cuts a connection on which nothing comes for a while
//	upgrade   the proxy forwards neither Upgrade nor Connection
//	deadline  the server has a WriteTimeout
//
// The remedies, of which any can be tried on any fault:
//
//	header     the server asks not to be buffered, with X-Accel-Buffering: no
//	flush      the proxy flushes the compressor with each write
//	heartbeat  the server sends a comment or a ping while it has nothing to say
//	forward    the proxy forwards what a handshake needs
//	extend     the server sets a deadline for each write, in place of its WriteTimeout
package proxy

import (
	"context"
	"embed"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"strconv"
	"time"

	"seewire/playground"
)

// maxZipped is how many answers are compressed at once, for all addresses: each
// compressor takes most of a megabyte.
const maxZipped = 600

//go:embed sse.go ws.go sse.js ws.js proxy.go zipped.go nginx.conf findings.js recording.json hops.js exercise
var source embed.FS

// New returns the experiment; its proxy reaches the servers behind it by dial.
func New(dial playground.Dial) playground.Experiment {
	p := &proxy{
		transport: &http.Transport{
			DialContext:        dial,
			DisableKeepAlives:  true, // a connection for each request, as nginx does it unless it is told otherwise
			DisableCompression: true, // what the browser did not ask for, the proxy does not ask for
		},
		zipping: playground.NewPlaces(maxZipped),
	}
	return playground.Experiment{
		ID: "proxy",
		Controls: []playground.Control{
			{Name: "fault", Kind: playground.Choice, Default: "buffer", Choices: append([]string{"none", surprise}, faults...)},
			{Name: "remedy", Kind: playground.Choice, Default: "none", Choices: []string{"none", "header", "flush", "heartbeat", "forward", "extend"}},
			{Name: "every", Kind: playground.Number, Default: "250", Min: 20, Max: 5000, Unit: "ms"},
			{Name: "total", Kind: playground.Number, Default: "8", Min: 1, Max: maxTotal},
			{Name: "pause", Kind: playground.Number, Default: "0", Max: 10000, Unit: "ms"}, // before the last two; 0 is none
			{Name: "timeout", Kind: playground.Number, Default: "1000", Min: 200, Max: 10000, Unit: "ms"},
		},
		SSE:        p.forward,
		WS:         p.forward,
		Backends:   origins(),
		Source:     source,
		SSEClients: []string{"sse.js"},
		WSClients:  []string{"ws.js"},
	}
}

// A proxy forwards requests to the server behind it.
type proxy struct {
	transport *http.Transport
	zipping   *playground.Places // one for each answer that is compressed
}

// forward is the proxy, with the fault that the request asks for.
func (p *proxy) forward(w http.ResponseWriter, r *http.Request) {
	controls := playground.Controls(r)
	fault, remedy := faultOf(r), controls.Text("remedy")
	isHandshake := r.Header.Get("Upgrade") != ""
	w = &patient{w}

	ctx := r.Context()
	if isHandshake {
		ctx = context.WithoutCancel(ctx) // the server's to end: it says goodbye with a close frame
		w = &tunnel{w}
	}
	ctx, cut := context.WithCancel(ctx)
	defer cut()

	w.Header().Set("Access-Control-Expose-Headers", "Content-Encoding") // so that a page sees what the proxy did
	reverse := &httputil.ReverseProxy{
		Transport: p.transport,
		ErrorLog:  log.New(io.Discard, "", 0),
		Rewrite: func(request *httputil.ProxyRequest) {
			request.SetXForwarded()
			out := request.Out
			out.URL.Scheme, out.URL.Host = "http", hostFor(fault)
			out.Host = request.In.Host
			out.Header.Set("Via", "1.1 seewire")
			if fault == "upgrade" && remedy != "forward" {
				// They are for one hop only (RFC 9110 §7.6.1): a proxy that
				// does not know the protocol drops them.
				out.Header.Del("Connection")
				out.Header.Del("Upgrade")
			}
		},
	}

	var done func() error // passes on what is still held at the end
	switch {
	case fault == "idle":
		reverse.ModifyResponse = func(response *http.Response) error {
			limit := controls.Duration("timeout")
			expire := func() {
				playground.Logf(r, "proxy: no byte for %v, cut", limit)
				cut()
			}
			response.Body = &idle{response.Body, time.AfterFunc(limit, expire), limit}
			return nil
		}
	case fault == "buffer" && !isHandshake:
		held := &held{ResponseWriter: w}
		w, done = held, held.pass
	case fault == "gzip" && !isHandshake && accepts(r, "gzip"):
		peer := playground.Peer(r)
		if !p.zipping.Take(peer, 1) { // uncompressed it would be another fault's picture
			w.Header().Set("Retry-After", "5")
			playground.Problem{Status: http.StatusServiceUnavailable, Code: "too-many-streams", Title: "Too many compressed streams",
				Detail: "The proxy compresses as many streams as this server allows. Try again in a moment."}.Write(w)
			return
		}
		defer p.zipping.Release(peer, 1)
		zipped := &zipped{ResponseWriter: w, flushes: remedy == "flush"}
		w, done = zipped, zipped.close
	}
	reverse.ServeHTTP(w, r.WithContext(ctx)) // panics where the answer breaks off
	if done != nil {
		done()
	}
}

// lastNumber returns the number that the client had last, 0 for none (WHATWG
// HTML §9.2.3).
func lastNumber(r *http.Request) int {
	n, err := strconv.Atoi(r.Header.Get("Last-Event-ID"))
	if err != nil {
		return 0 // what is not a number is no number
	}
	return min(max(n, 0), maxTotal)
}
