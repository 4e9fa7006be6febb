package author

import (
	"context"
	"time"
)

// look is how often the folder is looked at. That is done by asking for the
// times of its files: they are few, and unlike the events of a file system they
// come across containers, network drives and editors that save by renaming.
const look = 150 * time.Millisecond

// Watch calls changed after each edit, when nothing has changed any more for a
// moment: a file that is half written is no mistake. It returns when ctx ends.
func (f Folder) Watch(ctx context.Context, changed func()) {
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	known := f.state()
	last := known
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := f.state()
		if now == last && now != known {
			known = now
			changed()
		}
		last = now
	}
}
