package dissect

// A Phrase is a part of what a frame says in one line: the key of its words,
// which the content has in every language, and what stands in them. A line is
// its phrases one after the other.
type Phrase struct {
	Key   string `json:"key"`
	Count int64  `json:"count,omitempty"` // {count}, and with its unit {bytes}
	Text  string `json:"text,omitempty"`  // {text}: a part of a longer one, for there is not more room in a line
}

// say are the phrases that belong to no protocol, or to more than one.
var say = Filled(struct {
	Bytes    string `field:"bytes"`    // how many, after something else
	Inflated string `field:"inflated"` // and how many they are when they are inflated

	Held string `field:"held"` // nothing has come out of what is compressed

	DataUnknown     string `field:"data.unknown"`
	DataUndescribed string `field:"data.undescribed"` // there was no room for more frames
	DataGap         string `field:"data.gap"`         // bytes are missing here

	LastEventID string `field:"http1.last_event_id"`
}{})

// Phrases lists the keys of these.
func Phrases() []string { return Tags(say) }

// MaxPhrase bounds, in bytes, the text of a phrase.
const MaxPhrase = 120

// Text is a phrase with a text in it, as much as there is room for.
func Text(key, s string) Phrase { return Phrase{Key: key, Text: Clip(s, MaxPhrase)} }

// Number is a phrase with a number in it.
func Number[N int | int64 | uint32 | uint64](key string, n N) Phrase {
	return Phrase{Key: key, Count: int64(n)}
}

// SayBytes says how many bytes there are of something.
func SayBytes(n int) Phrase { return Number(say.Bytes, n) }

// SayInflated says how many bytes they are when they are inflated.
func SayInflated(n int) Phrase { return Number(say.Inflated, n) }

// SayHeld says that nothing has come out of what is compressed.
func SayHeld() Phrase { return Phrase{Key: say.Held} }

// AddSay adds to what the frame says.
func (f *Frame) AddSay(phrases ...Phrase) { f.Say = append(f.Say, phrases...) }

// SayInflated says what a body is when it is inflated, if that is known.
func (f *Frame) SayInflated(n int) {
	if n > 0 {
		f.AddSay(SayInflated(n))
	}
}
