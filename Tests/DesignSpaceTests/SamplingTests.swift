import Execution
import TestSupport
import Testing

@testable import DesignSpace

@Suite struct SamplingTests {
  /// The published space of PRIME: ten parameters, 452,760,000 designs.
  @Test func primeHasItsPublishedCount() throws {
    let sizes = [10, 10, 7, 10, 7, 11, 7, 4, 5, 6]
    let space = try SearchSpace(
      parameters: sizes.enumerated().map { try .integer("p\($0)", 1...$1) })
    #expect("\(space.sampler.size.rawCount ?? .zero)" == "452760000")
    #expect(space.sampler.size.legalCount == space.sampler.size.rawCount)
    #expect(try Encoding(of: space, style: .oneHot).dimension == 77)
  }

  @Test(arguments: 0..<100 as Range<UInt64>)
  func countsAndSamplesAgreeWithEnumeration(seed: UInt64) throws {
    var source = RandomSpaces(seed: seed)
    let space = try source.next()
    let all = allPoints(of: space)
    let legal = all.filter { space.isLegal($0) }
    let size = space.sampler.size
    #expect(size.rawCount == DesignCount(all.count))
    #expect(size.legalCount == DesignCount(legal.count))
    let share = Double(legal.count) / Double(all.count)
    #expect(abs(size.legalShare.value - share) < 1e-12)
    #expect(size.legalShare.isExact)
    var generator = Seed(seed).generator()
    guard !legal.isEmpty else {
      #expect(throws: DesignSpaceError.self) { try space.sample(count: 1, using: &generator) }
      return
    }
    for point in try space.sample(count: 20, using: &generator) {
      #expect(space.isLegal(point) && space.contains(point))
    }
    // The nearest legal design is as near as the nearest of all, from designs spread over the space.
    for point in stride(from: 0, to: all.count, by: max(1, all.count / 5)).map({ all[$0] }) {
      let repaired = try #require(space.repaired(point))
      #expect(space.isLegal(repaired) && space.contains(repaired))
      var least = Double.infinity
      for other in legal { least = min(least, space.distance(other, point)) }
      #expect(abs(space.distance(repaired, point) - least) < 1e-12)
    }
  }

  /// The other ways of counting and drawing, forced by options, on the same spaces.
  @Test(arguments: 0..<20 as Range<UInt64>)
  func everyMethodIsUniform(seed: UInt64) throws {
    var source = RandomSpaces(seed: 1_000 + seed)
    let space = try source.next()
    let legal = allPoints(of: space).filter { space.isLegal($0) }
    guard (2...60).contains(legal.count) else { return }
    let indices = Dictionary(uniqueKeysWithValues: zip(legal, legal.indices))
    var options = CountingOptions()
    for method in 0..<3 {
      // Diagram, list, and neither: rejection, or resampling where fewer than one in a hundred is legal.
      if method == 1 { options.largestDiagramEdgeCount = 0 }
      if method == 2 { options.largestEnumeratedSize = 0 }
      let sampler = SpaceSampler(space, options: options)
      if method < 2 { #expect(sampler.size.legalCount == DesignCount(legal.count)) }
      let share = sampler.size.legalShare
      let truth = Double(legal.count) / Double(allPoints(of: space).count)
      // 95 % intervals; a few may miss, none by far.
      #expect(truth > share.low - 3 * (share.high - share.low) - 1e-9)
      #expect(truth < share.high + 3 * (share.high - share.low) + 1e-9)
      var generator = Seed(seed).child("method", method).generator()
      var counts = [Int](repeating: 0, count: legal.count)
      for _ in 0..<(10 * legal.count) {
        let index = try #require(indices[try sampler.sample(using: &generator)])
        counts[index] += 1
      }
      guard sampler.methods.allSatisfy(\.isExact) else { continue }
      // Five standard deviations: over 200 tests, one in ten thousand would fail by chance.
      let freedom = Double(legal.count - 1)
      #expect(
        chiSquare(counts) < freedom + 5 * (2 * freedom).squareRoot() + 5, "\(sampler.methods)")
    }
  }

