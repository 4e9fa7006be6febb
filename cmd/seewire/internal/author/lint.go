package author

import (
	"errors"
	"fmt"
	"io"

	"seewire/lessons"
)

// ErrProblems says that there are mistakes in the content, which have been
// printed.
var ErrProblems = errors.New("there are mistakes in the content")

// Lint prints all that is wrong with the course and the folder over it, a line
// each: file:line: what, what to do.
func (f Folder) Lint(out io.Writer, refs lessons.References) error {
	course, err := f.Load(refs)
	if err != nil {
		return err
	}
	if len(course.Problems) > 0 {
		fmt.Fprintln(out, course.Problems)
		return ErrProblems
	}
	return nil
}
