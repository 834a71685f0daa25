import Accelerator
import CostModel
import Foundation
import Interchange
import MappingSearch
import Quantities
import Testing
import Workflows
import Workload

@Suite struct TimeloopDemandsTests {
  private static func file(_ buffer: String, fanOut: String = "", mesh: String = "meshX: 4")
    -> String
  {
    """
    architecture:
      version: 0.4
      nodes:
        - !Component
          name: outside
          class: DRAM
          attributes: {width: 64, datawidth: 8, type: LPDDR4, technology: "65nm"}
        - !Component
          name: buffer
          class: SRAM
          attributes: {depth: 4096, width: 64, datawidth: 8, technology: "65nm"}
          \(buffer)
        - !Container
          name: row
          spatial: {\(mesh)}
          \(fanOut)
        - !Component
          name: pad
          class: regfile
          attributes: {depth: 16, width: 8, datawidth: 8, technology: "65nm"}
        - !Component
          name: mac
          class: intmac
          attributes: {datawidth: 8, technology: "65nm"}

    """
  }

  /// Maps a product of 16 x 8 x 12 (dimensions M, N and C) under the demands of a file.
  private func map(_ text: String) throws -> NetworkMapping {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("dovetail-\(UUID().uuidString).yaml").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    let machine = try readArchitecture(path: path, using: .shipped, warnsOfConstraints: false)
    #expect(!machine.warnings.contains { "\($0)".contains("not applied") })
    let workload = try WorkloadFile(
      parsing: Data(
        "name: w\nlayers:\n  - {name: product, matrixProduct: {rows: 8, columns: 16, inner: 12}}\n"
          .utf8), named: "w.yaml"
    ).resolve()
    return try NetworkMapping(
      of: workload, on: machine.value.architecture, terms: .asDescribed,
      options: MappingOptions(), demands: try TimeloopDemands(readingFile: path))
  }

  private func message(_ text: String) -> String {
    do {
      _ = try map(text)
      return ""
    } catch let error as SpecificationError {
      return error.description.split(separator: "/").last.map {
        $0.split(separator: ":").dropFirst(2).joined(separator: ":")
      } ?? ""
    } catch {
      return "\(error)"
    }
  }

  @Test func demandsAreObeyed() throws {
    let mapping = try map(
      Self.file(
        "constraints: {temporal: {factors: [C=3, M<=4], permutation: [N, C]}}",
        fanOut: "constraints: {spatial: {factors: [M=2, N=1]}}"))
    let layer = mapping.workload.network.entries[0].layer
    let found = try #require(mapping.schedules[0]?.found?.mapping)
    let name = { (loop: Loop) in layer.dimensions[loop.dimension].name }
    let nest = found.nests[1]
    #expect(nest.temporal.first { name($0) == "C" }?.factor == 3)
    #expect((nest.temporal.first { name($0) == "M" }?.factor ?? 1) <= 4)
    #expect(nest.spatialX.first { name($0) == "M" }?.factor == 2)
    #expect(!nest.spatialX.contains { name($0) == "N" })
    let order = nest.temporal.map(name)
    if order.contains("N") {
      #expect(order.last == "N")
    } else {
      #expect(order.last == "C")
    }
    #expect(mapping.schedules[0]?.found?.certificate.proof?.isOptimal == true)
  }

  /// An exact factor above the bound asks nothing, as in Timeloop; a permission asks nothing either.
  @Test func whatAsksNothingChangesNothing() throws {
    let free = try map(Self.file(""))
    let asked = try map(
      Self.file(
        "constraints: {temporal: {factors: [C=64]}, max_overbooked_proportion: {proportion: 0.5}}"))
    #expect(
      free.evaluation.energyDelayProduct.picojouleCycles
        == asked.evaluation.energyDelayProduct.picojouleCycles)
  }

  @Test func whatNoRuleExpressesIsRefusedByName() {
    let hint =
      "expected constraints that map can apply\n"
      + "hint: remove it from the file and give rules with --constraints instead"
    #expect(
      message(Self.file("constraints: {temporal: {factors: [C>=2]}}"))
        == " got C>=2 in the temporal loops of buffer, \(hint)")
    #expect(
      message(Self.file("constraints: {temporal: {default_min_factor: 2}}"))
        == " got default_min_factor 2 of the temporal loops of buffer, \(hint)")
    #expect(
      message(
        Self.file(
          "", fanOut: "constraints: {spatial: {factors: [M=2]}}", mesh: "meshX: 4, meshY: 2"))
        == " got constraint on spatial loops below buffer, a fan-out of 4 x 2, \(hint)")
  }

  @Test func demandsThatContradictTheLayerSaySo() {
    let text = message(Self.file("constraints: {temporal: {factors: [C=5]}}"))
    #expect(text.hasPrefix(" constraints for layer \"product\": "))
  }
}
