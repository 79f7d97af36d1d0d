internal import CLinux
internal import Glibc

/// Level-triggered epoll.
struct Poller: ~Copyable {
  /// What a descriptor is ready for, or waited for.
  struct Events: OptionSet {
    let rawValue: UInt32
    static let read = Events(rawValue: martlet_EPOLLIN)
    static let write = Events(rawValue: martlet_EPOLLOUT)
    /// The connection is gone in both directions; always reported.
    static let gone = Events(rawValue: martlet_EPOLLERR | martlet_EPOLLHUP)
  }

  private let epoll: FileDescriptor
  private let buffer: UnsafeMutableBufferPointer<epoll_event>

  init() throws(SocketError) {
    epoll = try FileDescriptor("epoll_create1", epoll_create1(martlet_EPOLL_CLOEXEC))
    buffer = .allocate(capacity: 256)
    buffer.initialize(repeating: epoll_event())
  }

  deinit {
    buffer.deallocate()
  }

  /// Starts waiting for `events` of a descriptor; `wait` reports them with `token`.
  func add(_ descriptor: Int32, _ events: Events, token: UInt64) -> Bool {
    control(EPOLL_CTL_ADD, descriptor, events, token)
  }

  /// Changes what is waited for.
  func modify(_ descriptor: Int32, _ events: Events, token: UInt64) {
    _ = control(EPOLL_CTL_MOD, descriptor, events, token)
  }

  /// Stops waiting.
  func remove(_ descriptor: Int32) {
    _ = control(EPOLL_CTL_DEL, descriptor, [], 0)
  }

  private func control(_ what: Int32, _ fd: Int32, _ events: Events, _ token: UInt64) -> Bool {
    var event = epoll_event()
    event.events = events.rawValue
    event.data.u64 = token
    return epoll_ctl(epoll.rawValue, what, fd, &event) == 0
  }

  /// Waits up to `milliseconds` (-1 for ever) and answers how many events came.
  func wait(milliseconds: Int32) -> Int {
    Int(max(0, epoll_wait(epoll.rawValue, buffer.baseAddress, Int32(buffer.count), milliseconds)))
  }

  /// The event at `index` of the last `wait`.
  func event(_ index: Int) -> (token: UInt64, events: Events) {
    (buffer[index].data.u64, Events(rawValue: buffer[index].events))
  }
}
