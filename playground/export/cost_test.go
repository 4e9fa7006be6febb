package export

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/http2/hpack"

	"seewire/playground/dissect"
	"seewire/playground/wire"
)

// mostBytes is how many bytes the inputs have: with SEEWIRE_FULL as many as the site
// dissects at once, else an eighth, in which most of what costs more than it should
// already does.
var mostBytes = 1 << 20

func init() {
	if os.Getenv("SEEWIRE_FULL") != "" {
		mostBytes = 8 << 20
	}
}

// An expensive input is what an attacker would send, as large as is allowed.
type expensive struct {
	source Source
	make   func() []byte
}

// fill repeats a text up to the largest input.
func fill(before, repeated string) []byte {
	return []byte(before + strings.Repeat(repeated, (mostBytes-len(before))/len(repeated)))
}

func deflated(p []byte, gzipped bool) []byte {
	var b bytes.Buffer
	var w io.WriteCloser
	if gzipped {
		w, _ = gzip.NewWriterLevel(&b, gzip.BestCompression)
	} else {
		w, _ = flate.NewWriter(&b, flate.BestCompression)
	}
	w.Write(p)
	w.Close()
	return b.Bytes()
}

const eventStreamHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"

// inChunks has a body in chunks of so many bytes.
func inChunks(body []byte, size int) string {
	var b strings.Builder
	for part := range slices.Chunk(body, size) {
		fmt.Fprintf(&b, "%x\r\n%s\r\n", len(part), part)
	}
	return b.String() + "0\r\n\r\n"
}

// captured is a capture of connections on each of which a server sends some bytes.
func captured(connections int, server []byte) []byte {
	d := newDocument("cost")
	for range connections {
		c := newConnection(&wire.Connection{Number: len(d.Connections) + 1})
		c.Server = server
		c.Segments = append(c.Segments, Segment{From: wire.Server, Length: len(server)})
		d.Connections = append(d.Connections, *c)
	}
	p, err := json.Marshal(d)
	if err != nil {
		panic(err)
	}
	return p
}

// manyPackets is a pcap of packets with one byte, over 256 connections in turn.
func manyPackets() []byte {
	b := binary.LittleEndian.AppendUint32(nil, pcapMicroseconds)
	b = append(b, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, linkRaw, 0, 0, 0)
	for i := 0; len(b) < mostBytes-100; i++ {
		packet := make([]byte, 41)
		packet[0], packet[3], packet[9] = 0x45, 41, ipTCP
		packet[12], packet[16] = 10, 11
		binary.BigEndian.PutUint16(packet[20:], 80)
		binary.BigEndian.PutUint16(packet[22:], uint16(2000+i%256))
		binary.BigEndian.PutUint32(packet[24:], uint32(i/256))
		packet[32], packet[40] = 0x50, '\n'
		b = binary.LittleEndian.AppendUint32(b, 1)
		b = binary.LittleEndian.AppendUint32(b, 0)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(packet)))
		b = binary.LittleEndian.AppendUint32(b, uint32(len(packet)))
		b = append(b, packet...)
	}
	return b
}

func h2frame(kind, flags byte, stream uint32, payload []byte) []byte {
	b := []byte{byte(len(payload) >> 16), byte(len(payload) >> 8), byte(len(payload)), kind, flags}
	return append(binary.BigEndian.AppendUint32(b, stream), payload...)
}

// references are header blocks that refer again and again to one large header.
func references(table uint32, length int) []byte {
	var block bytes.Buffer
	e := hpack.NewEncoder(&block)
	e.SetMaxDynamicTableSizeLimit(table)
	e.SetMaxDynamicTableSize(table)
	e.WriteField(hpack.HeaderField{Name: "x", Value: strings.Repeat("v", min(int(table)-100, 60_000, length/2))})
	b := h2frame(1, 4, 1, block.Bytes())
	for i := uint32(3); len(b) < length; i += 2 {
		b = append(b, h2frame(1, 4, i, bytes.Repeat([]byte{0x80 | 62}, min(16000, length/2)))...)
	}
	return b[:length]
}

func webSocketBombs() []byte {
	bomb := deflated(make([]byte, 15<<20), false)
	frame := append([]byte{0xC2, 126, byte(len(bomb) >> 8), byte(len(bomb))}, bomb...)
	return bytes.Repeat(frame, mostBytes/len(frame))
}

func har(entry string) []byte { return harOf(entry, (mostBytes-100)/(len(entry)+1)) }

func harOf(entry string, n int) []byte {
	return []byte(`{"log":{"entries":[` + strings.Repeat(entry+",", n-1) + entry + `]}}`)
}

