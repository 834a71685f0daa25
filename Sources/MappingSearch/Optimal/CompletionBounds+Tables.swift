import CostModel

/// How the tables are filled, from the innermost level outwards.
extension CompletionBounds {
  func fillInnermost() {
    let level = levelCount - 1
    let shapes = plan.shapes
    let lanes = entryLanes[level]
    let classCount = classes.classCount[level]
    let unitCount = classes.unitCount[level]
    let table = infinite(tileCount[level] * optionCount * lanes)
    rest[level] = table
    let cycleTable = UnsafeMutablePointer<Float>.allocate(capacity: shapes.count)
    restCycles[level] = cycleTable
    let spatial = plan.spatial[level]
    // The cost of a choice does not depend on the shape.
    var energies: [Float] = []
    var cycles: [Float] = []
    for choice in 0..<spatial.count {
      var fewest = Double.infinity
      for sharing in 0..<classCount {
        energies.append(costs.operandCost(choice, classes.vector(level, sharing)))
        fewest = min(fewest, costs.slowestPort())
      }
      cycles.append(Float(fewest * (1 - 1e-6)))
    }
    let outer = classes.outerUnit[level]
    for shape in 0..<shapes.count {
      cycleTable[shape] = .infinity
      guard tileRows[level][shape] >= 0 else { continue }
      let entries = table + Int(tileRows[level][shape]) * optionCount * lanes
      spatial.forEach(dividing: shape, shapes) { choice, _ in
        for sharing in 0..<classCount {
          let lane = sharing &* unitCount &+ outer[choice]
          let cost = energies[choice &* classCount &+ sharing]
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

  func fillSteps(_ level: Int) {
    let shapes = plan.shapes
    let boundary = level + 1
    let shareCount = CompletionBounds.shareCount
    let lanes = laneCount[level]
    let columns = optionCount * CompletionBounds.columnCount
    let shares = optionCount * shareCount
    let table = infinite(blockCount[level] * columns * lanes)
    step[level] = table
    let cycleTable = UnsafeMutablePointer<Float>.allocate(
      capacity: max(blockCount[level] * shares, 1))
    cycleTable.initialize(repeating: .infinity, count: max(blockCount[level] * shares, 1))
    stepCycles[level] = cycleTable
    let floors = infinite(blockCount[level] * lanes)
    floor[level] = floors
    let inside = UnsafeMutablePointer<Float>.allocate(capacity: max(blockCount[level], 1))
    inside.initialize(repeating: .infinity, count: max(blockCount[level], 1))
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
    let allowed = UnsafeMutablePointer<Float>.allocate(capacity: ownLanes)
    defer { allowed.deallocate() }
    let innerRows = tileRows[boundary]
    let lowest = lowestRest(boundary)
    let largest = largestSharing[level]
    grid.withUnsafeBufferPointer { grid in
      for z in 0..<shapes.count where blockRows[level][z] >= 0 {
        if shouldStop() {
          isComplete = false
          return
        }
        let row = Int(blockRows[level][z])
        let most = allow(level, z, isBlock: true, allowed)
        sums.update(
          repeating: Columns(repeating: .infinity), count: optionCount * ownLanes)
        let cycleRow = cycleTable + row * shares
        spatial.forEach(dividing: z, shapes) { choice, child in
          let innerRow = Int(innerRows[child])
          guard innerRow >= 0, within[child] < .infinity, lowest[innerRow] < most else { return }
          inside[row] = min(inside[row], within[child])
          let innerStart = inner + innerRow &* optionCount &* innerLanes
          let units = outerUnit + choice &* innerUnits
          for sharing in 0..<classCount {
            entryCount &+= 1
            costs.transfers(level, z, choice, child, classes.vector(level, sharing))
            let first = innerClass[choice &* classCount &+ sharing] &* innerUnits
            let limits = allowed + sharing &* unitCount
            for option in 0..<optionCount {
              let crossing = costs.energies(option)
              let source = innerStart + (option &* innerLanes &+ first)
              let target = sums + (option &* ownLanes &+ sharing &* unitCount)
              for k in 0..<innerUnits {
                let sum = crossing + source[k]
                guard sum[shareCount] < limits[units[k]] else { continue }
                target[units[k]].replace(with: sum, where: sum .< target[units[k]])
              }
            }
          }
          if isLimited {
            // The most that operands can be shared outside.
            largest.withUnsafeBufferPointer { largest in
              guard let address = largest.baseAddress else { return }
              costs.transfers(level, z, choice, child, address)
            }
            for option in 0..<optionCount {
              for i in 0..<shareCount {
                let place = option &* shareCount &+ i
                let cycles = Float(costs.cycles(level, option, grid[i]) * (1 - 1e-6))
                if cycles < cycleRow[place] { cycleRow[place] = cycles }
              }
            }
          }
        }
        let entries = floats(table + row * columns * lanes)
        var isReached = promising == nil
        for option in 0..<optionCount {
          for lane in 0..<ownLanes {
            let sum = sums[option * ownLanes + lane]
            if sum[shareCount] < .infinity { isReached = true }
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
        if !isReached { inside[row] = .infinity }
      }
    }
  }

  /// Writes for every lane how much energy inside a shape is too much.
  ///
  /// What needs more is not part of a better mapping, so it is left out of the tables.
  ///
  /// - Returns: The most of all lanes.
  private func allow(
    _ level: Int, _ shape: Int, isBlock: Bool, _ allowed: UnsafeMutablePointer<Float>
  ) -> Float {
    let unitCount = classes.unitCount[level]
    var most: Float = promising == nil ? .infinity : 0
    for k in 0..<unitCount {
      let energy =
        promising?.allowance(
          level, shape, isBlock: isBlock, units: k) ?? .infinity
      most = max(most, energy)
      for sharing in 0..<classes.classCount[level] { allowed[sharing * unitCount + k] = energy }
    }
    return most
  }

  /// By row of the tiles at a boundary, the least energy inside.
  private func lowestRest(_ boundary: Int) -> [Float] {
    guard let table = rest[boundary] else { return [] }
    let count = optionCount * entryLanes[boundary]
    return (0..<tileCount[boundary]).map { row in
      var least = Float.infinity
      for entry in 0..<count {
        least = min(least, table[row * count + entry][CompletionBounds.shareCount])
      }
      return least
    }
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
    let table = infinite(tileCount[level] * optionCount * ownLanes)
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
    let allowed = infinite(lanes)
    defer { allowed.deallocate() }
    for shape in 0..<shapes.count where tileRows[level][shape] >= 0 {
      if shouldStop() {
        isComplete = false
        return
      }
      best.update(repeating: Lanes(repeating: .infinity), count: columns * lanes)
      // The best whatever the loops outside.
      for lane in 0..<lanes { common[lane] = Lanes(repeating: .infinity) }
      _ = allow(level, shape, isBlock: false, floats(allowed))
      var isReached = promising == nil
      var fewest = Float.infinity
      walker.forEach(inside: shape) { z, loops, shares in
        let row = Int(blockRows[level][z])
        guard row >= 0 else { return }
        let least = floors + row &* lanes
        var isAllowed = promising == nil
        var helps = isLimited && inside[row] < fewest
        for lane in 0..<lanes {
          let isLow = least[lane] .< allowed[lane]
          if any(isLow) { isAllowed = true }
          if any(isLow .& (least[lane] .< common[lane])) { helps = true }
        }
        guard isAllowed, helps else { return }
        isReached = true
        let local = shares + optionCount
        let start = steps + row &* columns &* lanes
        for option in 0..<optionCount {
          let column = start + option &* columnCount &* lanes
          let leastColumn = column + shareCount &* lanes
          if loops != 0 || shares[option] == local[option] {
            lower(common, column, local[option], lanes, least, allowed, above: leastColumn)
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
              with: leastColumn[lane],
              where: (leastColumn[lane] .< leastTarget[lane]) .& (least[lane] .< allowed[lane]))
          }
          for i in 0..<shareCount {
            let share = local[option] * CompletionBounds.share(i)
            lower(target + i &* lanes, column, share, lanes, least, allowed)
            if isLimited {
              fewest = min(fewest, stepCycles(below: level, z, option: option, share: share))
            }
          }
        }
        entryCount &+= 1
      }
      let entries = table + Int(tileRows[level][shape]) * optionCount * ownLanes
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
      if isReached { cycleTable[shape] = isLimited ? fewest : 0 }
    }
  }

  /// Lowers lanes to the chord of a column at a share, or to what is needed whatever the share where that is more, where the
  /// least energy is not too much.
  @inline(__always)
  private func lower(
    _ target: UnsafeMutablePointer<Lanes>, _ column: UnsafeMutablePointer<Lanes>, _ share: Float,
    _ lanes: Int, _ energies: UnsafeMutablePointer<Lanes>, _ allowed: UnsafeMutablePointer<Lanes>,
    above floor: UnsafeMutablePointer<Lanes>? = nil
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
      target[lane].replace(
        with: chord, where: (chord .< target[lane]) .& (energies[lane] .< allowed[lane]))
    }
  }
}
