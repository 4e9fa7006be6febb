package export_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"seewire/playground/dissect"
	"seewire/playground/export"
	"seewire/playground/wire"
)

// serveHTTP2 records what runs under the ID capture-a, on a server and a client
// that speak HTTP/2 without TLS.
func serveHTTP2(t *testing.T, handler http.HandlerFunc) (*wire.Capture, *http.Client, string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	store := wire.NewStore(limits)
	capture, err := store.Claim("capture-a", netip.Prefix{})
	if err != nil {
		t.Fatal(err)
	}
	tap := wire.ListenHTTP2(listener, func(r wire.Request) *wire.Capture {
		if strings.Contains(r.URI, "capture=capture-a") {
			return capture
		}
		return nil
	})
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{Handler: handler, Protocols: protocols, ConnContext: wire.ConnContext, ConnState: wire.ConnState}
	served := make(chan struct{})
	go func() {
		defer close(served)
		server.Serve(tap)
	}()
	transport := &http.Transport{Protocols: protocols, DisableCompression: true}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
		tap.CloseConns()
		<-served
		store.Close()
	})
	return capture, &http.Client{Transport: transport}, "http://" + listener.Addr().String()
}

// visitHTTP2 has several streams at once: of events, a post, one under gzip,
// and one that nobody records.
func visitHTTP2(t *testing.T) *wire.Capture {
	t.Helper()
	capture, client, base := serveHTTP2(t, site)
	read := func(path, body string) {
		method := "GET"
		if body != "" {
			method = "POST"
		}
		request, _ := http.NewRequest(method, base+path, strings.NewReader(body))
		response, err := client.Do(request)
		if err != nil {
			t.Error(err)
			return
		}
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
	read("/events?capture=capture-a", "")
	read("/nothing", "")
	var streams sync.WaitGroup
	for range 3 {
		streams.Go(func() { read("/events?capture=capture-a", "") })
	}
	streams.Go(func() { read("/zipped?capture=capture-a", "") })
	streams.Go(func() { read("/send?capture=capture-a", "up "+strings.Repeat("and away ", 3000)) })
	streams.Wait()
	client.CloseIdleConnections()
	return capture
}

// TestTsharkHTTP2 is TestTshark for HTTP/2: each frame with its head, its flags,
// its decoded header list and its data.
func TestTsharkHTTP2(t *testing.T) {
	capture := visitHTTP2(t)
	theirs := tsharkPackets(t, pcapng(t, capture))
	ours := map[bool][]string{}
	d := export.Capture(capture)
	for _, f := range d.Frames {
		if f.Protocol != "http2" || f.Kind == "preface" {
			continue
		}
		sent := d.Connections[f.Connection-1].Server
		if f.From == dissect.Client {
			sent = d.Connections[f.Connection-1].Client
		}
		line := http2Line(func(name string) string { return fieldValue(f, name) })
		for _, h := range f.Headers {
			line += " | " + h.Name + ": " + h.Value
		}
		if f.Kind == "data" && fieldValue(f, "http2.flags.end_stream") == "0" {
			line += fmt.Sprintf(" %x", sent[f.Offset+9:][:f.Length-9])
		}
		ours[f.From == dissect.Client] = append(ours[f.From == dissect.Client], line)
	}
	seen := map[bool][]string{}
	var bodies []string
	for _, packet := range theirs {
		client := packet.show("tcp.dstport") == "8080"
		for _, f := range packet.fields("http2.stream") {
			line := http2Line(f.show)
			if line == "" {
				continue // the preface
			}
			for _, h := range f.fields("http2.header") {
				line += " | " + h.show("http2.header.name") + ": " + h.show("http2.header.value")
			}
			// At the end of a stream Wireshark shows all its data, inflated.
			switch data := f.fields("http2.data.data"); {
			case len(data) == 0:
			case f.show("http2.flags.end_stream") == "0":
				line += " " + data[0].Value
			default:
				bodies = append(bodies, data[0].text())
			}
			seen[client] = append(seen[client], line)
		}
	}
	if len(ours[true]) < 10 || len(ours[false]) < 20 {
		t.Fatalf("%d and %d frames: the test does not see what it is about", len(ours[true]), len(ours[false]))
	}
	var contents []string
	for _, e := range exportHAR(t, capture) {
		contents = append(contents, e.Response.Content.Text)
		if e.Request.BodySize > 0 {
			contents = append(contents, e.Request.PostData.Text)
		}
	}
	slices.Sort(contents)
	slices.Sort(bodies)
	compare(t, "bodies", contents, bodies)
	compare(t, "client", ours[true], seen[true])
	compare(t, "server", ours[false], seen[false])
}

// http2Line is what a frame's head says, and what SETTINGS and WINDOW_UPDATE do.
func http2Line(show func(name string) string) string {
	if show("http2.type") == "" {
		return ""
	}
	line := fmt.Sprintf("type=%s stream=%s length=%s", show("http2.type"), show("http2.streamid"), show("http2.length"))
	for _, name := range []string{
		"flags.end_stream", "flags.eh", "flags.padded", "flags.priority", "flags.ack.settings", "flags.ack.ping",
		"settings.header_table_size", "settings.enable_push", "settings.max_concurrent_streams",
		"settings.initial_window_size", "settings.max_frame_size", "settings.max_header_list_size",
		"window_update.window_size_increment",
	} {
		if value := show("http2." + name); value != "" {
			line += " " + name + "=" + value
		}
	}
	return line
}

// An archive has the streams that ran under the capture's ID, and not the
// others, whose headers are in the capture too.
func TestHARHTTP2(t *testing.T) {
	capture := visitHTTP2(t)
	pcapng(t, capture)
	var got []string
	for _, e := range exportHAR(t, capture) {
		_, path, _ := strings.Cut(strings.TrimPrefix(e.Request.URL, "http://"), "/")
		got = append(got, fmt.Sprint(e.Request.Method, " ", path, " ", e.Response.Status, " ", len(e.Events)))
		text := e.Response.Content.Text
		switch {
		case strings.HasPrefix(path, "events") && (!strings.HasPrefix(text, "retry: 100\n\nid: 1") || !strings.HasSuffix(text, "data: three\n\n")),
			strings.HasPrefix(path, "zipped") && !strings.HasSuffix(text, "first second 中文"),
			strings.HasPrefix(path, "send") && (text != e.Request.PostData.Text || len(text) != 27003):
			t.Errorf("%s: %+v", path, e.Response.Content)
		}
	}
	slices.Sort(got)
	if want := "GET events?capture=capture-a 200 3, GET events?capture=capture-a 200 3, GET events?capture=capture-a 200 3, GET events?capture=capture-a 200 3, " +
		"GET zipped?capture=capture-a 200 0, POST send?capture=capture-a 200 0"; strings.Join(got, ", ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), want)
	}
}
