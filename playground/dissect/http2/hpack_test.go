package http2

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/http2/hpack"

	"seewire/playground/dissect"
	"seewire/playground/dissect/internal/dissecttest"
)

// RFC 7541, Appendix C.4 and C.6: blocks after one another, Huffman coded, and
// in C.6 with entries that have to go.
func TestHPACKExamples(t *testing.T) {
	for name, test := range map[string]struct {
		max    int64
		blocks []string
		want   [][]dissect.Header
		size   int64
	}{
		"C.4": {4096, []string{
			"828684418cf1e3c2e5f23a6ba0ab90f4ff",
			"828684be5886a8eb10649cbf",
			"828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
		}, [][]dissect.Header{
			{{Name: ":method", Value: "GET"}, {Name: ":scheme", Value: "http"}, {Name: ":path", Value: "/"}, {Name: ":authority", Value: "www.example.com"}},
			{{Name: ":method", Value: "GET"}, {Name: ":scheme", Value: "http"}, {Name: ":path", Value: "/"}, {Name: ":authority", Value: "www.example.com"}, {Name: "cache-control", Value: "no-cache"}},
			{{Name: ":method", Value: "GET"}, {Name: ":scheme", Value: "https"}, {Name: ":path", Value: "/index.html"}, {Name: ":authority", Value: "www.example.com"}, {Name: "custom-key", Value: "custom-value"}},
		}, 164},
		"C.6": {256, []string{
			"488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
			"4883640effc1c0bf",
		}, [][]dissect.Header{
			{{Name: ":status", Value: "302"}, {Name: "cache-control", Value: "private"}, {Name: "date", Value: "Mon, 21 Oct 2013 20:13:21 GMT"}, {Name: "location", Value: "https://www.example.com"}},
			{{Name: ":status", Value: "307"}, {Name: "cache-control", Value: "private"}, {Name: "date", Value: "Mon, 21 Oct 2013 20:13:21 GMT"}, {Name: "location", Value: "https://www.example.com"}},
		}, 222},
	} {
		d := newHPACKDecoder()
		d.table.max = test.max
		for i, block := range test.blocks {
			p, err := hex.DecodeString(block)
			if err != nil {
				t.Fatal(err)
			}
			r := d.decode(p, true, 4096)
			if !slices.Equal(r.headers, test.want[i]) || len(r.violations) > 0 {
				t.Errorf("%s, block %d: %v %v", name, i, r.headers, r.violations)
			}
		}
		if d.table.size != test.size {
			t.Errorf("%s: the table has %d bytes, want %d", name, d.table.size, test.size)
		}
	}
}

// Headers that another implementation has written are read as it meant them.
func TestHPACKAgainstAnother(t *testing.T) {
	r := dissecttest.NewRand()
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	d := newHPACKDecoder()
	for range 300 {
		if r.IntN(10) == 0 {
			encoder.SetMaxDynamicTableSize(uint32(r.IntN(4097)))
		}
		block.Reset()
		var want []dissect.Header
		for range r.IntN(12) {
			name := hpackStatic[r.IntN(len(hpackStatic))].Name
			if r.IntN(3) == 0 {
				name = "x-" + strings.Repeat("n", r.IntN(200))
			}
			value := string(binary.AppendUvarint(nil, r.Uint64N(200)))
			if r.IntN(2) == 0 {
				value = strings.Repeat("v", r.IntN(300))
			}
			if err := encoder.WriteField(hpack.HeaderField{Name: name, Value: value}); err != nil {
				t.Fatal(err)
			}
			want = append(want, dissect.Header{Name: name, Value: dissect.ToText(value)})
		}
		got := d.decode(block.Bytes(), true, 4096)
		if !slices.Equal(got.headers, want) || len(got.violations) > 0 || d.tableUnknown {
			t.Fatalf("%v\nread as %v %v", want, got.headers, got.violations)
		}
	}
}
