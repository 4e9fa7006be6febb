package static

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// The scripts are about a hundred small modules, so that they can be read. A
// phone on a slow line would pay for that with as many requests and every
// comment, so they are bundled when the first is asked for, which takes about a
// quarter of a second. The developer tools of a browser show the originals by their source
// maps.
var points = []api.EntryPoint{
	{InputPath: main, OutputPath: "js/main"},
	{InputPath: folder + "css/site.css", OutputPath: "css/site"},
	{InputPath: folder + "css/class.css", OutputPath: "css/class"},
	{InputPath: folder + "css/watch.css", OutputPath: "css/watch"},
	{InputPath: folder + "css/answers.css", OutputPath: "css/answers"},
	{InputPath: folder + "css/bytes.css", OutputPath: "css/bytes"},
	{InputPath: folder + "css/first.css", OutputPath: "css/first"},
}

// folder is where this package's files are in the repository.
const folder = "static/"

// main is the script of all pages; together imports it, and with it what the
// experiments want of the site.
const (
	main     = folder + "js/main.js"
	together = folder + "js/together.js"
)

// imported finds a module of the site that an experiment imports.
var imported = regexp.MustCompile(`"(?:\.\./)+static/js/([^"]+)"`)

// imports is the text of together. What an exercise wants comes with the exercise.
func imports(sources map[string][]byte) []byte {
	modules := map[string]bool{path.Base(main): true}
	for name, text := range sources {
		if path.Ext(name) != ".js" || path.Base(path.Dir(name)) == "exercise" {
			continue
		}
		for _, m := range imported.FindAllSubmatch(text, -1) {
			modules[string(m[1])] = true
		}
	}
	var text bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(modules)) {
		fmt.Fprintf(&text, "import %q;\n", "./"+name)
	}
	return text.Bytes()
}

// vendor is what is bundled already.
const vendor = "vendor/"

// bundle puts the modules that js/main.js imports at once into one file, the entries
// into one each, and what is imported on demand into a few more; and the style
// sheets into one. The scripts of the sandbox, which are no modules, only lose
// their comments; all else stays as it is.
func bundle(own fs.FS, sources map[string][]byte, entries []Entry) (map[string][]byte, error) {
	out := map[string][]byte{}
	err := fs.WalkDir(own, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(own, file)
		if err != nil {
			return err
		}
		loader, ok := loaders[path.Ext(file)]
		if ok && !strings.HasPrefix(file, vendor) {
			data, err = smaller(file, data, loader)
		}
		out[file] = data
		return err
	})
	if err != nil {
		return nil, err
	}

	sources = maps.Clone(sources)
	if sources == nil {
		sources = map[string][]byte{}
	}
	sources[together] = imports(sources)
	all := slices.Clone(points)
	for _, e := range entries {
		name := entryName(e.File)
		all = append(all, api.EntryPoint{InputPath: e.File, OutputPath: strings.TrimSuffix(name, path.Ext(name))})
	}
	result := api.Build(api.BuildOptions{
		EntryPointsAdvanced: all,
		// The bundler makes a file for each set of entries that share a module. With
		// js/main.js imported by all, which it is before them on every page, all that
		// it imports is one set.
		Inject:            []string{together},
		Bundle:            true,
		Splitting:         true,
		Format:            api.FormatESModule,
		Target:            api.ES2022,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		Sourcemap:         api.SourceMapLinked,
		Metafile:          true,
		ChunkNames:        "js/[name]-[hash]",
		Outdir:            "/",
		AbsWorkingDir:     "/",
		Plugins:           []api.Plugin{embedded(own, sources)},
		LogLevel:          api.LogLevelSilent,
	})
	if err := problems(result.Errors); err != nil {
		return nil, fmt.Errorf("bundle the scripts: %w", err)
	}
	if err := checkExports(result.Metafile, entries); err != nil {
		return nil, err
	}
	if err := checkStyles(result.Metafile, own); err != nil {
		return nil, err
	}
	for _, f := range result.OutputFiles {
		out[strings.TrimPrefix(f.Path, "/")] = f.Contents
	}
	return out, inOneFile(out, result.Metafile)
}

