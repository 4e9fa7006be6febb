package http1

import (
	"slices"

	"seewire/playground/dissect"
)

// What the specifications of HTTP/1 forbid and the dissector sees.
const (
	bareLF = iota
	obsFold
	headerWithoutColon
	headerName
	headerSpace
	headerValue
	hostMissing
	contentLengthInvalid
	lengthAndCoding
	transferCoding
	chunkSizeInvalid
	chunkEndMissing
	startLine
	afterResponse
	bodyIncomplete
)

// rules says of each where it stands. What it means, the content says.
var rules = [...]dissect.Violation{
	bareLF:               {Code: "http1.bare-lf", Section: "RFC 9112 §2.2"},
	obsFold:              {Code: "http1.obs-fold", Section: "RFC 9112 §5.2"},
	headerWithoutColon:   {Code: "http1.header-without-colon", Section: "RFC 9112 §5"},
	headerName:           {Code: "http1.header-name", Section: "RFC 9110 §5.6.2"},
	headerSpace:          {Code: "http1.header-space", Section: "RFC 9112 §5.1"},
	headerValue:          {Code: "http1.header-value", Section: "RFC 9110 §5.5"},
	hostMissing:          {Code: "http1.host", Section: "RFC 9112 §3.2"},
	contentLengthInvalid: {Code: "http1.content-length", Section: "RFC 9112 §6.3"},
	lengthAndCoding:      {Code: "http1.length-and-coding", Section: "RFC 9112 §6.3"},
	transferCoding:       {Code: "http1.transfer-coding", Section: "RFC 9112 §6.3"},
	chunkSizeInvalid:     {Code: "http1.chunk-size", Section: "RFC 9112 §7.1"},
	chunkEndMissing:      {Code: "http1.chunk-end", Section: "RFC 9112 §7.1"},
	startLine:            {Code: "http1.start-line", Section: "RFC 9112 §3"},
	afterResponse:        {Code: "http1.after-response", Section: "RFC 9112 §6.3"},
	bodyIncomplete:       {Code: "http1.body-incomplete", Section: "RFC 9112 §8"},
}

// Violations lists what can be wrong with a frame of the dissector.
func Violations() []dissect.Violation { return slices.Clone(rules[:]) }
