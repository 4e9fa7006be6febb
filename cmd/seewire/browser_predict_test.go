package main

import (
	"fmt"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	"seewire/cmd/seewire/internal/references"
	"seewire/lessons"
)

const (
	answerOptions = `seewire-predict label[data-option]`
	predicted     = `seewire-playground [data-part="prediction"] > span`
)

// places are where the playground and its two sides are on the page, from its top.
func (l *lessonPage) places() []float64 {
	l.t.Helper()
	return eval[[]float64](l.tab, `["#playground", ".playground-sides"].map(selector =>
		document.querySelector(selector).getBoundingClientRect().top + scrollY)`)
}

// order is the options as the reader sees them.
func (l *lessonPage) order() []string {
	l.t.Helper()
	return eval[[]string](l.tab, fmt.Sprintf(`[...document.querySelectorAll(%q)].map(label => label.dataset.option)`, answerOptions))
}

// A wrong prediction is put right at the playground, and nothing moves.
func TestPredictionIsAnsweredAtThePlayground(t *testing.T) {
	t.Parallel()
	p := openSite(t)
	for _, lang := range []string{"en", "zh"} {
		for _, width := range []int{1280, 390} {
			t.Run(fmt.Sprintf("%s, %d px", lang, width), func(t *testing.T) {
				p := p.in(t)
				p.do(chromedp.EmulateViewport(int64(width), 844))
				l := p.lesson(lang, "reconnect?cut=0&every=200&total=5")
				texts := map[string]string{}
				for _, option := range l.order() {
					texts[option] = l.text(fmt.Sprintf(`seewire-predict [data-option="%s"]`, option))
				}

				l.click(`seewire-predict [data-option="1"]`)
				l.shows(predicted, l.word("predict.told", "chosen", texts["1"]))
				// On a phone the strip at the foot of the window may lie over it.
				eval[bool](l.tab, `document.querySelector('`+runBoth+`').scrollIntoView({ block: "center" }), true`)
				l.click(runBoth)
				l.running()
				before := l.places()
				l.ended("done")
				l.shows(predicted, l.word("predict.told.wrong", "right", texts["2"]))
				if after := l.places(); !slices.Equal(after, before) {
					t.Errorf("the run moved the playground and its sides from %v to %v", before, after)
				}
				if eval[bool](l.tab, `document.querySelector("seewire-predict details").open`) {
					t.Error("the run has unfolded the answer")
				}
				if wide := eval[bool](l.tab, `document.documentElement.scrollWidth > innerWidth`); wide {
					t.Error("the page scrolls sideways")
				}

				l.click(predicted + ` a`)
				l.until(`document.querySelector("seewire-predict details").open && location.hash === "#" + document.querySelector("seewire-predict details").id`)
				l.until(`document.querySelector('seewire-predict [data-option="2"]').dataset.state === "right" && document.querySelector('seewire-predict [data-option="1"]').dataset.state === "wrong"`)
				l.shows(`seewire-predict [data-part="answer"] .verdict`, texts["2"])
				l.shows(`seewire-predict [data-part="note"]`, l.word("predict.wrong"))

				// Another answer has not been put to the test yet.
				l.click(`seewire-predict [data-option="2"]`)
				l.shows(predicted, l.word("predict.told", "chosen", texts["2"]))
				l.run()
				l.shows(predicted, l.word("predict.told.right", "right", texts["2"]))
			})
		}
	}
}

// The order of the options is made by chance once, and stays: after a reload, in
// another language.
func TestOptionsComeInAnOrderByChance(t *testing.T) {
	t.Parallel()
	l := openSite(t).lesson("en", "reconnect")
	order := l.order()
	for _, lang := range []string{"en", "zh"} {
		if again := l.lesson(lang, "reconnect").order(); !slices.Equal(again, order) {
			t.Errorf("%s: the order is %q, and was %q", lang, again, order)
		}
	}
	// For another question it is another. With a hundred of them, that the right
	// answer never comes to one of the places is less likely than 1 to 10^17.
	places := eval[[]int](l.tab, `Array.from({ length: 100 }, (_, i) => {
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
