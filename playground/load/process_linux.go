package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// cpu is the processor time that a process has taken, of user and system, by the clock
// that the kernel has for it (clock_getcpuclockid(3)).
func cpu(pid int) (time.Duration, error) {
	if pid == 0 {
		return 0, nil
	}
	const scheduled = 2 // CPUCLOCK_SCHED: to the nanosecond, where proc(5) has hundredths of a second
	var t syscall.Timespec
	clock := int32(^pid<<3 | scheduled)
	if _, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, uintptr(clock), uintptr(unsafe.Pointer(&t)), 0); errno != 0 {
		return 0, fmt.Errorf("the processor time of process %d: %w", pid, errno)
	}
	return time.Duration(t.Nano()), nil
}

// rss is the memory that a process has of the machine's, in KiB.
func rss(pid int) (kib int64) {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if _, after, ok := strings.Cut(string(b), "VmRSS:"); ok {
		fmt.Sscan(after, &kib)
	}
	return kib
}
