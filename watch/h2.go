package watch

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"seewire/playground/http2frame"
	"seewire/playground/wire"
)

// A multiplex is a connection of a client that speaks HTTP/2, and the one to the target
// that belongs to it: what comes on one goes to the other frame by frame, under the
// same numbers of streams. What a side may send is between the two ends, as are
// settings, pings and GOAWAY. Header blocks are written anew, because those of requests
// name the target, and so that each can be read without those before it; both sides
// are told to send them so.
type multiplex struct {
	watch          *Watch
	scheme         string // that the client speaks
	client, target net.Conn
	front, back    *wire.Streams
	down, up       *way // to the client, and to the target
	done           chan struct{}
	asked          half // what the client sends
	answered       half // what the target sends
	replies        *blockWriter

	mu      sync.Mutex
	streams map[uint32]*stream
	isOver  map[uint32]bool // the streams that were ended here: what is on its way for them goes nowhere
	over    []uint32        // the same, the newest last
	newest  uint32          // of the client's streams
	alone   *refusal        // why the target does not answer
	window  int64           // of the client, for the connection: what may still be sent
	initial int64           // of the client, for each stream
	debt    int64           // bytes that were sent here, which the client will credit to the target
	closed  bool
	left    bool // the client has stopped first
	gone    bool // it was told to go

	unacknowledged int // settings of the client that the target has got
}

// A half is how far one side has been read. It is of the goroutine that reads it.
type half struct {
	reader *unitReader
	writer *blockWriter // to the other side
	set    bool         // settings were there
	stream *stream      // of the frame that is coming
	hidden bool         // that one goes nowhere
}

// A refusal is why requests are answered here: the key of a notice with the error, and
// the sentence for the client.
type refusal struct{ key, error, text string }

// mostOver is how many streams that were ended here are remembered.
const mostOver = 1000

// Errors of streams and connections (RFC 9113 §7).
const (
	noError          = 0x0
	internalError    = 0x2
	cancel           = 0x8
	compressionError = 0x9
	enhanceYourCalm  = 0xb
)

func newMultiplex(w *Watch, client net.Conn, scheme string) *multiplex {
	m := &multiplex{
		watch: w, scheme: scheme, client: client, down: newWay(true), up: newWay(false), done: make(chan struct{}),
		front:   wire.NewStreams(client.RemoteAddr(), client.LocalAddr(), "", w.options.Secrets),
		streams: map[uint32]*stream{}, isOver: map[uint32]bool{},
		window: 65535, initial: 65535, // RFC 9113 §6.9.2
	}
	m.replies = newBlockWriter()
	m.asked = half{reader: newUnitReader(), writer: newBlockWriter()}
	m.asked.reader.preface = len(http2frame.Preface)
	m.asked.reader.whole = func(http2frame.Head) bool { return false }
	m.answered = half{reader: newUnitReader(), writer: newBlockWriter()}
	m.answered.reader.whole = m.wantsWhole
	m.front.Plain(wire.Server)
	return m
}

// run passes on what comes until both ends have stopped. Start is what the client has
// sent already; target is what was dialed for it, or err says why nothing was.
func (m *multiplex) run(start []arrived, target net.Conn, err error) {
	var open sync.WaitGroup
	if err == nil {
		m.target = target
		m.back = wire.NewStreams(target.LocalAddr(), target.RemoteAddr(), Hop, m.watch.options.Secrets)
		m.back.Plain(wire.Client)
		open.Go(func() { m.deliver(m.up, target, m.back, wire.Client) })
		open.Go(m.readTarget)
	} else {
		key, text := explain(err)
		m.refuse(key, text)
	}
	open.Go(func() { m.deliver(m.down, m.client, m.front, wire.Server) })
	m.readClient(start)
	open.Wait()
	m.close()
	m.endAll("client", time.Now())
}

func (m *multiplex) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return
	}
	m.closed = true
	close(m.done)
	m.client.Close()
	if m.target != nil {
		m.target.Close()
	}
	m.down.shut()
	m.up.shut()
}

