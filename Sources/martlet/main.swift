import CommandLineTool
import Glibc

let program = Program(
  name: "martlet",
  about: "Martlet serves neural networks over HTTP and trains them.",
  examples: """
    to begin:
      martlet serve                          serve the models in models/ on http://127.0.0.1:8080
      curl localhost:8080/v1/models          see what is served
      curl localhost:8080/v1/models/mnist-mlp:predict --data-binary @digit.png
                                             ask for a prediction: JSON, .npy, PNG or JPEG
    """,
  commands: Commands.all
)
exit(program.run(Array(CommandLine.arguments.dropFirst())))
