package check

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"seewire/playground/dissect"
	"seewire/playground/export"
)

// stranger is an origin that no server expects (RFC 2606 §2).
const stranger = "https://stranger.example"

// enoughEvents are as many as show whether events come one by one.
const enoughEvents = 3

// An exchange is one request, and what has come of it.
type exchange struct {
	rec      *recorder
	response *http.Response
	sent     time.Time
	end      error // why the body ended; nil while it goes on
}

// ask sends a request, as an EventSource would. The caller closes the exchange.
func (c *checker) ask(ctx context.Context, method string, header map[string]string) (*exchange, error) {
	x := &exchange{}
	dial := func(secure bool) func(context.Context, string, string) (net.Conn, error) {
		return func(ctx context.Context, _, address string) (net.Conn, error) {
			rec, err := c.dial(ctx, address, secure)
			if err != nil {
				return nil, err
			}
			x.rec = rec
			return rec, nil
		}
	}
	// The transport's own compression and retries would hide what the server does.
	transport := &http.Transport{DialContext: dial(false), DialTLSContext: dial(true), DisableCompression: true, DisableKeepAlives: true}
	client := &http.Client{Transport: transport}
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(c.Body)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.Address.String(), body)
	if err != nil {
		return nil, err
	}
	for name, values := range c.Header {
		request.Header[name] = values
	}
	for name, value := range header {
		request.Header.Set(name, value)
	}
	x.sent = time.Now()
	x.response, err = client.Do(request)
	return x, err
}

func (c *checker) method() string {
	if c.Body != "" {
		return http.MethodPost
	}
	return http.MethodGet
}

// request asks for the event stream, with what an EventSource sends.
func (c *checker) request(ctx context.Context, more ...string) (*exchange, error) {
	header := map[string]string{"Accept": "text/event-stream", "Cache-Control": "no-cache", "Accept-Encoding": "identity", "Origin": stranger}
	if c.Body != "" && c.Header.Get("Content-Type") == "" {
		header["Content-Type"] = "application/json"
	}
	for i := 0; i+1 < len(more); i += 2 {
		header[more[i]] = more[i+1]
	}
	return c.ask(ctx, c.method(), header)
}

// listen reads the body until it ends, or until the exchange's context does.
func (x *exchange) listen() {
	_, x.end = io.Copy(io.Discard, x.response.Body)
	if x.end == nil {
		x.end = io.EOF
	}
}

// document is what was recorded of the exchange, dissected.
func (x *exchange) document(ctx context.Context) export.Document {
	return export.Recorded(ctx, x.rec.recorded())
}

func (c *checker) stream(ctx context.Context) {
	listening, cancel := context.WithTimeout(ctx, c.Listen)
	defer cancel()
	x, err := c.request(listening)
	if err != nil {
		if ctx.Err() == nil {
			c.unreached(err, x.rec)
		}
		return
	}
	defer x.response.Body.Close()
	if !c.head(x) {
		return
	}
	x.listen()
	if ctx.Err() != nil {
		return
	}
	d := x.document(context.WithoutCancel(ctx))
	events := eventsOf(d)
	c.arrival(x, d, events)
	c.format(d)
	c.beat(x, d, events)
	c.numbers(d, events)
	c.ending(ctx, x, d, events)
	c.resume(ctx, events)
	c.compression(ctx)
	if c.method() == http.MethodPost {
		c.preflight(ctx)
	}
	c.http2(ctx)
	c.left(ctx, func(ctx context.Context) (net.Conn, error) {
		x, err := c.request(ctx)
		if err == nil && x.response.StatusCode != http.StatusOK {
			err = http.ErrNotSupported
		}
		return x.rec, err
	})
}

