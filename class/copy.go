package class

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"io"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// A class goes on at one server, its owner, for as long as that server is there: where
// it was opened. Servers that come change nothing, since a class that moves has a
// moment in which nothing is done. Once a second at most the owner sends the others all
// that it knows of the class. In between they keep what pages say, which the owner
// hears from the same bus; each server numbers what it says, and says it again until
// the owner has taken it.
//
// When the owner is gone, the server that rendezvous hashing (Bus.Owner) names among
// those that are left goes on with its copy and with what was said since: nothing that
// has reached the bus is lost, and each thing is counted once. A hand of the teacher is
// done anew only if its owner had not begun with it. Where that server has no copy, the
// next one does it a second later.
//
// A server that is cut off from the bus goes on alone with its own copy, for the pages
// that it has, and says so. Back again it hands over what happened there: for each
// person what they did where they were, and of the class the votes, names and results;
// what the class is asked and shown is as it is on the side that stayed together. Two
// servers with the same class compare their claims: the higher term wins, which counts
// the owners; then the one that was not cut off; then the smaller ID.

const (
	copyTime  = time.Second // between two copies
	copyShare = 20          // a copy that takes long is made again after so many times as long
	partSize  = 512 << 10   // of a copy, in bytes
	maxLog    = 8 << 20     // bytes that are kept of what pages say
	sayAgain  = 500 * time.Millisecond
)

// copying is what a class needs for other servers; but for saying, under its mu.
type copying struct {
	owner     string // the server at which it goes on; "" while that is not settled
	alone     bool   // the owner was cut off when it went on
	connected time.Time
	ownerless time.Time // since when the owner is gone
	heard     time.Time // when the owner spoke of it last
	attended  time.Time // when this server looked after it last
	doubted   time.Time // when this process had stood still: another server may have gone on
	loaded    bool      // from the data folder, and not gone on yet
	copied    bool      // something is new, and a timer is set
	took      time.Duration
	wasCutOff bool   // as pages were told
	rest      []byte // what happened here, to be handed over
	handing   bool

	applied map[string]int64 // how much of what each server says is done
	log     []entry          // what was said since the copy
	logSize int
	done    map[heardOf]bool // hands that the owner has begun to do

	local      map[string]openPage // pages of this server
	localLines map[string]openLine

	saying  sync.Mutex
	seq     int64
	lastSeq int64 // what it was at the owner's last beat
}

// A heardOf is one thing that a server has said.
type heardOf struct {
	Server string
	Seq    int64
}

// doing says that the owner begins to do what a hand of the teacher asks for.
type doing struct {
	Code string
	heardOf
}

// An entry is something said that the copy does not have.
type entry struct {
	envelope envelope
	data     []byte
	at       time.Time
}

// here says whether the class goes on at this server.
func (c *Class) here() bool { return c.owner == c.classes.id() }

// since is when it was opened.
func (c *Class) since() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.r.Since
}

// say tells the class something, wherever it goes on.
func (c *Class) say(e envelope) {
	c.saying.Lock()
	defer c.saying.Unlock()
	c.seq++
	e.Server, e.Seq = c.classes.id(), c.seq
	c.classes.tell(c.subject("in"), e)
}

// receive takes what comes in.
func (c *Class) receive(data []byte) {
	var e envelope
	if json.Unmarshal(data, &e) != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.stopped {
		c.receiveAt(e, data, time.Now())
	}
}

func (c *Class) receiveAt(e envelope, data []byte, at time.Time) {
	if e.Skip != 0 {
		c.applied[e.Server] = max(c.applied[e.Server], e.Skip)
		return
	}
	if c.here() && !c.inDoubt(time.Now()) {
		// Of another server nothing may be missing: it says it again. What this one
		// says to itself comes in any case.
		if e.Seq == c.applied[e.Server]+1 || e.Server == c.classes.id() && e.Seq > c.applied[e.Server] {
			c.applied[e.Server] = e.Seq
			c.takes(e, at)
		}
		return
	}
	if e.Seq <= c.applied[e.Server] || slices.ContainsFunc(c.log, func(one entry) bool { return one.envelope.Server == e.Server && one.envelope.Seq == e.Seq }) {
		return
	}
	c.log = append(c.log, entry{e, data, at})
	for c.logSize += len(data); c.logSize > maxLog; c.log = c.log[1:] {
		c.logSize -= len(c.log[0].data)
	}
	c.early(e)
}

