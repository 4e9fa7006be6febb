package dissect

import (
	"encoding/hex"
	"iter"
	"maps"
	"reflect"
	"slices"
)

// The fields that dissectors emit. Each stands here once, in the tag: its name,
// which begins with its protocol, and of one that is a part of its bytes the bits
// too, in hexadecimal. Names are Wireshark's where it has them.

// dataFields are of bytes that follow no grammar known here.
var dataFields = filled(struct {
	Data string `field:"data.data"`
}{})

// httpFields are of HTTP/1 and of messages in general; those of header values are in headerFields.
var httpFields = filled(struct {
	LeadingCRLF     string `field:"http.leading_crlf"`
	RequestMethod   string `field:"http.request.method"`
	RequestURI      string `field:"http.request.uri"`
	RequestVersion  string `field:"http.request.version"`
	ResponseVersion string `field:"http.response.version"`
	ResponseCode    string `field:"http.response.code"`
	ResponsePhrase  string `field:"http.response.phrase"`
	Space           string `field:"http.space"`
	LineEnd         string `field:"http.line_end"`
	HeaderName      string `field:"http.header.name"`
	HeaderColon     string `field:"http.header.colon"`
	HeaderFold      string `field:"http.header.fold"`
	HeaderEnd       string `field:"http.header.end"`
	HeadEnd         string `field:"http.head.end"`
	UnknownHeader   string `field:"http.unknown_header"`
	ChunkSize       string `field:"http.chunk_size"`
	ChunkSizeEnd    string `field:"http.chunk_size.end"`
	ChunkExtension  string `field:"http.chunk_extension"`
	ChunkBoundary   string `field:"http.chunk_boundary"`
	FileData        string `field:"http.file_data"`
}{})

// http2Fields are of HTTP/2.
var http2Fields = filled(struct {
	Magic                                string   `field:"http2.magic"`
	Length                               string   `field:"http2.length"`
	Type                                 string   `field:"http2.type"`
	FlagsEndStream                       bitField `field:"http2.flags.end_stream" mask:"01"`
	FlagsEndHeaders                      bitField `field:"http2.flags.eh" mask:"04"`
	FlagsPadded                          bitField `field:"http2.flags.padded" mask:"08"`
	FlagsPriority                        bitField `field:"http2.flags.priority" mask:"20"`
	FlagsAckSettings                     bitField `field:"http2.flags.ack.settings" mask:"01"`
	FlagsAckPing                         bitField `field:"http2.flags.ack.ping" mask:"01"`
	FlagsUnused                          string   `field:"http2.flags.unused"`
	R                                    bitField `field:"http2.r" mask:"80"`
	StreamID                             bitField `field:"http2.streamid" mask:"7fffffff"`
	Padding                              string   `field:"http2.padding"`
	DataData                             string   `field:"http2.data.data"`
	DataPadding                          string   `field:"http2.data.padding"`
	Exclusive                            bitField `field:"http2.exclusive" mask:"80"`
	StreamDependency                     bitField `field:"http2.stream_dependency" mask:"7fffffff"`
	HeadersWeight                        string   `field:"http2.headers.weight"`
	Headers                              string   `field:"http2.headers"`
	HeadersPadding                       string   `field:"http2.headers.padding"`
	HeaderRepr                           string   `field:"http2.header.repr"`
	HeaderIndex                          string   `field:"http2.header.index"`
	HeaderNameHuffman                    bitField `field:"http2.header.name.huffman" mask:"80"`
	HeaderNameLength                     string   `field:"http2.header.name.length"`
	HeaderName                           string   `field:"http2.header.name"`
	HeaderValueHuffman                   bitField `field:"http2.header.value.huffman" mask:"80"`
	HeaderValueLength                    string   `field:"http2.header.value.length"`
	HeaderValue                          string   `field:"http2.header.value"`
	HeaderTableSizeUpdateHeaderTableSize string   `field:"http2.header_table_size_update.header_table_size"`
	RstStreamError                       string   `field:"http2.rst_stream.error"`
	SettingsID                           string   `field:"http2.settings.id"`
	SettingsHeaderTableSize              string   `field:"http2.settings.header_table_size"`
	SettingsEnablePush                   string   `field:"http2.settings.enable_push"`
	SettingsMaxConcurrentStreams         string   `field:"http2.settings.max_concurrent_streams"`
	SettingsInitialWindowSize            string   `field:"http2.settings.initial_window_size"`
	SettingsMaxFrameSize                 string   `field:"http2.settings.max_frame_size"`
	SettingsMaxHeaderListSize            string   `field:"http2.settings.max_header_list_size"`
	SettingsExtendedConnect              string   `field:"http2.settings.extended_connect"`
	SettingsUnknown                      string   `field:"http2.settings.unknown"`
	PushPromiseR                         bitField `field:"http2.push_promise.r" mask:"80"`
	PromisedStreamID                     bitField `field:"http2.push_promise.promised_stream_id" mask:"7fffffff"`
	PushPromisePadding                   string   `field:"http2.push_promise.padding"`
	Ping                                 string   `field:"http2.ping"`
	Pong                                 string   `field:"http2.pong"`
	GoAwayR                              bitField `field:"http2.goaway.r" mask:"80"`
	GoAwayLastStreamID                   bitField `field:"http2.goaway.last_stream_id" mask:"7fffffff"`
	GoAwayError                          string   `field:"http2.goaway.error"`
	GoAwayAddata                         string   `field:"http2.goaway.addata"`
	WindowUpdateR                        bitField `field:"http2.window_update.r" mask:"80"`
	WindowUpdateWindowSizeIncrement      bitField `field:"http2.window_update.window_size_increment" mask:"7fffffff"`
	Unknown                              string   `field:"http2.unknown"`
}{})

