/// Quotes text for a POSIX shell.
public enum ShellWord {
  /// The text as exactly one word, whatever it holds.
  ///
  /// Single quotes keep everything but themselves; a text of harmless characters stays as it is.
  /// - SeeAlso: POSIX.1-2017, Shell Command Language, section 2.2.2.
  public static func quoted(_ text: String) -> String {
    let isPlain =
      !text.isEmpty
      && text.unicodeScalars.allSatisfy { scalar in
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "-", ".", "/", ":", "=", ",", "+", "@", "%": true
        default: false
        }
      }
    if isPlain { return text }
    var word = "'"
    // By scalars: a quote that carries an accent is one character, and still a quote to the shell.
    for scalar in text.unicodeScalars {
      if scalar == "'" { word += "'\\''" } else { word.unicodeScalars.append(scalar) }
    }
    return word + "'"
  }

  /// Words as a line.
  public static func line(_ words: [String]) -> String {
    words.map(quoted).joined(separator: " ")
  }
}