// inDoubt says whether another server may have gone on with the class while this
// process stood still. Until it would have said so, nothing is done a second time.
func (c *Class) inDoubt(now time.Time) bool {
	return !c.attended.IsZero() && now.Sub(c.attended) > settleTime || now.Sub(c.doubted) < beatTime
}

// early has a copy know of who has joined, and of the runs of a capture, before the
// next one says so: the first run may come at once.
func (c *Class) early(e envelope) {
	if e.Joined != nil {
		c.joined(e.Joined)
	}
	var s said
	if e.Role == "member" && bytes.HasPrefix(e.Text, []byte(`{"capture"`)) && json.Unmarshal(e.Text, &s) == nil && s.Capture != nil {
		if m := c.member(e.Member); m != nil {
			c.claim(m, s.Capture.ID)
		}
	}
}

// tellDoing tells the other servers that a hand is not to be done anew.
func (c *Class) tellDoing(e envelope) {
	if !c.quiet {
		c.classes.publish(news{Doing: &doing{c.code, heardOf{e.Server, e.Seq}}})
	}
}

// A beat is what the owner says of a class every second.
type beat struct {
	Code    string
	Since   int64
	Term    int
	Alone   bool             `json:",omitempty"`
	Loaded  bool             `json:",omitempty"` // it will be the owner, unless somebody objects
	Version int64            // of the copy
	Applied map[string]int64 `json:",omitempty"`
	Pages   map[string]int   `json:",omitempty"` // by server
}

// beat returns what the owner has to say; ok is false for others.
func (c *Class) beat() (b beat, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped || !c.here() && !c.loaded {
		return beat{}, false
	}
	b = beat{Code: c.code, Since: c.r.Since, Term: c.r.Term, Alone: c.alone, Loaded: c.loaded, Version: c.r.Version, Applied: maps.Clone(c.applied), Pages: map[string]int{}}
	for _, p := range c.open {
		b.Pages[p.Server]++
	}
	return b, true
}

// beats says whether the claim of a server is better than that of another one.
func (b beat) beats(from string, other beat, otherFrom string) bool {
	switch {
	case b.Loaded != other.Loaded: // what goes on is newer than what was kept
		return other.Loaded
	case b.Term != other.Term:
		return b.Term > other.Term
	case b.Loaded && b.Version != other.Version:
		return b.Version > other.Version
	case b.Alone != other.Alone:
		return other.Alone
	}
	return from < otherFrom
}

// hearsBeat takes what another server says of a class.
func (cs *Classes) hearsBeat(from string, b beat) {
	cs.mu.Lock()
	c, ended := cs.open[b.Code], cs.ended[b.Code]
	cs.mu.Unlock()
	if c == nil {
		if ended >= b.Since {
			cs.publish(news{Gone: &gone{b.Code, ended}})
		} else if !b.Loaded {
			cs.publish(news{Want: b.Code})
		}
		return
	}
	mine, own := c.beat()
	c.mu.Lock()
	defer c.mu.Unlock()
	switch better := b.beats(from, mine, cs.id()); {
	case c.stopped:
	case own && better:
		c.yield(from, b)
	case own:
		go cs.publish(news{Beats: []beat{mine}})
	case b.Loaded:
		// The owner of this copy objects, or this server when it is the owner.
	case from == c.owner:
		c.r.Term, c.alone, c.heard = b.Term, b.Alone, time.Now()
		if b.Version != c.r.Version {
			cs.publish(news{Want: b.Code})
		}
		c.sayLate(b)
	case !slices.Contains(cs.bus.Servers(), c.owner) || b.beats(from, beat{Term: c.r.Term, Alone: c.alone}, c.owner):
		c.follow(from, b)
	}
}

