import { headerRefs } from './openapi-headers.ts'
import { problems } from './openapi-problems.ts'

const page = { 'text/html': { schema: { type: 'string' } } }
const standing = ['Cache-Control', 'Vary', 'traceparent'] as const
const cookies = headerRefs(...standing, 'Set-Cookie')
const cleared = { ...cookies, ...headerRefs('Clear-Site-Data') }
const logoutToken = {
  'application/x-www-form-urlencoded': {
    schema: { type: 'object', required: ['logout_token'], properties: { logout_token: { type: 'string' } } },
  },
}
const session = { security: [{ session: [] }], tags: ['session'] }
const open = { security: [], tags: ['session'] }
const failures = {
  400: { description: 'The sign-in was refused', content: page, headers: cookies },
  502: {
    description: 'The issuer does not answer',
    content: page,
    headers: { ...cookies, ...headerRefs('Retry-After') },
  },
  ...problems,
}
const redirect = (description: string) => ({
  303: { description, headers: { ...cookies, ...headerRefs('Location') } },
})
const query = (name: string, description: string, more: object = { type: 'string' }) => {
  return { name, in: 'query', schema: more, description }
}

const returnTo = query('returnTo', 'A path of this site', { type: 'string', default: '/' })
const toConfirm = '`authorizationDetails` of the problem `payment_not_confirmed`, as JSON'

/** How a browser signs in, asks who it is, and signs out. */
export function sessionPaths() {
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/Session' } } }
  return {
    '/session': {
      get: {
        ...session,
        summary: 'Who is signed in',
        responses: { 200: { description: 'The session', content, headers: headerRefs(...standing) }, ...problems },
      },
    },
    '/session/login': {
      get: {
        ...open,
        summary: 'To the issuer to sign in, and back to returnTo',
        parameters: [returnTo],
        responses: { ...redirect('To the issuer'), ...failures },
      },
    },
    '/session/confirm': {
      get: {
        ...session,
        summary: 'To the issuer to confirm a payment, and back to returnTo',
        parameters: [{ ...query('details', toConfirm), required: true }, returnTo],
        responses: { ...redirect('To the issuer; to sign in, where nobody is signed in'), ...failures },
      },
    },
    '/session/callback': {
      get: {
        ...open,
        summary: 'Back from the issuer',
        parameters: [
          query('code', 'What the issuer gives for a token'),
          query('state', 'That of the sign-in'),
          query('iss', 'The issuer'),
        ],
        responses: { ...redirect('To where the sign-in was asked for'), ...failures },
      },
    },
    ...signOutPaths(),
  }
}

function signOutPaths() {
  return {
    '/session/logout': {
      post: {
        ...session,
        summary: 'Sign out',
        parameters: [{ name: 'X-CSRF-Token', in: 'header', required: true, schema: { type: 'string' } }],
        responses: {
          200: {
            description: 'Signed out, at every gateway. The issuer signs out at `endSessionUrl`',
            content: { 'application/json': { schema: { $ref: '#/components/schemas/SignedOut' } } },
            headers: cleared,
          },
          204: { description: 'The same, where the issuer offers no address for that', headers: cleared },
          ...problems,
        },
      },
    },
    '/session/backchannel-logout': {
      post: {
        ...open,
        summary: 'For the issuer: a session of its own, or all of a person, is over',
        requestBody: { required: true, content: logoutToken },
        responses: {
          200: { description: 'It is over at every gateway', headers: headerRefs(...standing) },
          ...problems,
        },
      },
    },
    '/session/signed-out': {
      get: {
        ...open,
        summary: 'Back from the issuer, signed out there, too',
        parameters: [{ ...query('state', 'That of the sign-out'), required: true }],
        responses: {
          200: { description: 'A page that says so', content: page, headers: cleared },
          ...redirect('This browser did not ask to sign out, or more than ten minutes ago: to `/`'),
          ...problems,
        },
      },
    },
  }
}
