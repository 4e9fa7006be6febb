// Package websocket dissects the frames of WebSocket, and checks its handshake.
package websocket

import "seewire/playground/dissect"

// field are the names of WebSocket frames.
var field = dissect.Filled(struct {
	Fin                    dissect.BitField `field:"websocket.fin" mask:"80"`
	Rsv1                   dissect.BitField `field:"websocket.rsv1" mask:"40"`
	Rsv2                   dissect.BitField `field:"websocket.rsv2" mask:"20"`
	Rsv3                   dissect.BitField `field:"websocket.rsv3" mask:"10"`
	Opcode                 dissect.BitField `field:"websocket.opcode" mask:"0f"`
	Mask                   dissect.BitField `field:"websocket.mask" mask:"80"`
	PayloadLength          dissect.BitField `field:"websocket.payload_length" mask:"7f"`
	PayloadLengthExt16     string           `field:"websocket.payload_length_ext_16"`
	PayloadLengthExt64     string           `field:"websocket.payload_length_ext_64"`
	MaskingKey             string           `field:"websocket.masking_key"`
	Payload                string           `field:"websocket.payload"`
	PayloadCloseStatusCode string           `field:"websocket.payload.close.status_code"`
	PayloadCloseReason     string           `field:"websocket.payload.close.reason"`
}{})

// say are the phrases of the dissector.
var say = dissect.Filled(struct {
	Payload string `field:"payload"` // the start of a text

	Header       string `field:"websocket.header"` // of a frame, cut
	Text         string `field:"websocket.text"`
	Binary       string `field:"websocket.binary"`
	Close        string `field:"websocket.close"` // the status code
	Ping         string `field:"websocket.ping"`
	Pong         string `field:"websocket.pong"`
	Continuation string `field:"websocket.continuation"`
	Reserved     string `field:"websocket.reserved"` // the opcode
	Message      string `field:"websocket.message"`  // of a HAR: without its frames
	Fin          string `field:"websocket.fin"`
	More         string `field:"websocket.more"`
	Compressed   string `field:"websocket.compressed"`
	Fragments    string `field:"websocket.fragments"` // that a message has, at the last one
	Whole        string `field:"websocket.whole"`     // the text of the fragments together
	NotDeflate   string `field:"websocket.not_deflate"`
	TooLarge     string `field:"websocket.too_large"`
	NoContext    string `field:"websocket.no_context"`

	GivenUpContext string `field:"websocket.given_up_context"` // the message refers to an earlier one, which was not agreed on
	Extension      string `field:"websocket.extension"`        // that a payload is under, and that is not known here
}{})

// Names lists the fields that the dissector can emit.
func Names() []string { return dissect.Tags(field) }

// Phrases lists the keys of what a frame of the dissector can say.
func Phrases() []string { return dissect.Tags(say) }
