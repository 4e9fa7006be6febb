package websocket

import (
	"slices"

	"seewire/playground/dissect"
)

// What the specifications of WebSocket forbid and the dissector sees.
const (
	keyInvalid = iota
	versionUnknown
	protocolOffer
	acceptMismatch
	extensionNotOffered
	protocolNotOffered
	maskedServerFrame
	unmaskedClientFrame
	reservedBit
	compressedBit
	reservedOpcode
	lengthNotMinimal
	lengthHighBit
	controlTooLong
	controlFragmented
	continuationWithoutStart
	messageInterrupted
	dataAfterClose
	invalidUTF8
	closeOneByte
	closeCode
	closeReason
	deflateInvalid
	method
	httpVersion
	upgradeMissing
	connectionMissing
	acceptMissing
	notSwitched
	protocolEmpty
	protocolUnanswered
	windowBits
	deflateParameter
	frameBeforeAnswer
	answerInFrames
	deflateContext
)

// rules says of each where it stands. What it means, the content says.
var rules = [...]dissect.Violation{
	keyInvalid:               {Code: "websocket.key", Section: "RFC 6455 §4.2.1"},
	versionUnknown:           {Code: "websocket.version", Section: "RFC 6455 §4.4"},
	protocolOffer:            {Code: "websocket.protocol-offer", Section: "RFC 6455 §4.1"},
	acceptMismatch:           {Code: "websocket.accept", Section: "RFC 6455 §4.1"},
	extensionNotOffered:      {Code: "websocket.extension-not-offered", Section: "RFC 6455 §4.1"},
	protocolNotOffered:       {Code: "websocket.protocol-not-offered", Section: "RFC 6455 §4.1"},
	maskedServerFrame:        {Code: "websocket.masked-server-frame", Section: "RFC 6455 §5.1"},
	unmaskedClientFrame:      {Code: "websocket.unmasked-client-frame", Section: "RFC 6455 §5.1"},
	reservedBit:              {Code: "websocket.reserved-bit", Section: "RFC 6455 §5.2"},
	compressedBit:            {Code: "websocket.compressed-bit", Section: "RFC 7692 §6.1"},
	reservedOpcode:           {Code: "websocket.reserved-opcode", Section: "RFC 6455 §5.2"},
	lengthNotMinimal:         {Code: "websocket.length-not-minimal", Section: "RFC 6455 §5.2"},
	lengthHighBit:            {Code: "websocket.length-high-bit", Section: "RFC 6455 §5.2"},
	controlTooLong:           {Code: "websocket.control-too-long", Section: "RFC 6455 §5.5"},
	controlFragmented:        {Code: "websocket.control-fragmented", Section: "RFC 6455 §5.5"},
	continuationWithoutStart: {Code: "websocket.continuation-without-start", Section: "RFC 6455 §5.4"},
	messageInterrupted:       {Code: "websocket.message-interrupted", Section: "RFC 6455 §5.4"},
	dataAfterClose:           {Code: "websocket.data-after-close", Section: "RFC 6455 §5.5.1"},
	invalidUTF8:              {Code: "websocket.invalid-utf8", Section: "RFC 6455 §8.1"},
	closeOneByte:             {Code: "websocket.close-one-byte", Section: "RFC 6455 §5.5.1"},
	closeCode:                {Code: "websocket.close-code", Section: "RFC 6455 §7.4"},
	closeReason:              {Code: "websocket.close-reason", Section: "RFC 6455 §5.5.1"},
	deflateInvalid:           {Code: "websocket.deflate", Section: "RFC 7692 §6.2"},
	method:                   {Code: "websocket.method", Section: "RFC 6455 §4.1"},
	httpVersion:              {Code: "websocket.http-version", Section: "RFC 6455 §4.1"},
	upgradeMissing:           {Code: "websocket.upgrade", Section: "RFC 6455 §4.1"},
	connectionMissing:        {Code: "websocket.connection", Section: "RFC 6455 §4.1"},
	acceptMissing:            {Code: "websocket.accept-missing", Section: "RFC 6455 §4.1"},
	notSwitched:              {Code: "websocket.not-switched", Section: "RFC 6455 §4.1"},
	protocolEmpty:            {Code: "websocket.protocol-empty", Section: "RFC 6455 §4.2.2"},
	protocolUnanswered:       {Code: "websocket.protocol-unanswered", Section: "WHATWG WebSockets"},
	windowBits:               {Code: "websocket.window-bits", Section: "RFC 7692 §7.1.2"},
	deflateParameter:         {Code: "websocket.deflate-parameter", Section: "RFC 7692 §7.1"},
	frameBeforeAnswer:        {Code: "websocket.frame-before-answer", Section: "RFC 6455 §4.1"},
	answerInFrames:           {Code: "websocket.answer-in-frames", Section: "RFC 6455 §5.2"},
	deflateContext:           {Code: "websocket.deflate-context", Section: "RFC 7692 §7.1.1"},
}

// Violations lists what can be wrong with a frame of the dissector.
func Violations() []dissect.Violation { return slices.Clone(rules[:]) }
