// A log that is followed over SSE and over WebSocket, and a page that does both:
//
//	go run .
package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"seewire/playground/experiments/choose"
)

//go:embed page
var page embed.FS

func main() {
	addr := flag.String("addr", "localhost:8000", "where to listen")
	lines := flag.Int("lines", 100, "how long the log is")
	every := flag.Duration("every", 2*time.Second, "how often a line comes")
	beat := flag.Duration("beat", time.Second, "a heartbeat after so long without one") // the page knows it, too
	flag.Parse()
	if err := run(*addr, *lines, *every, *beat); err != nil {
		log.Fatal(err)
	}
}

// run serves until the process is asked to end.
func run(addr string, lines int, every, beat time.Duration) error {
	server := &choose.Server{
		Log:  choose.NewLog(lines),
		Beat: beat,
		// Origins: []string{"https://your.site"},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /sse", server.ServeSSE)
	mux.HandleFunc("GET /ws", server.ServeWS)
	mux.Handle("GET /clients/", http.StripPrefix("/clients/", http.FileServerFS(choose.Clients)))
	pages, err := fs.Sub(page, "page")
	if err != nil {
		return err
	}
	mux.Handle("GET /", http.FileServerFS(pages))

	// In place of this, whatever in your program has something to say.
	go func() {
		for n := range lines {
			time.Sleep(every)
			server.Log.Publish(fmt.Sprintf("package %d: ok", n+1))
		}
	}()

	life, end := context.WithCancelCause(context.Background())
	defer end(nil)
	listening := &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return life }, // of every request
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	failed := make(chan error, 1)
	go func() { failed <- listening.Serve(l) }()
	log.Printf("open http://%s", l.Addr())
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGINT, syscall.SIGTERM)
	select {
	case err := <-failed:
		return err
	case <-asked:
	}

	// Streams and WebSockets end, and their clients come back to the next process.
	// A client that does not answer is not waited for longer.
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	end(errors.New("the server is restarting"))
	listening.Shutdown(ctx)
	server.Wait(ctx)
	return nil
}
