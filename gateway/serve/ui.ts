import { existsSync } from 'node:fs'
import { resolve, sep } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { noPermissions } from './page.ts'

/**
 * Scripts, styles, requests and images from this site alone; nobody frames it. No inline script or style is allowed.
 */
const uiPolicy =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

/** The built UI: hashed files of `assets/` are kept for a year, all else is asked for again. */
export async function addUi(app: FastifyInstance, directory: string): Promise<void> {
  const root = resolve(directory)
  if (!existsSync(`${root}${sep}index.html`))
    throw new Error(`UI_DIRECTORY ${root} has no index.html: build the UI first`)
  await app.register(fastifyStatic, {
    root,
    cacheControl: false,
    // The build leaves a .gz beside what is worth it; who takes no gzip gets the file itself.
    preCompressed: true,
    setHeaders: (reply, path) => {
      const hashed = path.startsWith(`${root}${sep}assets${sep}`)
      reply.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
      reply.header('content-security-policy', uiPolicy)
      reply.header('referrer-policy', 'same-origin')
      reply.header('permissions-policy', noPermissions)
      reply.header('cross-origin-opener-policy', 'same-origin')
    },
  })
}

/** Pages of the UI have addresses of their own: one that is not a file, and not of the API, is answered with the UI. */
export function isPageOfUi(request: FastifyRequest): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false
  if (/^\/(v1|session|health|assets)(\/|\?|$)/.test(request.url)) return false
  return request.headers.accept?.includes('text/html') ?? false
}