// sayLate says again what the owner has not taken, and which pages there are where it
// counts others.
func (c *Class) sayLate(b beat) {
	late := time.Now().Add(-sayAgain)
	me := c.classes.id()
	next := b.Applied[me] + 1
	c.saying.Lock()
	last := c.seq
	c.saying.Unlock()
	oldest := last + 1
	for _, one := range c.log {
		if one.envelope.Server == me && one.envelope.Seq >= next {
			oldest = min(oldest, one.envelope.Seq)
		}
	}
	if oldest > next && last == c.lastSeq { // what was between is lost: a copy that the owner did not get had it
		c.classes.tell(c.subject("in"), envelope{Server: me, Skip: oldest - 1})
	}
	c.lastSeq = last
	for _, one := range c.log {
		if one.envelope.Server == me && one.envelope.Seq >= next && one.at.Before(late) {
			c.classes.options.Bus.Publish(c.subject("in"), one.data) // as say
		}
	}
	if b.Pages[me] != len(c.local) {
		c.report()
	}
}

// A report is all pages and lines of a server.
type report struct {
	Pages map[string]openPage
	Lines map[string]openLine
}

func (c *Class) report() {
	c.say(envelope{Report: &report{maps.Clone(c.local), maps.Clone(c.localLines)}})
}

// reported takes it.
func (c *Class) reported(server string, r report) {
	for id, p := range c.open {
		if _, still := r.Pages[id]; p.Server == server && !still {
			c.leaves(id)
		}
	}
	for id, p := range r.Pages {
		c.arrives(id, p)
	}
	maps.DeleteFunc(c.lines, func(id string, line openLine) bool { return line.Server == server })
	maps.Copy(c.lines, r.Lines)
	c.changeAll()
}

// follow has this server's copy be one of another owner's class; c.mu is held.
func (c *Class) follow(owner string, b beat) {
	c.owner, c.alone, c.loaded, c.heard, c.ownerless = owner, b.Alone, false, time.Now(), time.Time{}
	c.r.Term = b.Term
	c.saving.superseded(c)
	c.classes.publish(news{Want: c.code})
	c.report()
}

// yield ends that the class goes on here, in favour of another server; c.mu is held.
func (c *Class) yield(to string, b beat) {
	if c.here() {
		c.rest, _ = json.Marshal(c.whole()) // its shapes always can be
	}
	clear(c.cutAt) // of waves that are numbered alike
	c.applied = map[string]int64{}
	c.follow(to, b)
	c.handOver()
}

// handOver hands over what happened here, until somebody has it; c.mu is held.
func (c *Class) handOver() {
	if c.rest == nil || c.handing || c.stopped {
		return
	}
	c.handing = true
	rest := c.rest
	go func() {
		_, err := c.classes.askOf(c, request{Op: "merge", State: rest})
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.handing = false; err == nil {
			c.rest = nil
		}
	}()
}

// attend looks after a class as servers come and go. It reports whether this server
// can forget it.
func (c *Class) attend(servers []string) (gone bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	state := c.classes.bus.State()
	if !state.Connected {
		c.connected = time.Time{}
	} else if c.connected.IsZero() {
		c.connected = now
	}
	if !c.attended.IsZero() && now.Sub(c.attended) > settleTime {
		c.doubted = now
	}
	c.attended = now
	settled := !state.Connected || now.Sub(c.connected) >= settleTime
	switch {
	case c.stopped:
	case c.here() && c.inDoubt(now):
	case c.here():
		c.catchUp()
		c.dropServers(servers)
		if c.alone && state.Connected && settled { // nobody else has it
			c.alone = false
			c.r.Term++
			c.keep()
		}
		if c.wasCutOff != c.classes.cutOff() {
			c.wasCutOff = !c.wasCutOff
			c.changeAll()
		}
	case c.loaded:
		if settled {
			c.takeOver(servers)
		}
	case slices.Contains(servers, c.owner):
		c.ownerless = time.Time{}
		c.handOver()
		if now.Sub(c.heard) > orphanTime {
			for _, to := range []string{"all", "to.board", "to.phone", "to.wall"} {
				c.publish(to, []byte("!4004 "+ErrUnknown.Error()))
			}
			return true
		}
	default:
		if c.ownerless.IsZero() {
			c.ownerless = now
		}
		rank := 0 // the first one does it at once
		if c.classes.bus.Owner(c.code) != c.classes.id() {
			rank = 1 + slices.Index(servers, c.classes.id())
		}
		if now.Sub(c.ownerless) >= time.Duration(rank)*beatTime {
			c.takeOver(servers)
		}
	}
	return false
}