// head judges the response's head, and says whether an EventSource reads on.
func (c *checker) head(x *exchange) bool {
	head := headOf(x.rec.recorded().Server)
	first, _, _ := strings.Cut(head, "\r\n")
	if asked := x.response.Request.URL; *asked != *c.Address {
		c.say("redirected", "", "address", asked.String())
	}
	switch code := x.response.StatusCode; code {
	case http.StatusOK:
		c.say("status.ok", first)
	case http.StatusNoContent:
		c.say("status.done", first)
		return false
	default:
		c.say("status.other", first, "status", code)
		return false
	}
	value := x.response.Header.Get("Content-Type")
	media, parameters, _ := mime.ParseMediaType(value)
	switch {
	case value == "":
		c.say("type.missing", "")
		return false
	case media != "text/event-stream":
		c.say("type.other", line(head, "Content-Type"), "type", dissect.Clip(value, 80))
		return false
	case parameters["charset"] != "" && !strings.EqualFold(parameters["charset"], "utf-8"):
		c.say("charset.other", line(head, "Content-Type"), "charset", parameters["charset"])
	default:
		c.say("type.ok", line(head, "Content-Type"))
	}
	c.one(headerSays(x, "Cache-Control", "no-cache", "no-store"), "cache.ok", "cache.missing", line(head, "Cache-Control"))
	c.one(headerSays(x, "X-Accel-Buffering", "no"), "accel.ok", "accel.missing", line(head, "X-Accel-Buffering"))
	origin := x.response.Header.Get("Access-Control-Allow-Origin")
	credentials := x.response.Header.Get("Access-Control-Allow-Credentials") == "true"
	switch {
	case origin == stranger && credentials:
		c.say("cors.echoed", line(head, "Access-Control-Allow-Origin"))
	case origin == "*" || origin == stranger:
		c.say("cors.any", line(head, "Access-Control-Allow-Origin"))
	default:
		c.say("cors.none", line(head, "Access-Control-Allow-Origin"))
	}
	return true
}

// one says one of two.
func (c *checker) one(is bool, good, other, seen string, args ...any) {
	if !is {
		good = other
	}
	c.say(good, seen, args...)
}

// headerSays looks for a directive in a header (RFC 9110 §5.6.1).
func headerSays(x *exchange, name string, directives ...string) bool {
	for _, said := range dissect.ListNames(strings.Join(x.response.Header.Values(name), ", ")) {
		for _, directive := range directives {
			if strings.EqualFold(said, directive) {
				return true
			}
		}
	}
	return false
}

// An arrival is an event and when its last byte was there.
type arrival struct {
	dissect.Event
	at   time.Time
	line string // its last one with data
}

func eventsOf(d export.Document) (events []arrival) {
	line := ""
	for _, f := range d.Frames {
		if f.SSE == nil {
			continue
		}
		if len(f.SSE.Data) > 0 && f.Length > 0 {
			line = string(d.BytesOf(f))
		}
		if f.SSE.Event != nil {
			events = append(events, arrival{*f.SSE.Event, f.At, line})
		}
	}
	return events
}

// arrivals are the moments at which bytes of the body came, and the head's own.
func arrivals(d export.Document) (head time.Time, body []time.Time) {
	for _, f := range d.Frames {
		if f.From == dissect.Server && f.Protocol == "http1" && f.Kind == "response" {
			head = f.At
		}
		if f.Protocol == "sse" && f.Length > 0 {
			if n := len(body); n == 0 || !body[n-1].Equal(f.At) {
				body = append(body, f.At)
			}
		}
	}
	return head, body
}

// arrival judges when the head and the events have come.
func (c *checker) arrival(x *exchange, d export.Document, events []arrival) {
	head, body := arrivals(d)
	const slow = 300 * time.Millisecond
	if waited := head.Sub(x.sent); waited > slow && len(body) > 0 && body[0].Equal(head) {
		c.say("head.waits", "", "ms", waited.Milliseconds())
	} else {
		c.say("head.first", "", "ms", max(0, waited.Milliseconds()))
	}
	if len(events) == 0 {
		c.say("events.none", "", "seconds", int(c.Listen.Seconds()))
		return
	}
	moments := 1
	for i := 1; i < len(events); i++ {
		if !events[i].at.Equal(events[i-1].at) {
			moments++
		}
	}
	waited := events[0].at.Sub(x.sent)
	switch {
	case len(events) > enoughEvents && 3*moments <= len(events) && waited > slow:
		c.say("flow.burst", "", "count", len(events), "moments", moments, "ms", waited.Milliseconds())
	case len(events) >= enoughEvents:
		c.say("flow.each", "", "count", len(events), "moments", moments)
	}
}

