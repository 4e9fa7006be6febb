package secret

import (
	"bytes"
	"time"
)

// A Segment is bytes that came together, at a time.
type Segment struct {
	At    time.Time
	Bytes []byte
}

// A Covering covers what one side of a connection sends. It holds a segment
// back for as long as it can't tell what in it is secret: the rest of a header
// may come in the next one.
type Covering struct {
	scan   scanner
	total  int64     // bytes that were added
	held   []Segment // all copies
	holds  int64     // bytes in them
	now    Segment   // that is being added
	copied bool      // its bytes are a copy
	ready  []Segment
	ended  bool
}

// A scanner looks for secrets. It calls Covering.overwrite for each, and returns
// how many bytes at the end are still undecided.
type scanner interface {
	add(c *Covering, p []byte) (undecided int)
	// where is where it stands, for Return to change, or nil where a secret may come anywhere.
	where() *framing
	// end decides about those: nothing comes after them.
	end(c *Covering) (undecided int)
}

// A Passage is where a side is in a body, or in another protocol: nothing in that is
// secret. A recorder of many connections keeps it beside each connection, and asks it
// first: it needs less memory of each than the Covering. The zero Passage is in none.
type Passage struct {
	framing
	length int64 // of what has passed
}

// Take takes the next bytes and returns true where all of them are of the body, or of the
// other protocol. Otherwise they are for Add, once the passage is returned, and nothing
// has changed.
func (p *Passage) Take(bytes []byte) bool {
	f := p.framing
	for rest := bytes; len(rest) > 0; {
		n := f.advance(rest)
		if n == 0 {
			return false
		}
		rest = rest[n:]
	}
	p.framing = f
	p.length += int64(len(bytes))
	return true
}

// Lend returns a passage that takes what comes next, until it is returned.
func (c *Covering) Lend() Passage {
	if f := c.scan.where(); f != nil && !c.ended && c.holds == 0 {
		return Passage{framing: *f}
	}
	return Passage{}
}

// Return goes on from where a passage is. The passage is zero afterwards.
func (c *Covering) Return(p *Passage) {
	if p.length > 0 {
		*c.scan.where() = p.framing
		c.total += p.length
	}
	*p = Passage{}
}

// Add takes the next bytes, and returns the segments that are decided. They
// share no byte with what was covered in p, and are valid until the next call;
// p itself is never changed. After End there are none.
func (c *Covering) Add(at time.Time, p []byte) []Segment {
	if c.ended {
		return nil
	}
	c.now, c.copied = Segment{at, p}, false
	c.total += int64(len(p))
	return c.release(c.scan.add(c, p))
}

// End returns what was held back, when nothing comes after it.
func (c *Covering) End() []Segment {
	if c.ended {
		return nil
	}
	c.ended = true
	undecided := c.scan.end(c)
	ready := c.release(undecided)
	if undecided > 0 && len(c.held) > 0 { // what can't be decided is not kept
		if keep := c.holds - int64(undecided); keep > 0 {
			ready = append(ready, Segment{c.held[0].At, c.held[0].Bytes[:keep]})
		}
		c.held, c.holds = nil, 0
	}
	return ready
}

// release returns the segments before what is undecided, and holds the others.
func (c *Covering) release(undecided int) []Segment {
	c.ready = c.ready[:0]
	decided := c.holds + int64(len(c.now.Bytes)) - int64(undecided)
	n := 0
	for ; n < len(c.held) && decided >= int64(len(c.held[n].Bytes)); n++ {
		length := int64(len(c.held[n].Bytes))
		decided -= length
		c.holds -= length
		c.ready = append(c.ready, c.held[n])
	}
	c.held = c.held[n:]
	switch {
	case len(c.now.Bytes) == 0:
	case len(c.held) == 0 && decided >= int64(len(c.now.Bytes)):
		c.ready = append(c.ready, c.now)
	default:
		if !c.copied {
			c.now.Bytes = bytes.Clone(c.now.Bytes)
		}
		c.held = append(c.held, c.now)
		c.holds += int64(len(c.now.Bytes))
	}
	if len(c.held) == 0 {
		c.held = nil
	}
	c.now = Segment{}
	return c.ready
}

// overwrite puts other bytes into what is held or being added, at an offset from
// the first byte of all.
func (c *Covering) overwrite(at int64, with []byte) {
	start := c.total - int64(len(c.now.Bytes)) - c.holds
	for _, s := range c.held {
		with = overlap(s.Bytes, start, at, with)
		start += int64(len(s.Bytes))
		at = max(at, start)
	}
	if len(with) == 0 {
		return
	}
	if !c.copied {
		c.now.Bytes, c.copied = bytes.Clone(c.now.Bytes), true
	}
	overlap(c.now.Bytes, start, at, with)
}

// overlap writes bytes that belong to an offset into some that start at another
// one, as far as these reach, and returns those that belong after them.
func overlap(into []byte, start, at int64, with []byte) (rest []byte) {
	if at >= start+int64(len(into)) {
		return with
	}
	return with[copy(into[at-start:], with):]
}
