package export

import (
	"context"

	"seewire/playground/answer"
	"seewire/playground/wire"
)

// Answers puts together what language models have streamed in a capture so far. Who
// asks again costs what is new.
func (s *Dissections) Answers(ctx context.Context, c *wire.Capture) ([]answer.Answer, error) {
	e, _ := s.get(cacheKey{c, answersForm})
	if err := e.enter(ctx); err != nil {
		return nil, err
	}
	defer e.leave()
	if e.together == nil {
		e.together = answer.NewReader()
	}
	snapshot := c.Snapshot()
	for more := true; more; {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		var d Document
		d, more = e.reader.read(snapshot, pieceBytes)
		e.together.Read(d.Frames)
		for _, connection := range d.Connections {
			s.grow(e, len(connection.Server)) // about what is kept of it
		}
	}
	return e.together.Answers(endedIn(snapshot)), nil
}

// Together puts together what language models have streamed in a document of all that
// there is.
func (d Document) Together() []answer.Answer { return answer.Of(d.Frames) }
