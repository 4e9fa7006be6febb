package secret

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/http2/hpack"

	"seewire/playground/http2frame"
)

// frame is one of HTTP/2.
func frame(typ, flags byte, stream uint32, payload []byte) []byte {
	n := len(payload)
	p := append([]byte{byte(n >> 16), byte(n >> 8), byte(n), typ, flags}, binary.BigEndian.AppendUint32(nil, stream)...)
	return append(p, payload...)
}

// rawHeader is a header that is written out, without the Huffman code.
func rawHeader(first byte, name, value string) []byte {
	p := append([]byte{first, byte(len(name))}, name...)
	return append(append(p, byte(len(value))), value...)
}

// An encoder makes header blocks as clients do.
type encoder struct {
	bytes.Buffer
	*hpack.Encoder
}

func newEncoder() *encoder {
	e := new(encoder)
	e.Encoder = hpack.NewEncoder(&e.Buffer)
	return e
}

// block encodes names and values by turns.
func (e *encoder) block(fields ...string) []byte {
	e.Reset()
	for pair := range slices.Chunk(fields, 2) {
		e.WriteField(hpack.HeaderField{Name: pair[0], Value: pair[1]})
	}
	return bytes.Clone(e.Bytes())
}

// headersIn decodes the blocks of one direction.
func headersIn(t testing.TB, p []byte, preface int) (all []hpack.HeaderField, err error) {
	t.Helper()
	decoder := hpack.NewDecoder(4096, func(f hpack.HeaderField) { all = append(all, f) })
	decoder.SetAllowedMaxDynamicTableSize(maxTable)
	var block []byte
	for p = p[min(preface, len(p)):]; len(p) >= http2frame.HeadLength; {
		h := http2frame.Parse(p)
		n := h.Length
		if n > len(p)-http2frame.HeadLength {
			break
		}
		payload := p[http2frame.HeadLength:][:n]
		if h.HasBlock() {
			if start, end, ok := h.Fragment(payload); ok {
				block = append(block, payload[start:end]...)
			}
			if h.Has(http2frame.EndHeaders) {
				if _, err := decoder.Write(block); err != nil {
					return all, err
				}
				if err := decoder.Close(); err != nil {
					return all, err
				}
				block = block[:0]
			}
		}
		p = p[http2frame.HeadLength+n:]
	}
	return all, nil
}

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

func TestHTTP2(t *testing.T) {
	up, down := newEncoder(), newEncoder()
	first := up.block(":method", "GET", ":scheme", "https", ":path", "/?token=abcdefghijk", ":authority", "x",
		"cookie", "sid=eyJhbGciOiJIUzI1NiJ9", "cookie", "theme=dark", "x-api-key", "AAAA0000", "accept", "*/*")
	client := slices.Concat([]byte(preface), frame(4, 0, 0, nil),
		frame(http2frame.Headers, http2frame.Padded|http2frame.HasPriority, 1, slices.Concat([]byte{3, 0, 0, 0, 0, 9}, first[:9], []byte{0, 0, 0})),
		frame(http2frame.Continuation, 0, 1, first[9:30]),
		frame(http2frame.Continuation, http2frame.EndHeaders, 1, first[30:]),
		frame(http2frame.Data, 0, 1, []byte("cookie: sid=body")),
		// All from the table, and a name alone.
		frame(http2frame.Headers, http2frame.EndHeaders|http2frame.EndStream, 3, up.block(":method", "GET", ":scheme", "https", ":path", "/", ":authority", "x",
			"cookie", "sid=eyJhbGciOiJIUzI1NiJ9", "cookie", "theme=light", "x-api-key", "AAAA0000")),
		// In the lesson's own way, raw, and never to be indexed.
		frame(http2frame.Headers, http2frame.EndHeaders|http2frame.EndStream, 5, slices.Concat(
			up.block(":path", "/play/strangers/sse?token=ada"), rawHeader(0x10, "cookie", "visitor=ada"), rawHeader(0x40, "cookie", "visitor=bob"))),
		frame(http2frame.Headers, http2frame.EndHeaders|http2frame.EndStream, 7, up.block("x-trailer-token", "abc")),
	)
	server := slices.Concat(
		frame(http2frame.Headers, http2frame.EndHeaders, 1, down.block(":status", "200", "set-cookie", "sid=abcdef; Path=/", "set-cookie", "visitor=ada")),
		frame(http2frame.Data, http2frame.EndStream, 1, []byte("body")),
		frame(http2frame.Headers, http2frame.EndHeaders|http2frame.EndStream, 5, down.block(":status", "204", "set-cookie", "visitor=ada; HttpOnly")),
	)

	for _, cut := range []bool{false, true} {
		h := NewHTTP2(made)
		var atClient, atServer []int
		if cut {
			atClient, atServer = everywhere(client), everywhere(server)
		}
		gotClient, gotServer := pass(t, h.Client, client, atClient...), pass(t, h.Server, server, atServer...)
		same(t, client, gotClient, len(preface))
		same(t, server, gotServer, 0)
		fields, err := headersIn(t, gotClient, len(preface))
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, f := range fields {
			text += f.Name + ": " + f.Value + "\n"
		}
		for _, secret := range []string{"abcdefghijk", "eyJ", "dark", "light", "AAAA", "bob", "token: abc"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s is still in\n%s", secret, text)
			}
		}
		for _, kept := range []string{"cookie: sid=", "cookie: theme=", "cookie: visitor=ada", "/play/strangers/sse?token=ada", "accept: */*"} {
			if !strings.Contains(text, kept) {
				t.Errorf("%s is not in\n%s", kept, text)
			}
		}
		if !bytes.Contains(gotClient, []byte("cookie: sid=body")) {
			t.Error("the body was changed")
		}
		answers, err := headersIn(t, gotServer, 0)
		if err != nil || answers[1].Value == "sid=abcdef; Path=/" || !strings.HasSuffix(answers[1].Value, "; Path=/") ||
			answers[2].Value == "visitor=ada" || answers[4].Value != "visitor=ada; HttpOnly" {
			t.Errorf("the server's are %v, %v", answers, err)
		}
		if len(h.streams) != 0 {
			t.Errorf("streams that are over are remembered: %v", h.streams)
		}
	}
}

