package dissect

// A rule is one of what the specifications forbid and the dissectors see.
type rule int

const (
	bareLF rule = iota
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

	keyInvalid
	versionUnknown
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
)

// rules says of each where it stands and what a conformant endpoint does.
var rules = [...]Violation{
	bareLF: {"http1.bare-lf", "RFC 9112 §2.2",
		"A line ends with LF alone: a sender must write CRLF. A recipient may accept it, and most do."},
	obsFold: {"http1.obs-fold", "RFC 9112 §5.2",
		"A header value goes on in the next line. A server answers 400, or takes the line break for spaces."},
	headerWithoutColon: {"http1.header-without-colon", "RFC 9112 §5",
		"A header line has no colon. A server answers 400."},
	headerName: {"http1.header-name", "RFC 9110 §5.6.2",
		"A header name has characters that are not allowed in a token. A server answers 400."},
	headerSpace: {"http1.header-space", "RFC 9112 §5.1",
		"White space stands between a header name and its colon. A server must answer 400; a proxy takes it out of a response."},
	headerValue: {"http1.header-value", "RFC 9110 §5.5",
		"A header value has a CR or NUL in it. A recipient rejects the message, or puts a space in its place."},
	hostMissing: {"http1.host", "RFC 9112 §3.2",
		"A request has no Host header, or more than one. A server must answer 400."},
	contentLengthInvalid: {"http1.content-length", "RFC 9112 §6.3",
		"The Content-Length is not one number. A server must answer 400 and close the connection; a client discards the response."},
	lengthAndCoding: {"http1.length-and-coding", "RFC 9112 §6.3",
		"Content-Length and Transfer-Encoding stand together, as in request smuggling. Transfer-Encoding counts; a server may answer 400, and closes the connection."},
	transferCoding: {"http1.transfer-coding", "RFC 9112 §6.3",
		"The last transfer coding of a request is not chunked, so its end cannot be found. A server must answer 400 and close the connection."},
	chunkSizeInvalid: {"http1.chunk-size", "RFC 9112 §7.1",
		"A chunk does not start with its size in hexadecimal. A recipient treats the message as broken and closes the connection."},
	chunkEndMissing: {"http1.chunk-end", "RFC 9112 §7.1",
		"No CRLF follows the data of a chunk. A recipient treats the message as broken and closes the connection."},

	keyInvalid: {"websocket.key", "RFC 6455 §4.2.1",
		"Sec-WebSocket-Key is not the Base64 of 16 bytes. A server answers 400."},
	versionUnknown: {"websocket.version", "RFC 6455 §4.4",
		"Sec-WebSocket-Version is not 13. A server answers 426 with the version that it speaks."},
	acceptMismatch: {"websocket.accept", "RFC 6455 §4.1",
		"Sec-WebSocket-Accept does not fit the key. A client must fail the connection."},
	extensionNotOffered: {"websocket.extension-not-offered", "RFC 6455 §4.1",
		"The server agrees to an extension that the client has not offered. A client must fail the connection."},
	protocolNotOffered: {"websocket.protocol-not-offered", "RFC 6455 §4.1",
		"The server chooses a subprotocol that the client has not offered. A client must fail the connection."},
	maskedServerFrame: {"websocket.masked-server-frame", "RFC 6455 §5.1",
		"A server must not mask its frames. A client closes the connection, with 1002 if it says why."},
	unmaskedClientFrame: {"websocket.unmasked-client-frame", "RFC 6455 §5.1",
		"A client must mask its frames. A server closes the connection, with 1002 if it says why."},
	reservedBit: {"websocket.reserved-bit", "RFC 6455 §5.2",
		"A reserved bit is set, and no extension that was agreed on gives it a meaning. A recipient must fail the connection."},
	compressedBit: {"websocket.compressed-bit", "RFC 7692 §6.1",
		"RSV1 is set on a frame that does not start a message. A recipient must fail the connection."},
	reservedOpcode: {"websocket.reserved-opcode", "RFC 6455 §5.2",
		"The opcode is reserved. A recipient must fail the connection."},
	lengthNotMinimal: {"websocket.length-not-minimal", "RFC 6455 §5.2",
		"The length is written with more bytes than it needs. A recipient may fail the connection; most do not look."},
	lengthHighBit: {"websocket.length-high-bit", "RFC 6455 §5.2",
		"The highest bit of a 64-bit length is set. A recipient fails the connection."},
	controlTooLong: {"websocket.control-too-long", "RFC 6455 §5.5",
		"A control frame has more than 125 bytes of payload. A recipient fails the connection with 1002."},
	controlFragmented: {"websocket.control-fragmented", "RFC 6455 §5.5",
		"A control frame is fragmented. A recipient fails the connection with 1002."},
	continuationWithoutStart: {"websocket.continuation-without-start", "RFC 6455 §5.4",
		"A continuation frame continues no message. A recipient fails the connection with 1002."},
	messageInterrupted: {"websocket.message-interrupted", "RFC 6455 §5.4",
		"A message starts before the one before it has ended. A recipient fails the connection with 1002."},
	dataAfterClose: {"websocket.data-after-close", "RFC 6455 §5.5.1",
		"A data frame comes after a Close of the same side. A recipient ignores it."},
	invalidUTF8: {"websocket.invalid-utf8", "RFC 6455 §8.1",
		"A text message is not UTF-8. A recipient must fail the connection, with 1007."},
	closeOneByte: {"websocket.close-one-byte", "RFC 6455 §5.5.1",
		"A Close has one byte of payload: a status code takes two. A recipient fails the connection with 1002."},
	closeCode: {"websocket.close-code", "RFC 6455 §7.4",
		"The status code must not be in a Close frame. A recipient fails the connection with 1002."},
	closeReason: {"websocket.close-reason", "RFC 6455 §5.5.1",
		"The reason of a Close is not UTF-8. A recipient fails the connection with 1007."},
	deflateInvalid: {"websocket.deflate", "RFC 7692 §6.2",
		"The payload of a compressed message is not DEFLATE data. A recipient must fail the connection."},
}

// A violationList is what is wrong with a frame.
type violationList []Violation

// add notes that a rule was broken, once.
func (l *violationList) add(broken rule) {
	for _, v := range *l {
		if v.Code == rules[broken].Code {
			return
		}
	}
	*l = append(*l, rules[broken])
}

// Violations lists the codes that Violation.Code can have.
func Violations() []string {
	codes := make([]string, len(rules))
	for i, v := range rules {
		codes[i] = v.Code
	}
	return codes
}
