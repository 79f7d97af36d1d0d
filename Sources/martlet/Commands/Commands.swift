import CommandLineTool

/// All commands, in the order of `martlet --help`.
enum Commands {
  static let all: [any Command] = [
    Serve(),
    Predict(),
    Train(),
    Finetune(),
    Examples(),
    Play(),
    Evaluate(),
    Inspect(),
    Verify(),
    Bench(),
    Health(),
  ]
}
