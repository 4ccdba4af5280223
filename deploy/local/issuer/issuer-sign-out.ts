import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { messagePage, pageSender } from './issuer-page.ts'
import type { IssuerTokens } from './issuer-tokens.ts'

const Leave = z.object({
  id_token_hint: z.string().max(8000).optional(),
  client_id: z.string().optional(),
  post_logout_redirect_uri: z.string().optional(),
  state: z.string().max(1000).optional(),
})

/**
 * /end-session, as OpenID Connect RP-Initiated Logout 1.0 has it. There is no session to end, since each sign-in asks
 * who one is: it leads back to an address of the client that it knows, and says on a page why it does not.
 */
export function addSignOut(
  app: FastifyInstance,
  client: { readonly id: string; readonly signedOutUris?: readonly string[] },
  tokens: IssuerTokens,
): void {
  const sendPage = pageSender([])
  const faultOf = async ({
    id_token_hint: hint,
    client_id: id,
    post_logout_redirect_uri: uri,
  }: z.infer<typeof Leave>) => {
    if (hint !== undefined && !(await tokens.isOwnIdToken(hint, client.id)))
      return 'id_token_hint is none of the client.'
    if (id !== undefined && id !== client.id) return 'No such client_id.'
    if (uri === undefined) return undefined
    if (hint === undefined && id === undefined) return 'Leading back needs id_token_hint or client_id.'
    return client.signedOutUris?.includes(uri) ? undefined : 'This post_logout_redirect_uri is not one of the client.'
  }
  app.route({
    method: ['GET', 'POST'],
    url: '/end-session',
    handler: async (request, reply) => {
      const leave = Leave.safeParse(request.method === 'GET' ? request.query : request.body)
      const fault = leave.success ? await faultOf(leave.data) : 'These parameters cannot be read.'
      if (!leave.success || fault !== undefined) {
        return sendPage(reply, 400, messagePage('Signing out did not end here', fault ?? ''))
      }
      const { post_logout_redirect_uri: uri, state } = leave.data
      if (uri === undefined) return sendPage(reply, 200, messagePage('You are signed out', 'Close this page.'))
      const target = new URL(uri)
      if (state !== undefined) target.searchParams.set('state', state)
      return reply.redirect(target.href, 303)
    },
  })
}
