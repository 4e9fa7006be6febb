package static

import (
	"fmt"
	"path"

	"github.com/evanw/esbuild/pkg/api"
)

// OneFile bundles the script and the style sheet of a page that is a file by itself:
// it can load nothing, so each is whole.
func OneFile() (script, style []byte, err error) {
	result := api.Build(api.BuildOptions{
		EntryPointsAdvanced: []api.EntryPoint{
			{InputPath: folder + "js/onefile.js", OutputPath: "onefile"},
			{InputPath: folder + "css/onefile.css", OutputPath: "onefile"},
		},
		Bundle:            true,
		Format:            api.FormatESModule,
		Target:            api.ES2022,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		Outdir:            "/",
		AbsWorkingDir:     "/",
		Plugins:           []api.Plugin{embedded(own, nil)},
		LogLevel:          api.LogLevelSilent,
	})
	if err := problems(result.Errors); err != nil {
		return nil, nil, fmt.Errorf("bundle the page of one file: %w", err)
	}
	for _, f := range result.OutputFiles {
		if path.Ext(f.Path) == ".js" {
			script = f.Contents
		} else {
			style = f.Contents
		}
	}
	return script, style, nil
}
