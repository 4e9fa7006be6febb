package playground

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// Places are what there is a limited number of for all, such as streams that
// are open: each peer has some of them, and gives them back.
//
// A peer may have as many as it leaves free, and one more so that a single place
// is of use: half of all of them where it is the only one, a third where another
// one takes as many. So there are always some for
// a peer that comes later, whatever the others do. No setting says how many
// people are behind one address: a class behind one router is one peer, so half
// of the places has to be enough for a class.
type Places struct {
	total int

	mu      sync.Mutex
	taken   int
	by      map[netip.Prefix]int
	waiting []*waiter // in the order in which they came
	closed  bool
	empty   chan struct{} // closed when they are closed and none is taken
}

// A waiter waits for places.
type waiter struct {
	peer netip.Prefix
	n    int
	got  chan struct{} // closed when it has them
}

// NewPlaces returns so many places.
func NewPlaces(total int) *Places {
	return &Places{total: total, by: make(map[netip.Prefix]int), empty: make(chan struct{})}
}

// Peer returns who a request is from, as far as limits are concerned: an address
// of IPv4, or the 64 bits of one of IPv6 that name its network. The other 64 a
// host chooses by itself, as often as it likes (RFC 8981). What has no address,
// such as a connection in memory, is the server's own: the zero Prefix, which no
// share holds back.
func Peer(r *http.Request) netip.Prefix { return PeerAt(r.RemoteAddr) }

// PeerAt is Peer for an address with a port.
func PeerAt(addr string) netip.Prefix {
	at, err := netip.ParseAddrPort(addr)
	if err != nil {
		return netip.Prefix{}
	}
	ip := at.Addr().Unmap().WithZone("")
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	return netip.PrefixFrom(ip, bits).Masked()
}

// Take takes n places for a peer, if it may have them now. They are given back
// with Release.
func (p *Places) Take(peer netip.Prefix, n int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.take(peer, n)
}

func (p *Places) take(peer netip.Prefix, n int) bool {
	if !p.may(peer, n) {
		return false
	}
	p.taken += n
	p.by[peer] += n
	return true
}

// may says whether a peer may have n more.
func (p *Places) may(peer netip.Prefix, n int) bool {
	free := p.total - p.taken
	if !peer.IsValid() {
		return !p.closed && n <= free
	}
	return !p.closed && p.by[peer]+n <= free-n+1
}

// Wait is Take for a caller that can wait, for at most long. Of those that
// wait, the one whose peer has the fewest places is next.
func (p *Places) Wait(ctx context.Context, peer netip.Prefix, n int, long time.Duration) bool {
	p.mu.Lock()
	if p.take(peer, n) {
		p.mu.Unlock()
		return true
	}
	w := &waiter{peer, n, make(chan struct{})}
	p.waiting = append(p.waiting, w)
	p.mu.Unlock()

	timer := time.NewTimer(long)
	defer timer.Stop()
	select {
	case <-w.got:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.Index(p.waiting, w)
	if i < 0 {
		return true // it got them in the same moment
	}
	p.waiting = slices.Delete(p.waiting, i, i+1)
	return false
}

// Release gives n places back.
func (p *Places) Release(peer netip.Prefix, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken -= n
	if p.by[peer] -= n; p.by[peer] == 0 {
		delete(p.by, peer)
	}
	for p.admit() {
	}
	if p.closed && p.taken == 0 {
		close(p.empty)
	}
}

// admit gives places to the next waiter, if there is one that may have
// them.
func (p *Places) admit() bool {
	next := -1
	for i, w := range p.waiting {
		if p.may(w.peer, w.n) && (next < 0 || p.by[w.peer] < p.by[p.waiting[next].peer]) {
			next = i
		}
	}
	if next < 0 {
		return false
	}
	w := p.waiting[next]
	p.waiting = slices.Delete(p.waiting, next, next+1)
	p.take(w.peer, w.n)
	close(w.got)
	return true
}

// Taken returns how many are taken.
func (p *Places) Taken() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.taken
}

// Close refuses further places, and waits until all have been given back or ctx
// has ended. It is called once.
func (p *Places) Close(ctx context.Context) error {
	p.mu.Lock()
	p.closed = true
	if p.taken == 0 {
		close(p.empty)
	}
	p.mu.Unlock()
	select {
	case <-p.empty:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
