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

// rules says of each where it stands. What it means, the content says.
var rules = [...]Violation{
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

	gzipInvalid: {Code: "http1.gzip", Section: "RFC 9110 §8.4.1.3"},

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

	http2PrefaceInvalid:    {Code: "http2.preface", Section: "RFC 9113 §3.4"},
	http2SettingsFirst:     {Code: "http2.settings-first", Section: "RFC 9113 §3.4"},
	http2FrameTooLarge:     {Code: "http2.frame-too-large", Section: "RFC 9113 §4.2"},
	http2FrameLength:       {Code: "http2.frame-length", Section: "RFC 9113 §4.2"},
	http2WrongStream:       {Code: "http2.wrong-stream", Section: "RFC 9113 §6"},
	http2Padding:           {Code: "http2.padding", Section: "RFC 9113 §6.1"},
	http2ContinuationAlone: {Code: "http2.continuation-alone", Section: "RFC 9113 §6.10"},
	http2BlockInterrupted:  {Code: "http2.block-interrupted", Section: "RFC 9113 §4.3"},
	http2SettingsValue:     {Code: "http2.settings-value", Section: "RFC 9113 §6.5.2"},
	http2WindowZero:        {Code: "http2.window-zero", Section: "RFC 9113 §6.9"},
	http2WindowOverflow:    {Code: "http2.window-overflow", Section: "RFC 9113 §6.9.1"},
	http2WindowExceeded:    {Code: "http2.window-exceeded", Section: "RFC 9113 §6.9.1"},
	http2IdleStream:        {Code: "http2.idle-stream", Section: "RFC 9113 §5.1"},
	http2StreamID:          {Code: "http2.stream-id", Section: "RFC 9113 §5.1.1"},
	http2StreamClosed:      {Code: "http2.stream-closed", Section: "RFC 9113 §5.1"},
	http2Push:              {Code: "http2.push", Section: "RFC 9113 §8.4"},
	http2HeaderName:        {Code: "http2.header-name", Section: "RFC 9113 §8.2.1"},
	http2HeaderValue:       {Code: "http2.header-value", Section: "RFC 9113 §8.2.1"},
	http2ConnectionHeader:  {Code: "http2.connection-header", Section: "RFC 9113 §8.2.2"},
	http2PseudoHeader:      {Code: "http2.pseudo-header", Section: "RFC 9113 §8.3"},
	http2ContentLength:     {Code: "http2.content-length", Section: "RFC 9113 §8.1.1"},
	hpackInteger:           {Code: "hpack.integer", Section: "RFC 7541 §5.1"},
	hpackIndex:             {Code: "hpack.index", Section: "RFC 7541 §2.3.3"},
	hpackHuffman:           {Code: "hpack.huffman", Section: "RFC 7541 §5.2"},
	hpackTableSize:         {Code: "hpack.table-size", Section: "RFC 7541 §6.3"},
	hpackTruncated:         {Code: "hpack.truncated", Section: "RFC 9113 §4.3"},
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
