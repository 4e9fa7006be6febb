package protocols

import (
	"strings"
	"testing"

	"seewire/playground/dissect"
)

const someRequest = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

// An http1Case is a conversation and its frames.
type http1Case struct {
	name  string
	turns []turn
	want  []string
}

func http1Cases() []http1Case {
	const requestFrame = `http1/request 0+27 request.method=GET space=  request.uri=/ space=  request.version=HTTP/1.1 line_end=\r\n` +
		` header.name=Host header.colon=:  host=x header.end=\r\n head.end=\r\n`
	request := turn{dissect.Client, someRequest}
	return []http1Case{
		{"a head, field by field",
			[]turn{{dissect.Client, "\r\nPOST /a?b HTTP/1.0\r\nHost:x\r\nContent-Type:\t text/plain \r\nX-Empty:\r\nContent-Length: 2\r\n\r\nhi"}},
			[]string{
				`http1/request 0+89 leading_crlf=\r\n request.method=POST space=  request.uri=/a?b space=  request.version=HTTP/1.0 line_end=\r\n` +
					` header.name=Host header.colon=: host=x header.end=\r\n` +
					` header.name=Content-Type header.colon=:` + "\t " + ` content_type=text/plain header.end= \r\n` +
					` header.name=X-Empty header.colon=: header.end=\r\n` +
					` header.name=Content-Length header.colon=:  content_length=2 header.end=\r\n head.end=\r\n`,
				`http1/body 89+2 file_data=hi`,
			}},
		{"Content-Length and keep-alive",
			[]turn{request, {dissect.Server, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"}, request, {dissect.Server, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"}},
			[]string{
				requestFrame,
				`http1/response 0+38 response.version=HTTP/1.1 space=  response.code=200 space=  response.phrase=OK line_end=\r\n header.name=Content-Length header.colon=:  content_length=5 header.end=\r\n head.end=\r\n`,
				`http1/body 38+5 file_data=hello`,
				strings.Replace(requestFrame, "0+27", "27+27", 1),
				`http1/response 43+45 response.version=HTTP/1.1 space=  response.code=404 space=  response.phrase=Not Found line_end=\r\n header.name=Content-Length header.colon=:  content_length=0 header.end=\r\n head.end=\r\n`,
			}},
		{"pipelined requests",
			[]turn{{dissect.Client, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n" + someRequest}, {dissect.Server, "HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 \r\nContent-Length: 1\r\n\r\na"}},
			[]string{
				strings.NewReplacer("GET", "HEAD", "0+27", "0+28").Replace(requestFrame),
				strings.Replace(requestFrame, "0+27", "28+27", 1),
				`http1/response 0+35 response.version=HTTP/1.1 space=  response.code=200 line_end=\r\n header.name=Content-Length header.colon=:  content_length=5 header.end=\r\n head.end=\r\n`,
				`http1/response 35+36 response.version=HTTP/1.1 space=  response.code=200 space=  line_end=\r\n header.name=Content-Length header.colon=:  content_length=1 header.end=\r\n head.end=\r\n`,
				`http1/body 71+1 file_data=a`,
			}},
		{"no body, whatever the head says",
			[]turn{request, {dissect.Server, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n"}, request, {dissect.Server, "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"}},
			[]string{
				requestFrame,
				`http1/response 0+25 response.version=HTTP/1.1 space=  response.code=100 space=  response.phrase=Continue line_end=\r\n head.end=\r\n`,
				`http1/response 25+55 response.version=HTTP/1.1 space=  response.code=204 space=  response.phrase=No Content line_end=\r\n header.name=Transfer-Encoding header.colon=:  transfer_encoding=chunked header.end=\r\n head.end=\r\n`,
				strings.Replace(requestFrame, "0+27", "27+27", 1),
				`http1/response 80+48 response.version=HTTP/1.1 space=  response.code=304 space=  response.phrase=Not Modified line_end=\r\n header.name=Content-Length header.colon=:  content_length=5 header.end=\r\n head.end=\r\n`,
				`http1/response 128+19 response.version=HTTP/1.1 space=  response.code=200 space=  response.phrase=OK line_end=\r\n head.end=\r\n`,
			}},
		{"a body until the connection's end, in hexadecimal",
			[]turn{request, {dissect.Server, "HTTP/1.0 200 OK\r\n\r\n\x00\x01\xFF"}},
			[]string{
				requestFrame,
				`http1/response 0+19 response.version=HTTP/1.0 space=  response.code=200 space=  response.phrase=OK line_end=\r\n head.end=\r\n`,
				`http1/body 19+3 file_data=0001ff`,
			}},
		{"a body that is cut",
			[]turn{request, {dissect.Server, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"}},
			[]string{
				requestFrame,
				`http1/response 0+38 response.version=HTTP/1.1 space=  response.code=200 space=  response.phrase=OK line_end=\r\n header.name=Content-Length header.colon=:  content_length=9 header.end=\r\n head.end=\r\n`,
				`http1/body 38+5 file_data=hello cut`,
			}},
		{"a head that is cut",
			[]turn{{dissect.Client, "GET / HTTP/1.1\r\nHost: x\r\nAccept"}, {dissect.Server, "HTTP/1.1 2"}},
			[]string{
				`http1/request 0+31 request.method=GET space=  request.uri=/ space=  request.version=HTTP/1.1 line_end=\r\n header.name=Host header.colon=:  host=x header.end=\r\n header.name=Accept cut`,
				`data/unknown 0+10 data=HTTP/1.1 2 cut`,
			}},
		{"a tunnel",
			[]turn{{dissect.Client, "CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\nabc"}, {dissect.Server, "HTTP/1.1 200 OK\r\n\r\ndef"}, {dissect.Client, "ghi"}},
			[]string{
				`http1/request 0+35 request.method=CONNECT space=  request.uri=x:1 space=  request.version=HTTP/1.1 line_end=\r\n header.name=Host header.colon=:  host=x:1 header.end=\r\n head.end=\r\n`,
				`http1/response 0+19 response.version=HTTP/1.1 space=  response.code=200 space=  response.phrase=OK line_end=\r\n head.end=\r\n`,
				`data/unknown 35+6 data=abcghi cut`,
				`data/unknown 19+3 data=def cut`,
			}},
		{"what is not HTTP/1",
			[]turn{{dissect.Client, "SSH-2.0-OpenSSH_10.0\r\n"}, {dissect.Server, "\x00\x00"}},
			[]string{
				`data/unknown 0+22 data=SSH-2.0-OpenSSH_10.0` + "\r\n",
				`data/unknown 0+2 data=0000 cut`,
			}},
		{"chunks",
			[]turn{request, {dissect.Server, "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n5\r\nhello\r\n00A ; a=\"b\"\r\n0123456789\r\n0;x\r\nVary: *\r\n\r\n"}},
			[]string{
				requestFrame,
				`http1/response 0+53 response.version=HTTP/1.1 space=  response.code=200 space=  response.phrase=OK line_end=\r\n header.name=Transfer-Encoding header.colon=:  transfer_encoding=gzip, Chunked header.end=\r\n head.end=\r\n`,
				`http1/chunk 53+10 chunk_size=5 chunk_size.end=\r\n file_data=hello chunk_boundary=\r\n`,
				`http1/chunk 63+25 chunk_size=00A chunk_extension= ; a="b" chunk_size.end=\r\n file_data=0123456789 chunk_boundary=\r\n`,
				`http1/last-chunk 88+5 chunk_size=0 chunk_extension=;x chunk_size.end=\r\n`,
				`http1/trailer 93+11 header.name=Vary header.colon=:  vary=* header.end=\r\n head.end=\r\n`,
			}},
		{"a request in chunks",
			[]turn{{dissect.Client, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n" + someRequest}},
			[]string{
				`http1/request 0+56 request.method=POST space=  request.uri=/ space=  request.version=HTTP/1.1 line_end=\r\n header.name=Host header.colon=:  host=x header.end=\r\n header.name=Transfer-Encoding header.colon=:  transfer_encoding=chunked header.end=\r\n head.end=\r\n`,
				`http1/chunk 56+7 chunk_size=2 chunk_size.end=\r\n file_data=hi chunk_boundary=\r\n`,
				`http1/last-chunk 63+5 chunk_size=0 chunk_size.end=\r\n chunk_boundary=\r\n`,
				strings.Replace(requestFrame, "0+27", "68+27", 1),
			}},
	}
}

func TestHTTP1(t *testing.T) {
	for _, test := range http1Cases() {
		t.Run(test.name, func(t *testing.T) {
			wantFrames(t, checkProperties(t, newConversation, test.turns...), test.want...)
		})
	}
}

// chunksAfter is the frames of a chunked body, wherever it is cut or broken.
func TestChunksBroken(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	for body, want := range map[string][]string{
		"":                               {},
		"5":                              {`http1/chunk 47+1 chunk_size=5 cut`},
		"5\r":                            {`http1/chunk 47+2 chunk_size=5 chunk_size.end=\r cut`},
		"5;a":                            {`http1/chunk 47+3 chunk_size=5 chunk_extension=;a cut`},
		"5\r\n":                          {`http1/chunk 47+3 chunk_size=5 chunk_size.end=\r\n cut`},
		"5\r\nhe":                        {`http1/chunk 47+5 chunk_size=5 chunk_size.end=\r\n file_data=he cut`},
		"2\r\nhe\r":                      {`http1/chunk 47+6 chunk_size=2 chunk_size.end=\r\n file_data=he chunk_boundary=\r cut`},
		"0\r\n":                          {`http1/last-chunk 47+3 chunk_size=0 chunk_size.end=\r\n cut`},
		"0\r\n\r":                        {`http1/last-chunk 47+4 chunk_size=0 chunk_size.end=\r\n chunk_boundary=\r cut`},
		"0\r\na: b\r\n":                  {`http1/last-chunk 47+3 chunk_size=0 chunk_size.end=\r\n`, `http1/trailer 50+6 header.name=a header.colon=:  unknown_header=b header.end=\r\n cut`},
		"0\r\n\ra: b":                    {`http1/last-chunk 47+3 chunk_size=0 chunk_size.end=\r\n`, `http1/trailer 50+5 header.name=` + "\r" + `a header.colon=:  unknown_header=b cut !http1.header-name`},
		"x\r\nhe":                        {`data/unknown 47+5 data=x` + "\r\nhe !http1.chunk-size"},
		"\r\nhe":                         {`data/unknown 47+4 data=` + "\r\nhe !http1.chunk-size"},
		"-1\r\n":                         {`data/unknown 47+4 data=-1` + "\r\n !http1.chunk-size"},
		"5 x\r\n":                        {`data/unknown 47+5 data=5 x` + "\r\n !http1.chunk-size"},
		"5\r\r\n":                        {`data/unknown 47+4 data=5` + "\r\r\n !http1.chunk-size"},
		"2\r\nhello\r\n":                 {`http1/chunk 47+5 chunk_size=2 chunk_size.end=\r\n file_data=he cut !http1.chunk-end`, `data/unknown 52+5 data=llo` + "\r\n"},
		"2\r\nhe\rllo":                   {`http1/chunk 47+6 chunk_size=2 chunk_size.end=\r\n file_data=he chunk_boundary=\r cut !http1.chunk-end`, `data/unknown 53+3 data=llo`},
		"2\nhe\n0\n\n":                   {`http1/chunk 47+5 chunk_size=2 chunk_size.end=\n file_data=he chunk_boundary=\n !http1.bare-lf`, `http1/last-chunk 52+3 chunk_size=0 chunk_size.end=\n chunk_boundary=\n !http1.bare-lf`},
		"2\r\n\xE5\xB8\r\n1\r\n\xA7\r\n": {`http1/chunk 47+7 chunk_size=2 chunk_size.end=\r\n file_data=e5b8 chunk_boundary=\r\n`, `http1/chunk 54+6 chunk_size=1 chunk_size.end=\r\n file_data=a7 chunk_boundary=\r\n`},
		"fffffffffffffffff\r\n":          {"data/unknown 47+19 data=fffffffffffffffff\r\n !http1.chunk-size"},
		"7fffffffffffffff\r\n":           {"data/unknown 47+18 data=7fffffffffffffff\r\n !http1.chunk-size"},
		"3fffffffffffffff\r\na":          {`http1/chunk 47+19 chunk_size=3fffffffffffffff chunk_size.end=\r\n file_data=a cut`},
	} {
		frames := checkProperties(t, newConversation, turn{dissect.Client, someRequest}, turn{dissect.Server, head + body})
		t.Run(body, func(t *testing.T) { wantFrames(t, frames[2:], want...) })
	}
}

// http1Violations are messages, from the client unless they are responses,
// and what is wrong with them.
func http1Violations() map[string]string {
	return map[string]string{
		"GET / HTTP/1.1\nHost: x\n\n":                                                                    "http1.bare-lf",
		"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n\tc\r\n\r\n":                                               "http1.obs-fold",
		"GET / HTTP/1.1\r\nHost: x\r\nfoo\r\n\r\n":                                                       "http1.header-without-colon",
		"GET / HTTP/1.1\r\nHost: x\r\nA b: c\r\n\r\n":                                                    "http1.header-name",
		"GET / HTTP/1.1\r\nHost: x\r\n: c\r\n\r\n":                                                       "http1.header-name",
		"GET / HTTP/1.1\r\n Host: x\r\nHost: x\r\n\r\n":                                                  "http1.header-name",
		"GET / HTTP/1.1\r\nHost : x\r\n\r\n":                                                             "http1.header-space",
		"GET / HTTP/1.1\r\nHost: x\x00y\r\n\r\n":                                                         "http1.header-value",
		"GET / HTTP/1.1\r\nHost: x\ry\r\n\r\n":                                                           "http1.header-value",
		"GET / HTTP/1.1\r\n\r\n":                                                                         "http1.host",
		"GET / HTTP/1.0\r\n\r\n":                                                                         "",
		"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n":                                                   "http1.host",
		"GET / HTTP/1.1\r\nHost:\r\n\r\n":                                                                "",
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\n":                                       "http1.content-length",
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 2\r\n\r\n":                                     "http1.content-length",
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n":                   "http1.content-length",
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0, 0\r\n\r\n":                                     "",
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9223372036854775808\r\n\r\n":                      "http1.content-length",
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n": "http1.length-and-coding",
		"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, gzip\r\n\r\n":                         "http1.transfer-coding",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n":                                             "",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n":                                     "http1.chunk-size",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\naa":                                   "http1.chunk-end",
		"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nnot gzip at all":                               "http1.gzip",
	}
}

func TestHTTP1Violations(t *testing.T) {
	for message, want := range http1Violations() {
		t.Run(message, func(t *testing.T) {
			from := dissect.Client
			if strings.HasPrefix(message, "HTTP") {
				from = dissect.Server
			}
			frames := checkProperties(t, newConversation, turn{from, message})
			if got := strings.Join(violationCodes(frames), " "); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func violationCodes(frames []dissect.Frame) (codes []string) {
	for _, f := range frames {
		for _, v := range f.Violations {
			codes = append(codes, v.Code)
		}
	}
	return codes
}

func TestFoldedHeader(t *testing.T) {
	frames := checkProperties(t, newConversation,
		turn{dissect.Client, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"})
	if len(frames) != 3 || frames[1].Kind != "chunk" {
		t.Errorf("got %d frames, want the head and two chunks", len(frames))
	}
}

// What has no end is not kept.
func TestHTTP1Bounds(t *testing.T) {
	long := strings.Repeat("a", dissect.MaxHead)
	for name, turns := range map[string][]turn{
		"a start line":                     {{dissect.Client, long}},
		"a header line":                    {{dissect.Client, "GET / HTTP/1.1\r\nHost: " + long}},
		"a head that ends after its bound": {{dissect.Client, "GET / HTTP/1.1\r\nHost: " + long + "\r\n\r\n"}},
		"empty lines":                      {{dissect.Client, strings.Repeat("\r\n", dissect.MaxHead)}},
		"a chunk size line":                {{dissect.Server, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + long}},
		"a trailer":                        {{dissect.Server, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\na: " + long}},
	} {
		t.Run(name, func(t *testing.T) {
			frames := checkProperties(t, newConversation, turns...)
			if last := frames[len(frames)-1]; last.Protocol != "data" {
				t.Errorf("got %s at the end, want unknown data", last.Protocol)
			}
		})
	}

	frames := checkProperties(t, newConversation, turn{dissect.Client, "GET / HTTP/1.1\r\nHost: " + long[:dissect.MaxHead-26] + "\r\n\r\n"})
	if len(frames) != 1 || frames[0].Kind != "request" || frames[0].Length != dissect.MaxHead {
		t.Errorf("got %d frames, want a head of exactly %d bytes", len(frames), dissect.MaxHead)
	}
}
