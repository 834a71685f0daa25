import ArgumentParser
import CostModel
@main struct Dovetail: ParsableCommand { func run() {} }
