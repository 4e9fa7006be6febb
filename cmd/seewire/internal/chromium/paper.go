package chromium

import (
	"regexp"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

var aPage = regexp.MustCompile(`/Type\s*/Page\b`)

// Sheets is how many of A4 the page takes when it is printed.
func (p *Tab) Sheets() int {
	p.T.Helper()
	printed, err := chromedp.Call(p.Ctx, page.PrintToPDF, page.PrintToPDFParams{PaperWidth: 8.27, PaperHeight: 11.69})
	if err != nil {
		p.T.Fatal(err)
	}
	return len(aPage.FindAll([]byte(printed.Data), -1))
}
