package site

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"seewire/playground"
)

// A metric is a family of numbers as Prometheus reads them.
type metric struct {
	name, kind, help string
	values           map[string]int64 // by their labels; "" for none
}

func one(n int64) map[string]int64 { return map[string]int64{"": n} }

func (m metric) write(w io.Writer) {
	fmt.Fprintf(w, "# HELP %s %s\n# TYPE %[1]s %[3]s\n", m.name, m.help, m.kind)
	for _, labels := range slices.Sorted(maps.Keys(m.values)) {
		fmt.Fprintf(w, "%s%s %d\n", m.name, labels, m.values[labels])
	}
}

// metricsPage answers GET /metrics: what the host of a workshop asks, and what the
// process takes.
func (a *Site) metricsPage(w http.ResponseWriter, _ *http.Request) {
	captures, held := a.captures.Held()
	classes, members, pages := a.classes.Counts()
	asked, wanted := a.joint.Counts()
	bus, traffic := a.between.State(), a.between.Traffic()
	var connected int64
	if bus.Connected {
		connected = 1
	}
	const in, out = `{direction="in"}`, `{direction="out"}`
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	for _, m := range []metric{
		{"seewire_streams_open", "gauge", "Event streams and sockets that are open.", one(int64(a.runner.Open()))},
		{"seewire_experiment_streams_open", "gauge", "Requests of a run that are being answered, by experiment and protocol.", a.open.values()},
		{"seewire_streams_handed_on", "gauge", "Of the streams that are open, those that another server answers.", one(a.away())},
		{"seewire_viewers_open", "gauge", "Live feeds that are open.", one(int64(a.places.feeds.Taken()))},
		{"seewire_classes", "gauge", "Classes that are open, or have results.", one(int64(classes))},
		{"seewire_class_copies", "gauge", "Classes that go on at other servers, of which this one has a copy.", one(int64(a.classes.Copies()))},
		{"seewire_class_members", "gauge", "Their members.", one(int64(members))},
		{"seewire_class_pages_open", "gauge", "Pages of members and teachers that are open.", one(int64(pages))},
		{"seewire_captures", "gauge", "Captures that are kept.", one(int64(captures))},
		{"seewire_capture_bytes", "gauge", "What they take of -memory.", one(held)},
		{"seewire_dissections_running", "gauge", "Dissections of uploads and of captures as files or pages that are going on.", one(int64(a.places.dissections.Taken()))},
		{"seewire_dissections_total", "counter", "Those that have been begun.", one(a.dissected.Load())},
		{"seewire_refused_total", "counter", "Requests for which there was no place, by the code of the problem.", a.refused.values()},
		{"seewire_bus_connected", "gauge", "Whether the NATS server of -nats is reached: 1 or 0; 0 without -nats.", one(connected)},
		{"seewire_bus_servers", "gauge", "Servers of the site that hear of each other, with this one.", one(int64(bus.Servers))},
		{"seewire_bus_messages_total", "counter", "Messages to and from NATS.", map[string]int64{in: traffic.MessagesIn, out: traffic.MessagesOut}},
		{"seewire_bus_bytes_total", "counter", "Their bytes.", map[string]int64{in: traffic.BytesIn, out: traffic.BytesOut}},
		{"seewire_captures_asked", "gauge", "Captures that this server asks others for: somebody looks at them here.", one(int64(asked))},
		{"seewire_captures_wanted", "gauge", "Captures that other servers ask this one for.", one(int64(wanted))},
		{"seewire_bus_lost_total", "counter", "Messages for other servers that were not sent: NATS was away, or too slow.", one(traffic.Lost)},
		{"seewire_bus_reconnects_total", "counter", "How often NATS was reached again.", one(traffic.Reconnects)},
		{"seewire_panics_total", "counter", "Handlers that panicked; the log has their stacks.", one(a.panics.Load())},
	} {
		m.write(w)
	}
	writeProcessMetrics(w)
}

// writeProcessMetrics writes what the library knows of the process and the Go
// runtime. It leaves the text of HELP empty; the name says it too.
func writeProcessMetrics(w io.Writer) {
	var all bytes.Buffer
	metrics.ExposeMetadata(true) // HELP and TYPE
	metrics.WriteProcessMetrics(&all)
	for line := range strings.Lines(all.String()) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "# HELP "); ok && !strings.Contains(name, " ") {
			line = "# HELP " + name + " " + strings.ReplaceAll(name, "_", " ") + "\n"
		}
		io.WriteString(w, line)
	}
}

// A tally counts by a reason.
type tally struct {
	mu sync.Mutex
	by map[string]int64
}

func (t *tally) add(reason string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.by == nil {
		t.by = map[string]int64{}
	}
	t.by[fmt.Sprintf("{reason=%q}", reason)]++
}

func (t *tally) values() map[string]int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return maps.Clone(t.by)
}

// gauges count the requests that are being answered, by labels. They are all made
// before the first request.
type gauges map[string]*atomic.Int64

// counted counts the requests of an experiment.
func (g gauges) counted(experiment, protocol string, next http.HandlerFunc) http.HandlerFunc {
	labels := fmt.Sprintf("{experiment=%q,protocol=%q}", experiment, protocol)
	if g[labels] == nil {
		g[labels] = new(atomic.Int64)
	}
	n := g[labels]
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.Add(1)
		defer n.Add(-1)
		next.ServeHTTP(w, r)
	})
}

// countedRuns counts the runs of an experiment, whose handlers outlive their requests.
func (g gauges) countedRuns(e playground.Experiment) playground.Experiment {
	e.SSE = g.counted(e.ID, "sse", e.SSE)
	e.WS = g.counted(e.ID, "websocket", e.WS)
	return e
}

func (g gauges) values() map[string]int64 {
	values := map[string]int64{}
	for labels, n := range g {
		values[labels] = n.Load()
	}
	return values
}

// healthz says that the server answers, and how it stands to the others. While it
// ends it no longer does, and that is what a load balancer should know first. A server
// that is cut off from the others answers: it goes on alone.
func (a *Site) healthz(w http.ResponseWriter, _ *http.Request) {
	if a.life.Err() != nil {
		http.Error(w, "closing", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
	switch bus := a.between.State(); {
	case !bus.Shared:
		fmt.Fprintln(w, "bus: alone, without -nats")
	case !bus.Connected:
		fmt.Fprintf(w, "bus: cut off from NATS since %s; this server goes on alone and tries again\n", bus.Since.UTC().Format(time.RFC3339))
	case bus.Servers == 1:
		fmt.Fprintln(w, "bus: joined NATS; no other server is there")
	default:
		fmt.Fprintf(w, "bus: joined NATS, with %d servers\n", bus.Servers)
	}
}
