package pressure

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"seewire/playground"
	"seewire/playground/stream"
)

// serveSSE writes what waits in the queue, as fast as the client takes it.
func serveSSE(w http.ResponseWriter, r *http.Request) {
	controls := playground.Controls(r)
	last := lastNumber(r)
	if last >= controls.Int("total") {
		w.WriteHeader(http.StatusNoContent) // or EventSource would go on asking
		return
	}
	playground.SetSendBuffer(r, sendBuffer)

	out := stream.New(w)
	out.Retry(200 * time.Millisecond)

	queue := newQueue(controls)
	ctx, stop := context.WithCancel(r.Context())
	var producer sync.WaitGroup
	defer producer.Wait()
	defer stop()
	producer.Go(func() { queue.produce(ctx, last+1, controls) })

	for price := range queue.prices {
		text := price.text(len(queue.prices), controls.Int("size"))
		event := stream.Event{ID: strconv.Itoa(price.n), Data: text}
		begun := time.Now()
		if err := out.Send(event); err != nil {
			playground.Logf(r, "price %d: %v", price.n, err)
			return // the client has left, or took nothing for 10 s
		}
		if took := time.Since(begun); took > slowWrite {
			playground.Logf(r, "price %d: Write took %v", price.n, took.Round(time.Millisecond))
		}
	}
	if queue.err != nil {
		playground.Logf(r, "%v", queue.err) // a stream has no way to say why it ends
	}
}
