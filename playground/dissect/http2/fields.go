// Package http2 dissects HTTP/2, and the header blocks of HPACK in it.
package http2

import "seewire/playground/dissect"

// field are the names of HTTP/2.
var field = dissect.Filled(struct {
	Magic                                string           `field:"http2.magic"`
	Length                               string           `field:"http2.length"`
	Type                                 string           `field:"http2.type"`
	FlagsEndStream                       dissect.BitField `field:"http2.flags.end_stream" mask:"01"`
	FlagsEndHeaders                      dissect.BitField `field:"http2.flags.eh" mask:"04"`
	FlagsPadded                          dissect.BitField `field:"http2.flags.padded" mask:"08"`
	FlagsPriority                        dissect.BitField `field:"http2.flags.priority" mask:"20"`
	FlagsAckSettings                     dissect.BitField `field:"http2.flags.ack.settings" mask:"01"`
	FlagsAckPing                         dissect.BitField `field:"http2.flags.ack.ping" mask:"01"`
	FlagsUnused                          string           `field:"http2.flags.unused"`
	R                                    dissect.BitField `field:"http2.r" mask:"80"`
	StreamID                             dissect.BitField `field:"http2.streamid" mask:"7fffffff"`
	Padding                              string           `field:"http2.padding"`
	DataData                             string           `field:"http2.data.data"`
	DataPadding                          string           `field:"http2.data.padding"`
	Exclusive                            dissect.BitField `field:"http2.exclusive" mask:"80"`
	StreamDependency                     dissect.BitField `field:"http2.stream_dependency" mask:"7fffffff"`
	HeadersWeight                        string           `field:"http2.headers.weight"`
	Headers                              string           `field:"http2.headers"`
	HeadersPadding                       string           `field:"http2.headers.padding"`
	HeaderRepr                           string           `field:"http2.header.repr"`
	HeaderIndex                          string           `field:"http2.header.index"`
	HeaderNameHuffman                    dissect.BitField `field:"http2.header.name.huffman" mask:"80"`
	HeaderNameLength                     string           `field:"http2.header.name.length"`
	HeaderName                           string           `field:"http2.header.name"`
	HeaderValueHuffman                   dissect.BitField `field:"http2.header.value.huffman" mask:"80"`
	HeaderValueLength                    string           `field:"http2.header.value.length"`
	HeaderValue                          string           `field:"http2.header.value"`
	HeaderTableSizeUpdateHeaderTableSize string           `field:"http2.header_table_size_update.header_table_size"`
	RstStreamError                       string           `field:"http2.rst_stream.error"`
	SettingsID                           string           `field:"http2.settings.id"`
	SettingsHeaderTableSize              string           `field:"http2.settings.header_table_size"`
	SettingsEnablePush                   string           `field:"http2.settings.enable_push"`
	SettingsMaxConcurrentStreams         string           `field:"http2.settings.max_concurrent_streams"`
	SettingsInitialWindowSize            string           `field:"http2.settings.initial_window_size"`
	SettingsMaxFrameSize                 string           `field:"http2.settings.max_frame_size"`
	SettingsMaxHeaderListSize            string           `field:"http2.settings.max_header_list_size"`
	SettingsExtendedConnect              string           `field:"http2.settings.extended_connect"`
	SettingsUnknown                      string           `field:"http2.settings.unknown"`
	PushPromiseR                         dissect.BitField `field:"http2.push_promise.r" mask:"80"`
	PromisedStreamID                     dissect.BitField `field:"http2.push_promise.promised_stream_id" mask:"7fffffff"`
	PushPromisePadding                   string           `field:"http2.push_promise.padding"`
	Ping                                 string           `field:"http2.ping"`
	Pong                                 string           `field:"http2.pong"`
	GoAwayR                              dissect.BitField `field:"http2.goaway.r" mask:"80"`
	GoAwayLastStreamID                   dissect.BitField `field:"http2.goaway.last_stream_id" mask:"7fffffff"`
	GoAwayError                          string           `field:"http2.goaway.error"`
	GoAwayAddata                         string           `field:"http2.goaway.addata"`
	WindowUpdateR                        dissect.BitField `field:"http2.window_update.r" mask:"80"`
	WindowUpdateWindowSizeIncrement      dissect.BitField `field:"http2.window_update.window_size_increment" mask:"7fffffff"`
	Unknown                              string           `field:"http2.unknown"`
}{})

// say are the phrases of the dissector.
var say = dissect.Filled(struct {
	Preface      string `field:"http2.preface"`
	Header       string `field:"http2.header"` // of a frame, cut
	Data         string `field:"http2.data"`
	Headers      string `field:"http2.headers"`
	Trailer      string `field:"http2.trailer"`
	Priority     string `field:"http2.priority"`
	RSTStream    string `field:"http2.rst_stream"`
	Settings     string `field:"http2.settings"`
	PushPromise  string `field:"http2.push_promise"`
	Ping         string `field:"http2.ping"`
	GoAway       string `field:"http2.goaway"`
	WindowUpdate string `field:"http2.window_update"`
	Continuation string `field:"http2.continuation"`
	Unknown      string `field:"http2.unknown"` // the type
	Stream       string `field:"http2.stream"`
	EndStream    string `field:"http2.end_stream"`
	Ack          string `field:"http2.ack"`
	Count        string `field:"http2.count"`       // of settings
	More         string `field:"http2.more"`        // how much a window grows
	Error        string `field:"http2.error"`       // its name
	LastStream   string `field:"http2.last_stream"` // that was or will be processed
	Head         string `field:"http2.head"`        // a request line or a status

	WindowUsed     string `field:"http2.window_used"`     // of the stream: its sender waits
	ConnectionUsed string `field:"http2.connection_used"` // of all streams together
}{})

// Names lists the fields that the dissector can emit.
func Names() []string { return dissect.Tags(field) }

// Phrases lists the keys of what a frame of the dissector can say.
func Phrases() []string { return dissect.Tags(say) }
