const topic = 'micropay.ledger'

export type WrittenAnswer = {
  readonly partition: number
  readonly errorCode?: number
  /** The offset behind the last record. */
  readonly end: bigint
  readonly aborted?: number
  readonly records?: string
}

/** As a broker writes it, in version 11. */
export function writtenAnswer(...partitions: readonly WrittenAnswer[]): Buffer {
  const int16 = (value: number) => Buffer.from([value >> 8, value & 0xff])
  const int32 = (value: number) => Buffer.from(new Uint8Array(new Int32Array([value]).buffer).reverse())
  const int64 = (value: bigint) => Buffer.from(new Uint8Array(new BigInt64Array([value]).buffer).reverse())
  return Buffer.concat([
    ...[int32(250), int16(0), int32(0), int32(1), int16(topic.length), Buffer.from(topic), int32(partitions.length)],
    ...partitions.flatMap(({ partition, errorCode = 0, end, aborted, records = '' }) => [
      ...[int32(partition), int16(errorCode), int64(end), int64(40n), int64(0n)],
      ...[int32(aborted ?? -1), ...Array.from({ length: aborted ?? 0 }, () => Buffer.concat([int64(7n), int64(1n)]))],
      ...[int32(-1), int32(records.length), Buffer.from(records)],
    ]),
  ])
}
