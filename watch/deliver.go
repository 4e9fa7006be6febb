package watch

import (
	"time"

	"seewire/playground/wire"
)

const (
	// heldBytes is how much is held back: nginx's proxy_buffer_size on most machines.
	heldBytes = 4 << 10

	// delay is how much later everything comes.
	delay = 500 * time.Millisecond
)

// deliver writes to the client what waits for it, until the end.
func (s *session) deliver() {
	var held item
	for {
		if s.ending.Load() {
			s.endWell()
			return
		}
		if len(held.bytes) > 0 && !held.exchange.settings.Load().Hold {
			if !s.write(held.exchange, held.bytes) {
				return
			}
			held = item{}
		}
		i, ok := s.queue.next()
		if !ok {
			select {
			case <-s.queue.news:
				continue
			case <-s.done:
				return
			}
		}
		if s.silent.Load() {
			continue
		}
		if i.exchange != nil && !s.delayed(i) {
			continue
		}
		if i.end != "" {
			if len(held.bytes) > 0 && !s.write(held.exchange, held.bytes) {
				return
			}
			s.deliverEnd(i)
			return
		}
		e, p := i.exchange, i.bytes
		if i.content {
			p = e.passing(p)
			held.exchange, held.bytes = e, append(held.bytes, p...)
			if e.settings.Load().Hold && !i.last && len(held.bytes) < heldBytes {
				continue
			}
			p, held = held.bytes, item{}
		}
		if len(p) > 0 && !s.write(e, p) {
			return
		}
	}
}

// delayed waits until an item's time has come. It returns false where nothing is to be
// delivered any more.
func (s *session) delayed(i item) bool {
	for i.exchange.settings.Load().Delay {
		wait := time.Until(i.at.Add(delay))
		if wait <= 0 {
			break
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-s.queue.news: // the settings may have changed; what was put in is found by next
		case <-s.done:
		}
		timer.Stop()
		select {
		case <-s.done:
			return false
		default:
		}
		if s.ending.Load() || s.silent.Load() {
			return false
		}
	}
	return true
}

// write writes to the client. It returns false where the client has gone.
func (s *session) write(e *exchange, p []byte) bool {
	at := time.Now()
	n, err := s.client.Write(p)
	record(e.front, wire.Server, at, p[:n])
	if err == nil {
		return true
	}
	now := time.Now()
	if how := howEnded(err); how != "" {
		recordEnd(e.front, wire.Client, now, how)
	}
	s.endAll("client", now)
	s.abortTarget(now)
	s.close()
	return false
}

// deliverEnd tells the client how the target has stopped.
func (s *session) deliverEnd(i item) {
	if i.end == "fin" {
		closeWrite(s.client)
	} else {
		reset(s.client)
	}
	if i.exchange != nil {
		recordEnd(i.exchange.front, wire.Server, time.Now(), i.end)
	}
	s.queue.close() // nothing comes after it
}
