package dissect

import (
	"encoding/binary"
	"encoding/hex"
	"strconv"

	"seewire/playground/http2frame"
)

// control describes a frame that carries neither content nor headers, and does
// what it says.
func (d *http2) control(f *Frame) []Field {
	l := h2HeaderFields(d.header)
	p := d.payload.start
	switch d.head.Type {
	case http2frame.Priority:
		p = l.priority(p)
	case http2frame.RSTStream:
		if len(p) >= 4 {
			f.say(phrase(say.HTTP2Error, h2ErrorName(binary.BigEndian.Uint32(p))))
		}
		p = l.number(http2Fields.RstStreamError, p, 4)
	case http2frame.Settings:
		p = d.settings(&l, p, f)
	case http2frame.Ping:
		name := http2Fields.Ping
		if d.head.Has(http2frame.Ack) {
			name = http2Fields.Pong
			f.say(Phrase{Key: say.HTTP2Ack})
		}
		d.rest(&l, name, p)
	case http2frame.GoAway:
		p = d.goAway(&l, p, f)
	case http2frame.WindowUpdate:
		if len(p) >= 4 {
			f.say(number(say.HTTP2More, http2frame.Number31(p)))
		}
		d.windowUpdate(p)
		p = l.reserved(http2Fields.WindowUpdateR, http2Fields.WindowUpdateWindowSizeIncrement, p)
	default:
		f.say(number(say.Bytes, d.head.Length))
	}
	d.rest(&l, http2Fields.Unknown, p)
	return l.fields
}

// priority adds a stream's place in a tree of priorities, which RFC 7540 §6.3
// had and RFC 9113 §5.3 gives up.
func (l *fieldList) priority(p []byte) (rest []byte) {
	p = l.reserved(http2Fields.Exclusive, http2Fields.StreamDependency, p)
	if len(p) == 0 {
		return p
	}
	// 1 to 256 are written as 0 to 255.
	l.add(http2Fields.HeadersWeight, 1, strconv.Itoa(int(p[0])+1))
	return p[1:]
}

func (d *http2) goAway(l *fieldList, p []byte, f *Frame) []byte {
	if len(p) >= 8 {
		f.say(phrase(say.HTTP2Error, h2ErrorName(binary.BigEndian.Uint32(p[4:]))), number(say.HTTP2LastStream, http2frame.Number31(p)))
	}
	p = l.reserved(http2Fields.GoAwayR, http2Fields.GoAwayLastStreamID, p)
	p = l.number(http2Fields.GoAwayError, p, 4)
	if len(p) > 0 {
		value, isHex := readable(p)
		l.addValue(http2Fields.GoAwayAddata, d.head.Length-8, value, isHex, d.head.Length-8 > len(p))
	}
	return nil
}

// windowUpdate gives the other side more to send (RFC 9113 §6.9).
func (d *http2) windowUpdate(p []byte) {
	if len(p) != 4 {
		return
	}
	n := int64(binary.BigEndian.Uint32(p) &^ (1 << 31))
	if n == 0 {
		d.violations.add(http2WindowZero)
	}
	sender := other(d.h.from)
	var left int64
	if d.head.Stream == 0 {
		d.conn.side(sender).flow.credit += n
		left, _ = d.conn.connectionWindow(sender)
	} else {
		d.conn.stream(d.head.Stream).sending(sender).flow.credit += n
		left, _ = d.conn.window(d.head.Stream, sender)
	}
	if left > maxWindow {
		d.violations.add(http2WindowOverflow)
	}
}

// settings reads what the side says about itself: pairs of an identifier and a
// value (RFC 9113 §6.5.1).
func (d *http2) settings(l *fieldList, p []byte, f *Frame) []byte {
	own := d.conn.side(d.h.from)
	if d.head.Has(http2frame.Ack) {
		d.conn.side(other(d.h.from)).acknowledged()
		f.say(Phrase{Key: say.HTTP2Ack})
		return p
	}
	limits := own.now
	n := 0
	for ; len(p) >= 6; n++ {
		id, value := binary.BigEndian.Uint16(p), binary.BigEndian.Uint32(p[2:])
		p = l.number(http2Fields.SettingsID, p, 2)
		p = l.number(settingField(id), p, 4)
		if !limits.apply(id, value) {
			d.violations.add(http2SettingsValue)
		}
	}
	own.set(limits)
	f.say(number(say.HTTP2Count, n))
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
		return http2Fields.SettingsHeaderTableSize
	case settingEnablePush:
		return http2Fields.SettingsEnablePush
	case settingMaxStreams:
		return http2Fields.SettingsMaxConcurrentStreams
	case settingInitialWindow:
		return http2Fields.SettingsInitialWindowSize
	case settingMaxFrameSize:
		return http2Fields.SettingsMaxFrameSize
	case settingMaxHeaderList:
		return http2Fields.SettingsMaxHeaderListSize
	case settingExtendedConnect:
		return http2Fields.SettingsExtendedConnect
	}
	return http2Fields.SettingsUnknown
}

// apply takes a setting, and tells whether its value is allowed.
func (l *http2Limits) apply(id uint16, value uint32) bool {
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
		return value <= 1
	}
	return true
}

// h2ErrorName is the name of an error code (RFC 9113 §7).
func h2ErrorName(code uint32) string {
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
