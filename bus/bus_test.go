package bus

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSubscribersGetWhatIsPublished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, _ := New(Options{})
		defer b.Close()
		var got, other []string
		unsubscribe, err := b.Subscribe("room.a", func(data []byte) { got = append(got, string(data)) })
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Subscribe("room.b", func(data []byte) { other = append(other, string(data)) }); err != nil {
			t.Fatal(err)
		}
		var want []string
		for i := range 100 {
			want = append(want, fmt.Sprint(i))
			if err := b.Publish("room.a", []byte(fmt.Sprint(i))); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if !slices.Equal(got, want) {
			t.Errorf("got %v", got)
		}
		unsubscribe()
		b.Publish("room.a", []byte("late"))
		synctest.Wait()
		if len(got) != 100 || other != nil {
			t.Errorf("got %d and %v", len(got), other)
		}
	})
}

// A program in which nothing goes between people starts no server, and the bus listens
// on no port.
func TestStartsWhenItIsUsed(t *testing.T) {
	b, _ := New(Options{})
	defer b.Close()
	if b.server != nil {
		t.Error("it has started")
	}
	b.Publish("room", nil)
	if b.server == nil || b.server.Addr() != nil {
		t.Error("it has not started, or listens")
	}
}

func TestClosed(t *testing.T) {
	b, _ := New(Options{})
	b.Publish("room", nil)
	b.Close()
	if err := b.Publish("room", nil); !errors.Is(err, ErrClosed) {
		t.Errorf("Publish: %v", err)
	}
	if _, err := b.Subscribe("room", func([]byte) {}); !errors.Is(err, ErrClosed) {
		t.Errorf("Subscribe: %v", err)
	}
}
