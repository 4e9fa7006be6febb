package export

import (
	"bytes"
	"regexp"
	"slices"
	"time"

	"seewire/playground/dissect/http1"
	"seewire/playground/tlsrecord"
	"seewire/playground/wire"
)

// beforeTLS is where TLS begins on each side: behind what a proxy was asked and has
// answered, or has put before the connection.
func beforeTLS(client, server []byte) (clientAt, serverAt int) {
	clientAt = http1.ProxyHead(client)
	if !bytes.HasPrefix(client[clientAt:], []byte("CONNECT ")) || !agreed.Match(server) {
		return clientAt, 0
	}
	end := []byte("\r\n\r\n")
	asked, answered := bytes.Index(client[clientAt:], end), bytes.Index(server, end)
	if asked < 0 || answered < 0 {
		return clientAt, 0
	}
	return clientAt + asked + len(end), answered + len(end)
}

var agreed = regexp.MustCompile(`\AHTTP/1\.[01] 2[0-9][0-9][ \r]`)

// openTLS puts what an application has sent in the place of the records of a
// connection under TLS, if there are keys for it. Its times are those of
// the records' ends.
func openTLS(c *wire.Connection, keys tlsrecord.Keys) (version string, ok bool) {
	clientAt, serverAt := beforeTLS(c.Client, c.Server)
	client, server := c.Client, c.Server
	for _, g := range c.Gaps { // behind a gap nobody knows where a record begins
		if g.From == wire.Client {
			client = client[:min(int64(len(client)), g.Offset)]
		} else {
			server = server[:min(int64(len(server)), g.Offset)]
		}
	}
	if len(client) < clientAt || len(server) < serverAt {
		return "", false
	}
	opened, ok := keys.Open(client[clientAt:], server[serverAt:])
	if !ok {
		return "", false
	}
	type piece struct {
		from wire.Side
		at   time.Time
		data []byte
	}
	var all []piece
	for _, side := range []struct {
		from   wire.Side
		before []byte
		pieces []tlsrecord.Piece
	}{{wire.Client, client[:clientAt], opened.Client}, {wire.Server, server[:serverAt], opened.Server}} {
		segments := slices.DeleteFunc(slices.Clone(c.Segments), func(s wire.Segment) bool { return s.From != side.from })
		if n := len(side.before); n > 0 {
			all = append(all, piece{side.from, segments[0].At, side.before})
		}
		for _, p := range side.pieces {
			p.End += len(side.before)
			for len(segments) > 1 && segments[0].Offset+int64(segments[0].Length) < int64(p.End) {
				segments = segments[1:]
			}
			all = append(all, piece{side.from, segments[0].At, p.Data})
		}
	}
	slices.SortStableFunc(all, func(a, b piece) int { return a.at.Compare(b.at) })
	c.Client, c.Server, c.Segments = nil, nil, nil
	for _, p := range all {
		write(c, p.from, p.data)
		c.Segments[len(c.Segments)-1].At = p.at
	}
	return opened.Version, true
}
