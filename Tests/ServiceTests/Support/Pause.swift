import Glibc

/// Lets other threads run for a moment.
func pause(microseconds: UInt32 = 50) { usleep(microseconds) }
