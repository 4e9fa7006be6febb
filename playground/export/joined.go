package export

import (
	"context"

	"seewire/playground/wire"
)

// Joined are the connections of captures, numbered as if they were one's.
func Joined(captures []*wire.Capture) []wire.Connection {
	var all []wire.Connection
	for _, c := range captures {
		for _, connection := range c.Snapshot() {
			connection.Number = len(all) + 1
			all = append(all, connection)
		}
	}
	return all
}

// Joined dissects connections of any captures. It is not kept.
func (s *Dissections) Joined(ctx context.Context, id string, snapshot []wire.Connection) (*Dissection, error) {
	d := &Dissection{id: id, snapshot: snapshot}
	return d, d.dissect(ctx, id, snapshot, s)
}
