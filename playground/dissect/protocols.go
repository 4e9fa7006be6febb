package dissect

import "strings"

// Protocols is where one protocol hands over to the next: what it finds in a
// message it looks up here, and so it knows no other protocol.
type Protocols struct {
	Contents []ContentType
	Upgrades []Upgrade
	Prefaces []Preface

	// Saved says that a tool has written the bytes down, and may have taken off what
	// HTTP puts around a body.
	Saved bool

	// Resume guesses from the first bytes behind a gap what a direction goes on
	// with; nil where that is not known. It is not asked where the parser of what
	// was before the gap is sure of it.
	Resume func(h *Direction, p []byte) Parser
}

// A ContentType is one whose content has a dissector of its own.
type ContentType struct {
	MediaType string

	// New returns nil for a response whose content is not to be read as such.
	New func(h *Direction, response *Head, carrier Carrier) Content

	// Check holds any response against what it should be to be read as such, and
	// Mistyped the start of content under another type; either may be nil.
	Check    func(request, response *Head) Violations
	Mistyped func(start []byte) Violations
}

// CheckContent holds a response against what clients expect of its content.
func (p *Protocols) CheckContent(request, response *Head) (violations Violations) {
	for _, t := range p.Contents {
		if t.Check != nil {
			violations = append(violations, t.Check(request, response)...)
		}
	}
	return violations
}

// Mistyped looks whether content begins as that of another type than it is sent as.
func (p *Protocols) Mistyped(start []byte) (violations Violations) {
	for _, t := range p.Contents {
		if t.Mistyped != nil {
			violations = append(violations, t.Mistyped(start)...)
		}
	}
	return violations
}

// A Carrier is what brings the content of a response.
type Carrier struct {
	LastEventID string // that the request has sent
	Stream      uint32 // of HTTP/2
	Exchange    int    // the one of the stream; 0 for the direction's
	Inflated    bool   // the content came compressed: it has no place of its own among the bytes
}

// A Content reads the content of a message.
type Content interface {
	// Write reads from p, which starts at the direction's offset, and returns how
	// many bytes it took. p is not empty.
	Write(p []byte) int

	// Inside gives the place of what comes next, where the content is inflated:
	// the offset of the last byte of the piece that it came in.
	Inside(offset int64)

	// End is the end of the content. What comes after it is not read.
	End()
}

// An Upgrade is a protocol that a connection can change to by a 101.
type Upgrade struct {
	Token         string // in the Upgrade header, and in :protocol (RFC 8441 §4)
	Asks, Answers string // headers by which a request and a response are known that lack it
	CheckRequest  func(request *Head) Violations
	CheckResponse func(request, response *Head) Violations

	// New returns what makes the parsers of both sides for what follows the 101,
	// which ends this exchange's request.
	New func(request, response *Head, exchange int) func(h *Direction) Parser
}

// A Preface is what a protocol starts with that needs no request for it (prior
// knowledge, or ALPN). Each side has its own, and may be the first to send it.
type Preface struct {
	Line string // the client's first line

	// Server tells whether bytes are what a server begins with, and whether they
	// can still become that.
	Server func(start []byte) (is, may bool)

	// New returns the parsers of both sides, from their first byte on.
	New func(client, server *Direction) (c, s Parser)
}

// ContentType finds the one of a message; nil for none.
func (p *Protocols) ContentType(m *Head) *ContentType {
	mediaType, _, _ := strings.Cut(m.Get("content-type"), ";")
	for i := range p.Contents {
		if strings.EqualFold(strings.Trim(mediaType, " \t"), p.Contents[i].MediaType) {
			return &p.Contents[i]
		}
	}
	return nil
}

// Upgrade finds the one that a message names, or is a part of; nil for none.
func (p *Protocols) Upgrade(m *Head) *Upgrade {
	for i := range p.Upgrades {
		u := &p.Upgrades[i]
		if m.Has("upgrade", u.Token) || m.Get(":protocol") == u.Token {
			return u
		}
	}
	for i := range p.Upgrades {
		u := &p.Upgrades[i]
		if u.Asks != "" && m.From == Client && m.Count(u.Asks) > 0 || u.Answers != "" && m.From == Server && m.Count(u.Answers) > 0 {
			return u
		}
	}
	return nil
}

// Preface finds the one that starts with a line; nil for none.
func (p *Protocols) Preface(line []byte) *Preface {
	for i := range p.Prefaces {
		if string(line) == p.Prefaces[i].Line {
			return &p.Prefaces[i]
		}
	}
	return nil
}
