package site

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"sync"
	"time"

	"seewire"
	"seewire/playground"
	"seewire/playground/take"
)

// A download is a project that is made when it is first asked for, with its
// entity tag.
type download func() (zip []byte, tag string, err error)

// downloadsOf are the projects of all experiments, by the name of the file.
func downloadsOf(experiments []playground.Experiment) map[string]download {
	all := map[string]download{}
	for _, e := range experiments {
		for _, project := range take.Projects(e) {
			made := sync.OnceValues(func() ([]byte, error) { return project.Zip(seewire.Files) })
			all[project.Name] = func() ([]byte, string, error) {
				zip, err := made()
				return zip, fmt.Sprintf(`"%x"`, sha256.Sum256(zip)), err
			}
		}
	}
	return all
}

// take answers GET /take/{file}.
func (a *Site) take(w http.ResponseWriter, r *http.Request) {
	file := r.PathValue("file")
	made, ok := a.downloads[file]
	if !ok {
		problem(w, http.StatusNotFound, "take-unknown", "There is no such project",
			"The name is that of an experiment and a language, such as reconnect-go.zip. The page of each lesson links to those of its experiment.")
		return
	}
	zip, tag, err := made()
	if err != nil {
		playground.Because(w, err)
		broken(w)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", `attachment; filename="`+file+`"`)
	h.Set("Cache-Control", "no-cache") // kept, and asked for with the tag: another version of the program has another
	h.Set("ETag", tag)
	http.ServeContent(w, r, file, time.Time{}, bytes.NewReader(zip))
}
