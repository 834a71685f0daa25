import DesignSpace
import Execution
import Foundation
import LinearAlgebra
import OfflineDesign
import SimulationLog
import Study
import Workflows

/// What the parts of PRIME's loss are worth: the best rows of logs are hidden, networks order them.
///
/// `plain` regresses costs, `conservative` adds designs the network finds good, `infeasible` adds infeasible designs,
/// `selection` keeps the weights that rank held-out rows best; `committee` is this program's default. Scores as
/// `offline assess` has them, means over the workloads of a data set, one line a seed; lines that are there are not made again.
enum OfflineAblation {
  static let variants = ["plain", "conservative", "infeasible", "selection", "committee"]

  /// - Parameter arguments: A folder of data sets as `Scripts/rank-logs` takes them, then names of data sets.
  static func run(_ arguments: [String]) throws {
    BLASRuntime.useOneThread()
    guard let folder = arguments.first else {
      throw BenchmarkProblem("got no folder, expected one of data sets with a dataset.json each")
    }
    let file = "\(OfflineBenchmark.results)/offline-ablation.csv"
    let header = "dataset,variant,seed,workloads,score_1,score_16,random_1,random_16,feasible_16\n"
    var text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? header
    let names =
      arguments.count > 1
      ? Array(arguments.dropFirst())
      : try FileManager.default.contentsOfDirectory(atPath: folder).sorted().filter {
        FileManager.default.fileExists(atPath: "\(folder)/\($0)/dataset.json")
      }
    for name in names {
      for seed in 1...5 as ClosedRange<UInt64> {
        for variant in variants where !text.contains("\n\(name),\(variant),\(seed),") {
          let rows = try scores(of: "\(folder)/\(name)", name, variant, Seed(seed))
          guard !rows.isEmpty else { continue }
          let means = rows[0].indices.map { place in
            OfflineBenchmark.digits(rows.reduce(0) { $0 + $1[place] } / Double(rows.count))
          }
          let line = "\(name),\(variant),\(seed),\(rows.count),\(means.joined(separator: ","))\n"
          text += line
          try Data(text.utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
          FileHandle.standardOutput.write(Data(line.utf8))
        }
      }
    }
  }

  /// One list of figures a workload with something to win.
  private static func scores(of folder: String, _ name: String, _ variant: String, _ seed: Seed)
    throws -> [[Double]]
  {
    let scratch = ".build/offline-benchmark"
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    let file = "\(scratch)/\(name).sqlite"
    if !FileManager.default.fileExists(atPath: file) {
      _ = try LogImport(inputs: [folder], roles: LogRoles()).run(out: file) { _ in }
    }
    let spaces = try TrialLog.open(file: file).catalog().spaces.map(\.name)
    var result: [[Double]] = []
    for space in spaces {
      var question = OfflineStudy.Question()
      question.space = space
      let study = try OfflineStudy(log: file, question: question)
      let log = study.offline.designs
      let parts = ValueSplit().rows(of: log, seed: seed)
      guard !parts.hidden.isEmpty, parts.visible.contains(where: { log.isFeasible[$0] }) else {
        continue
      }
      if variant == "committee" {
        var options = CommitteeOptions()
        options.seed = seed
        let assessment = try ValueAssessment(hidingBestOf: log, options: options, seed: seed)
        result += assessment.rows.map {
          [$0.scores[0], $0.scores[1], $0.randomScores[0], $0.randomScores[1], $0.feasibleShare]
        }
        continue
      }
      var options = PrimeOptions()
      options.seed = seed
      options.stepCount = 1_500
      options.alpha = variant == "plain" ? 0 : options.alpha
      options.beta = ["plain", "conservative"].contains(variant) ? 0 : options.beta
      options.isSelected = variant == "selection"
      let model = try PrimeModel(training: study.rows(parts.visible), options: options) { _ in }
      result += try judge(model, study, parts, seed)
    }
    return result
  }

  private static func judge(
    _ model: PrimeModel, _ study: OfflineStudy, _ parts: (visible: [Int], hidden: [Int]),
    _ seed: Seed
  ) throws -> [[Double]] {
    let log = study.offline.designs
    var result: [[Double]] = []
    for (index, context) in log.contexts.enumerated() {
      let hidden = parts.hidden.filter { log.context[$0] == index }
      let shown = parts.visible.filter { log.context[$0] == index && log.isFeasible[$0] }
      guard let reference = shown.map({ log.cost[$0] }).min(), hidden.count > 1 else { continue }
      let points = study.points(ofRows: hidden)
      let known = points.indices.filter { points[$0] != nil }
      let costs = try model.costs(of: known.compactMap { points[$0] }, for: context)
      let order = known.indices.sorted { (costs[$0], $0) < (costs[$1], $1) }.map { known[$0] }
      func score(_ order: [Int], _ count: Int) -> RankingScore? {
        RankingScore(
          order: order, cost: hidden.map { log.cost[$0] },
          isFeasible: hidden.map { log.isFeasible[$0] }, reference: reference, count: count)
      }
      guard let first = score(order, 1), let many = score(order, 16) else { continue }
      var random = [0.0, 0.0]
      var generator = seed.child("random order", index).generator()
      for _ in 0..<20 {
        let shuffled = hidden.indices.shuffled(using: &generator)
        for (place, count) in [1, 16].enumerated() {
          random[place] += (score(shuffled, count)?.value ?? 0) / 20
        }
      }
      result.append([first.value, many.value] + random + [many.feasibleShare])
    }
    return result
  }
}
