import Execution
import Testing

@Suite struct SeedTests {
  @Test func sequenceIsThatOfTheReferenceImplementation() {
    // First outputs of SplitMix64 for state 1234567, as published with Vigna's C implementation.
    var generator = Seed(1_234_567).generator()
    let expected: [UInt64] = [
      6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
      4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
    ]
    #expect((0..<5).map { _ in generator.next() } == expected)
  }

  @Test func childrenDependOnLabelAndIndexOnly() {
    let seed = Seed(1)
    #expect(seed.child("a", 1) == seed.child("a", 1))
    let children = ["a", "b", "ab", "ba"].flatMap { label in
      (0..<100).map { seed.child(label, $0) }
    }
    #expect(Set(children).count == children.count)
  }

  @Test func indicesCoverTheirRange() {
    var generator = Seed(5).generator()
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<7_000 { counts[generator.index(below: 7)] += 1 }
    // Binomial, mean 1000, standard deviation 29.3: six of them.
    #expect(counts.allSatisfy { abs($0 - 1_000) < 176 })
  }
}
