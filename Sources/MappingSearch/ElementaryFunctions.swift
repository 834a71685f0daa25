import Foundation

@inline(__always)
func exponential(_ x: Double) -> Double { exp(x) }

@inline(__always)
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
