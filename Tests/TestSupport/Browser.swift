import Foundation

/// Headless Chromium, asked what a page looks like.
public enum Browser {
  /// What a page turned out to be.
  public struct Look: Decodable, Sendable {
    /// A chart that a script drew.
    public struct Drawn: Decodable, Sendable {
      /// The figure's id.
      public var name: String
      /// Marks drawn.
      public var marks: Int
      /// Points the page states.
      public var stated: Int
      /// Pixels that are not background.
      public var inked: Int
      /// Whether an arrow key brought up a tooltip.
      public var tooltip: Bool
    }

    /// A table as shown.
    public struct Shown: Decodable, Sendable {
      /// The table's name.
      public var name: String
      /// Its numbers in reading order.
      public var numbers: [Double]
    }

    /// Errors of scripts.
    public var errors: [String]
    /// Pixels by which the page is wider than the window.
    public var overflow: Int
    /// Charts that a script drew.
    public var charts: [Drawn]
    /// Pictures that are visible.
    public var pictures: Int
    /// Tables.
    public var tables: [Shown]
    /// The page's text.
    public var text: String
  }

  /// The browser, if it is installed.
  static let path = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// Whether tests need it: a missing browser is then a failure rather than a test less.
  public static let isWanted = ProcessInfo.processInfo.environment["DOVETAIL_NO_BROWSER"] == nil

  /// Opens a page.
  ///
  /// - Parameter width: Width of the window in pixels.
  /// - Throws: `Trouble` when there is no browser or no answer.
  public static func look(at page: String, width: Int) throws -> Look {
    guard let path else { throw Trouble.message("chromium is not installed") }
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("browser-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("page.html")
    try Data(
      page.replacing("<head>", with: "<head><script>\(early)</script>", maxReplacements: 1)
        .replacing("</body>\n</html>", with: "<script>\(late)</script></body>\n</html>").utf8
    ).write(to: file)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = [
      "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
      "--user-data-dir=\(folder.path)/profile", "--virtual-time-budget=3000",
      "--window-size=\(width),900", "--dump-dom", file.absoluteString,
    ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let text = String(decoding: bytes, as: UTF8.self)
    guard let start = text.range(of: "<pre id=\"probe\">"),
      let end = text.range(of: "</pre>", range: start.upperBound..<text.endIndex),
      let json = Data(base64Encoded: String(text[start.upperBound..<end.lowerBound]))
    else { throw Trouble.message("the browser said nothing: \(text.suffix(300))") }
    return try JSONDecoder().decode(Look.self, from: json)
  }

  /// Why there is no look.
  public enum Trouble: Error { case message(String) }

  private static let early = """
    window.seen=[];window.addEventListener("error",function(e){window.seen.push(String(e.message));});
    var complain=console.error;console.error=function(){window.seen.push(Array.from(arguments).join(" "));};
    document.addEventListener("securitypolicyviolation",function(e){window.seen.push("policy: "+e.violatedDirective);});
    """

  private static let late = """
    window.addEventListener("load",function(){setTimeout(function(){
    var root=document.documentElement,look={errors:window.seen,overflow:root.scrollWidth-root.clientWidth,charts:[],pictures:0,tables:[],text:document.body.innerText};
    document.querySelectorAll(".twin svg").forEach(function(s){if(s.getBoundingClientRect().width>0)look.pictures++;});
    (window.dovetailCharts||[]).forEach(function(entry){var c=entry.chart,figure=document.getElementById(entry.name),plot=figure.querySelector(".plot"),marks=0,inked=0;
    c.data.datasets.forEach(function(d,i){c.getDatasetMeta(i).data.forEach(function(m,j){if(d.data[j]!==null&&isFinite(m.x)&&isFinite(m.y))marks++;});});
    var data=c.canvas.getContext("2d").getImageData(0,0,c.canvas.width,c.canvas.height).data;for(var k=3;k<data.length;k+=4)if(data[k]>0)inked++;
    plot.dispatchEvent(new KeyboardEvent("keydown",{key:"ArrowRight",bubbles:true}));
    look.charts.push({name:entry.name,marks:marks,stated:+figure.dataset.points,inked:inked,tooltip:c.tooltip.opacity>0&&c.tooltip.body.length>0});});
    document.querySelectorAll("table[data-name]").forEach(function(t){look.tables.push({name:t.dataset.name,numbers:Array.from(t.querySelectorAll("td[data-value]")).map(function(d){return parseFloat(d.dataset.value);}).filter(isFinite)});});
    var probe=document.createElement("pre");probe.id="probe";probe.textContent=btoa(unescape(encodeURIComponent(JSON.stringify(look))));document.body.appendChild(probe);},300);});
    """
}
