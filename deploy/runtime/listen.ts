import { Server } from 'node:net'
import { z } from 'zod'

/** Set by a parent that keeps the address of a service bound until the service takes it over. */
export const parentListens = 'MICROPAY_PARENT_LISTENS'

/** What a service tells such a parent, over the IPC channel; where it answers probes, if not at its own address. */
export const FromService = z.object({ kind: z.enum(['wants to listen', 'listens']), probesUrl: z.string().optional() })

type ListenOptions = { port?: number; host?: string; listenTextResolver?: (address: string) => string }
type ListeningApp = {
  ready(): PromiseLike<unknown>
  listen(options: ListenOptions): Promise<string>
}

/**
 * Opens a service on `PORT` of `HOST`, or on the socket that its parent has bound for it, and answers the address. The
 * parent hears that it listens from the service itself: whoever else answers at that address is never taken for it.
 */
export async function listen(
  app: ListeningApp,
  { PORT, HOST }: { readonly PORT: number; readonly HOST: string },
  probesUrl?: string,
): Promise<string> {
  await app.ready()
  const isSupervised = process.send !== undefined && process.env[parentListens] !== undefined
  const socket = isSupervised ? await socketOfParent() : undefined
  const bound = socket ? Object.assign(socket, { host: HOST }) : { port: PORT, host: HOST }
  const address = await app.listen(Object.assign(bound, { listenTextResolver: boundText }))
  if (isSupervised) tell('listens', probesUrl)
  return address
}

/** Fastify says `http:` of an app that speaks TLS, too. */
const boundText = (address: string) => `bound to ${address.replace(/^https?:\/\//, '')}`

/** Undefined when the parent has given it away before: then the port is free, since who had it has ended. */
function socketOfParent(): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const orphaned = () => reject(new Error('the parent process ended before its service could listen'))
    if (!process.connected) return orphaned()
    process.once('disconnect', orphaned)
    process.once('message', (_message, socket) => {
      if (!(socket instanceof Server)) return resolve(undefined)
      // Until the app has it, a turn later, nobody reads what comes in.
      socket.on('connection', (connection) => connection.destroy())
      resolve(socket)
    })
    tell('wants to listen')
  })
}

/**
 * A parent that has gone meanwhile is noticed by its going (closeOnSignal), and not by what it can no longer be told.
 */
function tell(kind: z.infer<typeof FromService>['kind'], probesUrl?: string): void {
  if (process.connected) process.send?.({ kind, probesUrl }, undefined, undefined, () => undefined)
}
