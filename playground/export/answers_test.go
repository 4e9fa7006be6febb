package export_test

import (
	"fmt"
	"net/http"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"seewire/playground/export"
)

// What a model streams is put together as it comes: asked in between, and in the end
// the same as of the whole capture.
func TestAnswersAsTheyCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		capture, client := serve(t, limits, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			for i := range 5 {
				fmt.Fprintf(w, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%d\"}}]}\n\n", i)
				w.(http.Flusher).Flush()
				time.Sleep(time.Second)
			}
			fmt.Fprint(w, "data: [DONE]\n\n")
		})
		dissections := export.NewDissections(1<<20, nil)
		done := make(chan struct{})
		go func() {
			defer close(done)
			whole(t, client)
		}()
		time.Sleep(2500 * time.Millisecond)
		synctest.Wait()
		got, err := dissections.Answers(t.Context(), capture)
		if err != nil || len(got) != 1 || !got[0].Open || got[0].Parts[0].Text != "012" || len(got[0].Problems) > 0 {
			t.Fatalf("in the middle: %+v, %v", got, err)
		}
		<-done
		synctest.Wait()
		got, err = dissections.Answers(t.Context(), capture)
		if err != nil || len(got) != 1 || got[0].Open || !got[0].Ended || got[0].Parts[0].Text != "01234" {
			t.Fatalf("in the end: %+v, %v", got, err)
		}
		if gap := got[0].Timing.Gap; gap != 1000 {
			t.Errorf("the longest gap is %v ms", gap)
		}
		if want := export.Capture(capture).Together(); !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, the whole has %+v", got, want)
		}
	})
}
