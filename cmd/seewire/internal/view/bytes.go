package view

// bytesCommands are the same for a terminal: through the site, and without it.
const bytesCommands = `curl --data-binary @FILE '{base}/dissect?protocol=guess'
seewire dissect FILE
printf '\x81\x05Hello' | seewire dissect -
`

// A bytesExample is something to try.
type bytesExample struct{ name, text, extensions string }

func bytesExamples() []bytesExample {
	return []bytesExample{
		{name: "sse", text: "retry: 3000\nid: 7\ndata: first line\ndata: second line\n\n: nothing but a comment\n\n"},
		{name: "masked", text: "81 85 37 fa 21 3d 7f 9f 4d 51 58"},                              // RFC 6455 §5.7
		{name: "deflate", text: "c1 07 f2 48 cd c9 c9 07 00", extensions: "permessage-deflate"}, // RFC 7692 §7.2.3.1
		{name: "handshake", text: "GET /chat HTTP/1.1\nHost: example.com\nUpgrade: websocket\nConnection: Upgrade\n" +
			"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Version: 13\n\n"}, // after RFC 6455 §1.2
	}
}
