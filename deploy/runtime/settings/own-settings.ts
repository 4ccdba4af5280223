import { z } from 'zod'
import { type LogFormat, logFormats } from '../log-format/formats.ts'

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** `LOG_LEVEL` of every service. */
export const logLevel = z.enum(levels, { error: `must be one of ${levels.join(', ')}` }).default('info')

/** `LOG_FORMAT` of every service: the names in its log lines. */
export const logFormat = z.enum(logFormats, { error: `must be one of ${logFormats.join(', ')}` }).default('pino')

/** Of a program that runs once, whose other settings are checked elsewhere. */
export const formatIn = (env: NodeJS.ProcessEnv): LogFormat => logFormat.catch('pino').parse(env.LOG_FORMAT)

/**
 * What every service reads besides its own settings: whether it runs in production, and where else settings come from.
 */
export const ownSettings = z.object({
  MICROPAY_MODE: z
    .enum(['development', 'production'], { error: 'must be development or production' })
    .default('development'),
  CONFIG_FILE: z.string().optional(),
  CONFIG_URL: z
    .url({
      protocol: /^https?$/,
      error: 'must be the address of a server of Spring Cloud Config, like https://config.example',
    })
    .optional(),
  CONFIG_PROFILE: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9,._-]{0,99}$/, {
      error: 'must be the name of a profile, or several parted by commas',
    })
    .default('default'),
  CONFIG_KEPT: z.string().optional(),
  CONFIG_REFRESH_SECONDS: z.coerce
    .number({ error: 'must be a number of seconds from 0 (never) to 86400' })
    .min(0, { error: 'must be 0 (never) or more' })
    .max(86_400, { error: 'must be at most 86400' })
    .default(10),
})
export type OwnSettings = z.infer<typeof ownSettings>
