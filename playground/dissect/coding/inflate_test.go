package coding

import (
	"bytes"
	"compress/flate"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"seewire/playground/dissect/internal/dissecttest"
)

// inflateInParts inflates data cut by split, and tells whether they are whole,
// and what comes after them.
func inflateInParts(data []byte, split func([]byte) [][]byte) (plain []byte, rest int, whole bool, err error) {
	var f Inflater
	for _, p := range split(bytes.Clone(data)) {
		if f.state == deflateEnd {
			rest += len(p)
			continue
		}
		var n int
		n, err = f.Inflate(p, func(p []byte) error { plain = append(plain, p...); return nil })
		if rest += n; err != nil {
			break
		}
	}
	return plain, rest, f.state == deflateEnd, err
}

// checkInflater holds the inflater against compress/flate, for any split.
func checkInflater(t *testing.T, data []byte, r *rand.Rand) {
	t.Helper()
	source := bytes.NewReader(data)
	want, wantErr := io.ReadAll(io.LimitReader(flate.NewReader(source), 4<<20))
	if len(want) == 4<<20 {
		return
	}
	for i, split := range []func([]byte) [][]byte{dissecttest.Whole, dissecttest.Bytewise, dissecttest.Randomly(r), dissecttest.Randomly(r)} {
		got, rest, end, err := inflateInParts(data, split)
		switch {
		case wantErr == nil && (err != nil || !end || rest != source.Len()):
			t.Fatalf("split %d: error %v, at the end %v, %d bytes left; want %d", i, err, end, rest, source.Len())
		case wantErr == io.ErrUnexpectedEOF && end:
			t.Fatalf("split %d: the data are cut, and the inflater is at the end", i)
		case wantErr != nil && wantErr != io.ErrUnexpectedEOF && err == nil && end:
			t.Fatalf("split %d: no error, want %v", i, wantErr)
		case !bytes.HasPrefix(got, want):
			t.Fatalf("split %d: got %d bytes, want %d", i, len(got), len(want))
		case wantErr == nil && len(got) != len(want):
			t.Fatalf("split %d: got %d bytes, want %d", i, len(got), len(want))
		}
	}
}

func inflateCases(t testing.TB) [][]byte {
	r := dissecttest.NewRand()
	noise := make([]byte, 100_000)
	for i := range noise {
		noise[i] = byte(r.IntN(256))
	}
	var cases [][]byte
	for _, content := range []string{
		"", "a", strings.Repeat("data: hello\n\n", 10_000), strings.Repeat("\x00", 300_000), string(noise),
		strings.Repeat(string(noise[:200]), 300),
	} {
		for _, level := range []int{flate.NoCompression, flate.BestSpeed, flate.BestCompression, flate.HuffmanOnly} {
			var b bytes.Buffer
			w, err := flate.NewWriter(&b, level)
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(w, content[:len(content)/3])
			w.Flush()
			io.WriteString(w, content[len(content)/3:])
			w.Close()
			b.WriteString("after it")
			cases = append(cases, b.Bytes())
		}
	}
	return cases
}

func TestInflater(t *testing.T) {
	r := dissecttest.NewRand()
	for _, data := range inflateCases(t) {
		checkInflater(t, data, r)
		for range 50 { // broken, and cut
			bad := bytes.Clone(data[:min(len(data), 3000)])
			bad[r.IntN(len(bad))] ^= 1 << r.IntN(8)
			checkInflater(t, bad[:1+r.IntN(len(bad))], r)
		}
	}
}

func FuzzInflater(f *testing.F) {
	for _, data := range inflateCases(f) {
		f.Add(data[:min(len(data), 500)])
	}
	f.Fuzz(func(t *testing.T, data []byte) { checkInflater(t, data, dissecttest.NewRand()) })
}
