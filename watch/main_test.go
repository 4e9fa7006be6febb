package watch

import (
	"context"
	"net"
	"net/url"
	"testing"
	"time"

	"seewire/playground/wire"
)

// limits are those of a test.
var limits = wire.Limits{CaptureBytes: 8 << 20, Captures: 1000, TotalBytes: 64 << 20, Connections: 1000, Age: time.Hour}

// start watches a target until the test ends, and returns where clients come.
func start(t testing.TB, target string, more ...func(*Options)) (*Watch, string) {
	t.Helper()
	return startOn(t, listen(t), limits, target, more...)
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func startOn(t testing.TB, l net.Listener, limits wire.Limits, target string, more ...func(*Options)) (*Watch, string) {
	t.Helper()
	address, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Target: address}
	for _, f := range more {
		f(&o)
	}
	store := wire.NewStore(limits)
	w, err := New(o, store, l.Addr())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- w.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
		store.Close()
	})
	return w, l.Addr().String()
}

// until waits until the rows are as wanted.
func (w *Watch) until(t *testing.T, what string, ok func(rows []Row) bool) []Row {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var rows []Row
	for {
		w.mu.Lock()
		rows = nil
		for _, r := range w.rows {
			rows = append(rows, r.Row)
		}
		if w.changed == nil {
			w.changed = make(chan struct{})
		}
		changed := w.changed
		w.mu.Unlock()
		if ok(rows) {
			return rows
		}
		select {
		case <-changed:
		case <-ctx.Done():
			t.Fatalf("not %s: %+v", what, rows)
		}
	}
}
