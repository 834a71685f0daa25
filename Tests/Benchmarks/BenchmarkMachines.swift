import Accelerator

/// The architectures of the Timeloop reference records that the speed targets name.
enum BenchmarkMachines {
  /// 14 x 12 PEs with a scratchpad per tensor, 108 KB buffer.
  static func eyerissLike(energyPerHop: Double = 0) throws -> Architecture {
    let pe = Mesh(x: 14, y: 12)
    var levels = [
      level("DRAM", .dram, Mesh(x: 1, y: 1), nil, (480, 512, 520), block: 4, keep: nil),
      level(
        "GLB", .sram, Mesh(x: 1, y: 1), 55_296, (26.1, 28.7, 28.9), block: 4,
        keep: ["Inputs", "Outputs"]),
      level("ifmap_spad", .sram, pe, 12, (0.42, 0.45, 0.46), block: 1, keep: ["Inputs"]),
      level("weights_spad", .sram, pe, 224, (0.84, 0.91, 0.93), block: 1, keep: ["Weights"]),
      level("psum_spad", .sram, pe, 24, (0.51, 0.55, 0.57), block: 1, keep: ["Outputs"]),
    ]
    levels[1].bandwidth = Bandwidth(read: 16, write: 16)
    levels[1].network.energyPerHop = energyPerHop
    return try Architecture(
      name: "eyeriss_like", levels: levels,
      compute: ComputeArray(name: "MAC", mesh: pe, wordBits: 16, energyPerOperation: 0.94))
  }

  /// DRAM, one buffer, one register file per PE for all tensors, 256 PEs.
  static func simple3(energyPerHop: Double = 0) throws -> Architecture {
    let pe = Mesh(x: 16, y: 16)
    var levels = [
      level("DRAM", .dram, Mesh(x: 1, y: 1), nil, (120, 128, 130), block: 1, keep: nil),
      level("GLB", .sram, Mesh(x: 1, y: 1), 65_536, (7.3, 7.3, 7.7), block: 1, keep: nil),
      level("RF", .sram, pe, 256, (0.31, 0.33, 0.35), block: 1, keep: nil),
    ]
    levels[1].bandwidth = Bandwidth(read: 16, write: 16)
    levels[1].network.energyPerHop = energyPerHop
    return try Architecture(
      name: "simple3", levels: levels,
      compute: ComputeArray(name: "MAC", mesh: pe, wordBits: 16, energyPerOperation: 0.9))
  }

  private static func level(
    _ name: String, _ kind: MemoryKind, _ mesh: Mesh, _ capacity: Int?,
    _ energy: (Double, Double, Double), block: Int, keep: [String]?
  ) -> MemoryLevel {
    var level = MemoryLevel(
      name: name, kind: kind, mesh: mesh, capacityWords: capacity, wordBits: 16,
      energy: AccessEnergy(read: energy.0, fill: energy.1, update: energy.2))
    level.blockSize = block
    level.keptByDefault = keep
    return level
  }
}
