package http2

import (
	"encoding/binary"
	"encoding/hex"
	"strconv"

	"seewire/playground/dissect"
	"seewire/playground/http2frame"
)

// control describes a frame that carries neither content nor headers, and does
// what it says.
func (d *reader) control(f *dissect.Frame) []dissect.Field {
	l := frameHeader(d.header)
	p := d.payload.Start
	switch d.head.Type {
	case http2frame.Priority:
		p = priority(&l, p)
	case http2frame.RSTStream:
		if len(p) >= 4 {
			f.AddSay(dissect.Text(say.Error, errorName(binary.BigEndian.Uint32(p))))
		}
		p = l.Number(field.RstStreamError, p, 4)
	case http2frame.Settings:
		p = d.settings(&l, p, f)
	case http2frame.Ping:
		name := field.Ping
		if d.head.Has(http2frame.Ack) {
			name = field.Pong
			f.AddSay(dissect.Phrase{Key: say.Ack})
		}
		d.rest(&l, name, p)
	case http2frame.GoAway:
		p = d.goAway(&l, p, f)
	case http2frame.WindowUpdate:
		if len(p) >= 4 {
			f.AddSay(dissect.Number(say.More, http2frame.Number31(p)))
		}
		d.windowUpdate(p)
		p = reserved(&l, field.WindowUpdateR, field.WindowUpdateWindowSizeIncrement, p)
	default:
		f.AddSay(dissect.SayBytes(d.head.Length))
	}
	d.rest(&l, field.Unknown, p)
	return l.Fields
}

// priority adds a stream's place in a tree of priorities, which RFC 7540 §6.3
// had and RFC 9113 §5.3 gives up.
func priority(l *dissect.FieldList, p []byte) (rest []byte) {
	p = reserved(l, field.Exclusive, field.StreamDependency, p)
	if len(p) == 0 {
		return p
	}
	// 1 to 256 are written as 0 to 255.
	l.Add(field.HeadersWeight, 1, strconv.Itoa(int(p[0])+1))
	return p[1:]
}

func (d *reader) goAway(l *dissect.FieldList, p []byte, f *dissect.Frame) []byte {
	if len(p) >= 8 {
		f.AddSay(dissect.Text(say.Error, errorName(binary.BigEndian.Uint32(p[4:]))), dissect.Number(say.LastStream, http2frame.Number31(p)))
	}
	p = reserved(l, field.GoAwayR, field.GoAwayLastStreamID, p)
	p = l.Number(field.GoAwayError, p, 4)
	if len(p) > 0 {
		value, isHex := dissect.Readable(p)
		l.AddValue(field.GoAwayAddata, d.head.Length-8, value, isHex, d.head.Length-8 > len(p))
	}
	return nil
}

// windowUpdate gives the other side more to send (RFC 9113 §6.9).
func (d *reader) windowUpdate(p []byte) {
	if len(p) != 4 {
		return
	}
	n := int64(binary.BigEndian.Uint32(p) &^ (1 << 31))
	if n == 0 {
		d.violations.Add(rules[windowZero])
	}
	sender := other(d.h.From)
	var left int64
	var known bool
	if d.head.Stream == 0 {
		d.conn.side(sender).flow.credit += n
		left, known = d.conn.connectionWindow(sender)
	} else {
		d.conn.stream(d.head.Stream).sending(sender).flow.credit += n
		left, known = d.conn.window(d.head.Stream, sender)
	}
	if known && left > maxWindow {
		d.violations.Add(rules[windowOverflow])
	}
}

// settings reads what the side says about itself: pairs of an identifier and a
// value (RFC 9113 §6.5.1).
func (d *reader) settings(l *dissect.FieldList, p []byte, f *dissect.Frame) []byte {
	own := d.conn.side(d.h.From)
	if d.head.Has(http2frame.Ack) {
		d.conn.side(other(d.h.From)).acknowledged()
		f.AddSay(dissect.Phrase{Key: say.Ack})
		return p
	}
	limits := own.now
	n := 0
	for ; len(p) >= 6; n++ {
		id, value := binary.BigEndian.Uint16(p), binary.BigEndian.Uint32(p[2:])
		p = l.Number(field.SettingsID, p, 2)
		p = l.Number(settingField(id), p, 4)
		if !limits.apply(id, value) {
			d.violations.Add(rules[settingsValue])
		}
	}
	own.set(limits)
	f.AddSay(dissect.Number(say.Count, n))
	return p
}

// Settings (RFC 9113 §6.5.2).
const (
	settingTableSize       = 0x1
	settingEnablePush      = 0x2
	settingMaxStreams      = 0x3
	settingInitialWindow   = 0x4
	settingMaxFrameSize    = 0x5
	settingMaxHeaderList   = 0x6
	settingExtendedConnect = 0x8 // RFC 8441 §3
)

func settingField(id uint16) string {
	switch id {
	case settingTableSize:
		return field.SettingsHeaderTableSize
	case settingEnablePush:
		return field.SettingsEnablePush
	case settingMaxStreams:
		return field.SettingsMaxConcurrentStreams
	case settingInitialWindow:
		return field.SettingsInitialWindowSize
	case settingMaxFrameSize:
		return field.SettingsMaxFrameSize
	case settingMaxHeaderList:
		return field.SettingsMaxHeaderListSize
	case settingExtendedConnect:
		return field.SettingsExtendedConnect
	}
	return field.SettingsUnknown
}

// apply takes a setting, and tells whether its value is allowed.
func (l *limits) apply(id uint16, value uint32) bool {
	switch id {
	case settingTableSize:
		l.tableSize = int64(value)
	case settingEnablePush:
		l.push = value == 1
		return value <= 1
	case settingInitialWindow:
		l.window = int64(value)
		return value <= maxWindow
	case settingMaxFrameSize:
		l.frameSize = int64(value)
		return 1<<14 <= value && value < 1<<24
	case settingExtendedConnect:
		taken := l.extendedConnect && value == 0 // it can't be taken back (RFC 8441 §3)
		l.extendedConnect = value == 1
		return value <= 1 && !taken
	}
	return true
}

// errorName is the name of an error code (RFC 9113 §7).
func errorName(code uint32) string {
	names := [...]string{
		"NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT",
		"STREAM_CLOSED", "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR",
		"CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
	}
	if code < uint32(len(names)) {
		return names[code]
	}
	return "0x" + hex.EncodeToString(binary.BigEndian.AppendUint32(nil, code))
}
