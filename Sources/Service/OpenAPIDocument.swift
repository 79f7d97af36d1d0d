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
  license:
    name: Apache-2.0
    identifier: Apache-2.0
tags:
  - name: predict
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
      summary: Signature of the newest version.
      responses: &metadata
        "200":
          description: Inputs and outputs.
          content:
            application/json: {schema: {$ref: "#/components/schemas/Metadata"}}
        "404": {$ref: "#/components/responses/NotFound"}
        "503": {$ref: "#/components/responses/Unavailable"}
  /v1/models/{model}:predict:
    parameters: [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Timeout"}]
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
              image: {summary: A PNG, value: {instances: [{b64: iVBORw0KGgo=}]}}
          application/x-npy: {schema: {type: string, contentMediaType: application/x-npy}}
          image/png: {schema: {type: string, contentMediaType: image/png}}
      responses: &predict
        "200":
          description: "predictions for instances, .npy and PNG bodies; outputs for inputs."
          content:
            application/json:
              schema: {$ref: "#/components/schemas/PredictResponse"}
              examples:
                classifier:
                  value: {predictions: [{logits: [0.1, 9.2], probabilities: [0.001, 0.999], label: "7", score: 0.999}]}
                plain: {value: {predictions: [[14.0, 20.0]]}}
        "400": {$ref: "#/components/responses/BadRequest"}
        "404": {$ref: "#/components/responses/NotFound"}
        "413": {$ref: "#/components/responses/TooLarge"}
        "415": {$ref: "#/components/responses/UnsupportedType"}
        "429": {$ref: "#/components/responses/Overloaded"}
        "500": {$ref: "#/components/responses/Failed"}
        "503": {$ref: "#/components/responses/Unavailable"}
        "504": {$ref: "#/components/responses/TooLate"}
  /v1/models/{model}:classify:
    parameters: [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Timeout"}]
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
          content:
            application/json:
              schema: {$ref: "#/components/schemas/ClassifyResponse"}
              examples:
                one: {value: {results: [[["6", 0.001], ["7", 0.999]]]}}
        "400": {$ref: "#/components/responses/BadRequest"}
        "404": {$ref: "#/components/responses/NotFound"}
        "413": {$ref: "#/components/responses/TooLarge"}
        "415": {$ref: "#/components/responses/UnsupportedType"}
        "429": {$ref: "#/components/responses/Overloaded"}
        "500": {$ref: "#/components/responses/Failed"}
        "503": {$ref: "#/components/responses/Unavailable"}
        "504": {$ref: "#/components/responses/TooLate"}
  /v1/models/{model}:regress:
    parameters: [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Timeout"}]
    post:
      tags: [predict]
      operationId: regress
      summary: One number for each example.
      requestBody: *examplesBody
      responses: &regress
        "200":
          description: A number for each example.
          content:
            application/json:
              schema: {$ref: "#/components/schemas/RegressResponse"}
              examples:
                two: {value: {results: [3.5, 7.25]}}
        "400": {$ref: "#/components/responses/BadRequest"}
        "404": {$ref: "#/components/responses/NotFound"}
        "413": {$ref: "#/components/responses/TooLarge"}
        "415": {$ref: "#/components/responses/UnsupportedType"}
        "429": {$ref: "#/components/responses/Overloaded"}
        "500": {$ref: "#/components/responses/Failed"}
        "503": {$ref: "#/components/responses/Unavailable"}
        "504": {$ref: "#/components/responses/TooLate"}
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
  /v1/models/{model}/labels/{label}:
    parameters: [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Label"}]
    get: {tags: [models], operationId: statusLabel, summary: State of the version that a label names., responses: *status}
  /v1/models/{model}/labels/{label}/metadata:
    parameters: [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Label"}]
    get: {tags: [models], operationId: metadataLabel, summary: Signature of the version that a label names., responses: *metadata}
  /v1/models/{model}/labels/{label}:predict:
    parameters:
      [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Label"}, {$ref: "#/components/parameters/Timeout"}]
    post:
      tags: [predict]
      operationId: predictLabel
      summary: As predict, by the version that a label names.
      requestBody: *predictBody
      responses: *predict
  /v1/models/{model}/labels/{label}:classify:
    parameters:
      [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Label"}, {$ref: "#/components/parameters/Timeout"}]
    post:
      tags: [predict]
      operationId: classifyLabel
      summary: As classify, by the version that a label names.
      requestBody: *examplesBody
      responses: *classify
  /v1/models/{model}/labels/{label}:regress:
    parameters:
      [{$ref: "#/components/parameters/Model"}, {$ref: "#/components/parameters/Label"}, {$ref: "#/components/parameters/Timeout"}]
    post:
      tags: [predict]
      operationId: regressLabel
      summary: As regress, by the version that a label names.
      requestBody: *examplesBody
      responses: *regress
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
  /admin/v1/models/{model}/aliases:
    parameters: [{$ref: "#/components/parameters/Model"}]
    get:
      tags: [admin]
      operationId: listAliases
      summary: The aliases of a model.
      security: [{adminToken: []}]
      responses:
        "200":
          description: A version number for each alias.
          content:
            application/json:
              schema:
                type: object
                additionalProperties: {type: integer}
        "401": {$ref: "#/components/responses/Unauthorized"}
        "403": {$ref: "#/components/responses/Forbidden"}
        "404": {$ref: "#/components/responses/AdminNotFound"}
components:
  securitySchemes:
    adminToken:
      description: The token given to `martlet serve` or shown at its start.
      type: http
      scheme: bearer
  parameters:
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
    Timeout:
      name: X-Request-Timeout-Ms
      in: header
      description: How long the client waits, milliseconds. A request that is still waiting then is answered 504.
      schema: {type: integer, minimum: 1, maximum: 86400000}
  headers:
    RetryAfter:
      description: When to try again, seconds.
      schema: {type: integer, minimum: 1}
  responses:
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
    NoStateFolder:
      description: The server has no folder that it may write; see `--state`.
      content:
        application/json: {schema: {$ref: "#/components/schemas/AdminError"}}
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
        probability as label and score.
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
