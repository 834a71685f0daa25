import BayesianOptimization
import DesignSpace
import Foundation
import SimulationLog
import Study
import Testing

@testable import Workflows

@Suite struct EarlierTrialsTests {
  private func earlier(
    _ sample: StudyProblem, _ entries: [StudyFile.EarlierTrials], context: Context = .single
  ) throws -> EarlierTrials {
    try EarlierTrials(
      entries, of: sample.study(), problem: sample.problem, context: context)
  }

  @Test func trialsAreJudgedByTheNewLimits() throws {
    let tight = try StudyProblem(limit: 10)
    let loose = try StudyProblem(limit: 20)
    defer {
      tight.remove()
      loose.remove()
    }
    let file = try tight.log(
      "old.sqlite",
      [
        tight.trial(0, 1, 1, [5, 8]), tight.trial(1, 2, 2, [3, 15]),
        tight.trial(2, 3, 3, [1, 25]), tight.trial(3, 4, 4, nil),
        tight.trial(4, 1, 1, [6, 9]),
      ])
    let known = try earlier(loose, [.init(path: file)])
    #expect(known.trials.map(\.id) == [-3, -2, -1])
    // The later answer for a design counts, one over the old limit is feasible, one over both is not.
    #expect(known.trials[0].outcome == .measured([6, 9]))
    #expect(known.trials[1].outcome == .measured([3, 15]))
    #expect(
      known.trials[2].outcome
        == .infeasible(Infeasibility(.limit("area <= 20"), values: [1, 25])))
    #expect(known.notes == ["\(file): 3 of 5 trials used, 1 failed, 1 repeated"])
  }

  @Test func otherWorkloadsAreNotMixedUp() throws {
    let sample = try StudyProblem()
    defer { sample.remove() }
    let file = try sample.log(
      "old.sqlite",
      [
        sample.trial(0, 1, 1, [5, 8], context: "net"),
        sample.trial(1, 2, 2, [3, 9], context: "other"),
      ], features: ["net": [1, 2, 3, 4, 5], "other": [1, 1, 1, 1, 1]])
    let net = Context(id: "net", features: [1, 2, 3, 4, 5])
    let same = try earlier(sample, [.init(path: file)], context: net)
    #expect(same.trials.map(\.outcome) == [.measured([5, 8])] && same.trials[0].context == "net")
    #expect(same.notes == ["\(file): 1 of 2 trials used, 1 of other workloads"])
    #expect(same.others.map(\.name) == ["other"] && same.others[0].trials.count == 1)
    // They are kept apart.
    let run = RunFolder(path: "\(sample.folder)/run")
    try run.prepare(resolved: "name: x\n")
    try run.keep([same], of: sample.problem, contexts: [net], features: WorkloadFeatures.names)
    let kept = try #require(try run.transferred(to: sample.problem, contexts: [net])?.first)
    #expect(kept.trials == same.trials && kept.others.map(\.name) == ["other"])
    #expect(kept.others[0].trials.map(\.outcome) == [.measured([3, 9])])
    // A network of the same name that is another one.
    let changed = Context(id: "net", features: [1, 2, 3, 4, 6])
    #expect(try earlier(sample, [.init(path: file)], context: changed).trials.isEmpty)
    // Unless the user says so.
    let named = try earlier(sample, [.init(path: file, workload: "other")], context: net)
    #expect(named.trials.map(\.outcome) == [.measured([3, 9])] && named.trials[0].context == "net")
    #expect(
      problemText { _ = try earlier(sample, [.init(path: file, workload: "othr")], context: net) }
        == """
        \(file): unknown workload "othr"
        hint: did you mean "other"? known: net, other
        """)
    #expect(
      problemText { _ = try earlier(sample, [.init(path: file)]) } == """
        \(file): got trials on 2 workloads, and a study that names none
        hint: say which is the study's: {log: FILE, workload: NAME}; known: net, other
        """)
    let single = try earlier(sample, [.init(path: file, workload: "net")])
    #expect(single.trials.count == 1 && single.trials[0].context.isEmpty)
  }

  @Test func severalLogsAreOneHistoryThatIsKept() throws {
    let sample = try StudyProblem(limit: 10)
    defer { sample.remove() }
    let first = try sample.log("a.sqlite", [sample.trial(0, 1, 1, [5, 8], seconds: 2)])
    let second = try sample.log(
      "b.sqlite",
      [sample.trial(0, 1, 1, [4, 8], seconds: 7), sample.trial(1, 0, 2, [2, 12], seconds: 9)])
    let known = try earlier(sample, [.init(path: first), .init(path: second)])
    #expect(known.trials.map(\.id) == [-2, -1])
    #expect(known.trials[0].outcome == .measured([4, 8]))
    #expect(EarlierTrials.medianSeconds(of: known.trials) == 9)
    #expect(EarlierTrials.medianSeconds(of: []) == nil)
    let folder = RunFolder(path: "\(sample.folder)/run")
    try folder.prepare(resolved: "name: x\n")
    #expect(try folder.transferred(to: sample.problem, contexts: [.single]) == nil)
    try folder.keep([known], of: sample.problem, contexts: [.single], features: [])
    let kept = try folder.transferred(to: sample.problem, contexts: [.single])
    #expect(kept?.map(\.trials) == [known.trials])
  }

  @Test func aRunThatLostItsHistoryIsRefused() throws {
    let sample = try StudyProblem()
    defer { sample.remove() }
    let folder = RunFolder(path: "\(sample.folder)/run")
    try folder.prepare(resolved: "name: x\n")
    _ = try folder.openLog(of: sample.problem, contexts: [.single], features: [])
    #expect(
      problemText {
        try folder.keep([], of: sample.problem, contexts: [.single], features: [])
      } == """
        \(folder.path): there are trials but no transferred.sqlite, which they began with
        hint: begin another run with --out
        """)
  }
}