// takeOver has the class go on at this server; c.mu is held.
func (c *Class) takeOver(servers []string) {
	c.owner, c.ownerless = c.classes.id(), time.Time{}
	c.alone = c.classes.cutOff()
	c.wasCutOff = c.alone
	if !c.alone && !c.loaded {
		c.r.Term++
	}
	c.loaded = false
	c.dropServers(servers)
	c.catchUp()
	if c.rest != nil {
		c.merge(c.rest)
		c.rest = nil
	}
	c.dropServers(servers) // what is in the log may be of one of them
	c.used = time.Now()
	if s := c.sending; s != nil && !s.Said {
		c.sayNow(s, c.dos)
	}
	c.keep()
	c.changeAll()
	go func() {
		if b, ok := c.beat(); ok {
			c.classes.publish(news{Beats: []beat{b}})
		}
	}()
}

// catchUp takes what was said since the copy. The owner has said which hands it had
// begun to do; of these nobody is told again.
func (c *Class) catchUp() {
	if c.inDoubt(time.Now()) {
		return // soon
	}
	log := c.log
	c.log, c.logSize = nil, 0
	for _, one := range log {
		c.quiet = c.done[heardOf{one.envelope.Server, one.envelope.Seq}]
		c.receiveAt(one.envelope, one.data, one.at)
	}
	c.quiet = false
	clear(c.done)
}

// dropServers lets go of the pages and lines of servers that are gone.
func (c *Class) dropServers(servers []string) {
	for id, p := range c.open {
		if !slices.Contains(servers, p.Server) {
			c.leaves(id)
		}
	}
	maps.DeleteFunc(c.lines, func(_ string, line openLine) bool { return !slices.Contains(servers, line.Server) })
}

// whole is all that the owner knows of a class.
type whole struct {
	Record  record
	Opener  netip.Prefix
	Members []memberNow // in the order of the record
	Open    map[string]openPage
	Lines   map[string]openLine
	Applied map[string]int64
	Ticket  map[string]ticket
	Sending *sending
	Asked   int
	Refused bool
	Exhibit *Exhibit
	Pending []*pending
	Dos     int
	Shown   []string // captures that all know
}

type memberNow struct {
	Lost     time.Time
	Came     bool
	Captures []string
	Heard    map[string]int
}

func (c *Class) whole() whole {
	w := whole{Record: c.r, Opener: c.opener, Open: c.open, Lines: c.lines, Applied: c.applied, Ticket: c.ticket, Sending: c.sending,
		Asked: c.asked, Refused: c.refused, Exhibit: c.exhibit, Pending: c.pending, Dos: c.dos}
	cs := c.classes
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for _, m := range c.r.Members {
		w.Members = append(w.Members, memberNow{m.lost, m.came, m.captures, m.heard})
		for _, id := range m.captures {
			if cs.seats[id].shown {
				w.Shown = append(w.Shown, id)
			}
		}
	}
	return w
}

// become takes all over from the owner's; c.mu is held.
func (c *Class) become(w whole) {
	for _, m := range c.r.Members {
		c.forgetCaptures(m)
	}
	c.r, c.opener, c.open, c.lines, c.applied, c.ticket = w.Record, w.Opener, w.Open, w.Lines, w.Applied, w.Ticket
	c.sending, c.asked, c.refused, c.exhibit, c.pending, c.dos = w.Sending, w.Asked, w.Refused, w.Exhibit, w.Pending, w.Dos
	for _, made := range []func(){
		func() { c.open = orMade(c.open) }, func() { c.lines = orMade(c.lines) },
		func() { c.applied = orMade(c.applied) }, func() { c.ticket = orMade(c.ticket) },
	} {
		made()
	}
	c.complete()
	c.count()
	for i, m := range c.r.Members {
		if i < len(w.Members) {
			now := w.Members[i]
			m.lost, m.came, m.heard = now.Lost, now.Came, orMade(now.Heard)
			for _, id := range now.Captures {
				c.claim(m, id)
			}
		}
	}
	for _, id := range w.Shown {
		c.markShown(id)
	}
	c.saying.Lock()
	c.seq = max(c.seq, c.applied[c.classes.id()])
	c.saying.Unlock()
	c.log = slices.DeleteFunc(c.log, func(one entry) bool { return one.envelope.Seq <= c.applied[one.envelope.Server] })
	maps.DeleteFunc(c.done, func(h heardOf, _ bool) bool { return h.Seq <= c.applied[h.Server] })
	c.logSize = 0
	for _, one := range c.log {
		c.logSize += len(one.data)
		c.early(one.envelope)
	}
}

