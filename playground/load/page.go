package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// measurePage asks for a page again and again, as a browser that has been there does
// and as one that has not, in turns with net/http's file server, which has the same page
// as a file.
func measurePage(o options, path string, rounds int) error {
	page := "http://" + o.address + path
	_, plain, err := fetch(page, http.Header{"Accept-Encoding": {"identity"}})
	if err != nil {
		return err
	}
	fresh := http.Header{"Accept-Encoding": {"br"}}
	packed, text, err := fetch(page, fresh)
	if err != nil {
		return err
	}
	files, stop, err := startChild(o, bare{Page: plain})
	if err != nil {
		return err
	}
	defer stop()
	known := http.Header{"Accept-Encoding": {"br"}, "If-None-Match": {packed.Header.Get("Etag")}}
	asked := [3]struct {
		pid    int
		url    string
		header http.Header
	}{
		{files.pid, "http://" + files.address + "/page", http.Header{"Accept-Encoding": {"identity"}}},
		{o.pid, page, fresh},
		{o.pid, page, known},
	}
	var took [3][]float64
	for range rounds {
		for i, a := range asked {
			each, err := requests(a.pid, a.url, a.header, o.length/3)
			if err != nil {
				return err
			}
			took[i] = append(took[i], each)
		}
	}
	fmt.Printf("%s: %d bytes under br, %.0f µs of a processor a request (%.0f where the browser has the page); a file server with its %d bytes %.0f µs\n",
		path, len(text), median(took[1]), median(took[2]), len(plain), median(took[0]))
	return nil
}

// requests asks one after the other for as long as that, and returns what one takes of
// the server's processor, in microseconds.
func requests(pid int, url string, header http.Header, length time.Duration) (float64, error) {
	before, err := cpu(pid)
	if err != nil {
		return 0, err
	}
	n := 0
	for end := time.Now().Add(length); time.Now().Before(end); n++ {
		if _, _, err := fetch(url, header); err != nil {
			return 0, err
		}
	}
	after, err := cpu(pid)
	return float64((after - before).Microseconds()) / float64(n), err
}

// fetch asks for a page, and takes what comes as it is.
func fetch(url string, header http.Header) (*http.Response, []byte, error) {
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return nil, nil, err
	}
	request.Header = header
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK && response.StatusCode != http.StatusNotModified {
		err = fmt.Errorf("%s: %s", url, response.Status)
	}
	return response, text, err
}

// serveFile is net/http's file server, with the page as a file.
func serveFile(l net.Listener, page []byte) error {
	folder, err := os.MkdirTemp("", "load")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	if err := os.WriteFile(filepath.Join(folder, "page"), page, 0o600); err != nil {
		return err
	}
	http.Serve(l, http.FileServer(http.Dir(folder))) // until l is closed
	return nil
}
