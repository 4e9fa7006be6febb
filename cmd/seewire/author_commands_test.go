package main

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"seewire/cmd/seewire/internal/author"
	"seewire/cmd/seewire/internal/sitetest"
	"seewire/cmd/seewire/internal/terminal"
)

// authorCommand runs a command of those who write content.
func authorCommand(run func([]string, *bytes.Buffer, *bytes.Buffer) error, args ...string) (out, complaint string, err error) {
	var o, c bytes.Buffer
	err = run(args, &o, &c)
	return o.String(), c.String(), err
}

func lint(args []string, out, complain *bytes.Buffer) error {
	return terminal.Lint(args, out, complain)
}

func begin(args []string, out, complain *bytes.Buffer) error {
	return terminal.New(args, out, complain)
}

// TestLint holds the course to its own rules.
func TestLint(t *testing.T) {
	if out, _, err := authorCommand(lint); err != nil || out != "" {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestLintOfAFolder(t *testing.T) {
	f := sitetest.NewFolder(t)
	out, _, err := authorCommand(lint, "-content", f.Dir)
	if !errors.Is(err, author.ErrProblems) || !strings.Contains(out, f.Dir+":1: there is no content in the folder, begin a lesson: seewire new SLUG -content ") {
		t.Errorf("an empty folder: %v\n%s", err, out)
	}
	lesson := "---\nquestion: Q?\nsummary: S.\n---\n:::playground {experiment=reconnect}\n:::\n\nA whoever.\n"
	f.Write("course.txt", "mine\nmine\nnone\n")
	f.Write("lessons/mine/en.md", lesson+"[x](field:none)\n")
	f.Write("lessons/mine/zh.md", lesson)
	out, _, err = authorCommand(lint, "-content", f.Dir)
	if !errors.Is(err, author.ErrProblems) {
		t.Errorf("error %v", err)
	}
	for _, want := range []string{
		`course.txt:2: "mine" stands twice, take one of the lines out`,
		`course.txt:3: there is no lesson "none", write `,
		`lessons/mine/en.md:8: "whoever" is not what this is called, write "those who"`,
		`lessons/mine/en.md:9: no dissector has a field "none", write `,
		`lessons/mine/en.md:9: a link to field:none has no counterpart in `,
	} {
		if !strings.Contains(out, f.Dir+"/"+want) {
			t.Errorf("no line %s in\n%s", want, out)
		}
	}
	form := regexp.MustCompile(`^\S+:[1-9]\d*: .+, .+$`)
	for line := range strings.Lines(out) {
		if !form.MatchString(strings.TrimSuffix(line, "\n")) {
			t.Errorf("not file:line: what, what to do: %s", line)
		}
	}
}

// TestNew begins a lesson, which has no mistakes, and replaces nothing.
func TestNew(t *testing.T) {
	f := sitetest.NewFolder(t)
	out, _, err := authorCommand(begin, "mine", "-content", f.Dir, "-experiment", "silence")
	if err != nil {
		t.Fatal(err)
	}
	contains(t, "what it says", out, "lessons/mine/en.md", "lessons/mine/zh.md", "course.txt", "seewire -content "+f.Dir, "seewire lint -content "+f.Dir)
	if out, _, err := authorCommand(lint, "-content", f.Dir); err != nil || out != "" {
		t.Errorf("%v\n%s", err, out)
	}
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(f.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if got, want := read("course.txt"), sitetest.Original(t, "course.txt")+"mine\n"; got != want {
		t.Errorf("the order is\n%s", got)
	}
	contains(t, "the lesson", read("lessons/mine/zh.md"), "{experiment=silence}")

	if _, _, err := authorCommand(begin, "-content", f.Dir, "more"); err != nil {
		t.Error(err)
	}
	if got := read("course.txt"); !strings.HasSuffix(got, "\nmine\nmore\n") {
		t.Errorf("the order is\n%s", got)
	}
	f.Write("lessons/left/zh.md", "mine already")
	for _, c := range []struct {
		args  []string
		usage bool
		want  string
	}{
		{[]string{"mine", "-content", f.Dir}, false, `there is a lesson "mine" already`},
		{[]string{"silence", "-content", f.Dir}, false, `there is a lesson "silence" already`},
		{[]string{"left", "-content", f.Dir}, false, `there is a lesson "left" already`},
		{[]string{"../up", "-content", f.Dir}, false, `can't be a lesson's name`},
		{[]string{"other", "-content", f.Dir, "-experiment", "none"}, false, "Choose one with -experiment: "},
		{[]string{"other"}, false, "-content DIR"},
		{[]string{"-content", f.Dir}, true, "name one lesson"},
		{[]string{"a", "b", "-content", f.Dir}, true, "name one lesson"},
		{[]string{"a", "-x"}, true, "-x"},
	} {
		_, complaint, err := authorCommand(begin, c.args...)
		if err == nil || errors.Is(err, terminal.ErrUsage) != c.usage || !strings.Contains(complaint+err.Error(), c.want) {
			t.Errorf("%v: %v %s, want %s", c.args, err, complaint, c.want)
		}
	}
	if got := read("lessons/left/zh.md"); got != "mine already" {
		t.Errorf("a file was replaced: %s", got)
	}
}

func TestHelpOfTheAuthorsCommands(t *testing.T) {
	for name, run := range map[string]func([]string, *bytes.Buffer, *bytes.Buffer) error{"lint": lint, "new": begin} {
		_, complaint, err := authorCommand(run, "-h")
		if !errors.Is(err, flag.ErrHelp) || !strings.HasPrefix(complaint, "Usage: seewire "+name) {
			t.Errorf("%s -h: %v\n%s", name, err, complaint)
		}
	}
	if _, _, err := authorCommand(lint, "lessons"); !errors.Is(err, terminal.ErrUsage) {
		t.Errorf("lint with an argument: %v", err)
	}
}

// TestLintProcess starts the program itself, for its exit status.
func TestLintProcess(t *testing.T) {
	f := sitetest.NewFolder(t)
	f.Write("course.txt", "none\n")
	for status, args := range map[int][]string{0: {"lint"}, 1: {"lint", "-content", f.Dir}, 2: {"lint", "-x"}} {
		program := exec.Command(os.Args[0], args...)
		program.Env = append(os.Environ(), runMain+"=1")
		out, _ := program.CombinedOutput()
		if got := program.ProcessState.ExitCode(); got != status {
			t.Errorf("%v: exit status %d, want %d\n%s", args, got, status, out)
		}
	}
}
