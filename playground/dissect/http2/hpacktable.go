package http2

import "seewire/playground/dissect"

// entryOverhead is what an entry counts beside its name and value, in bytes
// (RFC 7541 §4.1).
const entryOverhead = 32

// A hpackTable is the dynamic table of one direction (RFC 7541 §2.3.2): what
// its header blocks have put into it. The newest entry is the last here and
// has the lowest index on the wire.
type hpackTable struct {
	entries []dissect.Header
	size    int64 // of the entries, as RFC 7541 §4.1 counts
	max     int64
}

// get finds an entry by its index on the wire: first the static table, from 1,
// and after it the dynamic one (RFC 7541 §2.3.3).
func (t *hpackTable) get(index uint64) (dissect.Header, bool) {
	switch static := uint64(len(hpackStatic)); {
	case index == 0:
		return dissect.Header{}, false
	case index <= static:
		return hpackStatic[index-1], true
	case index-static <= uint64(len(t.entries)):
		return t.entries[uint64(len(t.entries))-(index-static)], true
	}
	return dissect.Header{}, false
}

// add puts in an entry. One that is larger than the table empties it (RFC 7541
// §4.4).
func (t *hpackTable) add(h dissect.Header) {
	t.entries = append(t.entries, h)
	t.size += entrySize(h)
	t.evict()
}

func (t *hpackTable) resize(max int64) {
	t.max = max
	t.evict()
}

// evict removes the oldest entries until the rest fits (RFC 7541 §4.3).
func (t *hpackTable) evict() {
	n := 0
	for t.size > t.max {
		t.size -= entrySize(t.entries[n])
		n++
	}
	if n > 0 {
		clear(t.entries[:n]) // the array lives on under the rest
		t.entries = t.entries[n:]
	}
}

func entrySize(h dissect.Header) int64 { return int64(len(h.Name)+len(h.Value)) + entryOverhead }

// hpackStatic is the static table (RFC 7541, Appendix A).
var hpackStatic = [...]dissect.Header{
	{Name: ":authority", Value: ""},
	{Name: ":method", Value: "GET"},
	{Name: ":method", Value: "POST"},
	{Name: ":path", Value: "/"},
	{Name: ":path", Value: "/index.html"},
	{Name: ":scheme", Value: "http"},
	{Name: ":scheme", Value: "https"},
	{Name: ":status", Value: "200"},
	{Name: ":status", Value: "204"},
	{Name: ":status", Value: "206"},
	{Name: ":status", Value: "304"},
	{Name: ":status", Value: "400"},
	{Name: ":status", Value: "404"},
	{Name: ":status", Value: "500"},
	{Name: "accept-charset", Value: ""},
	{Name: "accept-encoding", Value: "gzip, deflate"},
	{Name: "accept-language", Value: ""},
	{Name: "accept-ranges", Value: ""},
	{Name: "accept", Value: ""},
	{Name: "access-control-allow-origin", Value: ""},
	{Name: "age", Value: ""},
	{Name: "allow", Value: ""},
	{Name: "authorization", Value: ""},
	{Name: "cache-control", Value: ""},
	{Name: "content-disposition", Value: ""},
	{Name: "content-encoding", Value: ""},
	{Name: "content-language", Value: ""},
	{Name: "content-length", Value: ""},
	{Name: "content-location", Value: ""},
	{Name: "content-range", Value: ""},
	{Name: "content-type", Value: ""},
	{Name: "cookie", Value: ""},
	{Name: "date", Value: ""},
	{Name: "etag", Value: ""},
	{Name: "expect", Value: ""},
	{Name: "expires", Value: ""},
	{Name: "from", Value: ""},
	{Name: "host", Value: ""},
	{Name: "if-match", Value: ""},
	{Name: "if-modified-since", Value: ""},
	{Name: "if-none-match", Value: ""},
	{Name: "if-range", Value: ""},
	{Name: "if-unmodified-since", Value: ""},
	{Name: "last-modified", Value: ""},
	{Name: "link", Value: ""},
	{Name: "location", Value: ""},
	{Name: "max-forwards", Value: ""},
	{Name: "proxy-authenticate", Value: ""},
	{Name: "proxy-authorization", Value: ""},
	{Name: "range", Value: ""},
	{Name: "referer", Value: ""},
	{Name: "refresh", Value: ""},
	{Name: "retry-after", Value: ""},
	{Name: "server", Value: ""},
	{Name: "set-cookie", Value: ""},
	{Name: "strict-transport-security", Value: ""},
	{Name: "transfer-encoding", Value: ""},
	{Name: "user-agent", Value: ""},
	{Name: "vary", Value: ""},
	{Name: "via", Value: ""},
	{Name: "www-authenticate", Value: ""},
}
