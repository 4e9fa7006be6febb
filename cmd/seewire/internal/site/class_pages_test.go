package site

import (
	"encoding/xml"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/boombuler/barcode/qr"

	"seewire/lessons"
)

// What is drawn has the modules that the code has, and the quiet zone around them.
func TestQRIsDrawnWhole(t *testing.T) {
	const text = "http://192.168.1.23:8080/c/TUKRAL"
	drawing, err := drawQR(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal([]byte(drawing), new(struct{})); err != nil {
		t.Fatalf("it is no XML: %v", err)
	}
	dark := map[[2]int]bool{}
	for _, run := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-\d+z`).FindAllStringSubmatch(drawing, -1) {
		x, _ := strconv.Atoi(run[1])
		y, _ := strconv.Atoi(run[2])
		n, _ := strconv.Atoi(run[3])
		for i := range n {
			dark[[2]int{x + i, y}] = true
		}
	}
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	side := code.Bounds().Dx() + 8
	if !strings.Contains(drawing, fmt.Sprintf(`viewBox="0 0 %d %[1]d"`, side)) {
		t.Errorf("it is not %d modules wide: %.120s", side, drawing)
	}
	for y := range side {
		for x := range side {
			want := x >= 4 && y >= 4 && x < side-4 && y < side-4 && isDark(code.At(x-4, y-4))
			if dark[[2]int{x, y}] != want {
				t.Fatalf("module %d %d is dark: %v, want %v", x, y, !want, want)
			}
		}
	}
}

func TestQROfWhatCannotBeDrawn(t *testing.T) {
	for _, c := range []struct {
		body   string
		status int
	}{
		{"http://localhost/c", http.StatusOK},
		{"", http.StatusBadRequest},
		{strings.Repeat("x", maxQR+1), http.StatusBadRequest},
		{"\xff", http.StatusBadRequest},
	} {
		w := httptest.NewRecorder()
		(&pages{}).classQR(w, httptest.NewRequest("POST", "/class/qr", strings.NewReader(c.body)))
		if w.Code != c.status {
			t.Errorf("%.20q: %d, want %d", c.body, w.Code, c.status)
		}
	}
}

func TestAddressesForAClass(t *testing.T) {
	at := func(ip string) *Listeners { return &Listeners{Plain: &net.TCPAddr{IP: net.ParseIP(ip), Port: 8080}} }
	ask := func(host string) *http.Request { return httptest.NewRequest("GET", "http://"+host+"/en/class", nil) }
	for _, c := range []struct{ listens, came, want string }{
		{"127.0.0.1", "localhost:8080", ""},
		{"192.168.1.23", "localhost:8080", "http://192.168.1.23:8080"},
		{"192.168.1.23", "192.168.1.23:8080", "http://192.168.1.23:8080"},
		{"127.0.0.1", "course.example.com", "http://course.example.com"},
	} {
		if got := strings.Join(at(c.listens).forClass(ask(c.came)), " "); got != c.want {
			t.Errorf("listens at %s, came by %s: %q, want %q", c.listens, c.came, got, c.want)
		}
	}
}

func TestPlainText(t *testing.T) {
	if got := plainText(lessons.HTML(` A &lt;b&gt; in <code>x</code> `)); got != "A <b> in x" {
		t.Errorf("got %q", got)
	}
}
