// Load is a class in front of a server: learners who each have some chats open, token
// by token, and a page that watches them. It tells what of the tokens came, how
// evenly, and what they cost the server.
//
//	go build -o /tmp/seewire ./cmd/seewire
//	/tmp/seewire -addr 127.0.0.1:8080 -streams 12000 &
//	go run ./playground/load -pid $! -learners 100 -compare unwatched -rounds 5   what watching costs
//	go run ./playground/load -pid $! -compare unrecorded -rounds 5                what recording does
//	go run ./playground/load -pid $! -watched 0 -recorded=false -compare bare     what a token costs beside its bytes
//	go run ./playground/load -pid $! -learners 300                                whether a class fits
//	go run ./playground/load -pid $! -broadcast 1000 -compare bare                what a message to many costs each of them
//	go run ./playground/load -pid $! -idle 10000 -over ws                         what an open stream takes
//	go run ./playground/load -pid $! -page /en/lessons/reconnect                  what a page takes
//
// Each learner has an address of its own, as far as a loopback interface lets it
// (Linux), so that a server's shares for one address do not count.
package main

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"time"
)

type options struct {
	address   string
	pid       int
	over      string
	learners  int
	watched   int
	streams   int
	broadcast int
	rate      int
	recorded  bool
	settle    time.Duration
	length    time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.address, "addr", "127.0.0.1:8080", "where the server listens")
	flag.IntVar(&o.pid, "pid", 0, "the server's process, for what it takes (Linux)")
	flag.StringVar(&o.over, "over", "sse", "sse or ws")
	flag.IntVar(&o.learners, "learners", 100, "how many learners")
	flag.IntVar(&o.watched, "watched", -1, "how many of them have a page that watches; -1 for all")
	flag.IntVar(&o.streams, "streams", 3, "streams of a learner")
	flag.IntVar(&o.broadcast, "broadcast", 0, "in place of learners, so many streams that all get the same five messages a second")
	flag.IntVar(&o.rate, "rate", 30, "tokens a second of a stream")
	flag.BoolVar(&o.recorded, "recorded", true, "record the streams")
	flag.DurationVar(&o.settle, "settle", 3*time.Second, "after the last learner has come")
	flag.DurationVar(&o.length, "length", 10*time.Second, "of the measure")
	compare := flag.String("compare", "", "measure in turns with something else, and tell the ratio: unwatched, unrecorded or bare, a process that only writes the same bytes")
	rounds := flag.Int("rounds", 1, "how often; medians are told")
	child := flag.Bool("serve-bare", false, "be the process that only writes, for -compare bare")
	page := flag.String("page", "", "ask for a page, such as /en/lessons/reconnect, and tell what a request takes beside net/http's file server")
	idle := flag.Int("idle", 0, "open so many streams that say nothing, and tell what they take")
	flag.Parse()
	if o.broadcast > 0 {
		o.watched = 0
	}
	if o.watched < 0 {
		o.watched = o.learners
	}
	var err error
	switch {
	case *child:
		err = serveBare()
	case *idle > 0:
		err = measureIdle(o, *idle)
	case *page != "":
		err = measurePage(o, *page, *rounds)
	default:
		err = compared(o, *compare, *rounds)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

// compared measures in turns with something else.
func compared(o options, with string, rounds int) error {
	other := o
	switch with {
	case "":
		return rounded(o, nil, with, rounds)
	case "unwatched":
		other.watched = 0
	case "unrecorded":
		o.watched, other.watched, other.recorded = 0, 0, false
	case "bare":
		var stop func()
		var err error
		if other, stop, err = startBare(o); err != nil {
			return err
		}
		defer stop()
	default:
		return fmt.Errorf("-compare knows no %q", with)
	}
	return rounded(o, &other, with, rounds)
}

// rounded prints each round, and the medians.
func rounded(o options, other *options, with string, rounds int) error {
	var mine, others, ratios []float64
	for range rounds {
		if other != nil {
			r, err := run(*other)
			if err != nil {
				return err
			}
			fmt.Printf("%s: %v\n", with, r)
			others = append(others, r.perToken())
		}
		r, err := run(o)
		if err != nil {
			return err
		}
		fmt.Printf("%d watch: %v\n", o.watched, r)
		mine = append(mine, r.perToken())
		if other != nil {
			ratios = append(ratios, r.perToken()/others[len(others)-1])
		}
	}
	switch {
	case other != nil:
		fmt.Printf("medians: %s %.1f, else %.1f µs a token; the ratio is %.2f %.2f\n", with, median(others), median(mine), median(ratios), ratios)
	case rounds > 1:
		fmt.Printf("median: %.1f µs a token\n", median(mine))
	}
	return nil
}

func median[T cmp.Ordered](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
