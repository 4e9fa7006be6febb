// Seewire serves a bilingual course about Server-Sent Events and WebSocket in
// which every claim can be run, and every byte that the run put on the wire
// can be looked at and is explained.
//
//	go run ./cmd/seewire
//
// And it prints what is in a file: seewire dissect FILE.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	if args := os.Args[1:]; len(args) > 0 && args[0] == "dissect" {
		exit(runDissect(args[1:], newConsole()))
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal ends the streams in good order. Taking the handler away
	// then lets a second one end the process at once.
	context.AfterFunc(ctx, stop)

	exit(run(ctx, os.Args[1:], os.Stdout))
}

// exit ends the process, and says why if that is an error.
func exit(err error) {
	switch {
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage): // the flag package has said what is wrong
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "seewire:", err)
		os.Exit(1)
	}
	os.Exit(0)
}
