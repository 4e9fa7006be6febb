package terminal

import (
	"fmt"
	"strconv"

	"seewire/cmd/seewire/internal/phrases"
	"seewire/playground/answer"
)

// printAnswer prints what a language model's stream adds up to.
func (p *printer) printAnswer(a answer.Answer) {
	fmt.Fprintf(p.out, "\n%s %s\n", p.styled(boldStyle, p.words.Text("answer.title", "form", p.words.Text("answer.form."+a.Form))),
		p.styled(dimStyle, p.words.Text("answer.events", "count", a.Events)+" · "+p.place(a.Range)))
	for _, problem := range a.Problems {
		args := []any{}
		for name, value := range problem.Args {
			args = append(args, name, phrases.Visible(phrases.Shortened(value, shownValue)))
		}
		if kind := problem.Args["kind"]; kind != "" {
			if _, ok := p.words["answer.kind."+kind]; ok {
				args = append(args, "part", p.words.Text("answer.kind."+kind, "index", problem.Args["index"]))
			}
		}
		p.printText(vermilion, "  ✗ ", p.words.Text("answer.problem."+problem.Code, args...)+" · "+p.place(problem.Range))
	}
	for _, part := range a.Parts {
		head := p.words.Text("answer.kind."+part.Kind, "index", part.Index)
		fmt.Fprintf(p.out, "  %s %s\n", p.styled(boldStyle, head), p.styled(dimStyle, p.words.Text("answer.pieces", "count", len(part.Pieces))+" · "+p.place(part.Range)))
		text := phrases.Visible(part.Text)
		if part.Name != "" {
			text = phrases.Visible(part.Name) + " " + text
		}
		p.printText("", "    ", text)
		if part.JSON {
			p.printText(dimStyle, "    ", p.words.Text("answer.json"))
		}
	}
	row := func(key, value string) {
		fmt.Fprintf(p.out, "  %s %s\n", p.styled(boldStyle, p.words.Text(key)), value)
	}
	if a.Finish != "" {
		row("answer.finish", phrases.Visible(a.Finish))
	}
	if a.Usage != nil {
		key := "answer.tokens"
		if a.Usage.Out == 0 {
			key = "answer.in_only"
		}
		row("answer.usage", p.words.Text(key, "in", a.Usage.In, "out", a.Usage.Out))
	}
	if t := a.Timing; t != nil {
		row("answer.first", p.time(t.First))
		if t.Gap > 0 {
			row("answer.gap", p.time(t.Gap)+", "+p.words.Text("answer.before_byte", "place", t.GapAt))
		}
		rate, each := t.Rate, "answer.tokens_each"
		if rate == 0 {
			rate, each = t.Pieces, "answer.pieces_each"
		}
		if rate > 0 {
			said := number(rate, 1) + " " + p.words.Text(each)
			if t.Steady > 0 {
				said += p.words.Text("answer.without", "rate", number(t.Steady, 1))
			}
			row("answer.rate", said)
		}
	}
	if a.Content > 0 {
		row("answer.overhead", number(float64(a.Range.To-a.Range.From)/float64(a.Content), 1))
	}
}

// time is so many milliseconds, in words.
func (p *printer) time(ms float64) string {
	if ms < 1000 {
		return p.words.Text("answer.ms", "ms", number(ms, 0))
	}
	return p.words.Text("answer.s", "s", number(ms/1000, 2))
}

// place is where bytes are, in words.
func (p *printer) place(r answer.Range) string {
	if r.To <= r.From {
		return p.words.Text("viewer.byte_at", "place", r.From)
	}
	return p.words.Text("viewer.range", "from", r.From, "to", r.To-1)
}

func number(v float64, digits int) string { return strconv.FormatFloat(v, 'f', digits, 64) }
