package export

import (
	"encoding/binary"
	"math"
	"time"

	"seewire/playground/tlsrecord"
)

// Blocks of a pcapng file, and the options that say what its times mean
// (draft-ietf-opsawg-pcapng).
const (
	sectionBlock         = 0x0a0d0d0a // reads the same in both byte orders
	interfaceBlock       = 1
	oldPacketBlock       = 2
	simplePacketBlock    = 3
	enhancedPacketBlock  = 6
	secretsBlock         = 10
	tlsKeyLog            = 0x544c534b // what a secrets block has: SSLKEYLOGFILE
	byteOrderMagic       = 0x1a2b3c4d
	timeResolutionOption = 9
	timeOffsetOption     = 14
)

func isPcapng(p []byte) bool {
	return len(p) >= 12 && binary.BigEndian.Uint32(p) == sectionBlock && sectionOrder(p) != nil
}

// sectionOrder is the byte order that a section's first block declares.
func sectionOrder(p []byte) binary.ByteOrder {
	switch uint32(byteOrderMagic) {
	case binary.LittleEndian.Uint32(p[8:]):
		return binary.LittleEndian
	case binary.BigEndian.Uint32(p[8:]):
		return binary.BigEndian
	}
	return nil
}

// A pcapng is a file that is read block by block.
type pcapng struct {
	rest       []byte
	order      binary.ByteOrder
	interfaces []networkInterface // of the section
	keys       tlsrecord.Keys     // of the secrets blocks
}

// A networkInterface is what a packet was recorded on.
type networkInterface struct {
	link   uint16
	snap   uint32        // bytes kept of a packet; 0: all
	unit   float64       // of the times, in nanoseconds
	offset time.Duration // to add to the times
}

// read calls yield for each packet, until that returns false, and returns
// whether it could read all of the file up to there.
func (f *pcapng) read(yield func(packet) bool) bool {
	for len(f.rest) > 0 {
		kind, body, ok := f.block()
		if !ok {
			return false
		}
		var one packet
		switch kind {
		case secretsBlock:
			if len(body) >= 8 && f.order.Uint32(body) == tlsKeyLog {
				f.keys.Add(body[8:][:min(uint64(len(body)-8), uint64(f.order.Uint32(body[4:])))])
			}
			continue
		case interfaceBlock:
			if !f.addInterface(body) {
				return false
			}
			continue
		case enhancedPacketBlock, oldPacketBlock:
			one, ok = f.packet(body, kind == oldPacketBlock)
		case simplePacketBlock:
			one, ok = f.simplePacket(body)
		default:
			continue // names, statistics, comments
		}
		if !ok {
			return false
		}
		if !yield(one) {
			break
		}
	}
	return true
}

// block takes the next block: its type, its length, the body, the length again.
func (f *pcapng) block() (kind uint32, body []byte, ok bool) {
	if len(f.rest) < 12 {
		return 0, nil, false
	}
	if isPcapng(f.rest) {
		f.order = sectionOrder(f.rest)
		f.interfaces = nil
	}
	length := f.order.Uint32(f.rest[4:])
	if length < 12 || length%4 != 0 || uint64(length) > uint64(len(f.rest)) {
		return 0, nil, false
	}
	kind = f.order.Uint32(f.rest)
	body = f.rest[8 : length-4]
	f.rest = f.rest[length:]
	return kind, body, true
}

func (f *pcapng) addInterface(body []byte) bool {
	if len(body) < 8 {
		return false
	}
	i := networkInterface{link: f.order.Uint16(body), snap: f.order.Uint32(body[4:]), unit: 1000}
	for options := body[8:]; len(options) >= 4; {
		code, length := f.order.Uint16(options), int(f.order.Uint16(options[2:]))
		padded := (length + 3) &^ 3
		if code == 0 || len(options) < 4+padded {
			break
		}
		value := options[4:][:length]
		switch {
		case code == timeResolutionOption && length == 1 && value[0]&0x80 != 0:
			i.unit = 1e9 * math.Pow(2, -float64(value[0]&0x7f))
		case code == timeResolutionOption && length == 1:
			i.unit = math.Pow(10, 9-float64(value[0]))
		case code == timeOffsetOption && length == 8:
			i.offset = time.Duration(f.order.Uint64(value)) * time.Second
		}
		options = options[4+padded:]
	}
	f.interfaces = append(f.interfaces, i)
	return true
}

// packet reads an enhanced packet block, or its forerunner, in which the number
// of the interface has two bytes.
func (f *pcapng) packet(body []byte, old bool) (packet, bool) {
	const header = 20
	if len(body) < header {
		return packet{}, false
	}
	number, kept := f.order.Uint32(body), f.order.Uint32(body[12:])
	if old {
		number = uint32(f.order.Uint16(body))
	}
	if uint64(number) >= uint64(len(f.interfaces)) || uint64(kept) > uint64(len(body)-header) {
		return packet{}, false
	}
	from := f.interfaces[number]
	return packet{
		at:   from.time(uint64(f.order.Uint32(body[4:]))<<32 | uint64(f.order.Uint32(body[8:]))),
		link: from.link,
		data: body[header:][:kept],
		cut:  kept < f.order.Uint32(body[16:]),
	}, true
}

// simplePacket reads a block that has neither time nor interface.
func (f *pcapng) simplePacket(body []byte) (packet, bool) {
	if len(body) < 4 || len(f.interfaces) == 0 {
		return packet{}, false
	}
	length := f.order.Uint32(body)
	kept := min(length, uint32(len(body)-4))
	if snap := f.interfaces[0].snap; snap > 0 {
		kept = min(kept, snap)
	}
	return packet{link: f.interfaces[0].link, data: body[4:][:kept], cut: kept < length}, true
}

// time is that of so many units since 1970.
func (i networkInterface) time(ticks uint64) time.Time {
	nanoseconds := int64(ticks)
	switch i.unit {
	case 1:
	case 1000:
		nanoseconds *= 1000
	default:
		nanoseconds = int64(float64(ticks) * i.unit)
	}
	return time.Unix(0, nanoseconds).Add(i.offset).UTC()
}
