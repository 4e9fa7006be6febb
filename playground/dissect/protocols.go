package dissect

import "strings"

// Protocols is where one protocol hands over to the next: what it finds in a
// message it looks up here, and so it knows no other protocol.
type Protocols struct {
	Contents []ContentType
	Upgrades []Upgrade
	Prefaces []Preface
}

// A ContentType is one whose content has a dissector of its own.
type ContentType struct {
	MediaType string

	// New returns nil for a response whose content is not to be read as such.
	New func(h *Direction, response *Head, carrier Carrier) Content
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
	Token         string // in the Upgrade header
	CheckRequest  func(request *Head) Violations
	CheckResponse func(request, response *Head) Violations
	New           func(h *Direction, response *Head) Parser // what follows the 101
}

// A Preface is what a client starts a protocol with that needs no request for it
// (prior knowledge, or ALPN).
type Preface struct {
	Line string // its first line

	// Start has the sides read the protocol, after the client's first line, of
	// which n bytes are not yet counted in its direction's offset. The server is nil
	// where its side already follows another protocol.
	Start func(client, server *Direction, n int)
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

// Upgrade finds the one that a message names; nil for none.
func (p *Protocols) Upgrade(m *Head) *Upgrade {
	for i := range p.Upgrades {
		if m.Has("upgrade", p.Upgrades[i].Token) {
			return &p.Upgrades[i]
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
