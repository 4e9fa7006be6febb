package export_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"seewire/playground/dissect"
	"seewire/playground/export"
	"seewire/playground/wire"
)

// What Follow sends piece by piece is, put together, what is there in the end,
// and each piece comes when its bytes do.
func TestFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		capture, client := serve(t, limits, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			for i := range 5 {
				fmt.Fprintf(w, "id: %d\ndata: x\n\n", i)
				w.(http.Flusher).Flush()
				time.Sleep(time.Second)
			}
		})
		follow := start(t, capture)
		synctest.Wait()
		if len(follow.documents) != 1 || len(follow.documents[0].Connections) != 0 || follow.documents[0].ID != "capture-a" {
			t.Fatalf("before the run: %+v", follow.documents)
		}

		started := time.Now()
		whole(t, client)
		time.Sleep(time.Second)
		synctest.Wait()

		if n := len(follow.documents); n < 7 || n > 12 {
			t.Errorf("%d documents for five events", n)
		}
		events := 0
		for i, d := range follow.documents {
			for _, e := range d.Events {
				if late := follow.at[i].Sub(started) - time.Duration(events)*time.Second; late < 0 || late > 100*time.Millisecond {
					t.Errorf("event %s came %v after its bytes", e.LastEventID, late)
				}
				events++
			}
		}
		sameAs(t, follow.documents, export.Capture(capture))
		if err := follow.stop(); !errors.Is(err, context.Canceled) {
			t.Errorf("Follow: %v", err)
		}
	})
}

// A stream that is faster than any eye is sent in few documents, and whole.
func TestFollowCoalesces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		capture, client := serve(t, limits, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			for range 2000 {
				fmt.Fprint(w, "data: x\n\n")
				w.(http.Flusher).Flush()
				time.Sleep(time.Millisecond)
			}
		})
		follow := start(t, capture)
		whole(t, client)
		time.Sleep(time.Second)
		synctest.Wait()

		if n := len(follow.documents); n > 20*2+5 {
			t.Errorf("%d documents in two seconds", n)
		}
		sameAs(t, follow.documents, export.Capture(capture))
		follow.stop()
	})
}

// whole makes a request, and reads the response to its end.
func whole(t *testing.T, client *http.Client) {
	t.Helper()
	response, err := client.Get("http://seewire/")
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, response.Body)
	response.Body.Close()
	client.CloseIdleConnections()
}

// large is a capture of a megabyte, over a connection that has ended.
func large(t *testing.T) *wire.Capture {
	t.Helper()
	capture, client := serve(t, limits, func(w http.ResponseWriter, r *http.Request) {
		for range 100 {
			w.Write([]byte(strings.Repeat("x", 10_000)))
		}
	})
	whole(t, client)
	synctest.Wait()
	return capture
}

// A large capture that is there already comes in pieces of bounded size.
func TestFollowInPieces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		capture := large(t)

		started := time.Now()
		follow := start(t, capture)
		synctest.Wait()
		if waited := time.Since(started); waited != 0 {
			t.Errorf("what was there came only after %v", waited)
		}
		for _, d := range follow.documents {
			if n := len(d.Connections[0].Server); n > 100_000 {
				t.Errorf("%d bytes in one document", n)
			}
		}
		sameAs(t, follow.documents, export.Capture(capture))
		follow.stop()
	})
}

// Frames can be far more than their bytes let one think. No document has more
// of them than a browser can take in at once, though they come in one segment.
func TestFollowManyFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		capture, client := serve(t, limits, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			w.Write([]byte(strings.Repeat("data:\n\n", 3000)))
		})
		follow := start(t, capture)
		whole(t, client)
		time.Sleep(time.Second)
		synctest.Wait()

		events := 0
		for _, d := range follow.documents {
			if n := len(d.Frames); n > 500 {
				t.Errorf("%d frames in one document", n)
			}
			events += len(d.Events)
		}
		if events != 3000 {
			t.Errorf("%d events", events)
		}
		sameAs(t, follow.documents, export.Capture(capture))
		follow.stop()
	})
}

