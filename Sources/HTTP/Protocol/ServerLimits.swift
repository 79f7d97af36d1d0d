/// Every limit of the server, with its unit and its default.
///
/// `martlet serve --help` shows these; each can be changed by a flag. Counts and sizes are inclusive:
/// a request exactly at the limit passes.
package struct ServerLimits: Sendable, Equatable {
  // MARK: Request head

  /// Longest request line, bytes without its CRLF; longer is 414 (RFC 9112 §3).
  package var requestLineBytes = 8 * 1024
  /// Longest header block (all field lines with their CRLFs), bytes; longer is 431 (RFC 6585 §5).
  package var headerBlockBytes = 32 * 1024
  /// Most field lines in a head; more is 431.
  package var headerFields = 100
  /// Most `/`-separated segments in a path; more is 414.
  package var pathSegments = 64

  // MARK: Request body

  /// Largest request body, bytes after chunk decoding; larger is 413.
  ///
  /// Routes may ask for less or more.
  package var bodyBytes = 64 * 1024 * 1024
  /// Most chunks in one chunked body; more is 413 (CVE-2025-23310: millions of 6-byte chunks).
  package var chunks = 65_536
  /// Longest chunk extension, bytes; longer is 400 (RFC 9112 §7.1.1).
  package var chunkExtensionBytes = 256
  /// Largest trailer section, bytes; larger is 431.
  ///
  /// Trailers are checked and dropped.
  package var trailerBytes = 8 * 1024

  // MARK: Deadlines

  /// Time from the first byte of a head to its end, seconds; slower is 408 (slowloris).
  package var headerSeconds = 10.0
  /// Time a body may take before its rate counts, seconds.
  package var bodyGraceSeconds = 10.0
  /// Slowest body accepted after the grace, bytes per second; slower is 408 (R-U-Dead-Yet).
  package var bodyBytesPerSecond = 1024.0
  /// How long a connection may wait for its next request, seconds; then it is closed silently.
  package var idleSeconds = 60.0
  /// Time a pending response may take before its rate counts, seconds.
  package var writeGraceSeconds = 30.0
  /// Slowest reader accepted after the grace, bytes per second; slower is closed (slow read).
  package var writeBytesPerSecond = 1024.0
  /// How long a closing connection waits for the client to stop sending, seconds.
  package var lingerSeconds = 1.0

  // MARK: Connections

  /// Most open connections; further ones are answered 503 and closed.
  package var connections = 10_000
  /// Most open connections of one client address; further ones are answered 503; 0 is no limit.
  package var connectionsPerAddress = 0
  /// Connections above `connections` that may wait for their 503; beyond them accepting pauses.
  package var rejectedConnections = 64
  /// Most requests on one connection; the last response says `Connection: close`.
  package var requestsPerConnection = 1_000_000
  /// Length of the kernel's queue of connections not yet accepted, connections.
  package var backlog = 1024

  // MARK: Work per connection

  /// Pipelined requests of one connection answered before the others get their turn.
  package var pipelinedRequestsPerTurn = 32
  /// Bytes of later requests that are read while one is being answered; then reading pauses.
  package var readAheadBytes = 64 * 1024
  /// Response bytes waiting for a slow reader before its next request is looked at, bytes.
  package var outputBacklogBytes = 256 * 1024
  /// Bytes of a streamed response waiting for a slow reader; more closes the connection.
  package var streamBacklogBytes = 1024 * 1024
  /// Bytes a closing connection reads and discards so that its last response is not lost.
  package var lingerBytes = 64 * 1024

  /// Bytes of a streamed request body that are read and handed over at once.
  package var streamedReadBytes = 128 * 1024
  /// Bytes of a streamed response still to be sent below which its writer is asked for more.
  package var streamRefillBytes = 128 * 1024

  // MARK: Drain

  /// How long idle connections stay open once draining has begun, seconds: their next request is
  /// still answered, with `Connection: close`.
  package var drainIdleSeconds = 0.5
  /// How long requests in flight may take once draining has begun, seconds.
  package var drainSeconds = 30.0

  /// The defaults above.
  package init() {}
}
