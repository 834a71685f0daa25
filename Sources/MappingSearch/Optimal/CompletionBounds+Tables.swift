import CostModel

/// How the tables are filled, from the innermost level outwards.
extension CompletionBounds {
  func fillInnermost() {
    let level = levelCount - 1
    let shapes = plan.shapes
    let rates = plan.rates
    let columns = optionCount * CompletionBounds.shareCount
    let table = UnsafeMutablePointer<Lanes>.allocate(capacity: shapes.count * columns)
    rest[level] = table
    let cycleTable = UnsafeMutablePointer<Float>.allocate(capacity: shapes.count)
    restCycles[level] = cycleTable
    let spatial = plan.spatial[level]
    // The cost of a choice does not depend on the shape.
    var costs: [Float] = []
    var cycles: [Float] = []
    var classes: [Int] = []
    for choice in 0..<spatial.count {
      var energy = 0.0
      for port in 0..<3 * levelCount { ports[port] = 0 }
      for t in 0..<operandCount {
        guard let home = plan.home(of: t, outside: level + 1) else { continue }
        var copies = spatial.copies[choice * operandCount + t]
        for outer in home..<level {
          copies *= CompletionBounds.mostCopies(plan.spatial[outer], t, operandCount)
        }
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
            let owned = shapes.tile[t * shapes.count + shapes.whole] * largestUsed[home]
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
      costs.append(CompletionBounds.rounded(energy))
      cycles.append(Float(slowestPort() * (1 - 1e-6)))
      classes.append(classIndex(spatial.used[choice], level))
    }
    for shape in 0..<shapes.count {
      var lanes = Lanes(repeating: .infinity)
      cycleTable[shape] = .infinity
      if plan.fits[level][shape] {
        spatial.forEach(dividing: shape, shapes) { choice, _ in
          lanes[classes[choice]] = min(lanes[classes[choice]], costs[choice])
          cycleTable[shape] = min(cycleTable[shape], cycles[choice])
          entryCount += 1
        }
      }
      for column in 0..<columns { table[shape * columns + column] = lanes }
    }
  }

  /// Cycles of the busiest port of `ports`.
  func slowestPort() -> Double {
    var slowest = 0.0
    let rates = plan.rates
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
  @inline(__always)
  func transfers(_ level: Int, _ z: Int, _ choice: Int, _ child: Int) -> Double {
    let shapes = plan.shapes
    let rates = plan.rates
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
      var shared = copies[t] * between[here]
      if !hasSlides[t] { shared = min(shared, repeats[t &* shapes.count &+ child]) }
      let reads = words / shared
      if t == rates.result {
        linear[t] += reads * (rates.update[outer] + rates.read[outer]) + words * rates.fill[here]
        constant -=
          firstVisits(largestUsed[home], child) * rates.read[outer]
          + firstVisits(copies[t] * largestUsed[level], child) * rates.fill[here]
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
    let rates = plan.rates
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
    let size = shapes.count * optionCount * shareCount
    let table = UnsafeMutablePointer<Lanes>.allocate(capacity: size)
    table.initialize(repeating: Lanes(repeating: .infinity), count: size)
    step[level] = table
    let cycleTable = UnsafeMutablePointer<Float>.allocate(capacity: size)
    cycleTable.initialize(repeating: .infinity, count: size)
    stepCycles[level] = cycleTable
    let floors = UnsafeMutablePointer<Lanes>.allocate(capacity: shapes.count)
    floors.initialize(repeating: Lanes(repeating: .infinity), count: shapes.count)
    floor[level] = floors
    let inside = UnsafeMutablePointer<Float>.allocate(capacity: shapes.count)
    inside.initialize(repeating: .infinity, count: shapes.count)
    innerCycles[level] = inside
    guard let inner = rest[boundary], let within = restCycles[boundary] else { return }
    let spatial = plan.spatial[level]
    // Classes at this boundary of every class inside, by split.
    let innerEdges = edges + boundary * CompletionBounds.classCount
    let innerClasses = innerEdges[0] == 1 ? 1 : CompletionBounds.classCount
    var classes: [Int] = []
    for choice in 0..<spatial.count {
      for k in 0..<innerClasses {
        classes.append(classIndex(spatial.used[choice] * innerEdges[k], level))
      }
    }
    let grid = (0..<shareCount).map { Double(CompletionBounds.share($0)) }
    let fitsHere = plan.fits[level]
    let fitsInside = plan.fits[boundary]
    classes.withUnsafeBufferPointer { classes in
      grid.withUnsafeBufferPointer { grid in
        for z in 0..<shapes.count where fitsHere[z] {
          let start = z * optionCount * shareCount
          let row = table + start
          let cycleRow = cycleTable + start
          spatial.forEach(dividing: z, shapes) { choice, child in
            guard fitsInside[child], within[child] < .infinity else { return }
            entryCount &+= 1
            let constant = transfers(level, z, choice, child)
            inside[z] = min(inside[z], within[child])
            for option in 0..<optionCount {
              let lanes = inner + (child &* optionCount &+ option) &* shareCount
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
                for k in 0..<innerClasses where lanes[i][k] < .infinity {
                  let target = classes[choice &* innerClasses &+ k]
                  let sum = energy + lanes[i][k]
                  if sum < row[place][target] { row[place][target] = sum }
                }
              }
              if isLimited {
                for i in 0..<shareCount {
                  let place = option &* shareCount &+ i
                  let cycles = Float(self.cycles(level, resting[option], grid[i]) * (1 - 1e-6))
                  if cycles < cycleRow[place] { cycleRow[place] = cycles }
                }
              }
            }
          }
          var least = Lanes(repeating: .infinity)
          for option in 0..<optionCount {
            let lanes = row[option * shareCount + shareCount - 1]
            least.replace(with: lanes, where: lanes .< least)
          }
          floors[z] = least
        }
      }
    }
  }

  /// Bounds at the boundary outside a level, from all temporal loops it may have.
  func fillRest(_ level: Int) {
    let shapes = plan.shapes
    let shareCount = CompletionBounds.shareCount
    let columns = optionCount * shareCount
    let table = UnsafeMutablePointer<Lanes>.allocate(capacity: shapes.count * columns)
    table.initialize(repeating: Lanes(repeating: .infinity), count: shapes.count * columns)
    rest[level] = table
    let cycleTable = UnsafeMutablePointer<Float>.allocate(capacity: shapes.count)
    cycleTable.initialize(repeating: .infinity, count: shapes.count)
    restCycles[level] = cycleTable
    guard let floors = floor[level] else { return }
    let walker = NestedShapes(plan)
    for t in 0..<operandCount { walker.outerRun[t] = 2 }
    for shape in 0..<shapes.count where plan.fits[level][shape] {
      let best = table + shape * columns
      // The best whatever the loops outside.
      var common = Lanes(repeating: .infinity)
      var fewest = Float.infinity
      walker.forEach(inside: shape) { z, loops, shares in
        guard isLimited || any(floors[z] .< common) else { return }
        let local = shares + optionCount
        for option in 0..<optionCount {
          let here = step(below: level, z, option: option, share: local[option])
          if loops != 0 { common.replace(with: here.energy, where: here.energy .< common) }
          if shares[option] == local[option] {
            if isLimited, here.cycles < fewest { fewest = here.cycles }
            continue
          }
          // No loop here moves the operands, so they rest on from outside.
          let column = best + option &* shareCount
          for i in 0..<shareCount {
            let extended = step(
              below: level, z, option: option, share: local[option] * CompletionBounds.share(i))
            column[i].replace(with: extended.energy, where: extended.energy .< column[i])
            if isLimited, extended.cycles < fewest { fewest = extended.cycles }
          }
        }
        entryCount &+= 1
      }
      for column in 0..<columns {
        best[column].replace(with: common, where: common .< best[column])
      }
      cycleTable[shape] = isLimited ? fewest : 0
    }
  }
}
