package author

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"seewire/content"
	"seewire/lessons"
)

// slug is what a lesson can be called: it is a folder's name, and stands in
// addresses.
var slug = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)

// New begins a lesson in the folder: a file in each whole language, with an
// experiment that there is, and its place at the end of the course. It replaces
// nothing.
func (f Folder) New(out io.Writer, name, experiment string, refs lessons.References) error {
	if f == "" {
		return errors.New("say where the lesson is to be: -content DIR")
	}
	if !slug.MatchString(name) {
		return fmt.Errorf("%q can't be a lesson's name.\nIt stands in addresses: write a-z, 0-9 and -, as in my-lesson", name)
	}
	if !slices.Contains(refs.Experiments(), experiment) {
		return fmt.Errorf("there is no experiment %q.\nChoose one with -experiment: %s", experiment, strings.Join(refs.Experiments(), ", "))
	}
	if err := os.MkdirAll(string(f), 0o777); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	course, err := f.Load(refs)
	if err != nil {
		return err
	}
	if _, exists := course.Find(name); exists {
		return fmt.Errorf("there is a lesson %q already.\nChoose another name; to change that lesson, copy its files to %s", name, path.Join(string(f), "lessons", name))
	}
	root, err := f.open()
	if err != nil {
		return err
	}
	defer root.Close()

	var wrote []string
	for _, language := range course.Languages {
		if !course.Whole(language) {
			continue
		}
		file := path.Join("lessons", name, language+".md")
		if err := write(root, file, lesson(language, course.First(), experiment)); err != nil {
			return err
		}
		wrote = append(wrote, file)
	}
	if err := addToOrder(root, course, name); err != nil {
		return err
	}
	fmt.Fprintf(out, "Begun, with the experiment %s:\n", experiment)
	for _, file := range append(wrote, "course.txt") {
		fmt.Fprintf(out, "  %s\n", path.Join(string(f), file))
	}
	fmt.Fprintf(out, "Look at it:  seewire -content %[1]s, then http://localhost:8080/%[2]s/lessons/%[3]s\n"+
		"Write it:    the page follows each time that you save a file\n"+
		"Check it:    seewire lint -content %[1]s\n", f, course.First(), name)
	return nil
}

// lesson is what a new lesson begins with.
func lesson(language, first, experiment string) string {
	text, err := fs.ReadFile(content.FS, path.Join("new", language+".md"))
	if err != nil {
		text, _ = fs.ReadFile(content.FS, path.Join("new", first+".md"))
	}
	return strings.ReplaceAll(string(text), "EXPERIMENT", experiment)
}

// write makes a file that there is not yet.
func write(root *os.Root, name, text string) error {
	if err := root.MkdirAll(path.Dir(name), 0o777); err != nil {
		return fmt.Errorf("write a lesson: %w", err)
	}
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists already.\nMove it away, or choose another name", path.Join(root.Name(), name))
	}
	if err != nil {
		return fmt.Errorf("write a lesson: %w", err)
	}
	_, err = io.WriteString(f, text)
	return errors.Join(err, f.Close())
}

// addToOrder puts a lesson at the end of the folder's course.txt. Where there is
// none it begins with the order of the course.
func addToOrder(root *os.Root, course *lessons.Course, name string) error {
	order, err := root.ReadFile("course.txt")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		for _, lesson := range course.Lessons {
			order = append(order, lesson.Slug+"\n"...)
		}
	case err != nil:
		return fmt.Errorf("read the order of the lessons: %w", err)
	case len(order) > 0 && order[len(order)-1] != '\n':
		order = append(order, '\n')
	}
	if err := root.WriteFile("course.txt", append(order, name+"\n"...), 0o666); err != nil {
		return fmt.Errorf("write the order of the lessons: %w", err)
	}
	return nil
}
