import Accelerator
import MappingSearch
import Quantities
import Workload

/// A small machine and layers that the tests share.
enum Machines {
  static func small(columns: Int = 4, rows: Int = 4, registers: Int = 64, buffer: Int = 4_096)
    throws -> Architecture
  {
    let mesh = Mesh(x: columns, y: rows)
    func level(
      _ name: String, _ kind: MemoryKind, _ mesh: Mesh, _ words: Int?, _ energy: Double
    ) -> MemoryLevel {
      MemoryLevel(
        name: name, kind: kind, mesh: mesh, capacityWords: words, wordBits: 16,
        energy: AccessEnergy(read: energy, fill: energy, update: energy))
    }
    return try Architecture(
      name: "small",
      levels: [
        level("DRAM", .dram, Mesh(x: 1, y: 1), nil, 200),
        level("buffer", .sram, Mesh(x: 1, y: 1), buffer, 6),
        level("registers", .registers, mesh, registers, 1),
      ],
      compute: ComputeArray(name: "MAC", mesh: mesh, wordBits: 16, energyPerOperation: 1),
      clock: Frequency(megahertz: 200))
  }

  static func convolution() throws -> Layer {
    try Layer.convolution(
      name: "c",
      Layer.ConvolutionShape(
        inputChannels: 16, outputChannels: 32, kernel: (3, 3), output: (12, 12)))
  }

  static func space(_ machine: Architecture? = nil) throws -> MapSpace {
    try MapSpace(of: convolution(), on: machine ?? small())
  }
}