// endAll ends what is open.
func (m *multiplex) endAll(how string, at time.Time) {
	m.mu.Lock()
	var open []*stream
	for _, s := range m.streams {
		open = append(open, s)
	}
	m.mu.Unlock()
	for _, s := range open {
		s.exchange.end(how, at)
		m.remove(s)
	}
}

func (m *multiplex) readClient(start []arrived) {
	for _, a := range start {
		if !m.takeAll(&m.asked, a.at, a.bytes, m.fromClient, m.clientBroken) {
			return
		}
	}
	buffer := make([]byte, 32<<10)
	for {
		n, err := m.client.Read(buffer)
		at := time.Now()
		if !m.takeAll(&m.asked, at, buffer[:n], m.fromClient, m.clientBroken) {
			return
		}
		if err != nil {
			m.clientStops(err, at)
			return
		}
	}
}

func (m *multiplex) readTarget() {
	buffer := make([]byte, 32<<10)
	for {
		n, err := m.target.Read(buffer)
		at := time.Now()
		if !m.takeAll(&m.answered, at, buffer[:n], m.fromTarget, m.targetBroken) {
			return
		}
		if err != nil {
			m.targetStops(err, at)
			return
		}
	}
}

// takeAll divides bytes into units. It returns false where the side can't be read.
func (m *multiplex) takeAll(h *half, at time.Time, p []byte, take func(time.Time, unit), broken func(time.Time, []byte, error)) bool {
	for len(p) > 0 {
		u, n, err := h.reader.next(p)
		if err != nil {
			broken(at, p, err)
			return false
		}
		if p = p[n:]; len(u.bytes) > 0 {
			take(at, u)
		}
	}
	return true
}

// route finds the stream of a unit, and whether the unit goes nowhere. What begins a
// frame decides for all of the frame.
func (m *multiplex) route(h *half, u unit) (s *stream, hidden bool) {
	if u.start {
		m.mu.Lock()
		h.stream = m.streams[u.head.Stream]
		h.hidden = m.isOver[u.head.Stream] || m.alone != nil
		m.mu.Unlock()
		h.hidden = h.hidden || h.stream != nil && h.stream.silent.Load() && u.head.Type != http2frame.RSTStream
	}
	return h.stream, h.hidden
}

// fromClient takes a unit of the client.
func (m *multiplex) fromClient(at time.Time, u unit) {
	if u.block != nil && u.block.plain {
		m.front.Plain(wire.Client)
	}
	if u.block != nil && m.opens(u) {
		m.request(at, u)
		return
	}
	m.front.Add(wire.Client, at, u.bytes)
	s, hidden := m.route(&m.asked, u)
	if u.head.Type == http2frame.Settings && !u.head.Has(http2frame.Ack) && m.clientSets(u.bytes) {
		return
	}
	if hidden {
		m.hide(u, m.down, 0)
		m.serve(u)
		return
	}
	out := &send{unit: u, stream: s, at: at}
	switch h := u.head; {
	case u.block != nil: // trailers
		out.unit = whole(m.asked.writer.frames(h, u.block, u.block.fields))
	case h.Type == http2frame.Settings && !h.Has(http2frame.Ack):
		out.bytes = withoutTable(u.bytes, !m.asked.set)
		m.asked.set = true
	case h.Type == http2frame.WindowUpdate && h.Stream == 0:
		if out.bytes = m.credited(u.bytes); out.bytes == nil {
			return
		}
	case s != nil && h.Type == http2frame.Data:
		s.exchange.takeSent(u.content, at)
	}
	m.up.put(out)
	switch {
	case s == nil:
	case u.head.Type == http2frame.RSTStream:
		s.exchange.end("client", at)
		m.down.flush(s)
		m.remove(s)
	case u.endsSide():
		m.ended(s, wire.Client)
	}
}

// opens says whether a header block of the client opens a stream.
func (m *multiplex) opens(u unit) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.streams[u.head.Stream] == nil && !m.isOver[u.head.Stream]
}

