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
	gzipInvalid

	keyInvalid
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

	http2PrefaceInvalid
	http2SettingsFirst
	http2FrameTooLarge
	http2FrameLength
	http2WrongStream
	http2Padding
	http2ContinuationAlone
	http2BlockInterrupted
	http2SettingsValue
	http2WindowZero
	http2WindowOverflow
	http2WindowExceeded
	http2IdleStream
	http2StreamID
	http2StreamClosed
	http2Push
	http2HeaderName
	http2HeaderValue
	http2ConnectionHeader
	http2PseudoHeader
	http2ContentLength
	hpackInteger
	hpackIndex
	hpackHuffman
	hpackTableSize
	hpackTruncated
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

	gzipInvalid: {"http1.gzip", "RFC 9110 §8.4.1.3",
		"The body is not what Content-Encoding: gzip says, or its checksum is wrong. A browser takes it for a network error."},

	keyInvalid: {"websocket.key", "RFC 6455 §4.2.1",
		"Sec-WebSocket-Key is not the Base64 of 16 bytes. A server answers 400."},
	versionUnknown: {"websocket.version", "RFC 6455 §4.4",
		"Sec-WebSocket-Version is not 13. A server answers 426 with the version that it speaks."},
	protocolOffer: {"websocket.protocol-offer", "RFC 6455 §4.1",
		"A subprotocol is offered twice, or its name has characters that are not allowed. A server may answer 400; most do not look."},
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

	http2PrefaceInvalid: {"http2.preface", "RFC 9113 §3.4",
		"The client's preface is not the one of HTTP/2. A server closes the connection, with PROTOCOL_ERROR if it says why."},
	http2SettingsFirst: {"http2.settings-first", "RFC 9113 §3.4",
		"The first frame of a side is not SETTINGS. A recipient closes the connection with PROTOCOL_ERROR."},
	http2FrameTooLarge: {"http2.frame-too-large", "RFC 9113 §4.2",
		"The frame is larger than the recipient's SETTINGS_MAX_FRAME_SIZE. It answers FRAME_SIZE_ERROR."},
	http2FrameLength: {"http2.frame-length", "RFC 9113 §4.2",
		"The length does not fit the type of the frame. A recipient answers FRAME_SIZE_ERROR."},
	http2WrongStream: {"http2.wrong-stream", "RFC 9113 §6",
		"A frame of this type is not allowed on stream 0, or on another one. A recipient closes the connection with PROTOCOL_ERROR."},
	http2Padding: {"http2.padding", "RFC 9113 §6.1",
		"There is more padding than payload. A recipient closes the connection with PROTOCOL_ERROR."},
	http2ContinuationAlone: {"http2.continuation-alone", "RFC 9113 §6.10",
		"A CONTINUATION continues no header block. A recipient closes the connection with PROTOCOL_ERROR."},
	http2BlockInterrupted: {"http2.block-interrupted", "RFC 9113 §4.3",
		"Another frame stands between those of a header block. A recipient closes the connection with PROTOCOL_ERROR."},
	http2SettingsValue: {"http2.settings-value", "RFC 9113 §6.5.2",
		"A setting has a value that it must not have. A recipient closes the connection with PROTOCOL_ERROR, or with FLOW_CONTROL_ERROR for a window."},
	http2WindowZero: {"http2.window-zero", "RFC 9113 §6.9",
		"A WINDOW_UPDATE adds nothing. A recipient answers PROTOCOL_ERROR."},
	http2WindowOverflow: {"http2.window-overflow", "RFC 9113 §6.9.1",
		"The window grows over 2,147,483,647 bytes. A recipient answers FLOW_CONTROL_ERROR."},
	http2WindowExceeded: {"http2.window-exceeded", "RFC 9113 §6.9.1",
		"More was sent than the window of the stream or of the connection allows. A recipient may answer FLOW_CONTROL_ERROR."},
	http2IdleStream: {"http2.idle-stream", "RFC 9113 §5.1",
		"The frame is on a stream that nobody has opened. A recipient closes the connection with PROTOCOL_ERROR."},
	http2StreamID: {"http2.stream-id", "RFC 9113 §5.1.1",
		"A client opens streams with odd numbers that only grow. A server closes the connection with PROTOCOL_ERROR."},
	http2StreamClosed: {"http2.stream-closed", "RFC 9113 §5.1",
		"The side has ended the stream already. A recipient answers STREAM_CLOSED."},
	http2Push: {"http2.push", "RFC 9113 §8.4",
		"Only a server may push, and only to a client that has not refused it. A recipient closes the connection with PROTOCOL_ERROR."},
	http2HeaderName: {"http2.header-name", "RFC 9113 §8.2.1",
		"A header name has upper case letters, or characters that are not allowed. A recipient takes the message for malformed: PROTOCOL_ERROR."},
	http2HeaderValue: {"http2.header-value", "RFC 9113 §8.2.1",
		"A header value has a CR, LF or NUL in it, or white space around it. A recipient takes the message for malformed: PROTOCOL_ERROR."},
	http2ConnectionHeader: {"http2.connection-header", "RFC 9113 §8.2.2",
		"A header speaks about the connection, which HTTP/2 manages by itself. A recipient takes the message for malformed: PROTOCOL_ERROR."},
	http2PseudoHeader: {"http2.pseudo-header", "RFC 9113 §8.3",
		"A pseudo-header is missing, unknown, twice there, or comes after other headers. A recipient takes the message for malformed: PROTOCOL_ERROR."},
	http2ContentLength: {"http2.content-length", "RFC 9113 §8.1.1",
		"The content has not the length that Content-Length says. A recipient takes the message for malformed: PROTOCOL_ERROR."},
	hpackInteger: {"hpack.integer", "RFC 7541 §5.1",
		"A number in the header block is too large to be one. A recipient closes the connection with COMPRESSION_ERROR."},
	hpackIndex: {"hpack.index", "RFC 7541 §2.3.3",
		"An index points outside of both tables. A recipient closes the connection with COMPRESSION_ERROR."},
	hpackHuffman: {"hpack.huffman", "RFC 7541 §5.2",
		"A string is not what the Huffman code can make. A recipient closes the connection with COMPRESSION_ERROR."},
	hpackTableSize: {"hpack.table-size", "RFC 7541 §6.3",
		"A new size of the dynamic table is larger than the recipient allows, or comes after a header. It closes the connection with COMPRESSION_ERROR."},
	hpackTruncated: {"hpack.truncated", "RFC 9113 §4.3",
		"The header block ends within a header. A recipient closes the connection with COMPRESSION_ERROR."},
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
