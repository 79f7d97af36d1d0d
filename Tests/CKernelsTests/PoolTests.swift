import CKernels
import Foundation
import Synchronization
import Testing

extension VectorKernels {
  @Suite struct Pool {
    /// Counts the visits of every index, and keeps the ranges.
    final class Visits: Sendable {
      let ranges = Mutex<[(begin: Int64, end: Int64, thread: Int32)]>([])
    }

    static func visit(_ pool: OpaquePointer?, _ count: Int64, grain: Int64) -> Visits {
      let visits = Visits()
      ck_pool_for(pool, count, grain, Unmanaged.passUnretained(visits).toOpaque()) {
        context,
        begin,
        end,
        thread in
        guard let context else { return }
        let visits = Unmanaged<Visits>.fromOpaque(context).takeUnretainedValue()
        visits.ranges.withLock { $0.append((begin, end, thread)) }
      }
      return visits
    }

    @Test(arguments: [1, 2, 3, 7] as [Int32])
    func rangesCoverEveryIndexOnce(_ threads: Int32) {
      let pool = ck_pool_create(threads)
      defer { ck_pool_destroy(pool) }
      #expect(ck_pool_threads(pool) == threads)
      for (count, grain) in [(0, 1), (1, 1), (5, 1), (100, 7), (1000, 1), (64, 64), (65, 64)] {
        let ranges = Self.visit(pool, Int64(count), grain: Int64(grain)).ranges.withLock {
          $0.sorted { $0.begin < $1.begin }
        }
        var next: Int64 = 0
        for range in ranges {
          #expect(range.begin == next)
          #expect(range.end - range.begin >= Int64(grain) || range.end == Int64(count))
          #expect((0..<threads).contains(range.thread))
          next = range.end
        }
        #expect(next == Int64(count))
      }
    }

    @Test func withoutAPoolTheWorkRunsInline() {
      #expect(ck_pool_threads(nil) == 1)
      let ranges = Self.visit(nil, 10, grain: 1).ranges.withLock { $0 }
      #expect(ranges.map(\.begin) == [0] && ranges.map(\.end) == [10])
      ck_pool_rest(nil)
      ck_pool_destroy(nil)
    }

    @Test func aPoolWithoutThreadsIsRefused() {
      #expect(ck_pool_create(0) == nil)
    }

    /// Through spinning, resting and sleeping threads.
    @Test func manyJobsInARow() {
      let pool = ck_pool_create(4)
      defer { ck_pool_destroy(pool) }
      for job in 0..<2000 {
        let total = Self.visit(pool, 40, grain: 1).ranges.withLock {
          $0.reduce(0) { $0 + $1.end - $1.begin }
        }
        #expect(total == 40)
        if job % 100 == 0 { ck_pool_rest(pool) }
        if job % 500 == 0 { usleep(1000) }
      }
    }

    final class Nested: Sendable {
      let pool: UInt
      let total = Atomic<Int64>(0)
      init(_ pool: OpaquePointer?) { self.pool = UInt(bitPattern: pool) }
    }

    @Test func aNestedCallRunsInline() {
      let pool = ck_pool_create(3)
      defer { ck_pool_destroy(pool) }
      let nested = Nested(pool)
      ck_pool_for(pool, 12, 1, Unmanaged.passUnretained(nested).toOpaque()) {
        context,
        begin,
        end,
        _ in
        guard let context else { return }
        let nested = Unmanaged<Nested>.fromOpaque(context).takeUnretainedValue()
        for _ in begin..<end {
          ck_pool_for(OpaquePointer(bitPattern: nested.pool), 5, 1, context) {
            context,
            begin,
            end,
            _ in
            guard let context else { return }
            let nested = Unmanaged<Nested>.fromOpaque(context).takeUnretainedValue()
            nested.total.add(end - begin, ordering: .relaxed)
          }
        }
      }
      #expect(nested.total.load(ordering: .relaxed) == 60)
    }

    @Test func creatingAndDestroying() {
      for threads in (1...20).map({ Int32($0 % 5 + 1) }) {
        ck_pool_destroy(ck_pool_create(threads))
      }
    }

    @Test func peaksAreMeasured() {
      for isa in supportedISAs { #expect(ck_measure_peak_flops(isa) > 1e8) }
      #expect(ck_measure_copy_bandwidth(1 << 16) > 1e8)
    }
  }
}
