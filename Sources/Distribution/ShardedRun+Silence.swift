import Execution

extension ShardedRun {
  /// Ends tasks that run and have finished no evaluation for too long, and counts that as a lost attempt.
  ///
  /// What a task finished is seen in its checkpoints: the sign of life in their times goes on while an evaluation hangs. Time
  /// counts from when a task runs, by the scheduler's word or by its first checkpoint.
  func endSilent(_ listing: QueueListing) {
    let now = monotonicSeconds()
    guard now >= nextSilenceLook else { return }
    let shortest = silence(attempt: 1)
    // Looks cost a listing of all checkpoints.
    nextSilenceLook = now + max(settings.poll, min(5, (shortest ?? 50) / 10))
    for batch in batches where !batch.submittedShards.isEmpty {
      let saved = batch.folder.savedAmounts()
      for shard in batch.submittedShards {
        let isBegun =
          settings.kind == .parallel
          ? saved[shard] != batch.savedBefore[shard]
          : !listing.running(batch.line.jobName, shard).isEmpty
        guard isBegun, let last = batch.progress[shard], last.saved == saved[shard] else {
          batch.progress[shard] = isBegun ? (saved[shard], now) : nil
          continue
        }
        // Of a run that was taken up, the attempts so far are not known.
        guard let limit = silence(attempt: max(1, batch.attempts[shard])),
          now - last.since >= limit
        else { continue }
        runner.end(shard, of: batch, in: listing)
        batch.attempts[shard] = max(1, batch.attempts[shard])
        lose(batch, shard, because: "no evaluation finished in \(Int(limit.rounded())) s")
      }
    }
  }

  private func silence(attempt: Int) -> Double? {
    settings.silence(
      longest: measured.count > 0 ? measured.longest : nil, allowed: allowedSeconds,
      attempt: attempt)
  }
}
