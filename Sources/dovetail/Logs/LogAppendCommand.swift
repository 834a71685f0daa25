import ArgumentParser

struct LogAppendCommand: ParsableCommand {
}
