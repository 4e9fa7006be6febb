package echo

// split cuts data into n parts of about the same size.
func split(data []byte, n int) [][]byte {
	parts := make([][]byte, n)
	for i := range n {
		parts[i] = data[len(data)*i/n : len(data)*(i+1)/n]
	}
	return parts
}
