import Foundation

extension ShardedRun {
  /// Reads the manifests of earlier drivers, and what is answered in them.
  func takeUp() {
    for name in PrivateFiles.names(in: folder) where name.hasPrefix("batch-") {
      guard let number = Int(name.dropFirst(6)) else { continue }
      lastNumber = max(lastNumber, number)
      let folder = ShardFolder(path: "\(folder)/\(name)")
      let manifest: Manifest
      do {
        manifest = try Manifest(reading: folder.manifest)
      } catch {
        note("passed over: \("\(error)".split(separator: "\n").first ?? "")")
        continue
      }
      // Other files or another program: its answers are not those of this run.
      guard manifest.subject == subject else {
        note("passed over: \(folder.manifest): of another study or version")
        continue
      }
      let events = folder.noted()
      let batch = ShardBatch(
        manifest, in: folder, settings: settings,
        wasSubmitted: events.contains { $0.event == .submitted })
      let script = batch.line.script(program: program, manifest: folder.manifest)
      try? PrivateFiles.replace(folder.script, with: Array(script.utf8))
      condition.withLock {
        for event in events { desk.tally.add(event) }
        desk.requested.formUnion(manifest.items)
      }
      batches.append(batch)
      collect(batch)
      // What was given up is asked anew: who goes on with a run has mended what was wrong.
      for event in events where event.event == .retired && batch.isOpen(event.shard) {
        batch.close(event.shard, .retired)
        condition.withLock {
          for item in manifest.range(ofShard: event.shard) {
            desk.requested.remove(manifest.items[item])
          }
        }
      }
    }
  }

  /// Takes in the results that have come.
  func collect(_ batch: ShardBatch) {
    for shard in batch.folder.finishedShards()
    where batch.states.indices.contains(shard) && batch.states[shard] != .finished {
      let result: ShardResult
      do throws(DistributionError) {
        result = try ShardResult(
          reading: batch.folder.result(ofShard: shard), of: batch.manifest, shard: shard)
        guard !result.header.isPartial else {
          throw DistributionError.malformed(
            file: batch.folder.result(ofShard: shard), got: "a checkpoint", expected: "a result")
        }
      } catch {
        let event = ShardEvent(event: .damaged, shard: shard)
        condition.withLock { desk.tally.add(event) }
        ShardResult.setAside(batch.folder, shard, because: error)
        note("a result cannot be used and is asked again: \("\(error)".split(separator: "\n")[0])")
        if batch.isOpen(shard) { batch.states[shard] = .idle(notBefore: 0) }
        continue
      }
      batch.close(shard, .finished)
      unlink(batch.folder.log(ofShard: shard))
      condition.withLock { desk.tally.add(result) }
      for row in result.rows {
        measured.seconds += row.seconds
        measured.count += 1
        measured.longest = max(measured.longest, row.seconds)
        deliver(row, of: batch, host: result.host)
      }
    }
  }

  /// Hands an answer to those who wait for it, or keeps it.
  func deliver(_ row: ShardResult.Row, of batch: ShardBatch, host: String) {
    let item = batch.manifest.items[row.item]
    let answer = Answer(text: row.answer, seconds: row.seconds, host: host)
    let waiters = condition.withLock { () -> [Desk.Waiter] in
      desk.requested.remove(item)
      guard let waiters = desk.waiting.removeValue(forKey: item) else {
        desk.known[item] = answer
        return []
      }
      return waiters
    }
    for waiter in waiters { waiter.continuation.resume(returning: answer) }
  }
}
