import CostModel
import MappingSearch
import Quantities

extension NetworkMapping {
  /// The layers as CSV, one row each; layers in which nothing fits have empty cells.
  public func csv(showingTimes: Bool = false) -> String {
    var header = "layer,count,energy_pj,cycles,edp_pj_cycles,utilization,bound_by,map_space_log10"
    header += ",proven,gap,mapper,evaluations" + (showingTimes ? ",seconds" : "")
    var lines = [header]
    for row in rows {
      var cells = [quoted(row.name), String(row.count)]
      let size = row.schedule.spaceSize.map { "\($0.log10)" } ?? ""
      if let cost = row.cost, let certificate = row.schedule.found?.certificate {
        cells += [
          "\(cost.energy.picojoules)", "\(cost.cycles.count)",
          "\(cost.energyDelayProduct.picojouleCycles)", "\(cost.utilization)",
          quoted(name(of: cost.bound)), size, "\(certificate.isOptimal)",
          certificate.gap.map { "\($0)" } ?? "", certificate.mapper.rawValue,
          "\(certificate.evaluationCount)",
        ]
      } else {
        cells += ["", "", "", "", "", size, "", "", "", ""]
      }
      if showingTimes { cells.append("\(row.schedule.seconds)") }
      lines.append(cells.joined(separator: ","))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func quoted(_ text: String) -> String {
    guard text.contains(where: { ",\"\r\n".contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