// same fails where the covered bytes are not the ones that came, but for secrets.
func same(t testing.TB, before, after []byte, preface int) {
	t.Helper()
	if len(before) != len(after) {
		t.Fatalf("%d bytes became %d", len(before), len(after))
	}
	want, err := headersIn(t, before, preface)
	got, err2 := headersIn(t, after, preface)
	if err != nil || err2 != nil || len(want) != len(got) {
		t.Fatalf("%d headers became %d: %v, %v", len(want), len(got), err, err2)
	}
	for i, f := range want {
		if f.Name != got[i].Name || len(f.Value) != len(got[i].Value) || f.Sensitive != got[i].Sensitive {
			t.Errorf("%v became %v", f, got[i])
		}
		if KindOf(strings.ToLower(f.Name)) == "" && f.Value != got[i].Value {
			t.Errorf("%v became %v", f, got[i])
		}
		kept, now := []byte(f.Value), []byte(got[i].Value)
		for _, secret := range spans(KindOf(strings.ToLower(f.Name)), f.Value, nil) {
			clear(kept[secret.start:secret.end])
			clear(now[secret.start:secret.end])
		}
		if !bytes.Equal(kept, now) {
			t.Errorf("%v became %v: more than the secret has changed", f, got[i])
		}
	}
}

// A block that can't be read is wiped, and so are those after it: nothing is
// known of the table any more.
func TestUnreadableBlock(t *testing.T) {
	e := newEncoder()
	good := e.block("cookie", "sid=abc")
	for name, p := range map[string][]byte{
		"an index of nothing":  slices.Concat(frame(http2frame.Headers, http2frame.EndHeaders, 1, []byte{0xFF, 0x20})),
		"padding":              slices.Concat(frame(http2frame.Headers, http2frame.EndHeaders|http2frame.Padded, 1, rawHeader(200, "cookie", "secret"))),
		"a block within one":   slices.Concat(frame(http2frame.Headers, 0, 1, rawHeader(0, "cookie", "secret"))),
		"a continuation":       slices.Concat(frame(http2frame.Continuation, http2frame.EndHeaders, 1, rawHeader(0, "cookie", "secret"))),
		"a string that is cut": frame(http2frame.Headers, http2frame.EndHeaders, 1, rawHeader(0, "cookie", "secret")[:12]),
	} {
		p = append(p, frame(http2frame.Headers, http2frame.EndHeaders, 3, rawHeader(0, "cookie", "secret"))...)
		p = append(p, frame(http2frame.Headers, http2frame.EndHeaders, 5, good)...)
		p = append(p, frame(http2frame.Data, http2frame.EndStream, 5, []byte("body"))...)
		for _, cuts := range [][]int{nil, everywhere(p)} {
			c := NewHTTP2(nil).Server
			got := pass(t, c, p, cuts...)
			if len(got) != len(p) || bytes.Contains(got, []byte("sec")) || bytes.Contains(got, good) || !bytes.HasSuffix(got, []byte("body")) {
				t.Errorf("%s: %d bytes became %d: %q", name, len(p), len(got), got)
			}
		}
	}
}

