package site

import (
	"fmt"
	"html"
	"image/color"
	"io"
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/boombuler/barcode/qr"

	"seewire/class"
	"seewire/cmd/seewire/internal/view"
	"seewire/lessons"
)

// classOpen is the page on which a teacher opens a class.
func (p *pages) classOpen(w http.ResponseWriter, r *http.Request) {
	page := p.page(r, "class")
	page.Class = true
	page.Title, page.Description = page.Text("class.open.title"), page.Text("class.open.lead")
	render(w, r, http.StatusOK, view.ClassOpen(page, p.classModel(r)))
}

// classPage is one of the pages of a class that is open: "board", "wall" or "phone".
func (p *pages) classPage(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		path := "class/" + r.PathValue("code")
		if name != "board" {
			path += "/" + name
		}
		page := p.page(r, path)
		page.Class = true
		page.Title, page.Missing = page.Text("class."+name+".title"), true // it is nobody else's to find
		render(w, r, http.StatusOK, view.ClassPage(page, name, p.classModel(r)))
	}
}

// classJoin is the page on which a learner joins a class.
func (p *pages) classJoin(w http.ResponseWriter, r *http.Request) {
	path := "c"
	if code := r.PathValue("code"); code != "" {
		path += "/" + code
	}
	page := p.page(r, path)
	page.Class = true
	page.Title, page.Description = page.Text("class.join.title"), page.Text("class.join.lead")
	render(w, r, http.StatusOK, view.ClassJoin(page, p.classModel(r)))
}

// toJoin leads from the address that is read aloud to the page in the visitor's
// language.
func (p *pages) toJoin(w http.ResponseWriter, r *http.Request) {
	w.Header().Add("Vary", "Accept-Language")
	http.Redirect(w, r, "/"+preferred(p.now(r).languages, r)+r.URL.EscapedPath(), http.StatusFound)
}

func (p *pages) classModel(r *http.Request) view.ClassModel {
	m := view.ClassModel{Code: r.PathValue("code"), Addresses: p.listeners.forClass(r)}
	if lessons := p.now(r).course.Lessons; len(lessons) > 0 {
		m.Lesson = lessons[0].Slug
	}
	return m
}

// A classLesson is what the pages of a class know of a lesson.
type classLesson struct {
	Slug        string          `json:"slug"`
	Number      int             `json:"number"`
	Question    string          `json:"question"`
	Experiment  string          `json:"experiment"`
	Steps       []classStep     `json:"steps"`
	Predictions []classQuestion `json:"predictions"`
	Exercises   []classExercise `json:"exercises"`
	Controls    []classControl  `json:"controls"`
}

// A classStep is a place in a lesson that a class can be brought to.
type classStep struct {
	ID    string `json:"id"`
	Text  string `json:"text"`
	Short string `json:"short"`
}

type classQuestion struct {
	ID      string   `json:"id"`
	Text    string   `json:"text"`
	Options []string `json:"options"`
	Answer  int      `json:"answer"` // from 1
}

type classExercise struct {
	ID    string `json:"id"`
	Hints int    `json:"hints"`
}

type classControl struct {
	Name    string        `json:"name"`
	Label   string        `json:"label"`
	Kind    string        `json:"kind"`
	Initial string        `json:"initial"` // as the lesson sets it
	Default string        `json:"default"`
	Min     int           `json:"min"`
	Max     int           `json:"max"`
	Unit    string        `json:"unit"`
	Choices []classChoice `json:"choices"`
}

type classChoice struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

// classCourse is the course as the pages of a class show it: where a class can be
// brought to, and what it can be asked and set to.
func (p *pages) classCourse(w http.ResponseWriter, r *http.Request) {
	course := p.now(r).course
	words := course.Words[languageOf(p.now(r).languages, r)]
	var all []classLesson
	for _, lesson := range course.Lessons {
		all = append(all, p.classLesson(words, lesson, firstSegment(r)))
	}
	p.sendJSON(w, r, all)
}

