import Accelerator
import CostModel
import Foundation
import Interchange
import Quantities
import Testing
import Workflows
import Workload

/// Repository folders, found from the place of this source file.
enum Repository {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static func paths(_ folder: String, _ ending: String) -> [String] {
    let directory = root.appendingPathComponent(folder)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
    return names.filter { $0.hasSuffix(ending) }.sorted().map {
      directory.appendingPathComponent($0).path
    }
  }

  /// The measured records of one compressed file.
  static func records(_ path: String) throws -> [MappingRecord] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/gzip")
    process.arguments = ["-dc", path]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let text = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let reader = MappingRecordReader()
    return try text.split(separator: UInt8(ascii: "\n")).map { line in
      try Array(line).withUnsafeBufferPointer { try reader.read($0).record }
    }
  }
}

extension TimeloopExport {
  /// The files of the v0.4 form, or the one of the flat form, as an input.
  func input(flat: Bool) throws -> TimeloopInput {
    let chosen = files.filter { ($0.name == "timeloop-model.yaml") == flat }
    return try TimeloopInput(parsing: chosen.map { ($0.name, Data($0.text.utf8)) })
  }
}

@Suite struct TimeloopRoundTripTests {
  @Test(
    arguments: Repository.paths("Tests/CostModelTests/References/timeloop", ".gz"), [true, false])
  func referenceRecordsSurvive(path: String, flat: Bool) throws {
    var count = 0
    for record in try Repository.records(path) {
      let export = try TimeloopExport(
        layer: record.layer, architecture: record.architecture, mapping: record.mapping)
      let input = try export.input(flat: flat)
      let layer = try input.layer()
      let architecture = try input.architecture()
      let mapping = try input.mapping()
      #expect(layer == Imported(record.layer))
      #expect(architecture == Imported(record.architecture))
      #expect(mapping == Imported(record.mapping), "\(record.identifier)")
      #expect(input.warnings.isEmpty)
      count += 1
    }
    #expect(count >= 60)
  }

  @Test(arguments: Repository.paths("Configs/mappings", ".yaml"), [true, false])
  func shippedMappingsSurvive(path: String, flat: Bool) throws {
    let isVGG = path.hasSuffix("-vgg16.yaml")
    let root = Repository.root.appendingPathComponent("Configs")
    let full = try ArchitectureFile(
      readingFile: root.appendingPathComponent("architectures/eyeriss-168.yaml").path
    ).resolve(using: .shipped).architecture
    let workload = root.appendingPathComponent(
      "workloads/\(isVGG ? "vgg16-batch3" : "alexnet").yaml")
    let network = try WorkloadFile(readingFile: workload.path).resolve().network
    let mappings = try MappingFile(readingFile: path).resolve(
      network: network, architecture: full)
    let expected = try full.asTimeloopSeesIt()
    #expect(!mappings.isEmpty)
    for layer in network.entries.map(\.layer) {
      guard let mapping = mappings[layer.name] else { continue }
      let export = try TimeloopExport(layer: layer, architecture: full, mapping: mapping)
      #expect(export.warnings.contains("the clock is left out"))
      let input = try export.input(flat: flat)
      #expect(try input.layer().value == layer)
      #expect(try input.architecture().value == expected)
      #expect(try input.mapping().value == mapping)
    }
  }

  @Test(arguments: Repository.paths("Configs/architectures", ".yaml"), [true, false])
  func shippedArchitecturesSurvive(path: String, flat: Bool) throws {
    let full = try ArchitectureFile(readingFile: path).resolve(using: .shipped).architecture
    let layer = try Layer.matrixProduct(name: "one", rows: 1, columns: 1, inner: 1)
    let nests = full.levels.map { _ in LoopNest(keeps: [true, true, true]) }
    let mapping = try Mapping(nests: nests, for: layer, on: full)
    let export = try TimeloopExport(layer: layer, architecture: full, mapping: mapping)
    #expect(try export.input(flat: flat).architecture() == Imported(full.asTimeloopSeesIt()))
  }

  @Test(arguments: Repository.paths("Configs/workloads", ".yaml"))
  func shippedLayersSurvive(path: String) throws {
    let network = try WorkloadFile(readingFile: path).resolve().network
    let machine = try Architecture(
      name: "one",
      levels: [
        MemoryLevel(
          name: "M", kind: .dram, mesh: Mesh(x: 1, y: 1), capacityWords: nil, wordBits: 8,
          energy: AccessEnergy(read: 1, fill: 1, update: 1))
      ],
      compute: ComputeArray(
        name: "MAC", mesh: Mesh(x: 1, y: 1), wordBits: 8, energyPerOperation: 1))
    for layer in network.entries.map(\.layer) {
      let loops = layer.dimensions.indices.map {
        Loop(dimension: $0, factor: layer.dimensions[$0].bound)
      }
      let nest = LoopNest(temporal: loops, keeps: layer.operands.map { _ in true })
      let mapping = try Mapping(nests: [nest], for: layer, on: machine)
      let export = try TimeloopExport(layer: layer, architecture: machine, mapping: mapping)
      for flat in [true, false] {
        #expect(try export.input(flat: flat).layer() == Imported(layer.withoutBits()))
        #expect(try export.input(flat: flat).mapping() == Imported(mapping))
      }
    }
  }
}

extension TimeloopRoundTripTests {
  @Test func unrollingWithoutAFanOutIsRefused() throws {
    func level(_ name: String) -> MemoryLevel {
      MemoryLevel(
        name: name, kind: .sram, mesh: Mesh(x: 1, y: 1), capacityWords: 64, wordBits: 8,
        energy: AccessEnergy(read: 1, fill: 1, update: 1))
    }
    let machine = try Architecture(
      name: "two", levels: [level("outer"), level("inner")],
      compute: ComputeArray(
        name: "MAC", mesh: Mesh(x: 4, y: 1), wordBits: 8, energyPerOperation: 1))
    let layer = try Layer.matrixProduct(name: "one", rows: 1, columns: 2, inner: 1)
    let dimension = try #require(layer.dimensions.firstIndex { $0.bound == 2 })
    let loops = [Loop(dimension: dimension, factor: 2)]
    let mapping = try Mapping(
      nests: [
        LoopNest(spatialX: loops, keeps: [true, true, true]),
        LoopNest(keeps: [true, true, true]),
      ], for: layer, on: machine)
    #expect(throws: TimeloopExportError.noFanOut(level: "outer", x: 1, y: 1)) {
      try TimeloopExport(layer: layer, architecture: machine, mapping: mapping)
    }
    #expect(
      "\(TimeloopExportError.noFanOut(level: "outer", x: 1, y: 1))"
        == "level \"outer\": got spatial loops below it where the fan-out is 1 x 1, "
        + "expected temporal loops; Timeloop unrolls only over instances that are there")
  }
}

extension Layer {
  /// Without element widths, which Timeloop does not have.
  fileprivate func withoutBits() throws -> Layer {
    try Layer(
      name: name, dimensions: dimensions,
      operands: operands.map { Operand(name: $0.name, axes: $0.axes, role: $0.role) })
  }
}

extension Architecture {
  /// Without what Timeloop has no place for: clock, effects and the shortest cycles.
  fileprivate func asTimeloopSeesIt() throws -> Architecture {
    let levels = levels.map { level in
      var level = level
      level.shortestCycleNanoseconds = nil
      return level
    }
    return try Architecture(name: name, levels: levels, compute: compute)
  }
}
