package coding

import (
	"slices"

	"seewire/playground/dissect"
)

// What can be wrong with a body under a coding: it is not what the coding says, or
// ends before it.
const (
	gzipBroken = iota
	deflateBroken
	brotliBroken
	zstdBroken
	unfinished
)

// rules says of each where it stands. What it means, the content says.
var rules = [...]dissect.Violation{
	gzipBroken:    {Code: "http1.gzip", Section: "RFC 9110 §8.4.1.3"},
	deflateBroken: {Code: "http1.deflate", Section: "RFC 9110 §8.4.1.2"},
	brotliBroken:  {Code: "http1.br", Section: "RFC 7932 §10"},
	zstdBroken:    {Code: "http1.zstd", Section: "RFC 8878 §3.1"},
	unfinished:    {Code: "http1.coding-unfinished", Section: "RFC 9110 §8.4"},
}

// Violations lists what can be wrong with a coding.
func Violations() []dissect.Violation { return slices.Clone(rules[:]) }
