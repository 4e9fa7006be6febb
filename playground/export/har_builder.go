package export

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"seewire/playground/dissect"
	"seewire/playground/wire"
)

// An archiveBuilder puts frames together again to what an archive has: exchanges
// with their bodies, and messages.
type archiveBuilder struct {
	connections map[int]*archiveConnection
	entries     []*exchange // in the order of their requests
	room        int         // for what is still to be inflated, in bytes
}

// archiveInflated bounds what an archive inflates, in bytes.
const archiveInflated = 64 << 20

// An archiveConnection is one connection on its way into an archive.
type archiveConnection struct {
	*wire.Connection
	client, server archiveSide
	exchanges      map[int]*exchange // by their numbers
}

// An archiveSide is one direction of it.
type archiveSide struct {
	segments []wire.Segment
	message  archivePayload // the WebSocket message that is arriving
}

// An exchange is a request, its response and what followed.
type exchange struct {
	entry             *archiveEntry
	request, response archiveBody
}

// An archiveBody is the body of a request or a response, and when it was sent.
type archiveBody struct {
	first, last time.Time
	chunked     bool
	bytes       []byte
}

func newArchiveBuilder(snapshot []wire.Connection) *archiveBuilder {
	b := &archiveBuilder{connections: map[int]*archiveConnection{}, room: archiveInflated}
	for i := range snapshot {
		c := &archiveConnection{Connection: &snapshot[i], exchanges: map[int]*exchange{}}
		for _, s := range c.Segments {
			c.side(dissect.Side(s.From)).segments = append(c.side(dissect.Side(s.From)).segments, s)
		}
		b.connections[c.Number] = c
	}
	return b
}

func (c *archiveConnection) side(from dissect.Side) *archiveSide {
	if from == dissect.Client {
		return &c.client
	}
	return &c.server
}

// bytesOf are those of a frame.
func (c *archiveConnection) bytesOf(f *dissect.Frame) []byte {
	sent := c.Client
	if f.From == dissect.Server {
		sent = c.Server
	}
	return sent[f.Offset:][:f.Length]
}

// began is when the first byte of a frame was there.
func (s *archiveSide) began(f *dissect.Frame) time.Time {
	i := sort.Search(len(s.segments), func(i int) bool { return s.segments[i].Offset > f.Offset })
	return s.segments[max(0, i-1)].At.UTC()
}

func (b *archiveBuilder) add(f *dissect.Frame) {
	c := b.connections[f.Connection]
	if c.Hop != "" {
		return // a browser's panel has what the browser did, and no proxy
	}
	x := c.exchanges[f.Exchange]
	switch f.Protocol {
	case "http1":
		switch f.Kind {
		case "request":
			b.addRequest(c, f)
		case "response":
			c.addResponse(f)
		default:
			c.addBody(f)
		}
	case "http2":
		b.addHTTP2(c, f)
	case "sse":
		if f.Stream == 0 {
			c.addBody(f)
		}
		if x != nil && f.SSE != nil && f.SSE.Event != nil {
			e := f.SSE.Event
			x.entry.Events = append(x.entry.Events, archiveEventMessage{seconds(f.At), e.Type, e.LastEventID, e.Data})
		}
	case "websocket":
		if x != nil {
			x.response.last = f.At
			c.side(f.From).addMessage(x.entry, f, c.bytesOf(f))
		}
	}
}

func seconds(at time.Time) float64 { return float64(at.UnixNano()) / 1e9 }

func (b *archiveBuilder) addRequest(c *archiveConnection, f *dissect.Frame) {
	headers := headersOf(f)
	address := fieldOf(f, "http.request.uri")
	if strings.HasPrefix(address, "/") {
		address = "http://" + get(headers, "Host") + address
	}
	b.exchange(c, f, fieldOf(f, "http.request.method"), address, fieldOf(f, "http.request.version"), headers)
}

