import ArgumentParser

struct LogShowCommand: ParsableCommand {
}
