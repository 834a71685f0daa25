import Execution
import Foundation

extension ShardedRun {
  /// The thread's work: look, hand out, wait.
  func drive() {
    while true {
      let isEnding = condition.withLock { desk.isEnding || desk.failure != nil }
      if isEnding { break }
      do {
        try step()
      } catch {
        fail(error)
      }
      condition.lock()
      if !desk.isEnding, desk.failure == nil {
        let pause = desk.queue.isEmpty && desk.alone.isEmpty ? settings.poll : gathering
        _ = condition.wait(until: Date(timeIntervalSinceNow: min(pause, settings.poll)))
      }
      condition.unlock()
    }
    let left = condition.withLock { () -> [Desk.Waiter] in
      let left = desk.waiting.values.flatMap { $0 }
      desk.waiting = [:]
      desk.hasEnded = true
      condition.broadcast()
      return left
    }
    let failure = condition.withLock { desk.failure } ?? CancellationError()
    for waiter in left { waiter.continuation.resume(throwing: failure) }
  }

  /// Seconds that items are waited for to come together.
  private var gathering: Double { settings.isOnThisMachine ? 0.02 : 0.25 }

  private func fail(_ error: any Error) {
    condition.withLock { desk.failure = error }
    note("the executor ended: \(error)")
  }

  private func step() throws {
    try lease.renew()
    for batch in batches where batch.isOpen { collect(batch) }
    try gather()
    let now = monotonicSeconds()
    if now >= nextListing {
      nextListing = now + settings.poll
      findLost()
    }
    try submit()
  }

  /// Makes manifests of what has come together.
  private func gather() throws {
    let now = monotonicSeconds()
    let places = runner.placeCount
    while condition.withLock({ !desk.queue.isEmpty || !desk.alone.isEmpty }),
      batches.count(where: isActive) < settings.arrays
    {
      let taken = condition.withLock { () -> (items: [String], isAlone: Bool) in
        if !desk.alone.isEmpty {
          let items = Array(desk.alone.prefix(runner.mostTasks))
          desk.alone.removeFirst(items.count)
          return (items, true)
        }
        guard !desk.queue.isEmpty else { return ([], false) }
        let isReady =
          now - desk.lastQueued >= gathering || now - desk.firstQueued >= 1
          || desk.queue.count >= ExecutorSettings.largestManifest
        guard isReady else { return ([], false) }
        let items = Array(desk.queue.prefix(ExecutorSettings.largestManifest))
        desk.queue.removeFirst(items.count)
        desk.firstQueued = now
        return (items, false)
      }
      guard !taken.items.isEmpty else { return }
      let seconds = measured.count > 0 ? measured.seconds / Double(measured.count) : nil
      let size =
        taken.isAlone
        ? 1
        : settings.itemsPerShard(
          waiting: taken.items.count, seconds: seconds, placeCount: places)
      let most = size * runner.mostTasks
      for start in stride(from: 0, to: taken.items.count, by: most) {
        let items = Array(taken.items[start..<min(taken.items.count, start + most)])
        batches.append(try makeBatch(items, shardSize: size))
      }
    }
  }

  private func makeBatch(_ items: [String], shardSize: Int) throws -> ShardBatch {
    lastNumber += 1
    let digits = String(lastNumber)
    let name = "batch-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    let folder = ShardFolder(path: "\(folder)/\(name)")
    try folder.make()
    let manifest = try Manifest(
      writing: folder.manifest, subject: subject, shardSize: shardSize, items: items)
    let batch = ShardBatch(manifest, in: folder, settings: settings, wasSubmitted: false)
    let script = batch.line.script(program: program, manifest: folder.manifest)
    try PrivateFiles.replace(folder.script, with: Array(script.utf8))
    return batch
  }

  /// Hands out what is due and somebody waits for.
  private func submit() throws {
    let now = monotonicSeconds()
    guard now >= nextSubmission else { return }
    for batch in batches where batch.isOpen {
      let due = batch.states.indices.filter { shard in
        guard case .idle(let time) = batch.states[shard], time <= now else { return false }
        return isWanted(batch, shard)
      }
      for start in stride(from: 0, to: due.count, by: runner.mostTasks) {
        let shards = Array(due[start..<min(due.count, start + runner.mostTasks)])
        do {
          // Noted first: who takes the run up must not hand out again what a scheduler may have.
          for shard in shards { batch.folder.note(ShardEvent(event: .submitted, shard: shard)) }
          try runner.submit(shards, of: batch)
        } catch let problem as SubmissionProblem {
          try refused(problem)
          return
        }
        refusedCount = 0
        for shard in shards {
          batch.states[shard] = .submitted(absentSince: nil)
          batch.attempts[shard] += 1
          if batch.attempts[shard] > 1 {
            batch.savedBefore[shard] = batch.folder.savedAmounts(of: shard)[shard]
          }
        }
      }
    }
  }

  private func refused(_ problem: SubmissionProblem) throws {
    refusedCount += 1
    if !problem.isPassing, refusedCount >= 3 {
      throw ExecutorError.refused(
        executor: settings.kind.rawValue, said: problem.said, command: problem.command)
    }
    let pause = min(300, settings.poll * Double(1 << min(refusedCount, 10)))
    nextSubmission = monotonicSeconds() + pause
    note(
      "\(settings.kind.rawValue) does not take tasks (\(problem.said)); asked again in \(pause) s")
  }

