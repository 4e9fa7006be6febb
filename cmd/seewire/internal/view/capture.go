package view

// A CaptureModel is a capture's page.
type CaptureModel struct {
	ID          string
	Started     string // when its first byte came
	Connections []CaptureConnection
	Frames      []RecordedFrame
	More        int      // frames that are not on the page
	Notes       []string // what was left out
}

// A CaptureConnection is what the page says of a connection as a whole.
type CaptureConnection struct {
	Number         int
	Peer           string
	Hop            string // the part of the way behind a proxy; "" for the one to the client
	Client, Server int    // bytes that each has sent
	Missing        int64  // bytes that made room for newer ones
	Dropped        int64  // bytes that there was no room for
	Ends           []CaptureEnd
}

func (c CaptureConnection) text(p Page) string {
	opened := p.Text("viewer.opened", "number", c.Number, "peer", c.Peer)
	if c.Hop == "" {
		return opened
	}
	return p.Text("viewer.hop."+c.Hop) + " · " + opened
}

// A CaptureEnd is how a side has stopped: "fin", "reset", "timeout".
type CaptureEnd struct {
	From, How string
}

func (e CaptureEnd) text(p Page) string {
	key := "viewer.end." + e.How
	if _, ok := p.Words[key]; !ok {
		key = "viewer.end.other"
	}
	return p.Text(key, "who", p.Text("viewer.from."+e.From), "how", e.How)
}
