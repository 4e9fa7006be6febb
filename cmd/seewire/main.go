// Seewire serves a bilingual course about Server-Sent Events and WebSocket in
// which every claim can be run, and every byte that the run put on the wire
// can be looked at and is explained.
//
//	go run ./cmd/seewire
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
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal ends the streams in good order. Taking the handler away
	// then lets a second one end the process at once.
	context.AfterFunc(ctx, stop)

	err := run(ctx, os.Args[1:], os.Stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage): // the flag package has said what is wrong
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "seewire:", err)
		os.Exit(1)
	}
}
