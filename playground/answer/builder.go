package answer

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// A builder puts an answer together.
type builder struct {
	Answer
	pieces pieces
	number int64 // the last in the order of the events; -1 for none
	at     map[partKey]int
	calls  int // of those that have no number
	last   Range
}

// pieces are when they came.
type pieces struct {
	count         int
	first, newest time.Time // of the pieces
	last          time.Time // of the events
	gap           time.Duration
	gapFrom       time.Time
	gapAt         int64
}

// maxPieces are as many as are told apart in one answer: of a stream that goes on for
// days the later ones only add their text.
const maxPieces = 50_000

func newBuilder(form string, key exchangeKey) *builder {
	return &builder{Answer: Answer{Form: form, Connection: key.connection, Exchange: key.exchange, Parts: []Part{}}, number: -1, at: map[partKey]int{}}
}

// event takes in an event, and the value that it has.
func (b *builder) event(f *form, e event, value object) {
	if b.Events == 0 {
		b.Range.From = e.bytes.From
	}
	b.Events++
	b.Range.To = e.bytes.To
	b.last = e.bytes
	if p := &b.pieces; p.count > 0 {
		if gap := e.at.Sub(p.last); gap > p.gap {
			p.gap, p.gapFrom, p.gapAt = gap, p.last, e.bytes.From
		}
	}
	b.pieces.last = e.at
	f.take(b, e, value)
}

type partKey struct {
	kind  string
	index int
}

// part finds a part, or begins it.
func (b *builder) part(kind string, index int, e event) *Part {
	key := partKey{kind, index}
	if i, ok := b.at[key]; ok {
		return &b.Parts[i]
	}
	b.at[key] = len(b.Parts)
	b.Parts = append(b.Parts, Part{Kind: kind, Index: index, Range: e.bytes, Pieces: []Piece{}})
	return &b.Parts[len(b.Parts)-1]
}

// add adds a piece to a part. What is empty adds nothing.
func (b *builder) add(kind string, index int, text string, e event) {
	if text == "" {
		return
	}
	p := b.part(kind, index, e)
	if b.pieces.count++; b.pieces.count == 1 {
		b.pieces.first = e.at
	}
	b.pieces.newest = e.at
	if b.pieces.count <= maxPieces {
		p.Pieces = append(p.Pieces, Piece{e.at, len(p.joined), e.bytes})
	}
	p.joined = append(p.joined, text...)
	p.Range.To = e.bytes.To
}

// call names a call of a tool, in the first of its events.
func (b *builder) call(index int, name, id string, e event) {
	p := b.part(Call, index, e)
	p.Name, p.ID = p.Name+name, p.ID+id
}

// closes says that what has a number is whole.
func (b *builder) closes(index int) {
	for _, kind := range []string{Text, Reasoning, Refusal, Call} {
		if i, ok := b.at[partKey{kind, index}]; ok {
			b.Parts[i].closed = true
		}
	}
}

// problem adds a problem. Args are names and values by turns.
func (b *builder) problem(code string, at Range, args ...string) {
	p := Problem{Code: code, Range: at}
	for i := 0; i+1 < len(args); i += 2 {
		if p.Args == nil {
			p.Args = map[string]string{}
		}
		p.Args[args[i]] = args[i+1]
	}
	b.Problems = append(b.Problems, p)
}

// fails says that an error came inside the stream: a string, or an object with a
// type and a message.
func (b *builder) fails(value object, name string, e event) {
	kind, message := "", value.text(name)
	if o := value.object(name); o != nil {
		message = o.text("message")
		for _, name := range []string{"type", "status", "code"} {
			if kind == "" && o.has(name) {
				kind = fmt.Sprint(o.any(name))
			}
		}
	}
	if kind == "" {
		kind = "error"
	}
	b.problem(problemError, e.bytes, "kind", kind, "message", message)
}

