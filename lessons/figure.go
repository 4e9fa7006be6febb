package lessons

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"seewire/lessons/container"
)

// figure puts a drawing into the page: figures/<name>.svg, or
// figures/<name>.<lang>.svg where the languages have one each. A language that
// is begun may have that of the first.
func (r *resolver) figure(d *draft, c *container.Container) Part {
	d.only(c, c.Settings, "src")
	src := c.Settings.Values["src"]
	folder := path.Join("lessons", d.slug, "figures")
	if !fs.ValidPath(src) || !strings.HasSuffix(src, ".svg") {
		d.problem(c, ":::figure: src=%s is no drawing", src).do("write src=name.svg, with the drawing in the lesson's folder figures")
		return HTML("")
	}
	named := func(language string) string {
		return path.Join(folder, strings.TrimSuffix(src, ".svg")+"."+language+".svg")
	}
	language := d.language
	drawing, err := r.layers.read(named(language))
	if errors.Is(err, fs.ErrNotExist) {
		drawing, err = r.layers.read(path.Join(folder, src))
	}
	if errors.Is(err, fs.ErrNotExist) && !r.course.Whole(language) {
		language = r.course.First()
		drawing, err = r.layers.read(named(language))
	}
	if errors.Is(err, fs.ErrNotExist) {
		d.problem(c, ":::figure: there is no %s", drawing.file).do("put the drawing there, or correct the name")
		return HTML("")
	}
	if err != nil {
		d.wrong(c, ":::figure: "+drawing.file, err)
		return HTML("")
	}
	svg, err := inlineSVG(drawing.text)
	if err != nil {
		d.problem(c, ":::figure: %s: %v", drawing.file, err).do("correct the drawing: it has a <title> and a <desc>, and neither styles, scripts nor addresses")
		return HTML("")
	}
	return Figure{Language: language, SVG: svg, Caption: d.render(children(c)...)}
}

// inlineSVG checks that a drawing can stand in a page as it is: it says what
// it shows, and has nothing in it that the page's policy would stop. What is
// before the svg element is left out.
func inlineSVG(drawing []byte) (HTML, error) {
	var seen []string
	start := -1
	decoder := xml.NewDecoder(bytes.NewReader(drawing))
	for {
		before := decoder.InputOffset()
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", fmt.Errorf("read the drawing: %w", err)
		}
		element, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if start < 0 {
			start = int(before)
		}
		seen = append(seen, element.Name.Local)
		if err := checkElement(element); err != nil {
			return "", err
		}
	}
	for _, needed := range []string{"svg", "title", "desc"} {
		if !slices.Contains(seen, needed) {
			return "", fmt.Errorf("the drawing lacks <%s>", needed)
		}
	}
	return HTML(drawing[start:]), nil
}

func checkElement(element xml.StartElement) error {
	name := element.Name.Local
	if slices.Contains([]string{"style", "script", "foreignObject", "image"}, name) {
		return fmt.Errorf("the drawing has a <%s>", name)
	}
	for _, attribute := range element.Attr {
		key := attribute.Name.Local
		outside := key == "href" && !strings.HasPrefix(attribute.Value, "#")
		if key == "style" || strings.HasPrefix(key, "on") || outside {
			return fmt.Errorf("<%s> has %s=%q", name, key, attribute.Value)
		}
	}
	return nil
}
