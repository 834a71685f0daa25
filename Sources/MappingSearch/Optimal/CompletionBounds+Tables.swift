import CostModel

/// How the tables are filled, from the innermost level outwards.
extension CompletionBounds {
  func fillInnermost() {
    let level = levelCount - 1
    let shapes = plan.shapes
    let lanes = entryLanes[level]
    let classCount = classes.classCount[level]
    let unitCount = classes.unitCount[level]
    let table = infinite(rowCount[level] * optionCount * lanes)
    rest[level] = table
    let cycleTable = UnsafeMutablePointer<Float>.allocate(capacity: shapes.count)
    restCycles[level] = cycleTable
    let spatial = plan.spatial[level]
    // The cost of a choice does not depend on the shape.
    var costs: [Float] = []
    var cycles: [Float] = []
    for choice in 0..<spatial.count {
      var fewest = Double.infinity
      for sharing in 0..<classCount {
        costs.append(operandCost(choice, classes.vector(level, sharing)))
        fewest = min(fewest, slowestPort())
      }
      cycles.append(Float(fewest * (1 - 1e-6)))
    }
    let outer = classes.outerUnit[level]
    for shape in 0..<shapes.count {
      cycleTable[shape] = .infinity
      guard plan.fits[level][shape] else { continue }
      let entries = table + Int(rows[level][shape]) * optionCount * lanes
      spatial.forEach(dividing: shape, shapes) { choice, _ in
        for sharing in 0..<classCount {
          let lane = sharing &* unitCount &+ outer[choice]
          let cost = costs[choice &* classCount &+ sharing]
          if cost < entries[lane][0] { entries[lane] = Columns(repeating: cost) }
        }
        cycleTable[shape] = min(cycleTable[shape], cycles[choice])
        entryCount += 1
      }
      for option in 1..<optionCount {
        (entries + option * lanes).update(from: entries, count: lanes)
      }
    }
  }

  /// Energy of the accesses by the MACs under a split of the innermost fan-out; their words are left in `ports`.
  private func operandCost(_ choice: Int, _ sharing: UnsafePointer<Double>) -> Float {
    let level = levelCount - 1
    let shapes = plan.shapes
    let spatial = plan.spatial[level]
    var energy = 0.0
    for port in 0..<3 * levelCount { ports[port] = 0 }
    for t in 0..<operandCount {
      guard let home = plan.home(of: t, outside: level + 1) else { continue }
      var copies = spatial.copies[choice * operandCount + t] * sharing[t]
      if !hasSlides[t] { copies = min(copies, repeats[t * shapes.count]) }
      let words = max(plan.operations / copies, plan.distinct[t])
      if let table = network[level] {
        energy += plan.operations * table[choice * operandCount + t]
      }
      let pair = home * operandCount + t
      let size = rates.wordsPerElement[pair] / largestUsed[home]
      if t == rates.result {
        var read = 0.0
        if !hasSlides[t] {
          let owned = shapes.tile[t * shapes.count + shapes.whole] * sharing[operandCount]
          read = max(0, words - owned)
        }
        energy += words * rates.update[pair] * rates.activeShare[t]
        energy += read * rates.read[pair] * rates.activeShare[t]
        ports[3 * home] += read * size
        ports[3 * home + 1] += words * size
      } else {
        energy += words * rates.read[pair] * rates.activeShare[t]
        ports[3 * home] += words * size
      }
    }
    return CompletionBounds.rounded(energy)
  }

  /// Cycles of the busiest port of `ports`.
  func slowestPort() -> Double {
    var slowest = 0.0
    for level in 0..<levelCount {
      slowest = max(
        slowest, ports[3 * level] / rates.readBandwidth[level],
        ports[3 * level + 1] / rates.writeBandwidth[level],
        (ports[3 * level] + ports[3 * level + 1]) / rates.sharedBandwidth[level])
    }
    return slowest
  }