func harStream(body []byte) string {
	return `{"response":{"content":{"mimeType":"text/event-stream","encoding":"base64","text":"` + base64.StdEncoding.EncodeToString(body) + `"}}}`
}

func expensiveInputs() map[string]expensive {
	lines := bytes.Repeat([]byte("\n"), 15<<20)
	sized := func(body []byte) string {
		return fmt.Sprintf("%sContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", eventStreamHead, len(body), body)
	}
	one := func(protocol string, from dissect.Side, p func() []byte) expensive {
		return expensive{Source{Protocol: protocol, From: from, Extensions: "permessage-deflate"}, p}
	}
	file := func(p func() []byte) expensive { return expensive{Source{Protocol: Guess, From: Guess}, p} }
	return map[string]expensive{
		"sse, blank lines": one("sse", "server", func() []byte { return fill("", "\n") }),
		"sse, data lines":  one("sse", "server", func() []byte { return fill("", "data\n") }),
		"sse, one event of numbers": one("sse", "server", func() []byte {
			return append(fill("data: {\"a\":[1", ",1")[:mostBytes-99], "1]}\n\n"...)
		}),
		"websocket, empty frames":  one("websocket", "server", func() []byte { return fill("", "\x81\x00") }),
		"websocket, bombs":         one("websocket", "server", webSocketBombs),
		"http1, requests":          one("http1", "client", func() []byte { return fill("", "G / HTTP/1.1\r\n\r\n") }),
		"http1, header lines":      one("http1", "client", func() []byte { return fill("", "G / HTTP/1.1\n"+strings.Repeat("a:\n", 20000)+"\n") }),
		"http1, upgrades":          one("http1", "client", func() []byte { return fill("", "G / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n") }),
		"http1, chunks":            one("http1", "server", func() []byte { return fill(eventStreamHead+"Transfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n") }),
		"http1, gzip header":       one("http1", "server", func() []byte { return gzipHeaderInChunks() }),
		"http1, gzip flushes":      one("http1", "server", func() []byte { return gzipFlushes() }),
		"http1, bombs of lines":    one("http1", "server", func() []byte { bomb := sized(deflated(lines, true)); return fill("", bomb) }),
		"http1, windows of Brotli": one("http1", "server", func() []byte { return fill("", codedBody("br", "\x0f\x00\x00\xff\xff\xff")) }),
		"http1, windows of zstd":   one("http1", "server", func() []byte { return fill("", codedBody("zstd", "\x28\xb5\x2f\xfd\x00\x68\x02\x00\x00\x61")) }),
		"http1, frames of zstd": one("http1", "server", func() []byte {
			return fill("HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\n\r\n", "\x28\xb5\x2f\xfd\x00\x68\x01\x00\x00")
		}),
		"http1, lines that are none": one("http1", "server", func() []byte { return fill("", "a\n") }),
		"ndjson, lines":              one("ndjson", "server", func() []byte { return fill("", "{}\n") }),
		"ndjson, inflated":           one("http1", "server", func() []byte { return inflatedLines() }),
		"json, elements":             one("json", "server", func() []byte { return fill("[", "1,") }),
		"json, one string":           one("json", "server", func() []byte { return fill("[\"", "a") }),
		"json, brackets":             file(func() []byte { return fill("[{\"a\":", "[") }),
		"http1, coded texts":         one("http1", "server", func() []byte { return fill("", codedBody("br", "text")) }),
		"http1, PROXY lines":         one("http1", "client", func() []byte { return fill("", "PROXY UNKNOWN\r\n") }),
		"websocket, text in pieces":  one("websocket", "server", func() []byte { return fill("\x01\x01a", "\x00\x02\x80\xe2") }),
		"written, hexadecimal":       file(func() []byte { return fill("", "81 00 ") }),
		"written, a dump":            file(func() []byte { return dumpOf(mostBytes) }),
		"written, packets":           file(func() []byte { return fill("", "0000 81 00\n") }),
		"written, both sides":        file(func() []byte { return fill("", "0000  81\n    0000  81\n") }),
		"written, repeats": file(func() []byte {
			return []byte("00000000  81 00 81 00 81 00 81 00 81 00 81 00 81 00 81 00\n*\n007f0000  81 00\n")
		}),
		"gzip, a bomb": file(func() []byte { return deflated(bytes.Repeat([]byte("data\n"), mostBytes/5), true) }),
		"saved, curl": file(func() []byte {
			return fill("> GET / HTTP/1.1\n>\n< HTTP/1.1 200 OK\n< Content-Type: text/event-stream\n<\n", "data\n")
		}),
		"saved, frames of both": file(func() []byte {
			return fill("GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nHTTP/1.1 101 a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", "\x81\x00\x81\x80\x00\x00\x00\x00")
		}),
		"http2, frames in frames": file(webSocketInHTTP2),
		"http2, pings":            one("http2", "client", func() []byte { return fill("", string(h2frame(6, 0, 0, nil))) }),
		"http2, continuations": one("http2", "client", func() []byte {
			return fill(string(h2frame(1, 0, 1, nil)), string(h2frame(9, 0, 1, nil)))
		}),
		"http2, references":    one("http2", "client", func() []byte { return references(60<<10, mostBytes) }),
		"http2, large table":   one("http2", "client", func() []byte { return references(1<<32-1, mostBytes) }),
		"pcap, small packets":  file(manyPackets),
		"har, bodies of lines": file(func() []byte { return harOf(harStream(bytes.Repeat([]byte("\n"), 150_000)), 41*mostBytes>>23) }),
		"har, entries": file(func() []byte {
			return har(`{"_webSocketMessages":[{"type":"send"}]}`)
		}),
		"har, events alone": file(func() []byte { return har(`{"_eventSourceMessages":[1]}`) }),
		"har, event list": file(func() []byte {
			return harOf(`{"_eventSourceMessages":[`+strings.Repeat("1,", mostBytes/2-100)+`1]}`, 1)
		}),
		"har, messages": file(func() []byte {
			return harOf(`{"_webSocketMessages":[`+strings.Repeat(`{"type":"send"},`, mostBytes/16-100)+`{}]}`, 1)
		}),
		"har, no messages": file(func() []byte {
			return harOf(`{"_webSocketMessages":[`+strings.Repeat(`{},`, mostBytes/3-100)+`{}]}`, 1)
		}),
		"har, one large message": file(func() []byte {
			return harOf(`{"_webSocketMessages":[{"type":"send","opcode":2,"data":"`+strings.Repeat("AAAA", mostBytes/4-100)+`"}]}`, 1)
		}),
		"capture, bombs": file(func() []byte {
			return captured(mostBytes>>15, []byte(sized(deflated(lines, true))+"1"))
		}),
		"capture, bombs and bytes": file(func() []byte {
			bomb := deflated(make([]byte, 16<<20), true)
			bomb = bomb[:len(bomb)-8]
			head := "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
			return captured(mostBytes>>15, []byte(head+fmt.Sprintf("%x\r\n%s\r\n", len(bomb), bomb)+strings.Repeat("1\r\n\x00\r\n", 200)))
		}),
		"capture, no connections": file(func() []byte {
			return []byte(`{"connections":[` + strings.Repeat("{},", mostBytes/3-100) + `{}]}`)
		}),
		"capture, lines of the log": file(func() []byte {
			return []byte(`{"connections":[{}],"log":[` + strings.Repeat("{},", mostBytes/3-100) + `{}]}`)
		}),
		"capture, segments": file(func() []byte {
			var b bytes.Buffer
			n := mostBytes / 56
			fmt.Fprintf(&b, `{"connections":[{"server":"%s","segments":[`, base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("\n"), n)))
			for i := range n {
				if i > 0 {
					b.WriteByte(',')
				}
				fmt.Fprintf(&b, `{"from":"server","offset":%d,"length":1}`, i)
			}
			b.WriteString("]}]}")
			return b.Bytes()
		}),
		"capture, deep": file(func() []byte {
			return []byte(`{"connections":` + strings.Repeat("[", mostBytes-100))
		}),
	}
}

