package lessons

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestTermsAreLinkedAtTheirFirstUse(t *testing.T) {
	const frame, closing = `<a href="/en/glossary#frame" title="A unit." class="term">`, `<a href="/en/glossary#close" title="The last frame." class="term">`
	for _, c := range []struct{ name, give, want string }{
		{"once", "A frame. A frame.\n", "<p>A " + frame + "frame</a>. A frame.</p>"},
		{"another form, another case", "Frames\n", "<p>" + frame + "Frames</a></p>"},
		{"two in one text", "frame, close frame\n", "<p>" + frame + "frame</a>, " + closing + "close frame</a></p>"},
		{"the longer name", "A close frame.\n", "<p>A " + closing + "close frame</a>.</p>"},
		{"a part of another word", "iframe framework re-frame\n", "<p>iframe framework re-frame</p>"},
		{"in Chinese", "发一个数据帧，再发关闭帧。\n", "<p>发一个" + frame + "数据帧</a>，再发" + closing + "关闭帧</a>。</p>"},
		{"letters in Chinese", "一个frame。\n", "<p>一个" + frame + "frame</a>。</p>"},
		{"across emphasis", "*a frame*\n", "<p><em>a " + frame + "frame</a></em></p>"},
		{"another sense", "[frames](term:) of a window, a frame\n", "<p>frames of a window, a " + frame + "frame</a></p>"},
		{"line ends stay", "a frame\nword\n", "<p>a " + frame + "frame</a>\nword</p>"},
		{"not in headings, code, links", "## Frame {#f}\n\n`frame` [frame](#f)\n",
			"<h2 id=\"f\">Frame</h2>\n<p><code>frame</code> <a href=\"#f\">frame</a></p>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			page := load(t, playground+c.give)
			if got := show(page.Body().Parts[1:]); got != "HTML"+c.want {
				t.Errorf("\n got %s\nwant HTML%s", got, c.want)
			}
		})
	}

	options := load(t, playground+":::predict {#p answer=1}\nWhich frame?\n\n1. A frame\n\n> Why a frame.\n:::\n\nA frame.\n")
	if got := show(options.Body().Parts[1:]); strings.Count(got, frame) != 1 || !strings.HasSuffix(got, "<p>A "+frame+"frame</a>.</p>") {
		t.Errorf("an option that is to be pressed has a link: %s", got)
	}
}

func TestGlossary(t *testing.T) {
	course, err := Load(files(playground+"A frame.\n"), world{})
	if err != nil {
		t.Fatal(err)
	}
	terms := course.Glossary("en")
	if len(terms) != 2 || terms[0].First != "" || terms[1].First != "first" || terms[0].HTML != "<p>The <em>last</em> frame.</p>\n" {
		t.Errorf("%+v", terms)
	}

	for _, c := range []struct{ name, text, want string }{
		{"missing", "## Frame {#frame}\n\nA unit.\n", `glossary/zh.md:1: the term "close" is missing`},
		{"not explained", glossary + "\n## X {#x}\n", `glossary/zh.md:1: the term "x" is not explained`},
		{"twice", glossary + "\n" + glossary, `glossary/zh.md:9: the id "close" stands twice`},
		{"text before the first term", "word\n\n" + glossary, `glossary/zh.md:1: the glossary has headings of level 2`},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := files(playground)
			tree["glossary/zh.md"] = &fstest.MapFile{Data: []byte(c.text)}
			if _, err := Load(tree, world{}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("\n got %v\nwant %s", err, c.want)
			}
		})
	}
}
