/// The row-stationary parameters of a layer by a rule that gives the published ones (JSSC 2017, Table III) on AlexNet.
///
/// Of all parameters that divide the layer (the last strip of rows may be shorter) and fit, the ones with the least
/// DRAM traffic in words, zeros included, then the fewest cycles, then the least traffic of the global buffer; of equal
/// ones the largest *m*, *n*, *e*, *p*, *q*, *r*, *t* in this order. Off-chip words come first because the paper says
/// that the mapping was optimized for energy, in which a DRAM word dominates.
///
/// What fits: `q R <= 12` words in an input scratchpad, `p q R <= 224` in a filter scratchpad, `p <= 24` in a
/// partial-sum scratchpad, `p q r t R^2 <= 4,096` in the filter part of the global buffer (8 KB, recalled); activations
/// and partial sums in 25 banks of 2,048 words that none shares with the other (recalled); sets of `R` rows by `e`
/// columns beside and above each other in 12 rows and 14 columns, those wider than 14 folded.
struct EyerissMappingRule {
  /// What the rule minimizes first.
  enum Priority: CaseIterable {
    /// DRAM words, then cycles.
    case offChipWords
    /// Cycles, then DRAM words; gives Table III as well.
    case cycles
  }

  let shape: EyerissLayer.Shape
  let batch: Int
  var priority = Priority.offChipWords

  private static let banks = 25
  private static let bankWords = 2_048
  private static let filterBufferWords = 4_096
  private static let scratchpads = (inputs: 12, filters: 224, sums: 24)

  /// The mapping, or `nil` when none fits.
  var choice: EyerissLayer.RowStationary? {
    var best: (key: [Int], mapping: EyerissLayer.RowStationary)?
    for strip in 1...shape.output {
      forEachFit(strip: strip) { mapping in
        let key = key(of: mapping)
        if best.map({ key.lexicographicallyPrecedes($0.key) }) ?? true { best = (key, mapping) }
      }
    }
    return best?.mapping
  }

  private var groupFilters: Int { shape.filters / shape.groups }

  private func forEachFit(strip e: Int, _ body: (EyerissLayer.RowStationary) -> Void) {
    let kernel = shape.kernel
    let array = EyerissFigures.array
    let folds = Self.quotient(e, array.x)
    let sets = folds > 1 ? array.y / (kernel * folds) : array.x / e * (array.y / kernel)
    let pads = Self.scratchpads
    guard sets >= 1 else { return }
    for r in Self.divisors(of: shape.channels, upTo: sets) {
      for t in Self.divisors(of: groupFilters, upTo: sets / r) {
        for q in Self.divisors(of: shape.channels / r, upTo: pads.inputs / kernel) {
          let pLimit = min(
            pads.sums, pads.filters / (q * kernel),
            Self.filterBufferWords / (q * r * t * kernel * kernel))
          for p in Self.divisors(of: groupFilters / t, upTo: pLimit) {
            for n in Self.divisors(of: batch, upTo: batch) {
              for blocks in Self.divisors(of: groupFilters / (p * t), upTo: groupFilters) {
                let mapping = EyerissLayer.RowStationary(
                  m: blocks * p * t, n: n, e: e, p: p, q: q, r: r, t: t)
                if fitsBuffer(mapping) { body(mapping) }
              }
            }
          }
        }
      }
    }
  }

  private func fitsBuffer(_ map: EyerissLayer.RowStationary) -> Bool {
    let sums = map.m * map.n * map.e * shape.output
    let rows = (map.e - 1) * shape.stride + shape.kernel
    let inputs = map.n * map.q * map.r * rows * shape.paddedInput
    return Self.quotient(sums, Self.bankWords) + Self.quotient(inputs, Self.bankWords) <= Self.banks
  }

  /// Words and cycles by the pass structure of the paper: each pass loads its filters from the DRAM, each chunk of
  /// input channels is loaded once and read once per pass, each pass reads and writes its partial sums.
  private func key(of map: EyerissLayer.RowStationary) -> [Int] {
    let strips = Self.quotient(shape.output, map.e)
    let outer = batch / map.n * (groupFilters / map.m) * shape.groups
    let chunks = outer * (shape.channels / (map.q * map.r))
    let inner = map.m / (map.p * map.t)
    let passes = chunks * inner * strips
    let kernel = shape.kernel
    let rows = (shape.output - strips) * shape.stride + strips * kernel
    let inputs = chunks * map.n * map.q * map.r * rows * shape.paddedInput
    let filters = passes * map.p * map.q * map.r * map.t * kernel * kernel
    let outputs = batch * shape.filters * shape.output * shape.output
    let sums = 2 * outputs * (shape.channels / (map.q * map.r))
    let cycles = passes * map.n * shape.output * kernel * map.q * map.p
    let offChip = inputs + filters + outputs
    let first = priority == .offChipWords ? [offChip, cycles] : [cycles, offChip]
    return first + [
      inputs * inner + sums, -map.m, -map.n, -map.e, -map.p, -map.q, -map.r, -map.t,
    ]
  }

  private static func divisors(of number: Int, upTo limit: Int) -> [Int] {
    limit < 1 ? [] : (1...min(number, limit)).filter { number.isMultiple(of: $0) }
  }

  private static func quotient(_ number: Int, _ divisor: Int) -> Int {
    (number + divisor - 1) / divisor
  }
}