  private func isActive(_ batch: ShardBatch) -> Bool {
    batch.isOpen
      && batch.states.indices.contains { shard in
        switch batch.states[shard] {
        case .submitted: true
        case .idle: isWanted(batch, shard)
        case .finished, .retired: false
        }
      }
  }

  private func isWanted(_ batch: ShardBatch, _ shard: Int) -> Bool {
    condition.withLock {
      batch.manifest.range(ofShard: shard).contains {
        desk.waiting[batch.manifest.items[$0]] != nil
      }
    }
  }

  /// Finds shards that are gone from the scheduler and have no result.
  private func findLost() {
    let open = batches.filter { !$0.submittedShards.isEmpty }
    guard !open.isEmpty else { return }
    guard let listing = runner.listing(of: open) else {
      if silentSince == nil {
        note("\(settings.kind.rawValue) does not say what it runs; results are still looked for")
      }
      silentSince = silentSince ?? monotonicSeconds()
      return
    }
    if let since = silentSince {
      note(
        "\(settings.kind.rawValue) answers again after \(Int(monotonicSeconds() - since)) s")
      silentSince = nil
    }
    if let held = listing.held, held != toldHeld {
      toldHeld = held
      note("\(settings.kind.rawValue) holds tasks: \(held)")
    }
    let now = monotonicSeconds()
    for batch in open {
      // After the listing: a result that came in between counts.
      collect(batch)
      for shard in batch.submittedShards {
        guard case .submitted(let since) = batch.states[shard] else { continue }
        if listing.has(batch.line.jobName, shard) {
          batch.states[shard] = .submitted(absentSince: nil)
        } else if now - (since ?? now) >= settings.grace, since != nil || settings.grace == 0 {
          lose(batch, shard)
        } else {
          batch.states[shard] = .submitted(absentSince: since ?? now)
        }
      }
    }
    endSilent(listing)
  }

  /// Counts an attempt at a shard as lost, and hands the shard out again or gives it up.
  ///
  /// - Parameter reason: Why, of a task that was ended; otherwise its last words tell.
  func lose(_ batch: ShardBatch, _ shard: Int, because reason: String? = nil) {
    batch.progress[shard] = nil
    // Of a run that was taken up, nobody here knows whether it was ever begun.
    guard batch.attempts[shard] > 0 else {
      batch.states[shard] = .idle(notBefore: 0)
      return
    }
    let hosts = batch.folder.checkpoints(ofShard: shard).map(\.host)
    let words = reason ?? lastWords(batch, shard)
    let event = ShardEvent(event: .lost, shard: shard, host: hosts.last, detail: words)
    batch.folder.note(event)
    condition.withLock { desk.tally.add(event) }
    let attempt = batch.attempts[shard]
    note(
      "task \(batch.line.jobName) \(shard) left no result\(hosts.last.map { " on \($0)" } ?? ""), "
        + "attempt \(attempt) of \(settings.attempts)\(words.map { ": \($0)" } ?? "")")
    guard attempt < settings.attempts else {
      retire(batch, shard, words)
      return
    }
    let pause = settings.backoffSeconds * Double(1 << min(attempt - 1, 20))
    batch.states[shard] = .idle(notBefore: monotonicSeconds() + pause)
  }

  /// The last line that a task said.
  private func lastWords(_ batch: ShardBatch, _ shard: Int) -> String? {
    guard let data = FileManager.default.contents(atPath: batch.folder.log(ofShard: shard)) else {
      return nil
    }
    let lines = String(decoding: data.suffix(2_000), as: UTF8.self).split(separator: "\n")
    return lines.last { !$0.hasPrefix("hint:") }.map { String($0.prefix(200)) }
  }

  /// Gives a shard up: what is finished of it counts, the rest is asked alone, and what fails alone is a failure.
  private func retire(_ batch: ShardBatch, _ shard: Int, _ words: String?) {
    batch.folder.note(ShardEvent(event: .retired, shard: shard))
    batch.close(shard, .retired)
    let rows = ShardWorker.kept(batch.folder, batch.manifest, shard: shard)
    let range = batch.manifest.range(ofShard: shard)
    for row in rows.values.sorted(by: { $0.item < $1.item }) {
      deliver(row, of: batch, host: "unknown")
    }
    let rest = range.filter { rows[$0] == nil }.map { batch.manifest.items[$0] }
    if range.count == 1, let item = rest.first {
      let seen = "no result in \(settings.attempts) attempts" + (words.map { ", \($0)" } ?? "")
      deliver(
        ShardResult.Row(item: range.lowerBound, seconds: 0, answer: failureAnswer(seen)),
        of: batch, host: "unknown")
      note("an evaluation failed in every attempt: \(item.prefix(200))")
    } else if !rest.isEmpty {
      note("\(rest.count) evaluations of a task that fails are asked one by one")
      condition.withLock { desk.alone += rest }
    }
  }
}