  @Test func rareDesignsAreCountedAndDrawn() throws {
    // Products of eight factors that give exactly one number: 1 design in 10^5 is legal.
    let names = (0..<8).map { "f\($0)" }
    let space = try SearchSpace(
      parameters: names.map { try .integer($0, 1...12) },
      constraints: [
        names.joined(separator: " * ") + " == 5040", "f0 + f1 <= 9", "f2 divides f3",
      ])
    let size = space.sampler.size
    #expect(size.legalShare.value < 1e-4)
    #expect(space.sampler.methods.allSatisfy { $0.kind == .counted })
    #expect(size.legalCount?.integer == Self.countOfFactorizations())
    var generator = Seed(1).generator()
    for point in try space.sample(count: 50, using: &generator) { #expect(space.isLegal(point)) }
  }

  /// The same count by nested recursion over divisors.
  private static func countOfFactorizations() -> Int {
    func count(_ rest: Int, _ chosen: [Int]) -> Int {
      if chosen.count == 8 { return rest == 1 ? 1 : 0 }
      var sum = 0
      for factor in 1...12 where rest % factor == 0 {
        if chosen.count == 1, chosen[0] + factor > 9 { continue }
        if chosen.count == 3, factor % chosen[2] != 0 { continue }
        sum += count(rest / factor, chosen + [factor])
      }
      return sum
    }
    return count(5_040, [])
  }

  @Test func spacesBeyondEnumerationAreCounted() throws {
    // Sums of forty digits: the number of ways is a coefficient of (1 + x + ... + x^9)^40.
    let names = (0..<40).map { "d\($0)" }
    let space = try SearchSpace(
      parameters: names.map { try .integer($0, 0...9) },
      constraints: [names.joined(separator: " + ") + " == 100"])
    var ways = [Double](repeating: 0, count: 401)
    var exact = [DesignCount](repeating: .zero, count: 401)
    ways[0] = 1
    exact[0] = DesignCount(1)
    for _ in 0..<40 {
      let old = exact
      for sum in exact.indices {
        exact[sum] = (max(0, sum - 9)...sum).reduce(.zero) { $0 + old[$1] }
      }
    }
    #expect(space.sampler.size.rawCount?.log10 == 40)
    #expect(space.sampler.size.legalCount == exact[100])
  }

  @Test func realSpacesAreDrawnFromAlsoWhenLegalOnesAreRare() throws {
    let wide = try SearchSpace(
      parameters: [.real("x", 0...1), .real("y", 0...1)], constraints: ["x + y <= 1"])
    #expect(wide.sampler.methods.map(\.kind) == [.rejection])
    #expect(wide.sampler.size.rawCount == nil)
    let share = wide.sampler.size.legalShare
    #expect(share.low < 0.5 && share.high > 0.5 && share.high - share.low < 0.1)
    let narrow = try SearchSpace(
      parameters: [.real("x", 0...1), .real("y", 0...1), .integer("n", 1...1_000_000)],
      constraints: ["abs(x - 0.3) + abs(y - 0.6) <= 0.002", "n * x <= 50"])
    #expect(narrow.sampler.methods.map(\.kind) == [.resampled])
    // The area of the square is 8e-6; n is below about 167.
    let small = narrow.sampler.size.legalShare
    let truth = 8e-6 * 166.7e-6
    #expect(small.low < truth && truth < small.high * 1.5, "\(small)")
    var generator = Seed(2).generator()
    let points = try narrow.sample(count: 40, using: &generator)
    #expect(points.allSatisfy { narrow.isLegal($0) })
    // Uniform in the square: half on each side, within five standard deviations.
    let right = points.count { $0.coordinates[0] > 0.3 }
    #expect((4...36).contains(right), "\(right)")
    let outside = try narrow.point([0.9, 0.1, 500])
    let repaired = try #require(narrow.repaired(outside))
    #expect(narrow.isLegal(repaired))
  }

  @Test func emptySpacesSayWhich() throws {
    let space = try SearchSpace(
      parameters: [.integer("n", 1...5), .real("x", 0...1)], constraints: ["n > 5"])
    var generator = Seed(0).generator()
    #expect(space.sampler.size.legalCount == nil)
    #expect(
      throws: DesignSpaceError.noLegalDesign(reason: "nothing fulfills \"n > 5\"")
    ) { try space.sample(count: 1, using: &generator) }
    let real = try SearchSpace(parameters: [.real("x", 0...1)], constraints: ["x * x == 2"])
    #expect(
      throws: DesignSpaceError.noLegalDesign(reason: "none was found that fulfills \"x * x == 2\"")
    ) { try real.sample(count: 1, using: &generator) }
    #expect(space.repaired(try space.point([1, 0.5])) == nil)
  }

  @Test func neighborsAreLegalSmallAndMutual() throws {
    for seed in 0..<40 as Range<UInt64> {
      var source = RandomSpaces(seed: 5_000 + seed)
      let space = try source.next(hasReals: seed % 4 == 0)
      var generator = Seed(seed).generator()
      guard let point = try? space.sample(count: 1, using: &generator).first else { continue }
      let neighbors = space.neighbors(of: point)
      #expect(Set(neighbors).count == neighbors.count)
      for neighbor in neighbors {
        #expect(space.isLegal(neighbor) && space.contains(neighbor) && neighbor != point)
        // One parameter differs, beside those that it switches.
        let changed = space.parameters.indices.filter {
          neighbor.coordinates[$0] != point.coordinates[$0]
            && neighbor.isActive($0) && point.isActive($0)
        }
        #expect(changed.count <= 1)
      }
    }
  }

  @Test func encodingsRoundTrip() throws {
    for seed in 0..<80 as Range<UInt64> {
      var source = RandomSpaces(seed: 7_000 + seed)
      let space = try source.next(hasReals: true, constraintCount: 0)
      var generator = Seed(seed).generator()
      let points = try space.sample(count: 10, using: &generator)
      for style in Encoding.Style.allCases {
        let encoding = try Encoding(of: space, style: style)
        let rows = encoding.encode(points)
        #expect(rows.count == points.count * encoding.dimension)
        #expect(rows.allSatisfy { (0...1).contains($0) })
        for (index, point) in points.enumerated() {
          let row = encoding.encode(point)
          let start = index * encoding.dimension
          #expect(Array(rows[start..<(start + encoding.dimension)]) == row)
          let decoded = encoding.decode(row)
          // Real numbers pass a logarithm and come back within rounding.
          #expect(space.distance(decoded, point) < 1e-12)
          #expect(encoding.encode(decoded).elementsEqual(row) { abs($0 - $1) < 1e-12 })
          #expect(space.contains(decoded))
          // Any row decodes to a point of the space.
          let noise = row.map { $0 + 4 * generator.unitInterval() - 2 }
          #expect(space.contains(encoding.decode(noise)))
        }
      }
    }
  }
}
