package lessons

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"

	"seewire/lessons/container"
)

// A skeleton is what a lesson has to have in common in all languages:
// headings, blocks, quoted code, and what each section's links refer to.
type skeleton struct {
	file     string
	language string
	entries  []entry
}

type entry struct {
	line int
	text string
}

// outline takes the skeleton out of a parsed lesson.
func (d *draft) outline() skeleton {
	s := skeleton{file: d.from.file, language: d.language}
	var mentions []entry // of the section so far: their order is the language's own
	endSection := func() {
		slices.SortStableFunc(mentions, func(a, b entry) int { return cmp.Compare(a.text, b.text) })
		s.entries = append(s.entries, mentions...)
		mentions = nil
	}
	// The error is nil: this walker never gives one.
	_ = ast.Walk(d.tree(), func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := node.(type) {
		case *ast.Heading:
			endSection()
			id, _ := n.AttributeString("id")
			s.entries = append(s.entries, entry{d.line(n), fmt.Sprintf("%s {#%s}", strings.Repeat("#", n.Level), id)})
		case *container.Container:
			s.entries = append(s.entries, entry{d.line(n), describe(n) + d.effects(n)})
		case *ast.FencedCodeBlock:
			s.entries = append(s.entries, entry{d.line(n), "```" + d.info(n)})
		case *ast.Link:
			if target := string(n.Destination); isReference(target) {
				mentions = append(mentions, entry{d.line(n), "a link to " + target})
			}
		}
		return ast.WalkContinue, nil
	})
	endSection()
	return s
}

func isReference(target string) bool {
	scheme, _, _ := strings.Cut(target, ":")
	return slices.Contains([]string{"field", "run", "lesson"}, scheme) || strings.HasPrefix(target, "#")
}

// describe writes a block's opening line in a fixed order, with the number of
// items in its lists: the options of a prediction, the hints of an exercise.
func describe(c *container.Container) string {
	text := ":::" + c.Name + " {#" + c.Settings.ID
	for _, key := range slices.Sorted(maps.Keys(c.Settings.Values)) {
		text += " " + key + "=" + c.Settings.Values[key]
	}
	text += "}"
	for _, child := range children(c) {
		if list, ok := child.(*ast.List); ok && list.IsOrdered() {
			text += fmt.Sprintf(" with %d items", list.ChildCount())
		}
	}
	return text
}

// effects lists what the answers of a :::question speak for, without the reasons.
func (d *draft) effects(c *container.Container) (all string) {
	list, ok := c.LastChild().(*ast.List)
	if c.Name != "question" || !ok {
		return ""
	}
	for _, item := range children(list) {
		for _, effect := range children(item.LastChild()) {
			if match := effectHead.FindStringSubmatch(plain(effect, d.source)); match != nil {
				all += ", " + match[1] + " " + match[2]
			}
		}
		all += ";"
	}
	return all
}

// compareAll holds every skeleton against the first.
func compareAll(all []skeleton) Problems {
	var problems Problems
	for i := 1; i < len(all); i++ {
		problems = append(problems, compare(all[0], all[i])...)
	}
	return problems
}

// compare names what one of two skeletons has and the other has not, in order.
func compare(a, b skeleton) Problems {
	var problems Problems
	alone := func(s skeleton, i int, other skeleton) {
		p := problems.at(s.file, s.entries[i].line, "%s has no counterpart in %s", s.entries[i].text, other.file)
		p.do("write it there too, or take it out here").Language = s.language
	}
	common := longestCommon(a.entries, b.entries)
	i, j := 0, 0
	for i < len(a.entries) || j < len(b.entries) {
		switch {
		case i < len(a.entries) && j < len(b.entries) && a.entries[i].text == b.entries[j].text:
			i, j = i+1, j+1
		case j == len(b.entries) || i < len(a.entries) && common[i+1][j] >= common[i][j+1]:
			alone(a, i, b)
			i++
		default:
			alone(b, j, a)
			j++
		}
	}
	return problems
}

// longestCommon gives, for every i and j, the length of the longest common
// subsequence of a[i:] and b[j:].
func longestCommon(a, b []entry) [][]int {
	length := make([][]int, len(a)+1)
	for i := range length {
		length[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i].text == b[j].text {
				length[i][j] = length[i+1][j+1] + 1
			} else {
				length[i][j] = max(length[i+1][j], length[i][j+1])
			}
		}
	}
	return length
}
