import CoDesign
import CostModel
import DesignSpace
import Foundation
import Interchange
import Quantities
import Testing

@testable import Workflows

@Suite struct CoSearchTests {
  @Test(arguments: Configs.paths("studies").filter { $0.contains("/codesign-") })
  func shippedStudiesAreWellFormed(path: String) throws {
    let file = try CoSearchFile(readingFile: path)
    let folder = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let search = try CoSearch(file, folder: folder)
    #expect(search.baseline != nil)
    let again = try CoSearchFile(readingFile: "\(folder)/resolved.yaml")
    #expect(try CoSearch(again, folder: folder).resolvedText == search.resolvedText)
  }

  @Test(arguments: CoSearchFile.Method.allCases)
  func everyMethodIsTheSameOnAnyNumberOfThreads(method: CoSearchFile.Method) async throws {
    let study = try CoSearchStudy()
    defer { study.remove() }
    let file = try study.file(
      study.text(
        method: method.rawValue, hardware: 4, software: 20, extra: CoSearchStudy.baseline))
    let one = try await CoSearch(file, folder: study.folder + "/one").run()
    let three = try await CoSearch(file, folder: study.folder + "/three", threadCount: 3).run()
    #expect(
      one.trace.elementsEqual(three.trace) {
        $0.evaluations == $1.evaluations && $0.best.bitPattern == $1.best.bitPattern
      })
    let proposal = try #require(one.proposal)
    let other = try #require(three.proposal)
    #expect(proposal.layers.map(\.mapping) == other.layers.map(\.mapping))
    #expect(proposal.objective == proposal.cost.networks[0].networkEDP * 1e-12)
    // Four machines, two layers, 20 mappings; machines that cannot run a layer take none.
    #expect(one.evaluationCount <= 160 && one.evaluationCount >= 40)
    for name in ["tables/best.csv", "tables/layers.csv", "nests.txt", "proposal.jsonl"] {
      #expect(
        FileManager.default.contents(atPath: "\(study.folder)/one/\(name)")
          == FileManager.default.contents(atPath: "\(study.folder)/three/\(name)"))
    }
    // Nothing is below its bound, and the best of five searches is not above one of them.
    let bound = one.bounds[0]
    #expect(proposal.cost.networks[0].networkEDP >= bound.networkEDP)
    let best = try #require(one.baselineBest?.networks[0])
    let once = try #require(one.baselineOnce?.networks[0])
    #expect(best.sumOfLayerEDPs <= once.sumOfLayerEDPs)
    // The steps lead from the baseline to the proposal.
    var values = ["columns": "16", "rows": "1", "words": "16", "buffer": "1024"]
    for change in proposal.steps.flatMap(\.changes) {
      #expect(values[change.name] == change.from)
      values[change.name] = change.to
    }
    for (name, value) in proposal.design { #expect(values[name] == value) }
    #expect(one.text(of: try CoSearch(file, folder: study.folder + "/one")).contains("lower bound"))
  }

  @Test(arguments: ["nested", "mapper"])
  func interruptedRunsGoOnAsIfNothingHadHappened(method: String) async throws {
    let study = try CoSearchStudy()
    defer { study.remove() }
    let file = try study.file(study.text(method: method, hardware: 6))
    let whole = try await CoSearch(file, folder: study.folder + "/whole").run()
    let folder = study.folder + "/cut"
    let task = Task {
      try await CoSearch(file, folder: folder).run { state in
        if state.machineCount == 3 { withUnsafeCurrentTask { $0?.cancel() } }
      }
    }
    await #expect(throws: CancellationError.self) { _ = try await task.value }
    let resumed = try await CoSearch(file, folder: folder).run()
    #expect(resumed.trace.map(\.evaluations) == whole.trace.map(\.evaluations))
    #expect(resumed.proposal?.objective == whole.proposal?.objective)
    #expect(
      FileManager.default.contents(atPath: "\(folder)/proposal.jsonl")
        == FileManager.default.contents(atPath: "\(study.folder)/whole/proposal.jsonl"))
  }

  @Test func recordsCostTheSameInTheBatch() async throws {
    let study = try CoSearchStudy()
    defer { study.remove() }
    let file = try study.file(study.text(method: "mapper"))
    let finding = try await CoSearch(file, folder: study.folder + "/run").run()
    let proposal = try #require(finding.proposal)
    let data = try #require(
      FileManager.default.contents(atPath: study.folder + "/run/proposal.jsonl"))
    let reader = MappingRecordReader()
    let lines = data.split(separator: 10)
    #expect(lines.count == 2)
    for (line, layer) in zip(lines, proposal.layers) {
      let record = try Array(line).withUnsafeBufferPointer { try reader.read($0).record }
      let model = LoopNestCostModel(
        layer: record.layer, architecture: record.architecture, terms: .countingOnly)
      guard case .legal(let cost) = model.cost(of: record.mapping) else {
        Issue.record("\(layer.name) cannot run")
        continue
      }
      #expect(cost.energy == layer.cost.energy)
      #expect(cost.cycles == layer.cost.cycles)
    }
    // A layer that occurs twice counts twice.
    let energy =
      proposal.layers[0].cost.energy.picojoules + 2 * proposal.layers[1].cost.energy.picojoules
    #expect(proposal.cost.networks[0].energy == energy)
  }

  @Test func severalNetworksAreWeighedByTheirShares() async throws {
    let study = try CoSearchStudy()
    defer { study.remove() }
    try study.write(
      "other.yaml",
      """
      name: other
      layers:
        - name: wide
          matrixProduct: {rows: 4, columns: 64, inner: 16}
      """)
    for across in CoSearchFile.Across.allCases {
      let text = study.text(
        method: "mapper",
        extra: "across: \(across.rawValue)\nweights: [1, 3]\n\(CoSearchStudy.baseline)"
      ).replacingOccurrences(of: "[network.yaml]", with: "[network.yaml, other.yaml]")
      let search = try CoSearch(
        study.file(text), folder: "\(study.folder)/\(across.rawValue)")
      let proposal = try #require(try await search.run().proposal)
      let products = proposal.cost.networks.map(\.networkEDP)
      switch across {
      case .geometricMean:
        let mean = (products[0] * products[1]).squareRoot() * 1e-12
        #expect(abs(proposal.objective / mean - 1) < 1e-12)
      case .weightedSum, .worst:
        let reference = try #require(try search.reference())
        let shares = zip(products, reference.networks.map(\.networkEDP)).map { $0 / $1 }
        let value = across == .worst ? max(shares[0], shares[1]) : shares[0] + 3 * shares[1]
        #expect(abs(proposal.objective / value - 1) < 1e-12)
      }
    }
  }

  /// A simulator that answers numbers of its own, and dies for good at its thirtieth call.
  @Test func aSimulatorThatDiesLosesNothing() async throws {
    let study = try CoSearchStudy()
    defer { study.remove() }
    try study.write(
      "simulator.sh",
      """
      cat >/dev/null
      if [ -e "\(study.folder)/dead" ] && [ $(wc -l <"\(study.folder)/calls") -ge 30 ]; then exit 139; fi
      echo call >>"\(study.folder)/calls"
      n=$(wc -l <"\(study.folder)/calls")
      echo "{\\"id\\":\\"mapping\\",\\"results\\":{\\"valid\\":true,\\"cycles\\":$((1000 + n % 7)),\\"energy_pj\\":5.5}}"
      """)
    try study.write("calls", "")
    try study.write("dead", "")
    let file = try study.file(
      study.text(
        hardware: 2, software: 40,
        extra: "evaluator: {command: [sh, \"\(study.folder)/simulator.sh\"], timeoutSeconds: 20}"))
    let folder = study.folder + "/run"
    var message = ""
    do {
      _ = try await CoSearch(file, folder: folder).run()
    } catch {
      message = study.message(error)
    }
    #expect(
      message
        == "evaluator: broke 20 times in a row: crash: exit status 139\nhint: what was answered is kept; "
        + "mend it and go on with dovetail codesign --resume run")
    try FileManager.default.removeItem(atPath: study.folder + "/dead")
    let finding = try await CoSearch(file, folder: folder).run()
    let calls = try String(contentsOfFile: study.folder + "/calls", encoding: .utf8)
    // Two machines, two layers, forty mappings: each was answered once.
    #expect(finding.evaluationCount <= 160 && finding.evaluationCount >= 80)
    #expect(calls.split(separator: "\n").count == finding.evaluationCount)
    let answers = try String(contentsOfFile: folder + "/evaluations.csv", encoding: .utf8)
    #expect(
      answers.split(separator: "\n").filter { $0.contains("measured") }.count
        == finding.evaluationCount)
    // The log has uJ: going there and back rounds.
    let energy = try #require(finding.proposal).cost.networks[0].energy
    #expect(abs(energy / 16.5 - 1) < 1e-12)
  }

  /// Bounds that are primes fill no array with factors that divide them; the kept run tells the same again.
  @Test func imperfectFactorsFillTheArray() async throws {
    let study = try CoSearchStudy()
    defer { study.remove() }
    try study.write(
      "network.yaml",
      """
      name: net
      layers:
        - name: product
          matrixProduct: {rows: 13, columns: 31, inner: 59}
      """)
    var objectives: [Double] = []
    for factors in ["perfect", "imperfect"] {
      let file = try study.file(
        study.text(
          method: "mapper", hardware: 6, software: 600,
          extra: "factors: \(factors)\n\(CoSearchStudy.baseline)"))
      let folder = "\(study.folder)/\(factors)"
      let finding = try await CoSearch(file, folder: folder).run()
      let cost = try #require(finding.proposal).cost.networks[0]
      // No more work than there is, on 16 units: 13 x 31 x 59 multiplications.
      #expect(cost.cycles >= 23_777.0 / 16)
      objectives.append(cost.energy * cost.cycles)
      let again = try await CoSearch(file, folder: folder).run()
      let kept = try #require(again.proposal).cost.networks[0]
      #expect(kept.energy == cost.energy && kept.cycles == cost.cycles)
    }
    // 13 of 16 columns at best without rounding up, so that a fifth is won at least.
    #expect(objectives[1] < 0.9 * objectives[0])
  }

  /// The same with one process for many mappings, which is started again after it died.
  @Test func aPersistentSimulatorThatDiesLosesNothing() async throws {
    let study = try CoSearchStudy()
    defer { study.remove() }
    try study.write(
      "simulator.sh",
      """
      echo start >>"\(study.folder)/starts"
      while read -r line; do
        if [ -e "\(study.folder)/dead" ] && [ $(wc -l <"\(study.folder)/calls") -ge 30 ]; then exit 139; fi
        echo call >>"\(study.folder)/calls"
        n=$(wc -l <"\(study.folder)/calls")
        echo "{\\"id\\":\\"mapping\\",\\"results\\":{\\"valid\\":true,\\"cycles\\":$((1000 + n % 7)),\\"energy_pj\\":5.5}}"
      done
      """)
    for name in ["calls", "dead", "starts"] { try study.write(name, "") }
    func count(_ name: String) throws -> Int {
      try String(contentsOfFile: "\(study.folder)/\(name)", encoding: .utf8)
        .split(separator: "\n").count
    }
    let file = try study.file(
      study.text(
        hardware: 2, software: 40,
        extra: "evaluator: {command: [sh, \"\(study.folder)/simulator.sh\"], persistent: true, "
          + "timeoutSeconds: 20}"))
    let folder = study.folder + "/run"
    var message = ""
    do {
      _ = try await CoSearch(file, folder: folder).run()
    } catch {
      message = study.message(error)
    }
    #expect(
      message
        == "evaluator: broke 20 times in a row: crash: ended with exit status 139 without an answer\n"
        + "hint: what was answered is kept; mend it and go on with dovetail codesign --resume run")
    let resolved = try String(contentsOfFile: folder + "/resolved.yaml", encoding: .utf8)
    #expect(resolved.contains("  persistent: true\n"))
    let starts = try count("starts")
    try FileManager.default.removeItem(atPath: study.folder + "/dead")
    let finding = try await CoSearch(file, folder: folder).run()
    // Each mapping was answered once, by a handful of processes.
    #expect(try count("calls") == finding.evaluationCount)
    #expect(finding.evaluationCount >= 80)
    #expect(try count("starts") - starts <= 8)
  }

  @Test func aSimulatorsNonsenseIsAFailure() throws {
    // As the program does: a simulator that does not read must not end the tests.
    signal(SIGPIPE, SIG_IGN)
    let estimator = { (text: String, seconds: Double) in
      CommandEstimator(command: ["sh", "-c", text], timeoutSeconds: seconds)
    }
    let study = try CoSearchStudy()
    defer { study.remove() }
    let template = try ArchitectureTemplate(readingFile: study.folder + "/template.yaml")
    let point = try template.space.point(["columns": 4, "rows": 4, "words": 64, "buffer": 4096])
    let workload = try readWorkload(path: study.folder + "/network.yaml").workload
    let layers = CoSearchLayers([workload])
    let machine = try CoSearchMachine(template, at: point, layers: layers)
    var generator = SeededMapping(machine.spaces[0])
    let drawn = generator.next()
    let mapping = try #require(drawn)
    for (text, seconds, expected) in [
      (
        "cat >/dev/null; echo hello", 20.0,
        "garbage: got \"hello?\", expected {\"results\": {\"valid\": ...}}"
      ),
      ("exit 3", 20, "crash: exit status 3"),
      ("cat >/dev/null; kill -9 $$", 20, "crash: signal 9"),
      ("cat >/dev/null; exec sleep 30", 0.3, "timeout: no answer in 0.3 s"),
      (
        "cat >/dev/null; echo '{\"results\":{\"valid\":true,\"cycles\":-1,\"energy_pj\":2}}'", 20,
        "garbage: energy_pj, cycles: expected numbers above 0"
      ),
    ] {
      let estimate = estimator(text, seconds).estimate(
        of: layers.jobs[0].layer, on: machine.architecture, zeroShare: nil)
      var got = ""
      do { _ = try estimate(mapping) } catch {
        got = "\(error)".replacingOccurrences(of: "\n", with: "?")
      }
      #expect(got == expected)
    }
    let illegal = estimator("cat >/dev/null; echo '{\"results\":{\"valid\":false}}'", 20)
      .estimate(of: layers.jobs[0].layer, on: machine.architecture, zeroShare: nil)
    #expect(try illegal(mapping) == nil)
  }
}
