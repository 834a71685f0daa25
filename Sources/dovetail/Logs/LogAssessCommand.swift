import ArgumentParser

struct LogAssessCommand: ParsableCommand {
}
