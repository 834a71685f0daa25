import DesignSpace

extension LogSpace: Codable {
  private enum CodingKeys: String, CodingKey { case name, parameters, constraints }

  private struct Entry: Codable {
    var name: String
    var title: String
    var unit: String
    var definition: ParameterDefinition
  }

  /// Reads a space as logs keep it.
  ///
  /// - Throws: `DecodingError` for what is no space.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let entries = try container.decode([Entry].self, forKey: .parameters)
    var parameters: [Parameter] = []
    for entry in entries {
      guard let parameter = entry.definition.parameter(named: entry.name, after: parameters) else {
        throw DecodingError.dataCorruptedError(
          forKey: .parameters, in: container, debugDescription: "parameter \(entry.name)")
      }
      parameters.append(parameter)
    }
    let constraints = try container.decode([String].self, forKey: .constraints)
    self.init(
      name: try container.decode(String.self, forKey: .name),
      space: try SearchSpace(parameters: parameters, constraints: constraints),
      titles: entries.map(\.title), units: entries.map(\.unit))
  }

  /// Writes parameters and the texts of constraints.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(
      space.parameters.enumerated().map { index, parameter in
        Entry(
          name: parameter.name, title: titles[index], unit: units[index],
          definition: ParameterDefinition(parameter))
      }, forKey: .parameters)
    try container.encode(space.constraints.map(\.text), forKey: .constraints)
  }
}
