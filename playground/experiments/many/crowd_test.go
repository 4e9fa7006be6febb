package many

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/url"
	"runtime"
	"syscall"
	"testing"
	"time"

	"seewire/playground"
)

var clients = flag.Int("clients", 0, "measure runs of so many simulated clients, in real time")

// TestMeasure prints the table of the lesson. Each run takes up to half a minute:
//
//	go test ./playground/experiments/many -run TestMeasure -v -clients 10000
func TestMeasure(t *testing.T) {
	if *clients == 0 {
		t.Skip("asked for with -clients")
	}
	for _, side := range []string{"sse", "ws"} {
		for _, policy := range []string{"fixed", "backoff", "jitter", "both"} {
			t.Run(side+"/"+policy, func(t *testing.T) {
				measure(t, side, url.Values{
					"clients": {fmt.Sprint(*clients)},
					"policy":  {policy},
					"rate":    {fmt.Sprint(max(100, *clients/5))},
				})
			})
		}
	}
}

func measure(t *testing.T, side string, query url.Values) {
	controls := New(t.Context()).Controls
	for i := range controls {
		controls[i].Max = 1_000_000 // what a page may ask for is less
	}
	values, err := playground.Parse(controls, query)
	if err != nil {
		t.Fatal(err)
	}
	memory := func() (heap, stack uint64) {
		for range 3 { // pools give back what the last crowd left in them at the second
			runtime.GC()
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc, m.StackInuse
	}
	processor := func() time.Duration {
		var u syscall.Rusage
		syscall.Getrusage(syscall.RUSAGE_SELF, &u)
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}

	heap, stack := memory()
	goroutines := runtime.NumGoroutine()
	r := newRun(side, values)
	r.visitors.Add(1) // somebody is watching, who does not connect
	r.counts.gone.Add(1)
	r.before = 10 * time.Second // for what is measured before the restart
	used, began := processor(), time.Now()
	r.begin(t.Context(), func() {})
	for {
		if members, _ := r.size(); members >= *clients {
			break
		}
		select {
		case <-r.done:
			t.Fatalf("%d clients are too many for this machine", *clients)
		case <-time.After(10 * time.Millisecond):
		}
	}
	connected, costs := time.Since(began), processor()-used
	heapAfter, stackAfter := memory()
	each := uint64(*clients)
	t.Logf("%d clients connected in %v, for %v of processor time: %.1f goroutines, %.1f kB of heap and %.1f kB of stacks each",
		*clients, connected.Round(time.Millisecond), costs.Round(time.Millisecond),
		float64(runtime.NumGoroutine()-goroutines)/float64(each),
		float64(heapAfter-heap)/1024/float64(each), float64(stackAfter-stack)/1024/float64(each))
	<-r.done

	v := new(visitor)
	for _, m := range r.journal.between(0, r.journal.newest()) {
		var s sample
		_, data, _ := bytes.Cut(m.event, []byte("data: "))
		json.Unmarshal(data, &s)
		v.samples = append(v.samples, s)
	}
	lag := 0.0
	for _, s := range v.samples {
		lag = max(lag, s.Lag)
	}
	t.Logf("after the restart: %+v; lost %d; longest lag %.0f ms; %v of processor time in all", v.wave(), v.last().Lost, lag, (processor() - used).Round(time.Millisecond))
}
