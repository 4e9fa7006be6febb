package site

import (
	"net/http"

	"seewire/cmd/seewire/internal/view"
	"seewire/playground/export"
)

// bytes is the page on which a reader's own bytes are dissected.
func (p *pages) bytes(w http.ResponseWriter, r *http.Request) {
	page := p.page(r, "bytes")
	page.Title = page.Text("bytes.title")
	page.Description = page.Text("bytes.lead")
	render(w, r, http.StatusOK, view.Bytes(page, export.MaxImport))
}
