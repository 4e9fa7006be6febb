package proxy

import (
	"errors"
	"io"
	"time"
)

// idle is the body of an answer, or a connection after its 101, that is cut when
// nothing goes through it for a while.
type idle struct {
	io.ReadCloser
	timer *time.Timer // cuts
	limit time.Duration
}

func (i *idle) Read(p []byte) (int, error) {
	n, err := i.ReadCloser.Read(p)
	if n > 0 {
		i.timer.Reset(i.limit)
	}
	return n, err
}

// Write is for the way up after a 101.
func (i *idle) Write(p []byte) (int, error) {
	up, ok := i.ReadCloser.(io.Writer)
	if !ok {
		return 0, errors.ErrUnsupported
	}
	i.timer.Reset(i.limit)
	return up.Write(p)
}

func (i *idle) Close() error {
	i.timer.Stop()
	return i.ReadCloser.Close()
}
