package export

import (
	"encoding/binary"
	"time"
)

// The magic numbers of pcap, pcapng's forerunner (draft-ietf-opsawg-pcap): with
// times in microseconds, or in nanoseconds.
const (
	pcapMicroseconds = 0xa1b2c3d4
	pcapNanoseconds  = 0xa1b23c4d
)

func isPcap(p []byte) bool {
	order, _ := pcapOrder(p)
	return order != nil
}

// pcapOrder is the byte order of a file, and the unit of the times in it; nil
// if it is no such file.
func pcapOrder(p []byte) (binary.ByteOrder, time.Duration) {
	if len(p) < 24 {
		return nil, 0
	}
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		switch order.Uint32(p) {
		case pcapMicroseconds:
			return order, time.Microsecond
		case pcapNanoseconds:
			return order, time.Nanosecond
		}
	}
	return nil, 0
}

// readPcap calls yield for each packet, until that returns false, and returns
// whether it could read all of the file up to there.
func readPcap(p []byte, yield func(packet) bool) bool {
	order, unit := pcapOrder(p)
	link := uint16(order.Uint32(p[20:])) // what is above it says how a checksum at the end is long
	for p = p[24:]; len(p) > 0; {
		if len(p) < 16 || uint64(order.Uint32(p[8:])) > uint64(len(p)-16) {
			return false
		}
		kept := order.Uint32(p[8:])
		one := packet{
			at:   time.Unix(int64(order.Uint32(p)), int64(order.Uint32(p[4:]))*int64(unit)).UTC(),
			link: link,
			data: p[16:][:kept],
			cut:  kept < order.Uint32(p[12:]),
		}
		if !yield(one) {
			break
		}
		p = p[16+kept:]
	}
	return true
}
