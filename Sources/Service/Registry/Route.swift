import HTTP

/// Where the requests of an alias go: hosts that were looked up when the snapshot was made, so that a request searches
/// and allocates nothing.
struct Route: Sendable {
  /// The version that gets the requests, or those that the canary does not.
  let host: ModelHost
  let canary: Canary?

  /// A version that gets a share of the requests.
  struct Canary: Sendable {
    let host: ModelHost
    /// The share times 2^32.
    let threshold: UInt64
    /// Of model and alias alone: a client stays on its side when the alias changes, and a growing share keeps those it
    /// had.
    let salt: UInt64

    init(_ host: ModelHost, percent: Double, model: String, alias: String) {
      self.host = host
      // 0 to 100, see `AliasDocument.Canary`.
      threshold = UInt64((percent / 100 * 0x1p32).rounded())
      salt = RequestHash.of("\(model)/\(alias)".utf8, salt: 0)
    }

    /// Whether a request with these random bits belongs to the canary.
    func takes(_ bits: UInt64) -> Bool { bits >> 32 < threshold }
  }

  /// The header whose value keeps requests on one side: those with the same value always get the same version.
  static let stickyHeader: StaticString = "x-martlet-sticky"

  /// The version for one request.
  ///
  /// - Parameters:
  ///   - sticky: The value of the sticky header.
  ///   - draw: Decides for requests without one.
  /// - Returns: The version, to be held until the request is answered.
  func pick(sticky: BorrowedBytes?, _ draw: CanaryDraw) -> ModelHost {
    guard let canary else { return host }
    let bits = sticky.map { RequestHash.of($0.buffer, salt: canary.salt) } ?? draw.next()
    return canary.takes(bits) ? canary.host : host
  }
}

/// Random bits for the requests of one event loop (SplitMix64: Steele, Lea and Flood 2014).
///
/// Only that loop's thread touches it.
final class CanaryDraw {
  private var state: UInt64

  init(seed: UInt64) { state = RequestHash.mixed(seed) }

  func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return RequestHash.mixed(state)
  }
}

/// A hash that is the same in every process, for shares and not for secrets.
enum RequestHash {
  /// FNV-1a over the bytes, mixed so that its high bits are as good as its low ones.
  static func of(_ bytes: some Sequence<UInt8>, salt: UInt64) -> UInt64 {
    var hash = 0xCBF2_9CE4_8422_2325 ^ salt
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return mixed(hash)
  }

  /// Every bit of the answer depends on every bit of `value` (the finaliser of SplitMix64).
  static func mixed(_ value: UInt64) -> UInt64 {
    var value = (value ^ value &>> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value &>> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value &>> 31
  }
}
