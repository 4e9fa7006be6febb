// Package answer puts together what a language model has streamed: its text, its
// reasoning, the calls of tools and their arguments, how many tokens it took, how it
// ended, and what is wrong, each with the bytes that it came in.
//
// It knows the forms of OpenAI (Chat Completions and Responses), Anthropic, Gemini and
// Ollama, and the JSON-RPC of the Model Context Protocol, as their public
// documentation described them on 2026-11-28.
package answer

import (
	"time"

	"seewire/playground/dissect"
)

// An Answer is one response in a form that is known.
type Answer struct {
	Form       string `json:"form"`       // "openai-chat", "openai-responses", "anthropic", "gemini", "ollama", "mcp"
	Connection int    `json:"connection"` // its number
	Exchange   int    `json:"exchange,omitempty"`
	Events     int    `json:"events"` // in all, and those that say nothing new too
	Range      Range  `json:"range"`  // from the first event's first byte to the last one's end

	Parts    []Part    `json:"parts"` // in the order in which they began
	Usage    *Usage    `json:"usage,omitempty"`
	Finish   string    `json:"finish,omitempty"` // the reason that the model gave, in the form's own word
	Ended    bool      `json:"ended"`            // whether the form's end was there
	Open     bool      `json:"open,omitempty"`   // more may come: what is missing is no problem yet
	Content  int       `json:"content"`          // bytes that the parts add up to
	Problems []Problem `json:"problems,omitempty"`

	Timing *Timing `json:"timing,omitempty"` // absent where the bytes came without times
}

// A Range is bytes of the direction that an event came in.
type Range struct {
	From int64 `json:"from"` // of the first
	To   int64 `json:"to"`   // behind the last
}

// The kinds of a Part.
const (
	Text      = "text"
	Reasoning = "reasoning"
	Refusal   = "refusal"
	Call      = "call"    // of a tool; the text is its arguments
	Message   = "message" // of JSON-RPC
)

// A Part is what pieces add up to.
type Part struct {
	Kind   string  `json:"kind"`
	Index  int     `json:"index"` // by which the form tells it from others of its kind
	Name   string  `json:"name,omitempty"`
	ID     string  `json:"id,omitempty"`
	Text   string  `json:"text"`
	Pieces []Piece `json:"pieces"`
	Range  Range   `json:"range"`
	JSON   bool    `json:"json,omitempty"` // of a call: joined, its arguments are JSON

	joined []byte // the text so far
	closed bool
}

// A Piece is what one event has added to a part.
type Piece struct {
	At    time.Time `json:"at"`
	Start int       `json:"start"` // in the part's text, in bytes
	Range Range     `json:"range"` // of the event
}

// A Usage is in tokens, as the model's server counts them.
type Usage struct {
	In    int64 `json:"in"`
	Out   int64 `json:"out"`
	Range Range `json:"range"` // of the event that says so
}

// A Problem is something that a client which looks at the status alone does not see.
type Problem struct {
	Code  string            `json:"code"` // names its words: "answer.problem." and the code
	Args  map[string]string `json:"args,omitempty"`
	Range Range             `json:"range"`
}

// Problems lists the codes that a Problem can have.
func Problems() []string {
	return []string{problemEnd, problemError, problemJSON, problemArguments, problemOpen, problemNumber, problemUsage, problemReply}
}

const (
	problemEnd       = "no-end"         // the form's end is missing
	problemError     = "error"          // an error inside a stream that began as a success
	problemJSON      = "not-json"       // an event is no JSON
	problemArguments = "arguments"      // a call's arguments are no JSON
	problemOpen      = "never-closed"   // a part that the form closes was not
	problemNumber    = "number-missing" // a number in the order of the events is missing
	problemUsage     = "no-usage"       // how many tokens went out is not known
	problemReply     = "no-reply"       // JSON-RPC: there is no result, and no error
)

// A Timing is in milliseconds, by the clock of the server that saw the bytes.
type Timing struct {
	Asked   time.Time `json:"asked"`            // when what was asked was there: the times below are after it
	First   float64   `json:"first"`            // the first piece
	Last    float64   `json:"last"`             // the last event
	Gap     float64   `json:"gap"`              // the longest time without an event, once the first piece had come
	GapFrom float64   `json:"gapFrom"`          // the event before it
	GapAt   int64     `json:"gapAt"`            // the offset of the event behind it
	Rate    float64   `json:"rate,omitempty"`   // tokens a second after the first piece; absent where nobody has counted them
	Steady  float64   `json:"steady,omitempty"` // the same, or else pieces a second, without the longest gap
	Pieces  float64   `json:"pieces"`           // pieces a second after the first
}

// An event is one value of a stream.
type event struct {
	name  string // of an event stream: its type
	data  string
	at    time.Time
	bytes Range
}

// A form is how one provider streams.
type form struct {
	name string
	// is tells it by an event, of which most have the form's marks.
	is func(e event, value object) bool
	// take takes in an event. A value that is nil is no JSON object.
	take func(b *builder, e event, value object)
}

var forms = []form{openAIChat, openAIResponses, anthropic, gemini, ollama, mcp}

// exchangeKey names an exchange, in which a response comes.
type exchangeKey struct {
	connection, exchange int
	stream               uint32
}

