package pressure

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// A price is one message.
type price struct {
	n       int
	value   float64
	made    time.Time
	dropped int // before it
}

// newPrice makes the n-th price, which goes up and down.
func newPrice(n, dropped int) price {
	return price{n, 100 + 10*math.Sin(float64(n)/10), time.Now(), dropped}
}

// text is the price as JSON of so many bytes, with what the server knows when
// it writes it: how many more wait.
func (p price) text(waiting, size int) string {
	known := fmt.Sprintf(`{"n":%d,"price":%.2f,"made":%d,"waiting":%d,"dropped":%d,"book":"`,
		p.n, p.value, p.made.UnixMilli(), waiting, p.dropped)
	return known + strings.Repeat(".", max(0, size-len(known)-2)) + `"}`
}