// notJSON says that an event is no JSON object.
func (b *builder) notJSON(e event) { b.problem(problemJSON, e.bytes) }

// ordered takes in the number of an event, which counts up by one.
func (b *builder) ordered(n int64, e event) {
	if b.number >= 0 && n != b.number+1 {
		b.problem(problemNumber, e.bytes, "after", fmt.Sprint(b.number), "number", fmt.Sprint(n))
	}
	b.number = n
}

// usage takes in counts; those that are 0 are not told in this event.
func (b *builder) usage(in, out int64, e event) {
	if in == 0 && out == 0 {
		return
	}
	if b.Usage == nil {
		b.Usage = &Usage{}
	}
	if in > 0 {
		b.Usage.In = in
	}
	if out > 0 {
		b.Usage.Out = out
	}
	b.Usage.Range = e.bytes
}

// answer judges what is there when the response is over, or as far as it has come.
func (b *builder) answer(asked time.Time, over bool) Answer {
	judged := *b
	judged.Parts, judged.Problems = slices.Clone(b.Parts), slices.Clone(b.Problems)
	if b.Usage != nil {
		usage := *b.Usage
		judged.Usage = &usage
	}
	judged.judge(asked, over)
	return judged.Answer
}

func (b *builder) judge(asked time.Time, over bool) {
	failed := len(b.Problems) > 0 && b.Problems[len(b.Problems)-1].Code == problemError
	for i := range b.Parts {
		p := &b.Parts[i]
		p.Text, p.joined = string(p.joined), nil
		b.Content += len(p.Text)
		p.JSON = p.Kind == Call && json.Valid([]byte(p.Text))
	}
	b.time(asked)
	if b.Open = !over && !b.Ended && !failed; b.Open {
		return
	}
	end := Range{b.last.To, b.last.To}
	for _, p := range b.Parts {
		if p.Kind == Call && !p.JSON && p.Text != "" {
			b.problem(problemArguments, p.Range, "name", p.Name)
		}
	}
	if closing[b.Form] {
		for _, p := range b.Parts {
			if !p.closed {
				b.problem(problemOpen, p.Range, "kind", p.Kind, "index", fmt.Sprint(p.Index))
			}
		}
	}
	if !b.Ended && !failed {
		code := problemEnd
		if b.Form == mcp.name {
			code = problemReply
		}
		b.problem(code, end)
	}
	if tells[b.Form] && (b.Usage == nil || b.Usage.Out == 0 || !b.Ended) {
		b.problem(problemUsage, end)
	}
}

// closing are the forms that close each part, and tells those whose usage is always
// told.
var (
	closing = map[string]bool{"anthropic": true, "openai-responses": true}
	tells   = map[string]bool{"anthropic": true, "openai-responses": true, "ollama": true}
)

func (b *builder) time(asked time.Time) {
	p := b.pieces
	if p.last.IsZero() || asked.IsZero() {
		return
	}
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	t := &Timing{Asked: asked.UTC(), Last: ms(p.last.Sub(asked))}
	if p.count > 0 {
		t.First = ms(p.first.Sub(asked))
	}
	if p.gap > 0 {
		t.Gap, t.GapFrom, t.GapAt = ms(p.gap), ms(p.gapFrom.Sub(asked)), p.gapAt
	}
	if took := p.newest.Sub(p.first); p.count > 1 && took > 0 {
		t.Pieces = float64(p.count-1) / took.Seconds()
		counted := p.count
		if b.Usage != nil && b.Usage.Out > 1 {
			counted = int(b.Usage.Out)
			t.Rate = float64(counted-1) / took.Seconds()
		}
		within := p.gap // between pieces, and not behind the last
		if p.gapFrom.Add(p.gap).After(p.newest) {
			within = 0
		}
		if rest := took - within; within > 0 && rest > 0 {
			t.Steady = float64(counted-1) / rest.Seconds()
		}
	}
	b.Timing = t
}
