/// The divisors of a positive number, increasing.
func allDivisors(of number: Int) -> [Int] {
  var small: [Int] = []
  var large: [Int] = []
  var candidate = 1
  while candidate * candidate <= number {
    if number % candidate == 0 {
      small.append(candidate)
      if candidate * candidate != number { large.append(number / candidate) }
    }
    candidate += 1
  }
  return small + large.reversed()
}

/// Prime factors of a positive number with repetition, increasing.
func primeFactors(of number: Int) -> [Int] {
  var rest = number
  var primes: [Int] = []
  var candidate = 2
  while candidate * candidate <= rest {
    while rest % candidate == 0 {
      primes.append(candidate)
      rest /= candidate
    }
    candidate += 1
  }
  return rest > 1 ? primes + [rest] : primes
}
