package site

import (
	"bytes"
	"mime/multipart"
	"net/http/httptest"
	"testing"
)

// A body may be a form that has the bytes and, beside them, the keys of TLS.
func TestParts(t *testing.T) {
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	for _, name := range []string{"bytes", "other", "keys"} {
		part, err := w.CreateFormFile(name, "a")
		if err != nil {
			t.Fatal(err)
		}
		part.Write([]byte("what " + name + " has"))
	}
	w.Close()
	r := httptest.NewRequest("POST", "/dissect", &form)
	r.Header.Set("Content-Type", w.FormDataContentType())
	body, keys, err := parts(r)
	if err != nil || string(body) != "what bytes has" || string(keys) != "what keys has" {
		t.Errorf("%q, %q, %v", body, keys, err)
	}
	r = httptest.NewRequest("POST", "/dissect", bytes.NewReader([]byte("as it is")))
	if body, keys, err := parts(r); err != nil || string(body) != "as it is" || keys != nil {
		t.Errorf("%q, %q, %v", body, keys, err)
	}
}
