package many

import (
	"net/http"

	"seewire/playground"
	"seewire/playground/stream"
)

// serveSSE passes on what is published, after what the client has missed.
func (s *server) serveSSE(w http.ResponseWriter, r *http.Request) {
	if err := s.door.enter(r.Context()); err != nil {
		s.refuse(w, r)
		return
	}

	last := lastNumber(r)
	member := s.hub.join(last)
	defer s.hub.leave(member)
	playground.Logf(r, "had %d, replaying %d", last, len(member.messages))

	out := stream.New(w)
	// With jitter each client is told another time: the server spreads them,
	// and the page needs no code for it.
	out.Retry(s.policy.base())

	for {
		select {
		case message, ok := <-member.messages:
			if !ok {
				if member.end == cut {
					playground.Cut(w)
				}
				return // the end of the body means: come back
			}
			if err := out.Raw(message.event); err != nil {
				return // the client has left
			}
		case <-r.Context().Done():
			return
		}
	}
}
