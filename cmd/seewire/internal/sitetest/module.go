package sitetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// InModule is a file or a folder of the module, from wherever a test runs.
func InModule(name string) string {
	root := "."
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			return filepath.Join(root, filepath.FromSlash(name))
		} else if abs, _ := filepath.Abs(root); abs == filepath.Dir(abs) {
			panic("the test runs outside the module")
		}
		root = filepath.Join("..", root)
	}
}

// ModuleFolders are the folders of the module with packages of the program.
func ModuleFolders(t *testing.T) (folders []string) {
	t.Helper()
	imported, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{with .Module}}{{if .Main}}{{$.ImportPath}}{{end}}{{end}}{{end}}", "seewire/cmd/seewire").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range strings.Fields(string(imported)) {
		folder, _, _ := strings.Cut(strings.TrimPrefix(path, "seewire/"), "/")
		if folder != "seewire" && !slices.Contains(folders, folder) { // the root is no folder
			folders = append(folders, folder)
		}
	}
	return folders
}