  /// Energy of the transfers over the boundary below `level` when the tile with fan-out is `z` and a child's is `child`, by
  /// operand: in proportion to deliveries in `linear`, what no order changes in `constant`, what is needed whatever the
  /// order in `least`, for every element goes over the boundary at least once.
  ///
  /// - Parameter sharing: At the boundary of the level.
  @inline(__always)
  func transfers(
    _ level: Int, _ z: Int, _ choice: Int, _ child: Int, _ sharing: UnsafePointer<Double>
  ) {
    let shapes = plan.shapes
    let boundary = level &+ 1
    let copies = plan.spatial[level].copies + choice &* operandCount
    let iterations = plan.operations / shapes.volume[child]
    for t in 0..<operandCount {
      linear[t] = 0
      constant[t] = 0
      least[t] = 0
      asked[t] = 0
      filled[t] = 0
      let here = boundary &* operandCount &+ t
      let home = homes[here]
      let wires = network[level]
      guard home >= 0 || wires != nil else { continue }
      var words = shapes.tile[t &* shapes.count &+ child] * iterations
      if hasSlides[t] {
        guard t != rates.result else { continue }
        var slid = words
        for table in slides[t] { slid = min(slid, words * table.share(shapes, z, child)) }
        words = slid
      }
      if let wires { linear[t] = words * wires[choice &* operandCount &+ t] }
      guard home >= 0 else { continue }
      let outer = home &* operandCount &+ t
      var shared = copies[t] * sharing[t]
      if !hasSlides[t] { shared = min(shared, repeats[t &* shapes.count &+ child]) }
      let reads = words / shared
      if t == rates.result {
        linear[t] += reads * (rates.update[outer] + rates.read[outer]) + words * rates.fill[here]
        constant[t] =
          -firstVisits(sharing[operandCount], child) * rates.read[outer]
          - firstVisits(sharing[operandCount] * sharing[t] * copies[t], child) * rates.fill[here]
        least[t] = plan.distinct[t] * rates.update[outer]
      } else {
        linear[t] += reads * rates.read[outer] + words * rates.fill[here]
        least[t] = plan.distinct[t] * (rates.read[outer] + rates.fill[here])
        filled[t] = words
      }
      asked[t] = reads
    }
  }

  /// Cycles of the boundary of the last call of `transfers`, when the operands in `resting` need `share` of the deliveries.
  ///
  /// Grows with the share; results count as updates of their home only.
  @inline(__always)
  func cycles(_ level: Int, _ resting: UInt32, _ share: Double) -> Double {
    let boundary = level &+ 1
    for port in 0..<3 &* (boundary &+ 1) { ports[port] = 0 }
    for t in 0..<operandCount {
      let here = boundary &* operandCount &+ t
      let home = homes[here]
      guard home >= 0 else { continue }
      let part = (resting &>> UInt32(truncatingIfNeeded: t)) & 1 == 1 ? share : 1
      let outer = home &* operandCount &+ t
      let words =
        max(asked[t] * part, plan.distinct[t]) * rates.wordsPerElement[outer] / largestUsed[home]
      if t == rates.result { ports[3 &* home &+ 1] += words } else { ports[3 &* home] += words }
      guard t != rates.result else { continue }
      ports[3 &* boundary &+ 1] +=
        max(filled[t] * part, plan.distinct[t]) * rates.wordsPerElement[here]
        / largestUsed[boundary]
    }
    var slowest = 0.0
    for level in 0...boundary {
      slowest = max(
        slowest, ports[3 &* level] / rates.readBandwidth[level],
        ports[3 &* level &+ 1] / rates.writeBandwidth[level],
        (ports[3 &* level] + ports[3 &* level &+ 1]) / rates.sharedBandwidth[level])
    }
    return slowest
  }

