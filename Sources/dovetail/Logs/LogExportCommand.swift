import ArgumentParser

struct LogExportCommand: ParsableCommand {
}