// request takes the header block of a request.
func (m *multiplex) request(at time.Time, u unit) {
	b := u.block
	s := m.begin(u.head.Stream, at, b, b.value(":authority"))
	m.mu.Lock()
	m.newest = max(m.newest, s.id)
	s.clientEnded = b.endsSide
	alone := m.alone
	m.mu.Unlock()
	m.front.Add(wire.Client, at, u.bytes)
	if alone != nil {
		m.answerAlone(s, alone)
		return
	}
	if code := s.exchange.settings.Load().Answer; code != 0 {
		s.exchange.change(func(r *row) { r.fault(fmt.Sprint(code)) })
		text := ""
		if code == 503 {
			text = toldText
		}
		m.answer(s, code, text, "told")
		return
	}
	if s.exchange.row != nil {
		m.back.Begin(s.id, s.exchange.row.capture)
	}
	m.up.put(&send{unit: whole(m.asked.writer.frames(u.head, b, m.rewritten(s, b))), stream: s, at: at})
}

// hide has bytes of a frame that goes nowhere credited to their sender, so that its
// other streams can go on.
func (m *multiplex) hide(u unit, back *way, stream uint32) {
	if u.head.Type != http2frame.Data || !u.end || u.head.Length == 0 {
		return
	}
	back.putNow(&send{unit: whole(credit(0, u.head.Length))})
	if stream != 0 {
		back.putNow(&send{unit: whole(credit(stream, u.head.Length))})
	}
}

// clientSets notes what the client allows. It says whether that was acknowledged here.
func (m *multiplex) clientSets(settings []byte) (acknowledged bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for p := settings[http2frame.HeadLength:]; len(p) >= 6; p = p[6:] {
		if binary.BigEndian.Uint16(p) == settingWindow {
			m.initial = int64(binary.BigEndian.Uint32(p[2:]))
		}
	}
	if m.alone == nil {
		m.unacknowledged++
		return false
	}
	m.down.putNow(&send{unit: whole(makeFrame(http2frame.Settings, http2frame.Ack, 0))})
	return true
}

