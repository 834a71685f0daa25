import CoDesign
import Dispatch
import Foundation
import Workflows

/// Compares the methods of co-design at equal evaluations and writes what they found as CSV, a run at a time, so that a
/// killed comparison goes on where it ended.
///
/// `codesign [--file CSV] [--seeds 5] [--hardware 50] [--software 250] [--only PREFIX] STUDY...`
enum CoDesignBenchmark {
  /// A method with the options that make it a row of the comparison.
  struct Variant {
    var name: String
    var change: (inout CoSearchFile) -> Void
  }

  static var variants: [Variant] {
    var list = CoSearchFile.Method.allCases.map { method in
      Variant(name: method.rawValue) { $0.method = method }
    }
    list.append(
      Variant(name: "mapper, imperfect factors") {
        $0.method = .mapper
        $0.factors = .imperfect
      })
    func nested(_ name: String, _ change: @escaping (inout CoSearchFile) -> Void) {
      list.append(
        Variant(name: "nested, \(name)") {
          $0.method = .nested
          change(&$0)
        })
    }
    nested("traffic features") { $0.features = .traffic }
    nested("forest") { $0.surrogate = .forest }
    nested("EI") { $0.acquisition = .expectedImprovement }
    for weight in [0.1, 0.5, 2, 5] {
      nested("lambda \(weight)") { $0.acquisition = .lowerConfidenceBound(weight: weight) }
    }
    return list
  }

  static let checkpoints = [1, 2, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50]

  static func run(_ arguments: [String]) async throws {
    var file = "Tests/Benchmarks/Results/codesign.csv"
    var (seeds, hardware, software) = (5, 50, 250)
    var only: [String] = []
    var studies: [String] = []
    var rest = arguments[...]
    while let word = rest.popFirst() {
      switch word {
      case "--file": file = rest.popFirst() ?? file
      case "--seeds": seeds = rest.popFirst().flatMap { Int($0) } ?? seeds
      case "--hardware": hardware = rest.popFirst().flatMap { Int($0) } ?? hardware
      case "--software": software = rest.popFirst().flatMap { Int($0) } ?? software
      case "--only": only.append(rest.popFirst() ?? "")
      default: studies.append(word)
      }
    }
    if studies.isEmpty {
      studies = ["dqn", "mlp", "transformer", "resnet"].map {
        "Configs/studies/codesign-\($0)-168.yaml"
      }
    }
    var table = try Table(file)
    // Seeds outermost: a comparison that is cut short has all methods.
    for seed in 1...max(1, seeds) {
      for study in studies {
        for variant in variants
        where only.isEmpty || only.contains(variant.name) {
          var settings = try CoSearchFile(readingFile: study)
          settings.seed = UInt64(seed)
          settings.baselineConstraints = nil
          settings.budget.hardware = hardware
          settings.budget.software = software
          variant.change(&settings)
          try await measure(settings, variant.name, seed, &table)
        }
      }
    }
    print(table.summary)
  }

  private static func measure(
    _ settings: CoSearchFile, _ variant: String, _ seed: Int, _ table: inout Table
  ) async throws {
    let budget = "\(settings.budget.hardware)x\(settings.budget.software)"
    let key = "\(settings.name),\(budget),\"\(variant)\",\(seed)"
    guard !table.has(key) else { return }
    let folder =
      FileManager.default.temporaryDirectory.path
      + "/codesign-\(settings.name)-\(budget)-\(variant.filter { $0.isLetter || $0.isNumber })-\(seed)"
    let search = try CoSearch(settings, folder: folder, threadCount: 1)
    let start = clock()
    let trace = try await search.trace()
    let seconds = Double(clock() - start) / Double(CLOCKS_PER_SEC)
    var lines: [String] = []
    for machine in checkpoints where machine <= trace.count {
      let entry = trace[machine - 1]
      lines.append("\(key),\(machine),\(entry.evaluations),\(entry.best)")
    }
    if !checkpoints.contains(trace.count), let entry = trace.last {
      lines.append("\(key),\(trace.count),\(entry.evaluations),\(entry.best)")
    }
    lines.append("\(key),seconds,,\(String(format: "%.1f", seconds))")
    // Both mappers' baselines, for the first seed: each is the best of as many searches as there were machines.
    if seed == 1, ["nested", "mapper", "mapper, imperfect factors"].contains(variant),
      let baseline = try search.baselineObjectives()
    {
      lines.append("\(key),baseline once,,\(baseline.once)")
      lines.append("\(key),baseline best,,\(baseline.best)")
      if let bound = try search.boundObjective() { lines.append("\(key),lower bound,,\(bound)") }
    }
    try table.append(lines)
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// The CSV: study, budget, variant, seed, machine (or what else is told), evaluations, value.
  struct Table {
    private let path: String
    private var rows: [(key: String, what: String, evaluations: String, value: Double)] = []
    private var finished: Set<String> = []

    init(_ path: String) throws {
      self.path = path
      if !FileManager.default.fileExists(atPath: path) {
        try Data("study,budget,variant,seed,machine,evaluations,value\n".utf8).write(
          to: URL(fileURLWithPath: path))
      }
      for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        .dropFirst()
      {
        add(String(line))
      }
    }

    func has(_ key: String) -> Bool { finished.contains(key) }

    private mutating func add(_ line: String) {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard cells.count >= 7 else { return }
      let key = cells[0..<(cells.count - 3)].joined(separator: ",")
      finished.insert(key)
      rows.append(
        (
          key, cells[cells.count - 3], cells[cells.count - 2],
          Double(cells[cells.count - 1]) ?? .nan
        ))
    }

    /// Appends all lines of a run at once.
    mutating func append(_ lines: [String]) throws {
      guard let handle = FileHandle(forWritingAtPath: path) else {
        throw CocoaError(.fileWriteNoPermission)
      }
      try handle.seekToEnd()
      try handle.write(contentsOf: Data((lines.joined(separator: "\n") + "\n").utf8))
      try handle.close()
      for line in lines { add(line) }
    }

    /// Medians over seeds of the value at the end, by study, budget and variant.
    var summary: String {
      var groups: [String: [Double]] = [:]
      var order: [String] = []
      var last: [String: Double] = [:]
      var keys: [String] = []
      func note(_ group: String, _ value: Double) {
        if groups[group] == nil { order.append(group) }
        groups[group, default: []].append(value)
      }
      for row in rows {
        let group = row.key.split(separator: ",", omittingEmptySubsequences: false).dropLast()
          .joined(separator: ",")
        if Int(row.what) != nil {
          if last[row.key] == nil { keys.append(row.key) }
          last[row.key] = row.value
        } else {
          note("\(group): \(row.what)", row.value)
        }
      }
      for key in keys {
        let group = key.split(separator: ",", omittingEmptySubsequences: false).dropLast()
          .joined(separator: ",")
        note("\(group): best", last[key] ?? .nan)
      }
      return order.sorted().map { group in
        let values = (groups[group] ?? []).sorted()
        return
          "\(group): median \(values[values.count / 2]), \(values[0]) to \(values[values.count - 1]), \(values.count) seeds"
      }.joined(separator: "\n")
    }
  }
}
