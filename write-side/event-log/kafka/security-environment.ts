import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { ConfigError } from '@micropay/runtime/config'
import { z } from 'zod'
import type { KafkaLogin, KafkaSecurity } from './security.ts'

const text = z.preprocess((value) => (value === '' ? undefined : value), z.string().optional())

/** How brokers are spoken with, in the words of Kafka's own clients, to be spread into the schema of an environment. */
export const kafkaSecurityEnvironment = {
  KAFKA_SECURITY: z
    .enum(['plaintext', 'ssl', 'sasl_ssl'], { error: 'must be plaintext, ssl or sasl_ssl' })
    .default('plaintext'),
  KAFKA_CA_FILE: text,
  KAFKA_CERT_FILE: text,
  KAFKA_KEY_FILE: text,
  KAFKA_SASL_MECHANISM: z
    .enum(['scram-sha-512', 'scram-sha-256'], { error: 'must be scram-sha-512 or scram-sha-256' })
    .default('scram-sha-512'),
  KAFKA_USERNAME: text,
  KAFKA_PASSWORD: text,
  KAFKA_PASSWORD_FILE: text,
}

const environment = z.object(kafkaSecurityEnvironment)
export type KafkaSecurityEnvironment = Partial<z.infer<typeof environment>>

/** Undefined for plain TCP. Throws ConfigError for what is missing, or cannot be read. */
export function kafkaSecurity(config: KafkaSecurityEnvironment): KafkaSecurity | undefined {
  const { KAFKA_SECURITY: security = 'plaintext', KAFKA_CERT_FILE: cert, KAFKA_KEY_FILE: key } = config
  if (security === 'plaintext') {
    const [unused] = ['KAFKA_CA_FILE', 'KAFKA_CERT_FILE', 'KAFKA_USERNAME'].filter(
      (name) => Object.hasOwn(config, name) && Reflect.get(config, name) !== undefined,
    )
    if (unused !== undefined)
      throw new ConfigError(`${unused} needs KAFKA_SECURITY=ssl or sasl_ssl: without it nothing is encrypted`)
    return undefined
  }
  if ((cert === undefined) !== (key === undefined)) {
    throw new ConfigError('KAFKA_CERT_FILE and KAFKA_KEY_FILE go together: set both, or none')
  }
  const tls = () => ({
    ...(config.KAFKA_CA_FILE === undefined ? {} : { ca: readFileSync(config.KAFKA_CA_FILE) }),
    ...(cert === undefined || key === undefined ? {} : { cert: readFileSync(cert), key: readFileSync(key) }),
  })
  const login = security === 'sasl_ssl' ? loginOf(config) : undefined
  try {
    createSecureContext(tls())
    login?.password()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigError(`the files of KAFKA_* cannot be used: ${reason}`, { cause })
  }
  return { tls, login }
}

function loginOf(config: KafkaSecurityEnvironment): KafkaLogin {
  const { KAFKA_USERNAME: username, KAFKA_PASSWORD: given, KAFKA_PASSWORD_FILE: file } = config
  if (username === undefined || (given === undefined) === (file === undefined)) {
    throw new ConfigError('KAFKA_SECURITY=sasl_ssl needs KAFKA_USERNAME, and KAFKA_PASSWORD or KAFKA_PASSWORD_FILE')
  }
  const password = () => given ?? readFileSync(String(file), 'utf8').trimEnd()
  return { mechanism: config.KAFKA_SASL_MECHANISM ?? 'scram-sha-512', username, password }
}
