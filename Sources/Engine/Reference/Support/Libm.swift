import Glibc

// One name for each function of the C library that Swift has no method for.

/// `base` to the power of `exponent`.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
