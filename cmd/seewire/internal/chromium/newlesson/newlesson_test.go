package newlesson

import (
	"bufio"
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"seewire/cmd/seewire/internal/chromium"
	"seewire/cmd/seewire/internal/references"
	"seewire/cmd/seewire/internal/site"
	"seewire/cmd/seewire/internal/sitetest"
	"seewire/content"
	"seewire/lessons"
	"seewire/playground"
	"seewire/playground/experiments"
)

// newLesson is a lesson with an experiment and an exercise, as an author adds
// it: two folders.
var newLesson = os.DirFS("testdata/newlesson")

// TestMissingPiecesStopTheStart takes each part of a new lesson away, one at a
// time. The course then says which file is missing, or what of it, and what to
// do.
func TestMissingPiecesStopTheStart(t *testing.T) {
	const (
		lesson     = "content/lessons/tick/"
		experiment = "playground/experiments/tick/"
	)
	for _, c := range []struct {
		file, old, new string // new replaces old in the file; without old, the file is taken away
		want           string
	}{
		{"", "", "", ""},
		{lesson + "zh.md", "", "", "lessons/tick/zh.md:1: the lesson is missing"},
		{lesson + "figures/line.zh.svg", "", "", "lessons/tick/zh.md:11: :::figure"},
		{lesson + "words.en.json", "", "", `lessons/tick/words.en.json:1: "finding.tick.counted" is missing`},
		{lesson + "words.zh.json", "control.tick.every", "control.tick.some", `lessons/tick/words.zh.json:1: "control.tick.every" is missing`},
		{lesson + "words.en.json", "finding.tick.counted", "finding.tick.found", `"finding.tick.counted" is missing`},
		{lesson + "words.zh.json", "exercise.tick.sum", "exercise.tick.total", `lessons/tick/words.zh.json:1: "exercise.tick.sum" is missing`},
		{lesson + "words.zh.json", "{sum}", "{total}", `lessons/tick/words.zh.json:4: "exercise.tick.sum" has the placeholders`},
		{lesson + "en.md", ":::playground {experiment=tick}\n:::\n", "", "a lesson has one :::playground"},
		{experiment + "findings.js", "", "", experiment + "findings.js:1: the remarks on a run are missing, write"},
		{experiment + "findings.js", `"finding.tick.counted"`, "`finding.tick.${x}`", experiment + "findings.js:11: this is not the whole key of a word"},
		{experiment + "exercise/check.js", "", "", experiment + "exercise/check.js:1: the check of the exercise is missing, write"},
		{experiment + "exercise/start.js", "", "", experiment + "exercise/start.js:1: the program that the exercise begins with is missing, write"},
		{experiment + "exercise/solution.js", "", "", experiment + "exercise/solution.js:1: the solution of the exercise is missing, write"},
		{experiment + "recording.json", "", "", experiment + "recording.json:1: the recorded run is missing, write"},
		{experiment + "recording.json", `"browser":`, `"was":`, experiment + "recording.json:1: no run is recorded in it, record one: go test"},
		{"content/course.txt", "tick\n", "", `course.txt:1: lesson "tick" is not in the course`},
	} {
		t.Run(strings.TrimSpace(c.file+" "+c.old), func(t *testing.T) {
			tree := fstest.MapFS{}
			copyTo(t, tree, content.FS, "content")
			copyTo(t, tree, newLesson, ".")
			tree["content/course.txt"].Data = append(tree["content/course.txt"].Data, "tick\n"...)
			switch file := tree[c.file]; {
			case c.file == "":
			case file == nil:
				t.Fatal("there is no such file")
			case c.old == "" && c.new == "":
				delete(tree, c.file)
			case !strings.Contains(string(file.Data), c.old):
				t.Fatalf("the file has no %q", c.old)
			default:
				file.Data = []byte(strings.Replace(string(file.Data), c.old, c.new, 1))
			}
			words, _ := fs.Sub(tree, "content")
			source, _ := fs.Sub(tree, "playground/experiments/tick")
			all := append(experiments.All(t.Context(), nil, nil, nil), playground.Experiment{
				ID: "tick", Source: source,
				Controls: []playground.Control{
					{Name: "count", Kind: playground.Number, Default: "5", Min: 1, Max: 50},
					{Name: "every", Kind: playground.Number, Default: "50", Min: 10, Max: 1000},
				},
			})
			_, err := lessons.Load(words, references.Experiments(all))
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("\n got %v\nwant %s", err, c.want)
			}
		})
	}

	// What only the bundler sees.
	source := fstest.MapFS{}
	copyTo(t, source, os.DirFS("testdata/newlesson/playground/experiments/tick"), ".")
	source["exercise/check.js"].Data = []byte("export function chek() {}\n")
	files, err := site.Bundle([]playground.Experiment{{ID: "tick", Source: source}})
	if err == nil {
		err = files.Check()
	}
	if want := "playground/experiments/tick/exercise/check.js: it exports no check; write: export function check(…)"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("\n got %v\nwant %s", err, want)
	}
}

// copyTo adds the files of a tree to another one, in a folder.
func copyTo(t *testing.T, tree fstest.MapFS, from fs.FS, folder string) {
	t.Helper()
	err := fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(from, name)
		tree[filepath.ToSlash(filepath.Join(folder, name))] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestNewLesson adds the lesson to a copy of the module: two folders, a line in
// course.txt, and the experiment in the list. Then it builds, lints and runs, and
// its exercise is judged in the browser.
func TestNewLesson(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the program")
	}
	chromium.OpenTab(t, "") // skip before the build where there is no browser
	root := t.TempDir()
	for _, folder := range sitetest.ModuleFolders(t) {
		if err := os.CopyFS(filepath.Join(root, folder), os.DirFS(sitetest.InModule(folder))); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"go.mod", "go.sum", "module.go", "LICENSE"} {
		data, err := os.ReadFile(sitetest.InModule(file))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, file), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(root, newLesson); err != nil {
		t.Fatal(err)
	}
	edit(t, filepath.Join(root, "content/course.txt"), "choose\n", "choose\ntick\n")
	list := filepath.Join(root, "playground/experiments/experiments.go")
	edit(t, list, "\t\tsix.New(),\n", "\t\tsix.New(),\n\t\ttick.New(),\n")
	edit(t, list, "import (\n", "import (\n\t\"seewire/playground/experiments/tick\"\n")

	program := filepath.Join(root, "seewire")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", program, "./cmd/seewire")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}

	if out, err := exec.CommandContext(t.Context(), program, "lint").CombinedOutput(); err != nil {
		t.Errorf("lint: %v\n%s", err, out)
	}

	p := chromium.OpenTab(t, startProgram(t, program))
	solution := os.DirFS(filepath.Join(root, "playground/experiments/tick"))
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.In(t).Lesson(lang, "tick")
			l.Run()
			l.Until(`document.querySelector("seewire-timeline").textContent.includes("5 ")`)
			l.Solve(solution)
		})
	}
}

// edit replaces a text in a file, once.
func edit(t *testing.T, file, old, replacement string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), old) {
		t.Fatalf("%s has no %q", file, old)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(data), old, replacement, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// startProgram runs the program of a file until the test ends, and returns
// where it is.
func startProgram(t *testing.T, file string) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, file, "-addr", "localhost:0", "-tls", "off", "-open=false")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); cmd.Wait() })
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if m := sitetest.Said.FindStringSubmatch(lines.Text()); m != nil {
			return m[1]
		}
	}
	t.Fatal("the program has not started")
	return ""
}
