package handon_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"seewire/playground"
)

// Each request of a run arrives at another server, and all of them get what one server
// would answer.
func TestRunsOfManyServers(t *testing.T) {
	all := sites(t, playground.Limits{})
	for name, test := range map[string]func(t *testing.T, at func() *site, q func(pairs ...string) string){
		"reconnect": reconnects,
		"asleep":    sleeps,
		"choose":    follows,
		"echo":      echoes,
		"agents":    books,
		"responses": responds,
		"broken":    answers,
		"many":      crowds,
		"oneway":    talks,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := 0
			at := func() *site { n++; return all[n%len(all)] }
			test(t, at, func(pairs ...string) string {
				return query(append([]string{"capture", "capture-of-" + name}, pairs...)...)
			})
		})
	}
}

// ends says how a stream or a socket has ended.
func ends(err error) string {
	var closed websocket.CloseError
	switch {
	case errors.As(err, &closed):
		return strings.TrimSpace(strconv.Itoa(int(closed.Code)) + " " + closed.Reason)
	case err == io.EOF:
		return "end"
	case errors.Is(err, syscall.ECONNRESET):
		return "reset"
	}
	return err.Error()
}

// messages reads a socket to its end.
func messages(t *testing.T, conn *websocket.Conn) (all []string, how string) {
	for {
		_, data, err := conn.Read(t.Context())
		if err != nil {
			return all, ends(err)
		}
		all = append(all, string(data))
	}
}

func reconnects(t *testing.T, at func() *site, q func(...string) string) {
	for how, gets := range map[string][]string{"reset": {"reset"}, "end": {"end"}, "500": {"end", "500"}, "redirect": {"end", "307"}} {
		path := "/play/reconnect/sse" + q("run", "sse-"+how, "cut", "2", "how", how, "total", "4", "every", "50")
		got, err := read(t, at().ask(t, "GET", path, "")).rest()
		if fmt.Sprint(got) != "[1 2]" || ends(err) != gets[0] {
			t.Errorf("%s: %v, %v", how, got, err)
		}
		if len(gets) > 1 {
			client := *client
			client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			resp, err := client.Get("http://" + at().at + path)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if got := strconv.Itoa(resp.StatusCode); got != gets[1] || len(resp.Header.Values("Access-Control-Allow-Origin")) != 1 {
				t.Errorf("%s: then came %s with %v", how, got, resp.Header)
			}
		}
		got, err = read(t, at().ask(t, "GET", path, "", "Last-Event-ID", "2")).rest()
		if fmt.Sprint(got) != "[3 4]" || ends(err) != "end" {
			t.Errorf("%s: in the end %v, %v", how, got, err)
		}
		if got := at().ask(t, "GET", path, "", "Last-Event-ID", "4").StatusCode; got != http.StatusNoContent {
			t.Errorf("%s: after the end %d", how, got)
		}

		path = "/play/reconnect/ws" + q("run", "ws-"+how, "cut", "2", "how", how, "total", "4", "every", "50")
		got, end := messages(t, at().socket(t, path))
		if want := map[string]string{"reset": "reset", "end": "1001"}[gets[0]]; fmt.Sprint(got) != "[1 2]" || end != want {
			t.Errorf("%s: %v, %s", how, got, end)
		}
		if len(gets) > 1 {
			_, resp, err := websocket.Dial(t.Context(), "ws://"+at().at+path, nil)
			if how != "redirect" && (err == nil || strconv.Itoa(resp.StatusCode) != gets[1]) {
				t.Errorf("%s: then came %v, %v", how, resp, err)
			}
		}
		if got, end := messages(t, at().socket(t, path+"&from=2")); fmt.Sprint(got) != "[3 4]" || end != "1000 that was all" {
			t.Errorf("%s: in the end %v, %s", how, got, end)
		}
	}
}

