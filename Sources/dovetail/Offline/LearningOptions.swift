import ArgumentParser
import Execution
import Foundation
import OfflineDesign

/// How a committee learns.
struct LearningOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Seed of every draw.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(
    name: .long,
    help: ArgumentHelp("Threads; the result does not depend on it.", valueName: "count"))
  var threads: Int = ProcessInfo.processInfo.activeProcessorCount

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Models of the committee, separated by commas; all unless given: \(CommitteeMember.allCases.map(\.rawValue).joined(separator: ", ")).",
      valueName: "names"))
  var members: String?

  @Flag(name: .long, help: "No progress on standard error.")
  var quiet = false

  func validate() throws {
    guard threads >= 1 else {
      throw UserError(problem: "--threads: got \(threads), expected a number from 1")
    }
  }

  func parsedMembers() throws -> Set<CommitteeMember> {
    guard let members else { return CommitteeOptions().members }
    var result: Set<CommitteeMember> = []
    for name in members.split(separator: ",") {
      let name = name.trimmingCharacters(in: .whitespaces)
      guard let member = CommitteeMember(rawValue: name) else {
        throw UserError(
          problem: "--members: unknown model \"\(name)\"",
          hint: suggestion(for: name, among: CommitteeMember.allCases.map(\.rawValue)))
      }
      result.insert(member)
    }
    guard !result.isEmpty else {
      throw UserError(problem: "--members: got nothing, expected at least one model")
    }
    return result
  }

  func committeeOptions() throws -> CommitteeOptions {
    var options = CommitteeOptions()
    options.members = try parsedMembers()
    options.seed = Seed(seed)
    options.threadCount = threads
    return options
  }
}
