import { NO_CONNECTION } from '@micropay/runtime/tls/connector'

/** An instance that had the request was found to be away, and another one may be asked. */
export const INSTANCE_AWAY = 'INSTANCE_AWAY'
/** There was no connection to the service, so it got nothing of the request. */
export const notReachedCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  NO_CONNECTION,
])
/** The service was not reached, or hung up before it answered. */
export const noAnswerCodes = new Set([
  ...notReachedCodes,
  ...['ECONNRESET', 'EPIPE', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'UND_ERR_SOCKET', INSTANCE_AWAY],
])

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
