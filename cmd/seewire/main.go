// Seewire serves a bilingual course about Server-Sent Events and WebSocket in
// which every claim can be run, and every byte that the run put on the wire
// can be looked at and is explained.
//
//	go run ./cmd/seewire
//
// And it watches a server of somebody's own (seewire watch TARGET), prints what is in
// a file (seewire dissect FILE), says what is wrong with somebody's stream
// (seewire check URL), begins a lesson (seewire new SLUG
// -content DIR) and says what is wrong with one (seewire lint).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"seewire/cmd/seewire/internal/author"
	"seewire/cmd/seewire/internal/program"
	"seewire/cmd/seewire/internal/terminal"
)

func main() {
	runtime.MemProfileRate = 0 // nobody reads that profile, and to sample it takes time
	if len(os.Args) > 1 {
		switch args := os.Args[2:]; os.Args[1] {
		case "dissect":
			// It ends before there is much to collect; what it may take is bounded.
			debug.SetGCPercent(800)
			debug.SetMemoryLimit(512 << 20)
			exit(terminal.Dissect(args, terminal.NewConsole()))
		case "check":
			exit(untilSignal(func(ctx context.Context, _ []string, _ io.Writer) error {
				return terminal.Check(ctx, args, terminal.NewConsole())
			}))
		case "watch":
			exit(untilSignal(func(ctx context.Context, _ []string, out io.Writer) error {
				return program.Watch(ctx, args, out)
			}))
		case "lint":
			exit(terminal.Lint(args, os.Stdout, os.Stderr))
		case "new":
			exit(terminal.New(args, os.Stdout, os.Stderr))
		}
	}

	exit(untilSignal(program.Run))
}

// lastResort is how long the process may take to end after the first signal.
// run needs less, but on a busy machine it waits for the processor again and
// again, behind every goroutine that ends, and a timer does not.
const lastResort = 3 * time.Second

// untilSignal runs the program. The first signal ends it in good order, the
// second one at once.
func untilSignal(run func(context.Context, []string, io.Writer) error) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		time.AfterFunc(lastResort, func() {
			fmt.Fprintln(os.Stderr, "seewire: the machine is too busy to end every stream in good order; they were cut off")
			os.Exit(0)
		})
		signal.Stop(signals) // the system's own handler is back
		cancel()
	}()
	return run(ctx, os.Args[1:], os.Stdout)
}

// exit ends the process, and says why if that is an error.
func exit(err error) {
	switch {
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, terminal.ErrUsage): // the flag package has said what is wrong
		os.Exit(2)
	case errors.Is(err, author.ErrProblems), errors.Is(err, terminal.ErrWrong): // so has the command
		os.Exit(1)
	case err != nil:
		fmt.Fprintln(os.Stderr, "seewire:", err)
		os.Exit(1)
	}
	os.Exit(0)
}