  func fillSteps(_ level: Int) {
    let shapes = plan.shapes
    let boundary = level + 1
    let shareCount = CompletionBounds.shareCount
    let lanes = laneCount[level]
    let columns = optionCount * CompletionBounds.columnCount
    let shares = optionCount * shareCount
    let table = infinite(rowCount[level] * columns * lanes)
    step[level] = table
    let cycleTable = UnsafeMutablePointer<Float>.allocate(
      capacity: max(rowCount[level] * shares, 1))
    cycleTable.initialize(repeating: .infinity, count: max(rowCount[level] * shares, 1))
    stepCycles[level] = cycleTable
    let floors = infinite(rowCount[level] * lanes)
    floor[level] = floors
    let inside = UnsafeMutablePointer<Float>.allocate(capacity: max(rowCount[level], 1))
    inside.initialize(repeating: .infinity, count: max(rowCount[level], 1))
    innerCycles[level] = inside
    guard let inner = rest[boundary], let within = restCycles[boundary] else { return }
    let spatial = plan.spatial[level]
    let classCount = classes.classCount[level]
    let unitCount = classes.unitCount[level]
    let innerUnits = classes.unitCount[boundary]
    let innerLanes = entryLanes[boundary]
    let innerClass = classes.innerClass[level]
    let outerUnit = classes.outerUnit[level]
    let grid = (0..<shareCount).map { Double(CompletionBounds.share($0)) }
    // By option and lane of the level, all columns.
    let ownLanes = entryLanes[level]
    let sums = infinite(optionCount * ownLanes)
    defer { sums.deallocate() }
    let innerRows = rows[boundary]
    let most = largestSharing[level]
    grid.withUnsafeBufferPointer { grid in
      for z in 0..<shapes.count where plan.fits[level][z] {
        if shouldStop() {
          isComplete = false
          return
        }
        let row = Int(rows[level][z])
        sums.update(
          repeating: Columns(repeating: .infinity), count: optionCount * ownLanes)
        let cycleRow = cycleTable + row * shares
        spatial.forEach(dividing: z, shapes) { choice, child in
          let innerRow = Int(innerRows[child])
          guard innerRow >= 0, within[child] < .infinity else { return }
          inside[row] = min(inside[row], within[child])
          let innerStart = inner + innerRow &* optionCount &* innerLanes
          let units = outerUnit + choice &* innerUnits
          for sharing in 0..<classCount {
            entryCount &+= 1
            transfers(level, z, choice, child, classes.vector(level, sharing))
            let first = innerClass[choice &* classCount &+ sharing] &* innerUnits
            for option in 0..<optionCount {
              let energies = energies(option)
              let source = innerStart + (option &* innerLanes &+ first)
              let target = sums + (option &* ownLanes &+ sharing &* unitCount)
              for k in 0..<innerUnits {
                let sum = energies + source[k]
                target[units[k]].replace(with: sum, where: sum .< target[units[k]])
              }
            }
          }
          if isLimited {
            // The most that operands can be shared outside.
            most.withUnsafeBufferPointer { most in
              guard let address = most.baseAddress else { return }
              transfers(level, z, choice, child, address)
            }
            for option in 0..<optionCount {
              for i in 0..<shareCount {
                let place = option &* shareCount &+ i
                let cycles = Float(self.cycles(level, resting[option], grid[i]) * (1 - 1e-6))
                if cycles < cycleRow[place] { cycleRow[place] = cycles }
              }
            }
          }
        }
        let entries = floats(table + row * columns * lanes)
        for option in 0..<optionCount {
          for lane in 0..<ownLanes {
            let sum = sums[option * ownLanes + lane]
            for column in 0..<CompletionBounds.columnCount {
              entries[(option * CompletionBounds.columnCount + column) * lanes * 8 + lane] =
                sum[column]
            }
          }
          let last =
            table + (row * columns + option * CompletionBounds.columnCount + shareCount) * lanes
          for lane in 0..<lanes {
            let least = floors + row * lanes + lane
            least.pointee.replace(with: last[lane], where: last[lane] .< least.pointee)
          }
        }
      }
    }
  }

  /// Energies of the boundary of the last call of `transfers` in all columns.
  @inline(__always)
  private func energies(_ option: Int) -> Columns {
    var base = 0.0
    var slope = 0.0
    var lowest = 0.0
    for t in 0..<operandCount {
      if (resting[option] &>> UInt32(truncatingIfNeeded: t)) & 1 == 1 {
        base += constant[t]
        slope += linear[t]
        lowest += least[t]
      } else {
        let energy = max(least[t], linear[t] + constant[t])
        base += energy
        lowest += energy
      }
    }
    var energies = Columns()
    var share = 1.0
    for i in 0..<(CompletionBounds.shareCount &- 1) {
      energies[i] = CompletionBounds.rounded(base + slope * share)
      share *= 0.25
    }
    energies[CompletionBounds.shareCount &- 1] = CompletionBounds.rounded(base)
    energies[CompletionBounds.shareCount] = CompletionBounds.rounded(max(base, lowest))
    return energies
  }

  private func infinite(_ count: Int) -> UnsafeMutablePointer<Lanes> {
    let table = UnsafeMutablePointer<Lanes>.allocate(capacity: max(count, 1))
    table.initialize(repeating: Lanes(repeating: .infinity), count: max(count, 1))
    return table
  }

  @inline(__always)
  private func floats(_ lanes: UnsafeMutablePointer<Lanes>) -> UnsafeMutablePointer<Float> {
    UnsafeMutableRawPointer(lanes).assumingMemoryBound(to: Float.self)
  }