// inflatedLines is a response of lines of JSON under gzip.
func inflatedLines() []byte {
	body := deflated(bytes.Repeat([]byte("{}\n"), 5<<20), true)
	return fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

// dumpOf is a dump of empty frames, of so many bytes.
func dumpOf(size int) []byte {
	var b bytes.Buffer
	for at := 0; b.Len() < size-100; at += 16 {
		fmt.Fprintf(&b, "%08x %s\n", at, strings.Repeat(" 81 00", 8))
	}
	return b.Bytes()
}

// codedBody is a response whose body is under a coding.
func codedBody(coding, body string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n%s", coding, len(body), body)
}

// webSocketInHTTP2 is a capture of a WebSocket in HTTP/2 whose frames are cut in as
// many DATA frames as they have bytes.
func webSocketInHTTP2() []byte {
	var block bytes.Buffer
	e := hpack.NewEncoder(&block)
	for _, f := range []hpack.HeaderField{
		{Name: ":method", Value: "CONNECT"}, {Name: ":protocol", Value: "websocket"}, {Name: ":scheme", Value: "https"},
		{Name: ":authority", Value: "x"}, {Name: ":path", Value: "/"},
	} {
		e.WriteField(f)
	}
	client := append([]byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), h2frame(4, 0, 0, nil)...)
	client = append(client, h2frame(1, 4, 1, block.Bytes())...)
	block.Reset()
	e = hpack.NewEncoder(&block)
	e.WriteField(hpack.HeaderField{Name: ":status", Value: "200"})
	server := append(h2frame(4, 0, 0, []byte{0, 8, 0, 0, 0, 1}), h2frame(1, 4, 1, block.Bytes())...)
	one := h2frame(0, 0, 1, []byte{0x81})
	server = append(server, h2frame(0, 0, 1, []byte("\x81\x7f\x00\x00\x00\x00\x00\x0f\x00\x00"))...)
	server = append(server, bytes.Repeat(one, mostBytes*3/4/len(one)-1000)...)
	d := newDocument("cost")
	c := newConnection(&wire.Connection{Number: 1})
	c.Client, c.Server = client, server
	c.Segments = []Segment{{From: wire.Client, Length: len(client)}, {From: wire.Server, Length: len(server)}}
	d.Connections = append(d.Connections, *c)
	p, err := json.Marshal(d)
	if err != nil {
		panic(err)
	}
	return p
}

