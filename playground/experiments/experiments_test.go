package experiments

import (
	"testing"
	"testing/fstest"

	"seewire/playground"
)

func TestAllAreWhole(t *testing.T) {
	for _, e := range All(t.Context(), nil, nil, nil) {
		for _, f := range Check(e) {
			t.Errorf("%s:%d: %s, %s", f.File, f.Line, f.What, f.Remedy)
		}
	}
}

func TestWordsAreFoundInModules(t *testing.T) {
	e := tick(map[string]string{
		"findings.js":       "const word = late ? \"finding.tick.late\" : 'finding.tick.first';\n",
		"exercise/check.js": "// says exercise.tick.none in a comment\nword: \"exercise.tick.count\"\n",
		"sse.go":            "package tick\nvar _ = playground.Logf(r, \"tick %d: late\", n)\nvar _ = playground.LogEvent(r, \"gone\", \"left\")\nvar _ = playground.Logf(r, \"%v\", err)\n",
	})
	e.Controls = []playground.Control{
		{Name: "every", Kind: playground.Number},
		{Name: "how", Kind: playground.Choice, Choices: []string{"a", "b.c"}},
		{Name: "say", Kind: playground.Text},
	}
	words, faults := Words(e)
	var got string
	for _, w := range words {
		got += w.Key
		if w.Optional {
			got += "?"
		}
		got += " "
	}
	want := "control.tick.every control.tick.every.help? control.tick.how control.tick.how.a control.tick.how.b.c control.tick.how.help? " +
		"control.tick.say control.tick.say.help? control.tick.say.initial? exercise.tick.count finding.tick.first finding.tick.late server.tick.left server.tick.tick_late "
	if got != want || len(faults) > 0 {
		t.Errorf("words %s, want %s; faults %v", got, want, faults)
	}
}

// Each file that is missing, and each key that can't be read off, is said.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string // "-" takes the file away
		want  string
	}{
		{"findings", map[string]string{"findings.js": "-"}, "playground/experiments/tick/findings.js:1: the remarks on a run are missing"},
		{"check", map[string]string{"exercise/check.js": "-"}, "playground/experiments/tick/exercise/check.js:1: the check of the exercise is missing"},
		{"start", map[string]string{"exercise/start.js": "-"}, "playground/experiments/tick/exercise/start.js:1: the program that the exercise begins with is missing"},
		{"solution", map[string]string{"exercise/solution.js": "-"}, "playground/experiments/tick/exercise/solution.js:1: the solution of the exercise is missing"},
		{"answer as text", map[string]string{"exercise/solution.txt": "x", "exercise/solution.js": "-", "exercise/start.js": "-"}, ""},
		{"no exercise", map[string]string{"exercise/check.js": "-", "exercise/solution.js": "-", "exercise/start.js": "-"}, ""},
		{"style", map[string]string{"picture.js": ""}, "playground/experiments/tick/picture.css:1: the style of the picture is missing"},
		{"recording", map[string]string{"recording.json": "-"}, "playground/experiments/tick/recording.json:1: the recorded run is missing"},
		{"no run", map[string]string{"recording.json": `{"controls":{"every":"5"}}`}, "playground/experiments/tick/recording.json:1: no run is recorded in it"},
		{"recording that is none", map[string]string{"recording.json": `{`}, "playground/experiments/tick/recording.json:1: the recording can't be read: unexpected end of JSON input"},
		{"template", map[string]string{"findings.js": "\n`finding.tick.${how}`"}, "playground/experiments/tick/findings.js:2: this is not the whole key of a word: finding.tick.${how}"},
		{"beginning of a key", map[string]string{"findings.js": `"finding.tick." + how`}, "playground/experiments/tick/findings.js:1: this is not the whole key of a word: finding.tick."},
		{"another experiment's", map[string]string{"findings.js": `"finding.tock.a"`}, "playground/experiments/tick/findings.js:1: the word finding.tock.a is another experiment's"},
	} {
		t.Run(c.name, func(t *testing.T) {
			faults := Check(tick(c.files))
			got := ""
			if len(faults) > 0 {
				got = faults[0].File + ":" + string(rune('0'+faults[0].Line)) + ": " + faults[0].What
			}
			if got != c.want || len(faults) > 1 {
				t.Errorf("\n got %s %v\nwant %s", got, faults, c.want)
			}
			if len(faults) > 0 && faults[0].Remedy == "" {
				t.Error("it does not say what to do")
			}
		})
	}
}

// tick is an experiment that has all of its files, but for these.
func tick(changed map[string]string) playground.Experiment {
	source := fstest.MapFS{}
	for _, name := range []string{"sse.go", "ws.go", "sse.js", "ws.js", "findings.js", "exercise/check.js", "exercise/start.js", "exercise/solution.js"} {
		source[name] = &fstest.MapFile{}
	}
	source["recording.json"] = &fstest.MapFile{Data: []byte(`{"browser":"Chrome","controls":{},"connections":[{}]}`)}
	for name, text := range changed {
		delete(source, name)
		if text != "-" {
			source[name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	return playground.Experiment{ID: "tick", Source: source}
}
