package secret

import (
	"strings"

	"golang.org/x/net/http2/hpack"
)

// filler is what stands for a byte of a secret.
const filler = '*'

// fillers are what stands for them where the Huffman code of HPACK has packed
// the value (RFC 7541, Appendix B), with the lengths of their codes in bits. Any
// number of characters and any number of bits that a text can have is reached,
// within the seven bits by which a text is filled up to whole bytes, with two of
// them that are neighbours here: their codes differ by seven bits at most.
//
// An average letter of a token has six bits, so that most have asterisks and
// the letter o.
var fillers = []struct {
	char byte
	bits int
}{
	{'o', 5}, {filler, 8}, {'~', 13}, {'\\', 19}, {0xC9, 26}, {0x16, 30},
}

// isFilled tells whether a text is one that stands for a secret.
func isFilled(text string) bool {
	for i := range len(text) {
		known := false
		for _, f := range fillers {
			known = known || f.char == text[i]
		}
		if !known {
			return false
		}
	}
	return text != ""
}

// cover returns the value with its secrets covered.
func cover(value string, secrets []span) string {
	covered := []byte(value)
	for _, s := range secrets {
		for i := s.start; i < s.end; i++ {
			covered[i] = filler
		}
	}
	return string(covered)
}

// coverPacked returns the value with its secrets covered so that the Huffman
// code packs it into as many bytes as before.
func coverPacked(value string, length int, secrets []span) string {
	var kept strings.Builder
	at, characters := 0, 0
	for _, s := range secrets {
		kept.WriteString(value[at:s.start])
		characters += s.end - s.start
		at = s.end
	}
	kept.WriteString(value[at:])
	room := 8*length - huffmanBits(kept.String())

	// The first pair that fills the bytes, with as many of the longer one as fit.
	pair := 1
	for pair < len(fillers)-1 && characters*fillers[pair].bits < room-7 {
		pair++
	}
	short, long := fillers[pair-1], fillers[pair]
	longs := min(characters, (room-characters*short.bits)/(long.bits-short.bits))

	covered := []byte(value)
	for _, s := range secrets {
		for i := s.start; i < s.end; i++ {
			covered[i] = short.char
			if longs > 0 {
				covered[i] = long.char
				longs--
			}
		}
	}
	return string(covered)
}

// huffmanBits is how many bits a text takes. Eight times the same text ends with
// a whole byte.
func huffmanBits(text string) int {
	if text == "" {
		return 0
	}
	return int(hpack.HuffmanEncodeLength(strings.Repeat(text, 8)))
}
