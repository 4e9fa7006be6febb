package dissect

import (
	"maps"
	"slices"
)

// headerFields are the fields of header values that have one of their own, by
// header name in lower case. They are Wireshark's, but for Last-Event-ID and
// Origin, which it does not know.
var headerFields = map[string]string{
	"accept":                   "http.accept",
	"accept-encoding":          "http.accept_encoding",
	"accept-language":          "http.accept_language",
	"authorization":            "http.authorization",
	"cache-control":            "http.cache_control",
	"connection":               "http.connection",
	"content-encoding":         "http.content_encoding",
	"content-length":           "http.content_length",
	"content-type":             "http.content_type",
	"cookie":                   "http.cookie",
	"date":                     "http.date",
	"host":                     "http.host",
	"last-event-id":            "http.last_event_id",
	"last-modified":            "http.last_modified",
	"location":                 "http.location",
	"origin":                   "http.origin",
	"referer":                  "http.referer",
	"sec-websocket-accept":     "http.sec_websocket_accept",
	"sec-websocket-extensions": "http.sec_websocket_extensions",
	"sec-websocket-key":        "http.sec_websocket_key",
	"sec-websocket-protocol":   "http.sec_websocket_protocol",
	"sec-websocket-version":    "http.sec_websocket_version",
	"server":                   "http.server",
	"set-cookie":               "http.set_cookie",
	"transfer-encoding":        "http.transfer_encoding",
	"upgrade":                  "http.upgrade",
	"user-agent":               "http.user_agent",
	"www-authenticate":         "http.www_authenticate",
	"x-forwarded-for":          "http.x_forwarded_for",
}

// Names lists, in order, every field name that a dissector can emit.
func Names() []string {
	names := []string{
		"data.data",

		"http.leading_crlf",
		"http.request.method",
		"http.request.uri",
		"http.request.version",
		"http.response.version",
		"http.response.code",
		"http.response.phrase",
		"http.space",
		"http.line_end",
		"http.header.name",
		"http.header.colon",
		"http.header.fold",
		"http.header.end",
		"http.head.end",
		"http.unknown_header",
		"http.chunk_size",
		"http.chunk_size.end",
		"http.chunk_extension",
		"http.chunk_boundary",
		"http.file_data",

		"sse.bom",
		"sse.field",
		"sse.colon",
		"sse.space",
		"sse.data",
		"sse.event",
		"sse.id",
		"sse.retry",
		"sse.comment",
		"sse.ignored",
		"sse.line_end",
		"sse.blank",

		"websocket.fin",
		"websocket.rsv1",
		"websocket.rsv2",
		"websocket.rsv3",
		"websocket.opcode",
		"websocket.mask",
		"websocket.payload_length",
		"websocket.payload_length_ext_16",
		"websocket.payload_length_ext_64",
		"websocket.masking_key",
		"websocket.payload",
		"websocket.payload.close.status_code",
		"websocket.payload.close.reason",
	}
	names = slices.AppendSeq(names, maps.Values(headerFields))
	slices.Sort(names)
	return names
}