// Of puts together each response in a form that is known, in the order of their
// beginnings. No more of them comes.
func Of(frames []dissect.Frame) []Answer {
	r := NewReader()
	r.Read(frames)
	return r.Answers(func(int) bool { return true })
}

// A Reader puts responses together as their frames come.
type Reader struct {
	now   map[exchangeKey]*reader
	asked map[exchangeKey]time.Time // when the newest part of what was asked came
	order []*reader
	json  jsonReader // of all of them: what the largest event takes is not kept for each
}

// NewReader returns a Reader that has read nothing.
func NewReader() *Reader {
	return &Reader{now: map[exchangeKey]*reader{}, asked: map[exchangeKey]time.Time{}}
}

// Read takes in frames, in the order of time.
func (a *Reader) Read(frames []dissect.Frame) {
	for i := range frames {
		f := &frames[i]
		key := exchangeKey{f.Connection, f.Exchange, f.Stream}
		r := a.now[key]
		if f.From == dissect.Client {
			if !asks(f) {
				continue
			}
			a.asked[key] = f.At
			if f.Protocol == "websocket" && r != nil && r.builder != nil { // the next question on the same connection
				r.over = true
				delete(a.now, key)
			}
			continue
		}
		known := r != nil
		if !known {
			r = &reader{key: key, asked: a.asked[key], json: &a.json}
		}
		e, ok := r.eventOf(f)
		if !known && (ok || r.inside || r.message != "") {
			a.now[key] = r
			a.order = append(a.order, r)
		}
		if ok {
			r.read(e)
			if cap(a.json.nodes) > keptNodes {
				a.json = jsonReader{}
			}
		}
		if f.Ends != "" {
			r.over = true
		}
	}
}

// asks says whether a frame of the client's is part of what it asks, and none that
// keeps the connection going.
func asks(f *dissect.Frame) bool {
	switch f.Protocol {
	case "http2":
		return f.Kind == "data" || f.Headers != nil
	case "websocket":
		return isMessage(f)
	}
	return true
}

// isMessage says whether a frame is of a WebSocket's message (RFC 6455 §5.6).
func isMessage(f *dissect.Frame) bool {
	return f.Kind == "text" || f.Kind == "binary" || f.Kind == "continuation"
}

// Answers are those that there are so far. Ended says whether a connection has, and
// with it what came over it.
func (a *Reader) Answers(ended func(connection int) bool) []Answer {
	var answers []Answer
	for _, r := range a.order {
		if r.builder == nil {
			continue
		}
		answers = append(answers, r.builder.answer(r.asked, r.over || ended(r.key.connection)))
	}
	return answers
}

// A reader reads the events of one response.
type reader struct {
	key     exchangeKey
	asked   time.Time
	over    bool // no more of it comes
	form    *form
	builder *builder
	json    *jsonReader
	waiting []event // those before the form was known

	begun   int64  // where the event that goes on has begun
	inside  bool   // whether one of an event stream goes on
	message string // of a WebSocket: its fragments so far
}

// maxMessage bounds a message of a WebSocket, in bytes.
const maxMessage = 1 << 20

// eventOf is the event that a frame ends, if it ends one.
func (r *reader) eventOf(f *dissect.Frame) (event, bool) {
	end := f.Offset + int64(f.Length)
	switch {
	case f.SSE != nil:
		if !r.inside && f.Kind == "field" {
			r.inside, r.begun = true, f.Offset
		}
		if f.Kind == "blank" || f.SSE.Event != nil {
			r.inside = false
		}
		if f.SSE.Event != nil {
			return event{f.SSE.Event.Type, f.SSE.Event.Data, f.At, Range{r.begun, end}}, true
		}
	case f.Protocol == "ndjson" || f.Protocol == "json":
		for _, field := range f.Fields {
			if field.Name == "ndjson.value" || field.Name == "json.value" {
				return event{"", field.Value, f.At, Range{f.Offset, end}}, field.Value != ""
			}
		}
	case f.Protocol == "websocket" && isMessage(f):
		m := f.Message // nil for a message in one frame
		if m == nil || m.Fragment == 1 {
			r.begun, r.message = f.Offset, ""
		}
		fin := f.Value("websocket.fin") == "1"
		// Of a compressed message the last frame has all the text.
		if m == nil || !m.Compressed || fin {
			r.message += f.Value("websocket.payload")
		}
		if !fin && len(r.message) < maxMessage {
			return event{}, false
		}
		data := r.message
		r.message = ""
		return event{"", data, f.At, Range{r.begun, end}}, data != ""
	}
	return event{}, false
}

// keptNodes is how many there may be room for that is used again.
const keptNodes = 1 << 10

// enoughEvents are as many as show whether a form is known.
const enoughEvents = 20

func (r *reader) read(e event) {
	if r.form != nil {
		r.builder.event(r.form, e, r.json.object(e.data))
		return
	}
	if len(r.waiting) == enoughEvents {
		return
	}
	r.waiting = append(r.waiting, e)
	value := r.json.object(e.data)
	for i := range forms {
		if value != nil && forms[i].is(e, value) {
			r.form = &forms[i]
			r.builder = newBuilder(r.form.name, r.key)
			for _, e := range r.waiting {
				r.builder.event(r.form, e, r.json.object(e.data))
			}
			r.waiting = nil
			return
		}
	}
}
