import type {} from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { cutIntoPieces, joinPieces } from './sealed-cookie.ts'

export type CookieJar = ReturnType<typeof createCookieJar>

/**
 * The gateway's cookies: HttpOnly, SameSite=Lax, for the whole host; with https also Secure and bound to the host by
 * the `__Host-` prefix, which those for one `path` alone cannot have.
 */
export function createCookieJar(publicUrl: URL, path = '/') {
  const secure = publicUrl.protocol === 'https:'
  const prefix = path === '/' ? '__Host-' : '__Secure-'
  const nameOf = (purpose: string) => (secure ? `${prefix}${purpose}` : purpose)
  const attributes = { path, httpOnly: true, sameSite: 'lax', secure } as const
  return {
    read: (request: FastifyRequest, purpose: string) => joinPieces(request.cookies, nameOf(purpose)),
    /** Kept until the browser closes, or for so long. */
    write: (request: FastifyRequest, reply: FastifyReply, purpose: string, text: string, maxAgeSeconds?: number) => {
      for (const { name, value } of cutIntoPieces(text, nameOf(purpose), request.cookies)) {
        if (value === '') reply.clearCookie(name, attributes)
        else reply.setCookie(name, value, maxAgeSeconds ? { ...attributes, maxAge: maxAgeSeconds } : attributes)
      }
    },
    clear: (request: FastifyRequest, reply: FastifyReply, purpose: string) => {
      const name = nameOf(purpose)
      for (const held of Object.keys(request.cookies)) {
        if (held === name || held.startsWith(`${name}.`)) reply.clearCookie(held, attributes)
      }
    },
  }
}
