import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/**
 * A way to a database that a test can cut: what is under way breaks off, and nobody gets through until it is mended.
 */
export async function openRelay(databaseUrl: string): Promise<Relay> {
  const to = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer((near) => {
    if (isCut) return near.destroy()
    const far = connect(Number(to.port), to.hostname)
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const url = new URL(databaseUrl)
  url.hostname = '127.0.0.1'
  url.port = String(address !== null && typeof address === 'object' ? address.port : '')
  const breakOff = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: url.href,
    cut() {
      isCut = true
      breakOff()
    },
    mend() {
      isCut = false
    },
    async close() {
      breakOff()
      server.close()
      await once(server, 'close')
    },
  }
}

export type Relay = { readonly url: string; cut(): void; mend(): void; close(): Promise<void> }
