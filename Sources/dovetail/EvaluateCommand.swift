import ArgumentParser
import CostModel
import Foundation
import Interchange
import Workflows

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Tells what a schedule costs.")

  @Option(help: "JSON lines.")
  var batch: String?
  @Option(help: "Fields.")
  var fields: String?
  @Option(help: "Threads.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  func run() throws {
    guard let batch else { return }
    var options = BatchEvaluation.Options()
    options.threadCount = threads
    if let fields {
      options.fields = Set(fields.split(separator: ",").compactMap { BatchField(rawValue: String($0)) })
    }
    let descriptor = batch == "-" ? STDIN_FILENO : open(batch, O_RDONLY)
    _ = try BatchEvaluation(options: options).run(reading: descriptor) { bytes in
      var rest = bytes
      while !rest.isEmpty {
        let written = Foundation.write(STDOUT_FILENO, rest.baseAddress, rest.count)
        guard written > 0 else { throw ExitCode(1) }
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      }
    }
  }
}
