import ArgumentParser
import Dispatch
import Distribution
import Foundation
import Interchange
import OfflineDesign
import Search
import SimulationLog
import Workflows

/// The command line: flags in, text out, exit codes 0 done, 1 nothing feasible, 2 bad input, 130 interrupted.
struct Dovetail: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dovetail",
    abstract: "Explores hardware accelerators together with their software schedules.",
    discussion: """
      Start with: dovetail evaluate --architecture Configs/architectures/eyeriss-168.yaml \
      --workload Configs/workloads/alexnet.yaml --mapping Configs/mappings/eyeriss-168-alexnet.yaml
      """,
    version: programVersion,
    subcommands: [
      AskCommand.self, CheckCommand.self, CodesignCommand.self, EvaluateCommand.self,
      ExploreCommand.self,
      ExportCommand.self,
      LogCommand.self, MapCommand.self, OfflineCommand.self, ReportCommand.self, SpaceCommand.self,
      SweepCommand.self,
      TellCommand.self,
      ValidateCommand.self, WatchCommand.self, WorkerCommand.self, WorkloadCommand.self,
    ])
}

@main
enum Main {
  static func main() async {
    signal(SIGPIPE, SIG_IGN)
    let task = Task { await run() }
    let interrupts = interruptSource(cancelling: task)
    let code = await task.value
    interrupts.cancel()
    exit(code)
  }

  /// The first Ctrl-C cancels and keeps what is finished, the second ends at once.
  private static func interruptSource(cancelling task: Task<Int32, Never>)
    -> any DispatchSourceSignal
  {
    signal(SIGINT, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
    source.setEventHandler {
      if task.isCancelled { exit(130) }
      task.cancel()
    }
    source.resume()
    return source
  }

  private static func run() async -> Int32 {
    do {
      var command = try Dovetail.parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      return 0
    } catch let code as ExitCode {
      return code.rawValue
    } catch is CancellationError {
      Terminal.message("interrupted; what was finished is kept")
      return 130
    } catch {
      return report(error)
    }
  }

  private static func report(_ error: any Error) -> Int32 {
    switch error {
    case let error as SpecificationError:
      Terminal.message("error: \(error)")
      return 2
    case let error as NetworkFileError:
      Terminal.message("error: \(error)")
      return 2
    case let error as TableError:
      Terminal.message("error: \(error)")
      return 2
    case let error as TrialLogError:
      Terminal.message("error: \(error)")
      return 2
    case let error as LogError:
      Terminal.message("error: \(error)")
      return 2
    case let error as OfflineDesignError:
      Terminal.message("error: \(error)")
      return 2
    case let error as OfflineModelError:
      Terminal.message("error: \(error)")
      return 2
    case let error as SearchError:
      Terminal.message("error: \(error)")
      return 2
    case let error as ExecutorError:
      Terminal.message("error: \(error)")
      return 2
    case let error as DistributionError:
      Terminal.message("error: \(error)")
      return 2
    case let error as UserError:
      Terminal.message("error: \(error)")
      return 2
    default:
      break
    }
    // Help and version are delivered as errors, too; they belong on standard output.
    let code = Dovetail.exitCode(for: error)
    let text = Dovetail.fullMessage(for: error)
    if code.isSuccess {
      print(text)
      return 0
    }
    Terminal.message(text.hasPrefix("Error:") ? "error:" + text.dropFirst(6) : text)
    return 2
  }
}

/// A problem with what the user gave, with its next step.
struct UserError: Error, CustomStringConvertible {
  var problem: String
  var hint: String?

  var description: String { hint.map { "\(problem)\nhint: \($0)" } ?? problem }
}
