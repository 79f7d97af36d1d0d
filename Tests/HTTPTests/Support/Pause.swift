import Glibc

/// Gives other threads a moment.
func pause(milliseconds: UInt32) { usleep(milliseconds * 1000) }
