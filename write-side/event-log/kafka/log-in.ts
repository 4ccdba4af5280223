import scram256 from 'kafkajs/src/broker/saslAuthenticator/scram256.js'
import scram512 from 'kafkajs/src/broker/saslAuthenticator/scram512.js'
import saslAuthenticateRequest from 'kafkajs/src/protocol/requests/saslAuthenticate/v0/request.js'
import saslAuthenticateResponse from 'kafkajs/src/protocol/requests/saslAuthenticate/v0/response.js'
import saslHandshakeRequest from 'kafkajs/src/protocol/requests/saslHandshake/v1/request.js'
import saslHandshakeResponse from 'kafkajs/src/protocol/requests/saslHandshake/v1/response.js'
import type { KafkaLogin } from './security.ts'

type Asked = { ask(request: ReturnType<typeof saslHandshakeRequest>): Promise<Buffer> }

/** Tells a broker who asks, in front of the first request. Throws why it is not taken. */
export async function logIn(
  connection: Asked,
  broker: string,
  { mechanism, username, password }: KafkaLogin,
): Promise<void> {
  const name = mechanism.toUpperCase()
  const offered = await saslHandshakeResponse.decode(await connection.ask(saslHandshakeRequest({ mechanism: name })))
  if (offered.errorCode !== 0) {
    throw new Error(`${broker} takes no ${name}, but ${offered.enabledMechanisms.join(', ') || 'nothing'}`)
  }
  const scram = mechanism === 'scram-sha-512' ? scram512 : scram256
  const authenticator = scram({ username, password: password() })({
    ...{ host: broker, port: 0, logger: { debug: () => undefined, error: () => undefined } },
    async saslAuthenticate({ request, response }) {
      const authBytes = await request.encode()
      const answer = await saslAuthenticateResponse.decode(await connection.ask(saslAuthenticateRequest({ authBytes })))
      const { authBytes: said } = await saslAuthenticateResponse.parse(answer)
      return response.parse(await response.decode(said))
    },
  })
  try {
    await authenticator.authenticate()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`${broker} does not let ${username} in: ${reason}`, { cause })
  }
}
