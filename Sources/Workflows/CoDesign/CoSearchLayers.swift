import Workload

/// The distinct layers of several networks, each searched once a machine.
struct CoSearchLayers: Sendable {
  struct Job: Sendable {
    var layer: Layer
    var zeroShare: Double?
  }

  /// An entry of a network: its layer, by number, and how often it occurs.
  struct Use: Sendable {
    var job: Int
    var count: Int
    var name: String
  }

  /// Whether layers are mapped with bounds rounded up, too.
  let factors: CoSearchFile.Factors
  /// Distinct layers in the order of their first occurrence.
  let jobs: [Job]
  /// By network.
  let names: [String]
  /// By network: its entries.
  let uses: [[Use]]

  init(_ workloads: [ResolvedWorkload], factors: CoSearchFile.Factors = .perfect) {
    self.factors = factors
    var jobs: [Job] = []
    var numbers: [LayerShape: Int] = [:]
    uses = workloads.map { workload in
      zip(workload.network.entries, workload.zeroShares).map { entry, share in
        let shape = LayerShape(entry.layer, zeroShare: share)
        let number = numbers[shape] ?? jobs.count
        if number == jobs.count {
          jobs.append(Job(layer: entry.layer, zeroShare: share))
          numbers[shape] = number
        }
        return Use(job: number, count: entry.count, name: entry.layer.name)
      }
    }
    self.jobs = jobs
    names = workloads.map(\.network.name)
  }

  /// One layer by itself.
  init(job: Job, factors: CoSearchFile.Factors = .perfect) {
    self.factors = factors
    jobs = [job]
    names = [job.layer.name]
    uses = [[Use(job: 0, count: 1, name: job.layer.name)]]
  }
}
