import Foundation
import Testing

@Suite struct CheckCommandTests {
  @Test func everyShippedMachineRunsEveryShippedWorkload() throws {
    let files = { (folder: String) in
      try FileManager.default.contentsOfDirectory(
        atPath: DovetailProcess.root.appendingPathComponent("Configs/\(folder)").path
      ).filter { $0.hasSuffix(".yaml") }.sorted()
    }
    for machine in try files("architectures") {
      for workload in try files("workloads") {
        let result = try DovetailProcess.run([
          "check", "--architecture", "Configs/architectures/\(machine)", "--workload",
          "Configs/workloads/\(workload)",
        ])
        #expect(result.code == 0, "\(machine) \(workload): \(result.output)\(result.errors)")
      }
    }
  }

  @Test func aMappingThatDoesNotFitGetsVerifiedFixes() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("dovetail-check-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let workload = folder.appendingPathComponent("gemm.yaml")
    try Data(
      """
      name: gemm
      layers:
        - {name: product, matrixProduct: {rows: 64, columns: 64, inner: 64}}
      """.utf8
    ).write(to: workload)
    let mapping = folder.appendingPathComponent("mapping.yaml")
    try Data(
      """
      mappings:
        - layer: product
          levels:
            - {level: DRAM, temporal: [N=64]}
            - {level: buffer, spatialX: [M=32]}
            - {level: registers, temporal: [C=64, M=2]}
      """.utf8
    ).write(to: mapping)
    let result = try DovetailProcess.run([
      "check", "--architecture", "Configs/architectures/simple-3-level.yaml", "--workload",
      workload.path, "--mapping", mapping.path,
    ])
    #expect(result.code == 1)
    try expectGolden(result.output, "check-too-wide.txt")
  }
}