// format judges the lines.
func (c *checker) format(d export.Document) {
	var bad, ignored int
	var badSeen, ignoredSeen, code, reason string
	cut := false
	for _, f := range d.Frames {
		if f.From != dissect.Server {
			continue
		}
		if len(f.Violations) > 0 {
			if bad++; bad == 1 {
				badSeen, code = string(d.BytesOf(f)), f.Violations[0].Code
			}
		}
		if f.Protocol != "sse" {
			continue
		}
		if f.Kind == "end" && len(f.Say) > 0 {
			cut = true
		}
		if f.SSE != nil && f.SSE.Reason != "" && f.Kind != "blank" && f.Kind != "comment" {
			if ignored++; ignored == 1 {
				ignoredSeen, reason = string(d.BytesOf(f)), f.SSE.Reason
			}
		}
	}
	if bad > 0 {
		c.say("format.violation", badSeen, "count", bad, "code", code)
	}
	if ignored > 0 {
		c.say("format.ignored", ignoredSeen, "count", ignored, "reason", reason)
	}
	if cut {
		c.say("format.cut", "")
	}
	if bad == 0 && ignored == 0 && !cut {
		c.say("format.ok", "")
	}
}

// beat judges the silences.
func (c *checker) beat(x *exchange, d export.Document, events []arrival) {
	var longest time.Duration
	comments := 0
	seen := ""
	last := x.sent
	for _, f := range d.Frames {
		if f.From != dissect.Server {
			continue
		}
		longest, last = max(longest, f.At.Sub(last)), f.At
		if f.Protocol == "sse" && f.Kind == "comment" {
			if comments++; comments == 2 {
				seen = string(d.BytesOf(f))
			}
		}
	}
	if errors.Is(x.end, context.DeadlineExceeded) {
		longest = max(longest, time.Since(last))
	}
	switch {
	case comments > 1: // one at the start is no heartbeat
		c.say("beat.seen", seen, "count", comments, "seconds", seconds(longest))
	case longest >= c.Listen/2 && errors.Is(x.end, context.DeadlineExceeded):
		c.say("beat.silent", "", "seconds", seconds(longest))
	default:
		c.say("beat.unknown", "", "seconds", seconds(longest))
	}
}

// seconds is a duration for people.
func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) }

// numbers judges ids and the reconnection time.
func (c *checker) numbers(d export.Document, events []arrival) {
	var ids int
	seen := ""
	for _, e := range events {
		if e.LastEventID != "" {
			ids++
		}
	}
	var retry *int64
	retrySeen := ""
	for _, f := range d.Frames {
		if f.SSE == nil {
			continue
		}
		if f.SSE.ReconnectionTime != nil && retry == nil {
			retry, retrySeen = f.SSE.ReconnectionTime, string(d.BytesOf(f))
		}
		if seen == "" && f.SSE.ID != "" {
			seen = string(d.BytesOf(f))
		}
	}
	if len(events) > 0 {
		c.one(ids > 0, "id.all", "id.none", seen, "count", ids, "events", len(events))
	}
	switch {
	case retry == nil:
		c.say("retry.none", "")
	case *retry > time.Minute.Milliseconds():
		c.say("retry.long", retrySeen, "ms", *retry)
	default:
		c.say("retry.set", retrySeen, "ms", *retry)
	}
}

// ending judges how the stream ended, and asks what an EventSource would then.
func (c *checker) ending(ctx context.Context, x *exchange, d export.Document, events []arrival) {
	switch {
	case errors.Is(x.end, context.DeadlineExceeded):
		c.say("end.open", "", "seconds", int(c.Listen.Seconds()))
		return
	case !errors.Is(x.end, io.EOF):
		c.say("end.broken", "", "error", plainError(x.end), "events", len(events))
		return
	}
	c.say("end.clean", "", "events", len(events))
	asking, cancel := context.WithTimeout(ctx, short)
	defer cancel()
	next, err := c.request(asking, "Last-Event-ID", d.LastEventID)
	if err != nil {
		return
	}
	defer next.response.Body.Close()
	first, _, _ := strings.Cut(headOf(next.rec.recorded().Server), "\r\n")
	c.one(next.response.StatusCode == http.StatusNoContent, "after.done", "after.again", first, "id", d.LastEventID)
}

