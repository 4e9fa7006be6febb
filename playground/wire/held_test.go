package wire

import (
	"strings"
	"testing"
	"time"
)

func TestRequestLength(t *testing.T) {
	const (
		get     = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
		bare    = "GET / HTTP/1.1\nHost: a\n\n"
		post    = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"
		chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nTrailer: x\r\n\r\n"
	)
	cases := map[string]struct {
		bytes string
		want  int
	}{
		"a head":                    {get, len(get)},
		"two heads":                 {get + get, len(get)},
		"lines that end in LF":      {bare + get, len(bare)},
		"a head and a frame":        {get + "\x81\x80", len(get)},
		"a head and one byte":       {get + "G", len(get)},
		"a body":                    {post, len(post)},
		"a body and a head":         {post + get, len(post)},
		"a part of a body":          {post[:len(post)-1], len(post) - 1},
		"chunks":                    {chunked, len(chunked)},
		"chunks and a head":         {chunked + get, len(chunked)},
		"a part of the chunks":      {chunked[:len(chunked)-20], len(chunked) - 20},
		"a part of a head":          {get[:10], 10},
		"no HTTP":                   {"\x00\x01\x02", 3},
		"nothing":                   {"", 0},
		"an empty line before":      {"\r\n" + get, 2 + len(get)},
		"an empty line, then a get": {"\r\n\r\n" + get, 4 + len(get)},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			if got := requestLength([]byte(test.bytes)); got != test.want {
				t.Errorf("%d, want %d", got, test.want)
			}
		})
	}
}

// Cutting leaves each byte in one of the two, and its time with it.
func TestCut(t *testing.T) {
	const first, second = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n", "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n"
	all := first + second
	at := time.Unix(0, 0)
	for size := 1; size <= len(all); size++ {
		var h held
		for i := 0; i < len(all); i += size {
			h.add(at.Add(time.Duration(i)), []byte(all[i:min(i+size, len(all))]))
		}
		request, rest := h.cut()
		if string(request.bytes) != first || string(rest.bytes) != second {
			t.Fatalf("in reads of %d: %q and %q", size, request.bytes, rest.bytes)
		}
		offset := 0
		for _, h := range []*held{request, rest} {
			n := 0
			for _, s := range h.segments {
				if int(s.Offset) != n || s.Length < 1 {
					t.Errorf("in reads of %d: segment %+v, want offset %d", size, s, n)
				}
				if want := at.Add(time.Duration(offset / size * size)); !s.At.Equal(want) {
					t.Errorf("in reads of %d: byte %d came at %v, want %v", size, offset, s.At, want)
				}
				n += s.Length
				offset += s.Length
			}
		}
		if offset != len(all) {
			t.Errorf("in reads of %d: segments cover %d bytes", size, offset)
		}
	}
}

func TestHeldIsBounded(t *testing.T) {
	var h held
	h.add(time.Now(), []byte("GET / HTTP/1.1\r\nCookie: "))
	for range 100 {
		h.add(time.Now(), []byte(strings.Repeat("x", 1000)))
	}
	if len(h.bytes) != maxHeld || h.dropped != 24+100_000-maxHeld {
		t.Errorf("holds %d bytes, dropped %d", len(h.bytes), h.dropped)
	}
}

// What was dropped came last.
func TestCutAndDropped(t *testing.T) {
	const head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
	var h held
	h.add(time.Now(), []byte(head+strings.Repeat("x", maxHeld)))
	request, rest := h.cut()
	if string(request.bytes) != head || request.dropped != 0 || rest.dropped != int64(len(head)) {
		t.Errorf("request %q dropped %d, the rest %d", request.bytes, request.dropped, rest.dropped)
	}
}
