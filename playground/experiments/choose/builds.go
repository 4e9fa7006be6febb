package choose

import (
	"container/list"
	"fmt"
	"net/http"
	"sync"
	"time"

	"seewire/playground"
)

const (
	maxBuilds = 1000        // that are remembered; the oldest makes room, and its client begins another where it was
	maxAge    = time.Minute // since the last request
)

// A build publishes a line every so often, whether anybody follows it or not.
type build struct {
	log   *Log
	key   string
	every time.Duration

	// Guarded by the builds' mu.
	followers int
	at        time.Time // of the last request
	place     *list.Element
}

// builds are those of the runs: both sides of a run, and all of its connections,
// follow the same.
type builds struct {
	mu    sync.Mutex
	byKey map[string]*build
	order list.List // of *build, the one that was asked for longest ago first
}

func newBuilds() *builds { return &builds{byKey: map[string]*build{}} }

// follow returns the build of a request's run. A request that says no run has a
// build of its own, and the first one of a run decides how far it has come.
// The build is to be left.
func (bs *builds) follow(r *http.Request) *build {
	controls, name := playground.Controls(r), playground.RunName(r)
	key := fmt.Sprint(name, " ", controls.Int("lines"), " ", controls.Int("every"))

	bs.mu.Lock()
	defer bs.mu.Unlock()
	for e := bs.order.Front(); e != nil && (bs.order.Len() > maxBuilds || time.Since(e.Value.(*build).at) > maxAge); e = bs.order.Front() {
		bs.forget(e.Value.(*build))
	}
	b := bs.byKey[key]
	if name == "" || b == nil {
		b = &build{log: NewLog(controls.Int("lines")), key: key, every: controls.Duration("every")}
		for range (&Log{last: b.log.of}).Had(r) {
			b.publish()
		}
		if !b.log.Over(b.log.last) {
			time.AfterFunc(b.every, func() { bs.goOn(b) })
		}
	}
	b.followers++
	b.at = time.Now()
	if name != "" {
		bs.forget(b)
		bs.byKey[key], b.place = b, bs.order.PushBack(b)
	}
	return b
}

// leave is for the end of a request.
func (bs *builds) leave(b *build) {
	bs.mu.Lock()
	defer bs.mu.Unlock()
	b.followers--
}

// forget leaves a build to those who follow it now.
func (bs *builds) forget(b *build) {
	if b.place != nil {
		bs.order.Remove(b.place)
		delete(bs.byKey, b.key)
		b.place = nil
	}
}

// goOn publishes the next line, unless nobody can see it any more.
func (bs *builds) goOn(b *build) {
	bs.mu.Lock()
	defer bs.mu.Unlock()
	if b.followers == 0 && b.place == nil {
		return
	}
	b.publish()
	if !b.log.Over(b.log.last) {
		time.AfterFunc(b.every, func() { bs.goOn(b) })
	}
}

func (b *build) publish() {
	b.log.Publish(fmt.Sprintf("package %d: ok", b.log.last+1))
}
