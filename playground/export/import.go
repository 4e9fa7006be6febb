package export

import (
	"context"
	"fmt"
	"io"
	"slices"

	"seewire/playground/dissect"
	"seewire/playground/dissect/protocols"
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

	// Keys is a log of TLS secrets (SSLKEYLOGFILE) for a recording, beside those that
	// the file itself has. It does not come back.
	Keys []byte `json:"-"`

	// Told is what was said of connections of a file.
	Told []Told `json:"told,omitempty"`

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

// MaxImport is how many bytes callers may take for Import.
const MaxImport = 8 << 20

// Import reads bytes that came from elsewhere: those of one side, or a file
// that has recorded connections. What is to be guessed in the source is
// guessed. An error is an *ImportError, or the cause of the end of ctx.
//
// The caller bounds the bytes. Of MaxImport the work takes at most 400 MiB of
// memory and five seconds of a processor, whatever they are: what is over the
// budget of the document is left out, and its notes say so.
func Import(ctx context.Context, p []byte, source Source) (Document, error) {
	return importWithin(ctx, dissect.NewBudget(), p, source)
}

// ImportJSON writes what Import reads, in JSON and put into words. Frames are written as
// they are found, and not held.
func ImportJSON(ctx context.Context, w io.Writer, p []byte, source Source, words Words) error {
	d, err := open(ctx, dissect.NewBudget(), p, source)
	if err != nil {
		return err
	}
	return d.write(ctx, w, words)
}

func importWithin(ctx context.Context, budget *dissect.Budget, p []byte, source Source) (Document, error) {
	d, err := open(ctx, budget, p, source)
	if err != nil {
		return Document{}, err
	}
	if err := d.complete(ctx); err != nil {
		return Document{}, err
	}
	return d.Document, nil
}

// An imported is a document whose frames are still to be found where they are those of
// connections.
type imported struct {
	Document
	budget      *dissect.Budget
	connections []wire.Connection
	starts      []protocols.Start
}

// open finds out what bytes are, and which connections they have.
func open(ctx context.Context, budget *dissect.Budget, p []byte, source Source) (d imported, err error) {
	if len(p) == 0 && source.Protocol == Guess {
		return d, importError("import-empty", "There are no bytes.")
	}
	var notes []Note
	if plain, ok := ungzipped(budget, p); ok && source.Protocol == Guess {
		p, notes = plain, append(notes, Note{Code: "import-gzip", Count: int64(len(plain)), Message: "The bytes are gzip: this is what they inflate to."})
	}
	saved, savedNote, isSaved := wire.Connection{}, Note{}, false
	if source.Protocol == Guess {
		saved, savedNote, isSaved = savedConnection(p)
	}
	source.tell(p)
	if source.Protocol == Guess && !isSaved && fileKind(p) == "" {
		if protocol, _ := guessed(p); protocol == "" || protocol == "websocket" {
			if plain, writing := written(string(p)); writing != "" {
				notes = append(notes, Note{Code: "import-written", Text: writing, Count: int64(len(plain)), Message: "The file has bytes as text (" + writing + "): this is what they are."})
				p = plain
				saved, savedNote, isSaved = savedConnection(p)
			}
		}
	}
	if isSaved {
		source.Protocol, source.From, source.Guessed = "saved", "", []string{"protocol"}
	} else if !source.guess(p) {
		return d, importError("import-unknown", "These bytes look like none of what is known here: "+
			"an event stream, WebSocket frames, HTTP, a pcapng or pcap file, a HAR, a capture of this program.")
	}
	switch source.Protocol {
	case "pcapng":
		d, err = importPackets(budget, p, source)
	case "har":
		d.Document, err = importHAR(ctx, budget, p)
	case "capture":
		d, err = importCapture(ctx, budget, p, source)
	case "saved":
		d = importSaved(saved, savedNote)
	default:
		d.Document, err = importBytes(ctx, budget, p, source)
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	d.budget = budget
	d.Source = &source
	d.Notes = append(notes, d.Notes...)
	return d, err
}

// importBytes dissects the bytes of one side.
func importBytes(ctx context.Context, budget *dissect.Budget, p []byte, source Source) (Document, error) {
	result, err := protocols.Bytes(ctx, budget, source.Protocol, source.From, source.Extensions, p)
	if err != nil {
		return Document{}, importError("import-protocol", "%v", err)
	}
	return Dissected(result, p, source.From), nil
}

// importConnections are connections that were recorded elsewhere.
func importConnections(id string, connections []wire.Connection, starts []protocols.Start) imported {
	d := imported{Document: newDocument(id), connections: connections, starts: starts}
	for i := range connections {
		d.Connections = append(d.Connections, wholeConnection(&connections[i]))
	}
	return d
}

// complete finds the frames.
func (d *imported) complete(ctx context.Context) error {
	var frames [][]dissect.Frame
	err := d.dissect(ctx, false, func(piece []dissect.Frame) {
		if len(piece) > 0 {
			frames = append(frames, piece)
		}
	})
	switch len(frames) {
	case 0:
	case 1:
		d.Frames = frames[0]
	default: // together once they are all there: frames are large, and a list that grows copies them
		d.Frames = slices.Concat(frames...)
	}
	return err
}

// dissect calls yield with the frames, in the order of time, and adds to the document
// what they make of it. If they are passing, they are there until yield returns.
func (d *imported) dissect(ctx context.Context, passing bool, yield func([]dissect.Frame)) error {
	if d.connections == nil {
		yield(d.Frames)
	} else {
		for piece := range recordedPieces(d.ID, d.connections, d.starts, d.budget, passing) {
			yield(piece.Frames)
			d.Events = append(d.Events, piece.Events...)
			d.LastEventID, d.ReconnectionTime = piece.LastEventID, piece.ReconnectionTime
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
		}
	}
	d.Notes = append(d.Notes, budgetNotes(d.budget)...)
	return nil
}

// budgetNotes say what was left out because a document may cost only so much.
func budgetNotes(b *dissect.Budget) (notes []Note) {
	if b == nil {
		return nil
	}
	if n := b.Undescribed(); n > 0 {
		notes = append(notes, Note{Code: "budget-frames", Count: n,
			Message: fmt.Sprintf("There are more frames than are shown: %d bytes in long connections are shown without them.", n)})
	}
	if n := b.NotInflated(); n > 0 {
		notes = append(notes, Note{Code: "budget-inflation", Count: n,
			Message: fmt.Sprintf("Inflating all that came compressed would take too long: %d bodies or messages are shown as they came.", n)})
	}
	return notes
}

func (d *Document) note(n Note) { d.Notes = append(d.Notes, n) }

// Recorded dissects connections that the caller has recorded, within the same
// bounds as Import.
func Recorded(ctx context.Context, connections ...wire.Connection) Document {
	d := importConnections("", connections, nil)
	d.budget = dissect.NewBudget()
	_ = d.complete(ctx) // what is there when ctx ends is what is wanted
	return d.Document
}
