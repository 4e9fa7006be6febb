package export

import (
	"slices"
	"time"

	"seewire/playground/tlsrecord"
	"seewire/playground/wire"
)

// openTLS puts what an application has sent in the place of the records of a
// connection that begins with TLS, if there are keys for it. Its times are those of
// the records' ends.
func openTLS(c *wire.Connection, gaps []gap, keys tlsrecord.Keys) (version string, ok bool) {
	client, server := c.Client, c.Server
	for _, g := range gaps { // behind a gap nobody knows where a record begins
		if g.from == wire.Client {
			client = client[:min(int64(len(client)), g.offset)]
		} else {
			server = server[:min(int64(len(server)), g.offset)]
		}
	}
	opened, ok := keys.Open(client, server)
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
		pieces []tlsrecord.Piece
	}{{wire.Client, opened.Client}, {wire.Server, opened.Server}} {
		segments := slices.DeleteFunc(slices.Clone(c.Segments), func(s wire.Segment) bool { return s.From != side.from })
		for _, p := range side.pieces {
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