// exchange begins one, with its request.
func (b *archiveBuilder) exchange(c *archiveConnection, f *dissect.Frame, method, address, version string, headers []archivePair) {
	e := &archiveEntry{
		Request: archiveRequest{
			Method: method, URL: address, Version: version,
			Cookies: cookies(get(headers, "Cookie")), Headers: headers, Query: query(address),
			HeadersSize: f.Length,
		},
		Response: archiveResponse{
			Cookies: []archivePair{}, Headers: []archivePair{}, HeadersSize: -1, BodySize: -1,
			Content: archiveContent{Type: "x-unknown"},
		},
		ConnectionID: strconv.Itoa(c.Number),
		ResourceType: "fetch",
	}
	if host, port, err := net.SplitHostPort(c.Local); err == nil {
		e.Server, e.Connection = host, port
	}
	if get(headers, "Accept") == "text/event-stream" {
		e.ResourceType = "eventsource"
	}
	x := &exchange{entry: e}
	x.request = archiveBody{first: c.client.began(f), last: f.At, chunked: isChunked(headers)}
	b.entries = append(b.entries, x)
	c.exchanges[f.Exchange] = x
}

func (c *archiveConnection) addResponse(f *dissect.Frame) {
	code, _ := strconv.Atoi(fieldOf(f, "http.response.code"))
	x := c.exchanges[f.Exchange]
	if x == nil || code < 200 && code != http.StatusSwitchingProtocols {
		return // the final response is still to come
	}
	headers := headersOf(f)
	x.respond(c, f, code, fieldOf(f, "http.response.phrase"), fieldOf(f, "http.response.version"), headers)
	if code == http.StatusSwitchingProtocols && strings.EqualFold(get(headers, "Upgrade"), "websocket") {
		x.entry.ResourceType = "websocket"
		x.entry.Request.URL = "ws" + strings.TrimPrefix(x.entry.Request.URL, "http")
	}
}

// respond adds the head of the response.
func (x *exchange) respond(c *archiveConnection, f *dissect.Frame, code int, phrase, version string, headers []archivePair) {
	x.entry.Response = archiveResponse{
		Status: code, StatusText: phrase, Version: version,
		Cookies: setCookies(headers), Headers: headers,
		Content:      archiveContent{Type: get(headers, "Content-Type")},
		RedirectURL:  get(headers, "Location"),
		HeadersSize:  f.Length,
		TransferSize: f.Length,
	}
	x.response = archiveBody{first: c.server.began(f), last: f.At, chunked: isChunked(headers)}
}

// addBody adds the bytes of a frame that are the body's.
func (c *archiveConnection) addBody(f *dissect.Frame) {
	x := c.exchanges[f.Exchange]
	if x == nil {
		return
	}
	body := &x.response
	if f.From == dissect.Client {
		body = &x.request
	}
	if f.Protocol == "sse" && body.chunked {
		return // the chunk around it has these bytes
	}
	p := c.bytesOf(f)
	body.last = f.At
	if f.From == dissect.Server {
		x.entry.Response.TransferSize += len(p)
	}
	switch f.Kind {
	case "chunk":
		p = chunkData(f, p)
	case "last-chunk", "trailer":
		p = nil
	}
	body.bytes = append(body.bytes, p...)
}

// chunkData is what lies between a chunk's size line and its last line end.
func chunkData(f *dissect.Frame, p []byte) []byte {
	start, end := len(p), len(p)
	for _, field := range f.Fields {
		switch field.Name {
		case "http.chunk_size.end":
			start = field.Offset + field.Length
		case "http.chunk_boundary":
			end = field.Offset
		}
	}
	return p[start:end]
}

