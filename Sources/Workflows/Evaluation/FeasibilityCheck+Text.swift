public import Accelerator
import CostModel

extension FeasibilityCheck {
  /// The result in words: per finding level, need, have and the verified changes.
  public func text(on architecture: Architecture) -> String {
    guard !isFeasible else { return "\(layer): can run\n" }
    var lines = ["\(layer): cannot run"]
    for finding in findings {
      lines.append("  \(describe(finding.violation, on: architecture))")
      for fix in finding.fixes {
        lines.append("    fix: \(fix.change)\(fix.makesLegal ? "" : " (other violations remain)")")
      }
      if finding.fixes.isEmpty { lines.append("    fix: no single small change removes this") }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Findings as a JSON object.
  public func json(on architecture: Architecture) -> String {
    var text = JSONText()
    text.raw("{\"layer\":")
    text.string(layer)
    text.member("feasible", isFeasible)
    text.raw(",\"findings\":[")
    for (index, finding) in findings.enumerated() {
      if index > 0 { text.raw(",") }
      let level = finding.violation.level
      text.raw("{\"level\":")
      text.string(
        level == architecture.levels.count
          ? architecture.compute.name : architecture.levels[level].name)
      text.member("reason", describe(finding.violation, on: architecture))
      text.raw(",\"fixes\":[")
      for (position, fix) in finding.fixes.enumerated() {
        if position > 0 { text.raw(",") }
        text.raw("{\"change\":")
        text.string(fix.change)
        text.member("makes_legal", fix.makesLegal)
        text.raw("}")
      }
      text.raw("]}")
    }
    text.raw("]}\n")
    return String(decoding: text.bytes, as: UTF8.self)
  }
}
