package main

import (
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"seewire/cmd/seewire/internal/program"
	"seewire/cmd/seewire/internal/site"
	"seewire/cmd/seewire/internal/sitetest"
)

// freeAddress is where nobody listens just now.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// On the other origins there is the frame for programs, and nothing else.
func TestOtherOriginsServeTheFrameAlone(t *testing.T) {
	own, foreign := freeAddress(t), freeAddress(t)
	s := sitetest.Start(t, "-origins", own+","+foreign)
	scripts, err := site.StaticFiles()
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{own, foreign} {
		for path, want := range map[string]int{
			"/sandbox": 200, scripts.URL("js/sandbox/sandbox.js"): 200, scripts.URL("js/sandbox/prelude.js"): 200,
			"/": 404, "/en/": 404, "/en/lessons/reconnect": 404, "/play/strangers/sse": 404, "/captures/some-capture.json": 404, scripts.URL("js/main.js"): 404,
		} {
			resp, err := http.Get("http://" + at + path)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != want {
				t.Errorf("%s%s: %s, want %d", at, path, resp.Status, want)
			}
		}
	}
	resp, err := http.Get("http://" + own + "/sandbox")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	policy := resp.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "http://127.0.0.1:*/play/strangers/", "ws://localhost:*/play/strangers/", "frame-ancestors http://127.0.0.1:* "} {
		if !strings.Contains(policy, want) {
			t.Errorf("the frame's policy lacks %q: %s", want, policy)
		}
	}
	if page, _ := io.ReadAll(resp.Body); !strings.Contains(string(page), scripts.URL("js/sandbox/sandbox.js")) {
		t.Errorf("the frame is %s", page)
	}

	// The course's pages may have these frames, and no others.
	page, err := http.Get(s.Base + "/en/")
	if err != nil {
		t.Fatal(err)
	}
	page.Body.Close()
	_, rest, _ := strings.Cut(page.Header.Get("Content-Security-Policy"), "frame-src ")
	sources, _, _ := strings.Cut(rest, ";")
	want := []string{"'self'", "http://" + strings.Replace(own, "127.0.0.1", "localhost", 1), "http://" + strings.Replace(foreign, "127.0.0.1", "localhost", 1), "http://" + foreign}
	got := strings.Fields(sources)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("frames may be of %q, want %q", got, want)
	}
}

// What keeps the other origins away keeps nothing else away, unless somebody
// has asked for these and no others.
func TestOtherOriginsThatCannotBe(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	err = program.Run(t.Context(), []string{"-addr", "localhost:0", "-tls", "off", "-open=false", "-origins", freeAddress(t) + "," + taken.Addr().String()}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "is taken") || !strings.Contains(err.Error(), "-origins") {
		t.Errorf("got %v, want an error that says that the port is taken", err)
	}
	sitetest.Start(t, "-origins", "off")
}