// sseFields are of lines of an event stream.
var sseFields = filled(struct {
	BOM     string `field:"sse.bom"`
	Field   string `field:"sse.field"`
	Colon   string `field:"sse.colon"`
	Space   string `field:"sse.space"`
	Data    string `field:"sse.data"`
	Event   string `field:"sse.event"`
	ID      string `field:"sse.id"`
	Retry   string `field:"sse.retry"`
	Comment string `field:"sse.comment"`
	Ignored string `field:"sse.ignored"`
	LineEnd string `field:"sse.line_end"`
	Blank   string `field:"sse.blank"`
}{})

// wsFields are of WebSocket frames.
var wsFields = filled(struct {
	Fin                    bitField `field:"websocket.fin" mask:"80"`
	Rsv1                   bitField `field:"websocket.rsv1" mask:"40"`
	Rsv2                   bitField `field:"websocket.rsv2" mask:"20"`
	Rsv3                   bitField `field:"websocket.rsv3" mask:"10"`
	Opcode                 bitField `field:"websocket.opcode" mask:"0f"`
	Mask                   bitField `field:"websocket.mask" mask:"80"`
	PayloadLength          bitField `field:"websocket.payload_length" mask:"7f"`
	PayloadLengthExt16     string   `field:"websocket.payload_length_ext_16"`
	PayloadLengthExt64     string   `field:"websocket.payload_length_ext_64"`
	MaskingKey             string   `field:"websocket.masking_key"`
	Payload                string   `field:"websocket.payload"`
	PayloadCloseStatusCode string   `field:"websocket.payload.close.status_code"`
	PayloadCloseReason     string   `field:"websocket.payload.close.reason"`
}{})

// A bitField is a field of some bits of its bytes.
type bitField struct {
	name string
	mask byte   // of one byte
	hex  string // the mask, as it is shown
}

// tagged lists the members of a struct of fields, with what their tags say.
func tagged(fields reflect.Value) iter.Seq2[reflect.Value, bitField] {
	return func(yield func(reflect.Value, bitField) bool) {
		for i := range fields.NumField() {
			tag := fields.Type().Field(i).Tag
			f := bitField{name: tag.Get("field"), hex: tag.Get("mask")}
			if mask, err := hex.DecodeString(f.hex); err == nil && len(mask) == 1 {
				f.mask = mask[0]
			}
			if !yield(fields.Field(i), f) {
				return
			}
		}
	}
}

// filled gives the members of a struct of fields what their tags say.
func filled[T any](fields T) T {
	for member, f := range tagged(reflect.ValueOf(&fields).Elem()) {
		switch to := member.Addr().Interface().(type) {
		case *string:
			*to = f.name
		case *bitField:
			*to = f
		}
	}
	return fields
}

// Names lists, in order, every field name that a dissector can emit.
func Names() []string {
	names := slices.Collect(maps.Values(headerFields))
	for _, fields := range []any{dataFields, httpFields, http2Fields, sseFields, wsFields} {
		for _, f := range tagged(reflect.ValueOf(fields)) {
			names = append(names, f.name)
		}
	}
	slices.Sort(names)
	return names
}

