package echo

import (
	"context"
	"time"

	"github.com/coder/websocket"
)

// send writes a message, in one frame or several, for which the client may take
// up to 10 s to make room.
func send(conn *websocket.Conn, kind websocket.MessageType, data []byte, fragments int) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if fragments == 1 {
		return conn.Write(ctx, kind, data)
	}
	out, err := conn.Writer(ctx, kind)
	if err != nil {
		return err
	}
	for _, fragment := range split(data, fragments-1) {
		if _, err := out.Write(fragment); err != nil {
			return err
		}
	}
	return out.Close() // writes the last fragment, which is empty
}

// split cuts data into n parts of about the same size.
func split(data []byte, n int) [][]byte {
	parts := make([][]byte, n)
	for i := range n {
		parts[i] = data[len(data)*i/n : len(data)*(i+1)/n]
	}
	return parts
}
