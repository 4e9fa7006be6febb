package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"testing"

	"seewire/cmd/seewire/internal/sitetest"
)

// A capture has both parts of the way through a proxy, and what a browser
// dispatches only once.
func TestBothPartsOfTheWayAreRecorded(t *testing.T) {
	s := sitetest.Start(t)
	resp, err := http.Get(s.Base + "/play/proxy/sse?fault=buffer&every=20&total=3&capture=both-parts")
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()

	c := sitetest.GetCapture(t, s, "both-parts")
	var hops []string
	for _, conn := range c.Connections {
		hops = append(hops, conn.Hop)
	}
	if want := []string{"", "backend"}; !slices.Equal(hops, want) {
		t.Fatalf("the parts of the way are %q, want %q", hops, want)
	}
	if len(c.Events) != 3 || c.LastEventID != "3" {
		t.Errorf("a browser would dispatch %+v", c.Events)
	}

	// The same request in front of the proxy and behind it, and what the proxy
	// has done to it and to the answer.
	requests := c.Requests("sse")
	if len(requests) != 2 || requests[0].Value("http.x_forwarded_for") != "" || requests[1].Value("http.x_forwarded_for") != "127.0.0.1" {
		t.Fatalf("the requests are %+v", requests)
	}
	chunks := map[int]int{}
	for _, f := range c.Frames {
		if f.Kind == "chunk" {
			chunks[f.Connection]++
		}
	}
	if chunks[1] != 1 || chunks[2] != 4 {
		t.Errorf("%d chunks in front of the proxy and %d behind it, want 1 and 4: retry and three events", chunks[1], chunks[2])
	}
	sitetest.CheckTiling(t, c)

	// The page to print tells them apart.
	resp, err = http.Get(s.Base + "/en/captures/both-parts")
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil || !bytes.Contains(page, []byte("backend · connection 2 from 127.0.0.1")) {
		t.Errorf("the page does not say which part of the way connection 2 is (%v)", err)
	}

	// A browser's panel knows of one request.
	resp, err = http.Get(s.Base + "/captures/both-parts.har")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var har struct {
		Log struct {
			Entries []struct{ Response struct{ Status int } }
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&har); err != nil {
		t.Fatal(err)
	}
	if e := har.Log.Entries; len(e) != 1 || e[0].Response.Status != http.StatusOK {
		t.Errorf("the archive has %+v", e)
	}
}
