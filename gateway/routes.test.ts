import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { methodsByPath, routes, upstreamNames } from './routes.ts'

/** What docs/api.md calls a service, and the routes: `read-side/accounts` is `accounts`. */
const served = new Map<string, string>([
  ...upstreamNames.map((name) => [name === 'write-side' ? name : `read-side/${name}`, name] as const),
  ...['projections', 'gateway'].map((name) => [name, name] as const),
])

/**
 * The rows of docs/api.md as `METHOD path scopes upstream`; "same" and "as above" repeat the scopes of the row before.
 */
async function documented(): Promise<string[]> {
  const text = await readFile(new URL('../docs/api.md', import.meta.url), 'utf8')
  let scopes = ''
  return text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => {
      const [, route = '', scope = '', by = ''] = line.split(/(?<!\\)\|/).map((cell) => cell.trim())
      const named = [...scope.matchAll(/`([a-z:]+)`/g)].map((match) => match[1])
      if (named.length > 0) scopes = named.join(',')
      const [first = '', ...others] = [...route.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')
      const [method, target = ''] = first.split(' ')
      const path = target.split('?')[0] ?? ''
      const paths = [path, ...others.map((end) => path.replace(/\/[^/]+$/, end))]
      return paths.map((one) => `${method} ${one} ${scopes} ${served.get(by)}`)
    })
}

test('the table is what docs/api.md says, row by row', async () => {
  const table = routes.map((route) => `${route.method} ${route.path} ${route.scopes.join(',')} ${route.upstream}`)
  assert.deepEqual(table.sort(), (await documented()).sort())
})

test('a path offers each of its methods, and no HEAD', () => {
  const offered = methodsByPath(routes)
  assert.deepEqual(offered.get('/v1/accounts'), ['POST', 'GET'])
  assert.deepEqual(offered.get('/v1/payments/batch'), ['POST'])
  assert.deepEqual(offered.get('/v1/account-events'), ['GET'])
})
