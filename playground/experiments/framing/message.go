package framing

// A message is a block of the stream, the lines up to a blank one, in as many
// fragments as the learner made pieces of it.
type message []piece

// messages returns the blocks of a stream. The line end before the blank line
// and the blank line are not in them: they say where a block ends, and over
// WebSocket the frame's header does.
func messages(pieces []piece) []message {
	var text []byte
	begins := make([]int, len(pieces))
	for i, p := range pieces {
		begins[i] = len(text)
		text = append(text, p.text...)
	}

	var all []message
	previous := 0 // the piece that the fragment before is from
	for _, block := range blocks(text) {
		var m message
		for i, p := range pieces {
			begin, end := max(block.begin, begins[i]), min(block.end, begins[i]+len(p.text))
			if begin < end {
				m = append(m, piece{pause: i > previous, text: text[begin:end]})
				previous = i
			}
		}
		all = append(all, m)
	}
	return all
}

// A span is a range of bytes of a stream.
type span struct{ begin, end int }

// blocks finds the blocks in a stream, without the line ends after them. The
// last one needs no blank line.
func blocks(text []byte) []span {
	var found []span
	var block span
	line := 0 // where the current line begins
	for i := 0; i < len(text); {
		n := lineEnd(text[i:])
		if n == 0 {
			i++
			block.end = i
			continue
		}
		if i == line { // it is blank
			if block.begin < block.end {
				found = append(found, block)
			}
			block = span{i + n, i + n}
		}
		i += n
		line = i
	}
	if block.begin < block.end {
		found = append(found, block)
	}
	return found
}

// lineEnd returns the length of the line end that text begins with, or 0:
// CR LF, LF and CR are line ends (WHATWG HTML §9.2.5).
func lineEnd(text []byte) int {
	switch {
	case text[0] == '\r' && len(text) > 1 && text[1] == '\n':
		return 2
	case text[0] == '\r', text[0] == '\n':
		return 1
	default:
		return 0
	}
}
