package reconnect

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"time"

	"seewire/playground"
)

// A plan is what the server has in mind for one side of a run, over all its
// connections: EventSource asks again without saying that it has been here.
type plan struct {
	plans *plans
	key   uint64
	at    time.Time // when it was last carried out

	how    string // what a cut is
	cuts   []int  // the numbers after which the line is still to be cut
	unsaid bool   // the stream has no ids: the next request does not say what arrived

	next string // what the next request gets in place of numbers, if anything
	from int    // the number that the redirect goes on after
}

func newPlan(plans *plans, key uint64, side string, controls playground.Values) *plan {
	return &plan{
		plans:  plans,
		key:    key,
		how:    controls.Text("how"),
		cuts:   moments(controls, key),
		unsaid: side == "sse" && !controls.On("ids"),
	}
}

// moments returns the numbers after which the line is cut: the one that the
// controls name, or two that the key decides.
func moments(controls playground.Values, key uint64) []int {
	if controls.Text("moments") == "fixed" {
		return []int{controls.Int("cut")}
	}
	last := controls.Int("total") - 1 // after the total there is nothing to cut off
	cuts := rand.New(rand.NewPCG(key, 0)).Perm(last)[:min(2, last)]
	slices.Sort(cuts)
	for i := range cuts {
		cuts[i]++ // Perm counts from 0
	}
	return cuts
}

// cutAfter reports whether the line is to be cut now that n has arrived.
func (p *plan) cutAfter(n int) bool {
	p.plans.mu.Lock()
	defer p.plans.mu.Unlock()
	if len(p.cuts) == 0 || p.cuts[0] != n {
		return false
	}
	p.cuts = p.cuts[1:]
	if p.how != "reset" && p.how != "end" {
		p.next, p.from = p.how, n
	}
	p.plans.remember(p)
	return true
}

// finish is for when the last number has arrived. A client that doesn't say so
// when it asks again is told all the same.
func (p *plan) finish() {
	p.plans.mu.Lock()
	defer p.plans.mu.Unlock()
	p.plans.forget(p.key)
	if p.unsaid {
		p.cuts, p.next = nil, "204"
		p.plans.remember(p)
	}
}

// refuse answers a request that gets no numbers, and reports whether it did.
func (p *plan) refuse(w http.ResponseWriter, r *http.Request) bool {
	next, from := p.takeNext()
	switch next {
	case "204":
		w.WriteHeader(http.StatusNoContent)
	case "500":
		http.Error(w, "out of order, as the control says", http.StatusInternalServerError)
	case "type":
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Write([]byte("data: an event stream by its looks, but not by its type\n\n"))
	case "redirect":
		there := *r.URL
		query := there.Query()
		query.Set("from", strconv.Itoa(from))
		there.RawQuery = query.Encode()
		http.Redirect(w, r, there.String(), http.StatusTemporaryRedirect)
	}
	return next != ""
}

// takeNext returns what the next request gets, once, and for a redirect the
// number to go on after.
func (p *plan) takeNext() (next string, from int) {
	p.plans.mu.Lock()
	defer p.plans.mu.Unlock()
	next, p.next = p.next, ""
	return next, p.from
}
