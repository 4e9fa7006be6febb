package export

import (
	"fmt"

	"seewire/playground/dissect"
	"seewire/playground/wire"
)

// Guess is the protocol, and the side, of a Source that is to be found out
// from the bytes.
const Guess = "guess"

// A Source says what bytes from elsewhere are.
type Source struct {
	// Protocol is what package dissect knows ("sse", "websocket", "http1", …)
	// or a file that holds connections: "pcapng" (and its forerunner pcap),
	// "har", or "capture", the JSON of this package.
	Protocol string `json:"protocol"`

	// From is the side that sent the bytes; empty for a file that holds both.
	From dissect.Side `json:"from,omitempty"`

	// Extensions are the negotiated Sec-WebSocket-Extensions, for "websocket".
	Extensions string `json:"extensions,omitempty"`

	// Guessed names what was found out from the bytes: "protocol", "from".
	Guessed []string `json:"guessed,omitempty"`
}

// A Note is about an imported file, or about one connection of it.
type Note struct {
	Code       string `json:"code"`    // for translation: "har-no-frames"
	Message    string `json:"message"` // English
	Connection int    `json:"connection,omitempty"`
	Count      int64  `json:"count,omitempty"`
	Text       string `json:"text,omitempty"` // what it is about: an address
}

// An ImportError says why nothing could be read from the bytes.
type ImportError struct {
	Code    string // for translation: "import-unknown"
	Message string // English
}

func (e *ImportError) Error() string { return e.Message }

func importError(code, format string, a ...any) error {
	return &ImportError{code, fmt.Sprintf(format, a...)}
}

// importLimit bounds, in about bytes, the frames of a document made from a
// file, of which each connection by itself may already have many.
const importLimit = 64 << 20

// Import reads bytes that came from elsewhere: those of one side, or a file
// that has recorded connections. What is to be guessed in the source is
// guessed. An error is an *ImportError.
//
// The caller bounds the bytes. The document takes up to some twenty times as
// much memory, and no more than about 200 MiB.
func Import(p []byte, source Source) (Document, error) {
	if len(p) == 0 && source.Protocol == Guess {
		return Document{}, importError("import-empty", "There are no bytes.")
	}
	if !source.guess(p) {
		return Document{}, importError("import-unknown", "These bytes look like none of what is known here: "+
			"an event stream, WebSocket frames, HTTP, a pcapng or pcap file, a HAR, a capture of this program.")
	}
	var d Document
	var err error
	switch source.Protocol {
	case "pcapng":
		d, err = importPackets(p)
	case "har":
		d, err = importHAR(p)
	case "capture":
		d, err = importCapture(p)
	default:
		var result dissect.Result
		if result, err = dissect.Bytes(source.Protocol, source.From, source.Extensions, p); err != nil {
			err = importError("import-protocol", "%v", err)
			break
		}
		d = Dissected(result, p, source.From)
	}
	if err != nil {
		return Document{}, err
	}
	d.Source = &source
	return d, nil
}

// limited is the document of imported connections, with as many frames as
// there is room for.
func limited(id string, connections []wire.Connection) Document {
	d := newDocument(id)
	for i := range connections {
		d.Connections = append(d.Connections, wholeConnection(&connections[i]))
	}
	room := importLimit
	for piece := range pieces(id, connections) {
		for i := range piece.Frames {
			room -= size(&piece.Frames[i])
		}
		if room < 0 {
			d.note(Note{Code: "import-too-many-frames", Count: int64(len(d.Frames)),
				Message: fmt.Sprintf("The file has more frames than are shown: these are the first %d.", len(d.Frames))})
			break
		}
		d.Frames = append(d.Frames, piece.Frames...)
		d.Events = append(d.Events, piece.Events...)
		d.LastEventID, d.ReconnectionTime = piece.LastEventID, piece.ReconnectionTime
	}
	return d
}

// size is about what a frame takes, in bytes.
func size(f *dissect.Frame) int {
	n := 300 + 100*len(f.Fields)
	for i := range f.Fields {
		n += len(f.Fields[i].Value)
	}
	if f.SSE != nil {
		n += len(f.SSE.Data)
	}
	return n
}

func (d *Document) note(n Note) { d.Notes = append(d.Notes, n) }