  /// Bounds at the boundary outside a level, from all temporal loops it may have.
  func fillRest(_ level: Int) {
    let shapes = plan.shapes
    let shareCount = CompletionBounds.shareCount
    let columnCount = CompletionBounds.columnCount
    let columns = optionCount * columnCount
    let lanes = laneCount[level]
    let ownLanes = entryLanes[level]
    let table = infinite(rowCount[level] * optionCount * ownLanes)
    rest[level] = table
    let cycleTable = UnsafeMutablePointer<Float>.allocate(capacity: shapes.count)
    cycleTable.initialize(repeating: .infinity, count: shapes.count)
    restCycles[level] = cycleTable
    guard let floors = floor[level], let steps = step[level], let inside = innerCycles[level]
    else { return }
    let walker = NestedShapes(plan)
    for t in 0..<operandCount { walker.outerRun[t] = 2 }
    let common = UnsafeMutablePointer<Lanes>.allocate(capacity: lanes)
    defer { common.deallocate() }
    let best = infinite(columns * lanes)
    defer { best.deallocate() }
    for shape in 0..<shapes.count where plan.fits[level][shape] {
      if shouldStop() {
        isComplete = false
        return
      }
      best.update(repeating: Lanes(repeating: .infinity), count: columns * lanes)
      // The best whatever the loops outside.
      for lane in 0..<lanes { common[lane] = Lanes(repeating: .infinity) }
      var fewest = Float.infinity
      walker.forEach(inside: shape) { z, loops, shares in
        let row = Int(rows[level][z])
        guard row >= 0 else { return }
        let least = floors + row &* lanes
        var helps = isLimited && inside[row] < fewest
        for lane in 0..<lanes where any(least[lane] .< common[lane]) { helps = true }
        guard helps else { return }
        let local = shares + optionCount
        let start = steps + row &* columns &* lanes
        for option in 0..<optionCount {
          let column = start + option &* columnCount &* lanes
          let leastColumn = column + shareCount &* lanes
          if loops != 0 || shares[option] == local[option] {
            lower(common, column, local[option], lanes, least: leastColumn)
          }
          if shares[option] == local[option] {
            if isLimited {
              fewest = min(
                fewest, stepCycles(below: level, z, option: option, share: local[option]))
            }
            continue
          }
          // No loop here moves the operands, so they rest on from outside.
          let target = best + option &* columnCount &* lanes
          let leastTarget = target + shareCount &* lanes
          for lane in 0..<lanes {
            leastTarget[lane].replace(
              with: leastColumn[lane], where: leastColumn[lane] .< leastTarget[lane])
          }
          for i in 0..<shareCount {
            let share = local[option] * CompletionBounds.share(i)
            lower(target + i &* lanes, column, share, lanes)
            if isLimited {
              fewest = min(fewest, stepCycles(below: level, z, option: option, share: share))
            }
          }
        }
        entryCount &+= 1
      }
      let entries = table + Int(rows[level][shape]) * optionCount * ownLanes
      let values = floats(best)
      let others = floats(common)
      for option in 0..<optionCount {
        for lane in 0..<ownLanes {
          var entry = Columns()
          for column in 0..<columnCount {
            entry[column] = values[(option * columnCount + column) * lanes * 8 + lane]
          }
          let other = Columns(repeating: others[lane])
          entry.replace(with: other, where: other .< entry)
          entries[option * ownLanes + lane] = entry
        }
      }
      cycleTable[shape] = isLimited ? fewest : 0
    }
  }

  /// Lowers lanes to the chord of a column at a share, or to what is needed whatever the share where that is more.
  @inline(__always)
  private func lower(
    _ target: UnsafeMutablePointer<Lanes>, _ column: UnsafeMutablePointer<Lanes>, _ share: Float,
    _ lanes: Int, least floor: UnsafeMutablePointer<Lanes>? = nil
  ) {
    let i = CompletionBounds.sharePlace(share)
    let upper = CompletionBounds.share(i)
    let least = CompletionBounds.share(i &+ 1)
    let weight = (share - least) / (upper - least)
    let first = column + i &* lanes
    let second = first + lanes
    for lane in 0..<lanes {
      let low = second[lane]
      // Infinite where both are: the comparison with what is no number is false.
      var chord = low + (first[lane] - low) * weight
      if let floor { chord.replace(with: floor[lane], where: floor[lane] .> chord) }
      target[lane].replace(with: chord, where: chord .< target[lane])
    }
  }
}
