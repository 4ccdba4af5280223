/**
 * What a receiver of OTLP gets, read by the specification alone, so that what is sent is not checked by the code that
 * made it: https://github.com/open-telemetry/opentelemetry-proto, messages of trace/v1 in protobuf's wire format.
 */
export type ReceivedSpan = {
  readonly service: string
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  /** Empty for the first of a trace. */
  readonly parentId: string
  /** 2 server, 3 client, 4 producer, 5 consumer, else internal. */
  readonly kind: number
  readonly startNs: bigint
  readonly endNs: bigint
  readonly attributes: Readonly<Record<string, unknown>>
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
  /** Undefined unless it failed. */
  readonly failure: string | undefined
}

/** The spans of one ExportTraceServiceRequest. */
export function spansIn(request: Uint8Array): ReceivedSpan[] {
  return messagesOf(fieldsOf(request), 1).flatMap((resourceSpans) => {
    const [resource = new Map()] = messagesOf(resourceSpans, 1)
    const service = String(attributesOf(resource, 1)['service.name'])
    return messagesOf(resourceSpans, 2)
      .flatMap((scopeSpans) => messagesOf(scopeSpans, 2))
      .map((span) => spanOf(span, service))
  })
}

const ERROR = 2n

function spanOf(span: Fields, service: string): ReceivedSpan {
  const [status = new Map()] = messagesOf(span, 15)
  return {
    ...{ service, name: textOf(span, 5), kind: Number(numberOf(span, 6)) },
    ...{ traceId: hexOf(span, 1), spanId: hexOf(span, 2), parentId: hexOf(span, 4) },
    ...{ startNs: numberOf(span, 7), endNs: numberOf(span, 8), attributes: attributesOf(span, 9) },
    links: messagesOf(span, 13).map((link) => ({ traceId: hexOf(link, 1), spanId: hexOf(link, 2) })),
    failure: numberOf(status, 3) === ERROR ? textOf(status, 2) : undefined,
  }
}

type Fields = Map<number, (bigint | Uint8Array)[]>

function fieldsOf(bytes: Uint8Array): Fields {
  const fields: Fields = new Map()
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  function varint(): bigint {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = view.getUint8(at)
      at += 1
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  function next(wireType: number): bigint | Uint8Array {
    if (wireType === 0) return varint()
    const length = wireType === 1 ? 8 : wireType === 5 ? 4 : Number(varint())
    const from = at
    at += length
    if (wireType === 1) return view.getBigUint64(from, true)
    if (wireType === 5) return BigInt(view.getUint32(from, true))
    if (wireType !== 2) throw new Error(`there is no wire type ${wireType}`)
    return bytes.subarray(from, at)
  }
  while (at < bytes.byteLength) {
    const tag = Number(varint())
    const value = next(tag & 7)
    fields.set(tag >> 3, [...(fields.get(tag >> 3) ?? []), value])
  }
  return fields
}

function bytesOf(fields: Fields, field: number): Uint8Array[] {
  return (fields.get(field) ?? []).filter((value) => value instanceof Uint8Array)
}

function messagesOf(fields: Fields, field: number): Fields[] {
  return bytesOf(fields, field).map(fieldsOf)
}

function textOf(fields: Fields, field: number): string {
  return Buffer.concat(bytesOf(fields, field)).toString('utf8')
}

function hexOf(fields: Fields, field: number): string {
  return Buffer.concat(bytesOf(fields, field)).toString('hex')
}

function numberOf(fields: Fields, field: number): bigint {
  const [value] = fields.get(field) ?? []
  return typeof value === 'bigint' ? value : 0n
}

/** Texts, truth values and whole numbers; of a fraction only that it is there. */
function attributesOf(fields: Fields, field: number): Record<string, unknown> {
  const pairs = messagesOf(fields, field).map((pair) => {
    const [value = new Map()] = messagesOf(pair, 2)
    const [truth] = value.get(2) ?? []
    const [whole] = value.get(3) ?? []
    return [textOf(pair, 1), value.has(1) ? textOf(value, 1) : (truth ?? whole ?? 'a fraction')]
  })
  return Object.fromEntries(pairs)
}