// credited is a window update of the client for the connection, as the target gets it:
// without what was sent here. It is nil where nothing is left.
func (m *multiplex) credited(update []byte) []byte {
	if len(update) != http2frame.HeadLength+4 {
		return update
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	n := int64(http2frame.Number31(update[http2frame.HeadLength:]))
	m.window += n
	ours := min(m.debt, n)
	if ours == 0 {
		return update
	}
	m.debt -= ours
	if n -= ours; n == 0 {
		return nil
	}
	return credit(0, int(n))
}

// fromTarget takes a unit of the target.
func (m *multiplex) fromTarget(at time.Time, u unit) {
	if u.block != nil && u.block.plain {
		m.back.Plain(wire.Server)
	}
	if u.block != nil && u.block.promised != 0 {
		m.promise(at, u)
		return
	}
	m.back.Add(wire.Server, at, u.bytes)
	s, hidden := m.route(&m.answered, u)
	out := &send{unit: u, stream: s, at: at, last: u.endsSide() || u.head.Type == http2frame.RSTStream}
	switch h := u.head; {
	case u.block != nil:
		out.unit = whole(m.answered.writer.frames(h, u.block, u.block.fields))
		out.answers = s != nil && s.takeHead(u.block, at)
	case h.Type == http2frame.Settings && !h.Has(http2frame.Ack):
		out.bytes = withoutTable(u.bytes, !m.answered.set)
		m.answered.set = true
	case s != nil && h.Type == http2frame.Data && len(u.content) > 0:
		s.exchange.takeContent(u.content, at)
	}
	switch {
	case hidden && s != nil: // silent
		m.hide(u, m.up, s.id)
	case hidden:
		m.hide(u, m.up, 0)
	default:
		m.down.put(out)
	}
	switch {
	case s == nil:
	case u.head.Type == http2frame.RSTStream:
		s.exchange.end("reset", at)
		m.remove(s)
	case u.endsSide():
		s.exchange.end("complete", at)
		m.ended(s, wire.Server)
	}
}

// promise takes a PUSH_PROMISE: the request of a stream that the target opens.
func (m *multiplex) promise(at time.Time, u unit) {
	m.mu.Lock()
	parent, alone := m.streams[u.head.Stream], m.alone != nil
	m.mu.Unlock()
	if alone {
		return
	}
	b := u.block
	authority := b.value(":authority")
	if parent != nil && authority == m.watch.options.Target.Host {
		authority = parent.authority
	}
	s := m.begin(b.promised, at, b, authority)
	if s.exchange.row != nil {
		m.back.Begin(s.id, s.exchange.row.capture)
	}
	m.back.Add(wire.Server, at, u.bytes)
	fields := b.with(func(name, value string) string {
		switch name {
		case ":authority":
			return authority
		case ":scheme":
			return m.scheme
		}
		return value
	})
	m.mu.Lock()
	s.clientEnded = true
	m.mu.Unlock()
	m.down.put(&send{unit: whole(m.answered.writer.frames(u.head, b, fields)), stream: parent, at: at})
}

// rewritten is a request as the target gets it: what names this program names the
// target in its place.
func (m *multiplex) rewritten(s *stream, b *block) []field {
	t := m.watch.options.Target
	return b.with(func(name, value string) string {
		switch {
		case name == ":authority", name == "host":
			return t.Host
		case name == ":scheme":
			return t.Scheme
		case name == ":path":
			return targetPath(value, t)
		case name == "origin" && strings.EqualFold(value, m.scheme+"://"+s.authority):
			return t.Scheme + "://" + t.Host
		}
		return value
	})
}

// clientStops passes on that the client has stopped.
func (m *multiplex) clientStops(err error, at time.Time) {
	how := howEnded(err)
	if how != "" {
		m.front.End(wire.Client, at, how)
	}
	m.mu.Lock()
	m.left = true
	alone := m.alone != nil || m.target == nil
	m.mu.Unlock()
	switch {
	case how == "fin" && alone:
		m.down.putNow(&send{close: "fin"})
	case how == "fin":
		m.up.put(&send{close: "fin"})
	default:
		m.abort(at)
	}
}

// abort resets the connection to the target, and closes the one to the client.
func (m *multiplex) abort(at time.Time) {
	if m.target != nil {
		m.back.End(wire.Client, at, "reset")
		reset(m.target)
	}
	m.close()
}

// clientBroken is called where what the client sends can't be read.
func (m *multiplex) clientBroken(at time.Time, p []byte, err error) {
	m.front.Add(wire.Client, at, p)
	s := &stream{of: m}
	s.exchange = m.watch.beginOther(s, at)
	s.exchange.change(func(r *row) { r.say("noclient", at) })
	code := uint32(compressionError)
	if err == errTooLarge {
		code = enhanceYourCalm
	}
	m.endAll("client", at)
	m.goAway(code, "watch: "+err.Error()+".")
	m.down.putNow(&send{close: "fin"})
	if m.target != nil {
		reset(m.target)
	}
	io.Copy(io.Discard, m.client) // closing at once would throw away what was not read yet
	s.exchange.end("client", at)
}

// targetStops passes on that the target has stopped.
func (m *multiplex) targetStops(err error, at time.Time) {
	how := howEnded(err)
	if how != "" {
		m.back.End(wire.Server, at, how)
	} else {
		how = "reset"
	}
	m.mu.Lock()
	left, alone := m.left, m.alone != nil
	m.mu.Unlock()
	if alone {
		return
	}
	if !m.answered.reader.begun && !left {
		m.notHTTP2(m.answered.reader.frame)
		return
	}
	ended := how
	switch {
	case left:
		ended = "client"
	case how == "fin":
		ended = "cut" // it was not complete
	}
	m.endAll(ended, at)
	m.down.put(&send{close: how})
}

// targetBroken is called where what the target sends can't be read.
func (m *multiplex) targetBroken(at time.Time, p []byte, err error) {
	if err == errNotHTTP2 {
		m.notHTTP2(append(m.answered.reader.frame, p...))
		return
	}
	m.mu.Lock()
	for _, s := range m.streams {
		defer s.exchange.change(func(r *row) { r.say("badh2", at, "error", err.Error()) })
	}
	m.mu.Unlock()
	m.endAll("cut", at)
	m.goAway(internalError, "watch: of your server "+err.Error()+".")
	m.down.put(&send{close: "fin"})
	reset(m.target)
}
