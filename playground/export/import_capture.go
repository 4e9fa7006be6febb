package export

import (
	"encoding/json"

	"seewire/playground/dissect"
	"seewire/playground/wire"
)

// importOneSided reads what was made of the bytes of one side.
func importOneSided(c Connection, source Source) (Document, error) {
	p := c.Server
	if source.From == dissect.Client {
		p = c.Client
	}
	result, err := dissect.Bytes(source.Protocol, source.From, source.Extensions, p)
	if err != nil {
		return Document{}, importError("import-protocol", "%v", err)
	}
	return Dissected(result, p, source.From), nil
}

// importCapture reads the JSON of this package. What counts in it are the
// bytes and their times: the frames are found again.
func importCapture(p []byte) (Document, error) {
	var file struct {
		ID          string       `json:"id"`
		Connections []Connection `json:"connections"`
		Log         []wire.Line  `json:"log"`
		Source      *Source      `json:"source"`
	}
	if err := json.Unmarshal(withoutBOM(p), &file); err != nil {
		return Document{}, importError("import-capture", "The capture can't be read: %v.", err)
	}
	if s := file.Source; s != nil && len(file.Connections) == 1 && s.From != "" {
		return importOneSided(file.Connections[0], *s)
	}
	if s := file.Source; s != nil && s.Protocol == "har" {
		return Document{}, importError("import-capture", "The capture can't be read: it was made from a HAR. Read that instead.")
	}
	var connections []wire.Connection
	for _, c := range file.Connections {
		one := wire.Connection{
			Number: len(connections) + 1, Peer: c.Peer, Hop: c.Hop, Protocol: c.Protocol,
			Client: c.Client, Server: c.Server, Dropped: max(0, c.Dropped),
		}
		// Of each direction the segments are one after the other; else the
		// dissectors would see the bytes in an order in which nobody sent them.
		ends := map[wire.Side]int64{}
		for _, s := range c.Segments {
			if s.From != wire.Client && s.From != wire.Server || s.Offset != ends[s.From] || s.Length < 1 || s.Length > len(p) {
				return Document{}, importError("import-capture", "The capture can't be read: the segments of connection %d don't follow one another.", one.Number)
			}
			ends[s.From] += int64(s.Length)
			one.Segments = append(one.Segments, wire.Segment(s))
		}
		if ends[wire.Client] != int64(len(c.Client)) || ends[wire.Server] != int64(len(c.Server)) {
			return Document{}, importError("import-capture", "The capture can't be read: the segments of connection %d are not all of its bytes.", one.Number)
		}
		for _, end := range c.Ends {
			if end.From == wire.Client || end.From == wire.Server {
				one.Ends = append(one.Ends, wire.End(end))
			}
		}
		connections = append(connections, one)
		if len(connections) == maxImported {
			break
		}
	}
	if len(connections) == 0 {
		return Document{}, importError("import-capture", "The capture has no connections.")
	}
	d := limited(file.ID, connections)
	d.Log = file.Log
	return d, nil
}