// inOneFile puts what js/main.js is made of under its own name: the bundler
// leaves no more there than the import of it.
func inOneFile(out map[string][]byte, metafile string) error {
	const name = "js/main.js"
	var meta struct {
		Outputs map[string]struct {
			Inputs map[string]any `json:"inputs"`
		} `json:"outputs"`
	}
	if err := json.Unmarshal([]byte(metafile), &meta); err != nil {
		return fmt.Errorf("read what the bundler says of the scripts: %w", err)
	}
	for file, output := range meta.Outputs {
		if _, ok := output.Inputs["embedded:"+main]; !ok || file == name {
			continue
		}
		chunk := path.Base(file)
		// Spaces in place of what its name is shorter keep the source maps right.
		imported, instead := []byte(`"./`+chunk+`"`), []byte(`"./`+path.Base(name)+`"`+strings.Repeat(" ", len(chunk)-len(path.Base(name))))
		for other, text := range out {
			if path.Ext(other) == ".js" {
				out[other] = bytes.ReplaceAll(text, imported, instead)
			}
		}
		out[name], out[name+".map"] = bytes.ReplaceAll(out[file], []byte(chunk+".map"), []byte(path.Base(name)+".map")), out[file+".map"]
		delete(out, file)
		delete(out, file+".map")
	}
	return nil
}

// entryName is the name under which an entry is served. All bundled scripts are
// in one folder, so that they find vendor.
func entryName(file string) string {
	return strings.TrimPrefix(path.Ext(file), ".") + "/" + strings.ReplaceAll(file, "/", "-")
}

// checkStyles reports the style sheets of elements that no page gets.
func checkStyles(metafile string, own fs.FS) error {
	return fs.WalkDir(own, "js", func(file string, d fs.DirEntry, err error) error {
		if err == nil && path.Ext(file) == ".css" && !strings.Contains(metafile, `"embedded:`+folder+file+`"`) {
			return fmt.Errorf("%s%s: nothing imports it; add it to css/site.css", folder, file)
		}
		return err
	})
}

// checkExports reports the entries that don't export what they have to.
func checkExports(metafile string, entries []Entry) error {
	var meta struct {
		Outputs map[string]struct {
			Exports []string `json:"exports"`
		} `json:"outputs"`
	}
	if err := json.Unmarshal([]byte(metafile), &meta); err != nil {
		return fmt.Errorf("read what the bundler says of the scripts: %w", err)
	}
	var missing []error
	for _, e := range entries {
		for _, name := range e.Exports {
			if !slices.Contains(meta.Outputs[entryName(e.File)].Exports, name) {
				missing = append(missing, fmt.Errorf("%s: it exports no %s; write: export function %[2]s(…)", e.File, name))
			}
		}
	}
	return errors.Join(missing...)
}

var loaders = map[string]api.Loader{".js": api.LoaderJS, ".css": api.LoaderCSS}

// smaller takes comments and white space out of one file.
func smaller(file string, data []byte, loader api.Loader) ([]byte, error) {
	result := api.Transform(string(data), api.TransformOptions{
		Loader:           loader,
		Sourcefile:       file,
		Target:           api.ES2022,
		MinifyWhitespace: true,
		MinifySyntax:     loader == api.LoaderCSS,
		LogLevel:         api.LogLevelSilent,
	})
	return result.Code, problems(result.Errors)
}

// embedded lets the bundler read what is in the program instead of the disk.
func embedded(own fs.FS, sources map[string][]byte) api.Plugin {
	const space = "embedded"
	return api.Plugin{Name: space, Setup: func(b api.PluginBuild) {
		b.OnResolve(api.OnResolveOptions{Filter: ".*"}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
			file := args.Path
			if args.Importer != "" {
				file = path.Join(path.Dir(args.Importer), args.Path)
			}
			if name, ok := strings.CutPrefix(file, folder+vendor); ok {
				return api.OnResolveResult{Path: "../" + vendor + name, External: true}, nil
			}
			return api.OnResolveResult{Path: file, Namespace: space}, nil
		})
		b.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: space}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
			data, ok := sources[args.Path]
			var err error
			if !ok {
				data, err = fs.ReadFile(own, strings.TrimPrefix(args.Path, folder))
			}
			text := string(data)
			return api.OnLoadResult{Contents: &text, Loader: loaders[path.Ext(args.Path)]}, err
		})
	}}
}

// problems joins what the bundler complains of, each with its place.
func problems(messages []api.Message) error {
	var all []error
	for _, m := range messages {
		if m.Location != nil {
			all = append(all, fmt.Errorf("%s:%d: %s", m.Location.File, m.Location.Line, m.Text))
			continue
		}
		all = append(all, errors.New(m.Text))
	}
	return errors.Join(all...)
}
