import ArgumentParser
import Execution
import Foundation
import Workflows

/// How mappings are searched for.
struct MapperOptions: ParsableArguments {
  @Option(
    name: .long, help: ArgumentHelp("How to search: \(Self.mappers).", valueName: "name"))
  var mapper: String = MappingOptions.Mapper.optimal.rawValue

  @Option(
    name: .long, help: ArgumentHelp("What to minimize: \(Self.goals).", valueName: "name"))
  var objective: String = MappingOptions.Goal.edp.rawValue

  @Option(
    name: .long,
    help: ArgumentHelp("Rules every mapping obeys (YAML, Configs/constraints).", valueName: "file"),
    completion: .file(extensions: ["yaml"]))
  var constraints: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "free: the search chooses what levels keep; fixed: the architecture says.", valueName: "how"))
  var keep: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Evaluations a layer by the heuristic and the random mapper.", valueName: "evaluations"))
  var budget: Int = MappingOptions().evaluationLimit

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Choices a layer after which the optimal mapper gives its best with the gap.",
      valueName: "count"))
  var nodes: Int = MappingOptions().nodeLimit

  @Option(name: .long, help: "Seed of random numbers.")
  var seed: UInt64 = 0

  @Option(name: .long, help: "Layers mapped at the same time; all cores by default.")
  var threads: Int?

  private static let mappers = MappingOptions.Mapper.allCases.map(\.rawValue)
    .joined(separator: ", ")
  private static let goals = MappingOptions.Goal.allCases.map(\.rawValue).joined(separator: ", ")

  func resolve() throws -> MappingOptions {
    var options = MappingOptions()
    guard let mapper = MappingOptions.Mapper(rawValue: mapper) else {
      throw unknown("--mapper", "mapper", mapper, MappingOptions.Mapper.allCases.map(\.rawValue))
    }
    guard let goal = MappingOptions.Goal(rawValue: objective) else {
      throw unknown(
        "--objective", "objective", objective, MappingOptions.Goal.allCases.map(\.rawValue))
    }
    options.mapper = mapper
    options.goal = goal
    if let keep {
      guard keep == "free" || keep == "fixed" else {
        throw unknown("--keep", "way", keep, ["fixed", "free"])
      }
      options.freesKeepSets = keep == "free"
    }
    options.evaluationLimit = try number(budget, "--budget", upTo: 1_000_000_000)
    options.nodeLimit = try number(nodes, "--nodes", upTo: 1_000_000_000_000_000)
    options.threadCount = try number(
      threads ?? ProcessInfo.processInfo.activeProcessorCount, "--threads", upTo: 1_024)
    options.seed = Seed(seed)
    return options
  }

  private func number(_ value: Int, _ option: String, upTo largest: Int) throws -> Int {
    guard (1...largest).contains(value) else {
      throw UserError(problem: "\(option): got \(value), expected 1 to \(largest)")
    }
    return value
  }

  private func unknown(_ option: String, _ what: String, _ name: String, _ known: [String])
    -> UserError
  {
    UserError(
      problem: "\(option): unknown \(what) \"\(name)\"",
      hint: suggestion(for: name, among: known))
  }
}
