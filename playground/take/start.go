package take

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"seewire/playground"
)

// What an experiment hands out for a program to begin with is in three folders of
// its own: main is the main package of the code that is shown, which stands by
// itself, and node and python are whole programs. The page is that of main.

// addMain adds the program in Go. The module is named after the folder of the
// experiments, so that main finds the package without a change.
func (f files) addMain(source fs.FS, p Project) error {
	e := p.experiment
	top := func(name string) bool {
		return path.Dir(name) == "." && path.Ext(name) == ".go" && standsAlone(e, name) || slices.Contains(clients(e), name)
	}
	if err := f.add(e.ID+"/", e.Source, top); err != nil {
		return err
	}
	if err := f.addFolder("", e, "main"); err != nil {
		return err
	}
	needed, err := f.addImports(source, e.ID)
	if err != nil {
		return err
	}
	if err := f.addModule(source, module+"/playground/experiments", needed); err != nil {
		return err
	}
	return f.addReadme(p)
}

// standsAlone says whether a file needs nothing of this module.
func standsAlone(e playground.Experiment, name string) bool {
	text, err := fs.ReadFile(e.Source, name)
	if err != nil {
		return false
	}
	imported, err := imports(name, text)
	return err == nil && !slices.ContainsFunc(imported, func(path string) bool { return strings.HasPrefix(path, module+"/") })
}

// addOther adds a program in another language.
func (f files) addOther(p Project) error {
	e := p.experiment
	if err := f.addFolder("", e, p.Language); err != nil {
		return err
	}
	if err := f.addFolder("page/", e, "main/page"); err != nil {
		return err
	}
	client := func(name string) bool { return slices.Contains(clients(e), name) }
	if err := f.add("page/clients/", e.Source, client); err != nil {
		return err
	}
	return f.addReadme(p)
}

// clients are the programs of both sides.
func clients(e playground.Experiment) []string {
	return slices.Concat(e.SSEClients, e.PollClients, e.WSClients)
}

// addFolder adds a folder of an experiment.
func (f files) addFolder(to string, e playground.Experiment, folder string) error {
	from, err := fs.Sub(e.Source, folder)
	if err != nil {
		return err
	}
	return f.add(to, from, func(string) bool { return true })
}

// addReadme adds what to run, and what the files are.
func (f files) addReadme(p Project) error {
	values := struct {
		ID, Language string
		Files        []string // that are code
	}{p.experiment.ID, p.Language, nil}
	for name := range f {
		if strings.Contains(".go .js .mjs .py", path.Ext(name)) && path.Ext(name) != "" {
			values.Files = append(values.Files, name)
		}
	}
	slices.Sort(values.Files)
	return f.fill("README.md", "start/README.md.tmpl", values)
}
