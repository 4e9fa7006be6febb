package dissect

// A Header is a field of a header block, decoded.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// entryOverhead is what an entry counts beside its name and value, in bytes
// (RFC 7541 §4.1).
const entryOverhead = 32

// A hpackTable is the dynamic table of one direction (RFC 7541 §2.3.2): what
// its header blocks have put into it. The newest entry is the last here and
// has the lowest index on the wire.
type hpackTable struct {
	entries []Header
	size    int64 // of the entries, as RFC 7541 §4.1 counts
	max     int64
}

// get finds an entry by its index on the wire: first the static table, from 1,
// and after it the dynamic one (RFC 7541 §2.3.3).
func (t *hpackTable) get(index uint64) (Header, bool) {
	switch static := uint64(len(hpackStatic)); {
	case index == 0:
		return Header{}, false
	case index <= static:
		return hpackStatic[index-1], true
	case index-static <= uint64(len(t.entries)):
		return t.entries[uint64(len(t.entries))-(index-static)], true
	}
	return Header{}, false
}

// add puts in an entry. One that is larger than the table empties it (RFC 7541
// §4.4).
func (t *hpackTable) add(h Header) {
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

func entrySize(h Header) int64 { return int64(len(h.Name)+len(h.Value)) + entryOverhead }

// hpackStatic is the static table (RFC 7541, Appendix A).
var hpackStatic = [...]Header{
	{":authority", ""},
	{":method", "GET"},
	{":method", "POST"},
	{":path", "/"},
	{":path", "/index.html"},
	{":scheme", "http"},
	{":scheme", "https"},
	{":status", "200"},
	{":status", "204"},
	{":status", "206"},
	{":status", "304"},
	{":status", "400"},
	{":status", "404"},
	{":status", "500"},
	{"accept-charset", ""},
	{"accept-encoding", "gzip, deflate"},
	{"accept-language", ""},
	{"accept-ranges", ""},
	{"accept", ""},
	{"access-control-allow-origin", ""},
	{"age", ""},
	{"allow", ""},
	{"authorization", ""},
	{"cache-control", ""},
	{"content-disposition", ""},
	{"content-encoding", ""},
	{"content-language", ""},
	{"content-length", ""},
	{"content-location", ""},
	{"content-range", ""},
	{"content-type", ""},
	{"cookie", ""},
	{"date", ""},
	{"etag", ""},
	{"expect", ""},
	{"expires", ""},
	{"from", ""},
	{"host", ""},
	{"if-match", ""},
	{"if-modified-since", ""},
	{"if-none-match", ""},
	{"if-range", ""},
	{"if-unmodified-since", ""},
	{"last-modified", ""},
	{"link", ""},
	{"location", ""},
	{"max-forwards", ""},
	{"proxy-authenticate", ""},
	{"proxy-authorization", ""},
	{"range", ""},
	{"referer", ""},
	{"refresh", ""},
	{"retry-after", ""},
	{"server", ""},
	{"set-cookie", ""},
	{"strict-transport-security", ""},
	{"transfer-encoding", ""},
	{"user-agent", ""},
	{"vary", ""},
	{"via", ""},
	{"www-authenticate", ""},
}
