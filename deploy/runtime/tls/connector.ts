import { buildConnector } from 'undici'

/** The code of what `connectorTo` fails with, unless the network or the system said why by a code of their own. */
export const NO_CONNECTION = 'NO_CONNECTION'
const ownCodes = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'])

/**
 * Makes connections for undici by options that are asked for anew each time. Whatever fails here failed before a byte
 * of a request was sent, so all of it tells that: an impostor, a certificate that ended, a handshake that broke off.
 */
export function connectorTo(options: () => buildConnector.BuildOptions): buildConnector.connector {
  return (to, callback) =>
    buildConnector({ allowH2: false, maxCachedSessions: 0, ...options() })(to, (error, socket) => {
      if (error === null) return callback(null, socket)
      callback(notConnected(error, to), null)
    })
}

function notConnected(cause: Error, { hostname, port }: buildConnector.Options): Error {
  if ('code' in cause && ownCodes.has(String(cause.code))) return cause
  const message = `there is no connection to ${hostname}:${port} that can be trusted: ${cause.message}`
  return Object.assign(new Error(message, { cause }), { code: NO_CONNECTION })
}
