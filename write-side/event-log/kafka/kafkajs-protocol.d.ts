/** What kafkajs 2.2 has and does not export in its types: requests of one's own need them. */
declare module 'kafkajs/src/protocol/error.js' {
  const protocol: { createErrorFromCode(code: number): Error }
  export default protocol
}

declare module 'kafkajs/src/protocol/encoder.js' {
  /** Writes the types of Kafka's protocol one behind the other. */
  export default class Encoder {
    writeInt8(value: number): Encoder
    writeBoolean(value: boolean): Encoder
    writeString(value: string): Encoder
    writeArray(values: readonly Encoder[]): Encoder
  }
}

declare module 'kafkajs/src/protocol/requests/fetch/v11/request.js' {
  /** A request as a connection of kafkajs sends it. */
  export default function fetchRequest(wanted: {
    readonly replicaId: number
    readonly isolationLevel: number
    readonly maxWaitTime: number
    readonly minBytes: number
    readonly maxBytes: number
    readonly topics: readonly {
      readonly topic: string
      readonly partitions: readonly {
        readonly partition: number
        readonly fetchOffset: string
        readonly maxBytes: number
      }[]
    }[]
  }): object
}
