import type { ConnectionOptions } from 'node:tls'

/** How connections to brokers are made safe; without it they are plain TCP, and brokers know nobody's name. */
export type KafkaSecurity = {
  /** Of TLS, asked for anew for each connection, so that files may be replaced. */
  readonly tls: () => ConnectionOptions
  readonly login?: KafkaLogin | undefined
}

/** By SCRAM (RFC 5802), which tells a broker no password. */
export type KafkaLogin = {
  readonly mechanism: 'scram-sha-512' | 'scram-sha-256'
  readonly username: string
  readonly password: () => string
}
