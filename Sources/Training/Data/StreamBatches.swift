package import Datasets
import Tensors

/// Windows of parallel streams of text, in their order: truncated back-propagation through time.
///
/// Columns: tokens int64 [N, T]; the tokens behind them int64 [N, T]; `keep` float32 [N], 0 for streams that begin anew with this window
/// and 1 for those that go on (see `CarriedState`). The mean loss of a window is over its N T tokens.
package struct StreamBatches: BatchSource {
  private let streams: TokenStreams

  package init(_ streams: TokenStreams) { self.streams = streams }

  package var batchesPerPass: Int { streams.windowCount }

  package func batches(inPass pass: Int) -> [Batch] {
    let windows = Array(0..<streams.windowCount)
    return windows.map { window in
      let length = streams.length(of: window)
      return Batch(
        pass: pass,
        rows: windows[window...window],
        lengths: [length],
        weight: streams.streamCount * length
      )
    }
  }

  package func columns(of batch: Batch) throws -> [BatchColumn] {
    let tokens = BatchColumn(.int64, [streams.streamCount, batch.lengths[0]])
    return [tokens, tokens, BatchColumn(.float32, [streams.streamCount])]
  }

  package func copy(
    _ batch: Batch,
    column: Int,
    to destination: UnsafeMutableRawBufferPointer
  ) throws {
    let window = batch.rows.startIndex
    switch column {
    case 0: streams.copyInputs(window, to: destination.bindMemory(to: Int64.self))
    case 1: streams.copyTargets(window, to: destination.bindMemory(to: Int64.self))
    default:
      destination.bindMemory(to: Float.self)
        .update(repeating: streams.beginsAnew(window) ? 0 : 1)
    }
  }
}
