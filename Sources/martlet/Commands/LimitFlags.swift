import CommandLineTool
import HTTP
import Service

/// The limits of the server as flags of `martlet serve`: name, unit and default of each.
enum LimitFlags {
  /// A limit that is a whole number.
  struct Count {
    let flag: String
    let unit: String
    let help: String
    let range: ClosedRange<Int>
    let get: @Sendable (ServerLimits, ServiceLimits) -> Int
    let set: @Sendable (inout ServerLimits, inout ServiceLimits, Int) -> Void

    init(
      http path: any WritableKeyPath<ServerLimits, Int> & Sendable,
      _ flag: String,
      _ unit: String,
      _ help: String,
      _ range: ClosedRange<Int>
    ) {
      (self.flag, self.unit, self.help, self.range) = (flag, unit, help, range)
      get = { limits, _ in limits[keyPath: path] }
      set = { limits, _, value in limits[keyPath: path] = value }
    }

    init(
      service path: any WritableKeyPath<ServiceLimits, Int> & Sendable,
      _ flag: String,
      _ unit: String,
      _ help: String,
      _ range: ClosedRange<Int>
    ) {
      (self.flag, self.unit, self.help, self.range) = (flag, unit, help, range)
      get = { _, limits in limits[keyPath: path] }
      set = { _, limits, value in limits[keyPath: path] = value }
    }
  }

  /// A limit that is a time or a rate.
  private struct Amount {
    let flag: String
    let unit: String
    let help: String
    let get: @Sendable (ServerLimits, ServiceLimits) -> Double
    let set: @Sendable (inout ServerLimits, inout ServiceLimits, Double) -> Void

    init(
      http path: any WritableKeyPath<ServerLimits, Double> & Sendable,
      _ flag: String,
      _ unit: String,
      _ help: String
    ) {
      (self.flag, self.unit, self.help) = (flag, unit, help)
      get = { limits, _ in limits[keyPath: path] }
      set = { limits, _, value in limits[keyPath: path] = value }
    }

    init(
      service path: any WritableKeyPath<ServiceLimits, Double> & Sendable,
      _ flag: String,
      _ unit: String,
      _ help: String
    ) {
      (self.flag, self.unit, self.help) = (flag, unit, help)
      get = { _, limits in limits[keyPath: path] }
      set = { _, limits, value in limits[keyPath: path] = value }
    }
  }

