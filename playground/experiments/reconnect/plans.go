package reconnect

import (
	"container/list"
	"hash/fnv"
	"net/http"
	"sync"
	"time"

	"seewire/playground"
)

const (
	// maxPlans is how many plans are remembered; the oldest makes room.
	maxPlans = 10_000

	// maxAge is how long a plan is remembered after it was last carried out:
	// longer than any retry, so that a client that comes back is known.
	maxAge = time.Minute
)

// plans remembers the plans of runs that have been cut.
type plans struct {
	mu    sync.Mutex // guards what is below, and what changes in a plan
	byKey map[uint64]*list.Element
	order list.List // of *plan, the oldest first
}

func newPlans() *plans {
	return &plans{byKey: make(map[uint64]*list.Element)}
}

// find returns the plan for one side of the run that a request belongs to.
func (ps *plans) find(side string, r *http.Request) *plan {
	name := playground.RunName(r)
	hash := fnv.New64a()
	hash.Write([]byte(side + " " + name))
	key := hash.Sum64()

	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.forgetOld()
	if known := ps.byKey[key]; known != nil && name != "" {
		return known.Value.(*plan)
	}
	return newPlan(ps, key, side, playground.Controls(r))
}

// remember makes p the newest plan.
func (ps *plans) remember(p *plan) {
	ps.forget(p.key)
	p.at = time.Now()
	ps.byKey[p.key] = ps.order.PushBack(p)
	if ps.order.Len() > maxPlans {
		ps.forget(ps.oldest().key)
	}
}

// forgetOld forgets plans whose client has not come back.
func (ps *plans) forgetOld() {
	for p := ps.oldest(); p != nil && time.Since(p.at) > maxAge; p = ps.oldest() {
		ps.forget(p.key)
	}
}

// oldest returns the plan that was carried out longest ago, or nil.
func (ps *plans) oldest() *plan {
	if ps.order.Len() == 0 {
		return nil
	}
	return ps.order.Front().Value.(*plan)
}

func (ps *plans) forget(key uint64) {
	if found := ps.byKey[key]; found != nil {
		ps.order.Remove(found)
		delete(ps.byKey, key)
	}
}
