import type { Broker } from 'kafkajs'
import { LogError } from '../event-log.ts'

/** The connections to one broker, for a request that kafkajs offers nobody, or not as it is wanted here. */
export function connectionsOf(broker: Broker): Connections {
  const connections: Connections | undefined = Reflect.get(broker, 'connectionPool')
  if (!connections) throw new LogError('log_mismatch', 'this version of kafkajs has no connections that could be used')
  return connections
}

/** kafkajs sends what it is given, and reads the answer with what it is given: its types leave that out. */
export type Connections = {
  send<Answer extends { readonly clientSideThrottleTime: number }>(exchange: {
    readonly request: object
    /** Where it is more than that of the client. */
    readonly requestTimeout: number
    readonly response: {
      decode(payload: Buffer): Promise<Answer>
      parse(answer: Answer): Promise<Answer>
    }
  }): Promise<Answer>
}
