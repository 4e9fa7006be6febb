package class

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"seewire/bus"
)

// A nowhere is a bus that takes all, and to which nobody is subscribed.
type nowhere struct{}

func (nowhere) Publish(string, []byte) error                   { return nil }
func (nowhere) Subscribe(string, func([]byte)) (func(), error) { return func() {}, nil }
func (nowhere) ID() string                                     { return "here" }
func (nowhere) Servers() []string                              { return []string{"here"} }
func (nowhere) Several() bool                                  { return false }
func (nowhere) Owner(string) string                            { return "here" }
func (nowhere) State() bus.State                               { return bus.State{} }
func (nowhere) Changed() <-chan struct{}                       { return nil }

// BenchmarkTellAll tells all members of a class how things stand while they vote. A
// member of a large class costs no more than one of a small class: compare ns/member.
func BenchmarkTellAll(b *testing.B) {
	for _, size := range []int{30, 300} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			classes, err := New(Options{Bus: nowhere{}, Lesson: func(string) (Lesson, bool) { return Lesson{Answers: 3, Right: 2}, true }})
			if err != nil {
				b.Fatal(err)
			}
			defer classes.Close()
			c, _, err := classes.add("AAAAAA", strings.Repeat("A", keyLength), Visitor{}.Peer)
			if err != nil {
				b.Fatal(err)
			}
			c.mu.Lock()
			c.ask("reconnect")
			for i := range size {
				m := &member{Number: i + 1, pages: 1, came: true, Key: fmt.Sprint(i), lost: time.Now(), heard: map[string]int{}}
				c.r.Members = append(c.r.Members, m)
				c.vote(m, "reconnect", 1, i%3+1)
			}
			c.mu.Unlock()
			for b.Loop() {
				c.mu.Lock()
				c.changeAll()
				c.mu.Unlock()
				c.flush()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size), "ns/member")
		})
	}
}
