import Execution
import Foundation
import OfflineDesign
import Study
import Testing

/// A committee that was written and read says the same, and limits are a matter of the question.
@Suite struct CommitteeFileTests {
  private let toy = ToyLog(workloads: [
    ("small", 2e4, 20), ("middle", 2e5, 60), ("large", 3e6, 200),
  ])

  private func options(_ seed: UInt64, threads: Int = 1) -> CommitteeOptions {
    var options = CommitteeOptions()
    options.treeCount = 10
    options.roundCount = 30
    options.kernelRowLimit = 50
    options.seed = Seed(seed)
    options.threadCount = threads
    return options
  }

  private func encoded(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return try encoder.encode(value)
  }

  private func read(_ committee: Committee) throws -> Committee {
    var result = try JSONDecoder().decode(Committee.self, from: encoded(committee))
    for (index, models) in committee.local.enumerated() {
      let copy = try JSONDecoder().decode(WorkloadModels.self, from: encoded(models))
      let isAccepted = result.setModels(copy, of: index)
      #expect(isAccepted)
    }
    return result
  }

  @Test func aReadCommitteeJudgesBitForBitAlike() throws {
    let stranger = WorkloadContext(name: "new", features: [7e5, 40])
    let all = toy.columns(Array(toy.designs.indices))
    for seed in 1...3 as ClosedRange<UInt64> {
      let committee = try Committee(training: toy.log(), options: options(seed))
      let copy = try read(committee)
      for context in toy.contexts + [stranger] {
        let a = committee.rank(all, for: context, seed: Seed(seed))
        let b = copy.rank(all, for: context, seed: Seed(seed))
        #expect(a.order == b.order)
        #expect(a.judgment.predictions == b.judgment.predictions)
        #expect(a.judgment.feasibility == b.judgment.feasibility)
        #expect(a.judgment.memberNames == b.judgment.memberNames)
        let one = committee.estimates(of: all, for: context)
        let two = copy.estimates(of: all, for: context)
        #expect(one.map(\.deviation) == two.map(\.deviation))
      }
      #expect(try encoded(copy) == encoded(committee))
    }
  }

  @Test func threadsDoNotChangeWhatIsWritten() throws {
    let one = try Committee(training: toy.log(), options: options(4))
    let two = try Committee(training: toy.log(), options: options(4, threads: 2))
    #expect(try encoded(one) == encoded(two))
    #expect(try one.local.map(encoded) == two.local.map(encoded))
  }

  /// Learned without a limit, asked under one: the same as learned under it.
  @Test func limitsActAtQuestionTime() throws {
    let log = toy.log()
    let free = try Committee(training: log.under([]), options: options(5))
    let all = Array(toy.designs.indices)
    for bound in [2.0, 4, 6] {
      let limits = [MetricLimit("area_mm2", .atMost, bound)]
      let asked = free.asked(about: log.under(limits))
      let trained = try Committee(training: log.under(limits), options: options(5))
      let a = asked.rank(toy.columns(all), for: toy.contexts[1], seed: Seed(5))
      let b = trained.rank(toy.columns(all), for: toy.contexts[1], seed: Seed(5))
      #expect(a.order == b.order)
      #expect(a.judgment.feasibility == b.judgment.feasibility)
      // Areas are known in closed form: what is clearly within works, what is clearly over does not.
      for index in all {
        let chance = a.judgment.feasibility[index]
        if toy.area(index) < 0.8 * bound { #expect(chance > 0.5) }
        if toy.area(index) > 1.25 * bound { #expect(chance < 0.5) }
      }
      let best = all.filter { toy.area($0) <= bound }
        .map { toy.cost($0, toy.contexts[1]) }.min()
      #expect(asked.bestCosts[1] == best)
    }
  }

  @Test func relabelledRowsCanBecomeFeasibleAgain() {
    let log = toy.log()
    let tight = log.under([MetricLimit("area_mm2", .atMost, 1)])
    let areas = log.metrics[0].values
    #expect(tight.isFeasible == areas.map { $0 <= 1 })
    #expect(tight.under(log.limits).isFeasible == log.isFeasible)
    #expect(log.under([]).isFeasible.allSatisfy { $0 })
    let unknown = log.under([MetricLimit("power", .atMost, 1)])
    #expect(unknown.isFeasible.allSatisfy { !$0 })
    let at = log.under([MetricLimit("area_mm2", .atLeast, 3)])
    #expect(at.isFeasible == areas.map { $0 >= 3 })
  }

  /// Lists that do not belong together are refused with a reason, not trusted.
  @Test func wrongCommitteesAreRefused() throws {
    let committee = try Committee(training: toy.log(), options: options(6))
    let text = String(decoding: try encoded(committee), as: UTF8.self)
    for (from, to) in [
      ("\"hasLocalModels\":[true,true,true]", "\"hasLocalModels\":[true,true]"),
      ("\"contextNames\":[\"small\"", "\"contextNames\":[\"one\",\"small\""),
      ("\"members\":[\"boosted-trees\"", "\"members\":[\"busted-trees\""),
      ("\"featureNames\":[\"size\"", "\"featureNames\":[\"sizes\",\"size\""),
    ] {
      let changed = text.replacingOccurrences(of: from, with: to)
      #expect(changed != text, "\(from)")
      #expect(throws: DecodingError.self, "\(from)") {
        _ = try JSONDecoder().decode(Committee.self, from: Data(changed.utf8))
      }
    }
    let other = ToyLog(workloads: [("small", 2e4, 20)])
    var log = other.log()
    log.designs = DesignColumns(names: ["pe"], columns: [log.designs.columns[0]])
    let narrow = try Committee(training: log, options: options(6))
    var copy = committee
    let isAccepted = copy.setModels(narrow.local[0], of: 0)
    #expect(!isAccepted)
  }
}
