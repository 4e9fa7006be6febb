package http2frame

import (
	"bytes"
	"testing"

	"golang.org/x/net/http2"
)

// Another implementation writes the frames.
func TestAgainstXNet(t *testing.T) {
	for name, test := range map[string]struct {
		write func(*http2.Framer) error
		want  Head
		part  string // of a header block
	}{
		"data": {func(f *http2.Framer) error { return f.WriteDataPadded(3, true, []byte("x"), make([]byte, 2)) },
			Head{4, Data, EndStream | Padded, 3}, ""},
		"headers": {func(f *http2.Framer) error {
			return f.WriteHeaders(http2.HeadersFrameParam{
				StreamID: 1<<31 - 1, BlockFragment: []byte("block"), EndHeaders: true, PadLength: 7,
				Priority: http2.PriorityParam{StreamDep: 1, Weight: 3},
			})
		}, Head{18, Headers, EndHeaders | Padded | HasPriority, 1<<31 - 1}, "block"},
		"push promise": {func(f *http2.Framer) error {
			return f.WritePushPromise(http2.PushPromiseParam{StreamID: 1, PromiseID: 2, BlockFragment: []byte("block"), PadLength: 1})
		}, Head{11, PushPromise, Padded, 1}, "block"},
		"continuation": {func(f *http2.Framer) error { return f.WriteContinuation(1, true, []byte("block")) },
			Head{5, Continuation, EndHeaders, 1}, "block"},
		"settings": {func(f *http2.Framer) error { return f.WriteSettingsAck() }, Head{0, Settings, Ack, 0}, ""},
	} {
		var b bytes.Buffer
		if err := test.write(http2.NewFramer(&b, nil)); err != nil {
			t.Fatal(err)
		}
		h := Parse(b.Bytes())
		if h != test.want {
			t.Errorf("%s: %+v, want %+v", name, h, test.want)
		}
		if h.HasBlock() != (test.part != "") {
			t.Errorf("%s: HasBlock is %v", name, h.HasBlock())
		}
		payload := b.Bytes()[HeadLength:]
		if start, end, ok := h.Fragment(payload); h.HasBlock() && (!ok || string(payload[start:end]) != test.part) {
			t.Errorf("%s: the fragment is [%d:%d], %v", name, start, end, ok)
		}
	}
}

func TestFragmentThatDoesNotFit(t *testing.T) {
	for _, test := range []struct {
		head    Head
		payload string
	}{
		{Head{Type: Headers, Flags: Padded}, ""},
		{Head{Type: Headers, Flags: Padded}, "\x05abc"},
		{Head{Type: Headers, Flags: HasPriority}, "abc"},
		{Head{Type: PushPromise}, "abc"},
	} {
		if _, _, ok := test.head.Fragment([]byte(test.payload)); ok {
			t.Errorf("%+v: %q has a fragment", test.head, test.payload)
		}
	}
}