func sleeps(t *testing.T, at func() *site, q func(...string) string) {
	for _, side := range []string{"sse", "ws"} {
		path := "/play/asleep/" + side + q("away", "hidden", "every", "100", "total", "6")
		begun := time.Now()
		if side == "sse" {
			read(t, at().ask(t, "GET", path, "")).next()
			got, err := read(t, at().ask(t, "GET", path, "", "Last-Event-ID", "5")).rest()
			if fmt.Sprint(got) != "[6]" || ends(err) != "end" {
				t.Errorf("%v, %v", got, err)
			}
		} else {
			at().socket(t, path).Read(t.Context())
			if got, end := messages(t, at().socket(t, path+"&from=5")); fmt.Sprint(got) != "[6]" || end != "1000 that was all" {
				t.Errorf("%v, %s", got, end)
			}
		}
		// A server that knows nothing of the first request would have it come at once.
		if took := time.Since(begun); took < 500*time.Millisecond {
			t.Errorf("%s: the sixth number came after %v", side, took)
		}
	}
}

func follows(t *testing.T, at func() *site, q func(...string) string) {
	line := func(n int) string { return fmt.Sprintf(`{"line":%d,"of":5,"text":"package %[1]d: ok"}`, n) }
	path := q("reset", "2", "silence", "0", "lines", "5", "every", "100")
	got, err := read(t, at().ask(t, "GET", "/play/choose/sse"+path, "")).rest()
	if !slices.Equal(got, []string{line(1), line(2)}) || ends(err) != "reset" {
		t.Errorf("%q, %v", got, err)
	}
	got, err = read(t, at().ask(t, "GET", "/play/choose/sse"+path, "", "Last-Event-ID", "2")).rest()
	if !slices.Equal(got, []string{line(3), line(4), line(5), ""}) || ends(err) != "end" {
		t.Errorf("then %q, %v", got, err)
	}
	// The build has gone on for the other side, too.
	got, end := messages(t, at().socket(t, "/play/choose/ws"+path+"&from=4"))
	if !slices.Equal(got, []string{line(5)}) || end != "1000 that was all" {
		t.Errorf("the socket: %q, %s", got, end)
	}
}