  private static let counts: [Count] = [
    Count(
      service: \.rowsPerRequest,
      "rows-per-request",
      "ROWS",
      "rows in one request; more is 413",
      1...1_000_000
    ),
    Count(service: \.rowsPerBatch, "rows-per-batch", "ROWS", "rows that run together", 1...4096),
    Count(
      service: \.waitingRequestsPerModel,
      "waiting-requests",
      "REQUESTS",
      "requests that may wait for one model; more is 429",
      1...1_000_000
    ),
    Count(
      service: \.waitingRowsPerModel,
      "waiting-rows",
      "ROWS",
      "rows that may wait for one model; more is 429",
      1...10_000_000
    ),
    Count(
      service: \.inlineBodyBytes,
      "inline-body-bytes",
      "BYTES",
      "largest body that an event loop reads itself; larger ones go to another thread",
      0...1 << 30
    ),
    Count(
      service: \.inlineImagePixels,
      "inline-image-pixels",
      "PIXELS",
      "largest image that an event loop decodes itself",
      0...1 << 30
    ),
    Count(
      service: \.loadedVersionsPerModel,
      "loaded-versions",
      "VERSIONS",
      "newest versions of a model kept loaded, besides those with an alias",
      1...1000
    ),
    Count(
      service: \.listedVersionsPerModel,
      "listed-versions",
      "VERSIONS",
      "newest versions of a model listed",
      1...100_000
    ),
    Count(
      service: \.eventStreams,
      "event-streams",
      "STREAMS",
      "streams of job events open at one time; more is 503",
      1...100_000
    ),
    Count(
      service: \.recentPredictionsPerModel,
      "recent-predictions",
      "ROWS",
      "predicted rows of a model kept in memory until their true answer is told; the oldest go",
      0...1 << 30
    ),
    Count(
      service: \.recentPredictionBytesPerModel,
      "recent-prediction-bytes",
      "BYTES",
      "bytes of these rows",
      0...1 << 50
    ),
    Count(
      service: \.feedbackRowBytes,
      "feedback-row-bytes",
      "BYTES",
      "largest row that gets an id; larger is 400",
      4...8 << 20
    ),
    Count(
      service: \.feedbackPerRequest,
      "feedback-rows-per-request",
      "ROWS",
      "true answers told in one request; more is 413",
      1...100_000
    ),
    Count(
      service: \.feedbackRowsPerModel,
      "feedback-rows",
      "ROWS",
      "rows of a model with their true answer kept on disk; the oldest go, a sixteenth at a time",
      1...1 << 30
    ),
    Count(
      service: \.feedbackBytesPerModel,
      "feedback-bytes",
      "BYTES",
      "bytes of these rows",
      1...1 << 50
    ),
    Count(
      service: \.transitionsPerRequest,
      "transitions-per-request",
      "COUNT",
      "transitions in one request; more is 413",
      1...100_000
    ),
    Count(
      service: \.transitionsPerModel,
      "transitions",
      "COUNT",
      "transitions of a model kept on disk; the oldest go, a sixteenth at a time",
      1...1 << 30
    ),
    Count(
      service: \.transitionBytesPerModel,
      "transition-bytes",
      "BYTES",
      "bytes of these transitions",
      1...1 << 50
    ),
    Count(
      service: \.fileBytes,
      "file-bytes",
      "BYTES",
      "largest uploaded file; larger is 413",
      1...1 << 50
    ),
    Count(
      service: \.libraryBytes,
      "library-bytes",
      "BYTES",
      "all uploaded files together; more is 507",
      1...1 << 50
    ),
    Count(service: \.files, "files", "FILES", "uploaded files kept; more is 507", 1...100_000),
    Count(
      service: \.filenameBytes,
      "filename-bytes",
      "BYTES",
      "longest name of an uploaded file; longer is 400",
      1...4096
    ),
    Count(
      service: \.concurrentUploads,
      "uploads",
      "UPLOADS",
      "uploads at one time; more is 429",
      1...10_000
    ),
    Count(
      service: \.uploadBacklogBytes,
      "upload-backlog-bytes",
      "BYTES",
      "bytes of one upload that wait for the disk before its client has to",
      0...1 << 30
    ),
    Count(service: \.models, "models", "MODELS", "models served", 1...100_000),
    Count(
      http: \.bodyBytes,
      "body-bytes",
      "BYTES",
      "largest request body; larger is 413",
      1...1 << 40
    ),
    Count(
      http: \.requestLineBytes,
      "request-line-bytes",
      "BYTES",
      "longest request line; longer is 414",
      64...1 << 20
    ),
    Count(
      http: \.headerBlockBytes,
      "header-bytes",
      "BYTES",
      "largest header block; larger is 431",
      256...1 << 24
    ),
    Count(
      http: \.headerFields,
      "header-fields",
      "FIELDS",
      "most header fields; more is 431",
      1...10_000
    ),
    Count(
      http: \.pathSegments,
      "path-segments",
      "SEGMENTS",
      "most segments of a path; more is 414",
      8...10_000
    ),
    Count(
      http: \.chunks,
      "chunks",
      "CHUNKS",
      "most chunks of a chunked body; more is 413",
      1...1 << 24
    ),
    Count(
      http: \.chunkExtensionBytes,
      "chunk-extension-bytes",
      "BYTES",
      "longest chunk extension; longer is 400",
      0...1 << 20
    ),
    Count(
      http: \.trailerBytes,
      "trailer-bytes",
      "BYTES",
      "largest trailer section; larger is 431",
      0...1 << 20
    ),
    Count(
      http: \.connections,
      "connections",
      "CONNECTIONS",
      "open connections; further ones are answered 503",
      1...1_000_000
    ),
    Count(
      http: \.connectionsPerAddress,
      "connections-per-address",
      "CONNECTIONS",
      "open connections of one client address; 0 is no limit",
      0...1_000_000
    ),
    Count(
      http: \.rejectedConnections,
      "rejected-connections",
      "CONNECTIONS",
      "connections beyond the limit that may wait for their 503",
      0...1_000_000
    ),
    Count(
      http: \.requestsPerConnection,
      "requests-per-connection",
      "REQUESTS",
      "requests before a connection is closed",
      1...Int.max
    ),
    Count(
      http: \.backlog,
      "backlog",
      "CONNECTIONS",
      "connections waiting to be accepted",
      1...65_535
    ),
    Count(
      http: \.pipelinedRequestsPerTurn,
      "pipelined-requests",
      "REQUESTS",
      "pipelined requests answered before other connections have their turn",
      1...10_000
    ),
    Count(
      http: \.readAheadBytes,
      "read-ahead-bytes",
      "BYTES",
      "later requests read while one is answered",
      1024...1 << 30
    ),
    Count(
      http: \.outputBacklogBytes,
      "output-backlog-bytes",
      "BYTES",
      "unsent response bytes before the next request is looked at",
      1024...1 << 30
    ),
    Count(
      http: \.streamBacklogBytes,
      "stream-backlog-bytes",
      "BYTES",
      "unsent bytes of a streamed response before its connection is closed",
      1024...1 << 30
    ),
    Count(
      http: \.streamedReadBytes,
      "streamed-read-bytes",
      "BYTES",
      "bytes of an upload read at once",
      1024...1 << 24
    ),
    Count(
      http: \.streamRefillBytes,
      "stream-refill-bytes",
      "BYTES",
      "unsent bytes of a streamed response below which more of it is made",
      1...1 << 30
    ),
    Count(
      http: \.lingerBytes,
      "linger-bytes",
      "BYTES",
      "bytes read and dropped while closing",
      0...1 << 30
    ),
  ]

