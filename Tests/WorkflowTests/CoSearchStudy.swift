import Accelerator
import Execution
import Foundation
import MappingSearch

@testable import Workflows

/// A co-design study of a few seconds in a folder of its own: a machine of three levels, two layers.
struct CoSearchStudy {
  let folder: String

  init() throws {
    folder =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("dovetail-codesign-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try write(
      "space.yaml",
      """
      name: toy
      parameters:
        - {name: columns, type: integer, range: [1, 16]}
        - {name: rows, type: integer, range: [1, 16]}
        - {name: words, type: levels, values: [2, 16, 32, 64]}
        - {name: buffer, type: levels, values: [256, 1024, 4096]}
      constraints: [columns * rows == 16]
      """)
    try write(
      "template.yaml",
      """
      name: toy
      space: space.yaml
      clockMHz: 200
      wordBits: 16
      levels:
        - {name: DRAM, kind: DRAM, energy: {read: 200, fill: 200, update: 200}}
        - {name: buffer, kind: SRAM, capacity: "{buffer}", energy: {read: 6, fill: 6, update: 6}, leakage: 0, area: 0.1}
        - name: registers
          kind: registers
          mesh: ["{columns}", "{rows}"]
          capacity: "{words}"
          energy: {read: "{words / 32}", fill: "{words / 32}", update: "{words / 32}"}
          leakage: 0
          area: 0.01
      compute: {name: MAC, mesh: ["{columns}", "{rows}"], energy: 1, wordBits: 16, area: 0.01}
      """)
    try write(
      "network.yaml",
      """
      name: net
      layers:
        - name: product
          matrixProduct: {rows: 8, columns: 32, inner: 64}
        - name: convolution
          count: 2
          convolution: {C: 8, M: 16, R: 3, S: 3, P: 8, Q: 8}
      """)
  }

  func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  static let baseline = "baseline: {columns: 16, rows: 1, words: 16, buffer: 1024}"

  /// The text of a study.
  func text(
    method: String = "nested", hardware: Int = 5, software: Int = 25, extra: String = ""
  ) -> String {
    """
    name: toy
    template: template.yaml
    workloads: [network.yaml]
    method: \(method)
    budget: {hardware: \(hardware), software: \(software), hardwareWarmUp: 2, softwareWarmUp: 8}
    seed: 3
    \(extra)
    """
  }

  func file(_ text: String) throws -> CoSearchFile {
    try write("study.yaml", text)
    return try CoSearchFile(readingFile: "\(folder)/study.yaml")
  }

  /// The file with its folder's name left out of messages.
  func message(_ error: any Error) -> String {
    "\(error)".replacingOccurrences(of: "\(folder)/", with: "")
  }
}

/// Legal mappings of a space.
struct SeededMapping {
  private let workbench: MappingWorkbench
  private var generator = Seed(1).generator()

  init(_ space: MapSpace) { workbench = MappingWorkbench(space) }

  mutating func next() -> Mapping? {
    workbench.draw(using: &generator) ? workbench.mapping() : nil
  }
}
