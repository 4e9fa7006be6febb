// Package http1 dissects HTTP/1.1: heads, and how their bodies are delimited.
package http1

import (
	"maps"
	"slices"

	"seewire/playground/dissect"
)

// field are the names of HTTP/1 and of messages in general; those of header values are in headerFields.
var field = dissect.Filled(struct {
	ProxyMagic    string           `field:"proxy.v1.magic"`
	ProxyProto    string           `field:"proxy.v1.proto"`
	ProxyUnknown  string           `field:"proxy.v1.unknown"`
	ProxySource4  string           `field:"proxy.src.ipv4"`
	ProxySource6  string           `field:"proxy.src.ipv6"`
	ProxyTarget4  string           `field:"proxy.dst.ipv4"`
	ProxyTarget6  string           `field:"proxy.dst.ipv6"`
	ProxyFrom     string           `field:"proxy.srcport"`
	ProxyTo       string           `field:"proxy.dstport"`
	Proxy2Magic   string           `field:"proxy.v2.magic"`
	Proxy2Version dissect.BitField `field:"proxy.v2.version" mask:"f0"`
	Proxy2Command dissect.BitField `field:"proxy.v2.cmd" mask:"0f"`
	Proxy2Family  dissect.BitField `field:"proxy.v2.addr_family" mask:"f0"`
	Proxy2Proto   dissect.BitField `field:"proxy.v2.protocol" mask:"0f"`
	Proxy2Length  string           `field:"proxy.v2.length"`
	Proxy2Rest    string           `field:"proxy.v2.unknown"`

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

// say are the phrases of the dissector.
var say = dissect.Filled(struct {
	Request          string `field:"http1.request"`
	Response         string `field:"http1.response"`
	Body             string `field:"http1.body"`
	Chunk            string `field:"http1.chunk"`
	LastChunk        string `field:"http1.last_chunk"`
	Trailer          string `field:"http1.trailer"`
	Dechunked        string `field:"http1.dechunked"`
	Decoded          string `field:"http1.decoded"`           // a tool has undone the coding of a body
	Proxy            string `field:"http1.proxy"`             // whom a proxy connects
	CodingUnfinished string `field:"http1.coding_unfinished"` // where the bytes end
	End              string `field:"http1.end"`               // of a direction, inside a body
}{})

// Names lists the fields that the dissector can emit.
func Names() []string {
	return slices.AppendSeq(dissect.Tags(field), maps.Values(headerFields))
}

// Phrases lists the keys of what a frame of the dissector can say.
func Phrases() []string { return dissect.Tags(say) }

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
	"mcp-protocol-version":             "http.mcp_protocol_version",
	"mcp-session-id":                   "http.mcp_session_id",
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
