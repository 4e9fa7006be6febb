package site

import (
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// BenchmarkUnwatchedRun compares a recorded request on one of three servers of a site,
// whose capture nobody looks at elsewhere, with one on a server that is alone: turn by
// turn, so that both have the same machine. The request is one that is refused: it waits
// for no timer, and is recorded as any other.
func BenchmarkUnwatchedRun(b *testing.B) {
	url, _ := startNATS(b, server.RANDOM_PORT)
	several, alone := startNodes(b, url, 3)[0], startNode(b, "")
	var took [2]time.Duration
	request := func(n *node, i int) time.Duration {
		began := time.Now()
		resp, err := n.Client().Get(fmt.Sprintf("%s/play/reconnect/sse?capture=benchmark-%d&every=1", n.URL, i/1000))
		if err != nil {
			b.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		return time.Since(began)
	}
	for i := 0; b.Loop(); i++ {
		took[0] += request(several, i)
		took[1] += request(alone, i)
	}
	b.ReportMetric(float64(took[0])/float64(took[1]), "several/alone")
}
