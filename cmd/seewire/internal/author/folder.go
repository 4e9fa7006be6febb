// Package author is for people who write content: it lays a folder of theirs
// over the course, follows their edits, says what is wrong, and begins lessons.
package author

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"seewire/content"
	"seewire/lessons"
)

// course is the one that is in the program.
var course = lessons.Layer{Name: "content", FS: content.FS}

// A Folder is content of an author's own, on disk. The empty one is none: the
// course as it is.
type Folder string

// Open reads the course as it is, which [Folder.Load] of no folder checks.
func Open(refs lessons.References) (*lessons.Course, error) {
	return lessons.Open(lessons.Layers{course}, refs)
}

// OpenInterface reads the course without its lessons, for who shows no page.
func OpenInterface(refs lessons.References) (*lessons.Course, error) {
	return lessons.OpenInterface(lessons.Layers{course}, refs)
}

// Load reads the course with the folder over it, and checks it. The error says that
// there is no such folder; what is wrong in it is in the course's Problems.
func (f Folder) Load(refs lessons.References) (*lessons.Course, error) {
	layers := lessons.Layers{course}
	if f != "" {
		root, err := f.open()
		if err != nil {
			return nil, err
		}
		defer root.Close()
		layers = append(lessons.Layers{{Name: string(f), FS: root.FS()}}, layers...)
	}
	course, err := lessons.Load(layers, refs)
	if course == nil {
		return nil, err
	}
	if f != "" && f.state() == "" {
		course.Problems = append(course.Problems, &lessons.Problem{File: string(f), Line: 1,
			What: "there is no content in the folder", Remedy: fmt.Sprintf("begin a lesson: seewire new SLUG -content %s", f)})
	}
	return course, nil
}

// open opens the folder. Nothing outside of it can be reached through what it
// gives: no link that leads out, and no "..".
func (f Folder) open() (*os.Root, error) {
	if info, err := os.Stat(string(f)); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("%s is a file.\nName the folder that has the lessons in it", f)
	}
	root, err := os.OpenRoot(string(f))
	switch {
	case err == nil:
		return root, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no folder %[1]s.\nMake it, with a lesson in it: seewire new SLUG -content %[1]s", f)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("this user may not read the folder %s", f)
	}
	return nil, fmt.Errorf("open the folder %s: %w", f, err)
}

// parts are what is read of a folder.
var parts = []string{"course.txt", "languages.txt", "fields", "glossary", "lessons", "terms", "ui"}

// state is what can be told of the folder without reading its files: it changes
// with each edit.
func (f Folder) state() string {
	root, err := f.open()
	if err != nil {
		return err.Error()
	}
	defer root.Close()
	var all strings.Builder
	for _, part := range parts {
		// The error is nil: this walker leaves out what it can't see.
		_ = fs.WalkDir(root.FS(), part, func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				return nil
			}
			if info, err := fs.Stat(root.FS(), name); err == nil && !d.IsDir() {
				fmt.Fprintf(&all, "%s %d %d\n", name, info.Size(), info.ModTime().UnixNano())
			}
			return nil
		})
	}
	return all.String()
}
