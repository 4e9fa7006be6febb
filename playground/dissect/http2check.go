package dissect

// check holds a frame's header against RFC 9113.
func (d *http2) check() {
	h := d.head
	if d.first && (h.typ != h2Settings || h.has(h2Ack)) {
		d.violations.add(http2SettingsFirst)
	}
	d.first = false
	if receiver := d.conn.side(other(d.h.from)); receiver.seen && int64(h.length) > receiver.most.frameSize {
		d.violations.add(http2FrameTooLarge)
	}
	if !h.lengthFits() {
		d.violations.add(http2FrameLength)
	}
	switch h.typ {
	case h2Data, h2Headers, h2Priority, h2RSTStream, h2PushPromise, h2Continuation:
		if h.stream == 0 {
			d.violations.add(http2WrongStream)
			return
		}
	case h2Settings, h2Ping, h2GoAway:
		if h.stream != 0 {
			d.violations.add(http2WrongStream)
		}
		return
	}
	if h.stream != 0 {
		d.checkStream()
	}
}

// lengthFits tells whether a frame has the length that its type asks for.
func (h h2Head) lengthFits() bool {
	switch h.typ {
	case h2Priority:
		return h.length == priorityLength
	case h2RSTStream, h2WindowUpdate:
		return h.length == 4
	case h2Settings:
		return h.length%6 == 0 && (h.length == 0 || !h.has(h2Ack))
	case h2Ping:
		return h.length == 8
	case h2GoAway:
		return h.length >= 8
	}
	return h.length > 0 || !h.padded()
}

// checkStream holds a frame against the state of its stream (RFC 9113 §5.1).
func (d *http2) checkStream() {
	id, from := d.head.stream, d.h.from
	switch d.head.typ {
	case h2Data, h2RSTStream, h2WindowUpdate:
		if d.conn.idle(id) {
			d.violations.add(http2IdleStream)
		}
	case h2Headers:
		if from == Client {
			d.checkOpening(id)
		} else if d.conn.idle(id) {
			d.violations.add(http2IdleStream)
		}
	case h2PushPromise:
		receiver := d.conn.side(Client)
		if from == Client || receiver.seen && !receiver.most.push {
			d.violations.add(http2Push)
		}
	}
	if s := d.conn.streams[id]; s != nil && s.sending(from).ended && (d.head.typ == h2Data || d.head.typ == h2Headers) {
		d.violations.add(http2StreamClosed)
	}
}

// checkOpening is for a HEADERS frame of a client: its streams have odd
// numbers that only grow (RFC 9113 §5.1.1).
func (d *http2) checkOpening(id uint32) {
	switch highest := d.conn.highest[Client]; {
	case id > highest && id%2 == 1:
		d.conn.highest[Client] = id
	case d.conn.streams[id] == nil:
		d.violations.add(http2StreamID)
	}
}
