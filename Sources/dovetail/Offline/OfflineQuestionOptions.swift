import ArgumentParser
import OfflineDesign
import Study
import Workflows

/// The options that choose what of a log is learned from.
struct OfflineQuestionOptions: ParsableArguments {
  @Argument(help: "The log.", completion: .file())
  var log: String

  @Option(
    name: .long, help: ArgumentHelp("Space of the log, where it has several.", valueName: "name"))
  var space: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Limit that decides about feasibility instead of the log's; repeatable.",
      valueName: "metric<=number"))
  var limit: [String] = []

  func open() throws -> OfflineStudy {
    var question = OfflineStudy.Question()
    question.space = space
    question.limits = try limit.map { try LogRoles.limit($0, at: "--limit") }
    return try OfflineStudy(log: log, question: question).under(question.limits)
  }
}

/// The options that choose whom to ask: a trained model, or a log that is learned from first.
struct OfflineSourceOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Model to ask, of offline train; nothing is learned again.", valueName: "file"),
    completion: .file())
  var model: String?

  @Option(
    name: .long, help: ArgumentHelp("Space of the log, where it has several.", valueName: "name"))
  var space: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Limit that decides about feasibility instead of the log's; on a metric, a parameter, or an expression over parameters; repeatable.",
      valueName: "quantity<=number"))
  var limit: [String] = []

  /// The model, and the rows designs are new to, under the limits of the question; the limits that are exact beforehand.
  ///
  /// - Parameter isOfWholeSpace: Whether limits on the design alone are refused, since candidates are given.
  func open(
    log: String?, options: CommitteeOptions, isOfWholeSpace: Bool = false,
    progress: (String) -> Void
  ) throws -> (model: OfflineModel, study: OfflineStudy, known: KnownLimits) {
    var question = OfflineStudy.Question()
    question.space = space
    question.limits = try limit.map { try LogRoles.limit($0, at: "--limit") }
    guard let file = model else {
      guard let log else {
        throw UserError(
          problem: "got neither a log nor --model, expected one of them",
          hint: "give the log's file, or a model that offline train made")
      }
      let study = try OfflineStudy(log: log, question: question)
      let limited = try study.asked(question.limits)
      try check(limited.known, isOfWholeSpace, nil)
      let model = try OfflineModel(training: study, options: options, progress: progress)
      return (model, limited.study, limited.known)
    }
    progress("reading the model")
    let trained = try OfflineModel(readingFile: file)
    var study = trained.study
    if let log {
      question.hasEveryMetric = true
      study = try OfflineStudy(log: log, question: question)
      try trained.check(study)
    }
    let limited = try study.asked(question.limits)
    try check(limited.known, isOfWholeSpace, trained)
    return (trained, limited.study, limited.known)
  }

  private func check(_ known: KnownLimits, _ isOfWholeSpace: Bool, _ model: OfflineModel?) throws {
    guard let limit = known.limits.first else { return }
    if isOfWholeSpace {
      throw UserError(
        problem:
          "--limit: got \(limit), expected limits on metrics: which candidates keep it needs no model",
        hint: "leave out the candidates beyond it")
    }
    if model?.prime != nil {
      throw UserError(
        problem:
          "--limit: got \(limit), expected limits on metrics: PRIME's network proposes from the whole space",
        hint: "ask a committee, which offline train makes without --model-kind prime")
    }
  }
}
