import { z } from 'zod'
import { clientScopes, clientSettings, realm, realmSettings } from './realm.ts'

export const administrator = { username: 'admin', password: 'of this check' }
const Token = z.object({ access_token: z.string() })
const Found = z.array(z.object({ id: z.string() }))
const Role = z.object({ id: z.string(), name: z.string() })

export type Administration = ReturnType<typeof administrationOf>

/** Keycloak's own administration, as far as the check needs it. */
export function administrationOf(keycloakUrl: string) {
  async function ask(method: string, path: string, body?: unknown): Promise<Response> {
    const form = { grant_type: 'password', client_id: 'admin-cli', ...administrator }
    const url = `${keycloakUrl}/realms/master/protocol/openid-connect/token`
    const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(form) })
    if (!answer.ok) throw new Error(`Keycloak lets its administrator not in: ${answer.status} ${await answer.text()}`)
    const { access_token: token } = Token.parse(await answer.json())
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const asked = await fetch(`${keycloakUrl}/admin/realms${path}`, {
      ...{ method, headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!asked.ok) throw new Error(`${method} ${path}: ${asked.status} ${await asked.text()}`)
    return asked
  }
  return {
    async makeRealm(gatewayUrl: string, client: { readonly id: string; readonly secret: string }): Promise<void> {
      await ask('POST', '', realmSettings)
      for (const { role, settings } of clientScopes) {
        const made = await ask('POST', `/${realm}/client-scopes`, settings)
        const id = made.headers.get('location')?.split('/').at(-1)
        const known = Role.parse(await (await ask('GET', `/${realm}/roles/${role}`)).json())
        await ask('POST', `/${realm}/client-scopes/${id}/scope-mappings/realm`, [known])
      }
      await ask('POST', `/${realm}/clients`, clientSettings(gatewayUrl, client))
    },
    endSession: (sid: string) => ask('DELETE', `/${realm}/sessions/${sid}`),
    async endAllOf(username: string): Promise<void> {
      const [user] = Found.parse(await (await ask('GET', `/${realm}/users?username=${username}`)).json())
      await ask('POST', `/${realm}/users/${user?.id}/logout`)
    },
  }
}