func gzipHeaderInChunks() []byte {
	name := "\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\x00" + strings.Repeat("n", mostBytes/6-1000)
	return []byte("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n" + inChunks([]byte(name), 1))[:mostBytes-100]
}

func gzipFlushes() []byte {
	body := "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x00" + strings.Repeat("\x00\x00\x00\xff\xff", mostBytes/10-1000)
	return []byte("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n" + inChunks([]byte(body), 5))
}

const costOf = "SEEWIRE_COST_OF"

// The most that a document may cost beyond what the process takes anyway.
const (
	mostMemory = 400 // MiB
	mostTime   = 5 * time.Second
)

// Import keeps what it promises, for the worst that can be sent to it. Each
// input has a process of its own, and what counts is the time of its processor.
func TestCost(t *testing.T) {
	if name := os.Getenv(costOf); name != "" {
		printCost(t, expensiveInputs()[name])
		return
	}
	for _, name := range slices.Sorted(maps.Keys(expensiveInputs())) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			child := exec.Command(os.Args[0], "-test.run=^TestCost$", "-test.v")
			child.Env = append(os.Environ(), costOf+"="+name, "GOGC=100", "GOMEMLIMIT=off")
			out, err := child.CombinedOutput()
			_, figures, found := strings.Cut(string(out), "cost: ")
			if err != nil || !found {
				t.Fatalf("%v: %s", err, out)
			}
			var mib, milliseconds, length, written, frames int
			if _, err := fmt.Sscan(figures, &mib, &milliseconds, &length, &written, &frames); err != nil {
				t.Fatal(err)
			}
			t.Logf("%.1f MiB: %d MiB of memory, %d ms of a processor, %d frames, %d MiB of JSON", float64(length)/(1<<20), mib, milliseconds, frames, written>>20)
			if length > mostBytes {
				t.Errorf("the input has %d bytes", length)
			}
			if mib > mostMemory || time.Duration(milliseconds)*time.Millisecond > mostTime {
				t.Errorf("%d MiB of memory and %d ms of a processor, want at most %d MiB and %v", mib, milliseconds, mostMemory, mostTime)
			}
		})
	}
}

func printCost(t *testing.T, input expensive) {
	p := input.make()
	// What making the input took is not to count.
	debug.FreeOSMemory()
	resetPeak(t)
	memory, used := peak(t), processorTime(t)
	d, err := Import(t.Context(), p, input.source)
	if err != nil {
		if _, ok := err.(*ImportError); !ok {
			t.Fatal(err)
		}
	}
	var written counter
	if err := WriteDocument(&written, d, nil); err != nil {
		t.Fatal(err)
	}
	fmt.Println("cost:", (peak(t)-memory)>>20, (processorTime(t) - used).Milliseconds(), len(p), int(written), len(d.Frames))
}

type counter int

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }

func processorTime(t testing.TB) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// peak is the most memory that the process has had, in bytes.
func peak(t *testing.T) int {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("no /proc")
	}
	_, line, _ := strings.Cut(string(status), "VmHWM:")
	kib, err := strconv.Atoi(strings.Fields(line)[0])
	if err != nil {
		t.Fatal(err)
	}
	return kib << 10
}

// resetPeak lets peak count from now on (proc(5), clear_refs).
func resetPeak(t *testing.T) {
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		t.Log(err) // the peak is that of the input too
	}
}
