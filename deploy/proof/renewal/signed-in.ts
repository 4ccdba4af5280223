/** A browser's session at a gateway: what it sends, and what it is given anew. */
export type SignedIn = {
  /** Of a request that changes something, too. */
  headers(): Readonly<Record<string, string>>
  take(setCookies: readonly string[]): void
}

/** Signs Ada in as a browser does; throws where that does not lead to a session. */
export async function signIn(gateway: string): Promise<SignedIn> {
  const jar = new Map<string, string>()
  const take = (setCookies: readonly string[]) => {
    for (const text of setCookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(text) ?? []
      if (value === '') jar.delete(name)
      else jar.set(name, value)
    }
  }
  const cookie = () => Array.from(jar, ([name, value]) => `${name}=${value}`).join('; ')
  const go = async (url: string, init: RequestInit = {}) => {
    const answer = await fetch(url, { redirect: 'manual', ...init })
    if (url.startsWith(gateway)) take(answer.headers.getSetCookie())
    return answer
  }
  const login = await go(`${gateway}/session/login`)
  const form = new URLSearchParams({ persona: 'ada' })
  const chosen = await go(String(login.headers.get('location')), { method: 'POST', body: form })
  await go(String(chosen.headers.get('location')), { headers: { cookie: cookie() } })
  const session = await go(`${gateway}/session`, { headers: { cookie: cookie() } })
  const told: unknown = await session.json()
  if (session.status !== 200 || !(told instanceof Object) || !('csrfToken' in told)) {
    throw new Error(`nobody is signed in: ${session.status} ${JSON.stringify(told)}`)
  }
  const csrf = String(told.csrfToken)
  return { headers: () => ({ cookie: cookie(), 'x-csrf-token': csrf }), take }
}
