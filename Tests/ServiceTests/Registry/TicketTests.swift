import Dispatch
import HTTP
import Synchronization
import Testing

@testable import Service

@Suite struct TicketTests {
  @Test func workThatHasNotBegunInTimeNeverDoes() {
    let runs = Atomic<Int>(0)
    let ticket = Ticket { runs.add(1, ordering: .relaxed) }
    let error = #expect(throws: ServiceError.self) { try ticket.wait(seconds: 0) }
    #expect(error?.status.code == 503 && error?.retryAfterSeconds == 5)
    ticket.run()
    #expect(runs.load(ordering: .relaxed) == 0)
  }

  @Test func workThatHasBegunIsWaitedFor() throws {
    let begun = DispatchSemaphore(value: 0)
    let mayEnd = DispatchSemaphore(value: 0)
    let ticket = Ticket {
      begun.signal()
      mayEnd.wait()
      return 7
    }
    DispatchQueue.global().async { ticket.run() }
    begun.wait()
    DispatchQueue.global().asyncAfter(deadline: .now() + 0.02) { mayEnd.signal() }
    #expect(try ticket.wait(seconds: 0) == 7)
  }

  @Test func anErrorOfTheWorkIsPassedOn() {
    let ticket = Ticket { throw ServiceError.invalid("no") }
    ticket.run()
    #expect(throws: ServiceError.invalid("no")) { try ticket.wait(seconds: 1) }
  }
}
