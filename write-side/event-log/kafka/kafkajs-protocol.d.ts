/** What kafkajs 2.2 has and does not export in its types: requests of one's own need them. */
declare module 'kafkajs/src/protocol/error.js' {
  const protocol: { createErrorFromCode(code: number): Error }
  export default protocol
}

declare module 'kafkajs/src/protocol/encoder.js' {
  /** Writes the types of Kafka's protocol one behind the other. */
  export default class Encoder {
    readonly buffer: Buffer
    writeInt8(value: number): Encoder
    writeBoolean(value: boolean): Encoder
    writeString(value: string): Encoder
    writeArray(values: readonly Encoder[]): Encoder
  }
}

declare module 'kafkajs/src/protocol/requests/apiVersions/v0/request.js' {
  export default function apiVersionsRequest(): import('./broker-connection.ts').BrokerRequest
}
declare module 'kafkajs/src/protocol/requests/apiVersions/v0/response.js' {
  const response: {
    decode(payload: Buffer): Promise<{
      readonly apiVersions: readonly {
        readonly apiKey: number
        readonly minVersion: number
        readonly maxVersion: number
      }[]
    }>
  }
  export default response
}

declare module 'kafkajs/src/protocol/requests/metadata/v5/request.js' {
  export default function metadataRequest(wanted: {
    readonly topics: readonly string[]
    readonly allowAutoTopicCreation: boolean
  }): import('./broker-connection.ts').BrokerRequest
}
declare module 'kafkajs/src/protocol/requests/metadata/v5/response.js' {
  const response: {
    decode(payload: Buffer): Promise<{
      readonly brokers: readonly { readonly nodeId: number; readonly host: string; readonly port: number }[]
      readonly topicMetadata: readonly {
        readonly topicErrorCode: number
        readonly partitionMetadata: readonly {
          readonly partitionErrorCode: number
          readonly partitionId: number
          readonly leader: number
        }[]
      }[]
    }>
  }
  export default response
}

declare module 'kafkajs/src/protocol/requests/listOffsets/v2/request.js' {
  export default function listOffsetsRequest(wanted: {
    readonly replicaId: number
    readonly isolationLevel: number
    readonly topics: readonly {
      readonly topic: string
      readonly partitions: readonly { readonly partition: number; readonly timestamp: number }[]
    }[]
  }): import('./broker-connection.ts').BrokerRequest
}
declare module 'kafkajs/src/protocol/requests/listOffsets/v2/response.js' {
  const response: {
    decode(payload: Buffer): Promise<{
      readonly throttleTime: number
      readonly responses: readonly {
        readonly partitions: readonly {
          readonly partition: number
          readonly errorCode: number
          readonly offset: string
        }[]
      }[]
    }>
  }
  export default response
}

declare module 'kafkajs/src/protocol/requests/produce/v7/request.js' {
  export default function produceRequest(wanted: {
    readonly acks: number
    readonly timeout: number
    readonly topicData: readonly {
      readonly topic: string
      readonly partitions: readonly {
        readonly partition: number
        readonly messages: readonly {
          readonly key: string
          readonly value: Buffer
          readonly headers?: Readonly<Record<string, string>>
        }[]
      }[]
    }[]
  }): import('./broker-connection.ts').BrokerRequest
}
declare module 'kafkajs/src/protocol/requests/produce/v7/response.js' {
  const response: {
    decode(payload: Buffer): Promise<{
      readonly clientSideThrottleTime: number
      readonly topics: readonly {
        readonly partitions: readonly {
          readonly partition: number
          readonly errorCode: number
          readonly baseOffset: string
          readonly logAppendTime: string
        }[]
      }[]
    }>
  }
  export default response
}

declare module 'kafkajs/src/protocol/requests/saslHandshake/v1/request.js' {
  export default function saslHandshakeRequest(wanted: {
    readonly mechanism: string
  }): import('./broker-connection.ts').BrokerRequest
}
declare module 'kafkajs/src/protocol/requests/saslHandshake/v1/response.js' {
  const response: {
    decode(payload: Buffer): Promise<{ readonly errorCode: number; readonly enabledMechanisms: readonly string[] }>
  }
  export default response
}
declare module 'kafkajs/src/protocol/requests/saslAuthenticate/v0/request.js' {
  export default function saslAuthenticateRequest(said: {
    readonly authBytes: Buffer
  }): import('./broker-connection.ts').BrokerRequest
}
declare module 'kafkajs/src/protocol/requests/saslAuthenticate/v0/response.js' {
  type Answer = { readonly errorCode: number; readonly authBytes: Buffer }
  const response: { decode(payload: Buffer): Promise<Answer>; parse(answer: Answer): Promise<Answer> }
  export default response
}
declare module 'kafkajs/src/broker/saslAuthenticator/scram512.js' {
  type Message = { encode(): Promise<Buffer> }
  type Reply = { decode(bytes: Buffer): Promise<unknown>; parse(decoded: unknown): Promise<unknown> }
  type Broker = {
    readonly host: string
    readonly port: number
    readonly logger: { debug(text: string): void; error(text: string): void }
    saslAuthenticate(exchange: { readonly request: Message; readonly response: Reply }): Promise<unknown>
  }
  export default function scram(login: {
    readonly username: string
    readonly password: string
  }): (broker: Broker) => { authenticate(): Promise<void> }
}
declare module 'kafkajs/src/broker/saslAuthenticator/scram256.js' {
  export { default } from 'kafkajs/src/broker/saslAuthenticator/scram512.js'
}
