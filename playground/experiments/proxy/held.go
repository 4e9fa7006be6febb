package proxy

import "net/http"

// holds is how much of an answer is held: nginx's proxy_buffer_size, a page of
// memory.
const holds = 4 << 10 // bytes

// held is a response that waits until there is enough of it, or all, as with
// nginx's proxy_buffering. The head waits with it. If the answer breaks off, what
// was held is lost.
type held struct {
	http.ResponseWriter
	buffer  []byte
	through bool // the server has asked for it
}

// WriteHeader takes the head, and what the server says in it to the proxy alone.
func (h *held) WriteHeader(status int) {
	h.through = h.Header().Get("X-Accel-Buffering") == "no"
	h.Header().Del("X-Accel-Buffering")
	h.ResponseWriter.WriteHeader(status)
}

func (h *held) Write(p []byte) (int, error) {
	h.buffer = append(h.buffer, p...)
	if len(h.buffer) >= holds {
		return len(p), h.pass()
	}
	return len(p), nil
}

// FlushError is what ReverseProxy calls after each write of an event stream.
func (h *held) FlushError() error {
	if !h.through {
		return nil
	}
	return h.pass()
}

// pass lets go of what is held.
func (h *held) pass() error {
	_, err := h.ResponseWriter.Write(h.buffer)
	h.buffer = h.buffer[:0]
	if err != nil {
		return err
	}
	return http.NewResponseController(h.ResponseWriter).Flush()
}
