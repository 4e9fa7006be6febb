package http2

import (
	"seewire/playground/dissect"
	"seewire/playground/http2frame"
)

// check holds a frame's header against RFC 9113.
func (d *reader) check() {
	h := d.head
	if d.first && (h.Type != http2frame.Settings || h.Has(http2frame.Ack)) {
		d.violations.Add(rules[settingsFirst])
	}
	d.first = false
	if receiver := d.conn.side(other(d.h.From)); receiver.seen && int64(h.Length) > receiver.most.frameSize {
		d.violations.Add(rules[frameTooLarge])
	}
	if !lengthFits(h) {
		d.violations.Add(rules[frameLength])
	}
	switch h.Type {
	case http2frame.Data, http2frame.Headers, http2frame.Priority, http2frame.RSTStream, http2frame.PushPromise, http2frame.Continuation:
		if h.Stream == 0 {
			d.violations.Add(rules[wrongStream])
			return
		}
	case http2frame.Settings, http2frame.Ping, http2frame.GoAway:
		if h.Stream != 0 {
			d.violations.Add(rules[wrongStream])
		}
		return
	}
	if h.Stream != 0 {
		d.checkStream()
	}
}

// lengthFits tells whether a frame has the length that its type asks for.
func lengthFits(h http2frame.Head) bool {
	switch h.Type {
	case http2frame.Priority:
		return h.Length == http2frame.PriorityLength
	case http2frame.RSTStream, http2frame.WindowUpdate:
		return h.Length == 4
	case http2frame.Settings:
		return h.Length%6 == 0 && (h.Length == 0 || !h.Has(http2frame.Ack))
	case http2frame.Ping:
		return h.Length == 8
	case http2frame.GoAway:
		return h.Length >= 8
	}
	return h.Length > 0 || !h.Padded()
}

// checkStream holds a frame against the state of its stream (RFC 9113 §5.1).
func (d *reader) checkStream() {
	id, from := d.head.Stream, d.h.From
	switch d.head.Type {
	case http2frame.Data, http2frame.RSTStream, http2frame.WindowUpdate:
		if d.conn.idle(id) {
			d.violations.Add(rules[idleStream])
		}
	case http2frame.Headers:
		if from == dissect.Client {
			d.checkOpening(id)
		} else if d.conn.idle(id) {
			d.violations.Add(rules[idleStream])
		}
	case http2frame.PushPromise:
		receiver := d.conn.side(dissect.Client)
		if from == dissect.Client || receiver.seen && !receiver.most.push {
			d.violations.Add(rules[pushNotAllowed])
		}
	}
	if s := d.conn.streams[id]; s != nil && s.sending(from).ended && (d.head.Type == http2frame.Data || d.head.Type == http2frame.Headers) {
		d.violations.Add(rules[streamClosed])
	}
}

// checkOpening is for a HEADERS frame of a client: its streams have odd
// numbers that only grow (RFC 9113 §5.1.1).
func (d *reader) checkOpening(id uint32) {
	switch highest := d.conn.highest[dissect.Client]; {
	case id > highest && id%2 == 1:
		d.conn.highest[dissect.Client] = id
	case d.conn.streams[id] == nil:
		d.violations.Add(rules[streamID])
	}
}
