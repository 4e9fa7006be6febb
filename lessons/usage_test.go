package lessons

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestWordsThatAreNotWritten(t *testing.T) {
	const rules = "# a comment\npacket > frame | lost packet, IP packet\nwebsocket > WebSocket\n掩码密钥 > 掩码键 # and why\n"
	for _, c := range []struct{ name, file, text, want string }{
		{"in a lesson", "lessons/first/en.md", front + playground + "A Packet.\n", `lessons/first/en.md:7: "Packet" is not what this is called, write "frame"`},
		{"in emphasis, further down", "lessons/first/en.md", front + playground + "One.\n\nTwo *packet*\nthree.\n", `lessons/first/en.md:9: "packet"`},
		{"in a heading", "lessons/first/en.md", front + playground + "## A packet {#a}\n", `lessons/first/en.md:7: "packet"`},
		{"in the question", "lessons/first/en.md", "---\nsummary: S.\nquestion: Packet?\n---\n" + playground, `lessons/first/en.md:3: "Packet"`},
		{"in a glossary", "glossary/en.md", glossary + "\n## X {#x}\n\nA packet.\n", `glossary/en.md:11: "packet"`},
		{"in a field", "fields/en.md", fieldWords + "A packet.\n", `fields/en.md:4: "packet"`},
		{"in the interface", "ui/en.json", "{\n\"a\":\"{n} packet of {total}\"}", `ui/en.json:2: "packet"`},
		{"the right form, then a wrong one", "lessons/first/en.md", front + playground + "WebSocket, websocket.\n", `lessons/first/en.md:7: "websocket" is not what this is called, write "WebSocket"`},
		{"in Chinese", "lessons/first/zh.md", front + playground + "四个字节的掩码密钥。\n", `lessons/first/zh.md:7: "掩码密钥"`},
		{"of another language", "lessons/first/zh.md", front + playground + "A packet.\n", ``},
		{"where it may stand", "lessons/first/en.md", front + playground + "A lost packet, an IP packet.\n", ``},
		{"a part of a word", "lessons/first/en.md", front + playground + "Packets, packetize.\n", ``},
		{"in code", "lessons/first/en.md", front + playground + "`packet`\n\n```go\npacket\n```\n", ``},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := files(playground)
			for _, language := range []string{"en", "zh"} {
				tree["terms/"+language+".txt"] = &fstest.MapFile{Data: []byte(rules)}
			}
			if strings.Contains(c.file, "/zh") {
				tree["terms/zh.txt"].Data = []byte("掩码密钥 > 掩码键\n")
			}
			tree[c.file] = &fstest.MapFile{Data: []byte(c.text)}
			course, _ := Load(tree, world{})
			got := ""
			for _, p := range course.Problems {
				if strings.Contains(p.What, "is not what this is called") {
					got += p.Error() + "\n"
				}
			}
			if !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestRulesForWords(t *testing.T) {
	tree := files(playground)
	tree["terms/en.txt"] = &fstest.MapFile{Data: []byte("packet\n> frame\n")}
	tree["terms/fr.txt"] = &fstest.MapFile{Data: []byte("x > y\n")}
	_, err := Load(tree, world{})
	for _, want := range []string{
		`terms/en.txt:1: "packet" is no rule, write: what not to write > what to write`,
		`terms/en.txt:2: "> frame" is no rule`,
		`terms/fr.txt:1: the course has no language "fr", name the file by one of en, zh, or write ui/fr.json first`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("\n got %v\nwant %s", err, want)
		}
	}

	// An upper layer's rule counts.
	below := files(playground + "A packet.\n")
	below["terms/en.txt"] = &fstest.MapFile{Data: []byte("packet > frame\n")}
	above := fstest.MapFS{"terms/en.txt": {Data: []byte("packet > frame | A packet\n")}}
	if _, err := Load(Layers{{"mine", above}, {"content", below}}, world{}); err != nil {
		t.Error(err)
	}
}

func TestLayers(t *testing.T) {
	above := fstest.MapFS{
		"course.txt":           {Data: []byte("mine\nfirst\n")},
		"lessons/mine/en.md":   {Data: []byte(strings.Replace(front, "Q?", "Mine?", 1) + playground)},
		"lessons/mine/zh.md":   {Data: []byte(front + playground)},
		"lessons/first/zh.md":  {Data: []byte(strings.Replace(front, "Q?", "另一个？", 1) + playground + ":::figure {src=a.svg}\n:::\n")},
		"lessons/first/en.md":  {Data: []byte(front + playground + ":::figure {src=a.svg}\n:::\n")},
		"ui/en.json":           {Data: []byte(`{"a":"{n}/{total}"}`)},
		"glossary/en.md":       {Data: []byte("## My frame {#frame}\n\nMine.\n\n## New {#new}\n\nNew.\n")},
		"glossary/zh.md":       {Data: []byte("## New {#new}\n\nNew.\n")},
		"lessons/mine/note.md": {Data: []byte("a note")},
	}
	course, _ := Load(Layers{{"mine", above}, {"content", files(playground)}}, world{})
	if got := course.Problems.Error(); got != `mine/lessons/mine/note.md:1: the course has no language "note", name the file by one of en, zh, or write mine/ui/note.json first` {
		t.Errorf("problems %s", got)
	}
	if len(course.Lessons) != 2 || course.Lessons[0].In("en").Question != "Mine?" || course.Lessons[1].In("zh").Question != "另一个？" {
		t.Errorf("lessons %+v", course.Lessons)
	}
	if got := course.Words["en"].Text("a"); got != "{n}/{total}" {
		t.Errorf("a word is %q", got)
	}
	if got := course.Glossary("en"); len(got) != 3 || got[1].Name != "My frame" || got[2].ID != "new" {
		t.Errorf("glossary %+v", got)
	}
}