// finished are the entries, now that there are no more frames.
func (b *archiveBuilder) finished() []*archiveEntry {
	for _, c := range b.connections {
		for _, x := range c.exchanges {
			if x.entry.Response.Status == 0 {
				x.entry.Response.Error = c.whyNot()
			}
		}
	}
	entries := make([]*archiveEntry, 0, len(b.entries))
	for _, x := range b.entries {
		x.finish(b)
		entries = append(entries, x.entry)
	}
	slices.SortStableFunc(entries, func(a, b *archiveEntry) int { return a.Started.Compare(b.Started) })
	return entries
}

// whyNot says what became of a request without a response.
func (c *archiveConnection) whyNot() string {
	for _, end := range c.Ends {
		if end.How != "fin" {
			return "the " + string(end.From) + "'s end of the connection: " + end.How
		}
	}
	return "no response was recorded"
}

// finish fills in what is known only at the end.
func (x *exchange) finish(b *archiveBuilder) {
	e := x.entry
	e.Started = x.request.first
	e.Timings = archiveTimings{Blocked: -1, DNS: -1, Connect: -1, SSL: -1, Send: between(x.request.first, x.request.last)}
	if !x.response.first.IsZero() {
		e.Timings.Wait = between(x.request.last, x.response.first)
		e.Timings.Receive = between(x.response.first, x.response.last)
		e.Response.BodySize = len(x.response.bytes)
		b.content(&e.Response, x.response.bytes)
	}
	e.Time = e.Timings.Send + e.Timings.Wait + e.Timings.Receive
	if e.Request.BodySize = len(x.request.bytes); e.Request.BodySize > 0 {
		e.Request.PostData = &archivePostData{get(e.Request.Headers, "Content-Type"), string(x.request.bytes)}
	}
}

func between(from, to time.Time) float64 { return max(0, float64(to.Sub(from))/1e6) }

// headersOf lists the header lines of a head. A line that goes on in the next
// one is one.
func headersOf(f *dissect.Frame) []archivePair {
	headers := []archivePair{}
	name, folded := "", false
	for _, field := range f.Fields {
		switch field.Name {
		case "http.header.name":
			name = field.Value
			headers = append(headers, archivePair{Name: name})
		case "http.header.fold":
			folded = true
		case "http.header.end":
			folded = false
		case "http.header.colon", "http.head.end":
		default:
			if name == "" {
				break // the start line
			}
			last := &headers[len(headers)-1]
			if folded {
				last.Value += " "
			}
			last.Value += field.Value
		}
	}
	return headers
}

// get joins the values of a header.
func get(headers []archivePair, name string) string {
	var values []string
	for _, h := range headers {
		if strings.EqualFold(h.Name, name) {
			values = append(values, h.Value)
		}
	}
	return strings.Join(values, ", ")
}

func isChunked(headers []archivePair) bool {
	return strings.HasSuffix(strings.ToLower(get(headers, "Transfer-Encoding")), "chunked")
}

// fieldOf is the value of the first field of that name.
func fieldOf(f *dissect.Frame, name string) string {
	for _, field := range f.Fields {
		if field.Name == name {
			return field.Value
		}
	}
	return ""
}

// query lists the parameters of an address in their order.
func query(target string) []archivePair {
	list := []archivePair{}
	_, parameters, _ := strings.Cut(target, "?")
	for parameter := range strings.SplitSeq(parameters, "&") {
		if parameter == "" {
			continue
		}
		name, value, _ := strings.Cut(parameter, "=")
		list = append(list, archivePair{unescape(name), unescape(value)})
	}
	return list
}

func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

func cookies(line string) []archivePair {
	list := []archivePair{}
	parsed, _ := http.ParseCookie(line) // what is none is among the headers
	for _, c := range parsed {
		list = append(list, archivePair{c.Name, c.Value})
	}
	return list
}

func setCookies(headers []archivePair) []archivePair {
	list := []archivePair{}
	for _, h := range headers {
		if !strings.EqualFold(h.Name, "Set-Cookie") {
			continue
		}
		if c, err := http.ParseSetCookie(h.Value); err == nil {
			list = append(list, archivePair{c.Name, c.Value})
		}
	}
	return list
}
