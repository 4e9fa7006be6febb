package framing

import (
	"strings"
	"testing"
)

// show writes pieces so that they can be compared: "|" is a pause.
func show(pieces []piece) string {
	var all []string
	for _, p := range pieces {
		text := string(p.text)
		if p.pause {
			text = "|" + text
		}
		all = append(all, text)
	}
	return strings.Join(all, " ")
}

func TestParse(t *testing.T) {
	tests := []struct{ script, want string }{
		{``, ""},
		{`data: hello\n\n`, "data: hello\n\n"},
		{"data: hello\n\n", "data: hello\n\n"},
		{`\r\n\t\\`, "\r\n\t\\"},
		{`\uFEFF\u0000\u5b57`, "\uFEFF\x00字"},
		{`\xE5\xad\x97`, "字"},
		{`\xFF`, "\xFF"},
		{`\ud83d`, "\uFFFD"},
		{`a\|b\|c`, "a |b |c"},
		{`\|a\|`, " |a |"},
		{`a\|\|b`, "a | |b"},
		{`\xE5\|\xAD\x97`, "\xE5 |\xAD\x97"},
		{`a\\|b`, `a\|b`},
		// What is no escape stands for itself.
		{`\q \x \xZZ \u12 \`, `\q \x \xZZ \u12 \`},
		{`\x+1 \u+123`, `\x+1 \u+123`},
	}
	for _, test := range tests {
		if got := show(parse(test.script)); got != test.want {
			t.Errorf("%s: the pieces are %q, not %q", test.script, got, test.want)
		}
	}
}

func TestMessages(t *testing.T) {
	tests := []struct {
		script string
		want   string
	}{
		{``, ""},
		{`data: a\n\n`, "a"},
		{`data: a\n\ndata:b\n\n`, "a; b"},
		{`data: a\ndata:  b\n\n`, "a\n b"},
		{`data: lf\n\ndata: cr\r\rdata: crlf\r\n\r\ndata: last`, "lf; cr; crlf; last"},
		{`data: a\r\ndata: b\n\rdata: c\r\n`, "a\nb; c"},
		{`\n\n\ndata: a\n\n\n\ndata: b`, "a; b"},
		{`\n`, ""},
		// What else is in a block stays behind, and so does a block without data.
		{`: c\nid: 7\nevent: x\ndata: a\nretry: 1\nData: b\n\nevent: y\n\nid: 8`, "a"},
		{`data\n\ndata:\ndata: \n\n`, "; \n"},
		{`\uFEFFdata: a\n\n\uFEFFdata: b\n\n`, "a"},
		// Pieces of the data are fragments.
		{`da\|ta: hel\|lo\n\|\n`, "|hel |lo"},
		{`data: \xE5\|\xAD\x97\n\n`, "\xE5 |\xAD\x97"},
		{`data: a\n\|data: b\n\n`, "a |\nb"},
		// What lies between two of them is no fragment, and its pause stays.
		{`data: a\n\|\ndata: b\n\n`, "a; |b"},
		{`data: a\n\n\|data: b\n\n`, "a; |b"},
		{`data: a\r\|\n\r\ndata: b`, "a; |b"},
		{`\|data: a\n\n\|`, "|a"},
		{`data: a\|\|b`, "a |b"},
	}
	for _, test := range tests {
		var all []string
		for _, m := range messages(parse(test.script)) {
			all = append(all, show(m))
		}
		if got := strings.Join(all, "; "); got != test.want {
			t.Errorf("%s: the messages are %q, not %q", test.script, got, test.want)
		}
	}
}

// Where a stream is cut changes nothing about its data.
func TestCutsChangeNoMessage(t *testing.T) {
	const stream = "\uFEFFdata: 字\r\ndata: b\r\n\r\n: c\n\nid: 7\r\r\n\ndata: half"
	texts := func(pieces []piece) string {
		var all []string
		for _, m := range messages(pieces) {
			var text []byte
			for _, fragment := range m {
				text = append(text, fragment.text...)
			}
			all = append(all, string(text))
		}
		return strings.Join(all, "; ")
	}
	want := texts([]piece{{text: []byte(stream)}})
	for i := range len(stream) {
		for j := i; j < len(stream); j++ {
			pieces := []piece{{text: []byte(stream[:i])}, {true, []byte(stream[i:j])}, {true, []byte(stream[j:])}}
			if got := texts(pieces); got != want {
				t.Fatalf("cut at %d and %d the messages are %q, not %q", i, j, got, want)
			}
		}
	}
}