func (p *pages) classLesson(words lessons.Words, lesson lessons.Lesson, language string) classLesson {
	text := lesson.In(language)
	l := classLesson{Slug: lesson.Slug, Number: lesson.Number, Question: text.Question}
	for _, part := range text.Body().Parts {
		switch part := part.(type) {
		case lessons.Predict:
			l.Steps = append(l.Steps, classStep{part.ID, words.Text("predict.label"), words.Text("predict.label")})
			q := classQuestion{ID: part.ID, Text: plainText(part.Question), Answer: part.Answer}
			for _, option := range part.Options {
				q.Options = append(q.Options, plainText(option))
			}
			l.Predictions = append(l.Predictions, q)
		case lessons.Exercise:
			l.Exercises = append(l.Exercises, classExercise{part.ID, len(part.Hints)})
		case lessons.HTML:
			for _, heading := range headings.FindAllStringSubmatch(string(part), -1) {
				title := plainText(lessons.HTML(heading[2]))
				short, _, _ := strings.Cut(strings.ReplaceAll(title, "：", ":"), ":")
				l.Steps = append(l.Steps, classStep{heading[1], title, short})
			}
		case lessons.Playground:
			shown := p.experiments[part.Experiment]
			l.Experiment = shown.ID
			for _, c := range controls(words, shown.Experiment, part.Controls, nil) {
				l.Controls = append(l.Controls, classControlOf(words, shown.ID, c))
			}
		}
	}
	return l
}

func classControlOf(words lessons.Words, experiment string, c view.Control) classControl {
	label := "control." + experiment + "." + c.Name
	control := classControl{
		Name: c.Name, Label: words.Text(label), Kind: c.Kind, Initial: c.Initial, Default: c.Default, Min: c.Min, Max: c.Max, Unit: c.Unit,
	}
	for _, choice := range c.Choices {
		control.Choices = append(control.Choices, classChoice{choice, words.Text(label + "." + choice)})
	}
	return control
}

var (
	headings = regexp.MustCompile(`(?s)<h2 id="([^"]+)"[^>]*>(.*?)</h2>`)
	tags     = regexp.MustCompile(`<[^>]*>`)
)

// plainText is what a reader sees of the course's own HTML.
func plainText(text lessons.HTML) string {
	return strings.TrimSpace(html.UnescapeString(tags.ReplaceAllString(string(text), "")))
}

// predicted is what a class has to know of a lesson: its prediction.
func (p *pages) predicted(slug string) (class.Lesson, bool) {
	course := p.edition.Load().course
	lesson, found := course.Find(slug)
	if !found {
		return class.Lesson{}, false
	}
	for _, part := range lesson.In(course.First()).Body().Parts {
		if predict, ok := part.(lessons.Predict); ok {
			return class.Lesson{Answers: len(predict.Options), Right: predict.Answer}, true
		}
	}
	return class.Lesson{}, true
}

// maxQR bounds what is drawn as a QR code, in bytes: an address and a secret are
// much shorter.
const maxQR = 300

// classQR answers POST /class/qr with a text as a QR code, in SVG. The text is in
// the body since it may have a secret in it, and addresses are logged.
func (p *pages) classQR(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxQR))
	if err != nil || !utf8.Valid(text) || len(text) == 0 {
		problem(w, http.StatusBadRequest, "qr-text", "That can't be drawn", fmt.Sprintf("Send 1 to %d bytes of UTF-8.", maxQR))
		return
	}
	svg, err := drawQR(string(text))
	if err != nil {
		problem(w, http.StatusBadRequest, "qr-text", "That can't be drawn", err.Error())
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	send(w, r, http.StatusOK, "image/svg+xml", []byte(svg))
}

// drawQR draws a text as one path: dark modules on a light ground, with the quiet
// zone of four modules that a camera needs (ISO/IEC 18004 §6.3.8).
func drawQR(text string) (string, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", err
	}
	const quiet = 4
	size := code.Bounds().Dx()
	var path strings.Builder
	for y := range size {
		for x := 0; x < size; {
			from := x
			for x < size && isDark(code.At(x, y)) {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", quiet+from, quiet+y, x-from, x-from)
			} else {
				x++
			}
		}
	}
	side := size + 2*quiet
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %[1]d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%[1]dv%[1]dh-%[1]dz"/><path fill="#000" d="%s"/></svg>`, side, path.String()), nil
}

func isDark(c color.Color) bool {
	r, _, _, _ := c.RGBA()
	return r == 0
}
