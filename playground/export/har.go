package export

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// WriteHAR writes the dissection as an HTTP Archive 1.2, which the network panel of
// a browser imports. Beside the archive's own members it has those that Chrome
// adds: _connectionId, _resourceType, _transferSize, _error,
// _webSocketMessages and _eventSourceMessages.
func (d *Dissection) WriteHAR(w io.Writer) error {
	b := newArchiveBuilder(d.snapshot)
	for _, part := range d.parts {
		frames, err := part.decoded()
		if err != nil {
			return err
		}
		for i := range frames {
			b.add(&frames[i])
		}
	}
	comment := "Capture " + d.id + ", recorded at the server: times are those of the server's reads and writes."
	for i := range d.snapshot {
		for _, g := range d.snapshot[i].Gaps {
			comment += fmt.Sprintf(" It was full: of connection %d, %d bytes of the %s made room for newer ones.", d.snapshot[i].Number, g.Length, g.From)
		}
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	return out.Encode(map[string]archiveLog{"log": {
		Version: "1.2",
		Creator: archiveCreator{Name: "Seewire", Version: "1"},
		Pages:   []struct{}{},
		Entries: b.finished(),
		Comment: comment,
	}})
}

// The types of an archive (http://www.softwareishard.com/blog/har-12-spec/).
// Times that are lengths are in milliseconds, sizes in bytes.
type (
	archiveLog struct {
		Version string          `json:"version"`
		Creator archiveCreator  `json:"creator"`
		Pages   []struct{}      `json:"pages"`
		Entries []*archiveEntry `json:"entries"`
		Comment string          `json:"comment"`
	}

	archiveCreator struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}

	archiveEntry struct {
		Started    time.Time       `json:"startedDateTime"`
		Time       float64         `json:"time"`
		Request    archiveRequest  `json:"request"`
		Response   archiveResponse `json:"response"`
		Cache      struct{}        `json:"cache"`
		Timings    archiveTimings  `json:"timings"`
		Server     string          `json:"serverIPAddress,omitempty"`
		Connection string          `json:"connection,omitempty"` // as Chrome has it: the server's port

		ConnectionID string                `json:"_connectionId"`
		ResourceType string                `json:"_resourceType"`
		Messages     []archiveMessage      `json:"_webSocketMessages,omitempty"`
		Events       []archiveEventMessage `json:"_eventSourceMessages,omitempty"`
	}

	archiveRequest struct {
		Method      string           `json:"method"`
		URL         string           `json:"url"`
		Version     string           `json:"httpVersion"`
		Cookies     []archivePair    `json:"cookies"`
		Headers     []archivePair    `json:"headers"`
		Query       []archivePair    `json:"queryString"`
		PostData    *archivePostData `json:"postData,omitempty"`
		HeadersSize int              `json:"headersSize"`
		BodySize    int              `json:"bodySize"`
	}

	archivePostData struct {
		Type string `json:"mimeType"`
		Text string `json:"text"`
	}

	archiveResponse struct {
		Status       int            `json:"status"` // 0 if there was none
		StatusText   string         `json:"statusText"`
		Version      string         `json:"httpVersion"`
		Cookies      []archivePair  `json:"cookies"`
		Headers      []archivePair  `json:"headers"`
		Content      archiveContent `json:"content"`
		RedirectURL  string         `json:"redirectURL"`
		HeadersSize  int            `json:"headersSize"`
		BodySize     int            `json:"bodySize"`
		TransferSize int            `json:"_transferSize"` // with the head and the framing of chunks
		Error        string         `json:"_error,omitempty"`
	}

	archiveContent struct {
		Size        int    `json:"size"`
		Compression int    `json:"compression,omitempty"`
		Type        string `json:"mimeType"`
		Text        string `json:"text,omitempty"`
		Encoding    string `json:"encoding,omitempty"` // "base64" if it is not text
	}

	// Timings that nobody knows at the server are -1.
	archiveTimings struct {
		Blocked float64 `json:"blocked"`
		DNS     float64 `json:"dns"`
		Connect float64 `json:"connect"`
		SSL     float64 `json:"ssl"`
		Send    float64 `json:"send"`
		Wait    float64 `json:"wait"`
		Receive float64 `json:"receive"`
	}

	archivePair struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}

	archiveMessage struct {
		Type   string  `json:"type"` // "send" or "receive", from the client's point of view
		Time   float64 `json:"time"` // seconds since 1970
		Opcode int     `json:"opcode"`
		Data   string  `json:"data"` // text; in Base64 where the opcode is 2
	}

	archiveEventMessage struct {
		Time float64 `json:"time"` // seconds since 1970
		Name string  `json:"eventName"`
		ID   string  `json:"eventId"`
		Data string  `json:"data"`
	}
)