// Who has followed a capture from its start gets all of it, however full it is. Who
// comes later gets what is kept: how the connection began, and the newest, which is
// described to its end, with what is missing in between.
func TestFollowFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		small := limits
		small.CaptureBytes = 200_000
		capture, client := serve(t, small, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			for n := range 5000 {
				fmt.Fprintf(w, "id: %d\ndata: %s\n\n", n, strings.Repeat("x", 100))
				w.(http.Flusher).Flush()
				if n%100 == 0 {
					time.Sleep(time.Second)
				}
			}
		})
		early := start(t, capture)
		response, err := client.Get("http://seewire/")
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
		client.CloseIdleConnections()
		time.Sleep(time.Second)
		synctest.Wait()
		late := start(t, capture)
		synctest.Wait()

		events := 0
		for _, d := range early.documents {
			for _, c := range d.Connections {
				if len(c.Gaps) > 0 {
					t.Errorf("who was there all the time gets a gap: %v", c.Gaps)
				}
			}
			events += len(d.Events)
		}
		if last := early.documents[len(early.documents)-1]; events != 5000 || last.LastEventID != "4999" {
			t.Errorf("who was there all the time gets %d events, the last has the ID %q", events, last.LastEventID)
		}

		whole := export.Capture(capture)
		sameAs(t, late.documents, whole)
		check(t, whole)
		c := whole.Connections[0]
		if len(c.Gaps) != 1 || c.Gaps[0].Length < 400_000 || c.Dropped != 0 || whole.LastEventID != "4999" {
			t.Fatalf("the gaps are %v, dropped %d, the last ID is %q", c.Gaps, c.Dropped, whole.LastEventID)
		}
		gaps := 0
		for _, f := range whole.Frames {
			switch {
			case f.Kind == "gap":
				gaps++
				if f.Offset != c.Gaps[0].Offset || f.Length != 0 || f.Say[0].Count != c.Gaps[0].Length {
					t.Errorf("the gap %v is shown at %d, %v", c.Gaps[0], f.Offset, f.Say)
				}
			case f.Protocol == "data":
				t.Errorf("%d bytes at %d are not described: %v", f.Length, f.Offset, f.Say)
			}
		}
		if gaps != 1 {
			t.Errorf("%d gaps are shown", gaps)
		}
		if first := whole.Events[0]; first.LastEventID != "0" {
			t.Errorf("the first event that is kept has the ID %q", first.LastEventID)
		}

		// Other programs find the same again.
		var file bytes.Buffer
		if err := export.WriteJSON(&file, capture); err != nil {
			t.Fatal(err)
		}
		read, err := export.Import(t.Context(), file.Bytes(), export.Source{Protocol: export.Guess})
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(read.Events, whole.Events) || len(read.Frames) != len(whole.Frames) {
			t.Errorf("%d frames and %d events are read from the JSON of %d and %d", len(read.Frames), len(read.Events), len(whole.Frames), len(whole.Events))
		}
		file.Reset()
		if err := export.WritePCAPNG(&file, capture); err != nil {
			t.Fatal(err)
		}
		if read, err = export.Import(t.Context(), file.Bytes(), export.Source{Protocol: export.Guess}); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(read.Events, whole.Events) || !reflect.DeepEqual(read.Connections[0].Gaps, c.Gaps) {
			t.Errorf("%d events and the gaps %v are read from the pcapng of %d and %v", len(read.Events), read.Connections[0].Gaps, len(whole.Events), c.Gaps)
		}
		early.stop()
		late.stop()
	})
}

func TestFollowEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := limits
		one.Captures = 1
		store := wire.NewStore(one)
		defer store.Close()
		c, err := store.Claim("capture-a", netip.Prefix{})
		if err != nil {
			t.Fatal(err)
		}

		gone := errors.New("the client has left")
		if err := follow(t.Context(), c, func(export.Document) error { return gone }); err != gone {
			t.Errorf("send failed, Follow returned %v", err)
		}

		closing := errors.New("closing")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(closing) })
		if err := follow(ctx, c, func(export.Document) error { return nil }); err != closing {
			t.Errorf("the context ended, Follow returned %v", err)
		}

		time.AfterFunc(time.Second, func() { store.Claim("capture-b", netip.Prefix{}) })
		if err := follow(t.Context(), c, func(export.Document) error { return nil }); !errors.Is(err, wire.ErrExpired) {
			t.Errorf("the capture expired, Follow returned %v", err)
		}
		if err := follow(t.Context(), c, func(export.Document) error { return nil }); !errors.Is(err, wire.ErrExpired) {
			t.Errorf("the capture had expired, Follow returned %v", err)
		}
	})
}

// A follower notes what Follow sends.
type follower struct {
	documents []export.Document
	at        []time.Time
	stop      func() error
}

func start(t *testing.T, c *wire.Capture) *follower {
	t.Helper()
	f := new(follower)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		done <- follow(ctx, c, func(d export.Document) error {
			f.documents = append(f.documents, d)
			f.at = append(f.at, time.Now())
			return nil
		})
	}()
	f.stop = func() error { cancel(); return <-done }
	return f
}

// sameAs fails unless the documents add up to the whole. The connections must
// have ended, so that there is nothing unfinished.
func sameAs(t *testing.T, documents []export.Document, want export.Document) {
	t.Helper()
	got := export.Document{ID: want.ID, Connections: []export.Connection{}, Frames: []dissect.Frame{}, Events: []dissect.Event{}}
	for _, d := range documents {
		for _, c := range d.Connections {
			i := c.Number - 1
			if i == len(got.Connections) {
				got.Connections = append(got.Connections, c)
				continue
			}
			sum := &got.Connections[i]
			if len(c.Segments) == 0 && len(c.Ends) == 0 && c.Dropped == sum.Dropped {
				t.Errorf("connection %d is there with nothing new", c.Number)
			}
			sum.Client = append(sum.Client, c.Client...)
			sum.Server = append(sum.Server, c.Server...)
			sum.Segments = append(sum.Segments, c.Segments...)
			sum.Ends = append(sum.Ends, c.Ends...)
			sum.Gaps = append(sum.Gaps, c.Gaps...)
			sum.Dropped = c.Dropped
		}
		got.Frames = append(got.Frames, d.Frames...)
		got.Events = append(got.Events, d.Events...)
		got.Log = append(got.Log, d.Log...)
		got.LastEventID, got.ReconnectionTime = d.LastEventID, d.ReconnectionTime
	}
	a, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if string(a) != string(b) {
		t.Errorf("sent: %s\nwant: %s", a, b)
	}
}

// follow follows a capture that nobody else does.
func follow(ctx context.Context, c *wire.Capture, send func(export.Document) error) error {
	return export.NewDissections(1<<20, nil).Follow(ctx, c, func(document []byte) error {
		var d export.Document
		if err := json.Unmarshal(document, &d); err != nil {
			return err
		}
		return send(d)
	})
}

// A mark comes with what was recorded before it, or right after it, and once.
func TestFollowMarks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		capture := large(t)

		set := capture.Mark()
		follow := start(t, capture)
		synctest.Wait()
		for i, d := range follow.documents {
			if last := i == len(follow.documents)-1; (d.Mark == set) != last {
				t.Errorf("document %d of %d has the mark %d", i+1, len(follow.documents), d.Mark)
			}
		}

		// Nothing is new, but the mark is.
		before := len(follow.documents)
		set = capture.Mark()
		time.Sleep(time.Second)
		synctest.Wait()
		if n := len(follow.documents); n != before+1 || follow.documents[before].Mark != set {
			t.Errorf("%d documents came for the mark %d", n-before, set)
		}
		follow.stop()

		for range 2000 {
			set = capture.Mark()
		}
		if set != 1000 {
			t.Errorf("there were %d marks: each is a document that is kept", set)
		}
	})
}