// headerFields are the fields of header values that have one of their own, by
// header name in lower case. Where Wireshark has a field for the header, it is
// Wireshark's.
var headerFields = map[string]string{
	"accept":                           "http.accept",
	"accept-encoding":                  "http.accept_encoding",
	"accept-language":                  "http.accept_language",
	"accept-ranges":                    "http.accept_ranges",
	"access-control-allow-credentials": "http.access_control_allow_credentials",
	"access-control-allow-headers":     "http.access_control_allow_headers",
	"access-control-allow-methods":     "http.access_control_allow_methods",
	"access-control-allow-origin":      "http.access_control_allow_origin",
	"access-control-expose-headers":    "http.access_control_expose_headers",
	"access-control-max-age":           "http.access_control_max_age",
	"access-control-request-headers":   "http.access_control_request_headers",
	"access-control-request-method":    "http.access_control_request_method",
	"age":                              "http.age",
	"allow":                            "http.allow",
	"alt-svc":                          "http.alt_svc",
	"alt-used":                         "http.alt_used",
	"authorization":                    "http.authorization",
	"cache-control":                    "http.cache_control",
	"connection":                       "http.connection",
	"content-disposition":              "http.content_disposition",
	"content-encoding":                 "http.content_encoding",
	"content-language":                 "http.content_language",
	"content-length":                   "http.content_length",
	"content-range":                    "http.content_range",
	"content-security-policy":          "http.content_security_policy",
	"content-type":                     "http.content_type",
	"cookie":                           "http.cookie",
	"cross-origin-embedder-policy":     "http.cross_origin_embedder_policy",
	"cross-origin-opener-policy":       "http.cross_origin_opener_policy",
	"cross-origin-resource-policy":     "http.cross_origin_resource_policy",
	"date":                             "http.date",
	"dnt":                              "http.dnt",
	"etag":                             "http.etag",
	"expect":                           "http.expect",
	"expires":                          "http.expires",
	"forwarded":                        "http.forwarded",
	"host":                             "http.host",
	"http2-settings":                   "http.http2_settings",
	"if-modified-since":                "http.if_modified_since",
	"if-none-match":                    "http.if_none_match",
	"keep-alive":                       "http.keep_alive",
	"last-event-id":                    "http.last_event_id",
	"last-modified":                    "http.last_modified",
	"location":                         "http.location",
	"origin":                           "http.origin",
	"permissions-policy":               "http.permissions_policy",
	"pragma":                           "http.pragma",
	"priority":                         "http.priority",
	"proxy-authenticate":               "http.proxy_authenticate",
	"proxy-authorization":              "http.proxy_authorization",
	"proxy-connection":                 "http.proxy_connection",
	"range":                            "http.range",
	"referer":                          "http.referer",
	"referrer-policy":                  "http.referrer_policy",
	"retry-after":                      "http.retry_after",
	"sec-ch-ua":                        "http.sec_ch_ua",
	"sec-ch-ua-mobile":                 "http.sec_ch_ua_mobile",
	"sec-ch-ua-platform":               "http.sec_ch_ua_platform",
	"sec-fetch-dest":                   "http.sec_fetch_dest",
	"sec-fetch-mode":                   "http.sec_fetch_mode",
	"sec-fetch-site":                   "http.sec_fetch_site",
	"sec-fetch-storage-access":         "http.sec_fetch_storage_access",
	"sec-fetch-user":                   "http.sec_fetch_user",
	"sec-gpc":                          "http.sec_gpc",
	"sec-websocket-accept":             "http.sec_websocket_accept",
	"sec-websocket-extensions":         "http.sec_websocket_extensions",
	"sec-websocket-key":                "http.sec_websocket_key",
	"sec-websocket-protocol":           "http.sec_websocket_protocol",
	"sec-websocket-version":            "http.sec_websocket_version",
	"server":                           "http.server",
	"set-cookie":                       "http.set_cookie",
	"strict-transport-security":        "http.strict_transport_security",
	"te":                               "http.te",
	"trailer":                          "http.trailer",
	"transfer-encoding":                "http.transfer_encoding",
	"upgrade":                          "http.upgrade",
	"upgrade-insecure-requests":        "http.upgrade_insecure_requests",
	"user-agent":                       "http.user_agent",
	"vary":                             "http.vary",
	"via":                              "http.via",
	"www-authenticate":                 "http.www_authenticate",
	"x-accel-buffering":                "http.x_accel_buffering",
	"x-content-type-options":           "http.x_content_type_options",
	"x-forwarded-for":                  "http.x_forwarded_for",
	"x-forwarded-host":                 "http.x_forwarded_host",
	"x-forwarded-proto":                "http.x_forwarded_proto",
	"x-frame-options":                  "http.x_frame_options",
	"x-powered-by":                     "http.x_powered_by",
	"x-requested-with":                 "http.x_requested_with",
}
