package export

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"seewire/playground/dissect/protocols"
	"seewire/playground/wire"
)

// A Told says what a connection of a file begins with, where the recording does not
// show it.
type Told struct {
	Connection int    `json:"connection,omitempty"` // its number; 0 for all
	Protocol   string `json:"protocol"`
}

// ToldProtocols are what can be told of a connection.
func ToldProtocols() []string { return []string{"http1", "http2", "sse", "websocket"} }

// ParseTold reads "websocket", for all connections, or "2:websocket".
func ParseTold(s string) (Told, error) {
	number, protocol, found := strings.Cut(s, ":")
	if !found {
		number, protocol = "0", s
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 || found && n == 0 || !slices.Contains(ToldProtocols(), protocol) {
		return Told{}, fmt.Errorf("%q is neither one of %s, nor one of them behind the number of a connection and a colon",
			s, strings.Join(ToldProtocols(), ", "))
	}
	return Told{n, protocol}, nil
}

// tell takes a protocol that was said of a file with connections for that of all of
// them.
func (s *Source) tell(p []byte) {
	if !slices.Contains(ToldProtocols(), s.Protocol) {
		return
	}
	if file := fileKind(p); file == "pcapng" || file == "capture" {
		s.Told = append(s.Told, Told{0, s.Protocol})
		s.Protocol = file
	}
}

// told is what was said of a connection; "" for nothing.
func (s Source) told(number int) (protocol string) {
	for _, t := range s.Told {
		if t.Connection == number || t.Connection == 0 && protocol == "" {
			protocol = t.Protocol
		}
	}
	return protocol
}

// start guesses what a connection begins with, if it was not told. Where the
// sides are not known, the connection may be turned around.
func (s Source) start(c *wire.Connection, sidesKnown bool) (start protocols.Start, swapped bool) {
	start, swapped = protocols.GuessStart(c.Client, c.Server, sidesKnown)
	if swapped {
		turnAround(c)
	}
	if told := s.told(c.Number); told != "" && told != start.Protocol && told+"-chunks" != start.Protocol {
		start = protocols.Start{Protocol: told, Extensions: protocols.Deflate(c.Client, c.Server)}
	}
	start.Extensions = cmp.Or(s.Extensions, start.Extensions)
	return start, swapped
}

// turnAround makes the client of a connection its server.
func turnAround(c *wire.Connection) {
	other := func(s wire.Side) wire.Side {
		if s == wire.Client {
			return wire.Server
		}
		return wire.Client
	}
	c.Client, c.Server = c.Server, c.Client
	for i := range c.Segments {
		c.Segments[i].From = other(c.Segments[i].From)
	}
	for i := range c.Ends {
		c.Ends[i].From = other(c.Ends[i].From)
	}
	for i := range c.Gaps {
		c.Gaps[i].From = other(c.Gaps[i].From)
	}
}

// middleNote says that a connection began before its recording did.
func middleNote(start protocols.Start, number int) (n Note, ok bool) {
	if start.Protocol == "http1" {
		return n, false
	}
	return Note{Code: "import-middle", Connection: number, Text: strings.TrimSuffix(start.Protocol, "-chunks"),
		Message: "The recording began after the connection did: what it begins with is read as " + start.Protocol + "."}, true
}
