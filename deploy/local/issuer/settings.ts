import { port } from '@micropay/runtime/config'
import { keyRing } from '@micropay/runtime/settings/key-ring'
import { logFormat, logLevel } from '@micropay/runtime/settings/own-settings'
import { z } from 'zod'
import { developmentSecret } from './personas.ts'

/** What the development issuer reads from where its settings are. */
export const settings = z.object({
  PORT: port(8090),
  HOST: z.string().default('127.0.0.1'),
  PUBLIC_URL: z.url({ error: 'must be where browsers and services reach the issuer' }).optional(),
  GATEWAY_URL: z.url({ error: 'must be where browsers reach the gateway' }).default('http://127.0.0.1:8080'),
  OIDC_AUDIENCE: z.string().default('micropay'),
  OIDC_CLIENT_ID: z.string().default('gateway'),
  OIDC_CLIENT_SECRET: keyRing({
    atLeast: 1,
    error: "must be the gateway's secret; of several, one a line, and each of them is taken",
  }).default([developmentSecret]),
  STATE_DIRECTORY: z.string().default('.micropay/issuer'),
  INSTANCE_ID: z.string().optional(),
  LOG_LEVEL: logLevel,
  LOG_FORMAT: logFormat,
})
