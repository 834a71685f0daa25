import Execution
import Foundation
import Interchange
import Testing

@testable import Workflows

/// What a user reads when a co-design study cannot be searched.
@Suite struct CoSearchErrorTests {
  /// The message of a study's text, up to the end of its checks before the search.
  private func message(_ change: (CoSearchStudy) throws -> String) async throws -> String {
    let study = try CoSearchStudy()
    defer { study.remove() }
    let text = try change(study)
    do {
      _ = try await CoSearch(study.file(text), folder: study.folder + "/run").run()
      return "none"
    } catch {
      return study.message(error)
    }
  }

  @Test func budgetsSmallerThanTheWarmUp() async throws {
    let soft = try await message { $0.text(software: 5) }
    #expect(
      soft
        == "study.yaml:5: budget.software: got 5, expected at least the warm-up of 8\n"
        + "hint: raise software, or lower softwareWarmUp to at most 5")
    let hard = try await message { $0.text(hardware: 1) }
    #expect(
      hard
        == "study.yaml:5: budget.hardware: got 1, expected at least the warm-up of 2\n"
        + "hint: raise hardware, or lower hardwareWarmUp to at most 2")
  }

  @Test func limitsNoDesignMeets() async throws {
    let units = try await message { $0.text(extra: "resources: [pes <= 8]") }
    #expect(
      units
        == "study.yaml: resources: no design of 200 drawn meets pes <= 8, the smallest has 16.00\n"
        + "hint: raise the limit to 16.00 at least")
    let unknown = try await message { $0.text(extra: "resources: [area <= 8]") }
    #expect(
      unknown
        == "study.yaml:7: resources[0]: unknown resource or parameter \"area\"\n"
        + "hint: known: area_mm2, pes, on_chip_kib, local_kib, global_kib, columns, rows, words, buffer"
    )
    let expression = try await message { $0.text(extra: "resources: [columns * row <= 8]") }
    #expect(
      expression
        == "study.yaml:7: resources[0]: constraint: column 11: unknown name \"row\"\n  columns * row\n            ^\n"
        + "hint: did you mean \"rows\"? known: columns, rows, words, buffer")
    let nothing = try await message { $0.text(extra: "resources: [columns + rows <= 3]") }
    #expect(nothing.hasPrefix("no legal design: "))
    let malformed = try await message { $0.text(extra: "resources: [pes > 8]") }
    #expect(
      malformed
        == "study.yaml:7: resources[0]: got pes > 8, expected a limit such as pes <= 168")
  }

  @Test func layersNoMachineRuns() async throws {
    let text = try await message { study in
      try study.write(
        "network.yaml",
        """
        name: net
        layers:
          - name: product
            matrixProduct: {rows: 8, columns: 32, inner: 64}
        """)
      try study.write(
        "space.yaml",
        """
        name: toy
        parameters:
          - {name: columns, type: integer, range: [1, 16]}
          - {name: rows, type: integer, range: [1, 16]}
          - {name: words, type: levels, values: [1, 2]}
          - {name: buffer, type: levels, values: [256, 1024]}
        constraints: [columns * rows == 16]
        """)
      return study.text()
    }
    #expect(
      text
        == "layer \"product\" of net: no design of 200 drawn can run it: registers: layer \"product\" "
        + "needs at least 3 words (Weights 1, Inputs 1, Outputs 1), has 2\n"
        + "hint: widen the space, or leave the layer out of the workload"
        || text.contains("has 1\n"))
  }

  @Test func baselinesThatAreNone() async throws {
    let missing = try await message { $0.text(extra: "baseline: {columns: 16, rows: 1}") }
    #expect(missing.hasPrefix("study.yaml: baseline: parameter \"words\""))
    let illegal = try await message {
      $0.text(extra: "baseline: {columns: 8, rows: 1, words: 16, buffer: 1024}")
    }
    #expect(illegal.hasPrefix("study.yaml: baseline: "))
    #expect(illegal.contains("columns * rows == 16"))
    let small = try await message {
      $0.text(extra: "baseline: {columns: 16, rows: 1, words: 2, buffer: 1024}")
    }
    #expect(
      small
        == "baseline: layer \"product\" cannot run: registers: layer \"product\" needs at least 3 words "
        + "(Weights 1, Inputs 1, Outputs 1), has 2\nhint: give a baseline that runs all layers, or none"
    )
  }

  @Test func keysThatContradict() async throws {
    let worst = try await message {
      $0.text(extra: "across: worst").replacingOccurrences(
        of: "[network.yaml]", with: "[network.yaml, other.yaml]")
    }
    #expect(
      worst
        == "study.yaml:7: across: got worst without a baseline, expected a baseline, of which the networks' "
        + "products are shares\nhint: add baseline: {PARAMETER: VALUE, ...}, or across: geometricMean"
    )
    let twice = try await message { study in
      try study.write(
        "copy.yaml", String(contentsOfFile: study.folder + "/network.yaml", encoding: .utf8))
      return study.text().replacingOccurrences(
        of: "[network.yaml]", with: "[network.yaml, copy.yaml]")
    }
    #expect(
      twice == "study.yaml: workloads: got two networks called \"net\", expected distinct names")
    let factors = try await message { $0.text(extra: "factors: imperfect") }
    #expect(
      factors
        == "study.yaml:7: factors: got imperfect, expected perfect with method nested\n"
        + "hint: the published searches split bounds into whole factors; method: mapper takes imperfect ones, too"
    )
    let evaluator = try await message {
      $0.text(method: "mapper", extra: "evaluator: {command: [simulate]}")
    }
    #expect(
      evaluator
        == "study.yaml:7: evaluator: got an evaluator with method mapper, expected another method: the mapper "
        + "asks the embedded model thousands of times\n"
        + "hint: method: nested is made for evaluators that take seconds")
    let weights = try await message { $0.text(extra: "weights: [1, 2]") }
    #expect(weights == "study.yaml:7: weights: got 2 weights, expected 1, one a workload")
    let method = try await message { $0.text(method: "nestd") }
    #expect(
      method
        == "study.yaml:4: method: unknown method \"nestd\"\nhint: did you mean \"nested\"? known methods: "
        + "boosted-trees, evolution, mapper, nested, random, relax-round, unconstrained")
    let key = try await message { $0.text(extra: "budgets: 3") }
    #expect(key.hasPrefix("study.yaml:7: unknown key \"budgets\"\nhint: did you mean \"budget\"?"))
  }

  @Test func foldersOfOthers() async throws {
    let study = try CoSearchStudy()
    defer { study.remove() }
    let folder = study.folder + "/run"
    _ = try CoSearch(study.file(study.text()), folder: folder)
    var message = ""
    do {
      _ = try CoSearch(study.file(study.text(hardware: 9)), folder: folder)
    } catch { message = study.message(error) }
    #expect(
      message
        == "run: the run is of another study\nhint: go on with it as it was: dovetail codesign --resume run; "
        + "or give another --out")
    try FileManager.default.removeItem(atPath: folder + "/resolved.yaml")
    try Data().write(to: URL(fileURLWithPath: folder + "/trials.sqlite"))
    do {
      _ = try CoSearch(study.file(study.text()), folder: folder)
    } catch { message = study.message(error) }
    #expect(
      message
        == "run: there is a log but no resolved.yaml, expected a run folder or an empty one\n"
        + "hint: give another --out")
  }

  @Test func stateThatIsGone() async throws {
    let study = try CoSearchStudy()
    defer { study.remove() }
    let folder = study.folder + "/run"
    let file = try study.file(study.text(hardware: 3))
    _ = try await CoSearch(file, folder: folder).run()
    try FileManager.default.removeItem(atPath: folder + "/state")
    var message = ""
    do { _ = try await CoSearch(file, folder: folder).run() } catch {
      message = study.message(error)
    }
    #expect(
      message == "run: state/2.json is absent or cut short\nhint: begin again with another --out")
  }

  /// Any damage to a study is an error of ours with a place, or no damage at all.
  @Test func damagedStudiesAreRefusedOrRead() throws {
    let study = try CoSearchStudy()
    defer { study.remove() }
    let text = Array(
      study.text(
        extra: "resources: [pes <= 16]\nacquisition: expectedImprovement\n\(CoSearchStudy.baseline)"
      ).utf8)
    var generator = Seed(5).generator()
    var refused = 0
    for _ in 0..<1_500 {
      var bytes = text
      for _ in 0..<(1 + generator.index(below: 3)) {
        let place = generator.index(below: bytes.count)
        switch generator.index(below: 3) {
        case 0: bytes[place] = UInt8(generator.index(below: 256))
        case 1: bytes.remove(at: place)
        default: bytes.insert(bytes[generator.index(below: bytes.count)], at: place)
        }
      }
      do throws(SpecificationError) {
        _ = try CoSearchFile(parsing: Data(bytes), named: "study.yaml")
      } catch {
        refused += 1
        #expect("\(error)".hasPrefix("study.yaml:"))
      }
    }
    #expect(refused > 200)
  }
}
