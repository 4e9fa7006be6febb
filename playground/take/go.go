package take

import (
	"encoding/json"
	"fmt"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"seewire/playground"
)

// module is this module's name, and that of the projects: so the files find each
// other without a change.
const module = "seewire"

// addGo adds the project in Go. Below the main package are the experiment's
// own, by its name, and what it imports.
func (f files) addGo(source fs.FS, e playground.Experiment) error {
	folder := "playground/experiments/" + e.ID
	shown, err := fs.Sub(source, folder)
	if err != nil {
		return err
	}
	compiled := func(name string) bool { return has(e, name) || isCode(name) }
	if err := f.add(e.ID+"/", shown, compiled); err != nil {
		return err
	}
	needed, err := f.addImports(source, e.ID)
	if err != nil {
		return err
	}
	if err := f.addModule(source, module, needed); err != nil {
		return err
	}

	setting, err := settingOf(e)
	if err != nil {
		return err
	}
	arguments, err := argumentsOf(source, e.ID)
	if err != nil {
		return err
	}
	values := struct {
		playground.Experiment
		Arguments string // of New
	}{e, arguments}
	f["page/setting.json"] = setting
	page, err := fs.Sub(own, "go/page")
	if err != nil {
		return err
	}
	if err := f.add("page/", page, func(string) bool { return true }); err != nil {
		return err
	}
	for _, made := range []string{"main.go", "README.md"} {
		if err := f.fill(made, "go/"+made+".tmpl", values); err != nil {
			return err
		}
	}
	f["main.go"], err = format.Source(f["main.go"])
	return err
}

// isCode says whether a file in a folder is compiled, and not only tested.
func isCode(name string) bool {
	return path.Ext(name) == ".go" && path.Base(name) == name && !strings.HasSuffix(name, "_test.go")
}

// addImports adds the packages of this module that a package of the project
// imports, with those that they import, and returns the modules that are needed
// beside it.
func (f files) addImports(source fs.FS, folder string) (needed []string, err error) {
	var all []string
	for name, text := range f {
		if path.Dir(name) != folder || path.Ext(name) != ".go" {
			continue
		}
		imported, err := imports(name, text)
		if err != nil {
			return nil, err
		}
		all = append(all, imported...)
	}
	slices.Sort(all)
	for _, imported := range slices.Compact(all) {
		local, own := strings.CutPrefix(imported, module+"/")
		switch {
		case own:
			if _, err := fs.Stat(source, local); err != nil {
				return nil, err
			}
			from, err := fs.Sub(source, local)
			if err != nil {
				return nil, err
			}
			if err := f.add(local+"/", from, isCode); err != nil {
				return nil, err
			}
			more, err := f.addImports(source, local)
			if err != nil {
				return nil, err
			}
			needed = append(needed, more...)
		case strings.Contains(strings.Split(imported, "/")[0], "."):
			needed = append(needed, imported)
		}
	}
	return needed, nil
}

// imports are what a file of Go imports.
func imports(name string, text []byte) ([]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		all = append(all, imported)
	}
	return all, nil
}

// required is a line of go.mod, or of its block of requirements: a module and its
// version.
var required = regexp.MustCompile(`(?m)^(?:require )?\t?(\S+) (v\S+)$`)

// addModule adds go.mod and go.sum, with the versions that this module has been
// tested with.
func (f files) addModule(source fs.FS, name string, needed []string) error {
	mod, err := fs.ReadFile(source, "go.mod")
	if err != nil {
		return err
	}
	sum, err := fs.ReadFile(source, "go.sum")
	if err != nil {
		return err
	}
	made := "module " + name + "\n\n" + string(regexp.MustCompile(`(?m)^go \S+$`).Find(mod)) + "\n"
	var sums string
	for _, found := range required.FindAllStringSubmatch(string(mod), -1) {
		other, version := found[1], found[2]
		if !slices.ContainsFunc(needed, func(imported string) bool { return imported == other || strings.HasPrefix(imported, other+"/") }) {
			continue
		}
		made += fmt.Sprintf("\nrequire %s %s\n", other, version)
		for line := range strings.Lines(string(sum)) {
			if strings.HasPrefix(line, other+" "+version+" ") || strings.HasPrefix(line, other+" "+version+"/go.mod ") {
				sums += line
			}
		}
	}
	f["go.mod"], f["go.sum"] = []byte(made), []byte(sums)
	return nil
}

// argumentsOf are what the list of experiments gives to an experiment's New:
// "dial". The project's main has them by the same names.
func argumentsOf(source fs.FS, id string) (string, error) {
	list, err := fs.ReadFile(source, "playground/experiments/experiments.go")
	if err != nil {
		return "", err
	}
	call := regexp.MustCompile(`\b` + regexp.QuoteMeta(id) + `\.New\((.*)\),`).FindSubmatch(list)
	if call == nil {
		return "", fmt.Errorf("experiments.go makes no %s", id)
	}
	return string(call[1]), nil
}

// A control is a query parameter, for the page's form.
type control struct {
	Name    string   `json:"name"`
	Kind    string   `json:"kind"`
	Default string   `json:"default"`
	Min     int      `json:"min"`
	Max     int      `json:"max"`
	Unit    string   `json:"unit,omitempty"`
	Choices []string `json:"choices,omitempty"`
}

// settingOf is what the page has to know of an experiment, as JSON.
func settingOf(e playground.Experiment) ([]byte, error) {
	setting := struct {
		Experiment string              `json:"experiment"`
		Controls   []control           `json:"controls"`
		Clients    map[string][]string `json:"clients"`
		Polls      []string            `json:"polls,omitempty"` // those of the SSE side that ask "poll"
		Visits     bool                `json:"visits"`          // whether the page asks for "visit" before a run
		Origins    bool                `json:"origins"`         // whether the control "origin" says where programs come from
	}{e.ID, []control{}, map[string][]string{"sse": slices.Concat(e.SSEClients, e.PollClients), "ws": e.WSClients}, e.PollClients, e.Visit != nil, e.Origins}
	for _, c := range e.Controls {
		if slices.Equal(c.Choices, []string{"http1", "http2"}) || c.Name == "program" {
			continue // this server has HTTP/1.1 alone, and the page chooses programs by their names
		}
		setting.Controls = append(setting.Controls, control{c.Name, string(c.Kind), c.Default, c.Min, c.Max, c.Unit, c.Choices})
	}
	text, err := json.MarshalIndent(setting, "", "  ")
	return append(text, '\n'), err
}