// resume cuts a stream in the middle, as it were: it asks again with the number
// of an event after which more had come.
func (c *checker) resume(ctx context.Context, events []arrival) {
	some := len(events) > 0
	events = numbered(events)
	k := (len(events) - 1) / 2
	if len(events) < 2 {
		if some {
			c.say("resume.unknown", "")
		}
		return
	}
	id := events[k].LastEventID
	asking, cancel := context.WithTimeout(ctx, short)
	defer cancel()
	x, err := c.request(asking, "Last-Event-ID", id)
	if err != nil {
		c.say("resume.unknown", "", "id", id)
		return
	}
	defer x.response.Body.Close()
	readBlocks(x.response.Body, 3) // a reconnection time, something without an ID, and what is looked for
	came := numbered(eventsOf(x.document(context.WithoutCancel(ctx))))
	if len(came) == 0 {
		c.say("resume.unknown", "", "id", id)
		return
	}
	first := came[0]
	at := -1
	for i, e := range events {
		if e.LastEventID == first.LastEventID && e.Data == first.Data {
			at = i
			break
		}
	}
	switch {
	case at == k+1:
		c.say("resume.ok", first.line, "id", id)
	case at >= 0 && at <= k:
		c.say("resume.again", first.line, "id", id, "count", k-at+1)
	case at > k+1:
		c.say("resume.lost", first.line, "id", id, "count", at-k-1)
	default:
		c.say("resume.new", first.line, "id", id, "got", dissect.Clip(first.LastEventID, 40))
	}
}

// numbered are the events that have an ID of their own: another one keeps the ID that
// came before it.
func numbered(events []arrival) (with []arrival) {
	last := ""
	for _, e := range events {
		if e.LastEventID != last {
			with = append(with, e)
		}
		last = e.LastEventID
	}
	return with
}

// readBlocks reads until so many blank lines have come, or the body ends.
func readBlocks(body io.Reader, n int) (read int) {
	lines := bufio.NewScanner(io.LimitReader(body, maxRecorded))
	lines.Buffer(nil, maxRecorded)
	for read < n && lines.Scan() {
		if len(bytes.TrimSuffix(lines.Bytes(), []byte("\r"))) == 0 {
			read++
		}
	}
	return read
}

// compression offers gzip, and looks whether events still come one by one.
func (c *checker) compression(ctx context.Context) {
	asking, cancel := context.WithTimeout(ctx, short)
	defer cancel()
	x, err := c.request(asking, "Accept-Encoding", "gzip")
	if err != nil {
		// Without gzip there was an answer: it waits for more to compress.
		if ctx.Err() == nil && asking.Err() != nil {
			c.say("compress.holds", "", "coding", "gzip", "seconds", int(short.Seconds()))
		}
		return
	}
	defer x.response.Body.Close()
	seen := line(headOf(x.rec.recorded().Server), "Content-Encoding")
	if x.response.Header.Get("Content-Encoding") != "gzip" {
		c.say("compress.none", seen)
		return
	}
	inflated, err := gzip.NewReader(x.response.Body)
	blocks := 0
	if err == nil {
		blocks = readBlocks(inflated, 1)
	}
	c.one(blocks > 0, "compress.flows", "compress.holds", seen, "coding", "gzip", "seconds", int(short.Seconds()))
}

// preflight asks what a browser asks before it posts JSON from another origin.
func (c *checker) preflight(ctx context.Context) {
	asking, cancel := context.WithTimeout(ctx, short)
	defer cancel()
	x, err := c.ask(asking, http.MethodOptions, map[string]string{"Origin": stranger, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"})
	if err != nil {
		return
	}
	defer x.response.Body.Close()
	head := headOf(x.rec.recorded().Server)
	allowed := x.response.Header.Get("Access-Control-Allow-Origin")
	ok := x.response.StatusCode/100 == 2 && (allowed == "*" || allowed == stranger) && (headerSays(x, "Access-Control-Allow-Headers", "content-type", "*"))
	first, _, _ := strings.Cut(head, "\r\n")
	c.one(ok, "preflight.ok", "preflight.none", first)
}

// http2 asks by TLS whether the server speaks HTTP/2.
func (c *checker) http2(ctx context.Context) {
	if !c.secure() {
		c.say("h2.none", "")
		return
	}
	asking, cancel := context.WithTimeout(ctx, short)
	defer cancel()
	address := c.hostPort(c.Address)
	conn, err := new(net.Dialer).DialContext(asking, "tcp", address)
	if err != nil {
		return
	}
	through, err := c.handshake(asking, conn, address, "h2", "http/1.1")
	if err != nil {
		return
	}
	defer through.Close()
	c.one(through.ConnectionState().NegotiatedProtocol == "h2", "h2.ok", "h2.none", "")
}
