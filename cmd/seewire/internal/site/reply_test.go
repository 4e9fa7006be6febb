package site

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/a-h/templ"

	"seewire/playground/wire"
)

// A logBuffer keeps what is logged.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

// take returns what was logged since it was asked last.
func (b *logBuffer) take() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	said := b.buf.String()
	b.buf.Reset()
	return said
}

func newLoggedSite(t *testing.T) (*Site, *logBuffer) {
	t.Helper()
	store := wire.NewStore(CaptureLimits(64 << 20))
	t.Cleanup(store.Close)
	said := new(logBuffer)
	a, err := New(t.Context(), Options{Streams: 10, Limit: time.Minute, Log: slog.New(slog.NewTextHandler(said, nil))}, store, noBus(t))
	if err != nil {
		t.Fatal(err)
	}
	return a, said
}

func TestHandlerThatFails(t *testing.T) {
	a, said := newLoggedSite(t)
	broken := templ.ComponentFunc(func(context.Context, io.Writer) error { return errors.New("no such word") })
	mux := http.NewServeMux()
	mux.HandleFunc("/panic", func(http.ResponseWriter, *http.Request) {
		panic("nothing to show")
	})
	mux.HandleFunc("/half", func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte("half of it"))
		http.NewResponseController(w).Flush()
		panic("in the middle")
	})
	mux.HandleFunc("/cut", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	mux.HandleFunc("/render", func(w http.ResponseWriter, r *http.Request) { render(w, r, http.StatusOK, broken) })
	mux.HandleFunc("/json", func(w http.ResponseWriter, r *http.Request) { a.pages.sendJSON(w, r, func() {}) })
	mux.HandleFunc("/compute", func(w http.ResponseWriter, r *http.Request) {
		_, err := a.compute(r, func(io.Writer) error { return errors.New("no such frame") })
		a.notComputed(w, r, err)
	})
	mux.HandleFunc("/busy", func(w http.ResponseWriter, r *http.Request) { a.notComputed(w, r, errBusy) })
	mux.HandleFunc("/play/meant", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "as the control says", 500) })
	server := httptest.NewServer(a.logged(mux))
	defer server.Close()

	for _, c := range []struct {
		path, accept string
		status       int    // 0 for a connection that is cut off
		body         string // in it
		logged       string // in it; "" for nothing
	}{
		{"/panic", "text/html", 500, "<html", "nothing to show"},
		{"/panic", "*/*", 500, `"code":"broken"`, "reply_test.go"}, // of the stack
		{"/half", "*/*", 0, "", "in the middle"},
		{"/cut", "*/*", 0, "", ""},
		{"/render", "text/html", 500, "could not be made", "no such word"},
		{"/json", "*/*", 500, "<html", "unsupported type"},
		{"/compute", "*/*", 500, `"code":"broken"`, "no such frame"},
		{"/busy", "*/*", 503, `"code":"busy"`, "level=WARN"},
		{"/play/meant", "*/*", 500, "as the control says", ""},
	} {
		req, _ := http.NewRequestWithContext(t.Context(), "GET", server.URL+c.path, nil)
		req.Header.Set("Accept", c.accept)
		resp, err := http.DefaultClient.Do(req)
		var body []byte
		if err == nil {
			body, err = io.ReadAll(resp.Body)
			resp.Body.Close()
		}
		switch {
		case c.status == 0:
			if err == nil {
				t.Errorf("%s: %s ends as if it were whole", c.path, body)
			}
		case err != nil:
			t.Errorf("%s: %v", c.path, err)
		case resp.StatusCode != c.status || !strings.Contains(string(body), c.body):
			t.Errorf("%s: %s, want %d with %q in\n%s", c.path, resp.Status, c.status, c.body, body)
		}
		got := said.take()
		if c.logged == "" && got != "" || !strings.Contains(got, c.logged) || c.logged != "" && !strings.Contains(got, "path="+c.path) {
			t.Errorf("%s: logged %q, want %q in it", c.path, got, c.logged)
		}
	}
	if n := a.panics.Load(); n != 3 {
		t.Errorf("%d panics are counted, want 3", n)
	}
	if n := a.refused.values()[`{reason="busy"}`]; n != 1 {
		t.Errorf("%d requests are counted as refused, want 1", n)
	}
}

// Each metric says of what type it is, and what it tells.
func TestMetrics(t *testing.T) {
	a, _ := newLoggedSite(t)
	out := httptest.NewRecorder()
	a.metricsPage(out, httptest.NewRequest("GET", "/metrics", nil))
	page := out.Body.String()
	types, helps, samples := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for line := range strings.Lines(page) {
		line = strings.TrimSpace(line)
		words := strings.SplitN(line, " ", 4)
		switch {
		case strings.HasPrefix(line, "# HELP ") && len(words) == 4:
			helps[words[2]] = true
		case strings.HasPrefix(line, "# TYPE ") && len(words) == 4:
			types[words[2]] = true
		case strings.HasPrefix(line, "#"):
			t.Errorf("what is %q?", line)
		default:
			name := regexp.MustCompile(`^[a-z0-9_]+`).FindString(line)
			samples[name] = true
			family := regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(name, "")
			if !types[name] && !types[family] || !helps[name] && !helps[family] {
				t.Errorf("%s has no TYPE or no HELP before it", name)
			}
		}
	}
	for _, name := range []string{"seewire_streams_open", "seewire_experiment_streams_open", "seewire_viewers_open", "seewire_captures", "seewire_capture_bytes",
		"seewire_dissections_running", "seewire_dissections_total", "seewire_panics_total", "go_goroutines", "process_resident_memory_bytes"} {
		if !samples[name] {
			t.Errorf("there is no %s", name)
		}
	}
	if !strings.Contains(page, `seewire_experiment_streams_open{experiment="chat",protocol="websocket"} 0`) {
		t.Error("no experiment's streams are counted")
	}
}
