package export

import (
	"context"
	"io"

	"seewire/playground/wire"
)

// Capture is the document of a capture, for tests.
func Capture(c *wire.Capture) Document {
	snapshot := c.Snapshot()
	d := newDocument(c.ID())
	d.Log = c.Lines()
	for i := range snapshot {
		d.Connections = append(d.Connections, wholeConnection(&snapshot[i]))
	}
	for piece := range pieces(c.ID(), snapshot, captureBudget()) {
		d.Frames = append(d.Frames, piece.Frames...)
		d.Events = append(d.Events, piece.Events...)
		d.LastEventID, d.ReconnectionTime, d.Notes = piece.LastEventID, piece.ReconnectionTime, piece.Notes
	}
	return d
}

func WriteJSON(w io.Writer, c *wire.Capture) error {
	d, err := NewDissections(1<<20, nil).Whole(context.Background(), c)
	if err != nil {
		return err
	}
	return d.WriteJSON(w)
}

func WriteHAR(w io.Writer, c *wire.Capture) error {
	d, err := NewDissections(1<<20, nil).Whole(context.Background(), c)
	if err != nil {
		return err
	}
	return d.WriteHAR(w)
}
