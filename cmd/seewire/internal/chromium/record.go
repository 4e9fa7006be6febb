package chromium

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// A record is what a page did that nobody sees on it: what it complained of,
// and whom it spoke to.
type record struct {
	mu         sync.Mutex
	host       string
	complaints []string
	expected   []string                      // parts of complaints that a test provokes
	open       map[network.RequestID]string  // addresses that are being loaded
	loaded     map[network.RequestID]string  // and those that have been,
	bytes      map[network.RequestID]float64 // as they came over the wire, heads included
	page       network.RequestID
}

func newRecord(base string) *record {
	address, _ := url.Parse(base)
	return &record{
		host:   address.Host,
		open:   map[network.RequestID]string{},
		loaded: map[network.RequestID]string{},
		bytes:  map[network.RequestID]float64{},
	}
}

// add takes in an event of the tab. It runs in the loop that reads them.
func (r *record) add(event any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded: // a violation of the policy, a request that failed, a deprecation
		if e.Entry.Source == log.EntrySourceWorker {
			return // of the program that runs there: many lessons are about what it meets
		}
		if strings.Contains(e.Entry.Text, "was preloaded using link preload but not used") {
			return // in time, on a busy machine; or ever, where there is no JavaScript
		}
		r.complaints = append(r.complaints, fmt.Sprintf("%s, %s: %s %s", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL))
	case *runtime.EventExceptionThrown:
		r.complaints = append(r.complaints, fmt.Sprintf("exception: %s %s", e.ExceptionDetails.Text, e.ExceptionDetails.URL))
		if thrown := e.ExceptionDetails.Exception; thrown != nil {
			r.complaints = append(r.complaints, "exception: "+thrown.Description)
		}
	case *runtime.EventConsoleAPICalled: // the site has nothing to print
		words := make([]string, len(e.Args))
		for i, a := range e.Args {
			words[i] = string(a.Value) + a.Description
		}
		r.complaints = append(r.complaints, fmt.Sprintf("console.%s: %s", e.Type, strings.Join(words, " ")))
	case *network.EventRequestWillBeSent:
		r.request(e.Request.URL)
		if string(e.RequestID) == string(e.LoaderID) {
			clear(r.open) // another page: nobody says what became of the last one's requests
			r.page = e.RequestID
		}
		if string(e.LoaderID) == string(r.page) && !strings.HasSuffix(e.Request.URL, "/icon.svg") { // nor always of a tab's icon
			r.open[e.RequestID] = e.Request.URL
		}
	case *network.EventWebSocketCreated:
		r.request(e.URL)
	case *network.EventLoadingFinished:
		r.loaded[e.RequestID] = r.open[e.RequestID]
		r.bytes[e.RequestID] = e.EncodedDataLength
		delete(r.open, e.RequestID)
	case *network.EventLoadingFailed:
		delete(r.open, e.RequestID)
	}
}

// otherOrigin is what the site serves at other origins of its own (origins.go).
var otherOrigin = regexp.MustCompile(`^/sandbox$|/js/sandbox/`)

func (r *record) request(address string) {
	u, err := url.Parse(address)
	if err == nil && otherOrigin.MatchString(u.Path) && slices.Contains([]string{"localhost", "127.0.0.1"}, u.Hostname()) {
		return
	}
	if err != nil || u.Host != "" && u.Host != r.host {
		r.complaints = append(r.complaints, "a request to another host: "+address)
	}
}

// Expect says that complaints with these words in them are what a test wants.
func (p *Tab) Expect(words ...string) {
	p.Seen.mu.Lock()
	defer p.Seen.mu.Unlock()
	p.Seen.expected = append(p.Seen.expected, words...)
}

// forget empties the record, for a page that is loaded next.
func (r *record) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.open)
	clear(r.loaded)
	clear(r.bytes)
}

// HasLoaded says whether an address with this in it has been loaded.
func (r *record) HasLoaded(part string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, address := range r.loaded {
		if strings.Contains(address, part) {
			return true
		}
	}
	return false
}

// Sizes are how many bytes came over the wire, for the page and for all else, with a
// line for each request but the tab's icon.
func (r *record) Sizes() (page, beside float64, list []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, n := range r.bytes {
		if r.loaded[id] == "" {
			continue
		}
		if id == r.page {
			page = n
		} else {
			beside += n
		}
		list = append(list, fmt.Sprintf("%8.0f %s", n, r.loaded[id]))
	}
	return page, beside, list
}

// idle says whether nothing is being loaded.
func (r *record) idle() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.open) == 0
}

func (r *record) check(t *testing.T) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.complaints {
		if !slices.ContainsFunc(r.expected, func(part string) bool { return strings.Contains(c, part) }) {
			t.Errorf("the page: %s", c)
		}
	}
}
