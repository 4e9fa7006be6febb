package site

import (
	"net/http"

	"github.com/VictoriaMetrics/metrics"
)

// newMetrics describes the running server to a Prometheus.
func newMetrics(a *Site) *metrics.Set {
	set := metrics.NewSet()
	set.NewGauge("seewire_streams_open", func() float64 { return float64(a.runner.Open()) })
	set.NewGauge("seewire_viewers_open", func() float64 { return float64(a.places.feeds.Taken()) })
	return set
}

func (a *Site) metricsPage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	a.metrics.WritePrometheus(w)
	metrics.WriteProcessMetrics(w)
}

// healthz says that the server answers. While it ends it no longer does, and
// that is what a load balancer should know first.
func (a *Site) healthz(w http.ResponseWriter, _ *http.Request) {
	if a.life.Err() != nil {
		http.Error(w, "closing", http.StatusServiceUnavailable)
		return
	}
	w.Write([]byte("ok\n"))
}
