import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { repositoryRoot } from '@micropay/local/running'
import { serviceTable } from '@micropay/local/start/service-table'
import { ofEnvironmentAlone, serviceNames, settingNames } from '@micropay/runtime/settings/names'
import { ownSettings } from '@micropay/runtime/settings/own-settings'
import { serviceSettings } from './service-settings.fixture.ts'

const text = readFileSync(join(repositoryRoot, 'docs/deployment.md'), 'utf8')
/** Name and default of each row of the table of settings. */
const documented = new Map(
  [...text.matchAll(/^\| `([A-Z0-9_]+)` \|([^|]*)\|/gm)].map(([, name = '', usual = '']) => [name, usual.trim()]),
)
const own = Object.keys(ownSettings.shape)
const known = new Set([...own, ...Object.values(serviceSettings).flatMap(({ shape }) => Object.keys(shape))])
const missingFrom = (names: Iterable<string>, from: Iterable<string>) => {
  const held = new Set(from)
  return [...names].filter((name) => !held.has(name))
}

test('every setting that a service reads is in docs/deployment.md, and no other', () => {
  assert.deepEqual(missingFrom(known, documented.keys()), [], 'not documented')
  assert.deepEqual(missingFrom(documented.keys(), known), [], 'documented, but read by none')
})

test('the names of settings and services that a shared file may have are those that there are', () => {
  assert.deepEqual(missingFrom(known, [...settingNames, ...ofEnvironmentAlone]), [], 'add it to names.ts of settings')
  assert.deepEqual(missingFrom([...settingNames, ...ofEnvironmentAlone], known), [], 'read by none: remove it there')
  assert.deepEqual([...serviceNames].sort(), serviceTable.map(({ name }) => name).sort())
})

/** What is told in words, or is another for each service. */
const toldInWords = ['PORT', 'HOST', 'OIDC_SCOPE', 'WORKER_ID', 'OIDC_CLIENT_SECRET', 'STATE_DIRECTORY']

test('a default stands in docs/deployment.md as it is in the schema', () => {
  let compared = 0
  for (const [service, { shape }] of Object.entries({ ...serviceSettings, 'every service': ownSettings })) {
    for (const [name, schema] of Object.entries(shape)) {
      const usual = schema.safeParse(undefined).data
      if (toldInWords.includes(name) || !['string', 'number'].includes(typeof usual) || usual === '') continue
      const said = documented.get(name) ?? ''
      assert.ok(said.includes(`\`${usual}\``), `${service}: ${name} is ${usual}, and ${said || 'nothing'} in the docs`)
      compared += 1
    }
  }
  assert.ok(compared > 20)
})

const junk = ['', '\0', '-1', 'no such thing', 'x'.repeat(70), '1.5', '9'.repeat(20)]

test('whatever is wrong with a setting is told in words of its own, that say what is right', () => {
  for (const [service, { shape }] of Object.entries({ ...serviceSettings, 'every service': ownSettings })) {
    for (const [name, schema] of Object.entries(shape)) {
      const told = junk.flatMap((value) => schema.safeParse(value).error?.issues ?? [])
      const vague = told.filter(({ message }) => /^(Invalid|Too (big|small)|Unrecognized)/.test(message))
      assert.deepEqual([...new Set(vague.map(({ message }) => message))], [], `${service}: ${name}`)
    }
  }
})
