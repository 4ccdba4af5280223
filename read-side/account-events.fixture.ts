import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import { Account } from '@micropay/schemas/api/account'

/** Its account is undefined where it says alone where the stream is. */
export type AccountEvent = { readonly id: string; readonly account: Account | undefined }

/** What a stream tells of accounts, from where it is now; `greeting` says where that is. */
export async function listenToAccounts(origin: string, headers: OutgoingHttpHeaders) {
  const request = get(`${origin}/v1/account-events`, { headers })
  const [response]: IncomingMessage[] = await once(request, 'response')
  assert.ok(response)
  response.setEncoding('utf8').on('error', () => undefined)
  const events = eventsIn(response)
  const next = async (): Promise<AccountEvent> => {
    const { value } = await events.next()
    assert.ok(value)
    return value
  }
  const nextAccount = async (): Promise<Account> => {
    const { account } = await next()
    return account ?? nextAccount()
  }
  return { greeting: await next(), nextAccount, close: () => request.destroy() }
}

async function* eventsIn(response: IncomingMessage): AsyncGenerator<AccountEvent> {
  let rest = ''
  for await (const chunk of response) {
    rest += String(chunk)
    const blocks = rest.split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const id = /^id: (.*)$/m.exec(block)?.[1]
      const data = /^event: account\ndata: (.*)$/m.exec(block)?.[1]
      if (id !== undefined) yield { id, account: data === undefined ? undefined : Account.parse(JSON.parse(data)) }
    }
  }
}
