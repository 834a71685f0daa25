import Foundation
import Testing

@testable import Distribution

@Suite struct SubmitLineTests {
  static let hash = "0a1b2c3d4e5f" + String(repeating: "0", count: 52)

  static func settings(_ kind: ExecutorSettings.Kind) -> ExecutorSettings {
    var settings = ExecutorSettings(kind)
    settings.partition = "long"
    settings.account = "chips"
    settings.time = "01:00:00"
    settings.memory = "2G"
    settings.processors = 2
    settings.tasksAtOnce = 8
    settings.directives = ["--qos=low"]
    return settings
  }

  static func lines(_ kind: ExecutorSettings.Kind) -> [String] {
    SubmitLine(settings(kind), hash: hash).submissions(of: [0, 1, 2, 7]).map(ShellWord.line)
  }

  @Test func slurm() {
    #expect(
      Self.lines(.slurm) == [
        "sbatch --parsable --job-name=dt0a1b2c3d --array=0-2,7%8 --output=logs/%a.log "
          + "--open-mode=truncate --ntasks=1 --cpus-per-task=2 --partition=long --account=chips "
          + "--time=01:00:00 --signal=B:TERM@30 --mem=2G --qos=low submit.sh"
      ])
  }

  @Test func lsf() {
    #expect(
      Self.lines(.lsf) == [
        "bsub -J 'dt0a1b2c3d[1-3,8]%8' -o logs/%I.log -n 2 -q long -P chips -W 01:00:00 -M 2G "
          + "--qos=low 'sh ./submit.sh'"
      ])
  }

  /// Its arrays have no gaps: one submission a range.
  @Test func gridEngine() {
    let rest =
      " -tc 8 -pe smp 2 -q long -P chips -l h_rt=01:00:00 -l h_vmem=2G --qos=low submit.sh"
    let start = "qsub -terse -N dt0a1b2c3d -cwd -S /bin/sh -j y -o logs/ -t "
    #expect(Self.lines(.sge) == [start + "1-3" + rest, start + "8-8" + rest])
  }

  @Test func gnuParallel() {
    #expect(
      Self.lines(.parallel) == [
        "parallel --will-cite --no-notice --jobs 8 --qos=low "
          + "'sh ./submit.sh {} >logs/{}.log 2>&1' ::: 0 1 2 7"
      ])
  }

  @Test func processesNeedNoSubmission() {
    #expect(Self.lines(.processes) == [])
  }

  @Test func theScriptOfATask() {
    var settings = Self.settings(.slurm)
    settings.setup = ["module load simulator/2"]
    let line = SubmitLine(settings, hash: Self.hash)
    #expect(
      line.script(program: "/opt/dovetail", manifest: "/runs/a b/manifest.jsonl") == """
        #!/bin/sh
        # A task of a dovetail run: answers one shard of the manifest.
        module load simulator/2
        exec /opt/dovetail worker '/runs/a b/manifest.jsonl' --hash \(Self.hash) --threads 2

        """)
    let own = SubmitLine(ExecutorSettings(.parallel), hash: Self.hash)
    #expect(
      own.script(program: "/opt/dovetail", manifest: "/m").hasSuffix(
        "exec /opt/dovetail worker /m --hash \(Self.hash) --threads 1 --shard \"$1\"\n"))
  }

  @Test func listingAndCancelling() {
    #expect(
      SubmitLine.listing(.slurm, names: ["dt1", "dt2"])
        == ["squeue", "--noheader", "--array", "--name=dt1,dt2", "--format=%j %K %T %i %r"])
    #expect(
      SubmitLine.listing(.lsf, names: []) == [
        "bjobs", "-noheader", "-a", "-o", "job_name stat jobid",
      ])
    #expect(SubmitLine.listing(.sge, names: []) == ["qstat", "-g", "d"])
    #expect(SubmitLine.listing(.processes, names: []) == nil)
    let cancellations = [ExecutorSettings.Kind.slurm, .lsf, .sge, .processes].map {
      SubmitLine(ExecutorSettings($0), hash: Self.hash).cancellation()?.joined(separator: " ")
    }
    #expect(
      cancellations == [
        "scancel --name=dt0a1b2c3d", "bkill -J dt0a1b2c3d 0", "qdel dt0a1b2c3d", nil,
      ])
  }

  @Test func endingOneTask() {
    let endings = [
      SubmitLine.ending(.slurm, task: "17_3", shard: 3),
      SubmitLine.ending(.lsf, task: "9[4]", shard: 3),
      SubmitLine.ending(.sge, task: "17", shard: 3),
      SubmitLine.ending(.parallel, task: "", shard: 3),
    ]
    #expect(
      endings == [["scancel", "17_3"], ["bkill", "9[4]"], ["qdel", "17", "-t", "4"], nil])
  }

  /// The longest evaluation 20 times, the study's own limit four times, ten minutes at least, doubled with each attempt.
  @Test func howLongATaskMayBeSilent() {
    var settings = ExecutorSettings(.slurm)
    func limit(_ longest: Double?, _ allowed: Double?, _ attempt: Int = 1) -> Double? {
      settings.silence(longest: longest, allowed: allowed, attempt: attempt)
    }
    #expect(limit(nil, nil) == nil)
    #expect(limit(1, nil) == 600 && limit(nil, 1) == 600)
    #expect(limit(60, nil) == 1_200 && limit(60, 3_600) == 14_400)
    #expect(limit(60, nil, 3) == 4_800)
    settings.silenceSeconds = 30
    #expect(limit(60, 3_600, 3) == 30 && limit(nil, nil) == 30)
    settings.silenceSeconds = 0.5
    #expect(
      throws: ExecutorError.wrongSetting(
        name: "silenceSeconds", got: "0.5", expected: "1.0 to 10000000.0")
    ) { try settings.check() }
  }

  @Test func theShardOfATask() {
    #expect(SubmitLine.shard(in: ["SLURM_ARRAY_TASK_ID": "7"]) == 7)
    #expect(SubmitLine.shard(in: ["LSB_JOBINDEX": "7"]) == 6)
    #expect(SubmitLine.shard(in: ["SGE_TASK_ID": "7"]) == 6)
    #expect(SubmitLine.shard(in: ["SGE_TASK_ID": "undefined", "LSB_JOBINDEX": "0"]) == nil)
    #expect(SubmitLine.shard(in: [:]) == nil)
  }

  /// What a shell makes of the words is what went in, whatever it is.
  @Test func hostileWordsStayWords() {
    let words = [
      "$(touch /tmp/owned)", "`id`", "a'b", "'", "''", "\"", "a\"b", "a\nb", "-rf", "--", "*", "~",
      "a b", "", "\\", "\\'", "$HOME", "!x", "#x", "x;y", "x&y", "x|y", "<x", ">x", "(x)", "{a,b}",
      "é", "日本語", "'\u{301}; touch /tmp/owned", "\u{202e}abc", "a\tb", "a\rb", "\u{7f}",
    ]
    // printf writes each word and a zero.
    let line = "printf '%s\\0' " + ShellWord.line(words)
    let answer = SpawnedProgram.run(["sh", "-c", line], in: "/")
    let back = answer.output.split(separator: "\0", omittingEmptySubsequences: false).dropLast()
    #expect(Array(back.map { Array($0.utf8) }) == words.map { Array($0.utf8) })
    #expect(!FileManager.default.fileExists(atPath: "/tmp/owned"))
  }

  /// A folder with a hostile name: the script of a task runs the program with exactly this path.
  @Test func aHostileFolderReachesTheWorkerUnchanged() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let hostile = "\(folder.path)/it's $(touch owned) \"x\" 日本\n-n"
    try PrivateFiles.makeFolder(hostile)
    let manifest = "\(hostile)/manifest.jsonl"
    let line = SubmitLine(ExecutorSettings(.slurm), hash: Self.hash)
    let program = "\(hostile)/echo"
    try PrivateFiles.write(
      Array("#!/bin/sh\nprintf '%s\\0' \"$@\"\n".utf8), to: program)
    chmod(program, 0o700)
    try PrivateFiles.write(
      Array(line.script(program: program, manifest: manifest).utf8), to: "\(hostile)/submit.sh")
    let answer = SpawnedProgram.run(["sh", "./submit.sh"], in: hostile)
    let words = answer.output.split(separator: "\0").map(String.init)
    #expect(words == ["worker", manifest, "--hash", Self.hash, "--threads", "1"])
    #expect(PrivateFiles.names(in: hostile) == ["echo", "submit.sh"])
  }

  @Test func settingsThatAreNoWordsAreRefused() {
    var settings = ExecutorSettings(.slurm)
    settings.partition = "a\nb"
    #expect(
      throws: ExecutorError.wrongSetting(
        name: "partition", got: "\"a b\"", expected: "a text on one line")
    ) { try settings.check() }
    settings.partition = "-x; $(id) 'q' 日本"
    #expect(throws: Never.self) { try settings.check() }
    let words = SubmitLine(settings, hash: Self.hash).submissions(of: [0])[0]
    #expect(words.contains("--partition=-x; $(id) 'q' 日本"))
    settings.directives = ["rm -rf"]
    #expect(
      throws: ExecutorError.wrongSetting(
        name: "directives", got: "\"rm -rf\"",
        expected: "options that begin with -, such as --qos=low")
    ) { try settings.check() }
    settings.directives = []
    settings.attempts = 0
    #expect(
      throws: ExecutorError.wrongSetting(name: "attempts", got: "0", expected: "1 to 1000")
    ) { try settings.check() }
    #expect(
      "\(ExecutorError.wrongSetting(name: "attempts", got: "0", expected: "1 to 1000"))"
        == "executor: attempts: got 0, expected 1 to 1000")
  }

  @Test func whatSchedulersSay() {
    let slurm = QueueListing(
      .slurm,
      parsing: """
        dt1 0 RUNNING 17_0 None
        dt1 3 PENDING 17_3 launch failed requeued held
        dt1 4 COMPLETED 17_4 None
        dt2 5 PENDING 18_5 Resources
        dt2 6 NODE_FAIL 18_6 None
        dt2 7 SUSPENDED 18_7 None
        other x RUNNING 19 None

        """)
    #expect(slurm.tasks == ["dt1": [0, 3], "dt2": [5, 7]])
    #expect(slurm.running == ["dt1": [0: ["17_0"]]])
    #expect(slurm.held == "launch failed requeued held")
    #expect(slurm.has("dt1", 3) && !slurm.has("dt1", 4) && !slurm.has("dt3", 0))
    let lsf = QueueListing(.lsf, parsing: "dt1[1] RUN 9\ndt1[4] PEND 9\ndt1[5] DONE 9\nx RUN 8\n")
    #expect(lsf.tasks == ["dt1": [0, 3]])
    #expect(lsf.running("dt1", 0) == ["9[1]"] && lsf.running("dt1", 3) == [])
    let sge = QueueListing(
      .sge,
      parsing: """
        job-ID  prior   name       user         state submit/start at     queue      slots ja-task-ID
        ---------------------------------------------------------------------------------------------
             17 0.55500 dt0a1b2c3d me           r     11/22/2026 01:02:03 all.q@n1       1 3
             17 0.55500 dt0a1b2c3d me           qw    11/22/2026 01:02:03                1 4
             17 0.55500 dt0a1b2c3d me           Eqw   11/22/2026 01:02:03                1 5
        """)
    #expect(sge.tasks == ["dt0a1b2c3d": [2, 3]])
    #expect(sge.running == ["dt0a1b2c3d": [2: ["17"]]])
  }

  @Test func slurmsLargestArray() {
    let text =
      "Configuration data\nMaxArraySize            = 4001\nMaxDBDMsgs              = 20024\n"
    #expect(QueueRunner.largestArray(inConfiguration: text) == 4_001)
    #expect(QueueRunner.largestArray(inConfiguration: "no") == 1_001)
  }

  @Test func passingTroubleIsToldFromRefusal() {
    #expect(
      QueueRunner.isPassing("sbatch: error: Unable to contact slurm controller (connect failure)"))
    #expect(QueueRunner.isPassing("Socket timed out on send/recv operation"))
    #expect(!QueueRunner.isPassing("sbatch: error: invalid partition specified: long"))
  }

  @Test func sizesOfShards() {
    var settings = ExecutorSettings(.slurm)
    // Nothing is known: four tasks for each of 16 places.
    #expect(settings.itemsPerShard(waiting: 640, seconds: nil, placeCount: 16) == 10)
    // Half a minute of work at most.
    #expect(settings.itemsPerShard(waiting: 64_000, seconds: 0.1, placeCount: 16) == 300)
    #expect(settings.itemsPerShard(waiting: 3, seconds: 600, placeCount: 16) == 1)
    settings.shardSize = 7
    #expect(settings.itemsPerShard(waiting: 64_000, seconds: 0.1, placeCount: 16) == 7)
  }
}
