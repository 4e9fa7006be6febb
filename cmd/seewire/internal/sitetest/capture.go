package sitetest

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// A captureJSON is what other programs are promised to find in a capture. It is
// written out here, and not taken from the program, so that a change to the
// promise is seen.
type Capture struct {
	ID          string `json:"id"`
	Connections []struct {
		Number   int    `json:"number"`
		Peer     string `json:"peer"`
		Hop      string `json:"hop"`
		Protocol string `json:"protocol"`
		Client   []byte `json:"client"`
		Server   []byte `json:"server"`
		Segments []struct {
			From   string    `json:"from"`
			At     time.Time `json:"at"`
			Offset int       `json:"offset"`
			Length int       `json:"length"`
		} `json:"segments"`
	} `json:"connections"`
	Frames []frameJSON `json:"frames"`
	Events []struct {
		Type        string `json:"type"`
		Data        string `json:"data"`
		LastEventID string `json:"lastEventId"`
	} `json:"events"`
	LastEventID      string `json:"lastEventId"`
	ReconnectionTime *int   `json:"reconnectionTime"`
	Log              []struct {
		At   time.Time `json:"at"`
		Path string    `json:"path"`
		Text string    `json:"text"`
	} `json:"log"`
}

type frameJSON struct {
	Connection int    `json:"connection"`
	From       string `json:"from"`
	Offset     int    `json:"offset"`
	Length     int    `json:"length"`
	Protocol   string `json:"protocol"`
	Kind       string `json:"kind"`
	Summary    string `json:"summary"`
	Fields     []struct {
		Name   string `json:"name"`
		Offset int    `json:"offset"`
		Length int    `json:"length"`
		Mask   string `json:"mask"`
		Value  string `json:"value"`
	} `json:"fields"`
	Violations []struct {
		Code    string `json:"code"`
		Section string `json:"section"`
		Message string `json:"message"`
	} `json:"violations"`
}

// Value is the value of the first field of that name, or "".
func (f frameJSON) Value(name string) string {
	for _, field := range f.Fields {
		if field.Name == name {
			return field.Value
		}
	}
	return ""
}

func GetCapture(t *testing.T, s *Program, id string) Capture {
	t.Helper()
	resp, err := http.Get(s.Base + "/captures/" + id + ".json")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("capture %s: %s", id, resp.Status)
	}
	var c Capture
	if err := json.NewDecoder(resp.Body).Decode(&c); err != nil {
		t.Fatal(err)
	}
	return c
}

// CheckTiling holds a capture to its promise: every bit of every byte belongs
// to exactly one field.
func CheckTiling(t *testing.T, c Capture) {
	t.Helper()
	covered := map[string][]byte{}
	for _, conn := range c.Connections {
		covered[fmt.Sprint(conn.Number, "client")] = make([]byte, len(conn.Client))
		covered[fmt.Sprint(conn.Number, "server")] = make([]byte, len(conn.Server))
	}
	for _, frame := range c.Frames {
		bits := covered[fmt.Sprint(frame.Connection, frame.From)]
		for _, field := range frame.Fields {
			mask := bytes.Repeat([]byte{0xff}, field.Length)
			if field.Mask != "" {
				var err error
				if mask, err = hex.DecodeString(field.Mask); err != nil || len(mask) != field.Length {
					t.Fatalf("%s has the mask %q for %d bytes", field.Name, field.Mask, field.Length)
				}
			}
			for i, m := range mask {
				at := frame.Offset + field.Offset + i
				if at >= len(bits) {
					t.Fatalf("%s reaches to byte %d of %d", field.Name, at, len(bits))
				}
				if bits[at]&m != 0 {
					t.Fatalf("connection %d, %s: byte %d is in %s and in another field", frame.Connection, frame.From, at, field.Name)
				}
				bits[at] |= m
			}
		}
	}
	for key, bits := range covered {
		for at, b := range bits {
			if b != 0xff {
				t.Fatalf("connection %s: byte %d of %d is explained by no field (bits %08b)", key, at, len(bits), b)
			}
		}
	}
}

// WebSocket lists the WebSocket frames of a capture as "client text 125".
func (c Capture) WebSocket() []string {
	var all []string
	for _, f := range c.Frames {
		if f.Protocol == "websocket" {
			all = append(all, fmt.Sprint(f.From, " ", f.Kind, " ", f.Length))
		}
	}
	return all
}

// Requests are the heads of the requests in a capture, to one side.
func (c Capture) Requests(side string) []frameJSON {
	var heads []frameJSON
	for _, f := range c.Frames {
		if strings.HasSuffix(strings.SplitN(f.Value("http.request.uri"), "?", 2)[0], "/"+side) && f.Value("http.request.method") == http.MethodGet {
			heads = append(heads, f)
		}
	}
	return heads
}

// Topics are what the requests of a side ask for, in the order in which they
// came to the server.
func (c Capture) Topics(side string) (all []string) {
	for _, f := range c.Requests(side) {
		_, topics, _ := strings.Cut(f.Value("http.request.uri"), "topics=")
		all = append(all, topics)
	}
	return all
}

// Heads are the requests of a run that ask for one address, by method.
func (c Capture) Heads(method, to string) (heads []frameJSON) {
	for _, f := range c.Frames {
		uri, _, _ := strings.Cut(f.Value("http.request.uri"), "?")
		if f.Value("http.request.method") == method && strings.HasSuffix(uri, "/"+to) {
			heads = append(heads, f)
		}
	}
	return heads
}

// Payload is what a WebSocket frame carries, without its mask.
func (f frameJSON) Payload(c Capture) string {
	bytes := c.Connections[f.Connection-1].Server
	if f.From == "client" {
		bytes = c.Connections[f.Connection-1].Client
	}
	var key, payload []byte
	for _, field := range f.Fields {
		at := bytes[f.Offset+field.Offset:][:field.Length]
		switch field.Name {
		case "websocket.masking_key":
			key = at
		case "websocket.payload":
			payload = slices.Clone(at)
		}
	}
	for i := range payload {
		if key != nil {
			payload[i] ^= key[i%4]
		}
	}
	return string(payload)
}

// Unexplained lists the headers of HTTP/1.1 that have no field of their own.
func (c Capture) Unexplained() []string {
	var names []string
	for _, f := range c.Frames {
		name := ""
		for _, field := range f.Fields {
			switch field.Name {
			case "http.header.name":
				name = field.Value
			case "http.unknown_header":
				names = append(names, name)
			}
		}
	}
	return names
}

// MaskedHello is from RFC 6455 §5.7.
const MaskedHello = "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"
