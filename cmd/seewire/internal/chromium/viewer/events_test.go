package viewer

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"seewire/cmd/seewire/internal/chromium"
	"seewire/cmd/seewire/internal/sitetest"
)

// A dispatched event is one as a page gets it.
type dispatched struct {
	Type        string `json:"type"`
	Data        string `json:"data"`
	LastEventID string `json:"lastEventId"`
}

// An eventStream is one of the parser's table.
type eventStream struct {
	Name   string
	Stream []byte
	Events []dispatched
}

// chromiumDiffers are the streams of which Chromium makes something else than
// the standard does, by their names.
var chromiumDiffers = map[string]string{
	"a BOM before a line end": "Chromium takes a line end right after the BOM into the next line",
}

// TestTheBrowserDispatchesWhatTheParserSays asks a real browser about every
// stream of the parser's own table.
func TestTheBrowserDispatchesWhatTheParserSays(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(sitetest.InModule("playground/dissect/protocols/testdata/eventstreams.json"))
	if err != nil {
		t.Fatal(err)
	}
	var streams []eventStream
	if err := json.Unmarshal(data, &streams); err != nil {
		t.Fatal(err)
	}
	types := []string{"message"}
	for _, s := range streams {
		for _, e := range s.Events {
			types = append(types, e.Type)
		}
	}

	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `<!DOCTYPE html><link rel="icon" href="data:,"><title>Event streams</title>`)
	})
	mux.HandleFunc("GET /stream/{number}", func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.PathValue("number"))
		if err != nil || n >= len(streams) {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		w.Write(streams[n].Stream)
	})
	server := httptest.NewServer(mux)
	defer server.Close()

	p := chromium.OpenTab(t, server.URL)
	p.Visit("/")
	// What is dispatched without anybody listening for its type, only the
	// browser itself knows.
	var mu sync.Mutex
	counted := map[string]int{}
	paths := map[network.RequestID]string{}
	err = chromedp.Listen(p.Ctx, func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			paths[e.RequestID] = strings.TrimPrefix(e.Request.URL, server.URL)
		case *network.EventEventSourceMessageReceived:
			counted[paths[e.RequestID]]++
		}
	})
	if err != nil {
		t.Fatal(err)
	}

	// A browser opens six connections to a host, and no more: so many streams
	// are read at once. The end of a stream is an error, one without data.
	listen, _ := json.Marshal(types)
	got := chromium.Await[[][]dispatched](p, fmt.Sprintf(`(async () => {
		const types = new Set(%s), count = %d, all = [];
		const read = (n) => new Promise((resolve) => {
			const source = new EventSource("/stream/" + n), events = [];
			const add = (event) => events.push({type: event.type, data: event.data, lastEventId: event.lastEventId});
			for (const type of types) source.addEventListener(type, (event) => event instanceof MessageEvent && add(event));
			source.addEventListener("error", (event) => {
				if (event instanceof MessageEvent) return;
				source.close();
				resolve(events);
			});
		});
		let next = 0;
		const reader = async () => {
			while (next < count) {
				const n = next++;
				all[n] = await read(n);
			}
		};
		await Promise.all(Array.from({length: 6}, reader));
		return all;
	})()`, listen, len(streams)))

	if len(streams) < 40 || len(got) != len(streams) {
		t.Fatalf("%d of %d streams were read", len(got), len(streams))
	}
	for i, s := range streams {
		t.Run(s.Name, func(t *testing.T) {
			same := slices.Equal(got[i], s.Events)
			if difference, known := chromiumDiffers[s.Name]; known {
				if same {
					t.Errorf("this browser does as the standard says now; the table says that it does not: %s", difference)
				}
				t.Skip(difference)
			}
			if !same {
				t.Errorf("%q\nthe parser: %+v\nthe browser: %+v", s.Stream, s.Events, got[i])
			}
			mu.Lock()
			defer mu.Unlock()
			if n := counted[fmt.Sprintf("/stream/%d", i)]; n != len(s.Events) {
				t.Errorf("%q: %d events, of which the browser dispatched %d", s.Stream, len(s.Events), n)
			}
		})
	}
	for name := range chromiumDiffers {
		if !slices.ContainsFunc(streams, func(s eventStream) bool { return s.Name == name }) {
			t.Errorf("no stream has the name %q", name)
		}
	}
}
