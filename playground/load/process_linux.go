package main

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// cpu is the processor time that a process has taken, of user and system, in ticks of
// a hundredth of a second (proc(5)).
func cpu(pid int) (time.Duration, error) {
	if pid == 0 {
		return 0, nil
	}
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	rest := string(b[strings.LastIndexByte(string(b), ')')+1:])
	var user, system int64
	fields := strings.Fields(rest)
	fmt.Sscan(fields[11], &user)
	fmt.Sscan(fields[12], &system)
	return time.Duration(user+system) * 10 * time.Millisecond, nil
}

// rss is the memory that a process has of the machine's, in KiB.
func rss(pid int) (kib int64) {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if _, after, ok := strings.Cut(string(b), "VmRSS:"); ok {
		fmt.Sscan(after, &kib)
	}
	return kib
}
