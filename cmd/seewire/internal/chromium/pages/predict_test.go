package pages

import (
	"fmt"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	"seewire/cmd/seewire/internal/chromium"
	"seewire/cmd/seewire/internal/references"
	"seewire/lessons"
)

// A wrong prediction is put right at the playground, and nothing moves.
func TestPredictionIsAnsweredAtThePlayground(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	for _, lang := range []string{"en", "zh"} {
		for _, width := range []int{1280, 390} {
			t.Run(fmt.Sprintf("%s, %d px", lang, width), func(t *testing.T) {
				p := p.In(t)
				p.Do(chromedp.EmulateViewport(int64(width), 844))
				l := p.Lesson(lang, "reconnect?cut=0&every=200&total=5")
				texts := map[string]string{}
				for _, option := range l.Order() {
					texts[option] = l.Text(fmt.Sprintf(`seewire-predict [data-option="%s"]`, option))
				}

				l.Click(`seewire-predict [data-option="1"]`)
				l.Shows(chromium.Predicted, l.Word("predict.told", "chosen", texts["1"]))
				// On a phone the strip at the foot of the window may lie over it.
				chromium.Eval[bool](l.Tab, `document.querySelector('`+chromium.RunBoth+`').scrollIntoView({ block: "center" }), true`)
				l.Click(chromium.RunBoth)
				l.Running()
				before := l.Places()
				l.Ended("done")
				l.Shows(chromium.Predicted, l.Word("predict.told.wrong", "right", texts["2"]))
				if after := l.Places(); !slices.Equal(after, before) {
					t.Errorf("the run moved the playground and its sides from %v to %v", before, after)
				}
				if chromium.Eval[bool](l.Tab, `document.querySelector("seewire-predict details").open`) {
					t.Error("the run has unfolded the answer")
				}
				if wide := chromium.Eval[bool](l.Tab, `document.documentElement.scrollWidth > innerWidth`); wide {
					t.Error("the page scrolls sideways")
				}

				l.Click(chromium.Predicted + ` a`)
				l.Until(`document.querySelector("seewire-predict details").open && location.hash === "#" + document.querySelector("seewire-predict details").id`)
				l.Until(`document.querySelector('seewire-predict [data-option="2"]').dataset.state === "right" && document.querySelector('seewire-predict [data-option="1"]').dataset.state === "wrong"`)
				l.Shows(`seewire-predict [data-part="answer"] .verdict`, texts["2"])
				l.Shows(`seewire-predict [data-part="note"]`, l.Word("predict.wrong"))

				// Another answer has not been put to the test yet.
				l.Click(`seewire-predict [data-option="2"]`)
				l.Shows(chromium.Predicted, l.Word("predict.told", "chosen", texts["2"]))
				l.Run()
				l.Shows(chromium.Predicted, l.Word("predict.told.right", "right", texts["2"]))
			})
		}
	}
}

// The order of the options is made by chance once, and stays: after a reload, in
// another language.
func TestOptionsComeInAnOrderByChance(t *testing.T) {
	t.Parallel()
	l := chromium.OpenSite(t).Lesson("en", "reconnect")
	order := l.Order()
	for _, lang := range []string{"en", "zh"} {
		if again := l.Lesson(lang, "reconnect").Order(); !slices.Equal(again, order) {
			t.Errorf("%s: the order is %q, and was %q", lang, again, order)
		}
	}
	// For another question it is another. With a hundred of them, that the right
	// answer never comes to one of the places is less likely than 1 to 10^17.
	places := chromium.Eval[[]int](l.Tab, `Array.from({ length: 100 }, (_, i) => {
		const other = document.querySelector("seewire-predict").cloneNode(true);
		other.id = "question-" + i;
		document.body.append(other);
		const at = [...other.querySelectorAll("[data-option]")].findIndex(label => label.dataset.option === other.dataset.answer);
		other.remove();
		return at;
	})`)
	for place := range order {
		if !slices.Contains(places, place) {
			t.Errorf("the right answer is never at place %d: %v", place, places)
		}
	}
}

// Without JavaScript the options are in the order of the file: there the right
// answers must not all be in the same place either.
func TestRightAnswersAreInAllPlaces(t *testing.T) {
	course, err := references.Course("")
	if err != nil {
		t.Fatal(err)
	}
	places := map[int]int{}
	for _, lesson := range course.Lessons {
		for _, part := range lesson.In(course.First()).Body().Parts {
			if question, ok := part.(lessons.Predict); ok {
				places[question.Answer]++
			}
		}
	}
	for place := 1; place <= 3; place++ {
		if places[place] < 3 {
			t.Errorf("the right answer is option %d in %d lessons: %v", place, places[place], places)
		}
	}
}
