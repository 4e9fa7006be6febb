package pages

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"seewire/cmd/seewire/internal/chromium"
	"seewire/cmd/seewire/internal/sitetest"
)

// TestAccessibility asks axe-core about every page: WCAG 2.2 AA, light on a desktop
// in one language, and dark on a phone in the other. And in neither may anything make
// a page scroll sideways, down to 320 px.
func TestAccessibility(t *testing.T) {
	t.Parallel()
	axe := chromium.AxeCore()
	if axe == nil {
		t.Skip("no axe-core: npm install --prefix DIR axe-core, and set SEEWIRE_NPM to DIR")
	}
	chromium.NeedBrowser(t)
	s := sitetest.Start(t)
	paths := []string{"/", "/fields", "/glossary", "/no-such-page", "/class", "/c", "/bytes#bytes=gYU3-iE9f59NUVg&frame=1.client.0"}
	for _, slug := range chromium.Slugs(t) {
		paths = append(paths, "/lessons/"+slug)
	}
	for turn, lang := range []string{"en", "zh"} {
		for _, screen := range []struct {
			scheme string
			width  int64
		}{{"light", 1280}, {"dark", 390}} {
			t.Run(fmt.Sprintf("%s/%d", lang, screen.width), func(t *testing.T) {
				t.Parallel()
				p := chromium.OpenTab(t, s.Base)
				p.Expect("no-such-page") // the browser notes the 404
				p.Scheme(screen.scheme)
				for i, path := range paths {
					wide := screen.width > 390
					if wide && (i+turn)%2 == 1 {
						continue
					}
					t.Run(path, func(t *testing.T) {
						p := p.In(t)
						p.Do(chromedp.EmulateViewport(screen.width, 900))
						p.Visit("/" + lang + path)
						p.Until(`document.readyState === "complete"`)
						if strings.Contains(path, "#bytes=") {
							p.ShownRows()
						}
						if wide || (i+turn)%2 == 1 {
							for _, v := range p.Axe(axe) {
								t.Errorf("%s: %s\n%s", v.ID, v.Help, v.Nodes)
							}
						}
						if wide {
							return
						}
						p.Fits(390)
						p.Do(chromedp.EmulateViewport(320, 700))
						p.Fits(320)
					})
				}
			})
		}
	}
}
