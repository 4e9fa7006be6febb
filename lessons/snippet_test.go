package lessons

import "testing"

const program = `package p

import "fmt"

// A Room holds members.
type Room struct{ n int }

// Join adds one.
func (r *Room) Join() {
	// region: add
	r.n++
	// region: tell
	fmt.Println(r.n)
	// endregion
	// endregion
}

func Join() {}

const a, b = 1, 2
`

func TestSnippet(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"Room", "// A Room holds members.\ntype Room struct{ n int }\n"},
		{"Room.Join", "// Join adds one.\nfunc (r *Room) Join() {\n\tr.n++\n\tfmt.Println(r.n)\n}\n"},
		{"Join", "func Join() {}\n"},
		{"b", "const a, b = 1, 2\n"},
		{"add", "r.n++\nfmt.Println(r.n)\n"},
		{"tell", "fmt.Println(r.n)\n"},
		{"", WithoutMarks(program)},
	} {
		got, err := Snippet("p.go", []byte(program), c.name)
		if err != nil || got != c.want {
			t.Errorf("%s:\n got %q, %v\nwant %q", c.name, got, err, c.want)
		}
	}
	for _, name := range []string{"Leave", "Room.Leave", "r"} {
		if got, err := Snippet("p.go", []byte(program), name); err == nil {
			t.Errorf("%s: got %q, want an error", name, got)
		}
	}
}

func TestSnippetOfAnotherLanguage(t *testing.T) {
	const script = "a();\n// region: b\nb();\n// endregion\n"
	got, err := Snippet("p.js", []byte(script), "b")
	if err != nil || got != "b();\n" {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := Snippet("p.js", []byte(script), "a"); err == nil {
		t.Errorf("got %q, want an error", got)
	}
	if got, err := Snippet("p.js", []byte("// region: b\nb();\n"), "b"); err == nil {
		t.Errorf("a region that does not end: got %q, want an error", got)
	}
}
