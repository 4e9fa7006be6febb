package sse

// Why a line of an event stream was ignored, or a blank line dispatched
// nothing (WHATWG HTML §9.2.6).
const (
	unknownField    = "unknown-field"    // a name other than data, event, id and retry
	idWithNull      = "id-with-null"     // an id that contains U+0000
	retryEmpty      = "retry-empty"      // a retry with no digits at all
	retryNotDigits  = "retry-not-digits" // a retry with something else than ASCII digits
	chunkLine       = "chunk-size"       // a name that looks like the size of a chunk, which is not for the body
	almostField     = "almost-field"     // a name that is one of the four but for its case, or for space around it
	retryTooLarge   = "retry-too-large"  // more milliseconds than 63 bits hold
	noData          = "no-data"          // the block has fields and no data
	noBlock         = "no-block"         // no field since the last blank line
	unfinishedLine  = "unfinished-line"  // the stream ended before the line did
	unfinishedBlock = "unfinished-block" // the stream ended before a blank line
)

// Reasons lists the codes that SSE.Reason can have.
func Reasons() []string {
	return []string{
		unknownField, chunkLine, almostField, idWithNull, retryEmpty, retryNotDigits, retryTooLarge,
		noData, noBlock, unfinishedLine, unfinishedBlock,
	}
}
