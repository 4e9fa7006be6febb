package protocols

import (
	"bytes"
	"testing"
	"time"

	"golang.org/x/net/http2/hpack"

	"seewire/playground/dissect"
	"seewire/playground/secret"
)

// coveredFields are the fields in which something was covered, and how much.
func coveredFields(frames []dissect.Frame) map[string]dissect.Covered {
	found := map[string]dissect.Covered{}
	for _, f := range frames {
		for _, field := range f.Fields {
			if field.Covered != nil {
				found[field.Name] = *field.Covered
			}
		}
	}
	return found
}

func checkCovered(t *testing.T, frames []dissect.Frame, want map[string]dissect.Covered) {
	t.Helper()
	got := coveredFields(frames)
	for name, covered := range want {
		if got[name] != covered {
			t.Errorf("%s: %v, want %v", name, got[name], covered)
		}
	}
	if len(got) != len(want) {
		t.Errorf("covered are %v, want %v", got, want)
	}
}

// What the tap has covered is told as that, with its length.
func TestCovered(t *testing.T) {
	const request = "GET /?a=b&token=abc HTTP/1.1\r\nHost: x\r\nCookie: sid=1234; theme=dark\r\nAuthorization: Bearer abcde\r\nX-Api-Key: key\r\n" +
		"Referer: http://x/?token=\r\nSec-WebSocket-Protocol: seewire, token.abc\r\nSec-WebSocket-Key: abc\r\n\r\n"
	var kept []byte
	for _, s := range secret.NewHTTP1(nil).Client.Add(time.Time{}, []byte(request)) {
		kept = append(kept, s.Bytes...)
	}
	result, err := Bytes(t.Context(), dissect.NewBudget(), "http1", dissect.Client, "", kept)
	if err != nil {
		t.Fatal(err)
	}
	checkCovered(t, result.Frames, map[string]dissect.Covered{
		"http.request.uri":            {Kind: "address", Bytes: 3},
		"http.cookie":                 {Kind: "cookie", Bytes: 8},
		"http.authorization":          {Kind: "authorization", Bytes: 5},
		"http.unknown_header":         {Kind: "key", Bytes: 3},
		"http.sec_websocket_protocol": {Kind: "protocol", Bytes: 3},
	})
	if result, err = Bytes(t.Context(), dissect.NewBudget(), "http1", dissect.Client, "", []byte(request)); err != nil || len(coveredFields(result.Frames)) != 0 {
		t.Errorf("of what came from elsewhere it is said that %v was covered, %v", coveredFields(result.Frames), err)
	}
}

// So it is in a header block, packed, and where an entry of the table is meant.
func TestCoveredHTTP2(t *testing.T) {
	var block, sent bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	sent.WriteString("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
	for stream := byte(1); stream <= 3; stream += 2 {
		block.Reset()
		for _, h := range [][2]string{{":method", "GET"}, {":scheme", "https"}, {":authority", "x"}, {":path", "/"}, {"cookie", "sid=eyJhbGciOiJIUzI1NiJ9"}} {
			encoder.WriteField(hpack.HeaderField{Name: h[0], Value: h[1]})
		}
		sent.Write([]byte{0, 0, byte(block.Len()), 1, 5, 0, 0, 0, stream})
		sent.Write(block.Bytes())
	}
	var kept []byte
	for _, s := range secret.NewHTTP2(nil).Client.Add(time.Time{}, sent.Bytes()) {
		kept = append(kept, s.Bytes...)
	}
	result, err := Bytes(t.Context(), dissect.NewBudget(), "http2", dissect.Client, "", kept)
	if err != nil {
		t.Fatal(err)
	}
	checkCovered(t, result.Frames, map[string]dissect.Covered{"http2.header.value": {Kind: "cookie", Bytes: 20}, "http2.header.index": {Kind: "cookie", Bytes: 20}})
}