func orMade[K comparable, V any](m map[K]V) map[K]V {
	if m == nil {
		return map[K]V{}
	}
	return m
}

// count counts the pages that are open.
func (c *Class) count() {
	clear(c.pages)
	for _, m := range c.r.Members {
		m.pages = 0
	}
	for _, p := range c.open {
		if p.Role != "member" {
			c.pages[p.Role]++
		} else if m := c.member(p.Member); m != nil {
			m.pages++
		}
	}
}

// A part is one of a copy. It is compressed.
type part struct {
	Code    string
	Version int64
	Term    int
	Alone   bool
	N, Of   int
	Data    []byte
}

// copyLater has the class copied soon; c.mu is held.
func (c *Class) copyLater() {
	if c.copied || c.stopped || !c.here() || !c.classes.bus.Several() {
		return
	}
	c.copied = true
	time.AfterFunc(max(copyTime, copyShare*c.took), c.copyNow)
}

// copyNow sends the class to the other servers.
func (c *Class) copyNow() {
	if !c.classes.bus.Several() {
		return
	}
	started := time.Now()
	c.mu.Lock()
	c.copied = false
	if c.stopped || !c.here() {
		c.mu.Unlock()
		return
	}
	c.r.Version++
	p := part{Code: c.code, Version: c.r.Version, Term: c.r.Term, Alone: c.alone}
	data, err := json.Marshal(c.whole())
	c.mu.Unlock()
	if err != nil {
		return // shapes of this package always can be
	}
	var packed bytes.Buffer
	w, _ := flate.NewWriter(&packed, flate.BestSpeed) // the level is one
	w.Write(data)
	w.Close()
	p.Of = (packed.Len() + partSize - 1) / partSize
	for chunk := range slices.Chunk(packed.Bytes(), partSize) {
		p.Data = chunk
		c.classes.publish(news{Copy: &p})
		p.N++
	}
	c.mu.Lock()
	c.took = time.Since(started)
	c.mu.Unlock()
}

// takePart takes a part of a copy.
func (cs *Classes) takePart(from string, p part) {
	key := from + p.Code
	if p.N == 0 {
		cs.parts[key] = nil
	}
	if len(cs.parts[key]) != p.N {
		return // one before it is missing: the next copy has it
	}
	cs.parts[key] = append(cs.parts[key], p.Data)
	if p.N+1 < p.Of {
		return
	}
	packed := slices.Concat(cs.parts[key]...)
	delete(cs.parts, key)
	data, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	var w whole
	if err != nil || json.Unmarshal(data, &w) != nil || w.Record.Code != p.Code || !isCode(p.Code) {
		return
	}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	c := cs.open[p.Code]
	if c == nil {
		if cs.closed || cs.ended[p.Code] >= w.Record.Since {
			return
		}
		if c, err = cs.start(w.Record, w.Opener, from); err != nil {
			return
		}
		c.alone, c.heard = p.Alone, time.Now()
		defer cs.found(p.Code)
	}
	cs.mu.Unlock() // a class locks it
	c.takeCopy(from, p, w)
	cs.mu.Lock()
}

// takeCopy has a copy be as the owner's class is.
func (c *Class) takeCopy(from string, p part, w whole) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped || from != c.owner || p.Term < c.r.Term || p.Term == c.r.Term && p.Version < c.r.Version {
		return
	}
	c.heard = time.Now()
	c.become(w)
}

// joined adds somebody whom the owner has let in.
func (c *Class) joined(m *member) {
	if c.member(m.Key) != nil {
		return
	}
	if c.numbered(m.Number) != nil {
		m.Number = c.r.Last + 1
	}
	c.r.Last = max(c.r.Last, m.Number)
	m.lost, m.heard = time.Now(), orMade(m.heard)
	c.r.Members = append(c.r.Members, m)
	c.keep()
}
