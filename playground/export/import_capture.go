package export

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"seewire/playground/dissect"
	"seewire/playground/dissect/protocols"
	"seewire/playground/wire"
)

// A captureFile is what is read of the JSON of this package: what counts in it
// are the bytes and their times.
type captureFile struct {
	ID          string          `json:"id"`
	Connections json.RawMessage `json:"connections"`
	Log         json.RawMessage `json:"log"`
	Source      *Source         `json:"source"`
}

type capturedConnection struct {
	Peer     string          `json:"peer"`
	Hop      string          `json:"hop"`
	Protocol string          `json:"protocol"`
	Client   []byte          `json:"client"`
	Server   []byte          `json:"server"`
	Segments json.RawMessage `json:"segments"`
	Ends     json.RawMessage `json:"ends"`
	Gaps     json.RawMessage `json:"gaps"`
	Dropped  int64           `json:"dropped"`
}

const (
	maxEnds  = 16      // of a connection: a direction has a few
	maxLines = 1 << 16 // of the log
)

// importCapture reads the JSON of this package. The frames are found again.
func importCapture(ctx context.Context, budget *dissect.Budget, p []byte, source Source) (d imported, err error) {
	var file captureFile
	if err := json.Unmarshal(withoutBOM(p), &file); err != nil {
		return d, importError("import-capture", "The capture can't be read: %v.", err)
	}
	if s := file.Source; s != nil && s.Protocol == "har" {
		return d, importError("import-capture", "The capture can't be read: it was made from a HAR. Read that instead.")
	}
	var connections []wire.Connection
	var more, moreLines int64
	var log []wire.Line
	var broken error
	err = each(file.Connections, func(c *capturedConnection) bool {
		if !budget.Connect() {
			more++
			return true
		}
		var one wire.Connection
		one, broken = c.connection(len(connections) + 1)
		connections = append(connections, one)
		return broken == nil && ctx.Err() == nil
	})
	if broken != nil {
		return d, broken
	}
	if err == nil {
		err = each(file.Log, func(line *wire.Line) bool {
			if len(log) < maxLines {
				log = append(log, *line)
			} else {
				moreLines++
			}
			return true
		})
	}
	switch s := file.Source; {
	case err != nil:
		return d, importError("import-capture", "The capture can't be read: %v.", err)
	case len(connections) == 0:
		return d, importError("import-capture", "The capture has no connections.")
	case s != nil && s.From != "" && len(connections) == 1:
		p := connections[0].Server
		if s.From == dissect.Client {
			p = connections[0].Client
		}
		d.Document, err = importBytes(ctx, budget, p, *s)
		return d, err
	}
	starts := make([]protocols.Start, len(connections))
	for i := range connections {
		if source.told(i+1) != "" || file.ID == "" { // a dump that was pasted
			starts[i], _ = source.start(&connections[i], true)
		}
	}
	d = importConnections(file.ID, connections, starts)
	d.Log = log
	if more > 0 {
		d.note(Note{Code: "import-more", Count: more, Message: "Further connections are left out: 256 are read."})
	}
	if moreLines > 0 {
		d.note(Note{Code: "import-log", Count: moreLines, Message: "Further lines of the log are left out."})
	}
	return d, nil
}

// connection is what was captured, with a number of its own.
func (c *capturedConnection) connection(number int) (wire.Connection, error) {
	one := wire.Connection{
		Number: number, Peer: c.Peer, Hop: c.Hop, Protocol: c.Protocol,
		Client: c.Client, Server: c.Server, Dropped: max(0, c.Dropped),
	}
	// Of each direction the segments are one after the other; else the
	// dissectors would see the bytes in an order in which nobody sent them.
	length := map[wire.Side]int{wire.Client: len(c.Client), wire.Server: len(c.Server)}
	ends := map[wire.Side]int{}
	followed := true
	err := each(c.Segments, func(s *Segment) bool {
		total, known := length[s.From]
		followed = known && s.Offset == int64(ends[s.From]) && 1 <= s.Length && s.Length <= total-ends[s.From]
		if followed {
			ends[s.From] += s.Length
			one.Segments = append(one.Segments, wire.Segment(*s))
		}
		return followed
	})
	switch {
	case err != nil:
		return one, importError("import-capture", "The capture can't be read: %v.", err)
	case !followed:
		return one, importError("import-capture", "The capture can't be read: the segments of connection %d don't follow one another.", number)
	case ends[wire.Client] != len(c.Client) || ends[wire.Server] != len(c.Server):
		return one, importError("import-capture", "The capture can't be read: the segments of connection %d are not all of its bytes.", number)
	}
	err = each(c.Gaps, func(g *wire.Gap) bool {
		if total, known := length[g.From]; known && 0 <= g.Offset && g.Offset <= int64(total) && g.Length > 0 {
			one.Gaps = append(one.Gaps, *g)
		}
		return true
	})
	if err != nil {
		return one, importError("import-capture", "The capture can't be read: %v.", err)
	}
	slices.SortStableFunc(one.Gaps, func(a, b wire.Gap) int { return cmp.Compare(a.Offset, b.Offset) })
	err = each(c.Ends, func(end *End) bool {
		if end.From == wire.Client || end.From == wire.Server {
			one.Ends = append(one.Ends, wire.End(*end))
		}
		return len(one.Ends) < maxEnds
	})
	if err != nil {
		return one, importError("import-capture", "The capture can't be read: %v.", err)
	}
	return one, nil
}
