import { createServer } from 'node:net'
import { freePort } from '../stores/free-port.ts'

const host = '127.0.0.1'

/** The port where everything is reached: the one asked for, or any when that is 0; throws an Error that says what to do when it is taken. */
export async function publicPort(asked: number): Promise<number> {
  if (asked === 0) return freePort()
  const reason = await whyTaken(asked)
  if (reason === undefined) return asked
  if (reason === 'EACCES') throw new Error(`Port ${asked} needs more rights than you have. ${another(8181)}`)
  throw new Error(
    `Port ${asked} is in use. Stop what listens there, or choose another: ${another(asked === 8181 ? 8282 : 8181)}`,
  )
}

/** A port for a service that nobody calls by hand: the usual one, or any free one when that is taken or when none is asked for. */
export async function innerPort(usual: number, anyPort: boolean): Promise<number> {
  return anyPort || (await whyTaken(usual)) !== undefined ? freePort() : usual
}

function another(port: number): string {
  return `PORT=${port} npx pnpm@12 start`
}

function whyTaken(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', (error) => resolve('code' in error ? String(error.code) : error.message))
    probe.listen(port, host, () => probe.close(() => resolve(undefined)))
  })
}
