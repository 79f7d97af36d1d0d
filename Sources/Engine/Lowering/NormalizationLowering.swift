import CKernels
import GraphIR
import Tensors

extension Lowerings {
  static let normalization: [OperatorName: Lowering] = [
    "BatchNormalization": { try batchNormalization($0) },
    .martlet("BatchStatistics"): { batchStatistics($0) },
    .martlet("BatchNormalizationGradient"): { try batchNormalizationGradient($0) },
    "LayerNormalization": { try layerNormalization($0) },
  ]

  private static func planes(_ shape: Shape) -> (n: Int64, c: Int64, s: Int64)? {
    guard shape.rank >= 2 else { return nil }
    return (Int64(shape[0]), Int64(shape[1]), Int64(shape.dimensions[2...].reduce(1, *)))
  }

  private static func batchNormalization(_ context: LoweringContext) throws -> Step? {
    guard context.areFloats(0, 1, 2, 3, 4), let (n, c, s) = planes(context.shape(0)) else {
      return nil
    }
    let epsilon = try context.node.float("epsilon", default: 1e-5)
    let (x, scale, bias, pool) = (
      context.floats(0), context.floats(1), context.floats(2), context.pool
    )
    let (mean, variance, y) = (context.floats(3), context.floats(4), context.outputFloats())
    guard try context.node.int("training_mode", default: 0) != 0 else {
      return { ck_f32_batch_norm(n, c, s, x, scale, bias, mean, variance, epsilon, y, pool) }
    }
    // Training: statistics of the batch; running = running * momentum + batch * (1 - momentum).
    let momentum = try context.node.float("momentum", default: 0.9)
    let batchMean = context.scratch(floatCount: Int(c))
    let batchVariance = context.scratch(floatCount: Int(c))
    let runningMean = context.hasOutput(1) ? context.outputFloats(1) : nil
    let runningVariance = context.hasOutput(2) ? context.outputFloats(2) : nil
    return {
      ck_f32_batch_statistics(n, c, s, x, batchMean, batchVariance, pool)
      ck_f32_batch_norm(n, c, s, x, scale, bias, batchMean, batchVariance, epsilon, y, pool)
      for channel in 0..<Int(c) {
        runningMean?[channel] = mean[channel] * momentum + batchMean[channel] * (1 - momentum)
        runningVariance?[channel] =
          variance[channel] * momentum + batchVariance[channel] * (1 - momentum)
      }
    }
  }

  private static func batchStatistics(_ context: LoweringContext) -> Step? {
    guard context.areFloats(0), context.hasOutput(0), context.hasOutput(1),
      let (n, c, s) = planes(context.shape(0))
    else { return nil }
    let (x, mean, variance, pool) = (
      context.floats(0), context.outputFloats(0), context.outputFloats(1), context.pool
    )
    return { ck_f32_batch_statistics(n, c, s, x, mean, variance, pool) }
  }

  private static func batchNormalizationGradient(_ context: LoweringContext) throws -> Step? {
    guard context.areFloats(0, 1, 2, 3, 4), context.hasOutput(0),
      let (n, c, s) = planes(context.shape(0))
    else { return nil }
    let epsilon = try context.node.float("epsilon", default: 1e-5)
    let (x, dy, scale, pool) = (
      context.floats(0), context.floats(1), context.floats(2), context.pool
    )
    let (mean, variance, dx) = (context.floats(3), context.floats(4), context.outputFloats(0))
    let dscale =
      context.hasOutput(1) ? context.outputFloats(1) : context.scratch(floatCount: Int(c))
    let dbias =
      context.hasOutput(2) ? context.outputFloats(2) : context.scratch(floatCount: Int(c))
    return {
      ck_f32_batch_norm_gradient(
        n,
        c,
        s,
        x,
        dy,
        scale,
        mean,
        variance,
        epsilon,
        dx,
        dscale,
        dbias,
        pool
      )
    }
  }

  private static func layerNormalization(_ context: LoweringContext) throws -> Step? {
    guard context.areFloats(0, 1), !context.hasInput(2) || context.areFloats(2) else { return nil }
    let shape = context.shape(0)
    var axis = try context.node.int("axis", default: -1)
    if axis < 0 { axis += shape.rank }
    guard shape.dimensions.indices.contains(axis) else { return nil }
    let rows = shape.dimensions[..<axis].reduce(1, *)
    let size = shape.dimensions[axis...].reduce(1, *)
    guard context.shape(1).elementCount == size,
      !context.hasInput(2) || context.shape(2).elementCount == size
    else { return nil }
    let epsilon = try context.node.float("epsilon", default: 1e-5)
    let (x, scale, y, pool) = (
      context.floats(0), context.floats(1), context.outputFloats(), context.pool
    )
    let bias = context.hasInput(2) ? UnsafePointer(context.floats(2)) : nil
    let mean = context.hasOutput(1) ? context.outputFloats(1) : nil
    let deviation = context.hasOutput(2) ? context.outputFloats(2) : nil
    return {
      ck_f32_layer_norm(
        Int64(rows),
        Int64(size),
        x,
        scale,
        bias,
        epsilon,
        y,
        mean,
        deviation,
        pool
      )
    }
  }
}
