package http2

import (
	"slices"

	"seewire/playground/dissect"
)

// What the specifications of HTTP/2 and HPACK forbid and the dissector sees.
const (
	prefaceInvalid = iota
	settingsFirst
	frameTooLarge
	frameLength
	wrongStream
	paddingTooLong
	continuationAlone
	blockInterrupted
	settingsValue
	windowZero
	windowOverflow
	windowExceeded
	idleStream
	streamID
	streamClosed
	pushNotAllowed
	headerName
	headerValue
	connectionHeader
	pseudoHeader
	contentLength
	connectProtocol
	hpackInteger
	hpackIndex
	hpackHuffman
	hpackTableSize
	hpackTruncated
)

// rules says of each where it stands. What it means, the content says.
var rules = [...]dissect.Violation{
	prefaceInvalid:    {Code: "http2.preface", Section: "RFC 9113 §3.4"},
	settingsFirst:     {Code: "http2.settings-first", Section: "RFC 9113 §3.4"},
	frameTooLarge:     {Code: "http2.frame-too-large", Section: "RFC 9113 §4.2"},
	frameLength:       {Code: "http2.frame-length", Section: "RFC 9113 §4.2"},
	wrongStream:       {Code: "http2.wrong-stream", Section: "RFC 9113 §6"},
	paddingTooLong:    {Code: "http2.padding", Section: "RFC 9113 §6.1"},
	continuationAlone: {Code: "http2.continuation-alone", Section: "RFC 9113 §6.10"},
	blockInterrupted:  {Code: "http2.block-interrupted", Section: "RFC 9113 §4.3"},
	settingsValue:     {Code: "http2.settings-value", Section: "RFC 9113 §6.5.2"},
	windowZero:        {Code: "http2.window-zero", Section: "RFC 9113 §6.9"},
	windowOverflow:    {Code: "http2.window-overflow", Section: "RFC 9113 §6.9.1"},
	windowExceeded:    {Code: "http2.window-exceeded", Section: "RFC 9113 §6.9.1"},
	idleStream:        {Code: "http2.idle-stream", Section: "RFC 9113 §5.1"},
	streamID:          {Code: "http2.stream-id", Section: "RFC 9113 §5.1.1"},
	streamClosed:      {Code: "http2.stream-closed", Section: "RFC 9113 §5.1"},
	pushNotAllowed:    {Code: "http2.push", Section: "RFC 9113 §8.4"},
	headerName:        {Code: "http2.header-name", Section: "RFC 9113 §8.2.1"},
	headerValue:       {Code: "http2.header-value", Section: "RFC 9113 §8.2.1"},
	connectionHeader:  {Code: "http2.connection-header", Section: "RFC 9113 §8.2.2"},
	pseudoHeader:      {Code: "http2.pseudo-header", Section: "RFC 9113 §8.3"},
	contentLength:     {Code: "http2.content-length", Section: "RFC 9113 §8.1.1"},
	connectProtocol:   {Code: "http2.connect-protocol", Section: "RFC 8441 §3"},
	hpackInteger:      {Code: "hpack.integer", Section: "RFC 7541 §5.1"},
	hpackIndex:        {Code: "hpack.index", Section: "RFC 7541 §2.3.3"},
	hpackHuffman:      {Code: "hpack.huffman", Section: "RFC 7541 §5.2"},
	hpackTableSize:    {Code: "hpack.table-size", Section: "RFC 7541 §6.3"},
	hpackTruncated:    {Code: "hpack.truncated", Section: "RFC 9113 §4.3"},
}

// Violations lists what can be wrong with a frame of the dissector.
func Violations() []dissect.Violation { return slices.Clone(rules[:]) }
