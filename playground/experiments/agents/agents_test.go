package agents

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// What the tool says, with the numbers of a stream's events.
var (
	before = []event{{"1-0", ""}, {"1-1", "progress looking for the train"}, {"1-2", "progress looking for seats"}}
	asks   = event{"1-3", "elicitation/create Window or aisle?"}
	after  = []event{{"1-4", "progress holding the seat"}, {"1-5", "progress paying"}, {"1-6", booked}}
)

func equal(t *testing.T, what string, got []event, want ...event) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %v\nwant %v", what, got, want)
	}
}

func TestConversation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serve(t, "every=100")
		first := c.send("POST", initialize)
		body, _ := io.ReadAll(first.Body)
		if got := first.Header.Get("Content-Type"); got != "application/json" || !strings.Contains(string(body), `"protocolVersion":"2025-11-25"`) {
			t.Errorf("initialize is answered with %s %q", got, body)
		}
		if got := first.Header.Get("Access-Control-Expose-Headers"); got != "Mcp-Session-Id" {
			t.Errorf("a page may read %q", got)
		}
		c.session = first.Header.Get("Mcp-Session-Id")
		if got := c.send("POST", initialized).StatusCode; got != http.StatusAccepted {
			t.Errorf("a notification is answered with %d", got)
		}
		list, _ := io.ReadAll(c.send("POST", `{"jsonrpc":"2.0","id":9,"method":"tools/list"}`).Body)
		if !strings.Contains(string(list), `"id":9`) || !strings.Contains(string(list), "book_seat") {
			t.Errorf("the tools are %s", list)
		}
		unasked := c.events(c.send("GET", ""))
		said := c.events(c.send("POST", call))
		begin := time.Now()
		equal(t, "before the question", []event{said.next(), said.next(), said.next()}, before...)
		equal(t, "the question", []event{said.next()}, asks)
		if took := time.Since(begin); took != 300*time.Millisecond {
			t.Errorf("the question came after %v", took)
		}
		time.Sleep(time.Second) // the user thinks
		if got := c.send("POST", aisle).StatusCode; got != http.StatusAccepted {
			t.Errorf("the answer is answered with %d", got)
		}
		equal(t, "after the answer", said.rest(), after...)
		if got := c.send("DELETE", "").StatusCode; got != http.StatusNoContent {
			t.Errorf("DELETE is answered with %d", got)
		}
		equal(t, "unasked", unasked.rest(), event{"0-0", ""}, event{"0-1", "message Train 7 is five minutes late."})
		if got := c.send("POST", call).StatusCode; got != http.StatusNotFound {
			t.Errorf("a session that has ended is answered with %d", got)
		}
	})
}

// The tool goes on while the connection is lost, and what it says meanwhile can be
// had later, once.
func TestLostAndResumed(t *testing.T) {
	for name, want := range map[string][]event{
		"cut=result&how=reset":   append(slices.Clone(before), asks, after[0]),
		"cut=result&how=close":   append(slices.Clone(before), asks, after[0]),
		"cut=question&how=reset": before,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := serve(t, "every=100&"+name).begin()
				said := c.events(c.send("POST", call))
				var got []event
				for next := said.next(); next != (event{}); next = said.next() {
					got = append(got, next)
					if next == asks {
						c.send("POST", aisle)
					}
				}
				equal(t, "until the cut", got, want...)
				if isClosed := strings.Contains(name, "close"); isClosed != (said.retry == "1000") {
					t.Errorf("retry is %q", said.retry)
				}
				time.Sleep(5 * time.Second)
				last := got[len(got)-1].id
				for range 2 {
					again := c.events(c.send("GET", "", "Last-Event-ID", last))
					if last == "1-2" {
						equal(t, "the question", []event{again.next()}, asks)
						c.send("POST", aisle)
						equal(t, "the rest", again.rest(), after...)
						last = "1-3"
						continue
					}
					equal(t, "the rest", again.rest(), after[strings.Index("45", last[2:])+1:]...)
				}
			})
		})
	}
}

func TestWithoutIDs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serve(t, "every=100&ids=off&cut=question").begin()
		equal(t, "events without IDs", c.events(c.send("POST", call)).rest(), event{said: before[1].said}, event{said: before[2].said})
	})
}

// A second call runs the tool again, and the server counts.
func TestSecondCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serve(t, "every=100").begin()
		for run := range 2 {
			said := c.events(c.send("POST", call))
			for range 4 {
				said.next()
			}
			c.send("POST", strings.Replace(aisle, "question-1", "question-"+string(rune('1'+run)), 1))
			all := said.rest()
			if got, want := all[len(all)-1].said, strings.Replace(booked, "1.", string(rune('1'+run))+".", 1); got != want {
				t.Errorf("run %d ends with %q", run+1, got)
			}
		}
	})
}

func TestDeclined(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serve(t, "every=100").begin()
		said := c.events(c.send("POST", call))
		for range 4 {
			said.next()
		}
		c.send("POST", `{"jsonrpc":"2.0","id":"question-1","result":{"action":"decline"}}`)
		equal(t, "after the answer", said.rest(), event{"1-4", "Nothing was booked: the user does not want to."})

		// A client that can't ask its user is not asked to, and one that names no token
		// gets no progress.
		c.session = ""
		c.session = c.send("POST", strings.Replace(initialize, `"elicitation":{}`, "", 1)).Header.Get("Mcp-Session-Id")
		said = c.events(c.send("POST", strings.Replace(call, `,"_meta":{"progressToken":2}`, "", 1)))
		equal(t, "without a question", said.rest(), event{"1-0", ""}, event{"1-1", strings.Replace(booked, "aisle", "window", 1)})
	})
}

func TestRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serve(t, "every=100")
		if got := c.send("POST", call).StatusCode; got != http.StatusBadRequest {
			t.Errorf("without a session: %d", got)
		}
		c.session = "made-up"
		if got := c.send("GET", "").StatusCode; got != http.StatusNotFound {
			t.Errorf("with a session that is made up: %d", got)
		}
		c.begin()
		for _, test := range []struct{ method, body, header, value string }{
			{"POST", "no JSON", "Content-Type", "text/plain"},
			{"GET", "", "Last-Event-ID", "1-0"}, // of a stream that never was
			{"GET", "", "Last-Event-ID", "0--1"},
			{"GET", "", "Last-Event-ID", "x"},
			{"POST", call, "MCP-Protocol-Version", "2026-07-28"},
		} {
			if got := c.send(test.method, test.body, test.header, test.value); got.StatusCode != http.StatusBadRequest {
				t.Errorf("%v: %s", test, got.Status)
			}
		}
		if got := c.send("PUT", "").StatusCode; got != http.StatusMethodNotAllowed {
			t.Errorf("PUT: %d", got)
		}
		equal(t, "another tool", c.events(c.send("POST", strings.Replace(call, "book_seat", "book_hotel", 1))).rest(),
			event{"1-0", ""}, event{"1-1", "the tool is book_seat, and it needs a train"})
		for range maxCalls {
			c.send("POST", call).Body.Close()
		}
		synctest.Wait() // all have begun
		equal(t, "one call too many", c.events(c.send("POST", call)).rest(), event{"22-0", ""}, event{"22-1", "too many calls in one session"})
	})
}

func TestSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serve(t, "every=100&cut=result")
		conn := c.socket("")
		if got := conn.Subprotocol(); got != "" {
			t.Errorf("the subprotocol is %q", got)
		}
		say(t, conn, initialize)
		session, _ := strings.CutPrefix(hear(t, conn), "session ")
		say(t, conn, initialized)
		say(t, conn, call)
		heard := []string{}
		for next := hear(t, conn); next != "lost"; next = hear(t, conn) {
			heard = append(heard, next)
			if next == asks.said {
				say(t, conn, aisle)
			}
		}
		want := []string{before[1].said, "message Train 7 is five minutes late.", before[2].said, asks.said, after[0].said}
		if !slices.Equal(heard, want) {
			t.Errorf("until the cut:\n got %q\nwant %q", heard, want)
		}
		time.Sleep(5 * time.Second)
		conn = c.socket("&after=6&session=" + session)
		for _, want := range after[1:] {
			if got := hear(t, conn); got != want.said {
				t.Errorf("then comes %q, not %q", got, want.said)
			}
		}
		say(t, conn, "no JSON")
		if got := hear(t, conn); got != errNotJSON.Error() {
			t.Errorf("what is no JSON is answered with %q", got)
		}
		conn.Close(1000, "")
		synctest.Wait()
		if got := hear(t, c.socket("&session="+session)); got != "StatusPolicyViolation" {
			t.Errorf("a session that has ended is answered with %s", got)
		}
		conn = c.socket("")
		say(t, conn, call)
		if got := hear(t, conn); got != "StatusPolicyViolation" {
			t.Errorf("a first message that is not initialize is answered with %s", got)
		}
	})
}

func TestSocketIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn := serve(t, "every=100&cut=question&how=close").socket("")
		say(t, conn, initialize)
		say(t, conn, call)
		for range 3 {
			hear(t, conn)
		}
		if got := hear(t, conn); got != "StatusServiceRestart" {
			t.Errorf("it ends with %s", got)
		}
	})
}

// The cut that the server picks is between progress and result.
func TestSurprise(t *testing.T) {
	cuts := map[string]bool{}
	for _, run := range []string{"a", "b", "c", "d", "e", "f"} {
		synctest.Test(t, func(t *testing.T) {
			c := serve(t, "every=100&moments=surprise&capture="+run)
			c.query = strings.Replace(c.query, "run=one&", "", 1)
			said := c.events(c.begin().send("POST", call))
			for range 4 {
				said.next()
			}
			c.send("POST", aisle)
			all := said.rest()
			cuts[all[len(all)-1].id] = true
		})
	}
	if len(cuts) != 2 || !cuts["1-4"] || !cuts["1-5"] {
		t.Errorf("it is cut after %v", cuts)
	}
}

// A session ends by itself, and gives its place back.
func TestAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := newSessions(t.Context())
		r, _ := http.NewRequest("POST", "/", nil)
		s, err := all.begin(r, message{})
		if err != nil || all.places.Taken() != 1 {
			t.Fatalf("%v, %d places taken", err, all.places.Taken())
		}
		if _, err := all.find(s.id); err != nil {
			t.Error(err)
		}
		time.Sleep(maxAge)
		synctest.Wait()
		if _, err := all.find(s.id); err != errUnknown || all.places.Taken() != 0 {
			t.Errorf("%v, %d places taken", err, all.places.Taken())
		}
	})
}

// What is kept has an end.
func TestOutboxIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutbox(1)
		for range maxKept + 10 {
			o.put(notification("ping", nil), 0)
		}
		if _, ok := o.next(t.Context(), maxKept); ok || len(o.kept) != maxKept {
			t.Errorf("it keeps %d", len(o.kept))
		}
	})
}
