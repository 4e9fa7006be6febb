package wire

import "time"

// A Side is one end of a connection: the one that sent the bytes.
type Side string

const (
	Client Side = "client"
	Server Side = "server"
)

// A Connection is what a capture holds of one connection: the bytes of both
// directions, from the first request that was recorded.
//
// The requests that were not recorded are left out whole, with their
// responses, so that the bytes of a connection which serves several captures
// still read as HTTP. Of HTTP/2 it has the connection from its start, but for
// the DATA frames of streams that are not the capture's.
type Connection struct {
	Number   int    // from 1, in the order in which the capture met them
	Peer     string // the client's address, "127.0.0.1:50112"
	Local    string // the address that the client connected to, "127.0.0.1:8080"
	Hop      string // which part of the way this is: "" for the one to the client, else the Listener's
	Protocol string // "h2", or "http/1.1": what a handshake made of that is in the bytes

	// Streams are those of HTTP/2 that the capture's requests have opened. The
	// headers of others are there because without them nobody could read these.
	Streams []uint32

	Client, Server []byte // what each side sent

	// Segments are in the order in which they were recorded. Within one
	// direction that is the order of the bytes; between the two, a Write can be
	// noted after what the client has answered to it, and At tells the order.
	Segments []Segment

	// Ends has at most one "fin" and one "reset" or "timeout" for a side.
	Ends []End

	// Dropped counts the bytes that came when there was no room left. From the
	// first of them on nothing more of the connection is kept, so that what is
	// kept has no hole in it.
	Dropped int64
}

// A Segment is the bytes of one Read or Write.
type Segment struct {
	From   Side
	At     time.Time // when Read had returned, or when Write was called: a cause is never later than its effect
	Offset int64     // of its first byte, in what its side has sent
	Length int       // in bytes, at least 1
}

// An End says how a side stopped sending.
//
// How is "fin" where it said that nothing more will come, "reset" where it
// gave the connection up, and "timeout" where TCP found nobody there any more.
// The server's ends are what this program did; the client's, what arrived.
type End struct {
	From Side
	At   time.Time
	How  string
}

// bytes returns the direction in which a side sends.
func (c *Connection) bytes(from Side) *[]byte {
	if from == Client {
		return &c.Client
	}
	return &c.Server
}

// ended reports whether an end that is to be noted would say nothing new:
// after a fin there may be a reset, after a reset there is nothing.
func (c *Connection) ended(from Side, how string) bool {
	for _, end := range c.Ends {
		if end.From == from && (end.How == how || end.How != "fin") {
			return true
		}
	}
	return false
}
