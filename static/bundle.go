package static

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// The scripts are some fifty small modules, so that they can be read. A phone
// on a slow line would pay for that with fifty requests and every comment, so
// when the program starts it bundles them, in a few hundredths of a second.
// The developer tools of a browser show the originals by their source maps.
var entries = []string{"js/main.js", "css/site.css"}

// outside is what is bundled already.
const outside = "vendor/"

// bundle puts the modules that js/main.js reaches into one file, and into a few
// more those that are imported later on demand; and the style sheets into one.
// The scripts of the sandbox, which are no modules, only lose their comments;
// all else stays as it is.
func bundle(files fs.FS) (map[string][]byte, error) {
	out := map[string][]byte{}
	err := fs.WalkDir(files, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, file)
		if err != nil {
			return err
		}
		loader, ok := loaders[path.Ext(file)]
		if ok && !strings.HasPrefix(file, outside) {
			data, err = smaller(file, data, loader)
		}
		out[file] = data
		return err
	})
	if err != nil {
		return nil, err
	}

	var points []api.EntryPoint
	for _, file := range entries {
		points = append(points, api.EntryPoint{InputPath: file, OutputPath: strings.TrimSuffix(file, path.Ext(file))})
	}
	result := api.Build(api.BuildOptions{
		EntryPointsAdvanced: points,
		Bundle:              true,
		Splitting:           true,
		Format:              api.FormatESModule,
		Target:              api.ES2022,
		MinifyWhitespace:    true,
		MinifyIdentifiers:   true,
		MinifySyntax:        true,
		Sourcemap:           api.SourceMapLinked,
		ChunkNames:          "js/[name]-[hash]",
		Outdir:              "/",
		AbsWorkingDir:       "/",
		Plugins:             []api.Plugin{embedded(files)},
		LogLevel:            api.LogLevelSilent,
	})
	if err := problems(result.Errors); err != nil {
		return nil, fmt.Errorf("bundle the scripts: %w", err)
	}
	for _, f := range result.OutputFiles {
		out[strings.TrimPrefix(f.Path, "/")] = f.Contents
	}
	return out, nil
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

// embedded lets the bundler read from files instead of the disk.
func embedded(files fs.FS) api.Plugin {
	const space = "embedded"
	return api.Plugin{Name: space, Setup: func(b api.PluginBuild) {
		b.OnResolve(api.OnResolveOptions{Filter: ".*"}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
			file := args.Path
			if args.Importer != "" {
				file = path.Join(path.Dir(args.Importer), args.Path)
			}
			if strings.HasPrefix(file, outside) {
				// Every bundled file is in js/.
				return api.OnResolveResult{Path: "../" + file, External: true}, nil
			}
			return api.OnResolveResult{Path: file, Namespace: space}, nil
		})
		b.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: space}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
			data, err := fs.ReadFile(files, args.Path)
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
