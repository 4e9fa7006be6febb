package lessons

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"unicode/utf8"
)

// maxFile is the largest file that is read, in bytes. The largest of the
// course has a tenth of it; a film that was put into the folder by mistake has
// more.
const maxFile = 4 << 20

// A Layer is a tree of content.
type Layer struct {
	Name string // the folder as messages name it; empty: files have no folder
	FS   fs.FS
}

// Layers lie over one another, the first on top. A lesson's page, a figure and
// the order of the lessons are those of the uppermost layer that has one; terms,
// fields and words of the interface add up, and the uppermost of a name counts.
type Layers []Layer

// Open gives the uppermost file of a name.
func (l Layers) Open(name string) (fs.File, error) {
	for _, layer := range l {
		f, err := layer.FS.Open(name)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return f, err
		}
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// layersOf makes one layer of a tree that has none.
func layersOf(fsys fs.FS) Layers {
	if l, ok := fsys.(Layers); ok {
		return l
	}
	return Layers{{FS: fsys}}
}

// A source is a file of a layer.
type source struct {
	name string // in the tree: "ui/en.json"
	file string // for messages
	text []byte
}

// line is the line of an offset.
func (s source) line(offset int) int { return lineAt(s.text, offset) }

// file is what messages call a file of the layer.
func (l Layer) file(name string) string { return path.Join(l.Name, name) }

// where is what messages call the uppermost file of a name, and a file that
// does not exist.
func (l Layers) where(name string) string {
	return l[max(0, l.depth(name))].file(name)
}

// depth is the number of the uppermost layer that has a file, from 0.
func (l Layers) depth(name string) int {
	return slices.IndexFunc(l, func(layer Layer) bool {
		_, err := fs.Stat(layer.FS, name)
		return err == nil
	})
}

// read gives the uppermost file of a name; its error is fs.ErrNotExist where
// there is none, and a *Problem where it is of no use.
func (l Layers) read(name string) (source, error) {
	for _, layer := range l {
		s, err := layer.read(name)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return s, err
		}
	}
	return source{name: name, file: l[0].file(name)}, fs.ErrNotExist
}

// readAll gives the files of a name in all layers, the lowest first.
func (l Layers) readAll(name string) (all []source, problems Problems) {
	for _, layer := range slices.Backward(l) {
		s, err := layer.read(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			problems = append(problems, asProblem(err))
			continue
		}
		all = append(all, s)
	}
	return all, problems
}

// glob lists the names in all layers that match a pattern, sorted.
func (l Layers) glob(pattern string) []string {
	var all []string
	for _, layer := range l {
		names, _ := fs.Glob(layer.FS, pattern) // the error is for a bad pattern: there is none
		all = append(all, names...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (l Layer) read(name string) (source, error) {
	s := source{name: name, file: l.file(name)}
	f, err := l.FS.Open(name)
	if err != nil {
		return s, l.unreadable(name, err)
	}
	defer f.Close()
	var text bytes.Buffer
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return s, (&Problem{File: s.file, Line: 1, What: "this is a folder"}).do("put a file in its place")
	} else if err == nil {
		text.Grow(int(min(info.Size(), maxFile)) + bytes.MinRead)
	}
	_, err = text.ReadFrom(io.LimitReader(f, maxFile+1))
	s.text = text.Bytes()
	switch {
	case err != nil:
		return s, l.unreadable(name, err)
	case len(s.text) > maxFile:
		return s, (&Problem{File: s.file, Line: 1, What: fmt.Sprintf("the file has more than %d MiB", maxFile>>20)}).
			do("take it out of the folder, or make it smaller")
	case !utf8.Valid(s.text):
		return s, (&Problem{File: s.file, Line: s.line(invalidAt(s.text)), What: "the file is not UTF-8 here"}).
			do("save it with that encoding")
	}
	return s, nil
}

// unreadable says why a file can't be read, except that it does not exist.
func (l Layer) unreadable(name string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fs.ErrNotExist
	}
	p := &Problem{File: l.file(name), Line: 1, What: "the file can't be read"}
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		p.What += " (" + failed.Err.Error() + ")"
	}
	return p.do("give this user the right to read it; a link may not lead out of the folder")
}

// invalidAt is the offset of the first byte that is no UTF-8.
func invalidAt(text []byte) int {
	at := 0
	for at < len(text) {
		r, size := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return at
}

// lineAt is the line of an offset in a text, from 1.
func lineAt(text []byte, offset int) int {
	return 1 + bytes.Count(text[:min(max(offset, 0), len(text))], []byte("\n"))
}
