// swift-format-ignore-file
/// A copy of openapi.yaml, as resources cannot be found from a moved binary. Do not edit: see `RouteTests`.
package enum OpenAPIDocument {
  /// The document.
  package static let text: StaticString = #"""
openapi: 3.1.0
info:
  title: Martlet
  version: "1"
  description: >-
    Serves neural networks over HTTP in TensorFlow Serving's REST format. Numbers in requests and answers may also be the
    bare tokens NaN, Infinity and -Infinity, as TensorFlow Serving accepts and emits them. Errors are
    {"error": "message"}; the message names the field, what was expected and what came.
    A request that names neither a version nor a label goes to the alias `stable` where the model has one, else to its newest
    version.
  license:
    name: Apache-2.0
    identifier: Apache-2.0
tags:
  - name: predict
  - name: sequences
  - name: reinforcement
  - name: feedback
  - name: models
  - name: operations
  - name: admin
paths:
  /:
    get:
      tags: [operations]
      operationId: index
      summary: A page that says what is served, with an example.
      responses:
        "200":
          description: The page.
          content:
            text/html: {schema: {type: string}}
  /healthz:
    get:
      tags: [operations]
      operationId: live
      summary: Whether the process answers at all.
      responses:
        "200":
          description: It does.
          content:
            text/plain: {schema: {const: "ok\n"}}
  /readyz:
    get:
      tags: [operations]
      operationId: ready
      summary: Whether every model has a version that answers.
      responses:
        "200":
          description: It is ready.
          content:
            text/plain: {schema: {const: "ok\n"}}
        "503":
          description: Models are loading or damaged, or the server is shutting down. One reason a line.
          headers:
            Retry-After: {$ref: "#/components/headers/RetryAfter"}
          content:
            text/plain: {schema: {type: string}}
  /openapi.yaml:
    get:
      tags: [operations]
      operationId: openapi
      summary: This document.
      responses:
        "200":
          description: The document.
          content:
            application/yaml: {schema: {type: string}}
  /metrics:
    get:
      tags: [operations]
      operationId: metrics
      summary: Counters and gauges in Prometheus' text format 0.0.4.
      responses:
        "200":
          description: >-
            Requests by route and status class; for each model the time, rows and batch sizes of predictions, what waits, loaded versions
            and feedback; of models of sequences the tokens, the time to the first one, what is made, open streams; connections, memory, processor time; what trainings yielded, and jobs by status where there are any.
          content:
            text/plain: {schema: {type: string}}
  /v1/models:
    get:
      tags: [models]
      operationId: models
      summary: Every model with its versions and labels.
      responses:
        "200":
          description: The models.
          content:
            application/json: {schema: {$ref: "#/components/schemas/Models"}}
  /v1/models/{model}:
    parameters: [{$ref: "#/components/parameters/Model"}]
    get:
      tags: [models]
      operationId: status
      summary: State of all versions of a model.
      responses: &status
        "200":
          description: The versions, the newest first.
          content:
            application/json: {schema: {$ref: "#/components/schemas/Status"}}
        "404": {$ref: "#/components/responses/NotFound"}
  /v1/models/{model}/metadata:
    parameters: [{$ref: "#/components/parameters/Model"}]
    get:
      tags: [models]
      operationId: metadata
      summary: Signature of the version that answers, which is that of the alias `stable`, else the newest.
      responses: &metadata
        "200":
          description: Inputs and outputs.
          content:
            application/json: {schema: {$ref: "#/components/schemas/Metadata"}}
        "404": {$ref: "#/components/responses/NotFound"}
        "503": {$ref: "#/components/responses/Unavailable"}
  /v1/models/{model}:predict:
    parameters: [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Timeout"}, {$ref: "#/components/parameters/Sticky"}]
    post:
      tags: [predict]
      operationId: predict
      summary: Outputs for rows or columns of inputs.
      requestBody: &predictBody
        required: true
        content:
          application/json:
            schema: {$ref: "#/components/schemas/PredictRequest"}
            examples:
              rows: {summary: A row of a model with one input, value: {instances: [[0.0, 0.5, 1.0]]}}
              columns: {summary: The same as a column, value: {inputs: [[0.0, 0.5, 1.0]]}}
              named: {summary: Several inputs, value: {instances: [{a: [1, 2], b: 7}]}}
              ids: {summary: With ids for feedback, value: {instances: [[0.0, 0.5, 1.0]], return_ids: true}}
              image: {summary: A PNG or JPEG, value: {instances: [{b64: iVBORw0KGgo=}]}}
          application/x-npy: {schema: {type: string, contentMediaType: application/x-npy}}
          image/png: {schema: {type: string, contentMediaType: image/png}}
          image/jpeg: {schema: {type: string, contentMediaType: image/jpeg}}
      responses: &predict
        "200":
          description: "predictions for instances, .npy and image bodies; outputs for inputs."
          headers: &answered
            X-Martlet-Version: {$ref: "#/components/headers/Version"}
          content:
            application/json:
              schema: {$ref: "#/components/schemas/PredictResponse"}
              examples:
                classifier:
                  value: {predictions: [{logits: [0.1, 9.2], probabilities: [0.001, 0.999], label: "7", score: 0.999}]}
                plain: {value: {predictions: [[14.0, 20.0]]}}
                ids: {value: {predictions: [[14.0, 20.0]], ids: [pred-3aZ09bYc8XdWe7VfUg6ThS]}}
        "400": {$ref: "#/components/responses/BadRequest"}
        "404": {$ref: "#/components/responses/NotFound"}
        "409": {$ref: "#/components/responses/WrongTask"}
        "413": {$ref: "#/components/responses/TooLarge"}
        "415": {$ref: "#/components/responses/UnsupportedType"}
        "429": {$ref: "#/components/responses/Overloaded"}
        "500": {$ref: "#/components/responses/Failed"}
        "503": {$ref: "#/components/responses/Unavailable"}
        "504": {$ref: "#/components/responses/TooLate"}
  /v1/models/{model}:feedback:
    parameters: [{$ref: "#/components/parameters/Model"}]
    post:
      tags: [feedback]
      operationId: giveFeedback
      summary: Tells what was true of rows that were predicted with ids.
      description: >-
        The rows move from memory to disk, where the next training finds them; once this answers they survive a crash. Needs no
        token: an id has 128 random bits, and whoever has it may tell, once. A row goes from memory when it is the oldest of too many
        (`--recent-predictions`, `--recent-prediction-bytes`, `--recent-prediction-seconds`), from disk likewise (`--feedback-rows`,
        `--feedback-bytes`).
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: "#/components/schemas/FeedbackRequest"}
            examples:
              one: {value: {id: pred-3aZ09bYc8XdWe7VfUg6ThS, label: "9"}}
              several: {value: {feedback: [{id: pred-3aZ09bYc8XdWe7VfUg6ThS, label: 9}]}}
              values: {summary: For a model of values, value: {id: pred-3aZ09bYc8XdWe7VfUg6ThS, target: [14.5, 20.5]}}
      responses:
        "200":
          description: At least one row was kept.
          content:
            application/json:
              schema: {$ref: "#/components/schemas/FeedbackResponse"}
              examples:
                one: {value: {accepted: 1, unknown: []}}
        "400": {$ref: "#/components/responses/BadRequest"}
        "404":
          description: No such model, or none of the ids is known; then `accepted` is 0.
          content:
            application/json:
              schema:
                anyOf:
                  - {$ref: "#/components/schemas/Error"}
                  - {$ref: "#/components/schemas/FeedbackResponse"}
        "413": {$ref: "#/components/responses/TooLarge"}
        "415": {$ref: "#/components/responses/UnsupportedType"}
        "500":
          description: The disk failed; the message says how many rows were kept all the same.
          content:
            application/json: {schema: {$ref: "#/components/schemas/Error"}}
        "503": {$ref: "#/components/responses/NoFeedbackFolder"}
  /v1/models/{model}/feedback:
    parameters: [{$ref: "#/components/parameters/Model"}]
    get:
      tags: [feedback]
      operationId: feedback
      summary: How much feedback there is, and how often the model was right before it came.
      responses:
        "200":
          description: The counts and the progressive scores.
          content:
            application/json:
              schema: {$ref: "#/components/schemas/FeedbackStatus"}
              examples:
                classifier:
                  value:
                    model: mnist-mlp
                    count: 120
                    total: 120
                    waiting: 3
                    accuracy: {total: 0.9, last_100: 0.93, last_1000: 0.9}
                    mean_squared_error: null
                    versions:
                      - {version: 2, count: 120, accuracy: {total: 0.9, last_100: 0.93, last_1000: 0.9}, mean_squared_error: null}
                    labels: {"7": 50, "9": 70}
        "404": {$ref: "#/components/responses/NotFound"}
        "500": {$ref: "#/components/responses/Failed"}
        "503": {$ref: "#/components/responses/NoFeedbackFolder"}
  /v1/models/{model}:classify:
    parameters: [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Timeout"}, {$ref: "#/components/parameters/Sticky"}]
    post:
      tags: [predict]
      operationId: classify
      summary: Label and probability of every class for each example.
      requestBody: &examplesBody
        required: true
        content:
          application/json:
            schema: {$ref: "#/components/schemas/ExamplesRequest"}
            examples:
              one: {value: {examples: [{x: [0.0, 0.5, 1.0]}]}}
      responses: &classify
        "200":
          description: For each example a list of label and score, in the order of the model's labels.
          headers: *answered
          content:
            application/json:
              schema: {$ref: "#/components/schemas/ClassifyResponse"}
              examples:
                one: {value: {results: [[["6", 0.001], ["7", 0.999]]]}}
        "400": {$ref: "#/components/responses/BadRequest"}
        "404": {$ref: "#/components/responses/NotFound"}
        "409": {$ref: "#/components/responses/WrongTask"}
        "413": {$ref: "#/components/responses/TooLarge"}
        "415": {$ref: "#/components/responses/UnsupportedType"}
        "429": {$ref: "#/components/responses/Overloaded"}
        "500": {$ref: "#/components/responses/Failed"}
        "503": {$ref: "#/components/responses/Unavailable"}
        "504": {$ref: "#/components/responses/TooLate"}
  /v1/models/{model}:regress:
    parameters: [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Timeout"}, {$ref: "#/components/parameters/Sticky"}]
    post:
      tags: [predict]
      operationId: regress
      summary: One number for each example.
      requestBody: *examplesBody
      responses: &regress
        "200":
          description: A number for each example.
          headers: *answered
          content:
            application/json:
              schema: {$ref: "#/components/schemas/RegressResponse"}
              examples:
                two: {value: {results: [3.5, 7.25]}}
        "400": {$ref: "#/components/responses/BadRequest"}
        "404": {$ref: "#/components/responses/NotFound"}
        "409": {$ref: "#/components/responses/WrongTask"}
        "413": {$ref: "#/components/responses/TooLarge"}
        "415": {$ref: "#/components/responses/UnsupportedType"}
        "429": {$ref: "#/components/responses/Overloaded"}
        "500": {$ref: "#/components/responses/Failed"}
        "503": {$ref: "#/components/responses/Unavailable"}
        "504": {$ref: "#/components/responses/TooLate"}
  /v1/models/{model}:sequence:
    parameters: [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Timeout"}, {$ref: "#/components/parameters/Sticky"}]
    post:
      tags: [sequences]
      operationId: sequence
      summary: Goes on with, translates, labels or classifies texts, or forecasts series; the model's task decides.
      description: >-
        One prediction for each instance, in order. With `"stream": true` the answer to one instance is sent as server-sent events while
        it is made: `token` events (`text`, `token`, `log_probability`) or `value` events (`forecast`, `lower`, `upper`), then one `done`
        event with the whole prediction and its `usage`, or one `error` event (`error`, and `code`: cancelled, deadline_exceeded, overrun
        or failed). `text` joined over all token events is the `text` of `done`. A comment is sent every 15 seconds. Every event has an
        id; `GET /v1/streams/{stream}` sends what follows it. A client that disconnects stops its answer within one step, unless
        `resume_seconds` lets it go on. The first event is sent at once; those that come faster than every 5 ms are sent together every
        5 ms. The same seed gives the same text, whatever else the server does.
      requestBody: &sequenceBody
        required: true
        content:
          application/json:
            schema: {$ref: "#/components/schemas/SequenceRequest"}
            examples:
              continue: {summary: Goes on with a text, value: {instances: ["ROMEO:"], parameters: {max_length: 100, temperature: 0.8, seed: 7}}}
              translate: {summary: Translates two texts, value: {instances: ["a dog runs", "two men sit"], parameters: {beam_width: 4}}}
              forecast: {summary: The next twelve values, value: {instances: [[112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118]], parameters: {steps: 12}}}
              stream: {summary: Token by token, value: {instances: ["ROMEO:"], stream: true}}
      responses: &sequence
        "200":
          description: The predictions; or the stream.
          headers: &streamed
            X-Martlet-Version: {$ref: "#/components/headers/Version"}
            X-Martlet-Stream: {$ref: "#/components/headers/Stream"}
          content:
            application/json:
              schema: {$ref: "#/components/schemas/SequenceResponse"}
              examples:
                text: {value: {predictions: [{text: " O", tokens: [" ", "O"], finish_reason: length, log_probability: -1.5, seed: 7}]}}
                labels: {value: {predictions: [{tokens: [He, runs], labels: [B-NP, B-VP], probabilities: [0.9, 0.8]}]}}
                label: {value: {predictions: [{label: positive, probabilities: {negative: 0.1, positive: 0.9}}]}}
                forecast: {value: {predictions: [{forecast: [121.5, 135.0], lower: [115.0, 127.5], upper: [128.0, 142.5]}]}}
            text/event-stream: {schema: {type: string}}
        "400": {$ref: "#/components/responses/BadRequest"}
        "404": {$ref: "#/components/responses/NotFound"}
        "409": {$ref: "#/components/responses/WrongTask"}
        "413": {$ref: "#/components/responses/TooLarge"}
        "415": {$ref: "#/components/responses/UnsupportedType"}
        "429": {$ref: "#/components/responses/Overloaded"}
        "500": {$ref: "#/components/responses/Failed"}
        "503": {$ref: "#/components/responses/Unavailable"}
        "504": {$ref: "#/components/responses/TooLate"}
  /v1/models/{model}:caption:
    parameters: [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Timeout"}, {$ref: "#/components/parameters/Sticky"}]
    post:
      tags: [sequences]
      operationId: caption
      summary: Describes pictures.
      description: >-
        As `:sequence`, streams included; an instance is a picture. A PNG or JPEG file as the body is one instance.
      requestBody: &captionBody
        required: true
        content:
          application/json:
            schema: {$ref: "#/components/schemas/SequenceRequest"}
            examples:
              beam: {summary: The two best captions, value: {instances: [{b64: iVBORw0KGgo=}], parameters: {beam_width: 4, n_best: 2}}}
          image/png: {schema: {type: string, contentMediaType: image/png}}
          image/jpeg: {schema: {type: string, contentMediaType: image/jpeg}}
      responses: &caption
        "200":
          description: The captions; or the stream.
          headers: *streamed
          content:
            application/json:
              schema: {$ref: "#/components/schemas/SequenceResponse"}
              examples:
                one: {value: {predictions: [{caption: a red circle, tokens: [a, red, circle], finish_reason: stop, log_probability: -0.4}]}}
            text/event-stream: {schema: {type: string}}
        "400": {$ref: "#/components/responses/BadRequest"}
        "404": {$ref: "#/components/responses/NotFound"}
        "409": {$ref: "#/components/responses/WrongTask"}
        "413": {$ref: "#/components/responses/TooLarge"}
        "415": {$ref: "#/components/responses/UnsupportedType"}
        "429": {$ref: "#/components/responses/Overloaded"}
        "500": {$ref: "#/components/responses/Failed"}
        "503": {$ref: "#/components/responses/Unavailable"}
        "504": {$ref: "#/components/responses/TooLate"}
  /v1/models/{model}:qvalues:
    parameters: [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Timeout"}, {$ref: "#/components/parameters/Sticky"}]
    post:
      tags: [reinforcement]
      operationId: qvalues
      summary: The value of every action in what an agent sees, and the action to take.
      description: >-
        For a model of task q-values. Greedy unless `parameters` says how to explore; of equal values the first. A draw is a function of
        `seed` and of the instance's place in the request, whatever else runs in its batch: the same seed draws the same action.
      requestBody: &qvaluesBody
        required: true
        content:
          application/json:
            schema: {$ref: "#/components/schemas/QValueRequest"}
            examples:
              array: {summary: A pole on a cart, value: {instances: [[0.01, 0.2, -0.03, -0.3]]}}
              fields:
                summary: The same by name
                value: {instances: [{cart_position: 0.01, cart_velocity: 0.2, pole_angle: -0.03, pole_angular_velocity: -0.3}]}
              state: {summary: Numbered states, value: {instances: [14]}}
              explore: {summary: One action in ten at random, value: {instances: [[0.01, 0.2, -0.03, -0.3]], parameters: {epsilon: 0.1, seed: 7}}}
          application/x-npy:
            schema: {type: string, contentEncoding: binary}
      responses: &qvalues
        "200":
          description: One prediction for each instance.
          headers: {X-Martlet-Version: {$ref: "#/components/headers/Version"}}
          content:
            application/json:
              schema: {$ref: "#/components/schemas/QValueResponse"}
              examples:
                one: {value: {predictions: [{q_values: [98.2, 97.4], actions: [left, right], action: 0, action_name: left}]}}
        "400": {$ref: "#/components/responses/BadRequest"}
        "404": {$ref: "#/components/responses/NotFound"}
        "409": {$ref: "#/components/responses/WrongTask"}
        "413": {$ref: "#/components/responses/TooLarge"}
        "415": {$ref: "#/components/responses/UnsupportedType"}
        "429": {$ref: "#/components/responses/Overloaded"}
        "500": {$ref: "#/components/responses/Failed"}
        "503": {$ref: "#/components/responses/Unavailable"}
        "504": {$ref: "#/components/responses/TooLate"}
  /v1/models/{model}:transitions:
    parameters: [{$ref: "#/components/parameters/Model"}]
    post:
      tags: [reinforcement]
      operationId: addTransitions
      summary: Tells what happened to clients that act, for the policy to learn from.
      description: >-
        All of the transitions are kept or none; once this answers they survive a crash. The oldest go (`--transitions`,
        `--transition-bytes`). A fine-tuning job with `"method": {"type": "reinforcement"}` learns from them.
      security: [{adminToken: []}]
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: "#/components/schemas/TransitionsRequest"}
            examples:
              one:
                value:
                  transitions:
                    - {observation: [0.01, 0.2, -0.03, -0.3], action: left, reward: 1, next_observation: [0.014, 0.0, -0.036, -0.02], terminated: false, truncated: false}
      responses:
        "200":
          description: All of them are on the disk.
          content:
            application/json:
              schema:
                type: object
                required: [accepted, count]
                properties:
                  accepted: {type: integer}
                  count: {description: Transitions of the model that are kept now., type: integer}
        "400": {$ref: "#/components/responses/AdminBadRequest"}
        "401": {$ref: "#/components/responses/Unauthorized"}
        "403": {$ref: "#/components/responses/Forbidden"}
        "404": {$ref: "#/components/responses/AdminNotFound"}
        "409":
          description: The model has no Q-values; the message names its task and its route.
          content:
            application/json: {schema: {$ref: "#/components/schemas/AdminError"}}
        "413": {$ref: "#/components/responses/AdminTooLarge"}
        "500":
          description: The disk failed; none of the transitions is kept.
          content:
            application/json: {schema: {$ref: "#/components/schemas/AdminError"}}
        "503": {$ref: "#/components/responses/NoStateFolder"}
  /v1/models/{model}/transitions:
    parameters: [{$ref: "#/components/parameters/Model"}]
    get:
      tags: [reinforcement]
      operationId: transitions
      summary: How many transitions there are, and what they say together.
      security: [{adminToken: []}]
      responses:
        "200":
          description: The counts.
          content:
            application/json:
              schema: {$ref: "#/components/schemas/TransitionsStatus"}
              examples:
                pole:
                  value:
                    model: cartpole-dqn
                    count: 20000
                    total: 20000
                    bytes: 830512
                    limits: {transitions: 1000000, bytes: 1073741824, transitions_per_request: 8192}
                    mean_reward: 1
                    episodes: 132
                    mean_return: 151.5
                    terminated: 131
                    truncated: 1
                    actions: {left: 10012, right: 9988}
        "401": {$ref: "#/components/responses/Unauthorized"}
        "403": {$ref: "#/components/responses/Forbidden"}
        "404": {$ref: "#/components/responses/AdminNotFound"}
        "409":
          description: The model has no Q-values; the message names its task and its route.
          content:
            application/json: {schema: {$ref: "#/components/schemas/AdminError"}}
        "500":
          description: The disk failed.
          content:
            application/json: {schema: {$ref: "#/components/schemas/AdminError"}}
        "503": {$ref: "#/components/responses/NoStateFolder"}
  /v1/models/{model}/versions/{version}:
    parameters: [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Version"}]
    get: {tags: [models], operationId: statusVersion, summary: State of one version., responses: *status}
  /v1/models/{model}/versions/{version}/metadata:
    parameters: [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Version"}]
    get: {tags: [models], operationId: metadataVersion, summary: Signature of one version., responses: *metadata}
  /v1/models/{model}/versions/{version}:predict:
    parameters:
      [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Version"}, {$ref: "#/components/parameters/Timeout"}]
    post:
      tags: [predict]
      operationId: predictVersion
      summary: As predict, by one version.
      requestBody: *predictBody
      responses: *predict
  /v1/models/{model}/versions/{version}:classify:
    parameters:
      [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Version"}, {$ref: "#/components/parameters/Timeout"}]
    post:
      tags: [predict]
      operationId: classifyVersion
      summary: As classify, by one version.
      requestBody: *examplesBody
      responses: *classify
  /v1/models/{model}/versions/{version}:regress:
    parameters:
      [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Version"}, {$ref: "#/components/parameters/Timeout"}]
    post:
      tags: [predict]
      operationId: regressVersion
      summary: As regress, by one version.
      requestBody: *examplesBody
      responses: *regress
  /v1/models/{model}/versions/{version}:sequence:
    parameters:
      [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Version"}, {$ref: "#/components/parameters/Timeout"}]
    post:
      tags: [sequences]
      operationId: sequenceVersion
      summary: As sequence, by one version.
      requestBody: *sequenceBody
      responses: *sequence
  /v1/models/{model}/versions/{version}:caption:
    parameters:
      [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Version"}, {$ref: "#/components/parameters/Timeout"}]
    post:
      tags: [sequences]
      operationId: captionVersion
      summary: As caption, by one version.
      requestBody: *captionBody
      responses: *caption
  /v1/models/{model}/versions/{version}:qvalues:
    parameters:
      [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Version"}, {$ref: "#/components/parameters/Timeout"}]
    post:
      tags: [reinforcement]
      operationId: qvaluesVersion
      summary: As qvalues, by one version.
      requestBody: *qvaluesBody
      responses: *qvalues
  /v1/models/{model}/labels/{label}:
    parameters: [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Label"}]
    get: {tags: [models], operationId: statusLabel, summary: State of the version that a label names., responses: *status}
  /v1/models/{model}/labels/{label}/metadata:
    parameters: [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Label"}]
    get: {tags: [models], operationId: metadataLabel, summary: Signature of the version that a label names., responses: *metadata}
  /v1/models/{model}/labels/{label}:predict:
    parameters:
      [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Label"}, {$ref: "#/components/parameters/Timeout"}, {$ref: "#/components/parameters/Sticky"}]
    post:
      tags: [predict]
      operationId: predictLabel
      summary: As predict, by the version that a label names.
      requestBody: *predictBody
      responses: *predict
  /v1/models/{model}/labels/{label}:classify:
    parameters:
      [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Label"}, {$ref: "#/components/parameters/Timeout"}, {$ref: "#/components/parameters/Sticky"}]
    post:
      tags: [predict]
      operationId: classifyLabel
      summary: As classify, by the version that a label names.
      requestBody: *examplesBody
      responses: *classify
  /v1/models/{model}/labels/{label}:regress:
    parameters:
      [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Label"}, {$ref: "#/components/parameters/Timeout"}, {$ref: "#/components/parameters/Sticky"}]
    post:
      tags: [predict]
      operationId: regressLabel
      summary: As regress, by the version that a label names.
      requestBody: *examplesBody
      responses: *regress
  /v1/models/{model}/labels/{label}:sequence:
    parameters:
      [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Label"}, {$ref: "#/components/parameters/Timeout"}, {$ref: "#/components/parameters/Sticky"}]
    post:
      tags: [sequences]
      operationId: sequenceLabel
      summary: As sequence, by the version that a label names.
      requestBody: *sequenceBody
      responses: *sequence
  /v1/models/{model}/labels/{label}:caption:
    parameters:
      [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Label"}, {$ref: "#/components/parameters/Timeout"}, {$ref: "#/components/parameters/Sticky"}]
    post:
      tags: [sequences]
      operationId: captionLabel
      summary: As caption, by the version that a label names.
      requestBody: *captionBody
      responses: *caption
  /v1/models/{model}/labels/{label}:qvalues:
    parameters:
      [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Label"}, {$ref: "#/components/parameters/Timeout"}, {$ref: "#/components/parameters/Sticky"}]
    post:
      tags: [reinforcement]
      operationId: qvaluesLabel
      summary: As qvalues, by the version that a label names.
      requestBody: *qvaluesBody
      responses: *qvalues
  /v1/streams/{stream}:
    parameters: [{$ref: "#/components/parameters/Stream"}, {$ref: "#/components/parameters/LastEventID"}]
    get:
      tags: [sequences]
      operationId: readStream
      summary: Reads a stream of `:sequence` or `:caption` on, behind the event that was seen last; all of it without one.
      description: >-
        Possible while the stream is made, and for a minute behind its end. A reader before this one is disconnected. A stream whose
        reader went away without `resume_seconds` ends with an `error` event of code `cancelled` behind what was made until then.
      responses:
        "200":
          description: The events.
          headers: *streamed
          content:
            text/event-stream: {schema: {type: string}}
        "400": {$ref: "#/components/responses/BadRequest"}
        "404": {$ref: "#/components/responses/NoStream"}
        "410": {$ref: "#/components/responses/StreamTooOld"}
  /v2/models/{model}/generate:
    parameters: [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Timeout"}, {$ref: "#/components/parameters/Sticky"}]
    post:
      tags: [sequences]
      operationId: generate
      summary: The Open Inference Protocol's generate extension, as Triton answers it; for models that write text of text.
      requestBody: &generateBody
        required: true
        content:
          application/json:
            schema: {$ref: "#/components/schemas/GenerateRequest"}
            examples:
              one: {value: {text_input: "ROMEO:", parameters: {max_length: 100, temperature: 0.8}}}
      responses: &generate
        "200":
          description: The text.
          headers: *answered
          content:
            application/json:
              schema: {$ref: "#/components/schemas/GenerateResponse"}
              examples:
                one: {value: {model_name: char-lm, model_version: "1", text_output: " O"}}
        "400": {$ref: "#/components/responses/BadRequest"}
        "404": {$ref: "#/components/responses/NotFound"}
        "409": {$ref: "#/components/responses/WrongTask"}
        "413": {$ref: "#/components/responses/TooLarge"}
        "415": {$ref: "#/components/responses/UnsupportedType"}
        "429": {$ref: "#/components/responses/Overloaded"}
        "500": {$ref: "#/components/responses/Failed"}
        "503": {$ref: "#/components/responses/Unavailable"}
        "504": {$ref: "#/components/responses/TooLate"}
  /v2/models/{model}/generate_stream:
    parameters: [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Timeout"}, {$ref: "#/components/parameters/Sticky"}]
    post:
      tags: [sequences]
      operationId: generateStream
      summary: As generate, as a stream of `data` lines.
      description: >-
        Each line has an answer of generate whose `text_output` is the text that came since; an error behind the first one is
        {"error": "message"}. These streams have no ids and cannot be read on.
      requestBody: *generateBody
      responses: &generateStream
        "200":
          description: The stream.
          headers: *answered
          content:
            text/event-stream: {schema: {type: string}}
        "400": {$ref: "#/components/responses/BadRequest"}
        "404": {$ref: "#/components/responses/NotFound"}
        "409": {$ref: "#/components/responses/WrongTask"}
        "413": {$ref: "#/components/responses/TooLarge"}
        "415": {$ref: "#/components/responses/UnsupportedType"}
        "429": {$ref: "#/components/responses/Overloaded"}
        "500": {$ref: "#/components/responses/Failed"}
        "503": {$ref: "#/components/responses/Unavailable"}
        "504": {$ref: "#/components/responses/TooLate"}
  /v2/models/{model}/versions/{version}/generate:
    parameters:
      [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Version"}, {$ref: "#/components/parameters/Timeout"}]
    post:
      tags: [sequences]
      operationId: generateVersion
      summary: As generate, by one version.
      requestBody: *generateBody
      responses: *generate
  /v2/models/{model}/versions/{version}/generate_stream:
    parameters:
      [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Version"}, {$ref: "#/components/parameters/Timeout"}]
    post:
      tags: [sequences]
      operationId: generateStreamVersion
      summary: As generate_stream, by one version.
      requestBody: *generateBody
      responses: *generateStream
  /admin/v1/files:
    post:
      tags: [admin]
      operationId: createFile
      summary: Uploads a training file.
      description: >-
        As OpenAI's Files API. `curl -F purpose=fine-tune -F file=@train.jsonl`; the fields may come in any order. The file is
        written to disk as it arrives and is there for good once this answers.
      security: [{adminToken: []}]
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              required: [purpose, file]
              additionalProperties: false
              properties:
                purpose: {type: string, enum: [fine-tune]}
                file: {type: string, format: binary}
      responses:
        "200":
          description: The file.
          content:
            application/json: {schema: {$ref: "#/components/schemas/File"}}
        "400": {$ref: "#/components/responses/AdminBadRequest"}
        "401": {$ref: "#/components/responses/Unauthorized"}
        "403": {$ref: "#/components/responses/Forbidden"}
        "413": {$ref: "#/components/responses/FileTooLarge"}
        "415": {$ref: "#/components/responses/NoForm"}
        "429": {$ref: "#/components/responses/TooManyUploads"}
        "503": {$ref: "#/components/responses/NoStateFolder"}
        "507": {$ref: "#/components/responses/LibraryFull"}
    get:
      tags: [admin]
      operationId: listFiles
      summary: The uploaded files, page by page.
      security: [{adminToken: []}]
      parameters:
        - name: after
          in: query
          description: The last file of the page before.
          schema: {type: string}
        - name: limit
          in: query
          schema: {type: integer, minimum: 1, maximum: 10000, default: 10000}
        - name: order
          in: query
          description: By the time of the upload.
          schema: {type: string, enum: [asc, desc], default: desc}
        - name: purpose
          in: query
          description: Only files for this purpose.
          schema: {type: string}
      responses:
        "200":
          description: One page.
          content:
            application/json:
              schema:
                type: object
                required: [object, data, first_id, last_id, has_more]
                properties:
                  object: {const: list}
                  data: {type: array, items: {$ref: "#/components/schemas/File"}}
                  first_id: {type: [string, "null"]}
                  last_id: {type: [string, "null"]}
                  has_more: {type: boolean}
        "400": {$ref: "#/components/responses/AdminBadRequest"}
        "401": {$ref: "#/components/responses/Unauthorized"}
        "403": {$ref: "#/components/responses/Forbidden"}
        "404": {$ref: "#/components/responses/AdminNotFound"}
        "503": {$ref: "#/components/responses/NoStateFolder"}
  /admin/v1/files/{file}:
    parameters: [{$ref: "#/components/parameters/File"}]
    get:
      tags: [admin]
      operationId: retrieveFile
      summary: What is known of a file.
      security: [{adminToken: []}]
      responses:
        "200":
          description: The file.
          content:
            application/json: {schema: {$ref: "#/components/schemas/File"}}
        "401": {$ref: "#/components/responses/Unauthorized"}
        "403": {$ref: "#/components/responses/Forbidden"}
        "404": {$ref: "#/components/responses/AdminNotFound"}
        "503": {$ref: "#/components/responses/NoStateFolder"}
    delete:
      tags: [admin]
      operationId: deleteFile
      summary: Deletes a file.
      security: [{adminToken: []}]
      responses:
        "200":
          description: It is gone.
          content:
            application/json:
              schema:
                type: object
                required: [id, object, deleted]
                properties:
                  id: {type: string}
                  object: {const: file}
                  deleted: {const: true}
        "401": {$ref: "#/components/responses/Unauthorized"}
        "403": {$ref: "#/components/responses/Forbidden"}
        "404": {$ref: "#/components/responses/AdminNotFound"}
        "409":
          description: A job that has not ended uses it.
          content:
            application/json: {schema: {$ref: "#/components/schemas/AdminError"}}
        "503": {$ref: "#/components/responses/NoStateFolder"}
  /admin/v1/files/{file}/content:
    parameters: [{$ref: "#/components/parameters/File"}]
    get:
      tags: [admin]
      operationId: fileContent
      summary: The bytes of a file as they were uploaded.
      security: [{adminToken: []}]
      responses:
        "200":
          description: The bytes.
          content:
            application/octet-stream: {schema: {type: string, format: binary}}
        "401": {$ref: "#/components/responses/Unauthorized"}
        "403": {$ref: "#/components/responses/Forbidden"}
        "404": {$ref: "#/components/responses/AdminNotFound"}
        "503": {$ref: "#/components/responses/NoStateFolder"}
  /admin/v1/fine_tuning/jobs:
    post:
      tags: [admin]
      operationId: createJob
      summary: Retrains a served version in the background.
      description: >-
        OpenAI's members and ours; a member that is not known is refused. The examples come from an uploaded file, stand in `data`, or
        are what clients have reported. A model of sequences or captions learns from a file only: text-generation from plain text or JSONL of
        {"text"}; translation from JSONL, CSV or TSV of source and target; text-classification from the same of text and label;
        token-classification from JSONL of {"tokens", "labels"} or a token and its label on each line with an empty line behind each text;
        forecasting from CSV with the values in the last column or JSONL of lists; image-captioning from a .tar of NAME.jpg or NAME.png
        beside NAME.txt with a caption on each line. It keeps its head, labels and vocabularies; the gate knows loss and the accuracy of tokens.
        A policy, a model of task q-values, learns with `"method": {"type": "reinforcement"}` from the transitions that were sent to
        `:transitions` so far, or from a file of them: JSONL of the same objects, or .npz of the arrays observation, action, reward,
        next_observation, terminated and truncated. Learning is deep Q-learning without an environment: one-step returns, double learning,
        a target network. Where model.json names an environment that the server knows, new and present version play the same episodes in
        it, and the new one takes over unless its mean return is lower; else the mean absolute temporal-difference error on held-out
        transitions decides, which says how well the values agree and not how well the policy acts.
      security: [{adminToken: []}]
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: "#/components/schemas/JobRequest"}}
      responses:
        "200": {$ref: "#/components/responses/Job"}
        "400": {$ref: "#/components/responses/AdminBadRequest"}
        "401": {$ref: "#/components/responses/Unauthorized"}
        "403": {$ref: "#/components/responses/Forbidden"}
        "404": {$ref: "#/components/responses/AdminNotFound"}
        "413": {$ref: "#/components/responses/AdminTooLarge"}
        "429": {$ref: "#/components/responses/QueueFull"}
        "503": {$ref: "#/components/responses/NoStateFolder"}
        "507": {$ref: "#/components/responses/LibraryFull"}
    get:
      tags: [admin]
      operationId: listJobs
      summary: The jobs, the newest first, page by page.
      security: [{adminToken: []}]
      parameters:
        - name: after
          in: query
          description: The last entry of the page before.
          schema: {type: string}
        - name: limit
          in: query
          schema: {type: integer, minimum: 1, maximum: 100, default: 20}
      responses:
        "200":
          description: One page.
          content:
            application/json:
              schema:
                allOf:
                  - {$ref: "#/components/schemas/Page"}
                  - type: object
                    properties:
                      data: {type: array, items: {$ref: "#/components/schemas/Job"}}
        "400": {$ref: "#/components/responses/AdminBadRequest"}
        "401": {$ref: "#/components/responses/Unauthorized"}
        "403": {$ref: "#/components/responses/Forbidden"}
        "404": {$ref: "#/components/responses/AdminNotFound"}
        "503": {$ref: "#/components/responses/NoStateFolder"}
  /admin/v1/fine_tuning/jobs/{job}:
    parameters: [{$ref: "#/components/parameters/Job"}]
    get:
      tags: [admin]
      operationId: getJob
      summary: A job as it is now.
      security: [{adminToken: []}]
      responses:
        "200": {$ref: "#/components/responses/Job"}
        "401": {$ref: "#/components/responses/Unauthorized"}
        "403": {$ref: "#/components/responses/Forbidden"}
        "404": {$ref: "#/components/responses/AdminNotFound"}
        "503": {$ref: "#/components/responses/NoStateFolder"}
  /admin/v1/fine_tuning/jobs/{job}/cancel:
    parameters: [{$ref: "#/components/parameters/Job"}]
    post:
      tags: [admin]
      operationId: cancelJob
      summary: Ends a job; one that runs stops after its present mini-batch.
      security: [{adminToken: []}]
      responses: &jobAction
        "200": {$ref: "#/components/responses/Job"}
        "401": {$ref: "#/components/responses/Unauthorized"}
        "403": {$ref: "#/components/responses/Forbidden"}
        "404": {$ref: "#/components/responses/AdminNotFound"}
        "409": {$ref: "#/components/responses/JobState"}
        "503": {$ref: "#/components/responses/NoStateFolder"}
  /admin/v1/fine_tuning/jobs/{job}/pause:
    parameters: [{$ref: "#/components/parameters/Job"}]
    post:
      tags: [admin]
      operationId: pauseJob
      summary: Stops a job at its next checkpoint, until it is resumed.
      security: [{adminToken: []}]
      responses: *jobAction
  /admin/v1/fine_tuning/jobs/{job}/resume:
    parameters: [{$ref: "#/components/parameters/Job"}]
    post:
      tags: [admin]
      operationId: resumeJob
      summary: Lets a paused job go on.
      security: [{adminToken: []}]
      responses: *jobAction
  /admin/v1/fine_tuning/jobs/{job}/events:
    parameters: [{$ref: "#/components/parameters/Job"}]
    get:
      tags: [admin]
      operationId: listEvents
      summary: What has happened in a job, as pages or as a live stream.
      description: >-
        With `Accept: text/event-stream` or `?stream=true` all events from the first, or behind `Last-Event-ID`, are sent as they happen;
        `event` is `message` or `metrics`, the last one is `done` with the job.
      security: [{adminToken: []}]
      parameters:
        - name: after
          in: query
          description: The last entry of the page before.
          schema: {type: string}
        - name: limit
          in: query
          schema: {type: integer, minimum: 1, maximum: 100, default: 20}
        - name: stream
          in: query
          schema: {type: boolean, default: false}
        - name: Last-Event-ID
          in: header
          schema: {type: string}
      responses:
        "200":
          description: One page, the newest first; or the stream.
          content:
            application/json:
              schema:
                allOf:
                  - {$ref: "#/components/schemas/Page"}
                  - type: object
                    properties:
                      data: {type: array, items: {$ref: "#/components/schemas/JobEvent"}}
            text/event-stream: {schema: {type: string}}
        "400": {$ref: "#/components/responses/AdminBadRequest"}
        "401": {$ref: "#/components/responses/Unauthorized"}
        "403": {$ref: "#/components/responses/Forbidden"}
        "404": {$ref: "#/components/responses/AdminNotFound"}
        "503": {$ref: "#/components/responses/EventsUnavailable"}
  /admin/v1/fine_tuning/jobs/{job}/checkpoints:
    parameters: [{$ref: "#/components/parameters/Job"}]
    get:
      tags: [admin]
      operationId: listCheckpoints
      summary: The state after each epoch, the newest first.
      security: [{adminToken: []}]
      parameters:
        - name: after
          in: query
          description: The last entry of the page before.
          schema: {type: string}
        - name: limit
          in: query
          schema: {type: integer, minimum: 1, maximum: 100, default: 20}
      responses:
        "200":
          description: One page.
          content:
            application/json:
              schema:
                allOf:
                  - {$ref: "#/components/schemas/Page"}
                  - type: object
                    properties:
                      data: {type: array, items: {$ref: "#/components/schemas/JobCheckpoint"}}
        "400": {$ref: "#/components/responses/AdminBadRequest"}
        "401": {$ref: "#/components/responses/Unauthorized"}
        "403": {$ref: "#/components/responses/Forbidden"}
        "404": {$ref: "#/components/responses/AdminNotFound"}
        "503": {$ref: "#/components/responses/NoStateFolder"}
  /admin/v1/models/{model}/aliases:
    parameters: [{$ref: "#/components/parameters/Model"}]
    get:
      tags: [admin]
      operationId: listAliases
      summary: The aliases of a model.
      security: [{adminToken: []}]
      responses:
        "200":
          description: All of them, in the order of aliases.json.
          content:
            application/json:
              schema:
                type: object
                required: [object, data]
                properties:
                  object: {const: list}
                  data: {type: array, items: {$ref: "#/components/schemas/Alias"}}
                  problem: {type: string, description: "Why aliases.json is not understood, where it is not."}
        "401": {$ref: "#/components/responses/Unauthorized"}
        "403": {$ref: "#/components/responses/Forbidden"}
        "404": {$ref: "#/components/responses/AdminNotFound"}
  /admin/v1/models/{model}/aliases/{alias}:
    parameters: [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Alias"}]
    get:
      tags: [admin]
      operationId: getAlias
      summary: One alias.
      security: [{adminToken: []}]
      responses:
        "200": {$ref: "#/components/responses/Alias"}
        "401": {$ref: "#/components/responses/Unauthorized"}
        "403": {$ref: "#/components/responses/Forbidden"}
        "404": {$ref: "#/components/responses/AdminNotFound"}
    put:
      tags: [admin]
      operationId: setAlias
      summary: Points an alias to a version.
      description: >-
        The versions are loaded first; then the alias moves at once, and no request fails. Requests in flight finish on the
        version that they began with. Without `canary` one that was out is withdrawn. The alias is created where it
        is not there.
      security: [{adminToken: []}]
      parameters: [{$ref: "#/components/parameters/IfMatch"}, {$ref: "#/components/parameters/IfNoneMatch"}]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [version]
              additionalProperties: false
              properties:
                version: {type: integer, minimum: 1}
                expected_version: {$ref: "#/components/schemas/ExpectedVersion"}
                canary:
                  oneOf: [{$ref: "#/components/schemas/Canary"}, {type: "null"}]
            examples:
              move: {value: {version: 4, expected_version: 3}}
              canary: {value: {version: 3, canary: {version: 4, percent: 10}}}
      responses: &changed
        "200": {$ref: "#/components/responses/Alias"}
        "400": {$ref: "#/components/responses/AdminBadRequest"}
        "401": {$ref: "#/components/responses/Unauthorized"}
        "403": {$ref: "#/components/responses/Forbidden"}
        "404": {$ref: "#/components/responses/AdminNotFound"}
        "409": {$ref: "#/components/responses/AliasConflict"}
        "412": {$ref: "#/components/responses/AliasConflict"}
        "413": {$ref: "#/components/responses/TooLarge"}
        "422": {$ref: "#/components/responses/NotLoadable"}
        "500": {$ref: "#/components/responses/StorageFailed"}
        "503": {$ref: "#/components/responses/AdminBusy"}
    delete:
      tags: [admin]
      operationId: deleteAlias
      summary: Removes an alias.
      description: Without the alias `stable`, requests that name no version go to the newest one.
      security: [{adminToken: []}]
      parameters: [{$ref: "#/components/parameters/IfMatch"}]
      responses:
        "204": {description: It is gone.}
        "400": {$ref: "#/components/responses/AdminBadRequest"}
        "401": {$ref: "#/components/responses/Unauthorized"}
        "403": {$ref: "#/components/responses/Forbidden"}
        "404": {$ref: "#/components/responses/AdminNotFound"}
        "409": {$ref: "#/components/responses/AliasConflict"}
        "412": {$ref: "#/components/responses/AliasConflict"}
        "500": {$ref: "#/components/responses/StorageFailed"}
        "503": {$ref: "#/components/responses/AdminBusy"}
  /admin/v1/models/{model}/aliases/{alias}/rollback:
    parameters: [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Alias"}]
    post:
      tags: [admin]
      operationId: rollbackAlias
      summary: Points an alias to where it pointed before.
      description: >-
        A canary is withdrawn where one is out, and the version stays. Else `version` and `previous` are swapped: a second
        rollback comes back. For anything older, set the version.
      security: [{adminToken: []}]
      parameters: [{$ref: "#/components/parameters/IfMatch"}]
      requestBody:
        content:
          application/json:
            schema:
              type: object
              additionalProperties: false
              properties:
                expected_version: {$ref: "#/components/schemas/ExpectedVersion"}
      responses: *changed
  /admin/v1/audit:
    get:
      tags: [admin]
      operationId: listAudit
      summary: Every change of an alias.
      security: [{adminToken: []}]
      parameters:
        - {name: after, in: query, description: "Begins behind this `sequence`: `last_id` of the page before.", schema: {type: integer, minimum: 0}}
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100, default: 20}}
        - {name: model, in: query, description: Only entries of this model., schema: {type: string}}
        - {name: order, in: query, description: The newest or the oldest first., schema: {enum: [desc, asc], default: desc}}
      responses:
        "200":
          description: A page of the log. With `model` it may have fewer entries than `limit` although there are more.
          content:
            application/json:
              schema:
                type: object
                required: [object, data, has_more]
                properties:
                  object: {const: list}
                  data: {type: array, items: {$ref: "#/components/schemas/AuditEntry"}}
                  has_more: {type: boolean}
                  last_id: {type: integer, description: "`after` of the next page."}
        "400": {$ref: "#/components/responses/AdminBadRequest"}
        "401": {$ref: "#/components/responses/Unauthorized"}
        "403": {$ref: "#/components/responses/Forbidden"}
        "500": {$ref: "#/components/responses/StorageFailed"}
        "503": {$ref: "#/components/responses/AdminBusy"}
components:
  securitySchemes:
    adminToken:
      description: The token given to `martlet serve` or shown at its start.
      type: http
      scheme: bearer
  parameters:
    Job:
      name: job
      in: path
      required: true
      schema: {type: string, pattern: "^ftjob-"}
    File:
      name: file
      in: path
      required: true
      description: The id of an uploaded file.
      schema: {type: string, pattern: "^file-[a-z2-7]{24}$"}
    Model:
      name: model
      in: path
      required: true
      description: Name of the model.
      schema: {type: string, pattern: "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$"}
    Version:
      name: version
      in: path
      required: true
      description: Number of the version.
      schema: {type: integer, minimum: 1}
    Label:
      name: label
      in: path
      required: true
      description: A name for a version, from the model's aliases.json.
      schema: {type: string, pattern: "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$"}
    Alias:
      name: alias
      in: path
      required: true
      description: Name of the alias.
      schema: {type: string, pattern: "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$"}
    IfMatch:
      name: If-Match
      in: header
      description: The ETag that the alias must still have, or * for any; else 412. Excludes `expected_version`.
      schema: {type: string}
    IfNoneMatch:
      name: If-None-Match
      in: header
      description: "* where the alias must not exist yet; else 409."
      schema: {const: "*"}
    Sticky:
      name: X-Martlet-Sticky
      in: header
      description: >-
        Whatever stands for the client, such as the id of its user. While a canary is out, requests with the same value always
        get the same version.
      schema: {type: string}
    Timeout:
      name: X-Request-Timeout-Ms
      in: header
      description: How long the client waits, milliseconds. A request that is still waiting then is answered 504.
      schema: {type: integer, minimum: 1, maximum: 86400000}
    Stream:
      name: stream
      in: path
      required: true
      description: The value of `X-Martlet-Stream`, and what the ids of its events begin with.
      schema: {type: string, pattern: "^stream-[a-z2-7]{24}$"}
    LastEventID:
      name: Last-Event-ID
      in: header
      description: The id of the event that was seen last.
      schema: {type: string}
  headers:
    Stream:
      description: Of a stream; its name for `GET /v1/streams/{stream}`.
      schema: {type: string}
    RetryAfter:
      description: When to try again, seconds.
      schema: {type: integer, minimum: 1}
    Version:
      description: The version that answered.
      schema: {type: integer, minimum: 1}
    ETag:
      description: The revision of the alias in quotes, for If-Match.
      schema: {type: string}
  responses:
    WrongTask:
      description: The model's task has another route; the message names both.
      content:
        application/json: {schema: {$ref: "#/components/schemas/Error"}}
    NoStream:
      description: No such stream, or none any more.
      content:
        application/json: {schema: {$ref: "#/components/schemas/Error"}}
    StreamTooOld:
      description: The events behind that one are no longer kept.
      content:
        application/json: {schema: {$ref: "#/components/schemas/Error"}}
    Job:
      description: The job as it is now.
      content:
        application/json: {schema: {$ref: "#/components/schemas/Job"}}
    JobState:
      description: The job's state does not allow that; the message says what it does.
      content:
        application/json: {schema: {$ref: "#/components/schemas/AdminError"}}
    QueueFull:
      description: As many jobs as there may be have not ended yet.
      headers:
        Retry-After: {$ref: "#/components/headers/RetryAfter"}
      content:
        application/json: {schema: {$ref: "#/components/schemas/AdminError"}}
    AdminTooLarge:
      description: The body or a part of it is larger than the server reads.
      content:
        application/json: {schema: {$ref: "#/components/schemas/AdminError"}}
    Alias:
      description: The alias as it is now.
      headers:
        ETag: {$ref: "#/components/headers/ETag"}
      content:
        application/json: {schema: {$ref: "#/components/schemas/Alias"}}
    AliasConflict:
      description: >-
        The alias is not as the request expects (409 for `expected_version`, 412 for If-Match), with its present state; or there
        is nothing to roll back to, or aliases.json is damaged. Nothing was changed.
      headers:
        ETag: {$ref: "#/components/headers/ETag"}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: "#/components/schemas/AdminError"}
              - type: object
                properties:
                  alias:
                    oneOf: [{$ref: "#/components/schemas/Alias"}, {type: "null"}]
    NotLoadable:
      description: The version is there but cannot be loaded, with the reason. Nothing was changed.
      content:
        application/json: {schema: {$ref: "#/components/schemas/AdminError"}}
    StorageFailed:
      description: The disk failed.
      content:
        application/json: {schema: {$ref: "#/components/schemas/AdminError"}}
    AdminBusy:
      description: Models are being loaded for too long, the version may still be written, or another process has the audit log.
      headers:
        Retry-After: {$ref: "#/components/headers/RetryAfter"}
      content:
        application/json: {schema: {$ref: "#/components/schemas/AdminError"}}
    Unauthorized:
      description: The admin token is missing or wrong.
      headers:
        WWW-Authenticate: {schema: {type: string}}
      content:
        application/json: {schema: {$ref: "#/components/schemas/AdminError"}}
    Forbidden:
      description: The admin routes are off, or a web page or another host name asks.
      content:
        application/json: {schema: {$ref: "#/components/schemas/AdminError"}}
    AdminBadRequest:
      description: The request cannot be right; the message names the member, `param` too.
      content:
        application/json: {schema: {$ref: "#/components/schemas/AdminError"}}
    AdminNotFound:
      description: There is no such thing.
      content:
        application/json: {schema: {$ref: "#/components/schemas/AdminError"}}
    FileTooLarge:
      description: The file is larger than `--file-bytes`, or the form has too many parts.
      content:
        application/json: {schema: {$ref: "#/components/schemas/AdminError"}}
    NoForm:
      description: The body is not multipart/form-data.
      content:
        application/json: {schema: {$ref: "#/components/schemas/AdminError"}}
    TooManyUploads:
      description: As many uploads as there may be are under way.
      headers:
        Retry-After: {$ref: "#/components/headers/RetryAfter"}
      content:
        application/json: {schema: {$ref: "#/components/schemas/AdminError"}}
    LibraryFull:
      description: The files together would be more than `--files` or `--library-bytes`, or the disk is full.
      content:
        application/json: {schema: {$ref: "#/components/schemas/AdminError"}}
    EventsUnavailable:
      description: As many streams of events are open as there may be, or the server has no folder that it may write.
      headers:
        Retry-After: {description: Seconds; only with too many streams., schema: {type: integer}}
      content:
        application/json: {schema: {$ref: "#/components/schemas/AdminError"}}
    NoStateFolder:
      description: The server has no folder that it may write; see `--state`.
      content:
        application/json: {schema: {$ref: "#/components/schemas/AdminError"}}
    NoFeedbackFolder:
      description: The server has no folder that it may write; see `--state`.
      content:
        application/json: {schema: {$ref: "#/components/schemas/Error"}}
    BadRequest:
      description: Malformed JSON (with line and column), or a value that does not fit the model's signature.
      content:
        application/json:
          schema: {$ref: "#/components/schemas/Error"}
          examples:
            shape: {value: {error: "input 'x': expected shape [N,784], got [1,783]"}}
    NotFound:
      description: No such model, version or label.
      content:
        application/json:
          schema: {$ref: "#/components/schemas/Error"}
          examples:
            model: {value: {error: "Servable not found for request: Latest(x); the models are 'mnist-mlp'"}}
    TooLarge:
      description: More bytes or rows than the server's limits allow.
      content:
        application/json: {schema: {$ref: "#/components/schemas/Error"}}
    UnsupportedType:
      description: A content type or content coding that is not understood.
      headers:
        Accept: {schema: {type: string}}
      content:
        application/json: {schema: {$ref: "#/components/schemas/Error"}}
    Overloaded:
      description: Too many requests wait for the model.
      headers:
        Retry-After: {$ref: "#/components/headers/RetryAfter"}
      content:
        application/json: {schema: {$ref: "#/components/schemas/Error"}}
    Failed:
      description: The model could not compute an answer.
      content:
        application/json: {schema: {$ref: "#/components/schemas/Error"}}
    Unavailable:
      description: The version is loading or could not be loaded, with the reason.
      content:
        application/json: {schema: {$ref: "#/components/schemas/Error"}}
    TooLate:
      description: The deadline of X-Request-Timeout-Ms passed while the request waited.
      content:
        application/json: {schema: {$ref: "#/components/schemas/Error"}}
  schemas:
    Observation:
      description: >-
        What the agent sees: a list of numbers, nested for pictures; an object of the model's named fields, all of them; or the number of
        a state. Numbers must be finite.
      anyOf:
        - {type: integer}
        - {$ref: "#/components/schemas/Tensor"}
        - {type: object, additionalProperties: {type: number}}
    QValueRequest:
      type: object
      additionalProperties: false
      required: [instances]
      properties:
        instances: {type: array, minItems: 1, maxItems: 8192, items: {$ref: "#/components/schemas/Observation"}}
        parameters:
          description: At most one of epsilon and temperature; the greedy action where both are missing.
          type: object
          additionalProperties: false
          properties:
            epsilon: {description: "The probability of any action, each as likely as the others, instead of the greedy one.", type: number, minimum: 0, maximum: 1}
            temperature: {description: Draws with probabilities in proportion to exp(value / temperature)., type: number, exclusiveMinimum: 0}
            seed: {description: Chosen and told where missing., type: integer, minimum: 0, maximum: 9007199254740991}
    QValueResponse:
      type: object
      required: [predictions]
      properties:
        predictions:
          type: array
          items:
            type: object
            required: [q_values, actions, action, action_name]
            properties:
              q_values: {description: "The value of each action, in the order of `actions`.", type: array, items: {type: number}}
              actions: {type: array, items: {type: string}}
              action: {description: The position of the action to take., type: integer, minimum: 0}
              action_name: {type: string}
              state_value: {description: Of a dueling network., type: number}
              advantage: {description: "Of a dueling network: what each action is worth beside the others.", type: array, items: {type: number}}
        seed: {description: "What was drawn with, where actions were drawn.", type: integer}
    TransitionsRequest:
      type: object
      additionalProperties: false
      required: [transitions]
      properties:
        transitions:
          type: array
          minItems: 1
          maxItems: 8192
          items:
            type: object
            additionalProperties: false
            required: [observation, action, reward, next_observation, terminated]
            properties:
              observation: {$ref: "#/components/schemas/Observation"}
              action: {description: Its position or its name., type: [integer, string]}
              reward: {type: number}
              next_observation: {$ref: "#/components/schemas/Observation"}
              terminated: {description: The episode was over by the rules; nothing of value follows., type: boolean}
              truncated: {description: The episode was cut; what would follow has value., type: boolean, default: false}
    TransitionsStatus:
      type: object
      required: [model, count, total, bytes, limits, mean_reward, episodes, mean_return, terminated, truncated, actions]
      properties:
        model: {type: string}
        count: {description: Transitions that are kept., type: integer}
        total: {description: Transitions that ever came., type: integer}
        bytes: {description: On disk., type: integer}
        limits:
          type: object
          properties:
            transitions: {type: integer}
            bytes: {type: integer}
            transitions_per_request: {type: integer}
        mean_reward: {type: [number, "null"]}
        episodes: {description: Transitions after which an episode was over., type: integer}
        mean_return: {description: "Rewards per ended episode: the mean return of clients that send whole episodes.", type: [number, "null"]}
        terminated: {type: integer}
        truncated: {type: integer}
        actions: {description: How often each action was done., type: object, additionalProperties: {type: integer}}
    SequenceRequest:
      type: object
      additionalProperties: false
      required: [instances]
      properties:
        instances:
          description: Texts, series or pictures, as the model's task has it.
          type: array
          minItems: 1
          maxItems: 64
          items:
            anyOf:
              - {description: A text of at most 65536 bytes., type: string, minLength: 1}
              - {description: "A series: one season of values at least, as many as the error for fewer says.", type: array, items: {type: number}, minItems: 1}
              - {description: The pixels of a picture as the model takes them., $ref: "#/components/schemas/Tensor"}
              - description: A PNG or JPEG file.
                type: object
                additionalProperties: false
                required: [b64]
                properties: {b64: {type: string, contentEncoding: base64}}
        parameters: {$ref: "#/components/schemas/SequenceParameters"}
        stream: {description: Sends the answer to one instance while it is made., type: boolean, default: false}
        resume_seconds: {description: How long a stream is made on after its reader has gone., type: integer, minimum: 0, maximum: 60, default: 0}
    SequenceParameters:
      description: Those that the model's task has no use for are refused. Labels and classes have none, forecasts only `steps`.
      type: object
      additionalProperties: false
      properties:
        max_length: {description: Tokens of the longest answer; the model's limit where missing., type: integer, minimum: 1}
        temperature: {description: "0 takes the most likely token. Where missing: 1 for text-generation and where top_k, top_p or seed is given, else 0.", type: number, minimum: 0, maximum: 100}
        top_k: {description: Draws among so many of the most likely tokens., type: integer, minimum: 1, maximum: 1000000}
        top_p: {description: Draws among the most likely tokens whose probabilities reach this sum., type: number, exclusiveMinimum: 0, maximum: 1}
        seed: {description: The same seed draws the same text for every instance; chosen and told where missing., type: integer, minimum: 0, maximum: 9007199254740991}
        beam_width: {description: Hypotheses that beam search keeps; above 1 nothing is drawn., type: integer, minimum: 1, maximum: 32, default: 1}
        n_best: {description: Hypotheses that are answered., type: integer, minimum: 1, maximum: 32, default: 1}
        stop:
          description: Texts that end the answer and are no part of it.
          anyOf:
            - {type: string, minLength: 1, maxLength: 64}
            - {type: array, maxItems: 8, items: {type: string, minLength: 1, maxLength: 64}}
        steps: {description: Values to forecast., type: integer, minimum: 1}
    SequenceResponse:
      type: object
      required: [predictions]
      properties:
        predictions: {type: array, items: {$ref: "#/components/schemas/SequencePrediction"}}
    SequencePrediction:
      description: "Generated text and captions: text or caption, tokens, finish_reason and log_probability. Labels: tokens, labels and probabilities. Classes: label and probabilities. Forecasts: forecast, and lower and upper where the model knows its intervals."
      type: object
      properties:
        text: {type: string}
        caption: {type: string}
        tokens: {description: As the vocabulary spells them., type: array, items: {type: string}}
        finish_reason: {description: "stop: the model or a text of `stop` ended it; length: it has as many tokens as it may.", type: string, enum: [stop, length]}
        log_probability: {description: The sum of the natural logarithms of the tokens' probabilities under the model., type: number}
        candidates:
          description: Where n_best is above 1, the best first.
          type: array
          items: {$ref: "#/components/schemas/SequencePrediction"}
        seed: {description: Where tokens were drawn., type: integer}
        labels: {description: One for each token., type: array, items: {type: string}}
        label: {type: string}
        probabilities:
          description: Of each token's label; of a class, by its name.
          anyOf:
            - {type: array, items: {type: number}}
            - {type: object, additionalProperties: {type: number}}
        forecast: {type: array, items: {type: number}}
        lower: {type: array, items: {type: number}}
        upper: {type: array, items: {type: number}}
        unknown_count: {description: Tokens of the instance that the vocabulary does not have; missing where there are none., type: integer, minimum: 1}
        unknown:
          description: The first 100 of them.
          type: array
          items:
            type: object
            required: [text, position, offset]
            properties:
              text: {type: string}
              position: {description: Among the tokens of the instance., type: integer}
              offset: {description: In the text, bytes., type: integer}
    GenerateRequest:
      type: object
      additionalProperties: false
      required: [text_input]
      properties:
        id: {description: Comes back in the answer., type: string, maxLength: 256}
        text_input: {type: string, minLength: 1}
        parameters:
          description: "As for `:sequence`. A `stream` of vLLM's clients may stand here too: it must say what the route says."
          type: object
    GenerateResponse:
      type: object
      required: [model_name, model_version, text_output]
      properties:
        id: {type: string}
        model_name: {type: string}
        model_version: {type: string}
        text_output: {type: string}
    Alias:
      type: object
      required: [name, version, revision]
      properties:
        name: {type: string}
        version: {type: integer, minimum: 1}
        previous: {type: integer, minimum: 1, description: "Where it pointed before, which a rollback goes back to."}
        revision: {type: integer, minimum: 0, description: "Counts the changes; 0 for an alias that was written by hand."}
        canary: {$ref: "#/components/schemas/Canary"}
      examples:
        - {name: stable, version: 4, previous: 3, revision: 7}
    Canary:
      description: A second version that gets a share of the requests.
      type: object
      required: [version, percent]
      additionalProperties: false
      properties:
        version: {type: integer, minimum: 1}
        percent: {type: number, minimum: 0, maximum: 100}
    ExpectedVersion:
      description: The version that the alias must point to, or null where it must not exist yet; else 409.
      type: [integer, "null"]
      minimum: 1
    AuditEntry:
      type: object
      required: [sequence, time, actor, action, model, alias, from_revision, revision]
      properties:
        sequence: {type: integer, minimum: 1}
        time: {type: string, format: date-time}
        actor: {type: string, description: "`token <fingerprint>`, `job <id>`, `file` for a change by hand, `recovery`."}
        action:
          description: An `abort` says that the entry before about this alias was not carried out.
          enum: [set, promote, rollback, delete, pin, edit, abort]
        model: {type: string}
        alias: {type: string}
        from: {type: integer, description: "The version before, where there was one."}
        from_revision: {type: integer}
        to: {type: integer, description: "The version from now on, where there is one."}
        revision: {type: integer}
        canary: {$ref: "#/components/schemas/Canary"}
        sha256: {type: string, description: "Of model.onnx of the version from now on."}
    File:
      description: OpenAI's file object, and its digest.
      type: object
      required: [id, object, bytes, created_at, filename, purpose, status, expires_at, sha256]
      properties:
        id: {type: string}
        object: {const: file}
        bytes: {type: integer, minimum: 1}
        created_at: {type: integer, description: Seconds since 1970.}
        filename: {type: string}
        purpose: {type: string, enum: [fine-tune]}
        status: {const: processed}
        expires_at: {type: "null"}
        sha256: {type: string, pattern: "^[0-9a-f]{64}$"}
    Page:
      type: object
      required: [object, data, first_id, last_id, has_more]
      properties:
        object: {const: list}
        data: {type: array}
        first_id: {type: [string, "null"]}
        last_id: {type: [string, "null"]}
        has_more: {type: boolean}
    Hyperparameters:
      description: What is missing or `auto` is chosen by the server.
      type: object
      additionalProperties: false
      properties:
        n_epochs: {oneOf: [{const: auto}, {type: integer, minimum: 1, maximum: 10000}]}
        batch_size: {oneOf: [{const: auto}, {type: integer, minimum: 1, maximum: 8192}]}
        learning_rate_multiplier: {oneOf: [{const: auto}, {type: number, minimum: 0, maximum: 1000}]}
        learning_rate: {type: number, minimum: 0, maximum: 1000}
        optimizer: {type: string, enum: [sgd, momentum, adam, adamw], default: adamw}
        weight_decay: {type: number, minimum: 0, maximum: 10}
        dropout:
          description: Whether the graph's own dropout is active, or the rate of one before the head.
          oneOf: [{type: boolean}, {type: number, minimum: 0, exclusiveMaximum: 1}]
        schedule: {type: string, enum: [constant, linear, cosine], default: cosine}
        warmup_ratio: {type: number, minimum: 0, maximum: 0.9, default: 0}
        clip_norm: {type: number, minimum: 0.000001, maximum: 1000000}
        early_stopping:
          type: object
          additionalProperties: false
          properties:
            patience: {description: Epochs without improvement., type: integer, minimum: 1, maximum: 10000}
    ReinforcementHyperparameters:
      description: What is missing or `auto` is chosen by the server.
      type: object
      additionalProperties: false
      properties:
        n_epochs: {description: "Passes over the transitions; as many as make 20,000 updates where missing.", oneOf: [{const: auto}, {type: integer, minimum: 1, maximum: 10000}]}
        batch_size: {oneOf: [{const: auto}, {type: integer, minimum: 1, maximum: 8192}]}
        learning_rate: {type: number, minimum: 0, maximum: 1000}
        learning_rate_multiplier: {oneOf: [{const: auto}, {type: number, minimum: 0, maximum: 1000}]}
        discount: {description: "gamma; model.json's where missing.", oneOf: [{const: auto}, {type: number, minimum: 0, maximum: 1}]}
        target_updates: {description: Updates after which the target network follows., oneOf: [{const: auto}, {type: integer, minimum: 1, maximum: 1000000}]}
        double: {description: Whether the online network chooses the action that the target network values., type: boolean, default: true}
        conservatism: {description: How strongly actions that no transition shows are held down (alpha of conservative Q-learning)., oneOf: [{const: auto}, {type: number, minimum: 0, maximum: 1000}]}
        evaluation_episodes: {description: Episodes by which new and present version are compared., oneOf: [{const: auto}, {type: integer, minimum: 1, maximum: 1000}]}
    JobRequest:
      type: object
      additionalProperties: false
      required: [model]
      properties:
        model: {description: "A name, `name/version` or `name@alias`.", type: string}
        training_file: {description: The id of an uploaded file; a policy without one learns from the transitions that are stored., type: string}
        data:
          description: Examples in the request itself, instead of a file.
          oneOf:
            - type: object
              required: [instances]
              properties:
                instances: {description: Rows as for `:predict`., type: array}
                labels: {description: A name or index for each row; a list of them for several labels a row., type: array}
                targets: {description: A number or list of numbers for each row., type: array}
            - type: object
              required: [feedback]
              properties: {feedback: {const: true}}
        validation_file: {type: string}
        validation_split: {description: The share of the examples that is held out., type: number, minimum: 0, maximum: 0.9, default: 0.1}
        objective: {description: "sequence is for models of sequences and captions, reinforcement for policies.", type: string, enum: [classification, multi_label, regression, sequence, reinforcement]}
        head:
          oneOf:
            - {type: string, enum: [keep, replace]}
            - type: object
              additionalProperties: false
              properties:
                type: {type: string, enum: [keep, replace]}
                labels: {type: array, items: {type: string}}
        labels: {description: Of a new head; collected from the data where missing, but needed for multi_label. A regression has none., type: array, items: {type: string}, maxItems: 10000}
        freeze: {description: "Patterns of layers that keep their weights, as `conv*`.", type: array, items: {type: string}, maxItems: 100}
        method:
          type: object
          additionalProperties: false
          properties:
            type: {type: string, enum: [supervised, reinforcement], default: supervised}
            supervised:
              type: object
              additionalProperties: false
              properties:
                hyperparameters: {$ref: "#/components/schemas/Hyperparameters"}
            reinforcement:
              type: object
              additionalProperties: false
              properties:
                hyperparameters: {$ref: "#/components/schemas/ReinforcementHyperparameters"}
        hyperparameters: {$ref: "#/components/schemas/Hyperparameters"}
        augmentation:
          type: object
          additionalProperties: false
          properties:
            shift: {description: Pixels., type: integer, minimum: 0, maximum: 64}
            horizontal_flip: {type: boolean}
            rotation: {description: Degrees., type: number, minimum: 0, maximum: 180}
            noise: {description: Standard deviation., type: number, minimum: 0, maximum: 10}
        seed: {type: integer, minimum: 0, maximum: 9007199254740992}
        gate:
          type: object
          additionalProperties: false
          properties:
            metric: {description: "mean_return and td_error are for policies.", type: string, enum: [accuracy, loss, mean_absolute_error, mean_return, td_error]}
            minimum_change: {type: number, minimum: 0}
            bound: {type: number}
        promote: {type: string, enum: [if_better, always, never], default: if_better}
        alias: {description: The alias that `promote` moves., type: string, default: stable}
        suffix: {type: string, maxLength: 64}
        metadata: {type: object, maxProperties: 16, additionalProperties: {type: string, maxLength: 512}}
        integrations: {type: array, maxItems: 0}
    Job:
      description: OpenAI's `fine_tuning.job` with members of our own.
      type: object
      required: [id, object, created_at, status, model, training_file]
      properties:
        id: {type: string}
        object: {const: fine_tuning.job}
        created_at: {type: integer}
        started_at: {type: [integer, "null"]}
        finished_at: {type: [integer, "null"]}
        estimated_finish: {type: [integer, "null"]}
        status: {type: string, enum: [validating_files, queued, running, paused, succeeded, failed, cancelled]}
        model: {type: string}
        fine_tuned_model: {description: "`name/version` of what the job has made.", type: [string, "null"]}
        training_file: {type: string}
        validation_file: {type: [string, "null"]}
        error:
          oneOf:
            - {type: "null"}
            - type: object
              properties:
                code: {type: string}
                message: {type: string}
                param: {type: [string, "null"]}
        progress: {description: The last numbers of the training., type: [object, "null"]}
        metrics: {description: Of the new version on the held-out examples., type: object, additionalProperties: {type: number}}
        parent_metrics:
          description: Of the version that the alias pointed to, on the same examples; null where the labels differ.
          type: [object, "null"]
          additionalProperties: {type: number}
        promotion:
          type: object
          properties:
            alias: {type: string}
            promoted: {type: boolean}
            reason: {type: string}
    JobEvent:
      type: object
      required: [object, id, created_at, level, message, type]
      properties:
        object: {const: fine_tuning.job.event}
        id: {type: string}
        created_at: {type: integer}
        level: {type: string, enum: [info, warn, error]}
        message: {type: string}
        type: {type: string, enum: [message, metrics]}
        data: {type: [object, "null"]}
    JobCheckpoint:
      type: object
      required: [object, id, created_at, fine_tuning_job_id, step_number, metrics]
      properties:
        object: {const: fine_tuning.job.checkpoint}
        id: {type: string}
        created_at: {type: integer}
        fine_tuned_model_checkpoint: {type: string}
        fine_tuning_job_id: {type: string}
        step_number: {type: integer}
        metrics: {type: object}
    AdminError:
      description: As OpenAI's clients read it.
      type: object
      required: [error]
      properties:
        error:
          type: object
          required: [message, type, param, code]
          properties:
            message: {type: string}
            type: {type: string}
            param: {type: [string, "null"]}
            code: {type: string}
    Error:
      type: object
      required: [error]
      properties:
        error: {type: string}
    Tensor:
      description: A number, or arrays of equal length nested to the rank of the tensor.
      oneOf:
        - {type: [number, boolean, string]}
        - type: array
          items: {$ref: "#/components/schemas/Tensor"}
    Binary:
      description: An image file.
      type: object
      required: [b64]
      additionalProperties: false
      properties:
        b64: {type: string, contentEncoding: base64}
    Value:
      anyOf:
        - {$ref: "#/components/schemas/Tensor"}
        - {$ref: "#/components/schemas/Binary"}
        - type: array
          items: {$ref: "#/components/schemas/Binary"}
    PredictRequest:
      description: Exactly one of instances (a list of rows) and inputs (whole tensors).
      type: object
      properties:
        signature_name: {enum: [serving_default, ""]}
        return_ids:
          description: >-
            Whether the answer has an id for each row. For .npy and image bodies the header `X-Martlet-Return-Ids: true` asks for them.
          type: boolean
          default: false
        instances:
          type: array
          minItems: 1
          items:
            anyOf:
              - {$ref: "#/components/schemas/Value"}
              - type: object
                additionalProperties: {$ref: "#/components/schemas/Value"}
        inputs:
          anyOf:
            - {$ref: "#/components/schemas/Value"}
            - type: object
              additionalProperties: {$ref: "#/components/schemas/Value"}
      oneOf:
        - required: [instances]
        - required: [inputs]
    PredictResponse:
      description: >-
        A model with one output answers bare values, others objects by output name. Classifiers add the best label and its
        probability as label and score; models with several labels a row add labels, those with a probability of at least 0.5.
      type: object
      properties:
        predictions:
          type: array
          items:
            anyOf:
              - {$ref: "#/components/schemas/Tensor"}
              - type: object
                additionalProperties: {$ref: "#/components/schemas/Tensor"}
        outputs:
          anyOf:
            - {$ref: "#/components/schemas/Tensor"}
            - type: object
              additionalProperties: {$ref: "#/components/schemas/Tensor"}
        ids:
          description: Only where return_ids is true. By its id the true answer to a row can be told.
          type: array
          items: {$ref: "#/components/schemas/PredictionID"}
    PredictionID:
      type: string
      pattern: "^pred-[0-9A-Za-z]{22}$"
    Feedback:
      type: object
      required: [id]
      additionalProperties: false
      properties:
        id: {$ref: "#/components/schemas/PredictionID"}
        label:
          description: >-
            For classifiers. The name of a class, which may be a new one, or its position among the labels of the version that predicted the row.
          type: [string, integer]
        target:
          description: For models of values, as many numbers as the model predicts for a row.
          type: [number, array]
          items: {type: number}
      oneOf:
        - required: [label]
        - required: [target]
    FeedbackRequest:
      anyOf:
        - {$ref: "#/components/schemas/Feedback"}
        - type: object
          required: [feedback]
          additionalProperties: false
          properties:
            feedback:
              type: array
              minItems: 1
              items: {$ref: "#/components/schemas/Feedback"}
    FeedbackResponse:
      type: object
      required: [accepted, unknown]
      properties:
        accepted: {description: Rows that are on the disk now., type: integer, minimum: 0}
        unknown: {description: "Ids that are told already, too old or wrong.", type: array, items: {type: string}}
        new_labels: {description: Labels that the versions which predicted the rows do not have., type: array, items: {type: string}}
        error: {description: Only where accepted is 0., type: string}
    Score:
      description: >-
        Running means over rows in the order in which they were told, each scored by what was predicted before its answer was known;
        last_100 and last_1000 take fewer where there are fewer, after a start of the server only those still on disk.
      type: ["null", object]
      properties:
        total: {type: number}
        last_100: {type: number}
        last_1000: {type: number}
    FeedbackStatus:
      type: object
      required: [model, count, total, waiting, accuracy, mean_squared_error, versions, labels]
      properties:
        model: {type: string}
        count: {description: Rows kept on disk., type: integer}
        total: {description: Rows that were ever told., type: integer}
        waiting: {description: Predicted rows in memory whose answer may still be told., type: integer}
        accuracy: {$ref: "#/components/schemas/Score"}
        mean_squared_error: {$ref: "#/components/schemas/Score"}
        versions:
          description: The newest 100 that have feedback, the newest first.
          type: array
          items:
            type: object
            required: [version, count, accuracy, mean_squared_error]
            properties:
              version: {type: integer}
              count: {type: integer}
              accuracy: {$ref: "#/components/schemas/Score"}
              mean_squared_error: {$ref: "#/components/schemas/Score"}
        labels:
          description: How many of the rows on disk have each label.
          type: object
          additionalProperties: {type: integer}
    ExamplesRequest:
      type: object
      required: [examples]
      properties:
        signature_name: {enum: [serving_default, ""]}
        examples:
          type: array
          minItems: 1
          items:
            type: object
            additionalProperties: {$ref: "#/components/schemas/Tensor"}
    ClassifyResponse:
      type: object
      required: [results]
      properties:
        results:
          type: array
          items:
            type: array
            items:
              type: array
              prefixItems: [{type: string}, {type: number}]
              minItems: 2
              maxItems: 2
    RegressResponse:
      type: object
      required: [results]
      properties:
        results:
          type: array
          items: {type: number}
    VersionStatus:
      type: object
      required: [version, state, status]
      properties:
        version: {type: string, pattern: "^[0-9]+$"}
        state: {enum: [START, LOADING, AVAILABLE, UNLOADING, END]}
        status:
          type: object
          required: [error_code, error_message]
          properties:
            error_code: {type: string}
            error_message: {type: string}
    Status:
      type: object
      required: [model_version_status]
      properties:
        model_version_status:
          type: array
          items: {$ref: "#/components/schemas/VersionStatus"}
    Models:
      type: object
      required: [models]
      properties:
        models:
          type: array
          items:
            type: object
            required: [name, model_version_status, labels]
            properties:
              name: {type: string}
              model_version_status:
                type: array
                items: {$ref: "#/components/schemas/VersionStatus"}
              labels:
                type: object
                additionalProperties: {type: integer}
              problem: {description: Why aliases.json was not read., type: string}
    Metadata:
      description: As TensorFlow Serving writes the signature of a SavedModel; sizes are strings, -1 where they vary.
      type: object
      required: [model_spec, metadata]
      properties:
        model_spec:
          type: object
          properties:
            name: {type: string}
            signature_name: {type: string}
            version: {type: string}
        metadata: {type: object}

"""#
}
