import CostModel

/// How the tables are filled, from the innermost level outwards.
extension CompletionBounds {
  func fillInnermost() {
    let level = levelCount - 1
    let shapes = plan.shapes
    let columns = optionCount * CompletionBounds.shareCount
    let lanes = laneCount[level]
    let classCount = classes.classCount[level]
    let unitCount = classes.unitCount[level]
    let table = UnsafeMutablePointer<Lanes>.allocate(
      capacity: max(rowCount[level] * columns * lanes, 1))
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
    let row = UnsafeMutablePointer<Lanes>.allocate(capacity: lanes)
    defer { row.deallocate() }
    let entries = UnsafeMutableRawPointer(row).assumingMemoryBound(to: Float.self)
    for shape in 0..<shapes.count {
      cycleTable[shape] = .infinity
      guard plan.fits[level][shape] else { continue }
      for lane in 0..<lanes { row[lane] = Lanes(repeating: .infinity) }
      spatial.forEach(dividing: shape, shapes) { choice, _ in
        for sharing in 0..<classCount {
          let lane = sharing &* unitCount &+ outer[choice]
          let cost = costs[choice &* classCount &+ sharing]
          if cost < entries[lane] { entries[lane] = cost }
        }
        cycleTable[shape] = min(cycleTable[shape], cycles[choice])
        entryCount += 1
      }
      let start = table + Int(rows[level][shape]) * columns * lanes
      for column in 0..<columns {
        for lane in 0..<lanes { start[column * lanes + lane] = row[lane] }
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
      let words = plan.operations / copies
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

  /// Energy of the transfers over the boundary below `level` when the tile with fan-out is `z` and a child's is `child`:
  /// the part no order changes is returned, the part in proportion to deliveries is left in `linear`, by operand.
  ///
  /// - Parameter sharing: At the boundary of the level.
  @inline(__always)
  func transfers(
    _ level: Int, _ z: Int, _ choice: Int, _ child: Int, _ sharing: UnsafePointer<Double>
  ) -> Double {
    let shapes = plan.shapes
    let boundary = level &+ 1
    let copies = plan.spatial[level].copies + choice &* operandCount
    var constant = 0.0
    let iterations = plan.operations / shapes.volume[child]
    for t in 0..<operandCount {
      linear[t] = 0
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
        constant -=
          firstVisits(sharing[operandCount], child) * rates.read[outer]
          + firstVisits(sharing[operandCount] * sharing[t] * copies[t], child) * rates.fill[here]
      } else {
        linear[t] += reads * rates.read[outer] + words * rates.fill[here]
        filled[t] = words
      }
      asked[t] = reads
    }
    return constant
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
      let words = asked[t] * part * rates.wordsPerElement[outer] / largestUsed[home]
      if t == rates.result { ports[3 &* home &+ 1] += words } else { ports[3 &* home] += words }
      ports[3 &* boundary &+ 1] +=
        filled[t] * part * rates.wordsPerElement[here] / largestUsed[boundary]
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
    let columns = optionCount * shareCount
    let table = infinite(rowCount[level] * columns * lanes)
    step[level] = table
    let cycleTable = UnsafeMutablePointer<Float>.allocate(
      capacity: max(rowCount[level] * columns, 1))
    cycleTable.initialize(repeating: .infinity, count: max(rowCount[level] * columns, 1))
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
    let innerLanes = laneCount[boundary]
    let innerClass = classes.innerClass[level]
    let outerUnit = classes.outerUnit[level]
    let grid = (0..<shareCount).map { Double(CompletionBounds.share($0)) }
    let innerRows = rows[boundary]
    let most = largestSharing[level]
    grid.withUnsafeBufferPointer { grid in
      for z in 0..<shapes.count where plan.fits[level][z] {
        if shouldStop() {
          isComplete = false
          return
        }
        let row = Int(rows[level][z])
        let entries = floats(table + row * columns * lanes)
        let cycleRow = cycleTable + row * columns
        spatial.forEach(dividing: z, shapes) { choice, child in
          let innerRow = Int(innerRows[child])
          guard innerRow >= 0, within[child] < .infinity else { return }
          inside[row] = min(inside[row], within[child])
          let innerStart = floats(inner + innerRow &* columns &* innerLanes)
          let units = outerUnit + choice &* innerUnits
          for sharing in 0..<classCount {
            entryCount &+= 1
            let constant = transfers(level, z, choice, child, classes.vector(level, sharing))
            let first = innerClass[choice &* classCount &+ sharing] &* innerUnits
            for option in 0..<optionCount {
              var base = constant
              var slope = 0.0
              for t in 0..<operandCount {
                if (resting[option] &>> UInt32(truncatingIfNeeded: t)) & 1 == 1 {
                  slope += linear[t]
                } else {
                  base += linear[t]
                }
              }
              for i in 0..<shareCount {
                let place = option &* shareCount &+ i
                let energy = CompletionBounds.rounded(base + slope * grid[i])
                let source = innerStart + (place &* innerLanes &* 8 &+ first)
                let target = entries + (place &* lanes &* 8 &+ sharing &* unitCount)
                for k in 0..<innerUnits {
                  let sum = energy + source[k]
                  if sum < target[units[k]] { target[units[k]] = sum }
                }
              }
            }
          }
          if isLimited {
            // The most that operands can be shared outside.
            most.withUnsafeBufferPointer { most in
              guard let address = most.baseAddress else { return }
              _ = transfers(level, z, choice, child, address)
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
        for option in 0..<optionCount {
          let last = table + (row * columns + option * shareCount + shareCount - 1) * lanes
          for lane in 0..<lanes {
            let least = floors + row * lanes + lane
            least.pointee.replace(with: last[lane], where: last[lane] .< least.pointee)
          }
        }
      }
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
    let columns = optionCount * shareCount
    let lanes = laneCount[level]
    let table = infinite(rowCount[level] * columns * lanes)
    rest[level] = table
    let cycleTable = UnsafeMutablePointer<Float>.allocate(capacity: shapes.count)
    cycleTable.initialize(repeating: .infinity, count: shapes.count)
    restCycles[level] = cycleTable
    guard let floors = floor[level], let steps = step[level] else { return }
    let walker = NestedShapes(plan)
    for t in 0..<operandCount { walker.outerRun[t] = 2 }
    let common = UnsafeMutablePointer<Lanes>.allocate(capacity: lanes)
    defer { common.deallocate() }
    for shape in 0..<shapes.count where plan.fits[level][shape] {
      if shouldStop() {
        isComplete = false
        return
      }
      let best = table + Int(rows[level][shape]) * columns * lanes
      // The best whatever the loops outside.
      for lane in 0..<lanes { common[lane] = Lanes(repeating: .infinity) }
      var fewest = Float.infinity
      walker.forEach(inside: shape) { z, loops, shares in
        let row = Int(rows[level][z])
        guard row >= 0 else { return }
        let least = floors + row &* lanes
        var helps = isLimited
        for lane in 0..<lanes where any(least[lane] .< common[lane]) { helps = true }
        guard helps else { return }
        let local = shares + optionCount
        let start = steps + row &* columns &* lanes
        for option in 0..<optionCount {
          let column = start + option &* shareCount &* lanes
          if loops != 0 || shares[option] == local[option] {
            lower(common, column, local[option], lanes)
          }
          if shares[option] == local[option] {
            if isLimited {
              fewest = min(
                fewest, stepCycles(below: level, z, option: option, share: local[option]))
            }
            continue
          }
          // No loop here moves the operands, so they rest on from outside.
          let target = best + option &* shareCount &* lanes
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
      for column in 0..<columns {
        for lane in 0..<lanes {
          let entry = best + column * lanes + lane
          entry.pointee.replace(with: common[lane], where: common[lane] .< entry.pointee)
        }
      }
      cycleTable[shape] = isLimited ? fewest : 0
    }
  }

  /// Lowers lanes to the chord of a column at a share.
  @inline(__always)
  private func lower(
    _ target: UnsafeMutablePointer<Lanes>, _ column: UnsafeMutablePointer<Lanes>, _ share: Float,
    _ lanes: Int
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
      let chord = low + (first[lane] - low) * weight
      target[lane].replace(with: chord, where: chord .< target[lane])
    }
  }
}
