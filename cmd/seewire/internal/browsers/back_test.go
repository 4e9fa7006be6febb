package browsers

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"seewire/cmd/seewire/internal/references"
)

// comesBack has the programs of the lesson on pages in the background in a page of its
// own, and sends that to another page and back. What is open they close when the page is
// hidden. It comes back from the back/forward cache, and they go on after the number that
// they had last. (Firefox loads such a page anew, and Chromium has no such cache where it
// has no window.)
func (b *browser) comesBack(t *testing.T, base string) {
	t.Helper()
	site, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(site)
	var mu sync.Mutex
	asked := map[string][]string{} // from which number, by side
	pages := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if side, ok := strings.CutPrefix(r.URL.Path, "/play/asleep/"); ok {
			mu.Lock()
			asked[side] = append(asked[side], r.URL.Query().Get("from"))
			mu.Unlock()
			proxy.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if r.URL.Path != "/" {
			io.WriteString(w, "<!doctype html><title>another page</title>")
			return
		}
		io.WriteString(w, `<!doctype html><title>a page</title><pre id="sse"></pre><pre id="ws"></pre><script>
			addEventListener("pageshow", ({ persisted }) => { document.documentElement.dataset.persisted = persisted; });
			const controls = { hidden: "close" };
			const address = (side) => new URL("/play/asleep/" + side + "?every=50&total=200&run=back-and-forth", location).href;
			const logTo = (id) => (...values) => document.getElementById(id).append(values.join(" ") + "\n");
		</script>`)
		fmt.Fprintf(w, "<script>((url, log) => {\n%s\n})(address('sse'), logTo('sse'));</script>", program(t, "sse.js"))
		fmt.Fprintf(w, "<script>((url, log) => {\n%s\n})(address('ws').replace('http', 'ws'), logTo('ws'));</script>", program(t, "ws.js"))
	}))
	t.Cleanup(func() {
		pages.CloseClientConnections()
		pages.Close()
	})

	const restored = `document.documentElement.dataset.persisted === "true"`
	b.visit(t, pages.URL+"/")
	b.until(t, shows("sse", 3)+" && "+shows("ws", 3))
	b.visit(t, pages.URL+"/other")
	eval[bool](t, b, `(history.back(), true)`)
	b.until(t, `location.pathname === "/" && (`+restored+` || performance.getEntriesByType("navigation")[0].type === "back_forward")`)
	if !eval[bool](t, b, restored) {
		t.Fatal("the page was not kept in the back/forward cache, but loaded anew")
	}
	b.until(t, shows("sse", 30)+" && "+shows("ws", 30))

	mu.Lock()
	defer mu.Unlock()
	for _, side := range []string{"sse", "ws"} {
		isAfter := func(from string) bool { return from != "0" }
		if from := asked[side]; from[0] != "0" || !slices.ContainsFunc(from, isAfter) {
			t.Errorf("over %s the numbers were asked for from %q", side, from)
		}
		log := eval[string](t, b, fmt.Sprintf("document.getElementById(%q).textContent", side))
		last := 0
		for line := range strings.Lines(log) {
			number, err := strconv.Atoi(strings.TrimSpace(line))
			if err != nil {
				continue // of what became of the page
			}
			if number != last+1 {
				t.Errorf("over %s something was lost, or came twice: %q", side, log)
				break
			}
			last = number
		}
	}
}

// shows is the expression that a program of comesBack has logged a number.
func shows(side string, number int) string {
	return fmt.Sprintf(`document.getElementById(%q)?.textContent.includes("\n%d\n")`, side, number)
}

// program is one of the lesson's.
func program(t *testing.T, name string) string {
	t.Helper()
	experiment, err := references.All().Find("asleep")
	if err != nil {
		t.Fatal(err)
	}
	text, err := fs.ReadFile(experiment.Source, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