// A block that never ends is not kept.
func TestUnfinishedBlock(t *testing.T) {
	p := slices.Concat(frame(4, 0, 0, nil), frame(http2frame.Headers, 0, 1, rawHeader(0, "cookie", "secret")))
	for _, cuts := range [][]int{nil, everywhere(p)} {
		if got := pass(t, NewHTTP2(nil).Server, p, cuts...); bytes.Contains(got, []byte("sec")) || !bytes.HasPrefix(got, p[:9]) {
			t.Errorf("%q", got)
		}
	}
}

// A table that is made smaller and larger evicts as it would have.
func TestTableSizes(t *testing.T) {
	e := newEncoder()
	var p []byte
	for i, size := range []uint32{4096, 0, 100, 4096, 60} {
		e.SetMaxDynamicTableSize(size)
		for j := range 5 {
			p = append(p, frame(http2frame.Headers, http2frame.EndHeaders, 1, e.block("x-api-key", fmt.Sprint("secret", i, j), "cookie", "a=b", "x", "y"))...)
		}
	}
	got := pass(t, NewHTTP2(nil).Server, p)
	same(t, p, got, 0)
}

func FuzzHTTP1(f *testing.F) {
	f.Add([]byte("GET /?token=abc HTTP/1.1\r\nCookie: a=b\r\n c\r\nContent-Length: 2\r\n\r\nxxPOST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Token: a\r\n\r\n"), uint8(3))
	f.Add([]byte("HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\n\r\nCookie: a=b"), uint8(1))
	f.Add([]byte("GET / HTTP/1.1\nCookie: a\n Transfer-Encoding: chunked\n\n00\n"), uint8(5)) // no header of its own
	f.Fuzz(func(t *testing.T, p []byte, step uint8) {
		for _, side := range []func(h *HTTP1) *Covering{
			func(h *HTTP1) *Covering { return h.Client },
			func(h *HTTP1) *Covering { return h.Server },
		} {
			var cuts []int
			for at := int(step) + 1; at < len(p); at += int(step) + 1 {
				cuts = append(cuts, at)
			}
			whole := pass(t, side(NewHTTP1(made)), p)
			if split := pass(t, side(NewHTTP1(made)), p, cuts...); !bytes.Equal(split, whole) || len(whole) != len(p) {
				t.Fatalf("%q becomes\n%q, and split\n%q", p, whole, split)
			}
			for i := range p {
				if whole[i] != p[i] && (whole[i] != filler || p[i] == '\n') {
					t.Fatalf("%q becomes %q", p, whole)
				}
			}
			if again := pass(t, side(NewHTTP1(made)), whole); !bytes.Equal(again, whole) {
				t.Fatalf("%q becomes\n%q, and then\n%q", p, whole, again)
			}
		}
	})
}

func FuzzHTTP2(f *testing.F) {
	e := newEncoder()
	f.Add(slices.Concat(
		frame(http2frame.Headers, http2frame.EndHeaders, 1, e.block(":path", "/?token=abc", "cookie", "sid=abcdef; a=b", "authorization", "Bearer xyz")),
		frame(http2frame.Headers, 0, 3, e.block("cookie", "sid=abcdef; a=b")), frame(http2frame.Continuation, http2frame.EndHeaders, 3, rawHeader(0x40, "x-token", "a\x00b"))), uint8(3))
	f.Fuzz(func(t *testing.T, p []byte, step uint8) {
		var cuts []int
		for at := int(step) + 1; at < len(p); at += int(step) + 1 {
			cuts = append(cuts, at)
		}
		h := NewHTTP2(made)
		whole := pass(t, h.Server, p)
		if split := pass(t, NewHTTP2(made).Server, p, cuts...); !bytes.Equal(split, whole) || len(whole) > len(p) {
			t.Fatalf("%q becomes\n%q, and split\n%q", p, whole, split)
		}
		// The library refuses more than this package does.
		if _, err := headersIn(t, p[:len(whole)], 0); err == nil && !h.Server.scan.(*http2).lost {
			same(t, p[:len(whole)], whole, 0)
		}
	})
}
