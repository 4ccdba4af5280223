import type { Socket } from 'node:net'
import type { FastifyReply } from 'fastify'

/**
 * Calls back, once, when an answer is over: sent, or its reader gone. At once when that was so before: `close` is
 * emitted once, and whoever listens only now would wait for ever. A request that was sent behind another one on its
 * connection (pipelined) has no socket of its own yet, so that the connection's end counts too.
 */
export function whenOver(reply: FastifyReply, over: () => void): void {
  if (isOver(reply)) {
    over()
    return
  }
  const socket: Socket | null = reply.request.raw.socket
  let told = false
  const end = () => {
    // The end of a connection is told to both at once, and then `off` comes too late for the second.
    if (told) return
    told = true
    reply.raw.off('close', end)
    socket?.off('close', end)
    over()
  }
  reply.raw.once('close', end)
  socket?.once('close', end)
}

/** Whether nobody takes an answer any more. A request whose body was not read to its end has given up its socket. */
export function isOver({ raw, request }: FastifyReply): boolean {
  const socket: Socket | null = request.raw.socket
  return raw.destroyed || raw.closed || socket?.destroyed === true
}
