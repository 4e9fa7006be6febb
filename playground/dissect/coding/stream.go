package coding

import "seewire/playground/dissect"

// A Stream takes a content coding off as its bytes come, for somebody who wants the
// content and describes nothing.
type Stream struct {
	decoder  decoder
	in, out  int64
	finished bool
}

// What a Stream may cost: the memory of its window, in bytes, and how much comes out of
// it beside what goes in.
const (
	streamWindow = 10 << 20
	streamSpare  = 16 << 20
	streamRatio  = 100
)

// NewStream returns nil for a coding that is not known here. Memory is what the stream
// may take, in bytes.
func NewStream(coding string) (s *Stream, memory int64) {
	share := dissect.NewShare(2 * streamWindow)
	switch coding {
	case "gzip", "x-gzip":
		return &Stream{decoder: &gzipDecoder{}}, 2 * deflateWindow
	case "deflate":
		return &Stream{decoder: &zlibDecoder{}}, 2 * deflateWindow
	case "br":
		return &Stream{decoder: &brotliDecoder{memory: share}}, streamWindow
	case "zstd":
		return &Stream{decoder: &zstdDecoder{memory: share}}, streamWindow
	}
	return nil, 0
}

// Write takes bytes under the coding, and hands what they add on to write. After an
// error nothing more is taken.
func (s *Stream) Write(p []byte, write func(p []byte)) error {
	if s.finished {
		return nil
	}
	s.in += int64(len(p))
	ended, err := s.decoder.decode(p, func(p []byte) error {
		if s.out += int64(len(p)); s.out > streamSpare+streamRatio*s.in {
			return ErrTooLarge
		}
		write(p)
		return nil
	})
	if s.finished = ended || err != nil; s.finished {
		s.decoder.close()
	}
	return err
}
