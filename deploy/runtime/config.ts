import { z } from 'zod'

export class ConfigError extends Error {
  readonly code = 'config'
}

/**
 * Reads a service's settings from the environment; the error names every variable that is missing or wrong, and what it
 * should be.
 */
export function readConfig<Schema extends z.ZodType>(
  schema: Schema,
  env: NodeJS.ProcessEnv = process.env,
): z.infer<Schema> {
  const parsed = schema.safeParse(env)
  if (parsed.success) return parsed.data
  const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`)
  throw new ConfigError(`the environment does not fit:\n${lines.join('\n')}`)
}

/** `PARTITIONS` of whoever begins ledgers: for a new one only, whose number is then fixed for ever. */
export const newLedgerPartitions = z.preprocess(
  (value) => (value === '' ? undefined : value),
  z.coerce
    .number({ error: 'must be from 1 to 1024, for a new ledger' })
    .int({ error: 'must be a whole number' })
    .min(1, { error: 'must be at least 1' })
    .max(1024, { error: 'must be at most 1024' })
    .optional(),
)

const wrongPort = { error: 'must be a TCP port: a number from 0 (any that is free) to 65535' }

/** A TCP port in an environment variable. */
export const tcpPort = z.coerce.number(wrongPort).int(wrongPort).min(0, wrongPort).max(65_535, wrongPort)
export const port = (fallback: number) => tcpPort.default(fallback)
