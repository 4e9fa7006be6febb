package export

import (
	"bufio"
	"encoding/binary"
	"io"
	"time"

	"seewire/playground/wire"
)

// Block types and options of pcapng (draft-ietf-opsawg-pcapng §4, §3.5).
const (
	blockSection    = 0x0A0D0D0A
	blockInterface  = 1
	blockPacket     = 6
	pcapngMagic     = 0x1A2B3C4D
	linkTypeRaw     = 101 // packets start with their IP header
	optionComment   = 1
	optionProgram   = 4 // shb_userappl
	optionName      = 2 // if_name
	optionTimeUnits = 9 // if_tsresol
	nanoseconds     = 9 // 10 to the power of -9 seconds
)

const syntheticNote = "The bytes of HTTP and WebSocket, and their times, are as they were recorded. " +
	"TCP and IP are made up around them: handshake, sequence numbers, acknowledgements and the size of packets. " +
	"One packet is what the server has written or read at once; of an encrypted connection it is what was inside. " +
	"Where HTTP/2 is spoken, port 8080 stands for the server's."

// WritePCAPNG writes a capture for Wireshark: pcapng, with packets of IP that
// have the recorded bytes in TCP. The addresses are the real ones, but for the
// server's port where it speaks HTTP/2.
func WritePCAPNG(w io.Writer, c *wire.Capture) error {
	return WriteConnections(w, c.ID(), c.Snapshot())
}

// WriteConnections is WritePCAPNG of connections of any captures.
func WriteConnections(w io.Writer, id string, snapshot []wire.Connection) error {
	out := &pcapngWriter{w: bufio.NewWriter(w)}
	out.header(id)

	connections := make([]*syntheticTCP, len(snapshot))
	r := &reader{}
	r.connect(snapshot)
	live := r.live(snapshot)
	for {
		i, h := r.earliest(snapshot, live)
		if h == nil {
			return out.flush()
		}
		if connections[i] == nil {
			connections[i] = newSyntheticTCP(&snapshot[i], out)
		}
		s, missing, end := h.take(&snapshot[i])
		if s != nil {
			connections[i].skip(s.From, s.At, missing)
			connections[i].send(s.From, s.At, bytesOf(&snapshot[i], s))
		} else {
			connections[i].end(*end)
		}
	}
}

// A pcapngWriter writes the blocks of a file, little-endian. After an error it
// writes nothing more.
type pcapngWriter struct {
	w     *bufio.Writer
	block []byte
	err   error
}

// header writes what the file is, and the one interface that all packets seem
// to come from.
func (w *pcapngWriter) header(id string) {
	w.begin(blockSection)
	w.block = binary.LittleEndian.AppendUint32(w.block, pcapngMagic)
	w.block = binary.LittleEndian.AppendUint32(w.block, 1)          // version 1.0
	w.block = binary.LittleEndian.AppendUint64(w.block, ^uint64(0)) // the section's length is not given
	w.option(optionComment, []byte("Seewire's capture "+id+". "+syntheticNote))
	w.option(optionProgram, []byte("Seewire"))
	w.end()

	w.begin(blockInterface)
	w.block = binary.LittleEndian.AppendUint32(w.block, linkTypeRaw)
	w.block = binary.LittleEndian.AppendUint32(w.block, 0) // packets are whole
	w.option(optionName, []byte("seewire"))
	w.option(optionTimeUnits, []byte{nanoseconds})
	w.end()
}

// packet writes an IP packet.
func (w *pcapngWriter) packet(at time.Time, p []byte) {
	w.begin(blockPacket)
	ns := uint64(at.UnixNano())
	w.block = binary.LittleEndian.AppendUint32(w.block, 0) // the interface
	w.block = binary.LittleEndian.AppendUint32(w.block, uint32(ns>>32))
	w.block = binary.LittleEndian.AppendUint32(w.block, uint32(ns))
	w.block = binary.LittleEndian.AppendUint32(w.block, uint32(len(p))) // here
	w.block = binary.LittleEndian.AppendUint32(w.block, uint32(len(p))) // on the wire
	w.bytes(p)
	w.end()
}

// begin starts a block. Its length is known at its end.
func (w *pcapngWriter) begin(blockType uint32) {
	w.block = binary.LittleEndian.AppendUint32(w.block[:0], blockType)
	w.block = binary.LittleEndian.AppendUint32(w.block, 0)
}

// option adds an option. Those of a block come last.
func (w *pcapngWriter) option(code uint16, value []byte) {
	w.block = binary.LittleEndian.AppendUint16(w.block, code)
	w.block = binary.LittleEndian.AppendUint16(w.block, uint16(len(value)))
	w.bytes(value)
}

// bytes adds bytes, up to a multiple of four.
func (w *pcapngWriter) bytes(p []byte) {
	w.block = append(w.block, p...)
	w.block = append(w.block, make([]byte, -len(p)&3)...)
}

// end writes the block, with its length at both ends. Options need no end of
// their own: the block's length tells.
func (w *pcapngWriter) end() {
	length := uint32(len(w.block) + 4)
	w.block = binary.LittleEndian.AppendUint32(w.block, length)
	binary.LittleEndian.PutUint32(w.block[4:], length)
	if w.err == nil {
		_, w.err = w.w.Write(w.block)
	}
}

func (w *pcapngWriter) flush() error {
	if w.err != nil {
		return w.err
	}
	return w.w.Flush()
}