  private static let amounts: [Amount] = [
    Amount(
      service: \.inlineMicroseconds,
      "inline-microseconds",
      "MICROSECONDS",
      "longest run that an event loop does itself"
    ),
    Amount(
      service: \.recentPredictionSeconds,
      "recent-prediction-seconds",
      "SECONDS",
      "how long a predicted row is kept in memory; 0 is as long as there is room"
    ),
    Amount(
      service: \.pollSeconds,
      "poll-seconds",
      "SECONDS",
      "time between two looks for new versions; 0 is never"
    ),
    Amount(
      service: \.aliasWaitSeconds,
      "alias-wait-seconds",
      "SECONDS",
      "how long a change of an alias waits for models being loaded; more is 503"
    ),
    Amount(
      http: \.headerSeconds,
      "header-seconds",
      "SECONDS",
      "time for a request's head; slower is 408"
    ),
    Amount(
      http: \.bodyGraceSeconds,
      "body-grace-seconds",
      "SECONDS",
      "time for a body before its rate counts"
    ),
    Amount(
      http: \.bodyBytesPerSecond,
      "body-rate",
      "BYTES/SECOND",
      "slowest body accepted after that; slower is 408"
    ),
    Amount(
      http: \.idleSeconds,
      "idle-seconds",
      "SECONDS",
      "time a connection may wait for its next request"
    ),
    Amount(
      http: \.writeGraceSeconds,
      "write-grace-seconds",
      "SECONDS",
      "time for a response before its rate counts"
    ),
    Amount(
      http: \.writeBytesPerSecond,
      "write-rate",
      "BYTES/SECOND",
      "slowest reader accepted after that; slower is closed"
    ),
    Amount(
      http: \.lingerSeconds,
      "linger-seconds",
      "SECONDS",
      "time a closing connection waits for the client"
    ),
    Amount(
      http: \.drainIdleSeconds,
      "drain-idle-seconds",
      "SECONDS",
      "time idle connections stay open once draining"
    ),
    Amount(
      http: \.drainSeconds,
      "drain-seconds",
      "SECONDS",
      "time requests in flight have once draining"
    ),
  ]

  /// All of them.
  static let all: [CommandSpecification.Flag] =
    (counts + sequenceCounts).map {
      .init(
        $0.flag,
        value: $0.unit,
        $0.help,
        default: String($0.get(ServerLimits(), ServiceLimits()))
      )
    }
    + amounts.map {
      .init($0.flag, value: $0.unit, $0.help, default: "\($0.get(ServerLimits(), ServiceLimits()))")
    }

  /// Sets the limits that were given.
  static func apply(
    _ arguments: Arguments,
    _ server: inout ServerLimits,
    _ service: inout ServiceLimits
  ) throws(UsageError) {
    for limit in counts + sequenceCounts {
      if let value = try arguments.integer(limit.flag, in: limit.range) {
        limit.set(&server, &service, value)
      }
    }
    for limit in amounts {
      if let value = try arguments.number(limit.flag, in: 0...1e12) {
        limit.set(&server, &service, value)
      }
    }
  }
}