func echoes(t *testing.T, at func() *site, q func(...string) string) {
	stream := at().ask(t, "GET", "/play/echo/sse"+q("deflate", "on"), "") // the client asks for gzip, and undoes it
	events := read(t, stream)
	events.lines.Scan() // the comment that says that it is open
	for _, text := range []string{"one", "two", strings.Repeat("x", 60_000), "four"} {
		if status := at().ask(t, "POST", "/play/echo/send"+q(), text).StatusCode; status != http.StatusNoContent {
			t.Errorf("a message of %d bytes got %d", len(text), status)
		}
		if got, err := events.next(); got != text {
			t.Errorf("%.20q came back, %v", got, err)
		}
	}
	for text, want := range map[string]int{strings.Repeat("x", 69_000): http.StatusRequestEntityTooLarge, strings.Repeat("x", 200_000): http.StatusRequestEntityTooLarge, "\xff": http.StatusBadRequest} {
		for range 3 {
			if status := at().ask(t, "POST", "/play/echo/send"+q(), text).StatusCode; status != want {
				t.Errorf("%d bytes got %d", len(text), status)
			}
		}
	}
	conn, resp, err := websocket.Dial(t.Context(), "ws://"+at().at+"/play/echo/ws"+q("fragments", "3"), &websocket.DialOptions{Subprotocols: []string{"echo.v1"}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	if got := resp.Header.Get("Sec-WebSocket-Protocol"); got != "echo.v1" {
		t.Errorf("the subprotocol is %q", got)
	}
	conn.SetReadLimit(-1)
	conn.Write(t.Context(), websocket.MessageBinary, make([]byte, 60_000))
	if kind, data, err := conn.Read(t.Context()); kind != websocket.MessageBinary || len(data) != 60_000 {
		t.Errorf("%v: %d bytes, %v", kind, len(data), err)
	}
	conn.Write(t.Context(), websocket.MessageText, []byte("\xff"))
	if _, _, err := conn.Read(t.Context()); ends(err) != "1007 text has to be UTF-8" {
		t.Errorf("the socket ends with %v", err)
	}
}

const (
	initialize  = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"elicitation":{}}}}`
	initialized = `{"jsonrpc":"2.0","method":"notifications/initialized"}`
	call        = `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"book_seat","arguments":{"train":7},"_meta":{"progressToken":2}}}`
	aisle       = `{"jsonrpc":"2.0","id":"question-1","result":{"action":"accept","content":{"seat":"aisle"}}}`
	booked      = "a seat by the aisle is booked. Bookings: 1."
)

// A response that one server has begun is started again, and cancelled, at any of them:
// its ID says whose it is, whatever run the request names.
func responds(t *testing.T, at func() *site, q func(...string) string) {
	path := "/v1/responses" + q("every", "50", "cut", "result", "how", "close")
	type event struct {
		Type     string
		Number   int `json:"sequence_number"`
		Response struct{ ID string }
	}
	events := func(r *http.Response) (all []event) {
		lines := bufio.NewScanner(r.Body)
		for lines.Scan() {
			data, ok := strings.CutPrefix(lines.Text(), "data: ")
			if !ok {
				continue
			}
			var e event
			if err := json.Unmarshal([]byte(data), &e); err != nil {
				t.Fatal(err)
			}
			all = append(all, e)
		}
		return all
	}
	for range 3 {
		called := at()
		first := events(called.ask(t, "POST", path, `{"input":"hello","background":true,"stream":true}`))
		if len(first) != 9 {
			t.Fatalf("it got %v", first)
		}
		called.logged(t, "capture-of-responses /play/agents/sse the model has started")
		id := first[0].Response.ID
		for range 3 {
			rest := events(at().ask(t, "GET", "/v1/responses/"+id+"?stream=true&starting_after=8", ""))
			if len(rest) == 0 || rest[0].Number != 9 || rest[len(rest)-1].Type != "response.completed" {
				t.Errorf("the rest is %v", rest)
			}
		}
		if status := at().ask(t, "POST", "/v1/responses/"+id+"/cancel", "").StatusCode; status != http.StatusOK {
			t.Errorf("cancel: %d", status)
		}
	}
	conn := at().socket(t, "/v1/responses"+q("every", "50", "cut", "result", "how", "close"))
	if err := conn.Write(t.Context(), websocket.MessageText, []byte(`{"type":"response.create","input":"hello"}`)); err != nil {
		t.Fatal(err)
	}
	if got, end := messages(t, conn); len(got) != 9 || end != "1012 come back later" {
		t.Errorf("over a WebSocket: %q, %s", got, end)
	}
}

func books(t *testing.T, at func() *site, q func(...string) string) {
	for _, named := range []bool{true, false} { // an SDK says no run
		path := "/play/agents/sse"
		options := []string{"every", "100", "cut", "question", "how", "reset"}
		if named {
			path += q(options...)
		} else {
			path += query(options...)
		}
		id := at().ask(t, "POST", path, initialize).Header.Get("Mcp-Session-Id")
		if id == "" {
			t.Fatal("there is no session")
		}
		send := func(method, body string, headers ...string) *http.Response {
			return at().ask(t, method, path, body, append(headers, "Mcp-Session-Id", id)...)
		}
		if status := send("POST", initialized).StatusCode; status != http.StatusAccepted {
			t.Errorf("status %d", status)
		}
		called := at()
		lost, err := read(t, called.ask(t, "POST", path, call, "Mcp-Session-Id", id)).rest()
		if ends(err) != "reset" || len(lost) != 3 { // with the empty one, for its number
			t.Errorf("%q, %v", lost, err)
		}
		if named {
			called.logged(t, "capture-of-agents /play/agents/sse book_seat has started, run 1")
		}
		rest := read(t, send("GET", "", "Last-Event-ID", "1-2"))
		if question, err := rest.next(); !strings.Contains(question, "Window or aisle?") {
			t.Errorf("%q, %v", question, err)
		}
		if status := send("POST", aisle).StatusCode; status != http.StatusAccepted {
			t.Errorf("status %d", status)
		}
		all, err := rest.rest()
		if len(all) != 3 || !strings.Contains(all[2], booked) || ends(err) != "end" {
			t.Errorf("%q, %v", all, err)
		}
		if named { // it belongs to the request that was reset, where that arrived
			called.logged(t, "capture-of-agents /play/agents/sse book_seat has booked a seat, run 1")
		}
		if status := send("DELETE", "").StatusCode; status != http.StatusNoContent {
			t.Errorf("status %d", status)
		}
		if status := send("GET", "").StatusCode; status != http.StatusNotFound {
			t.Errorf("after the end: status %d", status)
		}
	}

	path := "/play/agents/ws" + q("every", "50", "cut", "question", "how", "close")
	conn := at().socket(t, path)
	for _, text := range []string{initialize, call} {
		conn.Write(t.Context(), websocket.MessageText, []byte(text))
	}
	got, end := messages(t, conn)
	if len(got) != 3 || end != "1012 come back later" {
		t.Fatalf("%q, %s", got, end)
	}
	var welcome struct {
		Result struct {
			Meta struct{ Session string } `json:"_meta"`
		}
	}
	json.Unmarshal([]byte(got[0]), &welcome)
	conn = at().socket(t, path+"&after=3&session="+welcome.Result.Meta.Session)
	if _, question, err := conn.Read(t.Context()); !strings.Contains(string(question), "Window or aisle?") {
		t.Fatalf("%s, %v", question, err)
	}
	conn.Write(t.Context(), websocket.MessageText, []byte(aisle))
	for got := ""; !strings.Contains(got, booked); {
		_, data, err := conn.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got = string(data)
	}
	conn.Close(websocket.StatusNormalClosure, "")
}

func answers(t *testing.T, at func() *site, q func(...string) string) {
	ask := func(fault, attempt, after string) ([]string, string) {
		got, err := read(t, at().ask(t, "POST", "/play/broken/sse"+q("fault", fault, "after", "3", "every", "20", "attempt", attempt), `{"prompt":"why"}`,
			"Idempotency-Key", "the-key", "Last-Event-ID", after)).rest()
		return got, ends(err)
	}
	lost, end := ask("cut", "1", "")
	if len(lost) != 3 || end != "reset" {
		t.Errorf("%q, %s", lost, end)
	}
	rest, end := ask("cut", "2", "3")
	whole, _ := ask("cut", "3", "")
	if end != "end" || len(whole) != 26 || !slices.Equal(append(lost, rest...), whole) {
		t.Errorf("an answer is\n%q\nand then\n%q\nend to end", append(lost, rest...), whole)
	}
	conn := at().socket(t, "/play/broken/ws"+q("attempt", "4", "every", "20"))
	conn.Write(t.Context(), websocket.MessageText, []byte(`{"prompt":"why","key":"the-key"}`))
	if got, end := messages(t, conn); !slices.Equal(got, whole) || end != "1000" {
		t.Errorf("the socket: %q, %s", got, end)
	}

	for fault, want := range map[string]string{"end": "end", "html": "end"} {
		for range 3 {
			if got, err := read(t, at().ask(t, "GET", "/play/broken/sse"+q("fault", fault, "after", "2", "every", "20"), "")).rest(); len(got) != 2 || ends(err) != want {
				t.Errorf("%s: %q, %v", fault, got, err)
			}
		}
	}
	for range 3 {
		if resp := at().ask(t, "GET", "/play/broken/sse"+q("fault", "429"), ""); resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") == "" {
			t.Errorf("%s, %v", resp.Status, resp.Header)
		}
		// Bytes that are no frame pass, too.
		conn := at().socket(t, "/play/broken/ws"+q("fault", "html", "after", "1", "every", "20"))
		conn.Write(t.Context(), websocket.MessageText, []byte(`{"prompt":"why"}`))
		if got, end := messages(t, conn); len(got) != 1 || strings.HasPrefix(end, "10") || end == "reset" {
			t.Errorf("%q, %s", got, end)
		}
	}
}

func crowds(t *testing.T, at func() *site, q func(...string) string) {
	path := q("crowd", "own", "clients", "3")
	var streams []*reader
	for range 3 {
		streams = append(streams, read(t, at().ask(t, "GET", "/play/many/sse"+path, "")))
	}
	at().socket(t, "/play/many/ws"+path).CloseNow() // the other side has a crowd of its own
	seen := map[string]int{}
	for _, stream := range streams {
		for {
			data, err := stream.next()
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(data, `"connected":3`) {
				seen[data]++
			}
			var sample struct{ Connected, At int }
			if json.Unmarshal([]byte(data), &sample); sample.Connected == 3 && len(seen) > 1 {
				break
			}
		}
	}
	most := 0
	for _, n := range seen {
		most = max(most, n)
	}
	if most != 3 {
		t.Errorf("no message of three clients came to all: %v", seen)
	}
}

// What is said in a room goes over the bus by itself.
func talks(t *testing.T, at func() *site, q func(...string) string) {
	events := read(t, at().ask(t, "GET", "/play/oneway/sse"+q(), ""))
	events.lines.Scan()
	got := make(chan string)
	go func() {
		data, _ := events.next()
		got <- data
	}()
	for {
		if status := at().ask(t, "POST", "/play/oneway/send"+q(), "hello").StatusCode; status != http.StatusNoContent {
			t.Errorf("status %d", status)
		}
		select {
		case data := <-got:
			if data != "hello" {
				t.Errorf("%q came", data)
			}
			return
		case <-time.After(100 * time.Millisecond): // the room's subscription is on its way to NATS
		}
	}
}

// An open experiment streams until its run ends, and says why.
func open(ended chan<- error) playground.Experiment {
	return playground.Experiment{
		ID:     "open",
		Shared: playground.RunName,
		SSE: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			w.Header().Set("Trailer", "X-End")
			w.Header().Add("X-Peer", r.RemoteAddr+" "+r.Host+" "+r.Header.Get("Seewire-Handed-On"))
			if r.URL.Query().Has("early") {
				w.WriteHeader(http.StatusEarlyHints)
			}
			fmt.Fprint(w, "data: open\n\n")
			http.NewResponseController(w).Flush()
			switch r.URL.Query().Get("how") {
			case "abort":
				panic(http.ErrAbortHandler)
			case "cut":
				playground.Cut(w)
				return
			case "full":
				for out := http.NewResponseController(w); ; {
					out.SetWriteDeadline(time.Now().Add(time.Second))
					if _, err := w.Write(make([]byte, 32<<10)); err != nil {
						ended <- err
						return
					}
				}
			case "":
				<-r.Context().Done()
				ended <- context.Cause(r.Context())
			}
			w.Header().Set("X-End", "well")
		},
		WS: func(w http.ResponseWriter, r *http.Request) {
			conn, err := websocket.Accept(w, r, nil)
			if err != nil {
				return
			}
			defer conn.CloseNow()
			run := playground.Run(r)
			defer context.AfterFunc(run, func() { conn.Close(websocket.StatusGoingAway, context.Cause(run).Error()) })()
			conn.Write(context.Background(), websocket.MessageText, []byte("open")) // the end of the run in the middle of it would break the connection
			_, _, err = conn.Read(context.Background())
			if run.Err() != nil {
				err = context.Cause(run)
			}
			ended <- err
		},
	}
}

// The end of a run is what it is where the owner has the client's connection itself.
func TestEnds(t *testing.T) {
	closing := func(s *site) func(func()) { return func(func()) { s.close() } }
	for _, c := range []struct {
		name  string
		limit time.Duration
		end   func(arrival, owner *site) func(leave func())
		sse   string
		ws    string
		ended string // what the owner is told
	}{
		{"the time is up", time.Second, func(_, _ *site) func(func()) { return func(func()) {} }, "end", "1001 the run's time is up", "the run's time is up"},
		{"the server closes at which it arrived", 0, func(arrival, _ *site) func(func()) { return closing(arrival) }, "end", "1001 the server is closing", "the server is closing"},
		{"the owner closes", 0, func(_, owner *site) func(func()) { return closing(owner) }, "end", "1001 the server is closing", "the server is closing"},
		{"the owner is gone", 0, func(_, owner *site) func(func()) { return func(func()) { owner.bus.Close() } }, "unexpected EOF", "failed to get reader: failed to read frame header: EOF", ""},
		{"the client leaves", 0, func(_, _ *site) func(func()) { return func(leave func()) { leave() } }, "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ended := make(chan error, 2)
			all := sites(t, playground.Limits{Duration: c.limit}, open(ended))
			arrival, owner := all[0], all[1]
			path := query("run", runOf(owner, "open"))
			resp := arrival.ask(t, "GET", "/play/open/sse"+path, "")
			events := read(t, resp)
			if data, err := events.next(); data != "open" {
				t.Fatal(data, err)
			}
			conn := arrival.socket(t, "/play/open/ws"+path)
			if _, data, err := conn.Read(t.Context()); string(data) != "open" {
				t.Fatal(data, err)
			}
			if n := owner.handled.Load(); n != 2 || arrival.handon.Away() != 2 || owner.handon.Away() != 0 || arrival.runner.Open() != 2 || owner.runner.Open() != 0 {
				t.Errorf("%d requests were handed on, %d are away, %d and %d count", n, arrival.handon.Away(), arrival.runner.Open(), owner.runner.Open())
			}
			c.end(arrival, owner)(func() {
				resp.Body.Close()
				conn.CloseNow()
			})
			if c.sse != "" {
				if rest, err := events.rest(); len(rest) != 0 || ends(err) != c.sse || (resp.Trailer.Get("X-End") == "well") != (c.sse == "end") {
					t.Errorf("the stream ends with %q, %v, %v", rest, err, resp.Trailer)
				}
				if _, _, err := conn.Read(t.Context()); ends(err) != c.ws {
					t.Errorf("the socket ends with %v", err)
				}
			}
			for range 2 {
				if err := <-ended; c.ended != "" && err.Error() != c.ended {
					t.Errorf("the owner was told %v", err)
				}
			}
			for arrival.handon.Away() != 0 || arrival.runner.Open() != 0 {
				time.Sleep(time.Millisecond)
			}
		})
	}
}

// What breaks off breaks off for the client, and nobody is taken for another one.
func TestAnswersOfTheOwner(t *testing.T) {
	ended := make(chan error, 100)
	all := sites(t, playground.Limits{}, open(ended))
	arrival, owner := all[0], all[1]
	run := runOf(owner, "open")
	for how, want := range map[string]string{"abort": "unexpected EOF", "cut": "reset", "return": "end"} {
		events := read(t, arrival.ask(t, "GET", "/play/open/sse"+query("run", run, "how", how, "early", ""), "", "Seewire-Handed-On", `{"peer":"192.0.2.1:1"}`))
		if got, err := events.rest(); fmt.Sprint(got) != "[open]" || ends(err) != want {
			t.Errorf("%s: %q, %v", how, got, err)
		}
	}
	resp := arrival.ask(t, "GET", "/play/open/sse"+query("run", run, "how", "return", "early", ""), "", "Seewire-Handed-On", `{"peer":"192.0.2.1:1"}`)
	if peer := resp.Header.Get("X-Peer"); !strings.HasPrefix(peer, "127.0.0.1:") || !strings.HasSuffix(peer, " "+arrival.at) {
		t.Errorf("the owner took the client for %q", peer)
	}
	if got := resp.Header.Values("Access-Control-Allow-Origin"); !slices.Equal(got, []string{"*"}) {
		t.Errorf("of whom may read it it says %q", got)
	}

	// HTTP/2 has a stream reset where the owner cuts, and goes on.
	second := &http.Transport{Protocols: new(http.Protocols)}
	second.Protocols.SetUnencryptedHTTP2(true)
	defer second.CloseIdleConnections()
	for how, want := range map[string]string{"cut": "INTERNAL_ERROR", "return": "end", "abort": "INTERNAL_ERROR"} {
		resp, err := (&http.Client{Transport: second}).Get("http://" + arrival.at + "/play/open/sse" + query("run", run, "how", how))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := read(t, resp).rest(); fmt.Sprint(got) != "[open]" || !strings.Contains(ends(err), want) || resp.ProtoMajor != 2 {
			t.Errorf("%s: %q, %v over %s", how, got, err, resp.Proto)
		}
		resp.Body.Close()
	}

	// A client that reads nothing keeps the owner no longer than its patience.
	read(t, arrival.ask(t, "GET", "/play/open/sse"+query("run", run, "how", "full"), ""))
	if err := <-ended; err == nil {
		t.Error("it was written without end")
	}

	before := owner.handled.Load()
	if got := arrival.ask(t, "GET", "/play/open/sse"+query("run", run, "how", "%"), ""); got.StatusCode != http.StatusOK {
		t.Error(got.Status)
	}
	for _, name := range []string{"/play/open/sse?how=return", "/play/open/sse?how=return&run=" + runOf(arrival, "open"), "/play/measure/sse?each=0&run=" + run} {
		arrival.ask(t, "GET", name, "").Body.Close()
	}
	if n := owner.handled.Load() - before; n != 1 {
		t.Errorf("of others %d were handed on", n-1)
	}

	// Where servers don't agree about the owner, the first one that is handed it answers.
	before = owner.handled.Load() + all[2].handled.Load()
	arrival.elects, owner.elects = owner.bus.ID(), all[2].bus.ID()
	arrival.ask(t, "GET", "/play/open/sse"+query("run", "any", "how", "return"), "").Body.Close()
	if n := owner.handled.Load() + all[2].handled.Load() - before; n != 1 {
		t.Errorf("a request was handed on %d times", n)
	}

	owner.bus.Close() // it is gone
	events := read(t, arrival.ask(t, "GET", "/play/open/sse"+query("run", run, "how", "return"), ""))
	if got, err := events.rest(); fmt.Sprint(got) != "[open]" || ends(err) != "end" {
		t.Errorf("without the owner: %q, %v", got, err)
	}
}

// A server alone pays nothing.
func TestServerAlone(t *testing.T) {
	e := open(nil)
	s := start(t, "", playground.Limits{}, e)
	r, err := http.NewRequest("GET", "/play/open/sse?run=some-run", nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() {
		if s.runner.Elsewhere(e, nil, r) {
			t.Error("it was answered elsewhere")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// A class is cut where its requests have arrived, as it is where they are answered.
func TestCrowdIsCut(t *testing.T) {
	ended := make(chan error, 6)
	all := sites(t, playground.Limits{}, open(ended))
	arrival, owner := all[0], all[1]
	of := make(crowd, 2)
	arrival.runner.Crowd = of
	path := query("capture", runOf(owner, "open"))
	for how, want := range map[string][2]string{
		"restart": {"end", "1001 the server restarts"},
		"end":     {"end", "1001 the server ends the connection"},
		"reset":   {"reset", "reset"},
	} {
		events := read(t, arrival.ask(t, "GET", "/play/open/sse"+path, ""))
		events.next()
		conn := arrival.socket(t, "/play/open/ws"+path)
		conn.Read(t.Context())
		for range 2 {
			cut := <-of
			cut(how)
		}
		if _, err := events.rest(); ends(err) != want[0] {
			t.Errorf("%s: the stream ends with %v", how, err)
		}
		if _, _, err := conn.Read(t.Context()); ends(err) != want[1] {
			t.Errorf("%s: the socket ends with %v", how, err)
		}
		<-ended
		<-ended
	}
	if n := owner.handled.Load(); n != 6 {
		t.Errorf("%d requests were handed on", n)
	}
}

// A crowd has all requests, and hands out what cuts them.
type crowd chan func(how string)

func (c crowd) Enter(_, _ string, cut func(how string)) (leave func(), refused bool) {
	c <- cut
	return func() {}, false
}
